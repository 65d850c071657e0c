"""Chinese medical dialogue: GB18030, quoted lines, the comma, "none", the double-counted sample."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
NAME = "chinese_medical_dialogue"
HEADER = "department,title,ask,answer\n"


def sample(**options: Any) -> Any:
    return mk.load("chinese_medical_dialogue", split="train", origin="sample", **options)


def from_text(folder: Path, text: str, encoding: str) -> Any:
    (folder / "IM_内科").mkdir()
    (folder / "IM_内科" / "a.csv").write_bytes(text.encode(encoding))
    return mk.load("chinese_medical_dialogue", subset="内科", split="train", path=folder)


def test_gb18030_is_read_and_utf_8_is_named_in_the_error(hub, tmp_path: Path) -> None:
    assert sample(subset="内科")[0]["question"] == "血压一百三算高吗？，早上量的一百三"
    with pytest.raises(mk.errors.EncodingError, match="utf-8") as error:
        from_text(tmp_path, HEADER + "内科,头疼怎么办？,没有睡好,请多休息吧。\n", "utf-8")
    assert "read a copy saved as GB18030" in error.value.hint, "the source says so"


def test_read_as_utf_8_the_files_are_refused_with_their_encoding(hub) -> None:
    source = mk.source(NAME)
    layout = replace(source.layout, read=mk.catalog.Reading(format="csv"))
    wrong = replace(source, name="wrong", layout=layout, parts=source.select("内科"))
    with pytest.raises(mk.errors.EncodingError, match="gb18030"):
        mk.load(wrong, split="train", path=SAMPLES / NAME)


def test_quoted_answers_span_lines(hub) -> None:
    rows = sample(subset="内科")
    assert rows.num_rows == 4
    assert rows[0]["answer"] == "不算高。\n请休息后再量。"
    assert rows[3]["answer"] == "先量血压, 再验血。 ", "white space at the end stays"


def test_no_row_is_lost_where_a_block_ends_within_an_answer(
    hub, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("medqa_kit.loading.readers.delimited_files.delimited._BLOCK", 200)
    answer = "先休息。\n再喝水。\n\n不好就去医院。"
    text = HEADER + "".join(f'内科,头疼{n},很痛,"{answer}"\n' for n in range(50))
    rows = from_text(tmp_path, text, "gb18030")
    assert rows["question"][:] == [f"头疼{n}，很痛" for n in range(50)]
    assert set(rows["answer"]) == {answer}


def test_none_values_join_nothing_and_answer_nothing(hub) -> None:
    rows = sample(subset="内科")
    assert (rows[2]["question"], rows[2]["answer"]) == ("喝水多少合适？", None)
    assert rows[3]["question"] == "头晕要做什么检查？", "a blank question joins nothing"


@pytest.mark.parametrize("ask", ["无", " 无 ", "", " "])
def test_a_row_that_says_none_twice_is_an_error_of_its_own(hub, tmp_path: Path, ask: str) -> None:
    text = HEADER + f"内科,头疼,很痛,好\n内科,无,{ask},好\n内科,头晕,很晕,好\n"
    with pytest.raises(mk.errors.NullValueError, match="missing") as error:
        from_text(tmp_path, text, "gb18030")
    assert (error.value.row, error.value.column) == (1, "question")


def test_the_department_is_a_tag_and_its_folder_the_subset(hub) -> None:
    row = sample(subset="内科")[0]
    assert (row["subset"], row["tags"]) == ("内科", ["心血管科"])


def test_rows_that_share_a_title_are_told_apart(hub, tmp_path: Path) -> None:
    text = HEADER + "内科,头疼,很痛,好\n内科,头疼,很痛,不好\n内科,头疼,不痛,好\n"
    ids = from_text(tmp_path, text, "gb18030")["id"][:]
    assert len(set(ids)) == 3
    assert not any("~" in row_id for row_id in ids), "they are no copies"


def test_the_readme_calls_ask_question(hub, tmp_path: Path) -> None:
    rows = from_text(tmp_path, "department,title,question,answer\n内科,a,b,c\n", "gb18030")
    assert rows[0]["question"] == "a，b"


def test_the_sample_file_is_by_name_only_and_its_copies_can_be_found(hub) -> None:
    rows = sample()
    assert set(rows["subset"]) == {"男科", "内科", "妇产科", "肿瘤科", "儿科", "外科"}
    source = mk.source("chinese_medical_dialogue")
    assert source.rows == 792_099
    assert [part.rows for part in source.parts] == [
        94_596, 220_606, 183_751, 75_553, 101_602, 115_991, 7_644, None,
    ]  # fmt: skip
    assert any("799,743 adds it" in quirk for quirk in source.quirks)
    copies = sample(subset="sample")
    assert copies.num_rows == 4
    assert set(copies["family"]) < set(rows["family"])
    key = {i.rpartition("/")[2].partition("~")[0] for i in copies["id"]}
    assert key < {i.rpartition("/")[2] for i in rows["id"]}
    assert len(key) == 3, "one of them stands twice in the sample itself"


def test_the_copy_on_the_hub_has_other_columns(hub) -> None:
    folder = SAMPLES / "chinese_medical_dialogue" / "ticoAg+Chinese-medical-dialogue"
    hub.repo("ticoAg/Chinese-medical-dialogue").commit("3" * 40, folder)
    with pytest.warns(mk.errors.FloatingRevisionWarning, match="3" * 40):
        rows = mk.load("chinese_medical_dialogue", subset="hub", split="train")
    assert rows[0]["question"] == "血压一百三算高吗？，早上量的一百三"
    assert rows[0]["context"] == "现在你是一名医生，请回答。"
    assert rows[0]["family"] in set(sample()["family"]), "equal questions are copies"


def test_the_json_form_is_no_table_of_questions(hub, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("instruction,input,output\n1,2,3\n".encode("gb18030"))
    with pytest.raises(mk.errors.SchemaMovedError, match="instruction"):
        mk.load("chinese_medical_dialogue", subset="内科", split="train", path=file)


def test_the_columns_of_the_tables_are_none_of_the_json_form(hub, tmp_path: Path) -> None:
    file = tmp_path / "train_0001_of_0001.json"
    file.write_text(json.dumps([{"title": "头疼", "ask": "很痛", "answer": "好"}]), "utf-8")
    with pytest.raises(mk.errors.SchemaMovedError, match="input") as error:
        mk.load(NAME, subset="hub", split="train", path=file)
    assert "title, ask, answer" in error.value.found


@pytest.mark.parametrize("history", [{}, {"history": None}, {"history": [["你好", "你好"]]}])
def test_a_history_may_be_there_and_is_not_read(
    hub, tmp_path: Path, history: dict[str, Any]
) -> None:
    file = tmp_path / "train_0001_of_0001.json"
    file.write_text(json.dumps([{"instruction": "", "input": "头疼", "output": "好"} | history]))
    (row,) = mk.load(NAME, subset="hub", split="train", path=file)
    assert (row["question"], row["answer"], row["context"]) == ("头疼", "好", None)


def test_nobody_who_could_granted_anything() -> None:
    source = mk.source(NAME)
    assert [(claim.license, claim.credible) for claim in source.license] == [
        ("MIT", False), ("Apache-2.0", False), (None, True),
    ]  # fmt: skip
    assert "privacy" in source.license[-1].evidence
    assert not source.terms.allows("research")


def test_it_is_chinese_whatever_korean_count_includes_it() -> None:
    source = mk.source(NAME)
    assert source.language == ("zh",)
    assert any("Chinese, although a count" in quirk for quirk in source.quirks)
