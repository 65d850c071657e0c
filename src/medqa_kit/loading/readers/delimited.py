"""CSV and TSV: every field is text first, and only declared numbers are read as such.

Quoted fields may span lines. An empty field is an empty text, ``NA`` and ``None`` are what they
say; in columns of numbers an empty field is null. Blank lines are passed over.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv

from medqa_kit.catalog.layouts import Layout
from medqa_kit.errors import FormatError, shorten
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.align import matched
from medqa_kit.loading.readers.aligned import aligned
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask
from medqa_kit.loading.readers.text import Stream, utf8_blocks

_BLOCK = 1 << 24  # for Arrow also the longest record
_END = "\0"  # put behind the text, in which it cannot occur: an unclosed quotation swallows it
_MEND = "mend the file, or pass on_bad='drop' to set such records aside"


def read_csv(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one file with commas."""
    return _read(file, task, ",")


def read_tsv(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one file with tabs."""
    return _read(file, task, "\t")


def _read(file: File, task: ReadTask, delimiter: str) -> Iterator[RawBatch]:
    bad = _BadRows(file, task)
    try:
        text = _text(file, task.layout, delimiter)
        first = next(text, None)
        if first is None:
            return  # not even a header
        reader = _opened(chain([first], text), delimiter, bad)
        names = reader.schema.names
        matched(names, task.layout)
        start = 0
        for batch in reader:
            table = bad.without_end(pa.Table.from_batches([batch]), start)
            rows = bad.between(start, table.num_rows)
            bad.report()
            yield from aligned(table, file, start, task, rows=rows, text=True)
            start = rows[-1] + 1 if rows else start + table.num_rows
        bad.report()
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            for _ in utf8_blocks(file, task.layout.read.encoding, strict=True):
                pass  # raises where the bad byte is
        raise FormatError(
            "the file cannot be split into records",
            found=str(error),
            expected=f"records of at most {_BLOCK >> 20} MiB, and quotation marks in pairs",
            hint="look for one without its twin",
        ) from error


def _opened(
    text: Iterator[bytes], delimiter: str, bad: Callable[[Any], str]
) -> pa.csv.CSVStreamingReader:
    return pa.csv.open_csv(
        io.BufferedReader(Stream(chain(text, [f"\n{_END}".encode()])), 1 << 20),
        read_options=pa.csv.ReadOptions(use_threads=False, block_size=_BLOCK),
        parse_options=pa.csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=bad
        ),
        convert_options=pa.csv.ConvertOptions(
            default_column_type=pa.string(), null_values=[], strings_can_be_null=False
        ),
    )


def _text(file: File, layout: Layout, delimiter: str) -> Iterator[bytes]:
    """Return the text from the header on, declared where the file has none; nothing without a line."""
    reading = layout.read
    lines = io.BufferedReader(Stream(_checked(utf8_blocks(file, reading.encoding))), 1 << 20)
    for _ in range(reading.header_lines):
        lines.readline()
    first = next((line for line in lines if line.strip()), b"")
    if not first:
        return iter(())
    declared = f"{delimiter.join(layout.raw.names)}\n".encode()
    header = [] if reading.header else [declared]
    return chain([b"".join([*header, first])], iter(lambda: lines.read1(_BLOCK), b""))


def _checked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Refuse NUL bytes: no text has any, half-written files do."""
    offset = 0
    for block in blocks:
        at = block.find(b"\0")
        if at >= 0:
            raise FormatError(f"there is a NUL byte at byte {offset + at}", expected="text",
                              found="a NUL byte",
                              hint="the file is damaged or not text, or its encoding is UTF-16: "
                                   "save a copy as UTF-8 and pass it as path=")  # fmt: skip
        offset += len(block)
        yield block


class _BadRows:
    """Collects the records Arrow cannot place in columns; Arrow calls it while it parses."""

    def __init__(self, file: File, task: ReadTask) -> None:
        self._file, self._request = file, task
        self._rows: list[int] = []
        self._unreported: list[tuple[int, str, FormatError]] = []

    def __call__(self, row: pa.csv.InvalidRow) -> Literal["skip"]:
        if row.text != _END:
            at = row.number - 2  # Arrow counts from 1, and the header too
            self._rows.append(at)
            error = FormatError(
                f"the record has {row.actual_columns} fields",
                expected=f"{row.expected_columns} fields, as in the header",
                found=shorten([row.text]),
                hint=_MEND,
            )
            text = row.text.removesuffix(_END)
            self._unreported.append((at, text, error if text == row.text else _unclosed()))
        return "skip"

    def without_end(self, table: pa.Table, start: int) -> pa.Table:
        """Take the end mark off the last batch, or the record whose last field swallowed it."""
        last = table[-1][-1].as_py() if table.num_rows else ""
        if _END not in last:
            return table
        if last != _END:
            at = (self.between(start, table.num_rows) or range(start, start + table.num_rows))[-1]
            fields = table.slice(table.num_rows - 1).to_pylist()[0].values()
            self._unreported.append((at, "\n".join(fields).removesuffix(_END), _unclosed()))
        return table.slice(0, table.num_rows - 1)

    def between(self, start: int, count: int) -> list[int] | None:
        """Return the positions of the next good rows; ``None`` while no bad one was met."""
        if not self._rows:
            return None
        candidates = np.arange(start, start + count + len(self._rows))
        good: list[int] = np.setdiff1d(candidates, self._rows)[:count].tolist()
        return good

    def report(self) -> None:
        """Raise the first error, or report all; not while Arrow is parsing."""
        for at, text, error in self._unreported:
            self._request.refuse(error, file=self._file, row=at, content=text)
        self._unreported.clear()


def _unclosed() -> FormatError:
    return FormatError("a quotation mark does not close, so the rest of the file is one field",
                       expected="quotation marks in pairs", found="the end of the file",
                       hint=_MEND)  # fmt: skip
