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

from medqa_kit.core.arrow.columns import list_lengths, pick
from medqa_kit.core.arrow.ragged import nested
from medqa_kit.core.arrow.slices import as_text, fail
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


class Worded:
    """A batch and the words it is written with; its options are checked once."""

    def __init__(self, batch: pa.RecordBatch, words: Words) -> None:
        self.batch, self.words, self.rows = batch, words, batch.num_rows

    def column(self, name: str) -> pa.Array:
        """Return a column."""
        return self.batch.column(name)

    @cached_property
    def options(self) -> pa.ListArray:
        """The options, checked."""
        return options_of(self.batch, labels=len(self.words.markers.labels))

    @cached_property
    def index(self) -> pa.Array:
        """The answers' places, checked."""
        return index_of(self.batch, self.options)


Make = Callable[[Worded], Filling]


def _options(x: Worded) -> Filling:
    return option_parts(x.options, x.words.markers)


def _marker(x: Worded) -> Filling:
    return pa.array(x.words.markers.labels).take(x.index)


def _answer_line(x: Worded) -> Filling:
    markers = x.words.markers
    starts = pa.array(markers.starts).take(x.index)
    return concat([starts, pick(x.options, x.index), markers.end], rows=x.rows)


def _labels(x: Worded) -> Filling:
    if x.words.labels:
        return ", ".join(x.words.labels)
    return pa.nulls(x.rows, pa.string())


def _tokens(x: Worded) -> Filling:
    return pc.binary_join(_lists(x, "tokens"), " ")


def _text(x: Worded) -> Filling:
    texts = as_text(x.column("text"), "text")
    if texts.null_count and "tokens" in x.batch.schema.names:
        return pc.coalesce(texts, pc.binary_join(_lists(x, "tokens"), " "))
    return texts


def _tagged(x: Worded) -> Filling:
    tokens, tags = _lists(x, "tokens"), _lists(x, "tags")
    known = tags.is_valid()
    lengths = list_lengths(tokens)
    fail(x.batch, pc.and_(known, pa.array(lengths != list_lengths(tags))), AlignmentError,
         "tokens and tags differ in number", column="tags", expected="one tag a token",
         hint="leave such rows out")  # fmt: skip
    kept = tokens.filter(known)
    lines = concat([kept.flatten(), "\t", tags.filter(known).flatten()], rows=len(kept.flatten()))
    joined = pc.binary_join(nested(lines, list_lengths(kept)), "\n")
    return _scatter(joined, known)


def _spans(x: Worded) -> Filling:
    spans = x.column("spans")
    if pa.types.is_null(spans.type):  # of dicts none of which has any
        return pa.nulls(len(spans), pa.string())
    known = spans.is_valid()
    kept = spans.filter(known)
    entities = kept.flatten()
    label, words_ = (_quoted(as_text(pc.struct_field(entities, n), n)) for n in ("label", "text"))
    items = concat(['{"text": ', words_, ', "label": ', label, "}"], rows=len(entities))
    body = pc.binary_join(nested(items, list_lengths(kept)), ", ")
    return _scatter(concat(["[", body, "]"], rows=len(kept)), known)


def _transcript(x: Worded) -> Filling:
    lists, roles, contents = _turns(x)
    ends = np.cumsum(list_lengths(lists))
    before = np.ones(len(roles), bool)
    before[ends - 1] = False
    names = pa.array(list(x.words.roles), pa.string())
    called = pa.array(list(x.words.roles.values()), pa.string()).take(pc.index_in(roles, names))
    lines = concat([pc.coalesce(called, roles), ": ", contents], rows=len(roles))
    kept = lines.filter(pa.array(before))
    return pc.binary_join(nested(kept, list_lengths(lists) - 1), "\n")


def _reply(x: Worded) -> Filling:
    lists, _, contents = _turns(x)
    return contents.take(pa.array(np.cumsum(list_lengths(lists)) - 1))


def _speaker(x: Worded) -> Filling:
    return x.words.roles["assistant"]


def _turns(x: Worded) -> tuple[pa.ListArray, pa.Array, pa.Array]:
    lists = x.column("messages")
    lengths = list_lengths(lists)
    turns = lists.flatten()
    roles, contents = (as_text(pc.struct_field(turns, n), n) for n in ("role", "content"))
    hint = "the reply to train on is the last turn: cut what follows it, or leave the row out"
    fail(x.batch, pa.array(lengths < 2), RowError, "a dialogue needs a turn and a reply",
         column="messages", expected="two turns or more", found=str(lengths.min(initial=0)),
         hint=hint)  # fmt: skip
    last = roles.take(pa.array(np.cumsum(lengths) - 1))
    fail(x.batch, pc.fill_null(pc.not_equal(last, "assistant"), True), RowError,
         "the last turn is not the assistant's", column="messages", expected="assistant",
         found=", ".join(map(str, last.unique().to_pylist()[:3])), hint=hint)  # fmt: skip
    if contents.null_count or roles.null_count:
        owners = pc.list_parent_indices(lists).filter(pc.or_(contents.is_null(), roles.is_null()))
        bad = np.isin(np.arange(len(lists)), owners.to_numpy(zero_copy_only=False))
        fail(x.batch, pa.array(bad), NullValueError, "a turn without a role or without words",
             column="messages", expected="text", found="null", hint=hint)  # fmt: skip
    return lists, roles, contents


def _named(column: str) -> Make:
    def make(x: Worded) -> Filling:
        codes = as_text(x.column(column), column)
        known = pa.array(list(x.words.names), pa.string())
        names = pa.array(list(x.words.names.values()), pa.string())
        return pc.coalesce(names.take(pc.index_in(codes, known)), codes)

    return make


def _lists(x: Worded, name: str) -> pa.ListArray:
    return x.column(name).cast(pa.list_(pa.string()))


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


def known_gaps(columns: Sequence[str]) -> list[str]:
    """Return the names that a template over these columns can hold.

    Example:
        >>> known_gaps(["text_language"])
        ['text_language', 'labels', 'speaker', 'text_language_name']
    """
    derived = [name for name, (needs, _) in DERIVED.items() if set(needs) <= set(columns)]
    return [*columns, *(name for name in derived if name not in columns)]


def columns_read(names: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return the columns that a template with these names reads.

    Example:
        >>> columns_read(["question", "marker"], ["id", "question", "options", "answer_index"])
        ['question', 'options', 'answer_index']
    """
    wanted: set[str] = set()
    for name in names:
        wanted.update(DERIVED[name][0] if name in DERIVED else (name,))
    if "text" in names:
        wanted.add("tokens")
    return [name for name in columns if name in wanted]


def gap_values(names: Sequence[str], batch: pa.RecordBatch, words: Words) -> dict[str, Filling]:
    """Return what stands in the gaps of these names, for each row of a batch.

    Args:
        names: Of columns, or of :data:`DERIVED`.
        batch: Has the columns that these are made from.
        words: Of the language.
    """
    x = Worded(batch, words)
    return {
        name: DERIVED[name][1](x) if name in DERIVED else as_text(batch.column(name), name)
        for name in names
    }
