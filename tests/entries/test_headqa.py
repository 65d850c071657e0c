"""HEAD-QA: two languages of one exam, answers found by their number, years as splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = [
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.RowCountWarning"),
]
ROW = {"name": "Cuaderno_2016_1_B", "year": "2016", "category": "biology", "qid": 3, "qtext": "Which?",
       "ra": 2, "answers": [{"aid": 1, "atext": "a"}, {"aid": 2, "atext": "b"}]}  # fmt: skip


def sample(subset: str = "en", split: str = "test") -> list[dict[str, Any]]:
    return list(mk.load("headqa", subset=subset, split=split, origin="sample"))


def from_rows(folder: Path, *changes: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    table = pa.Table.from_pylist([ROW | change for change in changes])
    for name, column in more.items():
        table = table.append_column(name, column)
    file = folder / "test.parquet"
    pq.write_table(table, file)
    return list(mk.load("headqa", subset="en", split="test", path=file))


def test_the_right_answer_is_found_by_its_number(tmp_path: Path) -> None:
    swapped = {"qid": 4, "answers": ROW["answers"][::-1]}
    first, second = from_rows(tmp_path, {}, swapped)
    assert (first["options"], first["answer_index"], first["answer"]) == (["a", "b"], 1, "b")
    assert (second["options"], second["answer_index"], second["answer"]) == (["b", "a"], 0, "b")
    with pytest.raises(mk.errors.AnswerError, match="not one of the options"):
        from_rows(tmp_path, {"ra": 3})


def test_answers_that_count_from_zero_are_refused_whole(tmp_path: Path) -> None:
    answers = [{"aid": number, "atext": text} for number, text in enumerate("wxyz", 1)]
    rows = [ROW | {"qid": number, "ra": number % 4, "answers": answers} for number in range(40)]
    file = tmp_path / "test.parquet"
    pq.write_table(pa.Table.from_pylist(rows), file)
    with pytest.raises(mk.errors.SchemaMovedError, match="counts from 0"):
        mk.load("headqa", subset="en", split="test", path=file, on_bad="drop")


def test_the_number_of_the_right_answer_may_be_text_or_a_letter(tmp_path: Path) -> None:
    written = from_rows(tmp_path, {"ra": "2"}, {"ra": " 1 ", "qid": 4}, {"ra": "B", "qid": 5})
    assert [row["answer"] for row in written] == ["b", "a", "b"]


def test_both_languages_are_one_family_and_the_spanish_is_by_name() -> None:
    english, spanish = sample(), sample("es")
    assert [row["family"] for row in english] == [row["family"] for row in spanish]
    assert [row["answer_index"] for row in english] == [row["answer_index"] for row in spanish]
    assert {row["language"] for row in english} == {"en"}
    assert {row["language"] for row in spanish} == {"es"}
    data = mk.load("headqa", origin="sample")
    assert set(data["train"]["subset"]) == {"en"}


def test_exam_and_number_are_the_key_and_the_year_is_a_number() -> None:
    row = sample()[0]
    assert row["id"] == "sample:headqa/en/test/Cuaderno_2016_1_P-7"
    assert (row["year"], row["tags"]) == (2016, ["psychology"])


def test_older_exams_have_five_answers() -> None:
    assert {len(row["options"]) for row in sample(split="train")} == {5}
    assert {len(row["options"]) for row in sample()} == {4}


def test_a_column_of_pictures_is_passed_over(tmp_path: Path) -> None:
    pictures = pa.array([None], pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
    (row,) = from_rows(tmp_path, {}, image=pictures)
    assert row["answer"] == "b"


def test_the_tests_are_benchmarks_and_the_english_one_is_held_out() -> None:
    source = mk.source("headqa")
    assert {part.name for part in source.parts if part.evaluation} == {"en/test", "es/test"}
    assert source.protected_by == ("headqa-en-test",)
    assert {part.split: part.rows for part in source.parts} == {
        "train": 2657, "validation": 1366, "test": 2742,
    }  # fmt: skip


def test_one_state_of_the_hub_is_read(hub: Any) -> None:
    revision = "20ef24f4eca7f1b3dc169a9cdd87c672b5526ee8"
    hub.repo("EleutherAI/headqa").commit(revision, SAMPLES / "headqa", branch=None)
    assert mk.load("headqa", subset="en", split="test").num_rows == 2
