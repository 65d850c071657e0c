"""DAHL: repeats, CR LF, no answers, no licence."""

from __future__ import annotations

from pathlib import Path

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES


def test_repeats_stay_and_lines_end_with_cr_lf(hub) -> None:
    assert b"\r\n" in (SAMPLES / "dahl_questions" / "questions.csv").read_bytes()
    rows = mk.load("dahl_questions", split="train", origin="sample")
    assert rows.num_rows == 13
    assert [i.partition("~")[2] for i in rows["id"] if "~" in i] == ["2"]
    assert {r["tags"][0] for r in rows} >= {"Cells", "Hormones"}, (
        "no carriage return in the last field"
    )
    assert not any("\r" in row["tags"][0] for row in rows)


def test_questions_without_answers_and_families_by_question(hub) -> None:
    rows = list(mk.load("dahl_questions", split="train", origin="sample"))
    assert all(row["answer"] is None and row["options"] is None for row in rows)
    assert len({row["family"] for row in rows if "insulin" in row["question"]}) == 1


def test_lines_may_end_with_cr_lf_inside_quotation_marks_too(hub, tmp_path: Path) -> None:
    file = tmp_path / "DAHL" / "questions.csv"
    file.parent.mkdir()
    file.write_bytes(b'question,category\r\nWhy?,Cells\r\n"Who,\r\nand why?",Trials\r\n')
    rows = list(mk.load("dahl_questions", split="train", path=file.parent))
    assert [(row["question"], row["tags"]) for row in rows] == [
        ("Why?", ["Cells"]), ("Who,\r\nand why?", ["Trials"]),
    ]  # fmt: skip
    assert {row["language"] for row in rows} == {"en"}
    assert list(mk.load("dahl_questions", split="train", path=file)) == rows


def test_no_licence_grants_nothing_and_one_fetches_it(hub) -> None:
    assert not mk.source("dahl_questions").terms.allows("commercial")
    with pytest.raises(mk.errors.ManualDownloadError, match="seemdog/DAHL") as error:
        mk.load("dahl_questions")
    assert "checkout 4647475b6841b60aa8efd2ddce74a5ed36dc873b" in str(error.value)
    assert mk.source("dahl_questions").rows == 8573
