"""A first look into your own files: their format, their columns, and the types of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, islice
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.catalog import Reading
from medqa_kit.catalog.layouts import FileFormat
from medqa_kit.core.arrow.usual_types import in_usual_types
from medqa_kit.core.json_text import json_value
from medqa_kit.core.text.option_labels import option_number
from medqa_kit.errors import (
    EmptyDataError,
    FileError,
    FormatError,
    SchemaMovedError,
    printable,
    shorten,
)
from medqa_kit.loading.files.file import File, open_random
from medqa_kit.loading.files.limits import MEMBER_BYTES
from medqa_kit.loading.readers.delimited_files.delimited import SEPARATOR_LINE, text_rows
from medqa_kit.loading.readers.diagnose import HEAD, advice, refuse_impostor
from medqa_kit.loading.readers.json_array import list_elements
from medqa_kit.loading.readers.json_values import is_number
from medqa_kit.loading.readers.read_files import format_of
from medqa_kit.loading.readers.text import line_blocks, utf8_blocks
from medqa_kit.loading.readers.xlsx import header_names, sheet_record, sheet_rows

RECORDS = 1_000
"""How many records are looked at."""
_PROBE = 16  # rows of Parquet, to see how large rows are
_MOST_BYTES = 1 << 26  # of the first records of a Parquet file, in memory
_PARQUET = b"PAR"  # PAR1; PARE where the footer is encrypted
_HEADER = 1 << 16  # bytes in which the first two lines stand

_MISFITS = (
    pa.ArrowInvalid,
    pa.ArrowTypeError,
    OverflowError,
    UnicodeEncodeError,
)  # what Arrow says of mixed types


def first_look(file: File, *, encoding: str) -> tuple[Reading, pa.Table]:
    """Return how a file is to be read, and its first records.

    JSON is told by its first bytes, whatever the ending says: a list, one object a line, or one object.

    Args:
        file: A Parquet, JSON, CSV, TSV or Excel file; text may be packed.
        encoding: Of text formats.

    Raises:
        FormatError: It is not valid in its format.
        EncodingError: It is not text in that encoding.
        EmptyDataError: It holds no record.
    """
    kind, mixed = format_of(file.name, Reading()), list[str]()
    with _told(file, kind):
        if kind == "csv" or kind == "tsv":
            kind = _by_header(file, kind, encoding)
        if kind == "parquet":
            table = _parquet(file)
        elif kind == "xlsx":
            table = _sheet(file, mixed)
        elif kind == "csv" or kind == "tsv":
            table = _delimited(file, kind, encoding)
        else:
            kind, texts = record_texts(file, encoding=encoding)
            table = _typical(list(islice(chain.from_iterable(texts), RECORDS)), mixed)
    if not table.num_rows:
        raise EmptyDataError("there are no rows", file=file.name, hint="an upload may have failed")
    return Reading(format=kind, encoding=encoding, number_as_text=tuple(mixed)), table


def column_names(file: File, *, encoding: str) -> list[str]:
    """Return the names of the columns of a file, or of its first records; see :func:`first_look`."""
    if format_of(file.name, Reading()) != "parquet":
        _, head = first_look(file, encoding=encoding)
        return list(head.column_names)
    with _told(file, "parquet"), file.open() as handle:
        return list(pq.read_schema(handle).names)


@contextmanager
def _told(file: File, kind: str) -> Iterator[None]:
    """Give errors of the first records the place they do not know, and those of Arrow a type of ours."""
    try:
        yield
    except FileError as error:
        raise error.at(file=file.name) from error.__cause__
    except (ValueError, pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise FormatError("the first records cannot be read", file=file.name, found=str(error),
                          expected=f"valid {kind}", hint="mend the file") from error  # fmt: skip


def _parquet(file: File) -> pa.Table:
    with file.open() as handle:
        head = handle.read(HEAD)
        refuse_impostor(head)
        if not head.startswith(_PARQUET):
            raise FormatError("this is no Parquet file", expected="bytes PAR1 at the beginning",
                              found=f"bytes {head[:8].hex(' ')}",
                              hint=advice(head))  # fmt: skip
        handle.seek(0)
        parquet = pq.ParquetFile(handle, pre_buffer=False)
        probe = next(parquet.iter_batches(_PROBE), None)
        a_row = probe.nbytes / probe.num_rows if probe else 0.0
        few = max(1, min(RECORDS, int(_MOST_BYTES / max(a_row, 1))))
        batches = list(islice(parquet.iter_batches(few), 1))
        return in_usual_types(pa.Table.from_batches(batches, schema=parquet.schema_arrow))


def _sheet(file: File, mixed: list[str]) -> pa.Table:
    """Return the first rows that can be read; the reader says what is wrong with others.

    Args:
        file: A workbook.
        mixed: Gets the names of columns that hold texts and numbers.

    Raises:
        FileError: There are rows, and none can be read.
    """
    records: list[dict[str, Any]] = []
    bad: FileError | None = None
    with open_random(file) as handle:
        rows = sheet_rows(handle, file, None)
        header = header_names(first.values) if (first := next(rows, None)) else []
        for row in islice(rows, RECORDS):
            try:
                records.append(sheet_record(header, row))
            except FileError as error:
                bad = bad or error
    if bad is not None and not records:
        raise bad
    return _table({name: [record[name] for record in records] for name in header}, mixed)


def _delimited(file: File, kind: Literal["csv", "tsv"], encoding: str) -> pa.Table:
    """Return the first records that can be read; the reader says what is wrong with others.

    Raises:
        FileError: There are records, and none can be read.
    """
    names: list[str] = []
    bad: list[FileError] = []

    def take(header: list[str]) -> None:
        twice = [name for name, count in Counter(header).items() if name and count > 1]
        if twice:
            raise SchemaMovedError(
                f"there are two columns of the name {twice[0]!r}", expected="each name once",
                found=shorten(header), hint="call each column otherwise",
            )  # fmt: skip
        names.extend(header)

    pieces = text_rows(
        file, Reading(encoding=encoding), "\t" if kind == "tsv" else ",",
        header=take, refuse=lambda error, row, text: bad.append(error),
    )  # fmt: skip
    if table := next((rows.table for rows in pieces if rows.table.num_rows), None):
        return table.slice(0, RECORDS)
    if bad:
        raise bad[0]
    return pa.table({name: pa.array([], pa.string()) for name in names})


def _by_header(file: File, kind: Literal["csv", "tsv"], encoding: str) -> Literal["csv", "tsv"]:
    """Return what parts the fields of a header, whatever the ending says: commas or tabs.

    Raises:
        FormatError: Neither does, but another sign seems to.
    """
    head = b""
    for block in utf8_blocks(file, encoding):
        head = (head + block).lstrip()
        if b"\n" in head or b"\r" in head or len(head) > _HEADER:
            break
    own, other = (b"\t", b",") if kind == "tsv" else (b",", b"\t")
    lines = [line for line in head[:_HEADER].splitlines()[:3] if not SEPARATOR_LINE.match(line)]
    header, *more = lines[:2] or [b""]
    record = more[0] if more else b""
    if own in header or not record:
        return kind
    if other in header and other in record:
        return "csv" if kind == "tsv" else "tsv"
    for sign in (";", "|"):
        if header.count(sign.encode()) and sign.encode() in record:
            raise FormatError(
                f"the fields are parted by {sign!r}",
                expected="commas in .csv, tabs in .tsv",
                found=shorten([header.decode(errors="replace")]),
                hint=f"save the file with commas or tabs, or pass pandas.read_csv(path, sep={sign!r}) as the rows",
            )
    return kind


def record_texts(file: File, *, encoding: str) -> tuple[FileFormat, Iterator[list[bytes]]]:
    """Return how the records of a JSON file lie, and their texts, block by block.

    Args:
        file: A list, one value a line, or one object, told by its first bytes, whatever the ending says.
        encoding: Of the file.

    Returns:
        ``"json"`` for a list, ``"jsonl"`` for lines, of which blank ones are left out, and ``"json-tree"`` for a
        file that is one object over many lines.

    Raises:
        EncodingError: It is not text in that encoding.
        FormatError: It is a web page or a Git LFS pointer, or the list does not end.
    """
    blocks = utf8_blocks(file, encoding)
    start = next(blocks, b"").lstrip()
    if start.startswith(b"["):
        return "json", list_elements(chain([start[1:]], blocks))
    if start.partition(b"\n")[0].strip() == b"{":
        return "json-tree", _whole(chain([start], blocks))
    return "jsonl", (
        [text for text in block.split(b"\n") if text.strip()]
        for block in line_blocks(chain([start], blocks))
    )


def _whole(blocks: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Return the text of a file that is one record."""
    text = bytearray()
    for block in blocks:
        text += block
        MEMBER_BYTES.check(len(text), "the file is one record of too many bytes")
    yield [bytes(text)]


def _typical(texts: Sequence[bytes], mixed: list[str]) -> pa.Table:
    """Return objects as a table of the types that most values of a column have.

    What is no object, and values of other types, are left to the reader, which says what is wrong.
    """
    records: list[dict[str, Any]] = []
    bad: FileError | None = None
    for text in texts:
        try:
            records.append(_object_of(text))
        except FileError as error:
            bad = bad or error
    if bad is not None and not records:
        raise bad
    names = dict.fromkeys(name for record in records for name in record if printable(name) == name)
    return _table({name: [r.get(name) for r in records] for name in names}, mixed)


def _object_of(text: bytes) -> dict[str, Any]:
    value = json_value(text)
    if not isinstance(value, dict):
        raise FormatError("this is JSON, but not an object", expected="one JSON object",
                          found=shorten([value]), hint="write each record as an object")  # fmt: skip
    return value


def _table(columns: Mapping[str, list[Any]], mixed: list[str]) -> pa.Table:
    """Return columns as Arrow holds them; of texts and numbers, as Excel has them side by side, the numbers become text."""
    for name, values in columns.items():
        texts = [value for value in values if isinstance(value, str)]
        # A letter among numbers of options stands for one of them, and is no text.
        if any(map(is_number, values)) and any(
            option_number(text, 0) is None or any(map(str.isdecimal, text)) for text in texts
        ):
            mixed.append(name)
    return pa.table({
        name: _column([str(v) if name in mixed and is_number(v) else v for v in values])
        for name, values in columns.items()
    })  # fmt: skip


def _column(values: Sequence[Any]) -> pa.Array:
    with suppress(*_MISFITS):
        return pa.array(values)
    single = [None if value is None else _array_of(value) for value in values]
    kinds = Counter(array.type for array in single if array is not None)
    numbers = [kind for kind in kinds if pa.types.is_integer(kind) or pa.types.is_floating(kind)]
    if len(numbers) > 1:  # whole numbers among others
        kinds[pa.float64()] = sum(kinds.pop(kind) for kind in numbers)
    type_ = max(kinds, key=kinds.__getitem__, default=pa.null())
    fitting = [None if array is None else _fitting(array, type_) for array in single]
    return pa.array(fitting, type_)


def _array_of(value: Any) -> pa.Array | None:
    with suppress(*_MISFITS):
        return pa.array([value])
    return None


def _fitting(array: pa.Array, type_: pa.DataType) -> Any:
    with suppress(*_MISFITS, pa.ArrowNotImplementedError):
        if array.type == type_ or not pa.types.is_string(type_):  # a number is no text
            return array.cast(type_)[0].as_py()
    return None
