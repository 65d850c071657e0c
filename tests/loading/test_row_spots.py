"""Messages name rows as a person counts them: lines of text files, rows of sheets, rows from 1."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.cli import main

ROWS = [{"q": "one\nline?", "a": "x", "b": "y", "key": "A"}, {"q": "why?", "a": "x", "b": "y", "key": "Z"}]  # fmt: skip
HEAD = "q,a,b,key\n"


def _sheet(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "시험"
    for cells in ([], list(ROWS[0]), list(ROWS[0].values()), [], list(ROWS[1].values())):
        book.active.append(cells)
    book.save(path)


def _text(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text, encoding="utf-8", newline="")


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "quoted.csv": (_text(HEAD + '"one\nline?",x,y,A\n\nwhy?,x,y,Z\n'), "line 5"),
    "windows.csv": (_text((HEAD + '"one\nline?",x,y,A\nwhy?,x,y,Z\n').replace("\n", "\r\n")), "line 4"),
    "blank.csv": (_text("\n\n" + HEAD + "one,x,y,A\nwhy?,x,y,Z\n"), "line 5"),
    "broken.csv": (_text(HEAD + '"one\nline?",x,y,A\n"why"?,x,y,A\n'), "line 4"),
    "short.tsv": (_text("q\ta\tb\tkey\none\tx\ty\tA\nwhy?\tx\ty\n"), "line 3"),
    "lines.jsonl": (_text("\n\n".join(map(json.dumps, ROWS))), "line 3"),
    "list.json": (_text("[" + ",\n".join(map(json.dumps, ROWS)) + "]"), "line 2"),
    "sheet.xlsx": (_sheet, "row 5 of sheet '시험'"),
    "table.parquet": (lambda path: pq.write_table(pa.Table.from_pylist(ROWS), path), "row 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_row_is_named_as_a_person_counts(name: str, tmp_path: Path) -> None:
    write, spot = FILES[name]
    write(tmp_path / name)
    with pytest.raises(mk.MedQAError) as caught:
        mk.read(tmp_path / name, question="q", options=["a", "b"], answer="key", base="letter")
    assert f"file {name!r}, {spot}" in str(caught.value)
    assert caught.value.spot == (None if name == "table.parquet" else spot)


def test_rows_in_memory_are_counted_from_one() -> None:
    with pytest.raises(mk.MedQAError, match=r", row 2, column 'key'"):
        mk.read(ROWS, question="q", options=["a", "b"], answer="key", base="letter")


@pytest.mark.slow
def test_a_row_far_down_a_file_of_many_blocks(tmp_path: Path) -> None:
    text = HEAD + '"a\n?",x,y,A\n' * 300_000 + '"b",x,y,Z\n'
    (tmp_path / "long.csv").write_text(text, encoding="utf-8")
    with pytest.raises(mk.MedQAError, match="line 600002"):
        mk.read(tmp_path / "long.csv", question="q", options=["a", "b"], answer="key", base="letter")  # fmt: skip


def test_machines_get_positions_from_zero_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    (tmp_path / "a.csv").write_text('q,a\n"x\ny",b\n"z"k,c\n', encoding="utf-8")
    assert main(["validate", str(tmp_path / "a.csv"), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["row"], error["spot"]) == (1, "line 4")
