"""CSV and TSV: every field is text first, and only declared numbers are read as such.

Quoted fields may span lines. An empty field is an empty text, ``NA`` and ``None`` are what they
say; in columns of numbers an empty field is null. Blank lines are passed over, and so is what Excel writes
around rows: a first line ``sep=,``, records of empty fields alone, the names of empty columns.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import chain, islice
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from medqa_kit.catalog.layouts import Reading
from medqa_kit.core.arrow.columns import positions
from medqa_kit.errors import FileError, FormatError, shorten
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.align import matched
from medqa_kit.loading.readers.aligned import aligned
from medqa_kit.loading.readers.delimited_files.delimited_text import (
    MOST_BYTES,
    Dialect,
    TextRecord,
    is_unquoted,
    pieces,
    records,
)
from medqa_kit.loading.readers.delimited_files.header_record import (
    DIALECT,
    MEND,
    distinct_names,
    header_fields,
    is_header,
    refuse_other_delimiter,
)
from medqa_kit.loading.readers.diagnose import wrong_encoding
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask
from medqa_kit.loading.readers.text import Stream, utf8_blocks

_BLOCK = 1 << 22
_BLANKS = 64  # first bytes that nearly always tell that there are records: no copy of all
SEPARATOR_LINE = re.compile(rb'\s*"?sep=[^\w\s"]?\t?"?\s*$', re.IGNORECASE)
"""A line before the header that tells Excel what parts fields."""
_MOST_SPACES = 32  # bytes of a field that says nothing


class TextRows(NamedTuple):
    """Some records as a table of text.

    Attributes:
        table: Its columns are called as the header says.
        start: Position of the first, counted from 0 behind the header.
        rows: Positions of all of them, where they have gaps.
        text: What they were read from; the header stands in that of the first table.
    """

    table: pa.Table
    start: int
    rows: Sequence[int] | None
    text: bytes


def read_csv(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one file with commas."""
    return _read(file, task, ",")


def read_tsv(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one file with tabs."""
    return _read(file, task, "\t")


def _read(file: File, task: ReadTask, delimiter: str) -> Iterator[RawBatch]:
    def refuse(error: FileError, row: int, text: bytes) -> None:
        task.refuse(error, file=file, row=row, content=text)

    reading, declared = task.layout.read, task.layout.raw.names

    def header(names: list[str]) -> None:
        refuse_other_delimiter(names, delimiter, declared)
        matched(names, task.layout)

    pieces = text_rows(
        file, reading, delimiter, names=() if reading.header else declared, header=header, refuse=refuse
    )  # fmt: skip
    for piece in pieces:
        yield from aligned(piece.table, file, piece.start, task, rows=piece.rows, text=True)


def line_of_row(file: File, reading: Reading, delimiter: str, row: int) -> int | None:
    """Return the line, counted from 1, at which a record begins; quoted fields may span lines.

    Args:
        file: What to read, from its beginning.
        reading: Its encoding and dialect.
        delimiter: What parts its fields.
        row: Position of the record, from 0.
    """
    line, dialect, _ = _opened(file, reading, delimiter)
    names = () if reading.header else ("",)  # the number of fields does not matter here
    texts = text_rows(file, reading, delimiter, names=names, header=len, refuse=lambda *_: None)
    first, before = True, next(texts, None)
    for after in chain(texts, [None]):
        assert before is not None
        if after is None or after.start > row:
            place = row - before.start + (first and reading.header)
            return line + _lines_before(before.text, place, dialect)
        line += _line_ends(before.text)
        first, before = False, after
    return None


def _lines_before(text: bytes, place: int, dialect: Dialect) -> int:
    """Count the lines of a text that end before the record of a place begins."""
    end = 0
    for record in islice(records(text, dialect), place):
        end = record.end
    while text[end : end + 1] in (b"\r", b"\n"):  # blank lines
        end += 1
    return _line_ends(text[:end])


def _line_ends(text: bytes) -> int:
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def text_rows(
    file: File, reading: Reading, delimiter: str, *, names: Sequence[str] = (),
    header: Callable[[list[str]], object], refuse: Callable[[FileError, int, bytes], None],
) -> Iterator[TextRows]:  # fmt: skip
    """Read a file as tables of text.

    Args:
        file: What to read.
        reading: Its encoding and dialect.
        delimiter: What parts its fields.
        names: Names of the columns of a file that has no header. A first record of these names is one all the
            same, as a copy that pandas saved has it; it keeps its position.
        header: Called with the names of the columns before any record is read.
        refuse: Called with the error, the position and the text of each record that cannot be
            split into the fields of the header.

    Raises:
        FormatError: The header cannot be read, or a record does not end.
        EncodingError: It is not text in the declared encoding.
    """
    _, dialect, blocks = _opened(file, reading, delimiter)
    start, called, waiting = 0, list(names), True
    for text, clean in pieces(blocks, dialect):
        rest = text
        if waiting:
            first = next(records(text, dialect), None)
            if first is None:  # blank lines alone: the header is still to come
                continue
            waiting = False
            if not names or is_header(first, names):
                start = int(bool(names))
                names = header_fields(first, reading)
                called = distinct_names(names)
                header(called)
                rest = text[first.end :]
        table = _read_fast(rest, names, dialect) if clean else None
        kept, end = None, start
        if table is None:
            table, kept, end = _read_slowly(rest, names, dialect, start, refuse)
        else:
            end += table.num_rows
            table, kept = _without_empty(table, start)
        yield TextRows(
            table if called == names else table.rename_columns(called), start, kept, text
        )
        start = end


def _without_empty(table: pa.Table, start: int) -> tuple[pa.Table, list[int] | None]:
    """Return the records that are not blank throughout, and their positions where some were."""
    least = pc.min(pc.binary_length(table.column(0))).as_py()
    if least is None or least > _MOST_SPACES:  # no record, or none that can be blank
        return table, None
    spaces = table.num_columns > 1  # in a column alone they may be all that a row says
    if not pc.any(_blank(table.column(0), spaces=spaces)).as_py():
        return table, None
    empty = reduce(pc.and_, (_blank(column, spaces=spaces) for column in table.columns))
    if not pc.any(empty).as_py():
        return table, None
    kept = positions(pc.invert(empty))
    return table.take(pa.array(kept, pa.int64())), [start + row for row in kept]


def _blank(column: pa.ChunkedArray, *, spaces: bool) -> pa.ChunkedArray:
    """Find the fields that are empty, or of white space where that is asked."""
    empty = pc.equal(pc.binary_length(column), 0)
    return pc.or_(empty, pc.utf8_is_space(column)) if spaces else empty


def _opened(file: File, reading: Reading, delimiter: str) -> tuple[int, Dialect, Iterator[bytes]]:
    """Return the line of the header, the dialect, and the text from the header on."""
    line, blocks = _text(file, reading)
    quote, escape = (
        None if mark is None else mark.encode() for mark in (reading.quote, reading.escape)
    )
    if delimiter == "\t" and quote == b'"' and escape is None:
        head = next(blocks, b"") + next(blocks, b"")  # the header, and what is read with it
        blocks = chain([head], blocks)
        quote = None if is_unquoted(head) else quote
    return line, Dialect(delimiter.encode(), quote, escape), blocks


def _read_fast(text: bytes, names: Sequence[str], dialect: Dialect) -> pa.Table | None:
    """Read records in one go, or give ``None`` if anything about them is not as it should be."""
    if not text[:_BLANKS].strip(b"\r\n") and not text.strip(b"\r\n"):
        return pa.table(
            {str(i): pa.array([], pa.string()) for i in range(len(names))}
        ).rename_columns(list(names))
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(text),
            read_options=pa.csv.ReadOptions(
                use_threads=False, block_size=len(text) + 1, column_names=list(names)
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=dialect.delimiter.decode(), newlines_in_values=True,
                quote_char=False if dialect.quote is None else dialect.quote.decode(),
            ),
            convert_options=pa.csv.ConvertOptions(
                default_column_type=pa.string(), null_values=[], strings_can_be_null=False
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        return None
    alike = reduce(pc.and_, (pc.equal(c, n) for c, n in zip(table.columns, names, strict=True)))
    return None if pc.any(alike).as_py() else table


def _read_slowly(
    text: bytes, names: Sequence[str], dialect: Dialect, start: int,
    refuse: Callable[[FileError, int, bytes], None],
) -> tuple[pa.Table, list[int], int]:  # fmt: skip
    """Return records, their positions and that of the next: in a loop, because each may be wrong."""
    rows: list[list[str]] = []
    kept: list[int] = []
    position = start
    for position, record in enumerate(records(text, dialect), start):
        if record.fields and not any(map(_says, record.fields)) and (
            len(record.fields) > 1 or not record.fields[0]
        ):  # fmt: skip
            continue
        try:
            rows.append(_values(record, names))
            kept.append(position)
        except FileError as error:
            refuse(error, position, record.text)
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(len(names))]
    return pa.Table.from_arrays(columns, list(names)), kept, position + 1


def _says(field: bytes) -> bool:
    return bool(field.strip()) and (field.isascii() or bool(field.decode(errors="replace").strip()))


def _values(record: TextRecord, names: Sequence[str]) -> list[str]:
    """Return the fields of a record as text."""
    shown = shorten([record.text[:200].decode(errors="backslashreplace")])
    if record.fields is None:
        raise FormatError(record.fault, expected="quotation marks in pairs around whole fields",
                          found=shown, hint=MEND + DIALECT)  # fmt: skip
    if len(record.fields) != len(names):
        raise FormatError(
            f"the record has {len(record.fields)} fields", found=shown,
            expected=f"{len(names)} fields, as in the header", hint=MEND,
        )  # fmt: skip
    try:
        values = [field.decode() for field in record.fields]
    except UnicodeDecodeError as error:
        place = f"byte {error.start} of the field"
        raise wrong_encoding(error, declared="utf-8", where=place) from None
    if values == list(names):
        raise FormatError("the header stands here again", expected="a record", found=shown,
                          hint=MEND)  # fmt: skip
    return values


def _text(file: File, reading: Reading) -> tuple[int, Iterator[bytes]]:
    """Return the text from the header on, and its line; nothing if there is none."""
    lines = io.BufferedReader(Stream(_checked(utf8_blocks(file, reading.encoding))), 1 << 20)
    for _ in range(reading.header_lines):
        _line(lines)
    for number, header in enumerate(iter(lambda: _line(lines), b""), reading.header_lines + 1):
        if header.strip() and not SEPARATOR_LINE.match(header):
            return number, chain([header], iter(lambda: lines.read1(_BLOCK), b""))
    return 0, iter(())


def _line(lines: io.BufferedReader[Stream]) -> bytes:
    line = lines.readline(MOST_BYTES + 1)
    if len(line) > MOST_BYTES:
        raise FormatError(
            "a line is too long", expected=f"lines of at most {MOST_BYTES >> 20} MiB",
            found=f"one that begins with {shorten([line[:60].decode(errors='replace')])}",
            hint="the file may be no text with delimiters",
        )  # fmt: skip
    return line


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
