"""Rows, whatever holds them: in batches of bounded size, and back again.

The verbs of this room take an Arrow table, a ``datasets.Dataset`` or a ``DatasetDict``; what
they give back is of the same kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.errors import SchemaError

if TYPE_CHECKING:
    import datasets

Rows: TypeAlias = "pa.Table | datasets.Dataset | datasets.DatasetDict"
"""What holds rows."""
RowsT = TypeVar("RowsT", "pa.Table", "datasets.Dataset", "datasets.DatasetDict")

MOST_ROWS, MOST_BYTES = 4096, 32 << 20


def batches(rows: Rows) -> Iterator[pa.RecordBatch]:
    """Give rows in order, in batches of at most 4,096 rows and, as far as rows allow, 32 MB.

    Raises:
        SchemaError: These are not rows we know how to read.

    Example:
        >>> [len(batch) for batch in batches(pa.table({"id": ["a"] * 5000}))]
        [4096, 904]
    """
    if isinstance(rows, pa.Table):
        for batch in rows.to_batches(max_chunksize=MOST_ROWS):
            yield from _small(_without_views(batch))
    elif splits := _splits(rows):
        for split in splits.values():
            yield from batches(split)
    elif _is_dataset(rows):
        for table in rows.with_format("arrow").iter(MOST_ROWS):
            yield from batches(table)
    else:
        raise SchemaError(
            "rows come as a pyarrow.Table, a datasets.Dataset or a DatasetDict",
            found=type(rows).__name__,
            hint="a streaming dataset goes through mk.apply(data, mk.Excluding(holdout)); "
            "pandas goes through pyarrow.Table.from_pandas",
        )


def _without_views(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give strings with offsets for views, which Arrow can neither take nor measure in part."""
    for i, column in enumerate(batch.schema):
        if pa.types.is_string_view(column.type):
            batch = batch.set_column(i, column.name, batch[i].cast(pa.large_string()))
    return batch


def _small(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    if batch.num_rows <= 1 or batch.nbytes <= MOST_BYTES:
        yield batch
    else:
        half = batch.num_rows // 2
        yield from _small(batch.slice(0, half))
        yield from _small(batch.slice(half))


def _splits(rows: object) -> dict[str, datasets.Dataset] | None:
    return rows if isinstance(rows, dict) else None


def _is_dataset(rows: object) -> bool:
    # By what it offers, so that `datasets` is not imported for the sake of a table.
    return hasattr(rows, "with_format") and hasattr(rows, "select")


def count(rows: Rows) -> int:
    """Count rows; those of all splits of a ``DatasetDict``.

    Example:
        >>> count(pa.table({"id": ["a", "b"]}))
        2
    """
    splits = _splits(rows)
    return sum(map(len, splits.values())) if splits is not None else len(rows)


def choose(rows: RowsT, keep: npt.NDArray[np.bool_]) -> RowsT:
    """Keep the marked rows, in order.

    Example:
        >>> choose(pa.table({"id": ["a", "b"]}), np.array([False, True])).to_pylist()
        [{'id': 'b'}]
    """
    if isinstance(rows, pa.Table):
        return rows if keep.all() else _filtered(rows, keep)
    splits = _splits(rows)
    if splits is None:
        return rows if keep.all() else rows.select(np.flatnonzero(keep))
    kept, at = {}, 0
    for name, split in splits.items():
        kept[name] = choose(split, keep[at : at + len(split)])
        at += len(split)
    return type(rows)(kept)


def _filtered(table: pa.Table, keep: npt.NDArray[np.bool_]) -> pa.Table:
    mask = pa.array(keep)
    columns = [column.cast(pa.large_string()).filter(mask).cast(column.type)
               if pa.types.is_string_view(column.type) else column.filter(mask)
               for column in table.columns]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=table.schema)


def pick(rows: Rows, places: npt.NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    """Give chosen rows; ``places`` increase, and count through all splits.

    Example:
        >>> table = pa.table({"id": ["a", "b", "c"]})
        >>> [batch["id"].to_pylist() for batch in pick(table, np.array([0, 2]))]
        [['a', 'c']]
    """
    if isinstance(rows, pa.Table):
        # Batch by batch: `take` on a table of many chunks would first copy them all into one.
        for batch, some in _shared_out(rows.to_batches(), places):
            whole = _without_views(batch)
            for at in range(0, len(some), MOST_ROWS):
                yield from _small(whole.take(pa.array(some[at : at + MOST_ROWS])))
    elif (splits := _splits(rows)) is not None:
        for split, some in _shared_out(splits.values(), places):
            yield from pick(split, some)
    else:
        for at in range(0, len(places), MOST_ROWS):
            yield from batches(rows.select(places[at : at + MOST_ROWS]))


_PartT = TypeVar("_PartT", bound=Sized)


def _shared_out(
    parts: Iterable[_PartT], places: npt.NDArray[np.int64]
) -> Iterator[tuple[_PartT, npt.NDArray[np.int64]]]:
    """Give each part that holds some of the places, and these, counted within it."""
    begin = 0
    for part in parts:
        low, high = np.searchsorted(places, (begin, begin + len(part)))
        if low < high:
            yield part, places[low:high] - begin
        begin += len(part)
