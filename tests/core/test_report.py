"""The one report of all verbs."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from medqa_kit.core.atomic import write_text, written_whole
from medqa_kit.core.report import Report
from medqa_kit.core.stored import has_own_digest
from medqa_kit.errors import ArgumentError, SchemaError

FINDINGS = pa.table(
    {
        "row": [0, 4, 4],
        "id": ["a", "e", "e"],
        "code": ["exact", "near", "exact"],
        "detail": ["=HYPERLINK(1)", "<b>\x1b[2J", None],
        "score": [1.0, math.nan, 0.5],
        "items": [["x"], [], None],
    }
)
REPORT = Report("exclude", rows=5, kept=3, findings=FINDINGS, counts={"items": 7}, notes=["look"])


def test_numbers_and_names() -> None:
    assert REPORT.dropped == 2
    assert REPORT.by("code") == {"exact": 2, "near": 1}
    assert REPORT.ids() == ["a", "e"]
    assert REPORT.ids("near") == ["e"]


def test_it_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="no truth value"):
        bool(REPORT)


def test_wrong_questions() -> None:
    with pytest.raises(ArgumentError, match="did you mean 'code'"):
        REPORT.by("cod")
    assert REPORT.ids("absent") == []  # a clean set is no error
    with pytest.raises(ArgumentError, match="names no format"):
        REPORT.save("a.xlsx")
    with pytest.raises(SchemaError, match="no findings"):
        Report("exclude", rows=1, kept=1, findings=pa.table({"id": ["a"]}))


def test_text_and_html_are_harmless() -> None:
    assert "\x1b" not in str(REPORT)
    page = REPORT._repr_html_()
    assert "<b>\\x1b" not in page
    assert "&lt;b&gt;" in page
    assert str(REPORT).splitlines()[0] == "exclude: 5 rows, 3 kept, 2 dropped"


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_saved_whole(ending: str, tmp_path: Path) -> None:
    file = REPORT.save(tmp_path / "deep" / f"a.{ending}")
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    if ending == "parquet":
        assert pq.read_table(file).select(["row", "id"]).equals(FINDINGS.select(["row", "id"]))
    elif ending == "jsonl":
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        assert [row["score"] for row in rows] == [1.0, None, 0.5]
    else:
        assert '"\'=HYPERLINK(1)"' in file.read_text("utf-8")


def test_json_round_trip() -> None:
    again = json.loads(REPORT.to_json())
    assert (again["rows"], again["counts"], again["findings"][1]["code"]) == (
        5,
        {"items": 7},
        "near",
    )


def test_json_carries_its_own_digest() -> None:
    saved = json.loads(REPORT.to_json())
    assert has_own_digest(saved)
    assert not has_own_digest(saved | {"kept": 5})
    assert not has_own_digest(saved | {"findings": saved["findings"][:1]})
    assert {name for name in saved if name != "digest"} == {*REPORT.to_dict()}


def half_written(file: Path) -> None:
    with written_whole(file) as unfinished:
        unfinished.write_text("half", "utf-8")
        raise ZeroDivisionError


def test_a_failed_writer_leaves_the_earlier_file(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    write_text(file, "before")
    with pytest.raises(ZeroDivisionError):
        half_written(file)
    assert file.read_text("utf-8") == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_notes_are_printed_whole() -> None:
    """They say what to do, often at their end."""
    note = (
        "the ledger asked/paraphrases still asks about rows that went: "
        + "a build\nwithout them " * 4
    )
    shown = str(Report("look", rows=1, kept=1, notes=[note]))
    assert f"note: {' '.join(note.split())}" in shown
