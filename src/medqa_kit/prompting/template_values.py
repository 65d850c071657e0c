"""What a template can name beside the table's own columns: option lines, tagged tokens, turns.

Each value says which columns it is made from and makes itself column-wise. A template names what
it wants, so the same few lines serve questions, sentences, translations and dialogues.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.columns import list_lengths, pick
from medqa_kit.core.slices import fail, text
from medqa_kit.errors import AlignmentError, NullValueError, RowError
from medqa_kit.prompting.options import Markers, index_of, option_parts, options_of
from medqa_kit.prompting.template import Filling, concat


@dataclass(frozen=True)
class Words:
    """The words and markers the values are made with; see :class:`~.languages.Language`."""

    markers: Markers
    names: Mapping[str, str]
    roles: Mapping[str, str]
    labels: tuple[str, ...]


class Batch:
    """A batch whose options are looked at, and checked, once."""

    def __init__(self, batch: pa.RecordBatch, words: Words) -> None:
        self.batch, self.words, self.rows = batch, words, batch.num_rows

    def column(self, name: str) -> pa.Array:
        """Give a column."""
        return self.batch.column(name)

    @cached_property
    def options(self) -> pa.ListArray:
        """The options, checked."""
        return options_of(self.batch, labels=len(self.words.markers.labels))

    @cached_property
    def index(self) -> pa.Array:
        """The answers' places, checked."""
        return index_of(self.batch, self.options)


Make = Callable[[Batch], Filling]


def _options(given: Batch) -> Filling:
    return option_parts(given.options, given.words.markers)


def _marker(given: Batch) -> Filling:
    return pa.array(given.words.markers.labels).take(given.index)


def _answer_line(given: Batch) -> Filling:
    markers = given.words.markers
    starts = pa.array(markers.starts).take(given.index)
    return concat([starts, pick(given.options, given.index), markers.end], rows=given.rows)


def _labels(given: Batch) -> Filling:
    if given.words.labels:
        return ", ".join(given.words.labels)
    return pa.nulls(given.rows, pa.string())


def _tokens(given: Batch) -> Filling:
    return pc.binary_join(_lists(given, "tokens"), " ")


def _text(given: Batch) -> Filling:
    held = text(given.column("text"), "text")
    if held.null_count and "tokens" in given.batch.schema.names:
        return pc.coalesce(held, pc.binary_join(_lists(given, "tokens"), " "))
    return held


def _tagged(given: Batch) -> Filling:
    tokens, tags = _lists(given, "tokens"), _lists(given, "tags")
    known = tags.is_valid()
    lengths = list_lengths(tokens)
    fail(given.batch, pc.and_(known, pa.array(lengths != list_lengths(tags))), AlignmentError,
         "tokens and tags differ in number", column="tags", expected="one tag a token",
         hint="leave such rows out")  # fmt: skip
    kept = tokens.filter(known)
    lines = concat([kept.flatten(), "\t", tags.filter(known).flatten()], rows=len(kept.flatten()))
    joined = pc.binary_join(_relist(list_lengths(kept), lines), "\n")
    return _scatter(joined, known)


def _spans(given: Batch) -> Filling:
    spans = given.column("spans")
    known = spans.is_valid()
    kept = spans.filter(known)
    entities = kept.flatten()
    label, words_ = (_quoted(text(pc.struct_field(entities, n), n)) for n in ("label", "text"))
    items = concat(['{"text": ', words_, ', "label": ', label, "}"], rows=len(entities))
    body = pc.binary_join(_relist(list_lengths(kept), items), ", ")
    return _scatter(concat(["[", body, "]"], rows=len(kept)), known)


def _transcript(given: Batch) -> Filling:
    lists, roles, contents = _turns(given)
    ends = np.cumsum(list_lengths(lists))
    before = np.ones(len(roles), bool)
    before[ends - 1] = False
    names = pa.array(list(given.words.roles), pa.string())
    called = pa.array(list(given.words.roles.values()), pa.string()).take(pc.index_in(roles, names))
    lines = concat([pc.coalesce(called, roles), ": ", contents], rows=len(roles))
    kept = lines.filter(pa.array(before))
    return pc.binary_join(_relist(list_lengths(lists) - 1, kept), "\n")


def _reply(given: Batch) -> Filling:
    lists, _, contents = _turns(given)
    return contents.take(pa.array(np.cumsum(list_lengths(lists)) - 1))


def _speaker(given: Batch) -> Filling:
    return given.words.roles["assistant"]


def _turns(given: Batch) -> tuple[pa.ListArray, pa.Array, pa.Array]:
    lists = given.column("messages")
    lengths = list_lengths(lists)
    turns = lists.flatten()
    roles, contents = (text(pc.struct_field(turns, n), n) for n in ("role", "content"))
    hint = "the reply to train on is the last turn: cut what follows it, or leave the row out"
    fail(given.batch, pa.array(lengths < 2), RowError, "a dialogue needs a turn and a reply",
         column="messages", expected="two turns or more", found=str(lengths.min(initial=0)),
         hint=hint)  # fmt: skip
    last = roles.take(pa.array(np.cumsum(lengths) - 1))
    fail(given.batch, pc.fill_null(pc.not_equal(last, "assistant"), True), RowError,
         "the last turn is not the assistant's", column="messages", expected="assistant",
         found=", ".join(map(str, last.unique().to_pylist()[:3])), hint=hint)  # fmt: skip
    if contents.null_count or roles.null_count:
        owners = pc.list_parent_indices(lists).filter(pc.or_(contents.is_null(), roles.is_null()))
        bad = np.isin(np.arange(len(lists)), owners.to_numpy(zero_copy_only=False))
        fail(given.batch, pa.array(bad), NullValueError, "a turn without a role or without words",
             column="messages", expected="text", found="null", hint=hint)  # fmt: skip
    return lists, roles, contents


def _named(column: str) -> Make:
    def make(given: Batch) -> Filling:
        codes = text(given.column(column), column)
        known = pa.array(list(given.words.names), pa.string())
        names = pa.array(list(given.words.names.values()), pa.string())
        return pc.coalesce(names.take(pc.index_in(codes, known)), codes)

    return make


def _lists(given: Batch, name: str) -> pa.ListArray:
    return given.column(name).cast(pa.list_(pa.string()))


def _relist(lengths: np.ndarray, values: pa.Array) -> pa.ListArray:
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(starts), values)


def _scatter(values: pa.Array, known: pa.Array) -> pa.Array:
    mask = np.asarray(known)
    place = np.cumsum(mask) - 1
    return values.take(pa.array(place, mask=~mask))


def _quoted(texts: pa.Array) -> pa.Array:
    """Write texts as JSON strings, non-ASCII as it is.

    Texts with control characters, of which there are few, go one by one through ``json``: Arrow
    has no escape for them.
    """
    odd = pc.match_substring_regex(texts, "[\\x00-\\x1f]")
    plain = pc.replace_substring(pc.replace_substring(texts, "\\", "\\\\"), '"', '\\"')
    framed = concat(['"', plain, '"'], rows=len(texts))
    if not pc.any(odd).as_py():
        return framed
    slow = [json.dumps(t, ensure_ascii=False) for t in texts.filter(odd).to_pylist()]
    return pc.replace_with_mask(framed, odd.fill_null(False), pa.array(slow, pa.string()))


DERIVED: Mapping[str, tuple[tuple[str, ...], Make]] = {
    "options": (("options",), _options),
    "marker": (("options", "answer_index"), _marker),
    "answer_line": (("options", "answer_index"), _answer_line),
    "labels": ((), _labels),
    "tokens": (("tokens",), _tokens),
    "tagged": (("tokens", "tags"), _tagged),
    "spans": (("spans",), _spans),
    "transcript": (("messages",), _transcript),
    "reply": (("messages",), _reply),
    "speaker": ((), _speaker),
    "text": (("text",), _text),
    "text_language_name": (("text_language",), _named("text_language")),
    "translation_language_name": (
        ("translation_language",),
        _named("translation_language"),
    ),
}


def makeable(columns: Sequence[str]) -> list[str]:
    """List what a template over these columns can name."""
    made = [name for name, (needs, _) in DERIVED.items() if set(needs) <= set(columns)]
    return [*columns, *(name for name in made if name not in columns)]


def sources(names: Sequence[str], columns: Sequence[str]) -> list[str]:
    """List the columns a template reads, given the names in it."""
    wanted: set[str] = set()
    for name in names:
        wanted.update(DERIVED[name][0] if name in DERIVED else (name,))
    if "text" in names:
        wanted.add("tokens")
    return [name for name in columns if name in wanted]


def make(names: Sequence[str], batch: pa.RecordBatch, words: Words) -> dict[str, Filling]:
    """Make the values of those names from one batch."""
    given = Batch(batch, words)
    return {
        name: DERIVED[name][1](given) if name in DERIVED else text(batch.column(name), name)
        for name in names
    }
