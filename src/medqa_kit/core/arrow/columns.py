"""The few column operations Arrow lacks, vectorised.

Every function takes Arrow arrays, and none loops over rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_uppercase
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.byte_scans import blank_mask
from medqa_kit.errors import SchemaError

Column: TypeAlias = pa.ChunkedArray | pa.Array

# Between the fields of a key: a character that no known text has and no terminal shows.
_UNIT = "\x1f"


def whole(column: Column) -> pa.Array:
    """Return a column of one batch as one contiguous array.

    Batches are small (see :mod:`medqa_kit.loading`), so the 2 GiB limit of a contiguous string
    array is out of reach unless single texts are huge; Arrow raises then.
    """
    if isinstance(column, pa.Array):
        return column
    if not column.num_chunks:  # Arrow combines none of JSON
        return pa.nulls(0, column.type)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def is_text(kind: pa.DataType) -> bool:
    """Check whether values of a type are texts, however Arrow keeps them."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def reads_as_text(kind: pa.DataType) -> bool:
    """Check whether values of a type are texts, or their places in a dictionary of texts."""
    return is_text(kind.value_type if pa.types.is_dictionary(kind) else kind)


def refuse_namesakes(schema: pa.Schema) -> None:
    """Refuse two columns with one name, since a name would not tell which of them is meant.

    Raises:
        SchemaError: Two have one name.

    Example:
        >>> refuse_namesakes(pa.schema({"id": pa.string(), "question": pa.string()}))
    """
    if twice := sorted({name for name in schema.names if schema.names.count(name) > 1}):
        raise SchemaError("two columns have one name", column=twice[0], expected="a name for each",
                          found=", ".join(schema.names), hint="rename one of them")  # fmt: skip


def contiguous(table: pa.Table) -> pa.RecordBatch:
    """Return a small table as one batch, string views as strings with offsets.

    Example:
        >>> contiguous(pa.table({"id": pa.chunked_array([["a"], ["b"]])}))["id"].to_pylist()
        ['a', 'b']
    """
    plain = without_views(table)
    return pa.RecordBatch.from_arrays([whole(c) for c in plain.columns], schema=plain.schema)


def compact(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch that holds only its own rows: pickle would send the whole table of a slice.

    Example:
        >>> import pickle
        >>> few = pa.record_batch({"id": ["a"] * 10_000}).slice(0, 2)
        >>> len(pickle.dumps(few)) > 10_000, len(pickle.dumps(compact(few))) < 1000
        (True, True)
    """
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return pa.ipc.open_stream(sink.getvalue()).read_next_batch()


def empty_rows(schema: pa.Schema) -> pa.Table:
    """Return a table without rows; Arrow makes none where lists hold JSON.

    Example:
        >>> empty_rows(pa.schema({"messages": pa.list_(pa.json_())})).num_rows
        0
    """
    return pa.table([pa.nulls(0, field.type) for field in schema], schema=schema)


def without_views(table: pa.Table) -> pa.Table:
    """Return string views as strings with offsets: Arrow can neither ``take`` from a slice of views nor count its bytes.

    Example:
        >>> without_views(pa.table({"id": pa.array(["a"], pa.string_view())})).schema.types
        [DataType(large_string)]
    """
    for i, field in enumerate(table.schema):
        if (kind := type_without_views(field.type)) != field.type:
            table = table.set_column(i, field.with_type(kind), table.column(i).cast(kind))
    return table


def type_without_views(kind: pa.DataType) -> pa.DataType:
    """Return a type with strings with offsets where it has string views, at any depth.

    Example:
        >>> type_without_views(pa.list_(pa.string_view()))
        ListType(list<item: large_string>)
    """
    if pa.types.is_string_view(kind):
        return pa.large_string()
    if isinstance(kind, (pa.ListType, pa.LargeListType)):
        value = kind.value_field.with_type(type_without_views(kind.value_type))
        return (pa.list_ if isinstance(kind, pa.ListType) else pa.large_list)(value)
    if isinstance(kind, pa.StructType):
        return pa.struct([field.with_type(type_without_views(field.type)) for field in kind])
    return kind


def positions(mask: Column) -> list[int]:
    """Return the positions at which a boolean column is true; null counts as false.

    Example:
        >>> positions(pa.array([True, None, False, True]))
        [0, 3]
    """
    mask = whole(mask)
    return np.flatnonzero(truths(mask)).tolist() if mask.true_count else []


def truths(mask: Column) -> npt.NDArray[np.bool_]:
    """Return a boolean column as an array; null counts as false.

    Example:
        >>> truths(pa.array([True, None, False])).tolist()
        [True, False, False]
    """
    return np.asarray(whole(pc.fill_null(mask, False)).to_numpy(zero_copy_only=False), dtype=bool)


def blank(column: Column) -> Column:
    r"""Find where a string column is null, empty or white space only.

    Example:
        >>> blank(pa.array(["a", " \n", "", None])).to_pylist()
        [False, True, True, True]
    """
    if pa.types.is_string(column.type):
        if isinstance(column, pa.Array):
            return pa.array(blank_mask(column))
        return pa.chunked_array([pa.array(blank_mask(c)) for c in column.chunks], pa.bool_())
    nothing = pc.equal(pc.binary_length(column), 0)
    return pc.fill_null(pc.or_(nothing, pc.utf8_is_space(column)), True)


def blank_to_null(column: Column, *, markers: Sequence[str] = ()) -> Column:
    """Turn blank strings into null, and with them upstream's words for "missing".

    Args:
        column: ``string[n]``.
        markers: Values, blanks at both ends aside, that mean "missing", such as ``n/a``.

    Example:
        >>> blank_to_null(pa.array(["yes", " ", "n/a"]), markers=["n/a"]).to_pylist()
        ['yes', None, None]
    """
    missing = blank(column)
    if markers:
        trimmed = pc.utf8_trim_whitespace(column)
        missing = pc.or_(missing, pc.is_in(trimmed, value_set=pa.array(markers, pa.string())))
    return pc.if_else(missing, pa.scalar(None, column.type), column)


def to_lists(columns: Sequence[Column]) -> pa.ListArray:
    """Put columns side by side as one list column: n columns of m rows, m lists of n values.

    Example:
        >>> to_lists([pa.array(["a", "b"]), pa.array(["c", None])]).to_pylist()
        [['a', 'c'], ['b', None]]
    """
    rows, width = len(columns[0]), len(columns)
    values = pa.concat_arrays([whole(column) for column in columns])
    if width > 1:
        interleave = np.arange(rows * width).reshape(width, rows).T.ravel()
        values = values.take(pa.array(interleave))
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def present(*columns: Column) -> pa.Array:
    """Put the values of some columns side by side as lists, leaving out what is null or blank.

    Args:
        columns: ``string[n]`` each.

    Returns:
        ``list<string>[n]``; null where nothing is left.

    Example:
        >>> present(pa.array(["a", None, "c"]), pa.array(["b", " ", ""])).to_pylist()
        [['a', 'b'], None, ['c']]
    """
    values = to_lists(columns).values
    kept = ~whole(blank(values)).to_numpy(zero_copy_only=False)
    counts = kept.reshape(-1, len(columns)).sum(axis=1)
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    return pa.ListArray.from_arrays(
        offsets, values.filter(pa.array(kept)), mask=pa.array(counts == 0)
    )


def _arrow_cast(column: Column, type_: pa.DataType) -> Column:
    return pc.cast(column, type_)


def uncastable(
    column: Column, type_: pa.DataType, cast: Callable[[Column, pa.DataType], Column] = _arrow_cast
) -> list[int]:
    """Find the values that do not cast, by halves: few casts where few values are bad.

    Example:
        >>> uncastable(pa.array([1, 2**40, 3]), pa.int32())
        [1]
    """
    try:
        cast(column, type_)
    except pa.ArrowInvalid:
        if len(column) == 1:
            return [0]
        half = len(column) // 2
        # `take`, not a slice: of a slice of lists Arrow casts the values outside the slice, too.
        head, tail = pa.array(range(half)), pa.array(range(half, len(column)))
        after = uncastable(column.take(tail), type_, cast)
        return uncastable(column.take(head), type_, cast) + [half + row for row in after]
    return []


def list_lengths(lists: Column) -> np.ndarray:
    """Return the length of each list; null counts as 0."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    return np.asarray(whole(lengths).to_numpy(zero_copy_only=False), dtype=np.int64)


def pick(lists: Column, index: Column) -> pa.Array:
    """Take from each row's list the value at that row's index.

    Null where the list or the index is null, or where the index is outside the list: never a
    neighbour's value.

    Args:
        lists: ``list<T>[n]``.
        index: integer ``[n]``, counted from 0.

    Example:
        >>> pick(pa.array([["a", "b"], ["c"], None]), pa.array([1, 1, 0])).to_pylist()
        ['b', None, None]
    """
    lists = whole(lists)
    index = whole(index).cast(pa.int64())  # data frames have those without a sign, too
    at = np.asarray(pc.fill_null(index, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
    inside = (at >= 0) & (at < list_lengths(lists))
    starts = np.asarray(lists.offsets)[:-1].astype(np.int64)
    where = pa.array(np.where(inside, starts + at, 0), mask=~inside)
    return lists.values.take(where)


def letter_index(letters: Column) -> Column:
    """Turn option letters into 0-based positions; anything but a single letter becomes null.

    Example:
        >>> letter_index(pa.array(["A", "e", "AB", None])).to_pylist()
        [0, 4, None, None]
    """
    known = pa.array([*ascii_uppercase])
    return pc.index_in(pc.utf8_upper(pc.utf8_trim_whitespace(letters)), value_set=known)


def join(*columns: Column, by: str = _UNIT) -> Column:
    """Join string columns row by row; null joins as the empty string.

    Example:
        >>> join(pa.array(["a", None]), pa.array(["b", "c"]), by="-").to_pylist()
        ['a-b', '-c']
    """
    texts = [c if pa.types.is_string(c.type) else c.cast(pa.string()) for c in columns]
    if len(texts) == 1:
        return pc.fill_null(texts[0], "")
    return pc.binary_join_element_wise(*texts, by, null_handling="replace", null_replacement="")


def join_key(*columns: Column) -> Column:
    """Join the values of a row's key by ``-``; null where one of them is null, since half a key is no key.

    Example:
        >>> join_key(pa.array([2021, None]), pa.array([3, 4])).to_pylist()
        ['2021-3', None]
    """
    texts = [c if pa.types.is_string(c.type) else c.cast(pa.string()) for c in columns]
    return texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, "-")


def join_given(*columns: Column, by: str) -> Column:
    """Join the values of each row that are not null; null where all are.

    Use this instead of Arrow's ``null_handling="skip"``: that leaves out rows in which all values
    are null (pyarrow 26), and all later rows move up.

    Example:
        >>> join_given(pa.array(["a", None, "a"]), pa.array(["b", None, None]), by=" ").to_pylist()
        ['a b', None, 'a']
    """
    nothing = pc.is_null(pc.coalesce(*columns))
    filled = pc.if_else(nothing, "", columns[0])
    joined = pc.binary_join_element_wise(filled, *columns[1:], by, null_handling="skip")
    return pc.if_else(nothing, pa.scalar(None, pa.string()), joined)


def join_lists(lists: Column, *, by: str = _UNIT) -> Column:
    """Join each row's list of strings into one string; null stays null.

    Example:
        >>> join_lists(pa.array([["a", "b"], []]), by="|").to_pylist()
        ['a|b', '']
    """
    return pc.binary_join(lists, by)


def counted_values(column: Column) -> dict[str, int]:
    """Count how often each text of a column comes; meant for columns of few different ones.

    Example:
        >>> counted_values(pa.array(["ko", "en", "ko"]))
        {'ko': 2, 'en': 1}
    """
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(column).to_pylist()}
