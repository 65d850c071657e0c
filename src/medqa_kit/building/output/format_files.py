"""Rows in all formats of a result, written in one pass: a row is in each of them or in none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from medqa_kit.building.output.format_records import BROKEN, FormatRecords, format_records
from medqa_kit.building.output.formats import (
    ENTRY,
    EPOCH,
    SHOTS,
    TRACE,
    FileKind,
    Format,
    checked_formats,
)
from medqa_kit.building.output.shards import RowShards
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.ragged import Ints, widen
from medqa_kit.core.selection import choose
from medqa_kit.schemas import SCHEMAS
from medqa_kit.training.records import Record

TRAIN = "train"
"""The split that is always there, even without rows."""

SPLITS = (TRAIN, "validation")
"""The splits of a result."""
_KEPT = (*TRACE, EPOCH, SHOTS, ENTRY)  # columns that Parquet files carry besides the record


class RowRecords(NamedTuple):
    """The records of a batch of rows in all formats.

    Attributes:
        made: Of each format the records, and of which row each is.
        broken: The rows that are in no format, with the schema
            :data:`~medqa_kit.building.output.format_records.BROKEN`.
    """

    made: list[tuple[pa.Table, Ints]]
    broken: pa.Table


class FormatFiles:
    """The files of kept rows, in all formats and splits.

    Used as a context: the files get their names when it ends well.

    Args:
        folder: Folder of the result; each format makes its own in it.
        formats: What to write.
        schemas: Of the tables to come: each of those that :meth:`write` is given has one of them.
        always: Whether to write files without rows where no row comes, which say the columns.

    Raises:
        ArgumentError: Formats that cannot be written side by side.
        FormattingError: Rows of a schema cannot become records of a format.
    """

    def __init__(
        self,
        folder: Path,
        formats: Sequence[Format],
        *,
        schemas: Iterable[pa.Schema],
        always: bool = True,
    ) -> None:
        known = list(schemas)
        self._always = always
        self._forms = [_Form(folder, form, known) for form in checked_formats(formats)]

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
        records = self.records(rows)
        self.put(records, split)
        return records.broken

    def records(self, rows: pa.Table) -> RowRecords:
        """Make the records of a batch of rows in every format; this may go on in several threads.

        Args:
            rows: As :meth:`write` takes them.
        """
        if not rows.num_rows:
            return RowRecords([], BROKEN.empty_table())
        batches = [form.records(rows) for form in self._forms]
        broken = first_of_each(pa.concat_tables([batch.broken for batch in batches]))
        stays = np.ones(rows.num_rows, bool)
        stays[broken["row"].to_numpy()] = False
        batches_of_records = []
        for batch in batches:
            stay = stays[batch.places]
            batches_of_records.append((choose(batch.made, stay), batch.places[stay]))
        return RowRecords(batches_of_records, broken)

    def put(self, records: RowRecords, split: str, *, at: Ints | None = None) -> None:
        """Write records that :meth:`records` made.

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
    """One format: its kernel, and the files of each split."""

    def __init__(self, folder: Path, form: Format, schemas: list[pa.Schema]) -> None:
        self.format = form
        self._folder = folder
        kernels = [self._kernel(schema) for schema in schemas]
        self.schema = _together(
            kernel(schema.empty_table()).schema
            for kernel, schema in zip(kernels, schemas, strict=True)
        )
        self.splits: dict[str, RowShards] = {}
        self.waiting: list[tuple[pa.Table, Ints]] = []

    def _kernel(self, schema: pa.Schema) -> Record:
        return self.format.kernel(keep=[name for name in _KEPT if name in schema.names])

    def split(self, name: str) -> RowShards:
        if name not in self.splits:
            self.splits[name] = split_files(self._folder, self.format, name, self.schema)
        return self.splits[name]

    def records(self, rows: pa.Table) -> FormatRecords:
        records = format_records(rows, self._kernel(rows.schema))
        return records._replace(made=_fitted(records.made, self.schema))

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


def viewed_schemas(
    views: Iterable[RowView], *, epochs: bool = False, entries: bool = False
) -> list[pa.Schema]:
    """Return the schemas of what rows become by some views, each once.

    Args:
        views: The views.
        epochs: Whether rows say of which epoch they are, since there are several.
        entries: Whether they say of which entry of the recipe they are, since one source has several.
    """
    schemas = [view(SCHEMAS[view.schema].empty_table())[0].schema for view in views]
    schemas = (
        [schema.append(pa.field(EPOCH, pa.int32())) for schema in schemas] if epochs else schemas
    )
    schemas = (
        [schema.append(pa.field(ENTRY, pa.string())) for schema in schemas] if entries else schemas
    )
    return [schema for at, schema in enumerate(schemas) if schema not in schemas[:at]]


def first_of_each(broken: pa.Table) -> pa.Table:
    """Return the first line of each row, in the order of the rows.

    Args:
        broken: With the schema :data:`~medqa_kit.building.output.format_records.BROKEN`.
    """
    _, first = np.unique(broken["row"].to_numpy(), return_index=True)
    return broken.take(pa.array(first))


def _together(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """Return a schema that has the columns, and the fields of messages, of all."""
    fields: dict[str, pa.DataType] = {}
    for schema in schemas:
        for field in schema:
            fields[field.name] = _wider(fields.get(field.name, field.type), field.type)
    return pa.schema(fields)


def _wider(left: pa.DataType, right: pa.DataType) -> pa.DataType:
    if left == right or not (_lists_messages(left) and _lists_messages(right)):
        return left
    names = {field.name for field in left.value_type}
    return pa.list_(
        pa.struct([*left.value_type, *(f for f in right.value_type if f.name not in names)])
    )


def _lists_messages(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) and pa.types.is_struct(kind.value_type))


def _fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with the columns of a schema; what it lacks is null."""
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.nulls(table.num_rows, field.type))
        elif table[field.name].type == field.type or not _lists_messages(field.type):
            columns.append(table[field.name].cast(field.type))
        else:
            columns.append(widen(whole(table[field.name]), field.type.value_type))
    return pa.table(columns, schema=schema)
