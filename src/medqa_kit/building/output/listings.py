"""The rows that are not in a result, as Parquet: ``dropped`` and ``aside``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from medqa_kit.building.output.formats import ASIDE_FOLDER, DROPPED_FOLDER
from medqa_kit.building.output.shards import RowShards

DROPPED = pa.schema({
    "id": pa.string(), "source": pa.string(), "reason": pa.string(), "detail": pa.string(),
    "match": pa.string(),
})  # fmt: skip
"""A row that was read and left out. ``match`` is the id of the item it holds or of the copy that is kept;
null for other reasons."""

ASIDE = pa.schema({
    "source": pa.string(), "file": pa.string(), "row": pa.int64(), "reason": pa.string(),
    "detail": pa.string(), "content": pa.string(),
})  # fmt: skip
"""A raw row that never became one: where it stands, why, and its content, that of typed files
as JSON."""

_SHARD = 256_000_000


class DroppedRows:
    """The list of the rows that were left out; used as a context.

    Args:
        folder: Folder of the result.
    """

    def __init__(self, folder: Path) -> None:
        place = folder / DROPPED_FOLDER
        self._shards = RowShards({"parquet": place}, DROPPED, shard=_SHARD, always=True)

    def __enter__(self) -> DroppedRows:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._shards.finish()
        else:
            self._shards.abandon()

    def add(self, rows: pa.Table, reasons: pa.Table) -> None:
        """List rows.

        Args:
            rows: With ``id`` and ``source``.
            reasons: Of each row: ``reason``, ``detail`` and, where it is known, ``match``.
        """
        columns = {"id": rows["id"], "source": rows["source"], "reason": reasons["reason"],
                   "detail": reasons["detail"]}  # fmt: skip
        match = pa.nulls(rows.num_rows, pa.string())
        if "match" in reasons.column_names:
            match = reasons["match"]
        self._shards.write(pa.table({**columns, "match": match}))


def aside_rows(file: Path, source: str) -> pa.Table:
    """Read the list of rows that were set aside while a part was loaded; a loop over few rows.

    Args:
        file: JSON Lines as loading writes them.
        source: Name of the source.

    Returns:
        A table with the schema :data:`ASIDE`.
    """
    with file.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return pa.Table.from_pylist([
        {"source": source, "file": row["file"], "row": row["row"], "reason": row["reason"],
         "detail": row["message"], "content": row["content"]}
        for row in rows
    ], ASIDE)  # fmt: skip


def list_aside(folder: Path, rows: Iterable[pa.Table]) -> int:
    """Write the raw rows that were set aside while loading; nothing where there are none.

    Args:
        folder: Folder of the result.
        rows: With the schema :data:`ASIDE`.

    Returns:
        How many there are.
    """
    shards = RowShards({"parquet": folder / ASIDE_FOLDER}, ASIDE, shard=_SHARD)
    for table in rows:
        shards.write(table)
    shards.finish()
    return shards.rows
