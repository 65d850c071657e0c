"""Reading a training file for a check: any layout, as long as there is text in it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq

from medqa_kit.errors import EmptyDataError, FormatError, WrongFilesError
from medqa_kit.matching.row_texts import NAMES
from medqa_kit.schemas import PROVENANCE

_ENDINGS = ".jsonl, .ndjson, .json (one object a line), .parquet, .csv, .tsv"


def training_rows(path: str | os.PathLike[str]) -> pa.Table:
    """Read a file of training rows, whatever its columns are called.

    Types are inferred, which is enough to search text; nothing read here is ever written.

    Args:
        path: A ``.jsonl``, ``.parquet``, ``.csv`` or ``.tsv`` file; text formats may be ``.gz``.

    Raises:
        WrongFilesError: There is no such file, or its ending tells no format.
        FormatError: The file is not valid in its format.
        EmptyDataError: There are no rows.
    """
    file = Path(path)
    if not file.is_file():
        raise WrongFilesError("there is no such file", file=str(file), expected=_ENDINGS,
                              hint="check the path; a folder is checked file by file")  # fmt: skip
    try:
        table = _read(file)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError) as error:
        raise FormatError("the file cannot be read", file=str(file), found=str(error),
                          hint="one JSON object a line, or Parquet, is read best") from error  # fmt: skip
    if not table.num_rows:
        raise EmptyDataError("there are no rows to check", file=str(file), hint="check the path")
    return _with_all_text(table)


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
            return pq.read_table(file)
        case ".jsonl" | ".ndjson" | ".json":
            return pa.json.read_json(
                str(file), read_options=pa.json.ReadOptions(block_size=64 << 20)
            )
        case ".csv" | ".tsv":
            parse = pa.csv.ParseOptions(
                delimiter="\t" if ending == ".tsv" else ",", newlines_in_values=True
            )
            return pa.csv.read_csv(str(file), parse_options=parse)
    raise WrongFilesError("the ending tells no format", file=str(file), expected=_ENDINGS,
                          found=file.suffix, hint="rename it, or write it as Parquet")  # fmt: skip
