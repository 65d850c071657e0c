"""Choose some of the rows of any container."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from medqa_kit.core.apply import apply
from medqa_kit.core.arrow.columns import contiguous, type_without_views
from medqa_kit.core.arrow.row_arrays import value_places
from medqa_kit.core.engines.dataset_rows import RowPicker, row_picker
from medqa_kit.core.engines.known import EngineRows
from medqa_kit.core.holders import MOST_ROWS, RowsT, batches, bounded, count, is_stream, splits_of
from medqa_kit.errors import ArgumentError

_PartT = TypeVar("_PartT")
_TableT = TypeVar("_TableT", pa.Table, pa.RecordBatch)
_MANY = 1 << 20  # rows: for a moment ``Dataset.select`` has their places in memory three times


def choose(rows: RowsT, keep: npt.NDArray[np.bool_]) -> RowsT:
    """Keep the marked rows, in order.

    Args:
        rows: What :func:`opened` returned. Rows of a stream are found by their ``id``.
        keep: ``bool[n]``: one value per row; the rows of all splits count as one sequence.

    Raises:
        ArgumentError: A stream has no ids, or a row to keep and a row to drop have the same id.

    Example:
        >>> choose(pa.table({"id": ["a", "b"]}), np.array([False, True])).to_pylist()
        [{'id': 'b'}]
    """
    anything: Any = rows
    if keep.all():
        return rows
    if isinstance(anything, pa.Table):
        return cast(RowsT, filtered(anything, keep))
    if isinstance(anything, EngineRows):
        return cast(RowsT, anything.where(keep))
    if (splits := splits_of(anything)) is not None:
        kept, begin = {}, 0
        for name, split in splits.items():
            size = count(split)
            kept[name] = choose(split, keep[begin : begin + size])
            begin += size
        return cast(RowsT, type(anything)(kept))
    if is_stream(anything):
        return cast(RowsT, apply(anything, WithoutIds(_dropped_ids(anything, keep))))
    return cast(RowsT, _marked(anything, keep))


def _marked(data: Any, keep: npt.NDArray[np.bool_]) -> Any:
    """Select the marked rows of a ``Dataset``; the places of many rows lie in a file."""
    places = value_places(keep, True)
    plain = data.format["type"] is None and data.format["columns"] == data.column_names
    if data._indices is not None or not plain or len(places) < _MANY:
        return data.select(places)
    import datasets

    name = f"{data._fingerprint}/{xxhash.xxh3_128_hexdigest(np.packbits(keep).data)}"
    indices = pa.array(places.view(np.uint64))
    return datasets.Dataset(
        data.data, info=data.info.copy(), split=data.split,
        indices_table=datasets.table.InMemoryTable.from_arrays([indices], names=["indices"]),
        fingerprint=xxhash.xxh3_64_hexdigest(name.encode()),
    )  # fmt: skip


def filtered(table: pa.Table, keep: npt.NDArray[np.bool_]) -> pa.Table:
    """Keep the marked rows of a table; its types stay.

    Example:
        >>> filtered(pa.table({"id": ["a", "b"]}), np.array([True, False])).to_pylist()
        [{'id': 'a'}]
    """
    mask = pa.array(keep)
    columns = [
        column.filter(mask)
        if (kind := type_without_views(column.type)) == column.type
        else column.cast(kind).filter(mask).cast(column.type)
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


@dataclass(frozen=True)
class WithoutIds:
    """Kernel that leaves out the rows with certain ids.

    Attributes:
        ids: ``string[n]``.
    """

    ids: pa.Array

    def __call__(self, table: pa.Table) -> pa.Table:
        """Keep the other rows."""
        return table.filter(pc.invert(pc.is_in(table["id"].cast(pa.string()), value_set=self.ids)))


def _dropped_ids(rows: Any, keep: npt.NDArray[np.bool_]) -> pa.Array:
    names = [batch["id"].cast(pa.string()) for batch in batches(rows, columns=["id"])
             if "id" in batch.schema.names]  # fmt: skip
    ids = pa.chunked_array(names, pa.string())
    dropped = ids.filter(pa.array(~keep)).unique() if len(ids) == len(keep) else None
    both = (
        dropped is not None
        and pc.any(pc.is_in(ids.filter(pa.array(keep)), value_set=dropped)).as_py()
    )
    if dropped is None or dropped.null_count or both:
        raise ArgumentError(
            "the rows of this stream cannot be told apart", argument="rows",
            expected="a column 'id' with a value of its own for each row",
            found="no ids" if dropped is None else "nulls or repeated ids",
            hint="load without streaming=True, or give the rows ids",
        )  # fmt: skip
    return dropped


def picked_rows(
    rows: Any, places: npt.NDArray[np.int64], *, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """Return chosen rows in batches.

    Args:
        rows: What :func:`opened` returned.
        places: Positions, in increasing order, counted through all splits.
        columns: The columns to read; absent ones are passed over. All by default, and where all of them are absent.

    Example:
        >>> table = pa.table({"id": ["a", "b", "c"]})
        >>> [batch["id"].to_pylist() for batch in picked_rows(table, np.array([0, 2]))]
        [['a', 'c']]
    """
    if isinstance(rows, pa.Table):
        # Batch by batch: `take` on a table of many chunks would first copy them all into one.
        for batch, near in _shared_out(_narrowed(rows, columns).to_batches(), places):
            whole = contiguous(pa.Table.from_batches([batch]))
            for begin in range(0, len(near), MOST_ROWS):
                chosen = whole.take(pa.array(near[begin : begin + MOST_ROWS]))
                yield from bounded(pa.Table.from_batches([chosen]))
    elif (splits := splits_of(rows)) is not None:
        for split, near in _shared_out(splits.values(), places):
            yield from picked_rows(split, near, columns=columns)
    elif isinstance(rows, EngineRows):
        keep = np.zeros(len(rows), np.bool_)
        keep[places] = True
        yield from batches(rows.where(keep))
    elif is_stream(rows):
        for batch, near in _shared_out(batches(rows), places):
            yield _narrowed(batch, columns).take(pa.array(near))
    else:
        known = [name for name in columns or () if name in rows.column_names]
        pick = RowPicker(rows, known) if known else row_picker(rows)
        for begin in range(0, len(places), MOST_ROWS):
            yield from bounded(pick(places[begin : begin + MOST_ROWS]))


def _narrowed(rows: _TableT, columns: Sequence[str] | None) -> _TableT:
    names = [name for name in columns or () if name in rows.schema.names]
    return rows.select(names) if names else rows


def _shared_out(
    parts: Iterable[_PartT], places: npt.NDArray[np.int64]
) -> Iterator[tuple[_PartT, npt.NDArray[np.int64]]]:
    """Return each part with some of the places, and these places counted within the part."""
    begin = 0
    for part in parts:
        size = count(part) if not isinstance(part, pa.RecordBatch) else part.num_rows
        low, high = np.searchsorted(places, (begin, begin + size))
        if low < high:
            yield part, places[low:high] - begin
        begin += size
