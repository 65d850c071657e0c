"""Operations on what is inside list columns, row borders untouched.

Everything works on the flat values of all rows at once; no row is looked at by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.columns import Column, positions, whole
from medqa_kit.core.ragged import relist, rows_of
from medqa_kit.errors import LabelError


def named(codes: Column, names: Sequence[str], *, column: str, first: int = 0) -> pa.Array:
    """Turn class numbers, counted in the declared order, into class names.

    Args:
        codes: integer ``[n]`` or lists of integers; null stays null.
        names: All classes.
        column: The raw column, for the message.
        first: The number of the first class.

    Raises:
        LabelError: A number has no name.

    Example:
        >>> named(pa.array([1, None, 0]), ["no", "yes"], column="label").to_pylist()
        ['yes', None, 'no']
    """
    codes = whole(codes)
    inner = codes.flatten() if pa.types.is_list(codes.type) else codes
    outside = pc.or_(pc.less(inner, first), pc.greater_equal(inner, first + len(names)))
    if bad := positions(outside):
        raise LabelError("the class number has no name", rows=rows_of(codes, bad), column=column,
                         expected=f"{first} to {first + len(names) - 1}", found=str(inner[bad[0]].as_py()),
                         hint="if upstream added a class, declare it and raise the source's version")  # fmt: skip
    found = pa.array(names, pa.string()).take(pc.subtract(inner, pa.scalar(first, inner.type)))
    return found if inner is codes else relist(codes, found)


def messages(lists: Column, roles: Column, contents: Column) -> pa.ListArray:
    """Build turns: a role and a content for each value of a list column.

    Args:
        lists: One list of turns a row, of any value type.
        roles: ``string``, one for each turn of all rows.
        contents: Likewise.

    Example:
        >>> turns = messages(pa.array([[1, 2]]), pa.array(["user", "assistant"]), pa.array(["a", "b"]))
        >>> turns.to_pylist()
        [[{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'b'}]]
    """
    turns = pa.StructArray.from_arrays([whole(roles), whole(contents)], ["role", "content"])
    return relist(lists, turns)
