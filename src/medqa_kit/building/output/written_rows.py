"""The rows of a finished result, read again file by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medqa_kit.building.output.formats import DROPPED_FOLDER, FileKind, Format

CHOSEN, REJECTED = "#chosen", "#rejected"
"""How the ids of the two records end that one preference becomes."""


@dataclass(frozen=True)
class WrittenRows:
    """The rows of a result in one format.

    Attributes:
        folder: Folder of the result.
        form: The format.
        splits: Records of each split, train first.
        files: Names of all files of the result.
    """

    folder: Path
    form: Format
    splits: Mapping[str, int]
    files: tuple[str, ...]

    @classmethod
    def of(cls, folder: Path, manifest: Mapping[str, Any]) -> tuple[WrittenRows, ...]:
        """Return the rows of a result in each of its formats; of one text, each says the same.

        Args:
            folder: Folder of the result.
            manifest: Its manifest.

        Raises:
            KeyError, TypeError, ArgumentError: It is no manifest of ours.
        """
        return tuple(
            cls(
                folder,
                Format.of_manifest(form),
                {split: facts["records"] for split, facts in form["splits"].items()},
                tuple(manifest["files"]),
            )
            for form in manifest["formats"].values()
        )

    @property
    def filled(self) -> Mapping[str, int]:
        """The splits that have rows; readers of other libraries take no others."""
        return {split: rows for split, rows in self.splits.items() if rows}

    def paths(self, split: str, kind: FileKind = "parquet") -> list[Path]:
        """Return the files of a split, in order."""
        return listed_paths(self.folder, self.files, f"{self.form.folders[kind]}/{split}")

    def tables(self, split: str) -> Iterator[pa.Table]:
        """Read the rows of a split, one row group at a time.

        Raises:
            OSError, pa.ArrowException: A file is absent or damaged.
        """
        return (group for path in self.paths(split) for group in row_groups(path))

    def lines(self, split: str, kind: FileKind) -> int:
        """Count the lines of a split.

        Raises:
            OSError: A file is absent or damaged.
        """
        return sum(self.file_lines(path, kind) for path in self.paths(split, kind))

    def file_lines(self, path: Path, kind: FileKind) -> int:
        """Count the lines of one file.

        Raises:
            OSError: It is absent or damaged.
        """
        packing, number = "zstd" if kind.endswith(".zst") else None, 0
        with pa.input_stream(str(path), compression=packing) as file:
            while block := file.read(1 << 20):
                number += block.count(b"\n")
        return number

    def of_rows(self, table: pa.Table) -> pa.Table:
        """Return one record of each row, under the id of the row: a preference may have become two."""
        if self.form.kind.needs != "unpaired":
            return table
        ids = table["id"]
        first = table.filter(pc.invert(pc.ends_with(ids, REJECTED)))
        plain = pc.replace_substring_regex(first["id"], f"{CHOSEN}$", "")
        return first.set_column(first.column_names.index("id"), "id", plain)


def dropped_tables(folder: Path, manifest: Mapping[str, Any]) -> Iterator[pa.Table]:
    """Read the list of the rows that were left out, one row group at a time.

    Raises:
        OSError, pa.ArrowException: A file is absent or damaged.
    """
    paths = listed_paths(folder, tuple(manifest["files"]), DROPPED_FOLDER)
    return (group for path in paths for group in row_groups(path))


def listed_paths(folder: Path, files: tuple[str, ...], place: str) -> list[Path]:
    """Return the listed files of a folder within the result, in order."""
    return [folder / name for name in sorted(files) if name.rpartition("/")[0] == place]


def row_groups(path: Path) -> Iterator[pa.Table]:
    """Read a Parquet file, one row group at a time.

    Raises:
        OSError, pa.ArrowException: It is absent or damaged.
    """
    return (group for _, group in placed_groups(path))


def placed_groups(
    path: Path, columns: Sequence[str] | None = None, *, ids: Sequence[str] | None = None
) -> Iterator[tuple[int, pa.Table]]:
    """Read a Parquet file, one row group at a time, each with the place of its first row.

    Args:
        path: The file.
        columns: Those to read; absent, all.
        ids: Ids that are looked for, or how they begin: a group whose first and last id in order leave no room
            for one is not read. Absent, all groups are.

    Raises:
        OSError, pa.ArrowException: It is absent or damaged.
    """
    wanted, begin = None if columns is None else list(columns), 0
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            facts = file.metadata.row_group(group)
            if ids is None or _may_hold(facts, ids):
                yield begin, file.read_row_group(group, columns=wanted)
            begin += facts.num_rows


def _may_hold(facts: Any, ids: Sequence[str]) -> bool:
    columns = (facts.column(at) for at in range(facts.num_columns))
    limits = next((column.statistics for column in columns if column.path_in_schema == "id"), None)
    if limits is None or not limits.has_min_max:
        return True
    return any(limits.min <= f"{id}\U0010ffff" and id <= limits.max for id in ids)
