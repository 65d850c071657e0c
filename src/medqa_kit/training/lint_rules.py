"""The rules behind :func:`medqa_kit.training.lint.lint`, one function each.

Every rule looks at whole columns and yields (code, rows): the rows, counted from 0, that break it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.columns import blank, list_lengths, pick, whole
from medqa_kit.core.messages import ROLES, true
from medqa_kit.core.ragged import Ints, Mask, flat, nested

Found = Iterator[tuple[str, Ints]]

# Control tokens of the families we know: chat markers, end of text, Mistral's instruction marks.
_SPECIAL = (
    r"<\|[^|<>\s]{1,40}\|>|<｜[^｜<>]{1,40}｜>|</?s>|\[/?INST\]|"
    r"<(?:bos|eos|pad|unk|start_of_turn|end_of_turn|start_of_image|end_of_image)>"
)
# First bytes of white space, and second bytes of what lies beyond ASCII: 0xE1 also begins all Khmer.
_SPACE_LEADS = np.isin(np.arange(256), [*range(0x21), 0xC2, 0xE1, 0xE2, 0xE3])
_SPACE_SECONDS = np.isin(np.arange(256), [0x80, 0x81, 0x85, 0x9A, 0xA0])
_THINK = ("think", "reasoning")

_SYSTEM, _USER, _ASSISTANT, _TOOL, _START = 0, 1, 2, 3, 4
# _FOLLOWS[before, role]: may a turn of this role come after one of that?
_FOLLOWS = np.zeros((5, 4), bool)
_FOLLOWS[_START, [_SYSTEM, _USER]] = True
_FOLLOWS[_SYSTEM, _USER] = True
_FOLLOWS[_USER, _ASSISTANT] = True
_FOLLOWS[_ASSISTANT, [_USER, _TOOL]] = True
_FOLLOWS[_TOOL, [_ASSISTANT, _TOOL]] = True


Part = Literal["whole", "prompt", "reply"]


def conversation(lists: pa.ListArray, *, part: Part = "whole") -> Found:
    """Roles, their order, contents, control tokens and think tags of lists of messages.

    Args:
        lists: ``list<struct<role, content[, reasoning_content]>>[n]``.
        part: A whole conversation and a reply end with the assistant, a prompt with the user; a
            reply begins as what follows a user's turn.
    """
    found = flat(lists)
    lengths = found.ends - found.starts
    yield "messages_empty", np.flatnonzero(lengths == 0)
    roles = pc.index_in(pc.struct_field(found.values, "role"), value_set=pa.array(ROLES))
    codes = np.asarray(pc.fill_null(roles, -1), dtype=np.int64)
    parents = found.parents
    yield "role_unknown", parents[codes < 0]
    yield from _order(codes, parents, found.places, start=_USER if part == "reply" else _START)
    last = codes[found.ends[lengths > 0] - 1]
    who, allowed = ("user", (_USER, _TOOL)) if part == "prompt" else ("assistant", (_ASSISTANT,))
    wrong = (last >= 0) & ~np.isin(last, allowed)
    yield f"last_not_{who}", np.flatnonzero(lengths > 0)[wrong]
    contents = pc.struct_field(found.values, "content")
    for code, at in _contents(contents):
        yield code, parents[at]
    for code, at in control_tokens(contents):
        yield code, parents[at]
    reasoning = None
    if any(field.name == "reasoning_content" for field in found.values.type):
        reasoning = pc.struct_field(found.values, "reasoning_content")
    for code, at in _thinking(contents, codes == _ASSISTANT, reasoning):
        yield code, parents[at]


def _order(codes: Ints, parents: Ints, places: Ints, *, start: int) -> Found:
    before = np.concatenate([[start], codes[:-1]])[: len(codes)]
    before = np.where(places == 0, start, before)
    known = (codes >= 0) & (before >= 0)
    late = (codes == _SYSTEM) & ((places > 0) | (start != _START))
    yield "system_not_first", parents[late]
    # A late system turn is told once; what follows it is judged as if after a leading one.
    wrong = known & ~late & ~_FOLLOWS[np.maximum(before, 0), np.maximum(codes, 0)]
    yield "role_order", parents[wrong]


def _contents(contents: pa.Array) -> Found:
    null = np.asarray(contents.is_null())
    yield "content_null", np.flatnonzero(null)
    yield "content_empty", _blanks(contents)


def _blanks(texts: pa.Array) -> Ints:
    """Find texts, not nulls, of white space only; few begin with any and are looked at whole."""
    bounds, data = _bytes(texts)
    starts, last = bounds[:-1], max(len(data) - 1, 0)
    suspect = bounds[1:] == starts  # empty texts; where one ends the block, there is no byte at all
    if len(data):
        suspect |= _SPACE_LEADS[data[np.minimum(starts, last)]]
    at = np.flatnonzero(suspect)
    if len(data):
        first, second = (data[np.minimum(starts[at] + n, last)] for n in (0, 1))
        empty = bounds[at + 1] == starts[at]
        at = at[empty | (first <= ord(" ")) | _SPACE_SECONDS[second]]
    if texts.null_count:
        at = at[np.asarray(texts.is_valid())[at]]
    return at[true(blank(texts.take(pa.array(at))))]


def _bytes(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Give the bytes of a string column as one block, and where each text begins and ends in it."""
    if not pa.types.is_string(texts.type):  # large strings have offsets of another width
        texts = texts.cast(pa.string())
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return np.zeros(len(texts) + 1, np.int32), np.zeros(0, np.uint8)
    bounds = np.frombuffer(offsets, np.int32, len(texts) + 1, texts.offset * 4)
    return bounds - bounds[0], np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]]


def control_tokens(texts: pa.Array, *, at: Ints | None = None) -> Found:
    """Text that a tokenizer reads as a control token, such as ``<|im_end|>``: it ends the turn."""
    at = _marked(texts) if at is None else at
    if not len(at):
        return
    hit = pc.match_substring_regex(texts.take(pa.array(at)), _SPECIAL)
    yield "special_literal", at[true(hit)]


def _marked(texts: pa.Array) -> Ints:
    """Find the few texts worth a closer look: all marks hold ``<`` or ``INST]``.

    Scans the bytes of the whole column at once, which is ten times as fast as text by text.
    """
    bounds, data = _bytes(texts)
    closing = np.flatnonzero(data == ord("]"))
    closing = closing[closing >= 4]
    for back, byte in enumerate(b"TSNI", start=1):
        closing = closing[data[closing - back] == byte]
    at = np.concatenate([np.flatnonzero(data == ord("<")), closing])
    if not len(at):  # nearly always, and np.unique takes a while to say so
        return at
    return np.unique(np.searchsorted(bounds, at, side="right") - 1)


def think_tags(texts: pa.Array, *, at: Ints | None = None) -> Found:
    """Think tags in text that must have none, as whatever is given to the model."""
    at = _marked(texts) if at is None else at
    if not len(at):
        return
    hit = pc.match_substring_regex(texts.take(pa.array(at)), r"</?(?:think|reasoning)>")
    yield "think_in_source", at[true(hit)]


def _thinking(contents: pa.Array, replies: Mask, reasoning: pa.Array | None) -> Found:
    """One balanced block at the head of a reply is ours; any other tag came with the data."""
    at = _marked(contents)
    texts, by_assistant = contents.take(pa.array(at)), replies[at]
    opened, closed, first = (np.zeros(len(at), np.int64) for _ in range(3))
    for tag in _THINK:
        opened += _counts(texts, f"<{tag}>")
        closed += _counts(texts, f"</{tag}>")
        first += true(pc.match_substring_regex(texts, rf"\A<{tag}>(?s:.*)</{tag}>"))
    unbalanced = opened != closed
    ours = by_assistant & (opened == 1) & (closed == 1) & (first == 1)
    yield "think_unbalanced", at[by_assistant & unbalanced]
    yield "think_in_source", at[(opened + closed > 0) & ~ours & ~(by_assistant & unbalanced)]
    if reasoning is not None:
        yield from think_tags(reasoning)
        twice = ours & true(reasoning.take(pa.array(at)).is_valid())
        yield "think_in_source", at[twice]


def _counts(texts: pa.Array, tag: str) -> Ints:
    return np.asarray(pc.fill_null(pc.count_substring(texts, tag), 0), dtype=np.int64)


def plain(texts: pa.Array) -> Found:
    """Contents and control tokens of a column of plain text."""
    yield from _contents(texts)
    yield from control_tokens(texts)


def boundary(prompt: pa.Array, *replies: pa.Array) -> Found:
    """Where prompt and reply are strings: the separator belongs to the reply.

    ``"정답: " + "B"`` is cut into other tokens than ``"정답: B"`` on real vocabularies; the trainer
    then masks the wrong token.
    """
    yield "prompt_ends_ws", np.flatnonzero(true(pc.match_substring_regex(prompt, r"\s\z")))
    for reply in replies:
        starts = true(pc.match_substring_regex(reply, r"\A\s"))
        yield (
            "completion_no_sep",
            np.flatnonzero(~starts & true(pc.greater(pc.binary_length(reply), 0))),
        )


def same(chosen: pa.Array, rejected: pa.Array) -> Found:
    """Preferences whose two replies are equal teach nothing."""
    if pa.types.is_list(chosen.type):
        chosen, rejected = _as_text(chosen), _as_text(rejected)
    yield "chosen_eq_rejected", np.flatnonzero(true(pc.equal(chosen, rejected)))


def _as_text(lists: pa.ListArray) -> pa.Array:
    """Join the contents of each list of messages, marked by role, for comparing."""
    found = flat(lists)
    parts = pc.binary_join_element_wise(
        *(pc.fill_null(pc.struct_field(found.values, name), "") for name in ("role", "content")),
        "\x1f",
    )
    return pc.binary_join(nested(parts, found.ends - found.starts), "\x1e")


def question(table: pa.Table, *, reply: bool = True) -> Found:
    """Rows of the QA schema: the key, the options, and marks that came with the text.

    Without ``reply`` only what is asked matters, as for prompts whose answer is withheld.
    """
    given = ("question", "context")
    for name in (*given, "answer", "rationale") if reply else given:
        if name in table.column_names:
            column = whole(table[name])
            at = _marked(column)
            yield from think_tags(column, at=at)
            yield from control_tokens(column, at=at)
    asked, answer = whole(table["question"]), whole(table["answer"])
    yield from _contents(asked)
    choice = np.zeros(table.num_rows, bool)
    if "options" in table.column_names:
        options = flat(whole(table["options"]))
        choice = options.ends > options.starts
        yield from _options(table)
        if reply:
            yield from _key(table, choice)
    if not reply:
        return
    yield "null_key", np.flatnonzero(~choice & np.asarray(answer.is_null()))
    blanks = _blanks(answer)
    yield "content_empty", blanks[~choice[blanks]]


def _options(table: pa.Table) -> Found:
    found = flat(whole(table["options"]))
    marked = _marked(found.values)
    both = (control_tokens(found.values, at=marked), think_tags(found.values, at=marked))
    for code, at in chain(*both):
        yield code, found.rows(at)
    yield "option_blank", found.rows(np.flatnonzero(np.asarray(found.values.is_null())))
    yield "option_blank", found.rows(_blanks(found.values))
    yield "too_many_options", np.flatnonzero(found.ends - found.starts > 26)


def _key(table: pa.Table, choice: Mask) -> Found:
    lists, index = whole(table["options"]), whole(table["answer_index"])
    lengths = list_lengths(lists)
    null = np.asarray(index.is_null())
    yield "null_key", np.flatnonzero(choice & null)
    at = np.asarray(pc.fill_null(index, 0), dtype=np.int64)
    outside = choice & ~null & ((at < 0) | (at >= lengths))
    yield "answer_outside_options", np.flatnonzero(outside)
    differs = pc.not_equal(pick(lists, index), whole(table["answer"]))
    yield "key_text_disagree", np.flatnonzero(choice & true(differs))
