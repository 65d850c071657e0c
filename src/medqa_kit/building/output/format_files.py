"""Write rows in all formats of a result in one pass: a row is in each of them or in none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from medqa_kit.building.output.format_records import RecordMaker, RowRecords
from medqa_kit.building.output.formats import FileKind, Format
from medqa_kit.building.output.shards import RowShards
from medqa_kit.core.arrow.ragged import Ints

TRAIN = "train"
"""The split that is always there, even without rows."""

SPLITS = (TRAIN, "validation")
"""The splits of a result."""


class FormatFiles:
    """The files of kept rows, in all formats and splits.

    Used as a context: the files get their names when it ends well.

    Args:
        folder: Folder of the result; each format makes its own in it.
        maker: Makes the records.
        always: Whether to write files without rows where no row comes, which say the columns.
    """

    def __init__(self, folder: Path, maker: RecordMaker, *, always: bool = True) -> None:
        self._maker, self._always = maker, always
        self._forms = [_Form(folder, records.format, records.schema) for records in maker.formats]

    def __enter__(self) -> FormatFiles:
        for form in self._forms if self._always else ():
            form.split(TRAIN)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        shards = [shards for form in self._forms for shards in form.splits.values()]
        for split in shards:
            if kind is None:
                split.finish()
            else:
                split.abandon()

    def write(self, rows: pa.Table, split: str) -> pa.Table:
        """Write a batch of kept rows to a split, in every format.

        Args:
            rows: Rows with ``id``, ``source`` and ``family``, of one of the schemas.
            split: Where they go.

        Returns:
            The rows that are in no format, since one format cannot hold them, with the schema
            :data:`~medqa_kit.building.output.format_records.BROKEN`.
        """
        records = self._maker(rows)
        self.put(records, split)
        return records.broken

    def put(self, records: RowRecords, split: str, *, at: Ints | None = None) -> None:
        """Write records that were made.

        Args:
            records: Of a batch of rows.
            split: Where they go.
            at: ``int64[rows]``: which place each has among those that are written until :meth:`in_order`, where
                rows of several schemas stand in turn; absent, they are written as they come.
        """
        for form, (records_of_form, places) in zip(
            self._forms, records.made, strict=bool(records.made)
        ):
            if at is None:
                form.split(split).write(records_of_form)
            else:
                form.waiting.append((records_of_form, at[places]))

    def in_order(self, split: str) -> None:
        """Write the rows that wait for others, in the order of their places."""
        for form in self._forms:
            if form.waiting:
                tables, places = zip(*form.waiting, strict=True)
                form.waiting = []
                order = np.argsort(np.concatenate(places), kind="stable")
                rows = pa.concat_tables(tables)
                in_turn = bool((order[1:] > order[:-1]).all())
                form.split(split).write(rows if in_turn else rows.take(pa.array(order)))

    def written(self) -> dict[str, Any]:
        """Say for the manifest what was written: folders, records and shards of each format."""
        return {form.format.name: form.described() for form in self._forms}


class _Form:
    """One format, and its files of each split."""

    def __init__(self, folder: Path, form: Format, schema: pa.Schema) -> None:
        self.format, self.schema, self._folder = form, schema, folder
        self.splits: dict[str, RowShards] = {}
        self.waiting: list[tuple[pa.Table, Ints]] = []

    def split(self, name: str) -> RowShards:
        if name not in self.splits:
            self.splits[name] = split_files(self._folder, self.format, name, self.schema)
        return self.splits[name]

    def described(self) -> dict[str, Any]:
        counts = {name: ShardCount.of(shards) for name, shards in self.splits.items()}
        return described_format(self.format, counts)


def split_files(folder: Path, form: Format, split: str, schema: pa.Schema) -> RowShards:
    """Return the files of one split in one format, to write to.

    Args:
        folder: Folder of the result.
        form: The format.
        split: Name of the split.
        schema: Of the Parquet files.
    """
    folders = {kind: folder / place / split for kind, place in form.folders.items()}
    return RowShards(folders, schema, shard=form.shard, lines=form.lines(schema.names),
                     always=split == TRAIN)  # fmt: skip


class ShardCount(NamedTuple):
    """What was written of one split in one format.

    Attributes:
        records: How many.
        shards: How many files of each kind.
    """

    records: int
    shards: Mapping[FileKind, int]

    @classmethod
    def of(cls, shards: RowShards) -> ShardCount:
        """Return what was written so far."""
        return cls(shards.rows, shards.shards)


def described_format(form: Format, splits: Mapping[str, ShardCount]) -> dict[str, Any]:
    """Say for the manifest what was written in a format."""
    return {
        **form.as_data(),
        "folders": form.folders,
        "splits": {
            name: {"records": count.records, "shards": dict(count.shards)}
            for name, count in splits.items()
            if count.records or name == TRAIN
        },
    }
