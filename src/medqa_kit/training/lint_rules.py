"""Rules for lists of messages and for strings that are one, behind :func:`medqa_kit.training.lint.lint`.

Every rule looks at whole columns and yields pairs of a code and the rows that break it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.byte_scans import byte_block
from medqa_kit.core.arrow.columns import blank, list_lengths, truths, whole
from medqa_kit.core.arrow.messages import CARRIED, REASONED, ROLES, calls_of, message_type
from medqa_kit.core.arrow.ragged import Flat, Ints, Mask, flat, nested
from medqa_kit.training.marks import control_tokens, think_blocks
from medqa_kit.training.violations import Violations

# First bytes of what does not show, and second bytes of what lies beyond ASCII: 0xE1 also begins all Khmer.
_SPACE_LEADS = np.isin(np.arange(256), [*range(0x21), 0xC2, 0xCD, 0xE1, 0xE2, 0xE3, 0xEF, 0xF3])
_SPACE_SECONDS = np.isin(np.arange(256), [0x80, 0x81, 0x85, 0x8F, 0x9A, 0xA0, 0xAD, 0xB8, 0xBB])
# What does not show: white space, and what Unicode calls format characters.
_UNSEEN = r"[\x09-\x0D\x1C-\x20\x{85}\pZ\p{Cf}\x{34F}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{3164}\x{FE00}-\x{FE0F}]+"

_SYSTEM, _USER, _ASSISTANT, _TOOL, _START = 0, 1, 2, 3, 4
# _FOLLOWS[before, role]: may a turn of this role come after one of that?
_FOLLOWS = np.zeros((5, 4), bool)
_FOLLOWS[_START, [_SYSTEM, _USER]] = True
_FOLLOWS[_SYSTEM, _USER] = True
_FOLLOWS[_USER, _ASSISTANT] = True
_FOLLOWS[_ASSISTANT, [_USER, _TOOL]] = True
_FOLLOWS[_TOOL, [_ASSISTANT, _TOOL]] = True


# Columns that say what the messages mean.
_BESIDE_MESSAGES = (
    "tools", "functions", "chat_template_kwargs", "image", "images", "video", "videos", "audio", "audios"
)  # fmt: skip

ThreadPart = Literal["whole", "prompt", "reply"]


def conversation(lists: pa.ListArray, *, part: ThreadPart = "whole") -> Violations:
    """Check roles, their order, contents, control tokens and think tags of lists of messages.

    Args:
        lists: ``list<struct<role, content[, reasoning_content]>>[n]``.
        part: A whole conversation and a reply end with the assistant, a prompt with the user; a
            reply begins as what follows a user's turn.
    """
    threads = flat(lists)
    lengths = threads.ends - threads.starts
    none = "last_not_assistant" if part == "reply" else "messages_empty"
    yield none, np.flatnonzero(lengths == 0)
    codes = _role_codes(threads.values)
    parents = threads.parents
    yield "role_unknown", parents[codes < 0]
    yield from _order(codes, parents, threads.places, start=_USER if part == "reply" else _START)
    last = codes[threads.ends[lengths > 0] - 1]
    who, allowed = ("user", (_USER, _TOOL)) if part == "prompt" else ("assistant", (_ASSISTANT,))
    wrong = (last >= 0) & ~np.isin(last, allowed)
    yield f"last_not_{who}", np.flatnonzero(lengths > 0)[wrong]
    contents, reasoning = pc.struct_field(threads.values, "content"), None
    if any(field.name == "reasoning_content" for field in threads.values.type):
        reasoning = pc.struct_field(threads.values, "reasoning_content")
    called = calls_of(threads.values)
    for rule in (
        ((code, at[~called[at]]) for code, at in blank_texts(contents)),
        control_tokens(contents),
        () if reasoning is None else control_tokens(reasoning),
        think_blocks(contents, codes == _ASSISTANT, reasoning),
    ):
        for code, at in rule:
            yield code, parents[at]
    for name in set(CARRIED) & {field.name for field in threads.values.type}:
        for texts, of_turn in _texts_within(pc.struct_field(threads.values, name)):
            for code, at in control_tokens(texts):
                yield code, parents[of_turn[at]]
    yield "call_unmatched", _unmatched_calls(threads, codes == _TOOL)


def _texts_within(values: pa.Array, at: Ints | None = None) -> Iterator[tuple[pa.Array, Ints]]:
    """Return the columns of text within nested values, and which of the values each text is from."""
    at = np.arange(len(values)) if at is None else at
    if pa.types.is_string(values.type):
        yield values, at
    elif pa.types.is_list(values.type):
        lists = flat(values)
        yield from _texts_within(lists.values, at[lists.parents])
    elif pa.types.is_struct(values.type):
        for place in range(values.type.num_fields):
            yield from _texts_within(pc.struct_field(values, [place]), at)


def _unmatched_calls(threads: Flat, results: Mask) -> Ints:
    """Find rows in which a result answers no call of the row, or a call before the last turn has no result."""
    types = {field.name: field.type for field in threads.values.type}
    calls, named = types.get("tool_calls"), types.get("tool_call_id")
    if (
        calls is None
        or named is None
        or not pa.types.is_list(calls)
        or not pa.types.is_struct(calls.value_type)
    ):
        return np.array([], np.int64)
    if calls.value_type.get_field_index("id") < 0:
        return np.array([], np.int64)
    parts = flat(pc.struct_field(threads.values, "tool_calls"))
    row, last = threads.parents, np.zeros(len(results), bool)
    last[threads.ends[threads.ends > threads.starts] - 1] = True
    asked = _keys(row[parts.parents], pc.struct_field(parts.values, "id"))
    answered = _keys(
        row[results], pc.struct_field(threads.values, "tool_call_id").filter(pa.array(results))
    )
    stray = ~np.asarray(pc.is_in(answered, value_set=asked)) & np.isin(
        row[results], row[parts.parents]
    )
    open_ = ~np.asarray(pc.is_in(asked, value_set=answered)) & ~last[parts.parents]
    return np.concatenate([row[results][stray], row[parts.parents][open_]])


def _keys(rows: Ints, names: pa.Array) -> pa.Array:
    texts = pc.fill_null(names.cast(pa.string()), "")
    return pc.binary_join_element_wise(pa.array(rows).cast(pa.string()), texts, " ")


def _role_codes(messages: pa.StructArray) -> Ints:
    roles = pc.index_in(pc.struct_field(messages, "role"), value_set=pa.array(ROLES))
    return np.asarray(pc.fill_null(roles, -1), dtype=np.int64)


def _order(codes: Ints, parents: Ints, places: Ints, *, start: int) -> Violations:
    before = np.concatenate([[start], codes[:-1]])[: len(codes)]
    before = np.where(places == 0, start, before)
    known = (codes >= 0) & (before >= 0)
    late = (codes == _SYSTEM) & ((places > 0) | (start != _START))
    yield "system_not_first", parents[late]
    # A late system turn is listed once; what follows it is judged as if after a leading one.
    wrong = known & ~late & ~_FOLLOWS[np.maximum(before, 0), np.maximum(codes, 0)]
    yield "role_order", parents[wrong]


def tool_runs(lists: pa.ListArray) -> Violations:
    """Find two turns of tools in a row, for readers whose turns must alternate."""
    threads = flat(lists)
    tool = _role_codes(threads.values) == _TOOL
    second = tool & np.concatenate([[False], tool[:-1]])[: len(tool)] & (threads.places > 0)
    yield "role_order", threads.parents[second]


def lost_fields(lists: pa.ListArray, carried: Collection[str] = ()) -> Violations:
    """Find messages with a field that the record does not hold, such as ``tool_calls`` or ``weight``.

    Null, blank text and empty lists say nothing, so nothing is lost with them.
    """
    threads = flat(lists)
    for field in threads.values.type:
        if field.name not in REASONED.names and field not in message_type(lists, carried=carried):
            for code, at in lost_column(pc.struct_field(threads.values, field.name)):
                yield code, threads.parents[at]


def lost_reasoning(lists: pa.ListArray, column: str, *, kept: bool) -> Violations:
    """Find reasoning of turns before the reply that the record does not keep, and of others than the assistant.

    Args:
        lists: The messages.
        column: Where they stand: all of a `prompt`, and all but the last of `messages`, are before the reply.
        kept: Whether the record keeps the reasoning of the assistant before the reply.
    """
    threads = flat(lists)
    if "reasoning_content" not in threads.values.type.names:
        return
    last = threads.places == (threads.ends - threads.starts)[threads.parents] - 1
    before = {"prompt": np.ones(len(last), bool), "messages": ~last}.get(column, ~last & last)
    lost = (_role_codes(threads.values) != _ASSISTANT) | (before & (not kept))
    for code, at in lost_column(pc.struct_field(threads.values, "reasoning_content")):
        yield code, threads.parents[at[lost[at]]]


def lost_tools(table: pa.Table, kept: Collection[str]) -> Violations:
    """Find rows whose tools, pictures or settings of the template stand in a column that the record leaves out."""
    for name in _BESIDE_MESSAGES:
        if name in table.column_names and name not in kept:
            yield from lost_column(whole(table[name]))


def lost_column(values: pa.Array) -> Violations:
    """Find values that say something: neither null, nor blank text, nor an empty list."""
    says = np.asarray(values.is_valid())
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        says = says & (list_lengths(values) > 0)
    elif pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        says = says & ~truths(blank(values))
    yield "field_lost", np.flatnonzero(says)


def blank_texts(texts: pa.Array) -> Violations:
    """Find texts that are null or blank."""
    yield "content_null", np.flatnonzero(np.asarray(texts.is_null()))
    yield "content_empty", blank_places(texts)


def blank_places(texts: pa.Array) -> Ints:
    """Find texts, not nulls, in which nothing shows: few begin so and are looked at whole."""
    bounds, data = byte_block(texts)
    starts, last = bounds[:-1], max(len(data) - 1, 0)
    suspect = bounds[1:] == starts  # empty texts; where one ends the block, there is no byte at all
    if len(data):
        suspect |= _SPACE_LEADS.take(data.take(starts, mode="clip"))
    at = np.flatnonzero(suspect)
    if len(data):
        first, second = (data[np.minimum(starts[at] + n, last)] for n in (0, 1))
        empty = bounds[at + 1] == starts[at]
        at = at[empty | (first <= ord(" ")) | _SPACE_SECONDS[second]]
    if texts.null_count:
        at = at[np.asarray(texts.is_valid())[at]]
    near = texts.take(pa.array(at))
    return at[truths(blank(near)) | truths(pc.match_substring_regex(near, rf"\A{_UNSEEN}\z"))]


def plain_texts(texts: pa.Array) -> Violations:
    """Check contents and control tokens of a column of plain text."""
    yield from blank_texts(texts)
    yield from control_tokens(texts)


def boundary(prompt: pa.Array, *replies: pa.Array) -> Violations:
    """Check where prompt and reply meet as strings: the separator belongs to the reply.

    ``"정답: " + "B"`` is cut into other tokens than ``"정답: B"`` on real vocabularies; the trainer
    then masks the wrong token.
    """
    yield "prompt_ends_ws", np.flatnonzero(truths(pc.match_substring_regex(prompt, r"\s\z")))
    for reply in replies:
        starts = truths(pc.match_substring_regex(reply, r"\A\s"))
        written = truths(pc.greater(pc.binary_length(reply), 0))
        yield "completion_no_sep", np.flatnonzero(~starts & written)


def end_marks(mark: str, *texts: pa.Array) -> Violations:
    """Find texts that hold the mark which a record puts at the end of a reply."""
    for column in texts:
        yield "special_literal", np.flatnonzero(truths(pc.match_substring(column, mark)))


def equal_replies(chosen: pa.Array, rejected: pa.Array) -> Violations:
    """Find preferences whose two replies read alike, which teach nothing.

    What does not show (white space, zero-width characters) and what Unicode calls compatible (full
    width, composed and decomposed letters) makes no difference between replies.
    """
    replies = chosen, rejected
    if pa.types.is_list(chosen.type):
        chosen, rejected = _as_text(chosen), _as_text(rejected)
    alike = np.flatnonzero(truths(pc.equal(_seen(chosen), _seen(rejected))))
    if len(alike) and pa.types.is_list(replies[0].type):
        # Calls are nested, and Arrow compares no nested columns: a loop over the few rows that read alike.
        calls = (
            [_calls(said) for said in side.take(pa.array(alike)).to_pylist()] for side in replies
        )
        alike = alike[[first == second for first, second in zip(*calls, strict=True)]]
    yield "chosen_eq_rejected", alike


def _calls(said: list[dict[str, Any] | None] | None) -> list[Any]:
    return [
        message["tool_calls"] for message in said or () if message and message.get("tool_calls")
    ]


def _seen(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(pc.utf8_normalize(texts, form="NFKC"), _UNSEEN, "")


def _as_text(lists: pa.ListArray) -> pa.Array:
    """Join the contents of each list of messages, marked by role, for comparing."""
    threads = flat(lists)
    parts = pc.binary_join_element_wise(
        *(pc.fill_null(pc.struct_field(threads.values, name), "") for name in ("role", "content")),
        "\x1f",
    )
    return pc.binary_join(nested(parts, threads.ends - threads.starts), "\x1e")
