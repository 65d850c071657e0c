"""The places of rows in the files of a result, found by their ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medqa_kit.building.output.file_digests import MANIFEST
from medqa_kit.building.output.format_files import TRAIN
from medqa_kit.building.output.formats import DROPPED_FOLDER, ENTRY, FileKind
from medqa_kit.building.output.listings import DROPPED
from medqa_kit.building.output.written_rows import (
    CHOSEN,
    REJECTED,
    WrittenRows,
    listed_paths,
    placed_groups,
)
from medqa_kit.building.written_manifest import no_manifest, sound_manifest
from medqa_kit.core.stored import sha256_of
from medqa_kit.errors import ArgumentError, FormatError

_HALF, _COPY = f"({CHOSEN}|{REJECTED})$", r"#\d+$"
ROW_MARK = rf"({CHOSEN}|{REJECTED}|#\d+)$"
"""How the id of a further copy of a row, or of half of a preference, ends behind the id of the row."""


@dataclass(frozen=True)
class RowPlace:
    """Where a record of a row stands.

    Attributes:
        id: Its id there: that of the row, with ``#2`` and so on for further copies that a mix takes, and
            with ``#chosen`` or ``#rejected`` for the halves of a preference.
        format: Name of the format.
        split: The split.
        file: The file, within the result.
        row: Its place in the file, counted from 0; in JSON Lines it is one line less.
        entry: What the recipe calls the entry of its source that it is of, where the source has several.
    """

    id: str
    format: str
    split: str
    file: str
    row: int
    entry: str | None = None

    def __str__(self) -> str:
        where = f"line {self.row + 1:,}" if ".jsonl" in self.file else f"row {self.row + 1:,}"
        return f"{self.file}, {where}"


@dataclass(frozen=True)
class FinishedResult:
    """The folder of a finished result, and its manifest, which nobody edited.

    Attributes:
        folder: The folder.
        manifest: Content of its manifest.
        formats: The rows in each format.
    """

    folder: Path
    manifest: Mapping[str, Any]
    formats: tuple[WrittenRows, ...]

    @classmethod
    def read(cls, folder: Path) -> FinishedResult:
        """Read the manifest of a result.

        Raises:
            WrongFilesError: There is no result.
            FormatError: Its manifest is none, or was edited.
            StorageError: It cannot be read.
        """
        manifest = sound_manifest(folder)
        try:
            formats = WrittenRows.of(folder, manifest)
            _ = [(each["name"], each["parts"].keys()) for each in manifest["sources"]]
            _ = [ingredient["name"] for ingredient in manifest["recipe"]["sources"]]
            read = sum(each["read"] for each in manifest["sources"])
            if not formats or read != manifest["totals"]["read"]:
                raise KeyError(f"formats, or sources with {read:,} rows together")
        except (KeyError, TypeError, AttributeError, ArgumentError) as error:
            raise no_manifest(folder, error) from error
        return cls(folder, manifest, formats)

    @contextmanager
    def whole_file(self, path: Path) -> Iterator[None]:
        """Read a file within the block: one that is absent, cut or damaged is an error.

        Raises:
            FormatError: It is not as it was built.
        """
        try:
            built = self.manifest["files"][path.relative_to(self.folder).as_posix()]["bytes"]
            if (size := path.stat().st_size) != built:
                raise OSError(f"{size:,} bytes, built were {built:,}")
            yield
        except (OSError, pa.ArrowException, KeyError) as error:
            raise FormatError("a file of the result is not as it was built", file=str(path),
                              expected=f"the rows that {MANIFEST} lists", found=str(error) or type(error).__name__,
                              hint="mk.verify(out) lists what changed; build the result anew") from error  # fmt: skip

    def refuse_changed(self, formats: Sequence[WrittenRows]) -> None:
        """Compare the files of the rows of formats, and the list of those left out, with their digests.

        Raises:
            FormatError: One is not as it was built, be its size the same.
        """
        paths = [path for rows in formats for split in rows.splits for path in rows.paths(split)]
        for path in [*paths, *listed_paths(self.folder, tuple(self.manifest["files"]), DROPPED_FOLDER)]:  # fmt: skip
            with self.whole_file(path):
                built = self.manifest["files"][path.relative_to(self.folder).as_posix()]["sha256"]
                if sha256_of(path) != built:
                    raise OSError("other bytes, as many as were built")

    def columns(
        self, rows: WrittenRows, split: str, names: Sequence[str] | None = None
    ) -> Iterator[tuple[Path, pa.Table]]:
        """Read columns of a split, or all, one row group at a time, each with its file.

        Raises:
            FormatError: A file is not as it was built.
        """
        for path in rows.paths(split):
            yield from ((path, group) for _, group in self.groups(path, names))

    def dropped(self, ids: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Read the list of the rows that were left out, one row group at a time.

        Args:
            ids: Ids that are looked for; absent, all rows are read.

        Raises:
            FormatError: A file is not as it was built.
        """
        for path in listed_paths(self.folder, tuple(self.manifest["files"]), DROPPED_FOLDER):
            yield from (group for _, group in self.groups(path, DROPPED.names, ids=ids))

    def groups(
        self, path: Path, names: Sequence[str] | None, *, ids: Sequence[str] | None = None
    ) -> Iterator[tuple[int, pa.Table]]:
        """Read columns of a file, or all, one row group at a time, each with the place of its first row.

        Args:
            path: The file.
            names: The columns.
            ids: Ids that are looked for, or how they begin; absent, all groups are read.

        Raises:
            FormatError: The file is not as it was built.
        """
        groups = placed_groups(path, names, ids=ids)
        while True:
            with self.whole_file(path):
                placed = next(groups, None)
                if placed is None:
                    return
                _ = [placed[1][name] for name in names or ()]
            yield placed

    def plain_ids(self, rows: WrittenRows, ids: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the ids of the rows that records were made of, without the marks of halves and copies."""
        if rows.form.kind.needs == "unpaired":
            ids = pc.replace_substring_regex(ids, _HALF, "")
        if any(each.get("repeated") for each in self.manifest["sources"]):
            ids = pc.replace_substring_regex(ids, _COPY, "")
        return ids


def row_places(result: FinishedResult, ids: Sequence[str]) -> dict[str, list[RowPlace]]:
    """Find rows in all files of a result; a loop over ids that were asked for, and few.

    Args:
        result: The result.
        ids: Of rows.

    Returns:
        The places of each id that is in the result: format by format, in each kind of files.

    Raises:
        FormatError: A file is absent, cut or damaged, so that nothing can be said of a row.
    """
    places: dict[str, list[RowPlace]] = defaultdict(list)
    wanted = pa.array(ids, pa.string())
    for rows in result.formats:
        for split in rows.splits:
            at = _matches(result, rows, split, wanted)
            for kind in rows.form.write if len(at) else ():
                files = _files(result, rows, split, kind)
                for row, name, plain, entry in at:
                    path, begin = max((f for f in files if f[1] <= row), key=lambda f: f[1])
                    file = path.relative_to(result.folder).as_posix()
                    places[plain].append(
                        RowPlace(name, rows.form.name, split, file, row - begin, entry)
                    )
    return places


def _matches(
    result: FinishedResult, rows: WrittenRows, split: str, wanted: pa.Array
) -> list[tuple[int, str, str, str | None]]:
    """Return of each record wanted its place in the split, its id, that of its row, and its entry."""
    matches, begin = [], 0
    entries, several = _entries_in_order(result, rows, split), _of_several(result)
    for path in rows.paths(split):
        with result.whole_file(path):
            facts = pq.read_metadata(path)
            told = ENTRY in facts.schema.to_arrow_schema().names
        for place, table in result.groups(path, ["id", *[ENTRY] * told], ids=wanted.to_pylist()):
            with result.whole_file(path):
                ids = table["id"].cast(pa.string())
            plain = result.plain_ids(rows, ids)
            for names in (plain, ids):  # an id may end like that of a copy
                at = np.flatnonzero(pc.is_in(names, value_set=wanted).to_numpy())
                for row in at.tolist():  # few
                    entry = table[ENTRY][row].as_py() if told else entries(begin + place + row)
                    matches.append((begin + place + row, ids[row].as_py(), names[row].as_py(),
                                    entry if entry in several else None))  # fmt: skip
        begin += facts.num_rows
    if begin != rows.splits[split]:
        raise FormatError("a split has other rows than were written", file=f"{result.folder}/{rows.form.name}/{split}",
                          expected=f"{rows.splits[split]:,} rows", found=f"{begin:,}",
                          hint="mk.verify(out) lists what changed; build the result anew")  # fmt: skip
    return sorted(dict.fromkeys(matches), key=lambda match: match[:3])


def _entries_in_order(
    result: FinishedResult, rows: WrittenRows, split: str
) -> Callable[[int], str | None]:
    """Return what tells the entry of a row of a split by its place: rows are in the order of the entries, but in a mix."""
    entries = result.manifest["sources"]
    ends = np.cumsum([each[split] for each in entries])
    if (split == TRAIN and "mix" in result.manifest) or int(ends[-1]) != rows.splits[split]:
        return lambda row: (
            None
        )  # of a mix rows say it; of preferences in halves there are more records

    def entry(row: int) -> str | None:
        of = entries[int(np.searchsorted(ends, row, side="right"))]
        return str(of.get("as", of["name"]))

    return entry


def _of_several(result: FinishedResult) -> set[str]:
    """Return what the recipe calls the entries of sources that it lists several times."""
    entries = result.manifest["sources"]
    names = [each["name"] for each in entries]
    return {each.get("as", each["name"]) for each in entries if names.count(each["name"]) > 1}


def _files(
    result: FinishedResult, rows: WrittenRows, split: str, kind: FileKind
) -> list[tuple[Path, int]]:
    """Return the files of a split, each with the place of its first row."""
    files, begin = [], 0
    for path in rows.paths(split, kind):
        files.append((path, begin))
        with result.whole_file(path):
            parquet = kind == "parquet"
            begin += pq.read_metadata(path).num_rows if parquet else rows.file_lines(path, kind)
    return files
