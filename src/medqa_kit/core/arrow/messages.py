"""Lists of chat messages as Arrow columns, built and taken apart without a loop over rows.

A message is ``struct<role, content>``; the last assistant turn may also hold
``reasoning_content``, kept apart from the answer until a record is rendered.
"""

from __future__ import annotations

import json
from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.json

from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow import slices
from medqa_kit.core.arrow.columns import Column, list_lengths, truths, whole
from medqa_kit.core.arrow.ragged import Mask, nested, relist

ROLES = ("system", "user", "assistant", "tool")
MESSAGE: pa.StructType = pa.struct([("role", pa.string()), ("content", pa.string())])
REASONED: pa.StructType = pa.struct([*MESSAGE, ("reasoning_content", pa.string())])
MESSAGE_LISTS = ("messages", "prompt", "completion", "chosen", "rejected")
"""Columns that hold messages, where they hold lists."""
CARRIED = ("tool_calls", "tool_call_id", "name", "weight")
"""Fields of messages that only some records have."""
_CALL_MARKS = pa.list_(
    pa.string()
)  # marks messages that call tools; the calls themselves are not kept
_READ_FROM_JSON = pa.struct(
    [*REASONED, ("tool_calls", _CALL_MARKS), ("further fields", pa.string())]
)


def text(table: pa.Table, name: str) -> pa.Array:
    """Return a column of a batch as ``string[n]``, whatever its string type is."""
    return slices.as_text(whole(table[name]), name)


def constant(value: str | None, rows: int) -> pa.Array:
    """Return the same string, or null, for every row."""
    return pa.repeat(pa.scalar(value, pa.string()), rows)


def where(mask: Mask, yes: pa.Array, no: pa.Array) -> pa.Array:
    """Choose row by row; where all rows choose the same array, return it without a copy.

    Example:
        >>> import numpy as np
        >>> where(np.array([True, False]), pa.array(["a", "b"]), pa.array(["c", "d"])).to_pylist()
        ['a', 'd']
    """
    if mask.all():
        return yes
    return pc.if_else(pa.array(mask), yes, no) if mask.any() else no


def message_type(
    lists: Column,
    *,
    apart: bool = False,
    carried: Collection[str] = CARRIED,
    marks: bool = False,
) -> pa.StructType:
    """Return the type of messages with role and content, and with further fields that are asked for.

    Args:
        lists: ``list<struct<role, content, …>>``.
        apart: Whether reasoning has a field of its own.
        carried: Names of further fields; those that the messages have stay.
        marks: Whether to add the field of :func:`messages_of_json` that marks messages that call tools.

    Example:
        >>> turn = {"role": "user", "content": "Q", "name": "kim", "mood": "glad"}
        >>> message_type(pa.array([[turn]])).names
        ['role', 'content', 'name']
    """
    base = REASONED if apart else MESSAGE
    further = [field for field in lists.type.value_type if field.name in carried
               and field.name not in base.names and (marks or field.type != _CALL_MARKS)]  # fmt: skip
    return pa.struct([*base, *further])


def calls_of(turns: pa.StructArray) -> Mask:
    """Mark the messages that call a tool; their content may be null.

    Example:
        >>> turns = [{"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}, {"role": "user"}]
        >>> calls_of(pa.array(turns)).tolist()
        [True, False]
    """
    if "tool_calls" not in {field.name for field in turns.type}:
        return np.zeros(len(turns), bool)
    calls = pc.struct_field(turns, "tool_calls")
    if pa.types.is_list(calls.type) or pa.types.is_large_list(calls.type):
        return np.asarray(list_lengths(calls) > 0)
    return np.asarray(calls.is_valid())


def messages(*turns: tuple[str, pa.Array]) -> pa.ListArray:
    """Build one list of messages a row from columns of contents.

    Args:
        turns: (role, ``string[n]``) pairs in order. A turn of the system is left out where its
            content is null. Other roles keep the turn with a null content, which the linter
            refuses: nothing vanishes silently.

    Returns:
        ``list<struct<role, content>>[n]``.

    Example:
        >>> messages(("system", pa.array(["S", None])), ("user", pa.array(["a", None]))).to_pylist()
        [[{'role': 'system', 'content': 'S'}, {'role': 'user', 'content': 'a'}], [{'role': 'user', 'content': None}]]
    """
    rows, width = len(turns[0][1]), len(turns)
    roles = pa.array([role for role, _ in turns], pa.string())
    if width == 1 and turns[0][0] != "system":
        codes, contents = np.zeros(rows, np.int8), turns[0][1]
        lengths = np.ones(rows, np.int64)
    else:
        present = np.stack(
            [
                column.is_valid() if role == "system" else np.ones(rows, bool)
                for role, column in turns
            ],
            axis=1,
        )
        order = np.arange(rows * width).reshape(width, rows).T[present]
        contents = pa.concat_arrays([column for _, column in turns]).take(pa.array(order))
        codes = np.broadcast_to(np.arange(width, dtype=np.int8), (rows, width))[present]
        lengths = present.sum(axis=1)
    struct = pa.StructArray.from_arrays(
        [roles.take(pa.array(codes)), contents], fields=list(MESSAGE)
    )
    return nested(struct, lengths)


def reply(content: pa.Array, reasoning: pa.Array | None = None) -> pa.ListArray:
    """Build lists of one assistant message, with its reasoning apart where there is any.

    Example:
        >>> reply(pa.array(["A"]), pa.array(["because"])).to_pylist()
        [[{'role': 'assistant', 'content': 'A', 'reasoning_content': 'because'}]]
    """
    columns = [constant("assistant", len(content)), content]
    fields = list(MESSAGE)
    if reasoning is not None:
        columns, fields = [*columns, reasoning], list(REASONED)
    return nested(
        pa.StructArray.from_arrays(columns, fields=fields), np.ones(len(content), np.int64)
    )


def dialogues(lists: Column, roles: Column, contents: Column) -> pa.ListArray:
    """Replace each value of a list column by a message.

    Args:
        lists: One list of turns a row, of any value type.
        roles: ``string``, one for each turn of all rows.
        contents: Likewise.

    Example:
        >>> turns = dialogues(pa.array([[1, 2]]), pa.array(["user", "assistant"]), pa.array(["a", "b"]))
        >>> turns.to_pylist()
        [[{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'b'}]]
    """
    turns = pa.StructArray.from_arrays([whole(roles), whole(contents)], ["role", "content"])
    return relist(lists, turns)


def is_json_list(kind: pa.DataType) -> bool:
    """Check for lists of values kept as JSON, as ``datasets`` reads messages whose fields differ."""
    return isinstance(kind, (pa.ListType, pa.LargeListType)) and is_json(kind.value_type)


def is_json(kind: pa.DataType) -> bool:
    """Check for values kept as JSON."""
    return bool(getattr(kind, "extension_name", None) == "arrow.json")


def messages_of_json(lists: Column) -> pa.ListArray:
    """Read lists of messages kept as JSON.

    Returns:
        Lists of messages with role, content and reasoning. Two more fields, which no record keeps, say whether a
        message calls tools and whether it has other fields.

    Example:
        >>> texts = pa.array(['{"role": "user", "content": "Q", "mood": "glad"}'])
        >>> kept = pa.ListArray.from_arrays([0, 1], pa.ExtensionArray.from_storage(pa.json_(), texts))
        >>> messages_of_json(kept)[0].as_py()[0]["content"]
        'Q'
    """
    column = whole(lists)
    values = column.flatten().storage.cast(pa.large_string())
    read = _read_json(values)
    filled = nested(read, list_lengths(column))
    if not column.null_count:
        return filled
    return pa.ListArray.from_arrays(filled.offsets, filled.values, mask=column.is_null())


def with_texts_of_json(lists: Column) -> pa.ListArray:
    """Read the fields of messages that are texts kept as JSON, as ``datasets`` keeps contents of which some are lists.

    Returns:
        The messages, with null for what is no text. That there was something is told by a field that no record carries on.

    Example:
        >>> contents = pa.ExtensionArray.from_storage(pa.json_(), pa.array(['"Q"', "[1]"]))
        >>> kept = pa.ListArray.from_arrays([0, 2], pa.StructArray.from_arrays([contents], ["content"]))
        >>> with_texts_of_json(kept)[0].as_py()[0]["content"], with_texts_of_json(kept)[0].as_py()[1]["content"]
        ('Q', None)
    """
    column = whole(lists)
    turns = column.flatten()
    columns = {field.name: pc.struct_field(turns, field.name) for field in turns.type}
    others = np.zeros(len(turns), bool)
    for name in REASONED.names:
        if name in columns and is_json(columns[name].type):
            # JSON has no type that Arrow could read as a whole.
            read = [value and json.loads(value) for value in columns[name].storage.to_pylist()]
            columns[name] = pa.array([v if isinstance(v, str) else None for v in read], pa.string())
            others |= np.array([not isinstance(value, str | None) for value in read], bool)
    columns["further fields"] = pa.array(["…" if other else None for other in others], pa.string())
    struct = pa.StructArray.from_arrays(list(columns.values()), names=list(columns))
    return nested(struct, list_lengths(column), null=np.asarray(column.is_null()))


def has_texts_of_json(kind: pa.DataType) -> bool:
    """Check for lists of messages with a text kept as JSON."""
    if not isinstance(kind, (pa.ListType, pa.LargeListType)) or not pa.types.is_struct(
        kind.value_type
    ):
        return False
    return any(is_json(field.type) for field in kind.value_type if field.name in REASONED.names)


def _read_json(values: pa.Array) -> pa.StructArray:
    if not len(values):
        return pa.array([], _READ_FROM_JSON)
    before, after, nothing = (pa.scalar(part, pa.large_string()) for part in ('{"m": ', "}\n", ""))
    lines = pc.binary_join_element_wise(before, pc.fill_null(values, "null"), after, nothing)
    data = "".join(lines.to_pylist()).encode()
    try:
        read = pyarrow.json.read_json(
            pa.BufferReader(data),
            read_options=pyarrow.json.ReadOptions(block_size=len(data) + 1, use_threads=False),
            parse_options=pyarrow.json.ParseOptions(explicit_schema=pa.schema([("m", REASONED)])),
        )
    except pa.ArrowInvalid:
        return _read_one_by_one(values)
    turns = whole(read["m"])
    columns = {field.name: pc.struct_field(turns, field.name) for field in turns.type}
    calls = columns.pop("tool_calls", pa.nulls(len(turns)))
    further = np.zeros(len(turns), bool)
    for name, column in columns.items():
        if name not in REASONED.names:
            further |= _says_something(column)
    others = where(further, constant("…", len(turns)), pa.nulls(len(turns), pa.string()))
    parts = [*(columns[name] for name in REASONED.names), _call_marks(calls), others]
    return pa.StructArray.from_arrays(parts, fields=list(_READ_FROM_JSON))


def _says_something(column: pa.Array) -> Mask:
    holds = np.asarray(column.is_valid())
    if pa.types.is_list(column.type):
        return holds & np.asarray(list_lengths(column) > 0)
    return holds & ~truths(pc.equal(column, "")) if pa.types.is_string(column.type) else holds


def _call_marks(calls: pa.Array) -> pa.Array:
    lengths = (
        np.asarray(list_lengths(calls))
        if pa.types.is_list(calls.type)
        else np.zeros(len(calls), np.int64)
    )
    marks = nested(pa.repeat(pa.scalar(""), int(lengths.sum())), lengths)
    return pa.ListArray.from_arrays(marks.offsets, marks.values, mask=pa.array(lengths == 0))


def _read_one_by_one(values: pa.Array) -> pa.StructArray:
    """Read messages of which some hold other values than texts: a loop, since Arrow reads columns of one type."""
    rows = []
    for value in values.to_pylist():
        read = None if value is None else json.loads(value)
        message = read if isinstance(read, dict) else {}
        texts = {
            name: message.get(name) if isinstance(message.get(name), str) else None
            for name in REASONED.names
        }
        calls = message.get("tool_calls")
        others = any(content not in (None, "", []) for name, content in message.items()
                     if name != "tool_calls" and (name not in REASONED.names or not isinstance(content, str)))  # fmt: skip
        rows.append({**texts, "tool_calls": [""] * len(calls) if isinstance(calls, list) and calls else None,
                     "further fields": "…" if others else None})  # fmt: skip
    return pa.array(rows, _READ_FROM_JSON)
