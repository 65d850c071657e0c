"""Excel sheets, row by row, with the values that were shown when the file was saved.

The first row is the header. Rows without any value are passed over. Numbers, dates and truth
values are what their cells say they are: a number in a column declared as text is an error.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from medqa_kit.errors import FormatError, MedQAError, MissingExtraError, shorten
from medqa_kit.loading.files.file import File, open_random
from medqa_kit.loading.readers.align import matched
from medqa_kit.loading.readers.diagnose import HEAD, refuse_impostor
from medqa_kit.loading.readers.json_values import fitted_row, typed
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask


def read_xlsx(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one sheet of one file."""
    with open_random(file) as handle:
        book = _opened(handle, file)
        try:
            sheet = _sheet(book, task.layout.read.sheet)
            sheet.reset_dimensions()  # some programs note fewer rows than they write
            cells = sheet.iter_rows(values_only=True)
            header = _trimmed(next(cells, ()))
            if header:
                yield from _batches(header, cells, file, task)
        finally:
            book.close()


def _opened(handle: BinaryIO, file: File) -> Any:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise MissingExtraError("openpyxl", "xlsx", need=f"reading {file.name}") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about styles and validation rules
            return load_workbook(handle, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        handle.seek(0)
        head = handle.read(HEAD)
        refuse_impostor(head)
        raise FormatError(
            "this is not an Excel file",
            expected="an .xlsx workbook",
            found=f"{head[:16]!r} ({error})",
            hint="old .xls files have to be saved as .xlsx first",
        ) from error


def _sheet(book: Any, name: str | None) -> Any:
    if name is None and len(book.sheetnames) == 1:
        return book.worksheets[0]
    if name not in book.sheetnames:
        raise FormatError(
            f"there is no sheet {name!r}" if name else "there are several sheets",
            expected=repr(name) if name else "one sheet",
            found=", ".join(book.sheetnames),
            hint="pass a copy as path= with that sheet alone; a source of your own can set "
            "Reading(sheet=...)",
        )
    return book[name]


def _batches(
    header: list[str], cells: Iterator[tuple[Any, ...]], file: File, task: ReadTask
) -> Iterator[RawBatch]:
    """Gather rows: in a loop, because openpyxl hands them out one by one."""
    found = matched(header, task.layout)
    names = {declared: name or declared for declared, name in found.items()}
    rows: list[dict[str, Any]] = []
    kept: list[int] = []
    for position, values in enumerate(cells):
        if all(value is None for value in values):
            continue
        try:
            rows.append(fitted_row(_record(header, values), names, task.layout))
            kept.append(position)
        except MedQAError as error:
            error.what = f"sheet row {position + 2}: {error.what}"
            content = "\t".join("" if value is None else str(value) for value in values)
            task.refuse(error, file=file, row=position, content=content)
        if len(rows) == task.batch_rows:
            yield from task.batches(file, kept[0], typed(rows, task.layout.raw), rows=kept)
            rows, kept = [], []
    yield from task.batches(file, 0, typed(rows, task.layout.raw), rows=kept)


def _trimmed(cells: tuple[Any, ...]) -> list[str]:
    names = ["" if cell is None else str(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _record(header: list[str], values: tuple[Any, ...]) -> dict[str, Any]:
    beyond = [value for value in values[len(header) :] if value is not None]
    if beyond:
        raise FormatError(
            "there are values beyond the last column",
            found=shorten(beyond),
            expected=f"{len(header)} columns, as in the header",
            hint="name the column in the header, or empty these cells",
        )
    padded = [*values, *[None] * (len(header) - len(values))]
    return dict(zip(header, padded, strict=False))
