"""KoMedQA: options inside the question, explanations behind the answer, the translation."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


def sample(**options: Any) -> dict[str, dict[str, Any]]:
    data = mk.load("komedqa", split="train", origin="sample", **options)
    return {row["id"].split("/")[1].split("-")[0] + row["id"][-2:].replace("~2", "again")[2:]: row
            for row in data}  # fmt: skip


ROW = {"qa_id": 1, "domain": 17, "q_type": 1, "question": "재는 것은? 고르면?\n1) 열(1) 몸, 2) 물) \n2) 키",
       "answer": "1) 열(1) 몸, 2) 물)", "question_translated": "What?\n1) heat\n2) height",
       "answer_translated": "1) heat"}  # fmt: skip


def put(folder: Path, **changes: Any) -> Path:
    file = folder / "KoMedQA/data/medqa_kr_en_full.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.DictWriter(out, ROW)
        rows.writeheader()
        rows.writerow(ROW | changes)
    return file


def test_a_number_and_a_parenthesis_within_a_line_part_nothing(hub, tmp_path: Path) -> None:
    put(tmp_path)
    (row,) = mk.load("komedqa", split="train", path=tmp_path)
    assert row["question"] == "재는 것은? 고르면?"
    assert row["options"] == ["열(1) 몸, 2) 물) ", "키"]
    assert (row["answer_index"], row["rationale"]) == (0, None)


def test_the_same_rows_in_other_files_are_not_read_as_well(hub, tmp_path: Path) -> None:
    data = put(tmp_path).parent
    for name in ("korean/medqa_kr.jsonl", "english/medqa_en.jsonl"):
        (data / name).parent.mkdir()
        (data / name).write_text(json.dumps(ROW | {"domain_name": "내과"}) + "\n", "utf-8")
    assert mk.load("komedqa", split="train", path=tmp_path / "KoMedQA").num_rows == 1


def test_exact_copies_have_ids_of_their_own(hub) -> None:
    first, again = [row["id"] for row in sample().values() if row["answer"] == "인슐린"]
    assert again == f"{first}~2"


def test_the_count_is_that_of_the_three_types_and_of_the_two_origins() -> None:
    source = mk.source("komedqa")
    assert source.rows == 26_355 + 3_444 + 3_580 == 3_380 + 29_999
    for number in ("26,355", "3,444", "3,580"):
        assert number in " ".join(source.quirks)
    assert "3,380" in source.derived_from[0].how


def test_steps_name_the_commit_and_the_citation_is_ours() -> None:
    source = mk.source("komedqa")
    assert "checkout 2c8ea760971edc450bf53e25fc69384814944450" in source.how_to_get()
    assert "author       = {dianakim44}" in source.citation


def test_options_are_parted_at_line_starts_only(hub) -> None:
    row = sample()["2"]
    assert row["question"] == "임신 3) 주차가 아니라 30주 임신부이다. 다음 중 옳은 것은?"
    assert row["options"][1] == "진찰을 받는다 ", "blanks at the end of an option stay"
    assert (row["answer_index"], row["answer"]) == (1, "진찰을 받는다 ")


def test_a_numbered_list_in_the_stem_stays_there(hub) -> None:
    row = sample()["3"]
    assert row["question"].endswith("2) 둘째 조항\n위 조항에 대한 설명은?")
    assert len(row["options"]) == 5


def test_what_follows_the_option_is_rationale(hub) -> None:
    rows = sample()
    assert rows["2"]["rationale"] == "정기 진찰은 산모와 아기의 상태를 확인하는 방법이다."
    assert rows["8"]["rationale"] == "빛을 굴절시킨다."
    assert rows["1"]["rationale"] is None


def test_short_and_long_questions_are_open(hub) -> None:
    rows = sample()
    assert (rows["4"]["options"], rows["4"]["answer"]) == (None, "체온계")
    assert rows["5"]["tags"] == ["응급의학과", "long"]
    assert rows["5"]["answer"].count("\n\n") == 1
    assert rows["7"]["answer"] is None, "a blank answer is none"


def test_an_answer_beyond_the_options_is_an_error(hub, tmp_path: Path) -> None:
    file = put(tmp_path, answer="3) 1분")
    with pytest.raises(mk.errors.AnswerError, match="numbered options"):
        mk.load("komedqa", split="train", path=file)


@pytest.mark.parametrize(("domain", "kind"), [(18, 2), (0, 2), (17, 4), (17, "")])
def test_an_unknown_department_or_type_is_an_error(hub, tmp_path, domain: int, kind: int) -> None:
    file = tmp_path / "medqa_kr_en_full.csv"
    file.write_text("qa_id,domain,q_type,question,answer,question_translated,answer_translated\n"
                    f"1,{domain},{kind},q,a,q,a\n")  # fmt: skip
    with pytest.raises(mk.errors.LabelError, match=r"1 to (17|3)"):
        mk.load("komedqa", split="train", path=file)


def test_the_translation_as_questions_and_as_pairs(hub) -> None:
    english = sample(view="english")["2"]
    assert (english["language"], english["answer"]) == ("en", "see a doctor")
    assert english["rationale"] == "Regular visits show how mother and child are."
    assert sample(view="english")["4"]["answer"] == "A thermometer"
    assert english["family"] == sample()["2"]["family"]
    pair = sample(view="parallel")["4"]
    assert (pair["text_language"], pair["translation_language"]) == ("ko", "en")
    assert pair["translation"] == "What measures a child's fever?"


def test_both_licences_are_kept_and_the_open_one_rules_here() -> None:
    source = mk.source("komedqa")
    assert {claim.license for claim in source.license} == {"CC0-1.0", "AI-Hub-terms"}
    assert source.terms.redistribute == "yes"


def test_it_has_to_be_fetched_by_hand(hub) -> None:
    with pytest.raises(mk.errors.ManualDownloadError, match="git clone"):
        mk.load("komedqa")


@pytest.mark.parametrize("view", ["normalized", "english", "parallel"])
def test_a_row_without_a_number_is_known_by_what_it_says(hub, tmp_path: Path, view: str) -> None:
    (numbered,) = mk.load("komedqa", split="train", path=put(tmp_path / "a"), view=view)
    (row,) = mk.load("komedqa", split="train", path=put(tmp_path / "b", qa_id=""), view=view)
    assert row["id"] == numbered["id"].replace("komedqa/1-", "komedqa/")
    assert not row["id"].removeprefix("komedqa/").startswith("-")
