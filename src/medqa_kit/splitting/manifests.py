"""Saved divisions: the part of each id."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medqa_kit.core.arguments import file_path
from medqa_kit.core.holders import Rows, RowsT, batches, columns_of, opened
from medqa_kit.errors import FormatError, SchemaError
from medqa_kit.matching.row_texts import text_column
from medqa_kit.splitting.division import DIVISION, UNASSIGNED, Split, divided, unambiguous


def apply_manifest(rows: RowsT, manifest: str | Path | pa.Table) -> Split[RowsT]:
    """Divide rows by a saved manifest.

    Args:
        rows: Rows with an ``id``. Those the manifest does not know are ``unassigned``.
        manifest: A file that :meth:`Split.save` wrote, or its table.

    Returns:
        The parts by name, each in the container that was given, its rows in their old order.

    Raises:
        FormatError: It is no manifest, or puts an id in two parts.
        SchemaError: The rows have no ``id``.

    Example:
        >>> rows = pa.table({"id": ["a", "b"]})
        >>> manifest = pa.table({"id": ["a", "b"], "part": ["train", "test"]})
        >>> {part: kept["id"].to_pylist() for part, kept in apply_manifest(rows, manifest).items()}
        {'train': ['a'], 'test': ['b']}
    """
    table = manifest if isinstance(manifest, pa.Table) else _read(file_path("manifest", manifest))
    if table.column_names != DIVISION.names:
        raise FormatError(
            "not a split manifest",
            expected="columns id, part",
            found=", ".join(table.column_names),
            hint="Split.save(path) writes one",
        )
    source = opened(rows)
    need_column(source.rows, "id", "by which the manifest knows it")
    table = unambiguous(table.cast(DIVISION))
    names: list[str] = [n for n in pc.unique(table["part"]).to_pylist() if n != UNASSIGNED]
    read = batches(source.rows, columns=["id"])
    ids = pa.chunked_array([text_column(batch, "id") for batch in read], pa.string())
    at = pc.index_in(ids, value_set=table["id"].combine_chunks())
    part = pc.index_in(table["part"], value_set=pa.array(names, pa.string()))
    place = pc.fill_null(part.take(at), len(names)).to_numpy().astype(np.int64)
    return divided(source, place, [*names, UNASSIGNED], {}, np.arange(len(ids)))


def _read(path: Path) -> pa.Table:
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path)
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line]
        if path.suffix == ".jsonl":
            return pa.Table.from_pylist([json.loads(line) for line in lines], DIVISION)
        import pyarrow.csv

        strings = pyarrow.csv.ConvertOptions(column_types=DIVISION)
        return pyarrow.csv.read_csv(path, convert_options=strings)
    except (ValueError, OSError, pa.ArrowInvalid) as error:
        raise FormatError(
            "the manifest cannot be read",
            file=path.name,
            found=str(error),
            hint="Split.save(path) writes .csv, .jsonl or .parquet",
        ) from error


def need_column(rows: Rows, column: str, why: str) -> None:
    """Check that rows have a column they are placed by.

    Raises:
        SchemaError: They lack it.
    """
    names = columns_of(rows)
    if names is not None and column not in names:
        raise SchemaError(
            f"every row needs {'an' if column[0] in 'aeiou' else 'a'} {column}, {why}",
            expected=f"a column {column!r}",
            found=", ".join(names),
            hint="pass rows as mk.load gives them, or add the column to yours",
        )
