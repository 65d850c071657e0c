"""The records of a batch of rows, in one format and in all of them, and the rows that cannot be records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.output.formats import ENTRY, EPOCH, SHOTS, TRACE, Format, checked_formats
from medqa_kit.building.output.listings import DROPPED
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.ragged import Ints, widen
from medqa_kit.core.report import Report
from medqa_kit.core.selection import choose
from medqa_kit.schemas import SCHEMAS
from medqa_kit.training.records import Record

_KEPT = (*TRACE, EPOCH, SHOTS, ENTRY)  # columns that Parquet files carry besides the record

BROKEN = pa.schema({"row": pa.int64(), **{name: DROPPED.field(name).type
                                          for name in ("reason", "detail", "match")}})  # fmt: skip
"""Rows of a batch that are in no format: the place in the batch, and what the list of the dropped says."""


class FormatRecords(NamedTuple):
    """The records of a batch of rows in one format.

    Attributes:
        made: The records.
        places: Of the row that each is made of.
        broken: The rows that cannot be records, with the schema :data:`BROKEN`.
    """

    made: pa.Table
    places: Ints
    broken: pa.Table


def format_records(rows: pa.Table, kernel: Record) -> FormatRecords:
    """Make the records of a batch of rows.

    Args:
        rows: Of one schema.
        kernel: Of the format; it leaves bad rows out.
    """
    table, report = kernel.run(rows)
    broken = _broken(report)
    good = np.ones(rows.num_rows, bool)
    good[broken["row"].to_numpy()] = False
    places = np.flatnonzero(good)
    # A preference becomes two records.
    times = table.num_rows // len(places) if len(places) else 1
    return FormatRecords(table, np.repeat(places, times), broken)


def _broken(report: Report) -> pa.Table:
    """Return the rows that cannot be records, each with the first rule it breaks."""
    at = report.findings["row"].unique()
    first = report.findings.take(pc.index_in(at, value_set=report.findings["row"]))
    reason = pc.binary_join_element_wise("record", first["code"], "_")
    return pa.table(
        [at.cast(pa.int64()), reason, first["detail"], pa.nulls(len(at), pa.string())],
        schema=BROKEN,
    )


class RowRecords(NamedTuple):
    """The records of a batch of rows in all formats.

    Attributes:
        made: Of each format the records, and of which row each is.
        broken: The rows that are in no format, with the schema
            :data:`~medqa_kit.building.output.format_records.BROKEN`.
    """

    made: list[tuple[pa.Table, Ints]]
    broken: pa.Table


class RecordMaker:
    """Makes the records of rows in all formats: a row is in each of them or in none.

    Args:
        formats: What is made.
        schemas: Of the tables to come, each of which has one of them.

    Raises:
        ArgumentError: Formats that cannot be written side by side.
        FormattingError: Rows of a schema cannot become records of a format.
    """

    def __init__(self, formats: Sequence[Format], schemas: Iterable[pa.Schema]) -> None:
        known = list(schemas)
        self.formats = [_FormatMaker(form, known) for form in checked_formats(formats)]

    def __call__(self, rows: pa.Table) -> RowRecords:
        """Make the records of a batch of rows; this may go on in several threads.

        Args:
            rows: Rows with ``id``, ``source`` and ``family``, of one of the schemas.
        """
        if not rows.num_rows:
            return RowRecords([], BROKEN.empty_table())
        batches = [make(rows) for make in self.formats]
        broken = first_of_each(pa.concat_tables([batch.broken for batch in batches]))
        stays = np.ones(rows.num_rows, bool)
        stays[broken["row"].to_numpy()] = False
        batches_of_records = []
        for batch in batches:
            stay = stays[batch.places]
            batches_of_records.append((choose(batch.made, stay), batch.places[stay]))
        return RowRecords(batches_of_records, broken)


class _FormatMaker:
    """Makes the records of one format, all with the same columns."""

    def __init__(self, form: Format, schemas: Sequence[pa.Schema]) -> None:
        self.format = form
        self.schema = _together(
            self._kernel(schema)(schema.empty_table()).schema for schema in schemas
        )

    def __call__(self, rows: pa.Table) -> FormatRecords:
        records = format_records(rows, self._kernel(rows.schema))
        return records._replace(made=_fitted(records.made, self.schema))

    def _kernel(self, schema: pa.Schema) -> Record:
        return self.format.kernel(keep=[name for name in _KEPT if name in schema.names])


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
