"""Pieces of JSON Schema, and of strings, that several kinds of record share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.columns import list_lengths
from medqa_kit.core.messages import MESSAGE, true
from medqa_kit.core.ragged import Ints, Mask, flat, nested, part, widen
from medqa_kit.training.conversations import Exchange

TEXT = {"type": "string", "pattern": r"\S"}
ANY_TEXT = {"type": "string"}
LABEL = {"type": "boolean"}


def message(*roles: str, apart: bool = False) -> dict[str, Any]:
    """Schema of one message with one of the given roles."""
    properties = {"role": {"enum": list(roles)}, "content": TEXT}
    if apart:
        properties["reasoning_content"] = TEXT
    return closed(properties, required=["role", "content"])


def messages(*, apart: bool = False, tool: bool = True) -> dict[str, Any]:
    """Schema of a conversation."""
    roles = ("system", "user", "assistant", "tool") if tool else ("system", "user", "assistant")
    return {"type": "array", "minItems": 1, "items": message(*roles, apart=apart)}


def reply(*, apart: bool = False, most: int | None = None) -> dict[str, Any]:
    """Schema of a reply: messages of the assistant, and of the tools it calls."""
    found = {"type": "array", "minItems": 1, "items": message("assistant", "tool", apart=apart)}
    return found | ({"maxItems": most} if most else {})


def closed(
    properties: Mapping[str, Any], *, required: Sequence[str] | None = None
) -> dict[str, Any]:
    """Schema of an object with these properties and no others, all required unless told."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


def row(properties: Mapping[str, Any], *, identified: bool = True) -> dict[str, Any]:
    """Schema of a record; further plain columns may stand beside unless it is strict."""
    made = closed(properties)
    if identified:
        made["properties"] = {"id": ANY_TEXT, **properties}
        made["additionalProperties"] = {"not": {"type": ["array", "object"]}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


class Single(NamedTuple):
    """A conversation of one question: its system text and its question, null where absent."""

    system: pa.Array
    user: pa.Array


def single(prompt: pa.ListArray) -> Single:
    """Take prompts of an optional system turn and one user turn apart."""
    found = flat(prompt)
    roles, contents = (pc.struct_field(found.values, name) for name in MESSAGE.names)
    filled = found.ends > found.starts
    system = filled & _is(roles, "system", found.starts)
    user = filled & _is(roles, "user", found.ends - 1)
    return Single(_take(contents, found.starts, system), _take(contents, found.ends - 1, user))


def many(prompt: pa.ListArray, *replies: pa.ListArray | None) -> Mask:
    """Tell which rows hold more than one question and one reply."""
    turns = turns_of(prompt)
    return np.asarray(list_lengths(turns) > 1) | several(*replies)


def several(*replies: pa.ListArray | None) -> Mask:
    """Tell in which rows one of the replies is several messages."""
    found = [list_lengths(reply) > 1 for reply in replies if reply is not None]
    return np.asarray(np.any(found, axis=0), dtype=bool)


def with_role(prompt: pa.ListArray, role: str) -> Ints:
    """Give the rows in which a turn has this role."""
    found = flat(prompt)
    hit = true(pc.equal(pc.struct_field(found.values, "role"), role))
    return np.unique(found.parents[hit])


def _is(roles: pa.Array, role: str, at: np.ndarray) -> Mask:
    if not len(roles):
        return np.zeros(len(at), bool)
    hit = true(pc.equal(roles, role))
    return np.asarray(hit[np.clip(at, 0, len(roles) - 1)], dtype=bool)


def _take(contents: pa.Array, at: np.ndarray, where: Mask) -> pa.Array:
    return contents.take(pa.array(np.where(where, at, 0), pa.int64(), mask=~where))


def last_text(completion: pa.ListArray) -> pa.Array:
    """Give the content of the last message, null where there is none."""
    found = flat(completion)
    contents = pc.struct_field(found.values, "content")
    return _take(contents, found.ends - 1, found.ends > found.starts)


def last_message(lists: pa.ListArray) -> pa.StructArray:
    """Give the last message of each list itself, null where there is none."""
    found = flat(lists)
    return _take(found.values, found.ends - 1, found.ends > found.starts)


def under(system: pa.Array, body: pa.Array, *, by: str = "\n\n") -> pa.Array:
    """Put system text, where there is any, before a text."""
    both = pc.binary_join_element_wise(system, body, by)
    return pc.if_else(system.is_valid(), both, body)


def preference(x: Exchange, _: pa.Table, __: Mapping[str, Any]) -> dict[str, pa.Array]:
    """Write a preference as the conversation, and beside it one chosen and one rejected message."""
    return {
        "messages": plain(x.prompt),
        "chosen": last_message(plain(x.completion)),
        "rejected": last_message(plain(x.rejected)),
    }


def preference_canonical(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read such a preference back as TRL has it."""
    return {"prompt": row["messages"], "chosen": [row["chosen"]], "rejected": [row["rejected"]]}


def turns_of(prompt: pa.ListArray) -> pa.ListArray:
    """Cut the leading system turn off."""
    found = flat(prompt)
    roles = pc.struct_field(found.values, "role")
    led = (found.ends > found.starts) & _is(roles, "system", found.starts)
    return part(prompt, led.astype(np.int64), found.ends - found.starts)


def renamed(lists: pa.ListArray, names: tuple[str, str], roles: Mapping[str, str]) -> pa.ListArray:
    """Give messages other field names and other words for their roles."""
    found = flat(widen(lists, MESSAGE))
    role, content = (pc.struct_field(found.values, name) for name in MESSAGE.names)
    known, words = pa.array(list(roles)), pa.array(list(roles.values()))
    spoken = words.take(pc.index_in(role, value_set=known))
    fields = [pa.field(names[0], pa.string()), pa.field(names[1], pa.string())]
    struct = pa.StructArray.from_arrays([spoken, content], fields=fields)
    return nested(struct, found.ends - found.starts)


def plain(lists: pa.ListArray) -> pa.ListArray:
    """Leave role and content only."""
    return widen(lists, MESSAGE)


def trimmed(lists: pa.ListArray) -> pa.ListArray:
    """Take white space off both ends of each content."""
    found = flat(lists)
    columns = {field.name: pc.struct_field(found.values, field.name) for field in found.values.type}
    columns["content"] = pc.utf8_trim_whitespace(columns["content"])
    struct = pa.StructArray.from_arrays(list(columns.values()), fields=list(found.values.type))
    return nested(struct, found.ends - found.starts)
