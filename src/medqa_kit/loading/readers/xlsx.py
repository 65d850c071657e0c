"""Excel sheets, row by row, with the values that were shown when the file was saved.

The first row with values is the header. Rows without any value are passed over. Numbers, dates and
truth values are what their cells say they are: a number in a column declared as text is an error.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

from medqa_kit.catalog.layouts import Layout
from medqa_kit.errors import (
    FormatError,
    MedQAError,
    MissingExtraError,
    SchemaMovedError,
    shorten,
)
from medqa_kit.loading.files.file import File, open_random
from medqa_kit.loading.files.limits import MEMBER_BYTES, SHEET_ROWS
from medqa_kit.loading.readers.align import matched
from medqa_kit.loading.readers.diagnose import HEAD, refuse_impostor, shows_text
from medqa_kit.loading.readers.json_values import fitted_row, typed
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask

_SCAN = 1 << 20
_OVERLAP = 60  # bytes, more than a mark has
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_TITLES = 8  # rows below the first that may be the header
_SAVE = "open the file in Excel, and save it again"


class SheetRow(NamedTuple):
    """A row of a sheet that has values, and not blanks alone.

    Attributes:
        sheet: Name of the sheet.
        number: Its number in Excel, from 1.
        values: Of its cells.
        formulas: Which cells hold a formula whose value was not saved.
    """

    sheet: str
    number: int
    values: tuple[Any, ...]
    formulas: tuple[int, ...]

    def spot(self, behind: int = 0) -> str:
        """Say where the row stands, or the one so many rows behind it, as Excel counts."""
        return f"row {self.number + behind} of sheet {self.sheet!r}"


def read_xlsx(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one sheet of one file."""
    with open_random(file) as handle:
        rows = sheet_rows(handle, file, task.layout.read.sheet)
        header = next(rows, None)
        if header is not None:
            yield from _batches(header, rows, file, task)


def sheet_rows(handle: BinaryIO, file: File, name: str | None) -> Iterator[SheetRow]:
    """Return the rows of a sheet that have values, the header first.

    Args:
        handle: A workbook.
        file: For error messages.
        name: Of the sheet; ``None`` takes the only one that has values.

    Raises:
        FormatError: It is no workbook, has no such sheet, or several with values.
    """
    book = _opened(handle, file, values=True)
    try:
        has_formulas, merged = _marks(handle)
        formulas = _opened(handle, file, values=False) if has_formulas else None
        title = _title(book, name)
        if title is not None:
            rows = _rows(book[title], formulas and formulas[title])
            for header in islice(rows, 1):
                _refuse_merged(merged, header)
                yield header
            yield from rows
    except (MedQAError, OSError):
        raise
    except Exception as error:  # whatever a package makes of a file that is not as it expects
        raise FormatError(
            "the workbook cannot be read to its end", expected="an .xlsx workbook",
            found=f"{type(error).__name__}: {error}", hint=_SAVE,
        ) from error  # fmt: skip
    finally:
        book.close()


def _marks(handle: BinaryIO) -> tuple[bool, list[bytes]]:
    """Look through a workbook for what its rows do not show: whether a cell has a formula, and cells that are merged."""
    handle.seek(0)
    has_formulas, merged = False, list[bytes]()
    with zipfile.ZipFile(handle) as archive:
        for info in archive.infolist():
            if info.filename.startswith("xl/worksheets/"):
                with archive.open(info) as member:
                    end = b""
                    while block := member.read(_SCAN):
                        has_formulas |= b"<f>" in end + block or b"<f " in end + block
                        merged += _MERGED.findall(end + block)
                        end = block[-_OVERLAP:]
    return has_formulas, merged


def _refuse_merged(merged: list[bytes], header: SheetRow) -> None:
    """Refuse cells below the header that were merged: the first of them holds the value, the others hold none."""
    for cells in merged:
        if int(cells.rpartition(b":")[2].lstrip(_LETTERS)) > header.number:
            raise FormatError(
                "cells are merged, and all but the first hold nothing", expected="a value in each cell",
                found=cells.decode(), hint="unmerge the cells and fill each of them",
            )  # fmt: skip


def _rows(sheet: Any, formulas: Any) -> Iterator[SheetRow]:
    """Return rows with values: in a loop, because openpyxl hands them out one by one."""
    beside = None if formulas is None else _cells(formulas)
    for number, values in enumerate(_cells(sheet), 1):
        written = values if beside is None else next(beside, ())
        SHEET_ROWS.check(number, "a row has a higher number than Excel knows")
        if any(value is not None and not _is_blank(value) for value in written):
            pairs = zip(values, written, strict=False)
            unsaved = [i for i, (value, own) in enumerate(pairs) if value is None is not own]
            yield SheetRow(sheet.title, number, tuple(map(_unescaped, values)), tuple(unsaved))


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # some programs note fewer rows than they write
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    return rows


def _unescaped(value: Any) -> Any:
    """Return a value of a cell; Excel writes control characters in text as ``_x000D_``."""
    from openpyxl.utils.escape import unescape

    return unescape(value) if isinstance(value, str) and "_x" in value else value


def _opened(handle: BinaryIO, file: File, *, values: bool) -> Any:
    """Open a workbook for the values of its cells, or for the formulas that some hold."""
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise MissingExtraError("openpyxl", "xlsx", need=f"reading {file.name}") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about styles and validation rules
            handle.seek(0)
            size = sum(info.file_size for info in zipfile.ZipFile(handle).infolist())
            MEMBER_BYTES.check(size, "the workbook unpacks to too much")
            return load_workbook(handle, read_only=True, data_only=values)
    except MedQAError:
        raise
    except Exception as error:  # whatever a package makes of a file that is not as it expects
        handle.seek(0)
        head = handle.read(HEAD)
        refuse_impostor(head)
        if _is_workbook(handle):
            raise FormatError(
                "the workbook cannot be read", expected="a workbook as Excel writes it", found=str(error),
                hint="open it and save it again, or save the sheet as .csv and pass that",
            ) from error  # fmt: skip
        raise FormatError(
            "this is not an Excel file",
            expected="an .xlsx workbook",
            found=f"{head[:16]!r} ({error})",
            hint="an old .xls file, and one with a password, has to be saved as .xlsx without one first"
            if not shows_text(head)
            else "it is text: give its name the ending .csv or .tsv, or save it as .xlsx",
        ) from error


def _is_workbook(handle: BinaryIO) -> bool:
    """Check whether a file is a zip archive with the main part of a workbook."""
    try:
        return "xl/workbook.xml" in zipfile.ZipFile(handle).namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def _title(book: Any, name: str | None) -> str | None:
    """Find the sheet to read: the named one, else the only one with values; none in an empty book."""
    sheets = {sheet.title: sheet for sheet in book.worksheets}  # charts lie beside them
    if name is None and len(sheets) > 1:
        sheets = {title: sheet for title, sheet in sheets.items() if next(_rows(sheet, None), None)}
    if name is None and len(sheets) < 2:
        return next(iter(sheets), None)
    if name not in sheets:
        raise FormatError(
            f"there is no sheet {name!r}" if name else "there are several sheets",
            expected=repr(name) if name else "one sheet",
            found=", ".join(sheets),
            hint="pass a copy as path= with that sheet alone; a source of your own can set "
            "Reading(sheet=...)",
        )
    return name


def _batches(
    first: SheetRow, rows: Iterator[SheetRow], file: File, task: ReadTask
) -> Iterator[RawBatch]:
    """Gather rows: in a loop, because openpyxl hands them out one by one."""
    header = header_names(first.values)
    try:
        spellings = matched(header, task.layout)
    except SchemaMovedError as error:
        raise _below_title(error, list(islice(rows, _TITLES)), task.layout) from None
    names = {declared: name or declared for declared, name in spellings.items()}
    while group := list(islice(rows, task.batch_rows)):
        good: list[dict[str, Any]] = []
        kept: list[int] = []
        for row in group:
            position = row.number - first.number - 1
            try:
                good.append(fitted_row(sheet_record(header, row), names, task.layout))
                kept.append(position)
            except MedQAError as error:
                content = "\t".join("" if value is None else str(value) for value in row.values)
                task.refuse(error.at(spot=row.spot()), file=file, row=position, content=content)
        yield from task.batches(file, 0, typed(good, task.layout.raw), rows=kept)


def _below_title(
    error: SchemaMovedError, below: list[SheetRow], layout: Layout
) -> SchemaMovedError:
    """Return the error of a header with the row that is one, where a title stands above it."""
    for row in below:
        with suppress(SchemaMovedError):
            matched(header_names(row.values), layout)
            error.hint = f"{row.spot()} has these columns: delete the rows above it"
            break
    return error


def header_names(cells: tuple[Any, ...]) -> list[str]:
    """Return the cells of a header as names of columns, without empty ones at the end."""
    names = ["" if cell is None else str(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def sheet_record(header: list[str], row: SheetRow) -> dict[str, Any]:
    """Return the values of a row by the names of their columns.

    Raises:
        FormatError: There are values beyond the header, errors, formulas without values, or the header again.
    """
    from openpyxl.cell.cell import ERROR_CODES

    beyond = [value for value in row.values[len(header) :] if value is not None]
    if beyond:
        raise FormatError(
            "there are values beyond the last column",
            found=shorten(beyond),
            expected=f"{len(header)} columns, as in the header",
            hint="name the column in the header, or empty these cells; what stands above the header has to go",
        )
    if row.formulas:
        raise FormatError(
            "a cell holds a formula without its value", expected="values that were saved",
            found=f"a formula in column {row.formulas[0] + 1}", hint=_SAVE,
        )  # fmt: skip
    if errors := [value for value in row.values if value in ERROR_CODES]:
        raise FormatError("a cell shows an error", expected="a value", found=shorten(errors),
                          hint="mend the formula, or leave the row out")  # fmt: skip
    if header_names(row.values) == header:
        raise FormatError("the header stands here again", expected="a record", found=shorten(header),
                          hint="delete the row, or pass on_bad='drop' to set such records aside")  # fmt: skip
    padded = [*row.values, *[None] * (len(header) - len(row.values))]
    return dict(zip(header, padded, strict=False))
