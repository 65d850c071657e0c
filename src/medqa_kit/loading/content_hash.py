"""A hash of what rows say, whatever their order and however they are cut into batches."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from medqa_kit.core.arrow.columns import Column, whole
from medqa_kit.core.arrow.hashing import hashable

_FIELD, _ITEM, _NULL = "\x1e", "\x1f", "\x00"
_MODULUS = 1 << 128


def content_hash(batches: Iterable[pa.Table]) -> str:
    """Hash rows without regard to their order.

    Each row's values are written one after the other, null as a mark of its own, and hashed with
    128-bit XXH3; the hashes are added up. So the result does not depend on order or batches, and
    a row more, less, twice or changed changes it. Loops over rows, since Arrow has no stable hash.

    Args:
        batches: Tables of one schema.

    Returns:
        ``xxh3-sum:`` and 32 hexadecimal digits.

    Example:
        >>> a, b = pa.table({"n": [1, 2]}), pa.table({"n": [2, 1]})
        >>> content_hash([a]) == content_hash([b.slice(0, 1), b.slice(1)])
        True
    """
    total = 0
    for table in batches:
        if not table.num_rows:
            continue
        texts = [row_text(table[name]) for name in sorted(table.column_names)]
        lines = pc.binary_join_element_wise(*texts, _FIELD) if len(texts) > 1 else texts[0]
        total += sum(map(xxhash.xxh3_128_intdigest, hashable(lines)))
    return f"xxh3-sum:{total % _MODULUS:032x}"


def row_text(column: Column) -> Column:
    r"""Write a column of any of our types as strings without nulls, one a row.

    Example:
        >>> row_text(pa.array([["a", "b"], None])).to_pylist()
        ['2:a\x1fb', '\x00']
    """
    array = whole(column)
    if pa.types.is_list(array.type):
        lengths = pc.list_value_length(array).cast(pa.string())
        inner = row_text(array.flatten())
        offsets = pc.fill_null(pc.list_value_length(array), 0)
        ends = pc.cumulative_sum(offsets.cast(pa.int32())) if len(array) else offsets
        bounds = pa.concat_arrays([pa.array([0], pa.int32()), whole(ends).cast(pa.int32())])
        joined = pc.binary_join(pa.ListArray.from_arrays(bounds, whole(inner)), _ITEM)
        texts = pc.binary_join_element_wise(lengths, joined, ":")
    elif pa.types.is_struct(array.type):
        texts = pc.binary_join_element_wise(*(row_text(field) for field in array.flatten()), _ITEM)
    else:
        texts = array.cast(pa.string())
    return pc.fill_null(texts, _NULL)
