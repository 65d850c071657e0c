"""Whether the answers of a file count from 0 or from 1: proved from all of its rows, never assumed.

Numbers that count from 1 where the layout says 0 give a wrong answer in every row, and most of them
are numbers of an option all the same. What gives them away is the whole file: no answer is the first
option, and some lie one past the last.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.answer_number import AnswerNumber
from medqa_kit.core.arrow.columns import (
    Column,
    blank,
    letter_index,
    list_lengths,
    uncastable,
    whole,
)
from medqa_kit.core.arrow.ragged import flat
from medqa_kit.core.text.option_labels import number_labels
from medqa_kit.errors import ArgumentError, RowError
from medqa_kit.normalizing.option_lists import spaced_options

CERTAIN = 1e-6
"""A file is refused where chance would leave one end of the range empty more rarely than this."""
DOUBTFUL = 1e-2
"""A file is warned of where chance would do so more rarely than this."""
NAMED_LETTER = (
    r"(?i)(?:\bans(?:wer)?\b|\bcorrect (?:option|answer)\b|정답)[\s.:\-]*(?:is|은|는)?[\s:]*"
    r"""['"`‘“(\[]\s*(?P<letter>[A-J])\s*['"`’”)\].]"""
)
"""Where an explanation names the right option by a letter in quotation marks or brackets."""


@dataclass(frozen=True)
class AnswerPositions:
    """How often the answers of some rows stand where, counted as the layout says.

    Attributes:
        rows: Rows with a known answer and two options or more.
        first: Answers that are the first option.
        last: Answers that are the row's last option.
        before: Answers one before the first option, so no option at all.
        beyond: Answers one past the last option.
        outside: Answers further outside.
        agreeing: Answers that are the option whose letter the explanation names.
        after: Answers one after that option.
        preceding: Answers one before that option.
        never_first: Natural logarithm of the probability that no answer is the first option, were
            all options equally likely: the sum of ``log(1 - 1/k)``. It is that of the last too.
    """

    rows: int = 0
    first: int = 0
    last: int = 0
    before: int = 0
    beyond: int = 0
    outside: int = 0
    agreeing: int = 0
    after: int = 0
    preceding: int = 0
    never_first: float = 0.0

    @classmethod
    def of(
        cls, position: Column, options: Column, *, letter: Column | None = None
    ) -> AnswerPositions:
        """Count the answers of a batch.

        Args:
            position: Integers; 0 is the first option. Nulls do not count.
            options: ``list<string>[n]``.
            letter: ``string[n]``: the letter that the explanation names, null where it names none.

        Example:
            >>> AnswerPositions.of(pa.array([0, 1, 2]), pa.array([["a", "b"]] * 3)).beyond
            1
        """
        lengths: npt.NDArray[np.int64] = list_lengths(whole(options))
        return cls._counted(whole(position), lengths, letter)

    @classmethod
    def of_raw(cls, raw: pa.Table, gold: AnswerNumber) -> AnswerPositions:
        """Count the answers of raw rows, those that no option is numbered by included.

        Args:
            raw: Raw rows.
            gold: Where they number the right option. What is no number, and what is withheld, does
                not count.

        Example:
            >>> gold = AnswerNumber(column="key", first=1, options=("a", "b"))
            >>> raw = pa.table({"a": ["x"] * 3, "b": ["y"] * 3, "key": [1, 2, 0]})
            >>> AnswerPositions.of_raw(raw, gold).before
            1
        """
        label = whole(raw[gold.column])
        if gold.withheld:
            values = pa.array(gold.withheld, pa.string())
            withheld = pc.is_in(label.cast(pa.string()), value_set=values)
            label = pc.if_else(withheld, pa.scalar(None, label.type), label)
        position = pc.subtract(_numbers(label, gold.first), gold.first)
        if isinstance(gold.options, str):
            lengths = _counts_of_options(whole(raw[gold.options]))
        else:
            lengths = np.full(raw.num_rows, len(gold.options))
        return cls._counted(position, lengths, _named_letters(raw, gold))

    @classmethod
    def _counted(
        cls, position: pa.Array, lengths: npt.NDArray[np.int64], letter: Column | None
    ) -> AnswerPositions:
        valid = np.asarray(pc.is_valid(position), bool) & (lengths > 1)
        places = np.asarray(pc.fill_null(position.cast(pa.int64()), 0))[valid]
        sizes = lengths[valid]
        known = int(valid.sum())
        first, before = int((places == 0).sum()), int((places == -1).sum())
        last, beyond = int((places == sizes - 1).sum()), int((places == sizes).sum())
        far = int(((places < -1) | (places > sizes)).sum())
        agreeing, after, preceding = 0, 0, 0
        if letter is not None:
            told = np.asarray(pc.fill_null(whole(letter_index(letter)).cast(pa.int64()), -9))[valid]
            off = (places - told)[told >= 0]
            agreeing, after, preceding = (int((off == step).sum()) for step in (0, 1, -1))
        return cls(known, first, last, before, beyond, far, agreeing, after, preceding,
                   float(np.log1p(-1 / sizes).sum()))  # fmt: skip

    def __add__(self, other: AnswerPositions) -> AnswerPositions:
        """Add the counts of two batches."""
        return AnswerPositions(
            *(getattr(self, f.name) + getattr(other, f.name) for f in fields(self))
        )

    @property
    def shift(self) -> int:
        """By how much the file counts otherwise than the layout says: 1, -1, or 0 where it agrees.

        1 means that its numbers are one too large: no answer is the first option, while some lie
        one past the last, or more stand one after the option that the explanation names than at it,
        or so many rows were seen that chance cannot explain it. -1 means that some lie before the
        first option, and none is the last.

        Example:
            >>> one_based = AnswerPositions.of(pa.array([1, 2, 4]), pa.array([list("abcd")] * 3))
            >>> one_based.shift
            1
        """
        certain = bool(self.rows) and math.exp(self.never_first) < CERTAIN and self.last > 0
        if (
            not self.first
            and not self.before
            and (self.beyond or self.after > self.agreeing or certain)
        ):
            return 1
        if not self.last and not self.beyond and self.before:
            return -1
        return 0

    @property
    def doubt(self) -> str:
        """What is odd without being proof, in words; empty where nothing is.

        Example:
            >>> counts = AnswerPositions.of(pa.array([1, 1] * 20), pa.array([list("abcd")] * 40))
            >>> counts.doubt
            'of 40 answers none is the first option and none the last'
        """
        if self.shift or not self.rows or math.exp(self.never_first) >= DOUBTFUL:
            return ""
        ends = [name for name, number in (("first", self.first), ("last", self.last)) if not number]
        if not ends:
            return ""
        return f"of {self.rows:,} answers none is the {' option and none the '.join(ends)}" + (
            " option" if len(ends) == 1 else ""
        )


def _counts_of_options(column: pa.Array) -> npt.NDArray[np.int64]:
    """Count the options of each row; 0 where they cannot be read, which the normalizer tells."""
    if pa.types.is_list(column.type):
        return np.asarray(list_lengths(column), np.int64)
    last = np.zeros(len(column), np.int64)
    try:
        parts = flat(spaced_options(column))
    except ArgumentError:
        return last
    except RowError as error:
        bad = np.zeros(len(column), bool)
        bad[list(error.rows)] = True
        return _counts_of_options(pc.if_else(pa.array(bad), pa.scalar(None, column.type), column))
    present = ~np.asarray(blank(parts.values), bool)
    np.maximum.at(last, parts.parents[present], parts.places[present] + 1)
    return last


def _numbers(label: pa.Array, first: int) -> pa.Array:
    """Return whole numbers; what is none is null."""
    if pa.types.is_string(label.type) or pa.types.is_large_string(label.type):
        return number_labels(label, first)
    if not pa.types.is_integer(label.type):
        bad = uncastable(label, pa.int64())
        mask = np.zeros(len(label), bool)
        mask[bad] = True
        label = pc.if_else(pa.array(mask), pa.scalar(None, label.type), label)
    return label.cast(pa.int64())


def _named_letters(raw: pa.Table, gold: AnswerNumber) -> Column | None:
    if gold.explanation is None or gold.explanation not in raw.column_names:
        return None
    texts = whole(raw[gold.explanation])
    if not pc.max(pc.binary_length(texts)).as_py():  # no row explains anything
        return None
    match = pc.extract_regex(texts, NAMED_LETTER)
    return pc.utf8_upper(pc.struct_field(match, "letter"))
