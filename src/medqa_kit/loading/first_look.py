"""A first look into files of one's own: their format, their columns, and the types these hold."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.catalog import Reading
from medqa_kit.errors import EmptyDataError, EncodingError, FormatError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.json_array import list_elements
from medqa_kit.loading.readers.read_files import format_of
from medqa_kit.loading.readers.text import line_blocks, utf8_blocks

RECORDS = 1_000
"""How many records are looked at."""


def first_look(file: File, *, encoding: str) -> tuple[Reading, pa.Table]:
    """Return how a file is to be read, and its first records.

    JSON is told by its first byte, whatever the ending says: a list, or one object a line.

    Args:
        file: A Parquet, JSON, CSV, TSV or Excel file; text may be packed.
        encoding: Of text formats.

    Raises:
        FormatError: It is not valid in its format.
        EncodingError: It is not text in that encoding.
        EmptyDataError: It holds no record.
    """
    kind = format_of(file.name, Reading())
    try:
        if kind == "parquet":
            return Reading(format=kind), _parquet(file)
        if kind == "xlsx":
            return Reading(format=kind), _sheet(file)
        blocks = utf8_blocks(file, encoding, strict=True)
        start = next(blocks, b"").lstrip()
        if kind in ("csv", "tsv"):
            return Reading(format=kind, encoding=encoding), _delimited(start, kind)
        kind = "json" if start.startswith(b"[") else "jsonl"
        records = _array(start, blocks) if kind == "json" else _lines(start, blocks)
        table = pa.Table.from_pylist(list(islice(records, RECORDS)))
    except EncodingError as error:
        error.hint = "pass encoding=, such as encoding='cp949' for a file that Excel saved in Korea"
        raise error.at(file=file.name) from error.__cause__
    except (ValueError, RecursionError, pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise FormatError("the first records cannot be read", file=file.name, found=str(error),
                          expected=f"valid {kind}", hint="mend the file") from error  # fmt: skip
    if not table.num_rows:
        raise EmptyDataError("there are no rows", file=file.name, hint="an upload may have failed")
    return Reading(format=kind, encoding=encoding), table


def _parquet(file: File) -> pa.Table:
    with file.open() as handle:
        parquet = pq.ParquetFile(handle)
        batches = list(islice(parquet.iter_batches(RECORDS), 1))
        return pa.Table.from_batches(batches, schema=parquet.schema_arrow)


def _sheet(file: File) -> pa.Table:
    import openpyxl

    with file.open() as handle:
        book = openpyxl.load_workbook(handle, read_only=True, data_only=True)
        rows = islice(book.worksheets[0].iter_rows(values_only=True), RECORDS)
        header = [str(cell) for cell in next(rows, ()) if cell is not None]
        listed = [
            [None if cell is None else str(cell) for cell in row[: len(header)]] for row in rows
        ]
    return pa.table(
        {name: pa.array([row[i] for row in listed], pa.string()) for i, name in enumerate(header)}
    )


def _delimited(start: bytes, kind: str) -> pa.Table:
    lines = io.StringIO(start.decode("utf-8"), newline="")
    rows = list(islice(csv.reader(lines, delimiter="\t" if kind == "tsv" else ","), RECORDS))
    header, records = (rows[0], rows[1:]) if rows else ([], [])
    return pa.table({
        name: pa.array([row[i] if i < len(row) else None for row in records], pa.string())
        for i, name in enumerate(header)
    })  # fmt: skip


def _lines(start: bytes, blocks: Iterator[bytes]) -> Iterator[Any]:
    for block in line_blocks(chain([start], blocks)):
        yield from _parsed(block.split(b"\n"))


def _array(start: bytes, blocks: Iterator[bytes]) -> Iterator[Any]:
    for texts in list_elements(chain([start[1:]], blocks)):
        yield from _parsed(texts)


def _parsed(texts: Sequence[bytes]) -> Iterator[Any]:
    return (json.loads(text) for text in texts if text.strip())
