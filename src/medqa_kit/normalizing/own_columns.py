"""A normalizer for your own rows: the meaning of each column, and the form of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.answer_number import AnswerNumber
from medqa_kit.core.arguments import one_of
from medqa_kit.core.arrow.columns import (
    Column,
    blank_to_null,
    is_text,
    pick,
    positions,
    to_lists,
    whole,
)
from medqa_kit.core.arrow.hashing import content_key
from medqa_kit.core.arrow.json_rows import json_rows
from medqa_kit.core.arrow.ragged import flat, relist
from medqa_kit.core.text.option_labels import marker_places, number_labels
from medqa_kit.errors import ArgumentError, ValueTypeError
from medqa_kit.normalizing.labels import not_an_option
from medqa_kit.normalizing.option_lists import ordered_options, without_tail

_MARKER_AND_WORDS = r"^\s*(?P<marker>[(\[<]?[^\s()\[\]<>.:][)\]>.:]{1,2}|[①-⑳])\s*(?P<words>\S.*)$"
_TAG = "^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$"
AnswerBase: TypeAlias = Literal[0, 1, "letter", "text"]
"""How a column names the right option: a number counted from 0 or from 1, a letter, or its text."""


@dataclass(frozen=True, kw_only=True)
class OwnColumns:
    """A normalizer for your own rows, made of the names of their columns.

    Attributes:
        take: Normalised column to raw column, value for value; blanks are null.
        options: Raw columns that hold one option each, or the one column that holds all: a list, a
            struct such as ``{"A": …, "B": …}``, or either written as text.
        answer: Raw column that names the right option, or holds the answer where there are none.
        base: How it names it.
        text: Raw column that repeats the text of the right option, ``None`` where there is none. It is
            the answer, so that the check of every row compares the two.
        open: Raw column of the answers of rows that have no options, ``None`` where every row has some.
        key: Raw column of ids; ``None`` hashes what the row says.
        family: Raw column that names what rows belong together, if any.
        language: Raw column of the BCP 47 tag of each row, if any.

    Example:
        >>> mine = OwnColumns(take={"question": "q"}, options=("a", "b"), answer="right", base="letter")
        >>> rows = mine(pa.table({"q": ["1 + 1?"], "a": ["1"], "b": ["2"], "right": ["B"]}))
        >>> rows.select(["answer", "answer_index"]).to_pylist()
        [{'answer': '2', 'answer_index': 1}]
    """

    take: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] | str | None = None
    answer: str | None = None
    base: AnswerBase | None = None
    text: str | None = None
    open: str | None = None
    key: str | None = None
    family: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        one_of("base", self.base, (None, *get_args(AnswerBase)))
        if self.options == ():
            raise ArgumentError(
                "options= names no column", argument="options", expected="the columns of the options", found="()",
                hint="leave options= out where the questions are open",
            )  # fmt: skip

    @property
    def columns(self) -> tuple[str, ...]:
        """Raw columns that are read, each once."""
        options = (self.options,) if isinstance(self.options, str) else self.options or ()
        others = (self.answer, self.text, self.open, self.key, self.family, self.language)
        return tuple(dict.fromkeys([*self.take.values(), *options, *filter(None, others)]))

    @property
    def gold(self) -> AnswerNumber | None:
        """Where the rows number the right option; ``None`` where they name it otherwise."""
        if self.answer is None or self.options is None or self.base not in (0, 1):
            return None
        return AnswerNumber(column=self.answer, first=self.base, options=self.options)

    def __call__(self, raw: pa.Table) -> pa.Table:
        """Normalise one batch; see the class."""
        columns: dict[str, Column] = {"id": self._key(raw)}
        if self.family is not None:
            columns["family"] = raw[self.family].cast(pa.string())
        if self.language is not None:
            columns["language"] = _tags(raw[self.language], self.language)
        for new, old in self.take.items():
            columns[new] = _taken(raw[old], new)
        if self.options is not None:
            columns["options"] = options_of_columns(raw, self.options)
            if self.answer is not None and self.base is not None:
                lists = whole(columns["options"])
                place = self._place(raw, lists, self.base)
                columns["answer_index"] = place.cast(pa.int32())
                columns["answer"] = self._answers(raw, lists, place)
        return pa.table(columns)

    def _answers(self, raw: pa.Table, lists: pa.ListArray, place: pa.Array) -> Column:
        answers = whole(raw[self.text]) if self.text else pick(lists, place)
        if self.open is None:
            return answers
        replies = blank_to_null(whole(raw[self.open]).cast(answers.type))
        return pc.if_else(has_options(lists), answers, replies)

    def _key(self, raw: pa.Table) -> Column:
        if self.key is not None:
            return raw[self.key].cast(pa.string())
        texts = [raw[name] for name in self.take.values() if _is_hashable(raw[name].type)]
        if self.options is not None:
            texts.append(options_of_columns(raw, self.options))
        if not texts:  # messages, numbers: as they are written
            lines = bytes(json_rows(raw.select(list(dict.fromkeys(self.take.values())))))
            texts.append(pa.array(lines.split(b"\n")[:-1], pa.binary()).cast(pa.string()))
        return content_key(*texts)

    def _place(self, raw: pa.Table, lists: pa.ListArray, base: AnswerBase) -> pa.Array:
        assert self.answer is not None
        label = whole(raw[self.answer])
        place = answer_places(label, lists, base)
        known = pc.is_valid(label)
        if self.open == self.answer:
            known = pc.and_(known, has_options(lists))
        outside = pc.and_(known, pc.is_null(pick(lists, place)))
        if bad := positions(outside):
            raise not_an_option(
                label.cast(pa.string()), bad, column=self.answer, expected=_EXPECTED[base]
            )
        return place


def has_options(lists: pa.ListArray) -> pa.Array:
    """Check for each row whether it has options.

    Example:
        >>> has_options(pa.array([["x"], [], None])).to_pylist()
        [True, False, False]
    """
    return pc.greater(pc.fill_null(pc.list_value_length(lists), 0), 0)


_EXPECTED: Mapping[AnswerBase, str] = {
    0: "the number of one of the row's options, counted from 0",
    1: "the number of one of the row's options, counted from 1",
    "letter": "the letter of one of the row's options, A first; or ①, ㄱ, 가, ក",
    "text": "the text of exactly one of the row's options",
}


def options_of_columns(raw: pa.Table, options: tuple[str, ...] | str) -> pa.ListArray:
    """Return the options of each row as one list column.

    Args:
        raw: A batch.
        options: Columns of one option each, or the one column that holds all, as
            :func:`medqa_kit.normalizing.option_lists.ordered_options` reads it. Nulls and blanks at the
            end are no options.

    Raises:
        ArgumentError: The column holds no options.
        ValueTypeError: A text writes none.
        AnswerError: An option before the last is missing.

    Example:
        >>> raw = pa.table({"options": [{"A": "x", "B": "y", "C": None}]})
        >>> options_of_columns(raw, "options").to_pylist()
        [['x', 'y']]
    """
    if isinstance(options, str):
        return ordered_options(raw[options])
    return without_tail(to_lists([whole(raw[name]).cast(pa.string()) for name in options]))


def answer_places(label: pa.Array, lists: pa.ListArray, base: AnswerBase) -> pa.Array:
    """Return the position of the right option, counted from 0, as a label names it.

    Args:
        label: Numbers, letters or texts. A number may be written as ``2.0``, as pandas does beside gaps, or
            as ``2번``; a letter may be a marker of another kind (``②``, ``ㄴ``, ``나``, ``ខ``), stand in
            brackets, and have the words of its option behind it (``B. angina``).
        lists: ``list<string>[n]``.
        base: How the label names the option.

    Returns:
        ``int64[n]``; null where the label is null or names no option.

    Example:
        >>> lists = pa.array([["x", "y"], ["x", "x"]])
        >>> answer_places(pa.array(["y", "x"]), lists, "text").to_pylist()
        [1, None]
    """
    if base == "letter":
        return _letter_places(label.cast(pa.string()), lists)
    if base == "text":
        words = label.cast(pa.string())
        place = _places_of_words(words, lists)
        # Blanks around an answer say nothing, nor does how Hangul is composed.
        if place.null_count > words.null_count:
            parts = flat(lists)
            trimmed = relist(lists, _plain(parts.values))
            place = pc.coalesce(place, _places_of_words(_plain(words), trimmed))
        return place
    if pa.types.is_decimal(label.type) or pa.types.is_float16(label.type):
        label = label.cast(pa.float64())
    if is_text(label.type):
        label = number_labels(label, base)
    elif pa.types.is_floating(label.type):
        is_whole = pc.equal(label, pc.floor(label))
        label = pc.if_else(is_whole, label, pa.scalar(None, label.type))
    return pc.subtract(label.cast(pa.int64(), safe=False), base)


def _plain(texts: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(pc.utf8_normalize(texts, form="NFC"))


def _places_of_words(words: pa.Array, lists: pa.ListArray) -> pa.Array:
    """Return the place of the one option of a row that says the same."""
    parts = flat(lists)
    equal = np.asarray(
        pc.fill_null(pc.equal(parts.values, words.take(pa.array(parts.parents))), False), bool
    )
    counts = np.bincount(parts.parents[equal], minlength=len(lists))
    place = np.zeros(len(lists), np.int64)
    place[parts.parents[equal]] = parts.places[equal]
    return pa.array(place, mask=counts != 1)


def _letter_places(label: pa.Array, lists: pa.ListArray) -> pa.Array:
    """Return the places that markers name; one with the words of an option behind it must name that option."""
    place = marker_places(label)
    if place.null_count == label.null_count:
        return place
    worded = pc.extract_regex(label, _MARKER_AND_WORDS)
    if not pc.any(pc.is_valid(worded)).as_py():
        return place
    marked = marker_places(pc.struct_field(worded, "marker"))
    words = pc.utf8_trim_whitespace(pc.struct_field(worded, "words"))
    same = pc.equal(words, pc.utf8_trim_whitespace(pick(lists, marked)))
    return pc.coalesce(
        place, pc.if_else(pc.fill_null(same, False), marked, pa.scalar(None, pa.int64()))
    )


def base_of(label: pa.Array, lists: pa.ListArray) -> AnswerBase | None:
    """Return how labels name the right option where the rows prove it, ``None`` where they do not.

    Rows without options prove nothing. Letters and texts prove themselves. Numbers prove their base by their ends: a 0, or the number of
    a row's options.

    Example:
        >>> base_of(pa.array([1, 4]), pa.array([list("abcd")] * 2))
        1
        >>> base_of(pa.array([1, 2]), pa.array([list("abcd")] * 2)) is None
        True
    """
    known = count_known(label, lists)
    fitting = [
        base for base in get_args(AnswerBase) if known and count_named(label, lists, base) == known
    ]
    if "text" in fitting and is_text(label.type) and pc.any(pc.match_substring(label, ".")).as_py():
        return "text"  # "1.0" beside such options is one of them, not its number
    if fitting == ["letter", "text"] and not pc.any(_is_latin(label)).as_py():
        return "text"  # "가" where that is an option: its words
    if fitting == [0, 1] and answer_places(label, lists, 0).equals(answer_places(label, lists, 1)):
        return 1  # "2번" is the second option in either way of counting
    return fitting[0] if len(fitting) == 1 else None


def count_known(label: pa.Array, lists: pa.ListArray) -> int:
    """Count the rows that have options and a label.

    Args:
        label: As for :func:`answer_places`.
        lists: ``list<string>[n]``.

    Example:
        >>> count_known(pa.array(["A", None, "B"]), pa.array([["x"], ["y"], None]))
        1
    """
    return int(pc.sum(pc.and_(pc.is_valid(label), has_options(lists))).as_py() or 0)


def count_named(label: pa.Array, lists: pa.ListArray, base: AnswerBase) -> int:
    """Count the rows whose label names one of their options so.

    Args:
        label: As for :func:`answer_places`.
        lists: ``list<string>[n]``.
        base: How the label names the option.

    Example:
        >>> count_named(pa.array(["A", "C", "y"]), pa.array([["x", "y"]] * 3), "letter")
        1
    """
    if base in (0, 1) and not any(is_kind(label.type) for is_kind in _COUNTABLE):
        return 0
    chosen = pick(lists, answer_places(label, lists, base))
    return int(pc.count(chosen).as_py())


def _is_latin(label: pa.Array) -> pa.Array:
    return pc.match_substring_regex(label.cast(pa.string()), r"^\s*[A-Za-z]\s*$")


def _taken(column: Column, name: str) -> Column:
    """Return a column as the rows have it: blanks are null, and of a date the year is the year."""
    if name == "year" and (pa.types.is_date(column.type) or pa.types.is_timestamp(column.type)):
        return pc.year(column)
    return blank_to_null(column) if is_text(column.type) else column


def _tags(column: Column, name: str) -> pa.Array:
    """Return the languages of rows; raise where one is not written as a tag."""
    tags = blank_to_null(whole(column).cast(pa.string()))
    if bad := positions(pc.invert(pc.fill_null(pc.match_substring_regex(tags, _TAG), True))):
        found = tags.take(pa.array(bad[:3], pa.int64())).to_pylist()  # three values, for people
        raise ValueTypeError(
            "the language is not written as a tag", rows=bad, column=name, expected="a BCP 47 tag, such as 'ko'",
            found=", ".join(map(repr, found)), hint="write tags, or pass language= for all rows: the column is not read then",
        )  # fmt: skip
    return tags


_COUNTABLE = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, is_text)


def _is_hashable(type_: pa.DataType) -> bool:
    return is_text(type_) or bool(pa.types.is_list(type_) and is_text(type_.value_type))
