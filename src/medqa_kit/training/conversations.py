"""Exchanges, from which all records are made: a prompt of messages, and the reply or replies to it.

:func:`read_exchange` takes the kinds of table listed in :data:`TABLE_KINDS` apart into one :class:`Exchange`. A column
`system` of any of them is the system turn of each row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import nonempty_text
from medqa_kit.core.arrow.columns import blank, blank_to_null, whole
from medqa_kit.core.arrow.messages import (
    MESSAGE_LISTS,
    REASONED,
    calls_of,
    constant,
    message_type,
    messages,
    text,
)
from medqa_kit.core.arrow.messages import reply as said_by_assistant
from medqa_kit.core.arrow.ragged import (
    Mask,
    alike_lists,
    flat,
    joined_lists,
    nested,
    part,
    relist,
    widen,
)
from medqa_kit.errors import ArgumentError, FormattingError, shorten
from medqa_kit.training.chat import Cues, answer_text, user_text
from medqa_kit.training.lint_rules import plain_texts

Kind: TypeAlias = Literal[
    "qa", "target", "completion", "messages", "preference", "unpaired", "prompt", "text"
]

TABLE_KINDS: Mapping[Kind, str] = {
    "qa": "the columns of mk.schemas.QA",
    "target": "`prompt`, a string or messages, and the string `target` (and, if wished, `reasoning`)",
    "completion": "message lists `prompt` and `completion`",
    "messages": "message lists `messages`",
    "preference": "`prompt`, `chosen` and `rejected`: strings or message lists",
    "unpaired": "`prompt`, `completion` and a boolean `label`: strings or message lists",
    "prompt": "`prompt` alone: strings or message lists",
    "text": "strings `text`",
}


@dataclass(frozen=True)
class Exchange:
    """One piece of a table, taken apart; every array has one entry a row."""

    prompt: pa.ListArray | None = None
    completion: pa.ListArray | None = None
    rejected: pa.ListArray | None = None
    label: pa.Array | None = None
    text: pa.Array | None = None

    def filtered(self, kept: Mask) -> Exchange:
        """Keep the marked rows."""
        if kept.all():
            return self
        mask = pa.array(kept)
        arrays = {name: array for name, array in vars(self).items() if array is not None}
        return replace(self, **{name: array.filter(mask) for name, array in arrays.items()})


def kind_of(schema: pa.Schema) -> Kind:
    """Return which kind of table this is, by its columns.

    Raises:
        FormattingError: It is none that records can be made from.

    Example:
        >>> kind_of(pa.schema([("prompt", pa.string()), ("target", pa.string())]))
        'target'
    """
    names = set(schema.names)
    if "question" in names and "answer" in names:
        return "qa"
    if {"prompt", "target"} <= names:
        return "target"
    if {"prompt", "chosen", "rejected"} <= names:
        return "preference"
    if {"prompt", "completion", "label"} <= names:
        return "unpaired"
    if {"prompt", "completion"} <= names and _lists(schema, "prompt"):
        return "completion"
    if "messages" in names and _lists(schema, "messages"):
        return "messages"
    if "prompt" in names:
        return "prompt"
    if "text" in names and not names & {"translation", "tokens", "label"}:
        return "text"
    raise FormattingError(
        "no record can be made from these columns",
        expected="; or ".join(TABLE_KINDS.values()),
        found=", ".join(schema.names) or "no columns",
        hint="a prompt kernel (mk.prompt(...), mk.harness(...)) turns other schemas into `prompt` "
        "and `target`",
    )


def message_columns_of(table: pa.Table) -> dict[str, pa.Array]:
    """Return the columns of a table that are lists of messages."""
    lists = {name: whole(table[name]) for name in MESSAGE_LISTS
             if name in table.column_names and _lists(table.schema, name)}  # fmt: skip
    return {n: column for n, column in lists.items() if pa.types.is_struct(column.type.value_type)}


def checked_system(system: str | None) -> str | None:
    """Return the text of a system turn, if it can be one.

    Raises:
        ArgumentError: It is blank, holds a control token, or is not text.
    """
    if system is not None:
        nonempty_text("system", system, hint="leave it out for rows without a system turn")
        if any(len(rows) for _, rows in plain_texts(pa.array([system]))):
            raise ArgumentError(
                "the system text is blank or holds a control token", argument="system",
                expected="text", found=shorten([system]), hint="records add such tokens themselves",
            )  # fmt: skip
    return system


def _lists(schema: pa.Schema, name: str) -> bool:
    return bool(
        pa.types.is_list(schema.field(name).type) or pa.types.is_large_list(schema.field(name).type)
    )


def read_exchange(
    table: pa.Table, *, language: Cues, system: str | None, reply: bool = True,
    carried: Collection[str] = (), apart: bool = False,
) -> Exchange:  # fmt: skip
    """Take one piece of a table apart.

    Args:
        table: Of one of :data:`TABLE_KINDS`.
        language: See :func:`medqa_kit.training.records.record`.
        system: System turn for rows that have none of their own.
        reply: Whether replies are wanted; without, withheld and bad answers do not matter.
        carried: Fields of messages to carry along beside role, content and the reasoning of the reply.
        apart: Whether the turns before the reply keep their reasoning, too.
    """
    if apart:
        carried = (*carried, "reasoning_content")
    exchange = _read(table, language=language, system=system, reply=reply, carried=carried)
    return exchange if reply else replace(exchange, completion=None, rejected=None, label=None)


def _read(
    table: pa.Table, *, language: Cues, system: str | None, reply: bool, carried: Collection[str]
) -> Exchange:
    kind = kind_of(table.schema)
    if kind == "text":
        return Exchange(text=text(table, "text"))
    if kind == "qa":
        prompt = _told(messages(("user", user_text(table))), table)
        if not reply:
            return Exchange(_under(prompt, system))
        said = _reasoned(answer_text(table, language=language), table, "rationale")
        return Exchange(_under(prompt, system), said)
    if kind == "target":
        prompt = _told(_asked(_messages(table, "prompt", role="user"), carried), table)
        said = _reasoned(text(table, "target"), table, "reasoning")
        return Exchange(_under(prompt, system), said)
    if kind == "messages":
        prompt, said = prompt_and_reply(_messages(table, "messages", role="user"), carried=carried)
        return Exchange(_under(_told(prompt, table), system), said)
    if kind == "unpaired" and table.schema.field("label").type not in (pa.bool_(), pa.null()):
        raise FormattingError("the labels are not true or false", expected="label: bool",
                              found=str(table.schema.field("label").type),
                              hint="map them first: trainers take 0 and \"false\" for other things").at(column="label")  # fmt: skip
    return Exchange(
        _under(_told(_asked(_messages(table, "prompt", role="user"), carried), table), system),
        _replies(table, "chosen" if kind == "preference" else "completion", carried),
        _replies(table, "rejected", carried),
        label=whole(table["label"]) if kind == "unpaired" else None,
    )


def _replies(table: pa.Table, name: str, carried: Collection[str]) -> pa.ListArray | None:
    if name not in table.column_names:
        return None
    return _turns(_messages(table, name, role="assistant"), carried)


def _asked(lists: pa.ListArray, carried: Collection[str]) -> pa.ListArray:
    """Leave role, content and what is carried."""
    if "reasoning_content" in carried:
        return _turns(lists, carried)
    return _with_fields(lists, message_type(lists, carried=carried))


def _turns(lists: pa.ListArray, carried: Collection[str]) -> pa.ListArray:
    """Leave role, content and what is carried, and the reasoning where messages have such a field."""
    apart = any(field.name == "reasoning_content" for field in lists.type.value_type)
    return _with_fields(lists, message_type(lists, apart=apart, carried=carried))


def _with_fields(lists: pa.ListArray, type_: pa.StructType) -> pa.ListArray:
    """Give messages some fields; one that calls tools and says nothing has no content, be it blank or null."""
    kept = widen(lists, type_)
    turns = flat(kept).values
    content = pc.struct_field(turns, "content")
    silent = calls_of(turns)
    silent[silent] = np.asarray(blank(content.filter(pa.array(silent))))
    if not silent.any():
        return kept
    columns = {field.name: pc.struct_field(turns, field.name) for field in type_}
    columns["content"] = pc.if_else(pa.array(silent), pa.scalar(None, pa.string()), content)
    return relist(kept, pa.StructArray.from_arrays(list(columns.values()), fields=list(type_)))


def _told(prompt: pa.ListArray, table: pa.Table) -> pa.ListArray:
    """Put each row's own `system` before its prompt; a prompt that begins with another one breaks a rule."""
    if "system" not in table.column_names:
        return prompt
    system = blank_to_null(text(table, "system"))
    same = pc.fill_null(pc.equal(system, _first_system(prompt)), False)
    above = pc.if_else(same, pa.scalar(None, pa.string()), system)
    return joined_lists(messages(("system", above)), prompt)


def _reasoned(answer: pa.Array, table: pa.Table, column: str) -> pa.ListArray:
    return said_by_assistant(answer, text(table, column) if column in table.column_names else None)


def _messages(table: pa.Table, name: str, *, role: str) -> pa.ListArray:
    """Return a column as lists of messages: strings become one message of the given role."""
    if not _lists(table.schema, name):
        return messages((role, text(table, name)))
    column = whole(table[name])
    type_ = column.type.value_type
    if not pa.types.is_struct(type_) or {"role", "content"} - {field.name for field in type_}:
        raise FormattingError(
            "messages need a role and a content",
            expected="list<struct<role: string, content: string>>",
            found=str(column.type),
            hint="map human/gpt turns with from/value to user/assistant with role/content first",
        ).at(column=name)
    for field in type_:
        if field.name in REASONED.names and not pa.types.is_string(field.type):
            return _as_strings(column, name)
    return column


def _as_strings(column: pa.Array, name: str) -> pa.ListArray:
    try:
        return _cast(column)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise FormattingError(
            "the contents of messages are not strings",
            expected="content: string",
            found=str(column.type),
            hint="join lists of text parts into one string first",
        ).at(column=name) from error


def _cast(column: pa.Array) -> pa.ListArray:
    parts = flat(column)
    plain = [f for f in REASONED if f.name in {g.name for g in parts.values.type}]
    further = [f for f in parts.values.type if f.name not in REASONED.names]
    columns = [pc.struct_field(parts.values, field.name).cast(pa.string()) for field in plain]
    columns += [pc.struct_field(parts.values, field.name) for field in further]
    fields = [*plain, *further]
    struct = pa.StructArray.from_arrays(columns, fields=fields)
    return nested(struct, parts.ends - parts.starts, null=np.asarray(column.is_null()))


def prompt_and_reply(
    lists: pa.ListArray, *, carried: Collection[str] = ()
) -> tuple[pa.ListArray, pa.ListArray]:
    """Cut off the last turn as the reply; where it is not the assistant's, the reply is empty."""
    threads = flat(lists)
    lengths = threads.ends - threads.starts
    roles = pc.struct_field(threads.values, "role")
    last = np.maximum(threads.ends - 1, 0)
    replied = np.zeros(len(lists), bool)
    if len(threads.values):
        by_assistant = np.asarray(pc.fill_null(pc.equal(roles, "assistant"), False))
        replied = (lengths > 0) & by_assistant[np.minimum(last, len(threads.values) - 1)]
    cut = lengths - replied
    prompt = part(_asked(lists, carried), np.zeros_like(cut), cut)
    return prompt, part(_turns(lists, carried), cut, lengths)


def _under(prompt: pa.ListArray, system: str | None) -> pa.ListArray:
    """Put the system turn before prompts that do not begin with one of their own."""
    if system is None:
        return prompt
    own = _first_system(prompt).is_valid()
    content = pc.if_else(own, pa.scalar(None, pa.string()), constant(system, len(prompt)))
    return joined_lists(messages(("system", content)), prompt)


def _first_system(prompt: pa.ListArray) -> pa.Array:
    """Return the contents of the system turns that prompts begin with; null where one does not."""
    threads = flat(prompt)
    if not len(threads.values):
        return pa.nulls(len(prompt), pa.string())
    first = np.minimum(threads.starts, len(threads.values) - 1)
    turns = threads.values.take(pa.array(first))
    led = pc.fill_null(pc.equal(pc.struct_field(turns, "role"), "system"), False)
    led = np.asarray(led) & (threads.ends > threads.starts)
    return pc.if_else(pa.array(led), pc.fill_null(pc.struct_field(turns, "content"), ""), None)


def unpaired_replies(x: Exchange, table: pa.Table) -> tuple[Exchange, pa.Table]:
    """Make two rows of each preference: the chosen reply, then the rejected one."""
    assert x.prompt is not None  # for the type checker: preferences have prompts
    twice = pa.array(np.repeat(np.arange(rows := table.num_rows), 2))
    order = pa.array(np.arange(2 * rows).reshape(2, rows).T.ravel())
    table = table.take(twice)
    if "id" in table.column_names:
        ends = pa.array(np.tile(["#chosen", "#rejected"], rows), pa.string())
        ids = pc.binary_join_element_wise(whole(table["id"]).cast(pa.string()), ends, "")
        table = table.set_column(table.column_names.index("id"), "id", ids)
    replies = Exchange(
        prompt=x.prompt.take(twice),
        completion=pa.concat_arrays(alike_lists(x.completion, x.rejected)).take(order),
        label=pa.array(np.tile([True, False], rows)),
    )
    return replies, table
