"""Read a training file for a check: any layout that has text in it."""

from __future__ import annotations

import json
import os
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.catalog.layouts import Reading
from medqa_kit.core.arguments import boolean, file_path
from medqa_kit.core.json_text import strict_value
from medqa_kit.core.text.near_words import near_path
from medqa_kit.errors import (
    EmptyDataError,
    FileError,
    FormatError,
    StorageError,
    WrongFilesError,
    shorten,
)
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.record_lines import record_lines
from medqa_kit.loading.first_look import record_texts
from medqa_kit.loading.readers.delimited_files.delimited import text_rows
from medqa_kit.loading.readers.json_objects import arrow_table, doubtful
from medqa_kit.matching.row_texts import NAMES
from medqa_kit.schemas import PROVENANCE

_ENDINGS = ".jsonl, .ndjson, .json (one object a line), .parquet, .csv, .tsv"


def training_rows(path: str | os.PathLike[str], *, as_is: bool = False) -> pa.Table:
    """Read a file of training rows, whatever its columns are called.

    Types are inferred, which is enough to search text; nothing read here is ever written.

    Args:
        path: A ``.jsonl``, ``.parquet``, ``.csv`` or ``.tsv`` file; text formats may be ``.gz``.
        as_is: Whether to return the columns of the file alone. By default those whose names mean something else
            here, such as ``source``, come a second time, to be searched as text.

    Returns:
        The rows, one for each of the file, in order.

    Raises:
        ArgumentError: ``as_is`` is not true or false.
        WrongFilesError: There is no such file, or its ending tells no format.
        FormatError: The file is not valid in its format.
        EmptyDataError: There are no rows.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "train.jsonl"
        >>> _ = file.write_text('{"prompt": "Why?", "completion": "So."}')
        >>> training_rows(file).column_names
        ['prompt', 'completion']
    """
    file = file_path("path", path)
    boolean("as_is", as_is)
    if not file.is_file():
        what = "this is a folder, not a file" if file.is_dir() else "there is no such file"
        near = "" if file.is_dir() else near_path(file)
        raise WrongFilesError(what, file=str(file), expected=_ENDINGS,
                              hint=near or "check the path; a folder is checked file by file")  # fmt: skip
    try:
        table = _read(file)
    except FileError as error:
        lines = None if error.row is None or file.suffix == ".json" else record_lines(file)
        if lines is not None and error.row is not None and error.row < len(lines):
            error.at(spot=f"line {lines[error.row]}")
        raise error.at(file=str(file)) from error.__cause__
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, zlib.error, EOFError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the disk
            raise StorageError.of(error, file, elsewhere="or name another file") from error
        raise FormatError("the file cannot be read", file=str(file), found=str(error),
                          hint="one JSON object a line, or Parquet, is read best") from error  # fmt: skip
    if not table.num_rows:
        raise EmptyDataError("there are no rows to check", file=str(file), hint="check the path")
    return table if as_is else _with_all_text(table)


_OURS = frozenset(field.name for field in PROVENANCE)


def _with_all_text(table: pa.Table) -> pa.Table:
    """Have columns searched that only in our own layout hold names, such as ``source``, and bytes.

    They stay what they are too, so that reports tell the sources of rows.
    """
    if len(set(table.column_names)) < len(table.column_names):
        return table  # refused where it is searched
    for place, field in enumerate(table.schema):
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            # As text, which some writers of Parquet do not mark; other bytes stay bytes.
            with suppress(pa.ArrowInvalid):
                table = table.set_column(place, field.name, table[place].cast(pa.large_string()))
    if not set(table.column_names) >= _OURS:
        for name in [name for name in table.column_names if name in NAMES - {"id"}]:
            table = table.append_column(f"{name} (searched)", table[name])
    return table


def _read(file: Path) -> pa.Table:
    ending = (file.with_suffix("") if file.suffix == ".gz" else file).suffix.lower()
    match ending:
        case ".parquet":
            table = pq.read_table(file)
            table.validate(full=True)  # that text is UTF-8
            return table
        case ".jsonl" | ".ndjson" | ".json":
            return _objects(file)
        case ".csv" | ".tsv":
            return _delimited(file, "\t" if ending == ".tsv" else ",")
    raise WrongFilesError("the ending tells no format", file=str(file), expected=_ENDINGS,
                          found=file.suffix, hint="rename it, or write it as Parquet")  # fmt: skip


def _delimited(file: Path, delimiter: str) -> pa.Table:
    """Read CSV or TSV, every field as text."""

    def refuse(error: FileError, row: int, text: bytes) -> None:
        error.hint = "mend the file, or leave the record out"
        raise error.at(file=str(file), row=row)

    pieces = text_rows(File(file.name, str(file)), Reading(), delimiter, header=len, refuse=refuse)
    tables = [rows.table for rows in pieces]
    return pa.concat_tables(tables) if tables else pa.table({})


def _objects(file: Path) -> pa.Table:
    """Read JSON Lines, or one list, with columns of the types that their values have."""
    _, texts = record_texts(File(file.name, str(file)), encoding="utf-8")
    tables, start = list[pa.Table](), 0
    for block in texts:
        table = arrow_table(block)
        if table is None or doubtful(table):
            records = list(_records(block, start, file))
            names = dict.fromkeys(name for record in records for name in record)
            table = pa.table({name: _column([r.get(name) for r in records]) for name in names})
        tables.append(table)
        start += len(block)
    try:
        return pa.concat_tables(tables, promote_options="permissive") if tables else pa.table({})
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # a column has other types in other blocks
        return pa.concat_tables(_alike(tables), promote_options="default")


def _records(texts: Sequence[bytes], start: int, file: Path) -> Iterator[dict[str, Any]]:
    """Read objects one by one, to say which is none: in a loop, because each may be wrong."""
    for row, text in enumerate(texts, start):
        try:
            record = strict_value(text)
        except FileError as error:
            error.hint = "mend the file, or leave the record out"
            raise error.at(file=str(file), row=row) from None
        if not isinstance(record, dict) or not record:
            raise FormatError(
                "a record is no object, or an empty one", file=str(file), row=row,
                expected="one JSON object", found=shorten([record]),
                hint="mend the file, or leave the record out",
            )  # fmt: skip
        yield record


def _column(values: Sequence[Any]) -> pa.Array:
    """Return values of one type as they are, others as JSON, in which text is found as well."""
    with suppress(pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array(values)
    return _as_json(values)


def _as_json(values: Sequence[Any]) -> pa.Array:
    texts = [None if value is None else json.dumps(value, ensure_ascii=False, default=str)
             for value in values]  # fmt: skip
    return pa.ExtensionArray.from_storage(pa.json_(pa.string()), pa.array(texts, pa.string()))


def _alike(tables: Sequence[pa.Table]) -> Iterator[pa.Table]:
    """Turn columns that have several types into JSON."""
    kinds: dict[str, set[pa.DataType]] = defaultdict(set)
    for table in tables:
        for field in table.schema:
            kinds[field.name].add(field.type)
    for table in tables:
        columns = {
            name: table[name] if len(kinds[name] - {pa.null()}) < 2
            else _as_json(table[name].to_pylist())
            for name in table.column_names
        }  # fmt: skip
        yield pa.table(columns)
