"""Rows in a Spark ``DataFrame``: worked on in Arrow batches, partition by partition."""

from __future__ import annotations

import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.engines.outcome import Outcome
from medqa_kit.core.threads import R
from medqa_kit.errors import ArgumentError

_OUTCOMES = "place int, rows int, outcome binary"
_RECEIVED: WeakKeyDictionary[Any, Any] = (
    WeakKeyDictionary()
)  # until Spark releases the value that was sent


@dataclass(frozen=True)
class SparkRows:
    """Rows that Spark holds.

    A row is known by its partition and its place in it, so the plan must give the same rows in the
    same order each time it runs, as reading files does; after a shuffle, persist the frame first.

    Attributes:
        frame: The ``DataFrame``.
    """

    frame: Any

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""
        return list(self.frame.columns)

    def __len__(self) -> int:
        return sum(self._sizes.values())

    def over_tables(self, work: Callable[[pa.Table], R]) -> Iterator[R]:
        """Run work on each batch in Spark's workers, and return the results in order.

        The work and its values are broadcast once. Spark keeps results until they are taken, so that all
        workers stay busy; the driver holds the results of two partitions.

        Raises:
            MedQAError: What the work raises.
        """
        outcomes = self._outcomes(work).persist()
        try:
            outcomes.count()
            for row in outcomes.toLocalIterator():
                yield pickle.loads(row["outcome"]).result()
        finally:
            outcomes.unpersist()

    def tables(self) -> Iterator[pa.Table]:
        """Fetch all rows, batch by batch, in order."""
        for row in self._outcomes(_itself).toLocalIterator(prefetchPartitions=True):
            yield pickle.loads(row["outcome"]).result()

    def where(self, keep: npt.NDArray[np.bool_]) -> SparkRows:
        """Keep the marked rows, in order, when they are read.

        Raises:
            RuntimeError: Within the job: the plan gives other rows than it gave before.
        """
        pieces = np.split(keep, np.cumsum(list(self._sizes.values()))[:-1])
        # There is one empty piece where no partition has rows.
        marks = self._broadcast(dict(zip(self._sizes, pieces, strict=bool(self._sizes))))

        def marked(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            return _marked(batches, marks().get(_partition(), np.zeros(0, np.bool_)))

        return SparkRows(_in_arrow(self.frame, marked, self.frame.schema))

    def mapped(self, work: Callable[[pa.Table], pa.Table]) -> SparkRows:
        """Run work on all rows when they are read; types that Spark lacks become the nearest of its types."""
        from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

        fields = work(to_arrow_schema(self.frame.schema).empty_table()).schema
        kept = from_arrow_schema(pa.schema([f.with_type(_in_spark(f.type)) for f in fields]))
        shared, schema = self._broadcast(work), to_arrow_schema(kept)

        def on_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                yield from shared()(pa.Table.from_batches([batch])).cast(schema).to_batches()

        return SparkRows(_in_arrow(self.frame, on_batches, kept))

    @cached_property
    def _sizes(self) -> dict[int, int]:
        """Count the rows of each partition that has any."""
        sizes: dict[int, int] = {}
        for row in self._outcomes(len).select("place", "rows").collect():
            sizes[row["place"]] = sizes.get(row["place"], 0) + row["rows"]
        return sizes

    def _outcomes(self, work: Callable[[pa.Table], Any]) -> Any:
        shared = self._broadcast(work)

        def on_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                outcome = pickle.dumps(Outcome.of(shared(), pa.Table.from_batches([batch])))
                columns = {
                    "place": pa.array([_partition()], pa.int32()),
                    "rows": pa.array([batch.num_rows], pa.int32()),
                    "outcome": pa.array([outcome], pa.binary()),
                }
                yield pa.RecordBatch.from_pydict(columns)

        return _in_arrow(self.frame, on_batches, _OUTCOMES)

    def _broadcast(self, value: Any) -> Callable[[], Any]:
        return broadcast_value(self.frame.sparkSession.sparkContext, value)


def _in_arrow(
    frame: Any, work: Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]], schema: Any
) -> Any:
    """Let Python work on the Arrow batches of a frame; null lists are sent as empty lists with a mark.

    For each null list, Spark goes back to the last list that is not null, so that the time for a batch of null
    lists grows with the square of its rows: 70 µs per row instead of 0.5, for ten thousand.
    """
    from pyspark.sql import functions
    from pyspark.sql.types import ArrayType

    fields, names = frame.schema.fields, list(frame.columns)
    if len(set(map(str.casefold, names))) < len(
        names
    ):  # of two columns with one name none can be selected
        return frame.mapInArrow(work, schema)
    columns = [functions.col(f"`{name.replace('`', '``')}`") for name in names]
    lists = [n for n, field in enumerate(fields) if field.nullable and isinstance(field.dataType, ArrayType)]  # fmt: skip
    marks = [columns[n].isNull() for n in lists]
    for n in lists:
        columns[n] = functions.coalesce(columns[n], functions.array().cast(fields[n].dataType))
    # Spark takes dots in names for paths.
    sent = [column.alias(f"column_{n}") for n, column in enumerate([*columns, *marks])]

    def as_they_were(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return work(_with_nulls(batch, names, lists) for batch in batches)

    return frame.select(*sent).mapInArrow(as_they_were, schema)


def _with_nulls(batch: pa.RecordBatch, names: list[str], lists: list[int]) -> pa.RecordBatch:
    """Name the columns, and set values to null by the columns of marks that follow them."""
    columns = batch.columns[: len(names)]
    for place, mask in zip(lists, batch.columns[len(names) :], strict=True):
        if mask.true_count:
            filled = columns[place]
            columns[place] = pa.ListArray.from_arrays(
                filled.offsets, filled.values, filled.type, mask=mask
            )
    return pa.RecordBatch.from_arrays(columns, names)


def broadcast_value(context: Any, value: Any) -> Callable[[], Any]:
    """Send a value to each worker of Spark once; the function that is returned gives the value there.

    Args:
        context: The ``SparkContext``.
        value: Anything that can be pickled.

    Raises:
        ArgumentError: The workers run another Python.
    """
    from pyspark import cloudpickle

    pickled: Any = cloudpickle  # without types
    _refuse_another_python(context)
    return partial(_received, context.broadcast(pickled.dumps(value)))


def _received(sent: Any) -> Any:
    """Load a broadcast value in a worker: once for all tasks of its process."""
    if sent not in _RECEIVED:
        _RECEIVED[sent] = pickle.loads(sent.value)
    return _RECEIVED[sent]


def _refuse_another_python(context: Any) -> None:
    """Check that the workers run this Python: Spark may use one of the system, which lacks this library.

    Raises:
        ArgumentError: It did.
    """
    chosen = os.environ.get("PYSPARK_PYTHON")
    if chosen or not context.master.startswith("local"):
        return
    fallback = shutil.which(context.pythonExec)
    if fallback is None or Path(fallback).parent != Path(sys.executable).parent:
        raise ArgumentError(
            "the workers of this Spark session run another Python", argument="rows",
            expected=f"PYSPARK_PYTHON={sys.executable}", found=f"{context.pythonExec} ({fallback})",
            hint="os.environ['PYSPARK_PYTHON'] = sys.executable, before the session starts",
        )  # fmt: skip


def _itself(table: pa.Table) -> pa.Table:
    return table


def _partition() -> int:
    from pyspark import TaskContext

    context = TaskContext.get()
    assert context is not None  # in a worker there always is one
    return int(context.partitionId())


def _marked(
    batches: Iterable[pa.RecordBatch], keep: npt.NDArray[np.bool_]
) -> Iterator[pa.RecordBatch]:
    begin = 0
    for batch in batches:
        marks = keep[begin : begin + batch.num_rows]
        begin += batch.num_rows
        if len(marks) == batch.num_rows:
            yield batch.filter(pa.array(marks))
    if begin != len(keep):
        raise RuntimeError(
            f"a partition has {begin:,} rows where it had {len(keep):,}: the plan of this frame gives "
            "other rows each time it runs; call persist() on it first"
        )


def _in_spark(kind: pa.DataType) -> pa.DataType:
    """Return the type in which Spark keeps values of a type; they are equal, whatever holds them."""
    types = pa.types
    if types.is_dictionary(kind):
        return _in_spark(kind.value_type)
    if types.is_large_string(kind) or types.is_string_view(kind):
        return pa.string()
    if types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return pa.binary()
    if types.is_unsigned_integer(kind):
        wider = {8: pa.int16(), 16: pa.int32(), 32: pa.int64()}
        return wider.get(kind.bit_width, pa.decimal128(20, 0))
    if types.is_float16(kind):
        return pa.float32()
    if types.is_struct(kind):
        return pa.struct([field.with_type(_in_spark(field.type)) for field in kind])
    if isinstance(kind, (pa.ListType, pa.LargeListType, pa.FixedSizeListType)):
        return pa.list_(kind.value_field.with_type(_in_spark(kind.value_type)))
    return kind
