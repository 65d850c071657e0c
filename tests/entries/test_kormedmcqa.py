"""KorMedMCQA: each of its quirks, on the invented sample."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning")
REPO, PIN = "sean0042/KorMedMCQA", "79efd6f91edfc8036330d7a4daa88b9f2deb9a82"
ROW = {"subject": "nurse", "year": 2019, "period": 1, "q_number": 1, "question": "무엇?",
       **{letter: letter.lower() for letter in "ABCDE"}, "answer": 2, "cot": ""}  # fmt: skip


def rows(subset: str | None, split: str, **options: Any) -> dict[str, dict[str, Any]]:
    """Rows by the end of their id: year, period and number within the period."""
    data = mk.load("kormedmcqa", subset=subset, split=split, origin="sample", **options)
    return {row["id"].rpartition("/")[2]: row for row in data}


def from_rows(folder: Path, *raw: dict[str, Any]) -> list[dict[str, Any]]:
    file = folder / "train-00000-of-00001.parquet"
    pq.write_table(pa.Table.from_pylist([*raw], mk.source("kormedmcqa").layout.raw), file)
    return list(mk.load("kormedmcqa", subset="nurse", split="train", path=file))


@pytest.mark.slow
def test_few_shot_rows_are_copies_that_only_their_name_gives(hub) -> None:
    splits = mk.load("kormedmcqa", origin="sample")
    assert set(splits) == {"train", "validation", "test"}
    shots = mk.load("kormedmcqa", split="fewshot", origin="sample")
    assert set(shots["family"]) <= set(splits["validation"]["family"])
    assert not set(shots["id"]) & set(splits["validation"]["id"])
    with pytest.warns(mk.errors.HoldoutWarning):
        everything = mk.load("kormedmcqa", split="all", origin="sample")
    assert len(everything) == sum(data.num_rows for data in splits.values())
    assert not set(everything["id"]) & set(shots["id"])


def test_without_a_subset_all_four_professions_load(hub) -> None:
    assert {row["subset"] for row in rows(None, "train").values()} == {
        "dentist", "doctor", "nurse", "pharm",
    }  # fmt: skip


def test_upstreams_dev_is_validation_here_and_the_error_says_so(hub) -> None:
    assert len(rows("doctor", "validation")) == 2
    with pytest.raises(mk.errors.UnknownPartError, match="'dev' is called 'validation' here"):
        mk.load("kormedmcqa", split="dev", origin="sample")


def test_the_counts_add_up_by_split_and_by_profession() -> None:
    parts = mk.source("kormedmcqa").parts
    splits = {name: sum(p.rows for p in parts if p.split == name) for name in
              ("train", "validation", "test", "fewshot")}  # fmt: skip
    assert splits == {"train": 3401, "validation": 1059, "test": 3009, "fewshot": 20}
    of = {s: sum(p.rows for p in parts if p.subset == s and not p.by_name_only) for s in
          ("doctor", "nurse", "pharm", "dentist")}  # fmt: skip
    assert of == {"doctor": 2489, "nurse": 1751, "pharm": 1817, "dentist": 1412}
    assert sum(of.values()) == mk.source("kormedmcqa").rows == 7469


def test_only_few_shot_rows_explain_and_their_explanation_names_the_answer(
    hub, tmp_path: Path
) -> None:
    shots = rows("doctor", "fewshot")
    for row in shots.values():
        assert f"({'ABCDE'[row['answer_index']]})" in row["rationale"]
    assert {row["rationale"] for row in rows("doctor", "train").values()} == {None}
    assert from_rows(tmp_path, ROW | {"cot": None})[0]["rationale"] is None


def test_pharmacy_of_2024_is_the_subset_pharm(hub) -> None:
    test = rows("pharm", "test", keep=["subject"])
    assert {row["subject"] for row in test.values()} == {"pharm", "pharmacy"}
    assert {row["subset"] for row in test.values()} == {"pharm"}
    assert {row["subject"] for row in test.values() if row["year"] == 2024} == {"pharmacy"}


def test_blanks_and_line_breaks_of_questions_stay(hub) -> None:
    question = rows("doctor", "train")["2020-2-9"]["question"]
    assert question.startswith("\n")
    assert question.endswith("? ")
    assert "\n" in question.strip()
    assert "\r\n\r\n" in rows("doctor", "test")["2024-2-33"]["question"]


def test_blanks_and_line_breaks_of_options_stay(hub) -> None:
    assert rows("pharm", "validation")["2021-1-56"]["options"][:2] == [" 아세틸시스테인", "날록손 "]
    dentist = rows("dentist", "test")
    assert "\n" in dentist["2024-2-79"]["options"][0]
    assert dentist["2022-1-9"]["answer"] == " 치근단 방사선사진"


def test_the_harness_strips_the_question_and_nothing_else(hub) -> None:
    kernel = mk.harness("lm_eval/kormedmcqa@3.0")
    data = mk.load("kormedmcqa", subset="doctor", split="train", origin="sample")
    prompt = mk.apply(data, kernel)["prompt"][3]
    assert prompt.startswith("32세")
    assert prompt.endswith("처치는?\nA. 황산마그네슘\nB. 옥시토신\nC. 리토드린\nD. 메트포르민\n"
                           "E. 와파린\n정답\uff1a")  # fmt: skip
    data = mk.load("kormedmcqa", subset="pharm", split="validation", origin="sample")
    assert "\nA.  아세틸시스테인\nB. 날록손 \nC. " in mk.apply(data, kernel)["prompt"][0]


def test_of_two_equal_options_the_position_tells_which_is_right(hub) -> None:
    row = rows("pharm", "train")["2020-2-15"]
    assert row["options"][0] == row["options"][2] == row["answer"]
    assert row["answer_index"] == 2
    assert len(rows("doctor", "train")["2013-1-35"]["options"]) == 5


@pytest.mark.parametrize("nothing", ["", " ", None])
def test_an_item_without_five_options_is_refused(hub, tmp_path: Path, nothing: str | None) -> None:
    with pytest.raises(mk.errors.NullValueError, match="an option is missing") as error:
        from_rows(tmp_path, ROW, ROW | {"q_number": 2, "D": nothing})
    assert error.value.row == 1
    assert error.value.found == "null or blank in D"


def test_year_period_and_number_are_a_key_that_no_two_items_share(hub, tmp_path: Path) -> None:
    changes = ({}, {"year": 2020}, {"period": 2}, {"q_number": 2})
    rows = from_rows(tmp_path, *(ROW | change for change in changes))
    assert [row["id"] for row in rows] == [
        f"kormedmcqa/nurse/{key}" for key in ("2019-1-1", "2020-1-1", "2019-2-1", "2019-1-2")
    ]
    with pytest.raises(mk.errors.DuplicateIdError):
        from_rows(tmp_path, ROW, ROW | {"question": "다른 물음?"})


def test_a_stem_of_one_character_is_not_dropped(hub) -> None:
    assert rows("doctor", "train")["2019-1-57"]["question"] == "열"


def test_compatibility_ideographs_are_not_normalised(hub) -> None:
    question = rows("pharm", "train")["2019-2-86"]["question"]
    assert question[0] == "\uf9e4"
    assert unicodedata.normalize("NFC", question) != question


def test_options_of_digits_are_text(hub) -> None:
    row = rows("doctor", "train")["2019-1-57"]
    assert row["options"] == ["2", "4", "6", "8", "10"]
    assert row["answer"] == "6"


def test_equal_stems_with_other_options_are_other_items(hub) -> None:
    old, new = rows("doctor", "train")["2013-1-35"], rows("doctor", "test")["2023-1-12"]
    assert old["question"] == new["question"]
    assert old["family"] != new["family"]


def test_a_stem_of_the_official_test_is_held_out_though_options_differ(hub) -> None:
    train = mk.load("kormedmcqa", split="train", origin="sample")
    clean, report = mk.exclude(train, mk.Holdout.named("kormedmcqa-official-test", origin="sample"))
    assert "sample:kormedmcqa/doctor/2013-1-35" in report.ids()
    assert len(clean) == len(train) - 2


def test_items_of_one_stem_are_no_copies(hub) -> None:
    _, report = mk.dedupe(mk.load("kormedmcqa", subset="doctor", origin="sample"), on="item")
    assert report.dropped == 0


def test_compatibility_ideographs_are_found_as_what_they_stand_for(hub) -> None:
    test = mk.load("kormedmcqa", subset="pharm", split="test", origin="sample")
    composed = unicodedata.normalize("NFC", test["question"][0])
    assert composed != test["question"][0]
    copy = pa.table({"id": ["a"], "question": [composed], "options": [test["options"][0]]})
    report = mk.overlap(copy, test)
    assert report.findings["held_id"].to_pylist() == [test["id"][0]]
    assert report.findings["code"].to_pylist() == ["exact"]


@pytest.mark.slow
def test_holding_out_2024_alone_leaves_official_test_rows(hub) -> None:
    test = rows(None, "test")
    assert {row["year"] for row in test.values()} == {2022, 2023, 2024}
    assert max(row["year"] for row in rows(None, "train").values()) <= 2020
    assert {row["year"] for row in rows(None, "validation").values()} == {2021}
    source = mk.source("kormedmcqa")
    assert [part.split for part in source.parts if part.evaluation] == ["test"] * 4
    assert sum(part.rows for part in source.parts if part.evaluation) == 3009
    assert "2,045" in source.show()
    with pytest.warns(mk.errors.HoldoutWarning, match="2,045 rows of the official test"):
        late = mk.Holdout.named("kormedmcqa-2024", origin="sample")
    whole = mk.Holdout.named("kormedmcqa-official-test", origin="sample")
    assert (len(late), len(whole)) == (4, 12)
    sizes = {holdout.name: holdout.items for holdout in mk.holdouts()}
    assert (sizes["kormedmcqa-2024"], sizes["kormedmcqa-official-test"]) == (964, 3009)
    assert source.protected_by == ("kormedmcqa-official-test",)


def test_stems_that_name_a_picture_are_flagged_and_kept(hub) -> None:
    items = rows("doctor", "validation")
    assert items["2021-3-20"]["tags"] == ["mentions_picture"]
    assert items["2021-1-4"]["tags"] is None


def test_answers_count_from_one(hub) -> None:
    raw = mk.load("kormedmcqa", subset="doctor", split="test", origin="sample", view="raw")
    items = rows("doctor", "test")
    assert [row["answer_index"] for row in items.values()] == [n - 1 for n in raw["answer"]]


def test_the_old_tables_beside_the_subsets_are_not_read(hub) -> None:
    files = {f"{p.parent.name}/{p.name}": p.read_bytes() for p in SAMPLES.glob("kormedmcqa/*/*")}
    files["data/doctor-test.csv"] = b"question,answer\nold,1\n"
    hub.repo(REPO).commit(PIN, files)
    with pytest.warns(mk.errors.RowCountWarning):  # the sample is smaller than the exam
        data = mk.load("kormedmcqa", subset="doctor", split="test")
    assert len(data) == 3
    assert data["id"][0] == "kormedmcqa/doctor/2022-1-7"


def test_what_upstream_does_later_is_not_read(hub) -> None:
    repo = hub.repo(REPO).commit(PIN, SAMPLES / "kormedmcqa", branch=None)
    repo.commit("f" * 40, {"doctor/test-00000-of-00001.parquet": b"later"})
    with pytest.warns(mk.errors.RowCountWarning, match="435 were counted"):
        assert len(mk.load("kormedmcqa", subset="doctor", split="test")) == 3


def test_the_claims_contradict_and_the_strictest_holds() -> None:
    source = mk.source("kormedmcqa")
    assert source.terms.commercial == "no"
    claims = [(claim.license, claim.credible) for claim in source.license]
    assert claims == [("CC-BY-NC-2.0", True), ("CC-BY-NC-2.0", True), ("academic-only", True),
                      ("MIT", False), ("MIT", False)]  # fmt: skip
    assert not source.terms.allows("commercial")


def test_the_ten_authors_of_the_last_version_are_cited() -> None:
    _, _, rest = mk.source("kormedmcqa").citation.partition("author  = {")
    authors = " ".join(rest.partition("}")[0].split()).split(" and ")
    assert len(authors) == 10
    assert authors[2] == "Gyouk Chu", "not among the five of the first version"
