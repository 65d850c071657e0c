"""Reads what a build wrote: the rows of its splits, and the lists of those that are not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def first_format(folder: Path) -> str:
    """Return the name of the first format of a result."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    return next(iter(manifest["formats"]))


def parquet_rows(folder: Path, split: str, form: str = "") -> pa.Table:
    """Return the rows of a split; of a split without rows, none."""
    place = folder / (form or first_format(folder))
    files = sorted((place / split).glob("part-*.parquet"))
    empty = pq.read_schema(next((place / "train").glob("part-*.parquet"))).empty_table()
    return pa.concat_tables([empty, *map(pq.read_table, files)])


def json_text(folder: Path, split: str, form: str = "") -> bytes:
    """Return the JSON Lines of a split as they stand in its files."""
    place = folder / f"{form or first_format(folder)}_jsonl" / split
    return b"".join(file.read_bytes() for file in sorted(place.glob("part-*.jsonl")))


def json_rows(folder: Path, split: str, form: str = "") -> list[dict[str, Any]]:
    """Return the rows of a split, read from JSON Lines."""
    return [json.loads(line) for line in json_text(folder, split, form).decode().splitlines()]


def kept_rows(folder: Path) -> list[dict[str, Any]]:
    """Return all rows, train first."""
    return json_rows(folder, "train") + json_rows(folder, "validation")


def listed_rows(folder: Path, listing: str = "dropped") -> list[dict[str, Any]]:
    """Return the rows that were ``dropped``, or set ``aside`` while they were loaded."""
    tables = [pq.read_table(file) for file in sorted((folder / listing).iterdir())]
    return pa.concat_tables(tables).to_pylist()


def file_bytes(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a folder by its name within it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
