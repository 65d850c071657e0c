"""Columns made of messages, as several kinds of record need them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import list_lengths, truths
from medqa_kit.core.arrow.messages import MESSAGE, message_type
from medqa_kit.core.arrow.ragged import Ints, Mask, distinct, flat, nested, part, widen
from medqa_kit.training.conversations import Exchange


class Single(NamedTuple):
    """A conversation of one question: its system text and its question, null where absent."""

    system: pa.Array
    user: pa.Array


def single(prompt: pa.ListArray) -> Single:
    """Take prompts of an optional system turn and one user turn apart."""
    threads = flat(prompt)
    roles, contents = (pc.struct_field(threads.values, name) for name in MESSAGE.names)
    filled = threads.ends > threads.starts
    system = filled & _is(roles, "system", threads.starts)
    user = filled & _is(roles, "user", threads.ends - 1)
    return Single(_take(contents, threads.starts, system), _take(contents, threads.ends - 1, user))


def longer_than_one_exchange(prompt: pa.ListArray, *replies: pa.ListArray | None) -> Mask:
    """Mark the rows that hold more than one question and one reply."""
    turns = without_system(prompt)
    return np.asarray(list_lengths(turns) > 1) | with_several_messages(*replies)


def with_several_messages(*replies: pa.ListArray | None) -> Mask:
    """Mark the rows in which one of the replies is several messages."""
    longer = [list_lengths(reply) > 1 for reply in replies if reply is not None]
    return np.asarray(np.any(longer, axis=0), dtype=bool)


def with_role(prompt: pa.ListArray, role: str) -> Ints:
    """Return the rows in which a turn has this role."""
    threads = flat(prompt)
    hit = truths(pc.equal(pc.struct_field(threads.values, "role"), role))
    return distinct(threads.parents[hit])


def _is(roles: pa.Array, role: str, at: np.ndarray) -> Mask:
    if not len(roles):
        return np.zeros(len(at), bool)
    hit = truths(pc.equal(roles, role))
    return np.asarray(hit[np.clip(at, 0, len(roles) - 1)], dtype=bool)


def _take(contents: pa.Array, at: np.ndarray, where: Mask) -> pa.Array:
    return contents.take(pa.array(np.where(where, at, 0), pa.int64(), mask=~where))


def last_text(completion: pa.ListArray) -> pa.Array:
    """Return the content of the last message, null where there is none."""
    threads = flat(completion)
    contents = pc.struct_field(threads.values, "content")
    return _take(contents, threads.ends - 1, threads.ends > threads.starts)


def last_message(lists: pa.ListArray) -> pa.StructArray:
    """Return the last message of each list, null where there is none."""
    threads = flat(lists)
    return _take(threads.values, threads.ends - 1, threads.ends > threads.starts)


def prompt_text(x: Exchange) -> pa.Array:
    """Write the prompt as one string: system text, blank line, question."""
    return under(*single(x.prompt))


def unchanged(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row whose columns TRL reads as they are."""
    return row


def under(system: pa.Array, body: pa.Array, *, by: str = "\n\n") -> pa.Array:
    """Put system text, where there is any, before a text."""
    both = pc.binary_join_element_wise(system, body, by)
    return pc.if_else(system.is_valid(), both, body)


def preference_columns(x: Exchange, _: pa.Table, __: Mapping[str, Any]) -> dict[str, pa.Array]:
    """Write a preference as the conversation, and beside it one chosen and one rejected message."""
    return {
        "messages": role_and_content(x.prompt),
        "chosen": last_message(role_and_content(x.completion)),
        "rejected": last_message(role_and_content(x.rejected)),
    }


def preference_as_trl(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read such a preference back as TRL has it."""
    return {"prompt": row["messages"], "chosen": [row["chosen"]], "rejected": [row["rejected"]]}


def without_system(prompt: pa.ListArray) -> pa.ListArray:
    """Cut the leading system turn off."""
    threads = flat(prompt)
    roles = pc.struct_field(threads.values, "role")
    led = (threads.ends > threads.starts) & _is(roles, "system", threads.starts)
    return part(prompt, led.astype(np.int64), threads.ends - threads.starts)


def renamed(lists: pa.ListArray, names: tuple[str, str], roles: Mapping[str, str]) -> pa.ListArray:
    """Rename the fields of messages and the words for their roles."""
    threads = flat(widen(lists, MESSAGE))
    role, content = (pc.struct_field(threads.values, name) for name in MESSAGE.names)
    known, words = pa.array(list(roles)), pa.array(list(roles.values()))
    spoken = words.take(pc.index_in(role, value_set=known))
    fields = [pa.field(names[0], pa.string()), pa.field(names[1], pa.string())]
    struct = pa.StructArray.from_arrays([spoken, content], fields=fields)
    return nested(struct, threads.ends - threads.starts)


def without_reasoning(lists: pa.ListArray) -> pa.ListArray:
    """Leave role, content and the fields that were carried along."""
    return widen(lists, message_type(lists))


def role_and_content(lists: pa.ListArray) -> pa.ListArray:
    """Leave role and content only."""
    return widen(lists, MESSAGE)


def trimmed(lists: pa.ListArray) -> pa.ListArray:
    """Take white space off both ends of each content."""
    threads = flat(lists)
    columns = {
        field.name: pc.struct_field(threads.values, field.name) for field in threads.values.type
    }
    columns["content"] = pc.utf8_trim_whitespace(columns["content"])
    struct = pa.StructArray.from_arrays(list(columns.values()), fields=list(threads.values.type))
    return nested(struct, threads.ends - threads.starts)
