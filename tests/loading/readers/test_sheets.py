"""Excel files as people and programs leave them: escapes, errors, formulas, charts, gaps."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference

import medqa_kit as mk
from medqa_kit.catalog.layouts import Layout
from medqa_kit.catalog.places import LocalFiles
from medqa_kit.errors import FormatError, MedQAError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.readers.read_task import Rejected

RAW = pa.schema({"q": pa.string(), "n": pa.int64()})


def saved(folder: Path, *rows: list[Any], change: Callable[[Workbook], object] | None = None
          ) -> Path:  # fmt: skip
    book = Workbook()
    for row in ([*RAW.names], *rows):
        book.active.append(row)
    if change:
        change(book)
    book.save(path := folder / "a.xlsx")
    return path


def rewritten(path: Path, old: bytes, new: bytes) -> Path:
    """Put other XML into the sheet, as other programs write it."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    # with lxml an empty element is written as two tags, without as one
    content = re.sub(rb"<(\w+) ?/>", rb"<\1></\1>", members[sheet])
    assert old in content
    members[sheet] = content.replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def read(path: Path) -> tuple[list[tuple[Any, ...]], list[Rejected]]:
    layout = Layout(at=LocalFiles("x"), files="**", raw=RAW, normalize=lambda table: table,
                    schema=pa.schema([]))  # fmt: skip
    aside: list[Rejected] = []
    batches = read_files([File(path.name, str(path))], layout, source="demo", part="train",
                       reject=aside.append)  # fmt: skip
    return [tuple(row.values()) for batch in batches for row in batch.table.to_pylist()], aside


def test_escapes_are_read(tmp_path: Path) -> None:
    path = rewritten(saved(tmp_path, ["MARK", 1]), b"MARK", b"a_x000D_b_x005F_x0041_ _x")
    assert read(path) == ([("a\rb_x0041_ _x", 1)], [])


@pytest.mark.parametrize("row", [["#NAME?", 7], ["x", "#DIV/0!"], ["=A1", 7], ["x", "=1+1"]])
def test_errors_and_formulas_without_values_are_set_aside(tmp_path: Path, row: list[Any]) -> None:
    rows, aside = read(saved(tmp_path, ["a", 1], row, ["c", 3]))
    assert rows == [("a", 1), ("c", 3)]
    assert [(a.row, a.reason) for a in aside] == [(1, "broken_record")]
    assert "row 3 of sheet 'Sheet': a cell" in aside[0].message
    assert "Hint: " in aside[0].message


def test_a_header_that_stands_there_again_is_set_aside(tmp_path: Path) -> None:
    """As where one sheet was pasted below another; no type tells it in a sheet of text alone."""
    path = saved(tmp_path, ["a", 1], [*RAW.names], ["b", 2])
    rows, aside = read(path)
    assert rows == [("a", 1), ("b", 2)]
    assert "the header stands here again" in aside[0].message


@pytest.mark.parametrize("cells", ["A2:A3", "A3:B3", "B3:B9"])
def test_merged_cells_are_no_missing_values(tmp_path: Path, cells: str) -> None:
    path = saved(tmp_path, ["a", 1], ["b", 2], change=lambda book: book.active.merge_cells(cells))
    with pytest.raises(FormatError, match="cells are merged") as caught:
        read(path)
    assert caught.value.found == cells
    header = saved(tmp_path, ["a", 1], change=lambda book: book.active.merge_cells("B1:D1"))
    assert read(header) == ([("a", 1)], [])


def test_a_formula_with_its_value_is_that_value(tmp_path: Path) -> None:
    path = rewritten(saved(tmp_path, ["a", "=1+1"]), b"<v></v>", b"<v>2</v>")
    assert read(path) == ([("a", 2)], [])


def _chart(book: Workbook, *, first: bool) -> None:
    sheet = book.create_chartsheet("chart", 0 if first else None)
    sheet.add_chart(chart := BarChart())
    chart.add_data(Reference(book.worksheets[0], min_col=2, min_row=1, max_row=2))


@pytest.mark.parametrize("change", [
    lambda book: _chart(book, first=False),
    lambda book: _chart(book, first=True),
    lambda book: book.create_sheet("empty"),
    lambda book: book.create_sheet("empty", 0),
    lambda book: book.active.insert_rows(1),
    lambda book: book.active.insert_rows(2, 5),
])  # fmt: skip
def test_the_one_sheet_with_rows_is_read(tmp_path: Path, change: Callable[[Workbook], object]
                                         ) -> None:  # fmt: skip
    rows, aside = read(saved(tmp_path, ["a", 1], ["b", 2], change=change))
    assert (rows, aside) == ([("a", 1), ("b", 2)], [])
    path = tmp_path / "a.xlsx"
    own = mk.read(path, schema="text", columns={"text": "q"}, keep=["n"], cache_dir=tmp_path / "c")
    assert own["n"][:] == [1, 2]


def test_two_sheets_with_rows_are_asked_about(tmp_path: Path) -> None:
    path = saved(tmp_path, ["a", 1], change=lambda book: book.create_sheet("b").append(["x"]))
    with pytest.raises(FormatError, match="there are several sheets"):
        read(path)


@pytest.mark.slow
def test_a_row_of_a_number_that_excel_does_not_know(tmp_path: Path) -> None:
    path = rewritten(saved(tmp_path, ["a", 1], ["b", 2]), b'<row r="3"', b'<row r="1000000000000"')
    with pytest.raises(FormatError, match="higher number than Excel knows"):
        read(path)


@pytest.mark.parametrize(("old", "new"), [
    (b'r="B2"', b'r="12"'), (b"<v>1</v>", b"<v>x</v>"), (b"</sheetData>", b""),
    (b't="inlineStr"', b't="s"'), (b'<row r="2"', b'<row r="two"'),
])  # fmt: skip
def test_other_broken_sheets_bring_no_foreign_error(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = rewritten(saved(tmp_path, ["a", 1], ["b", 2]), old, new)
    with suppress(MedQAError):  # or rows
        read(path)


def test_a_workbook_that_cannot_be_read_is_not_called_another_kind_of_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(path := tmp_path / "a.xlsx", "w") as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(name, "<broken")
    with pytest.raises(FormatError, match="the workbook cannot be read") as caught:
        mk.read(path)
    assert "save it again" in caught.value.hint
