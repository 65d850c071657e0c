"""Take list columns apart into values and offsets, and put them together again with the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import Column, list_lengths, whole

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LIST_VIEWS = (pa.ListViewType, pa.LargeListViewType)
"""Types of lists whose values lie in any order."""
IntT = TypeVar("IntT", bound=np.integer[Any])


def distinct(values: npt.NDArray[IntT]) -> npt.NDArray[IntT]:
    """Return the distinct values in order: ``numpy.unique``, by sorting.

    NumPy 2.3 and later hash integers, which takes twenty times as long where most of them differ.

    Args:
        values: Integers, ``[n]``.

    Example:
        >>> distinct(np.array([3, 1, 3])).tolist()
        [1, 3]
    """
    ordered = np.sort(values)
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


class Flat(NamedTuple):
    """A list column taken apart: ``values[starts[i]:ends[i]]`` is row i; no values lie between rows."""

    values: pa.Array
    starts: Ints
    ends: Ints

    @property
    def parents(self) -> Ints:
        """The row each value belongs to."""
        return np.repeat(np.arange(len(self.starts)), self.ends - self.starts)

    def rows(self, at: Ints) -> Ints:
        """The rows that a few of the values belong to."""
        return np.searchsorted(self.ends, at, side="right")

    @property
    def places(self) -> Ints:
        """The position of each value in its row."""
        offsets = np.repeat(self.starts.astype(np.int32), self.ends - self.starts)
        return np.subtract(np.arange(len(self.values), dtype=np.int32), offsets, dtype=np.int64)


def flat(lists: pa.Array) -> Flat:
    """Take a list column apart; null rows count as empty.

    Example:
        >>> parts = flat(pa.array([["a", "b"], None, ["c"]]))
        >>> parts.values.to_pylist(), parts.parents.tolist(), parts.places.tolist()
        (['a', 'b', 'c'], [0, 0, 2], [0, 1, 0])
    """
    lengths = list_lengths(lists)
    ends = np.cumsum(lengths)
    return Flat(lists.flatten(), ends - lengths, ends)


def without_list_views(array: Column) -> Column:
    """Return a column in which list views, at any depth, are lists with offsets.

    Arrow itself casts them wrongly where views overlap or leave gaps.

    Example:
        >>> without_list_views(pa.array([["a"], None], pa.list_view(pa.string()))).type
        ListType(list<item: string>)
    """
    type_ = array.type
    if not _has_view(type_):
        return array
    if isinstance(array, pa.ChunkedArray):
        chunks = array.chunks or [pa.array([], type_)]
        return pa.chunked_array([without_list_views(chunk) for chunk in chunks])
    if pa.types.is_struct(type_):
        parts = [without_list_views(part) for part in array.flatten()]
        names = [field.name for field in type_]
        return pa.StructArray.from_arrays(parts, names, mask=array.is_null())
    if not is_list(type_):
        return array
    null = np.asarray(array.is_null())
    return nested(without_list_views(flat(array).values), list_lengths(array), null=null)


def is_list(kind: pa.DataType) -> bool:
    """Check for lists of any kind: with offsets, of a fixed size, or views.

    Example:
        >>> is_list(pa.list_(pa.string(), 2)), is_list(pa.string())
        (True, False)
    """
    t = pa.types
    kinds = (t.is_list, t.is_large_list, t.is_fixed_size_list, t.is_list_view, t.is_large_list_view)
    return any(is_kind(kind) for is_kind in kinds)


def _has_view(type_: pa.DataType) -> bool:
    fields = (type_.field(i).type for i in range(type_.num_fields))
    return (
        pa.types.is_list_view(type_)
        or pa.types.is_large_list_view(type_)
        or any(map(_has_view, fields))
    )


def nested(values: pa.Array, lengths: Ints, *, null: Mask | None = None) -> pa.ListArray:
    """Put values back into lists of the given lengths; ``null`` marks rows that are null."""
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    mask = None if null is None or not null.any() else pa.array(null)
    return pa.ListArray.from_arrays(offsets, values, mask=mask)


def relist(lists: Column, values: pa.Array) -> pa.ListArray:
    """Replace the values of lists; each list keeps its length.

    Args:
        lists: ``list<T>[n]``; null stays null.
        values: One for each value of ``whole(lists).flatten()``.

    Example:
        >>> relist(pa.array([["a", "b"], None, ["c"]]), pa.array([1, 2, 3])).to_pylist()
        [[1, 2], None, [3]]
    """
    array = whole(lists)
    ends = np.cumsum(list_lengths(array)).astype(np.int32)
    offsets = pa.array(np.concatenate([np.zeros(1, np.int32), ends]))
    return pa.ListArray.from_arrays(offsets, values, mask=pc.is_null(array))


def rows_of(lists: Column, values: Sequence[int]) -> list[int]:
    """Return the rows of some of the flat values; a column without lists has one value per row.

    Example:
        >>> rows_of(pa.array([["a"], None, ["b", "c"]]), [1, 2])
        [2]
    """
    array = whole(lists)
    if not pa.types.is_list(array.type):
        return list(values)
    rows: list[int] = np.unique(np.asarray(pc.list_parent_indices(array))[list(values)]).tolist()
    return rows


def part(lists: pa.Array, starts: Ints, ends: Ints) -> pa.ListArray:
    """Cut rows ``[starts, ends)``, counted within each row, out of a list column."""
    flattened = flat(lists)
    lengths = np.maximum(ends - starts, 0)
    return nested(
        flattened.values.take(pa.array(ranges(flattened.starts + starts, lengths))), lengths
    )


def joined_lists(first: pa.Array, second: pa.Array) -> pa.ListArray:
    """Append the second list of messages to the first, row by row.

    Example:
        >>> left, right = pa.array([["a"], []]), pa.array([["b"], ["c"]])
        >>> joined_lists(left, right).to_pylist()
        [['a', 'b'], ['c']]
    """
    first, second = alike_lists(first, second)
    a, b = flat(first), flat(second)
    lengths = np.stack([a.ends - a.starts, b.ends - b.starts], axis=1)
    stacked = pa.concat_arrays([a.values, b.values])
    starts = np.stack([a.starts, b.starts + len(a.values)], axis=1).ravel()
    return nested(stacked.take(pa.array(ranges(starts, lengths.ravel()))), lengths.sum(axis=1))


def alike_lists(first: pa.Array, second: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Give both lists of messages the fields of each other.

    Example:
        >>> left, right = alike_lists(pa.array([[{"role": "user"}]]), pa.array([[{"name": "kim"}]]))
        >>> left.type == right.type, left.to_pylist()
        (True, [[{'role': 'user', 'name': None}]])
    """
    types = first.type.value_type, second.type.value_type
    if types[0] == types[1] or not pa.types.is_struct(types[0]):
        return first, second
    longer, shorter = sorted(types, key=lambda type_: -type_.num_fields)
    further = [field for field in shorter if field.name not in longer.names]
    both = pa.struct([*longer, *further])
    return widen(first, both), widen(second, both)


def widen(lists: pa.Array, type_: pa.StructType) -> pa.ListArray:
    """Return the messages with the fields of ``type_``: missing ones become null, others are dropped."""
    parts = flat(lists)
    have = {field.name for field in parts.values.type if not pa.types.is_null(field.type)}
    columns = [
        pc.struct_field(parts.values, field.name)
        if field.name in have
        else pa.nulls(len(parts.values), field.type)
        for field in type_
    ]
    struct = pa.StructArray.from_arrays(columns, fields=list(type_))
    return nested(struct, parts.ends - parts.starts, null=np.asarray(lists.is_null()))


def ranges(begins: npt.NDArray[np.integer], counts: npt.NDArray[np.integer]) -> Ints:
    """Lay the ranges ``begins[i] … begins[i] + counts[i]`` end to end.

    Example:
        >>> ranges(np.array([7, 2]), np.array([2, 1])).tolist()
        [7, 8, 2]
    """
    ends = np.cumsum(counts)
    steps = np.arange(ends[-1] if len(ends) else 0, dtype=np.int64)
    return np.asarray(steps - np.repeat(ends - counts - begins, counts), dtype=np.int64)


def cast_lists(lists: pa.Array, kind: pa.DataType) -> pa.Array:
    """Cast lists, also to list views, which Arrow cannot make of other lists; cast other values as Arrow does.

    Example:
        >>> cast_lists(pa.array([["a"], None]), pa.list_view(pa.string())).to_pylist()
        [['a'], None]
    """
    if not isinstance(kind, LIST_VIEWS):
        return lists.cast(kind)
    large = isinstance(kind, pa.LargeListViewType)
    places = pa.int64() if large else pa.int32()
    makes = pa.LargeListViewArray if large else pa.ListViewArray
    sizes = pc.fill_null(pc.list_value_length(lists), 0).cast(places)
    begins, values = lists.offsets[:-1].cast(places), lists.values.cast(kind.value_type)
    return makes.from_arrays(begins, sizes, values, type=kind, mask=lists.is_null())
