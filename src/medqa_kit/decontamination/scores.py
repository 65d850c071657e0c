"""What each pair of row and item has in common, and how much of it the rules ask for.

Values were fitted on invented exam items, see ``docs/holdouts.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Answers(NamedTuple):
    """What is known of the right answer, for each pair of row and item.

    Attributes:
        held: ``float64[n]``: how much of the item's right option a text holds that lists no options; NaN
            where that says nothing.
        agreed: ``float64[n]``: how much of it what the row says is right holds; NaN where the row says nothing.
        other: ``bool[n]``: whether the row says, of options it lists, that another one is right.
        listed: ``bool[n]``: whether the row lists options.
        little_more: ``bool[n]``: whether the row has little more text than the item, stem and right
            option: then chance gives less.
    """

    held: npt.NDArray[np.float64]
    agreed: npt.NDArray[np.float64]
    other: npt.NDArray[np.bool_]
    listed: npt.NDArray[np.bool_]
    little_more: npt.NDArray[np.bool_]

    @property
    def score(self) -> npt.NDArray[np.float64]:
        """How much of the right option was found, NaN where nothing is known."""
        known: npt.NDArray[np.float64] = np.fmax(self.agreed, self.held)
        return known

    def chosen(self, pairs: npt.NDArray[np.int64]) -> Answers:
        """Return what is known of some of the pairs."""
        return Answers._make(values[pairs] for values in self)


class Scores(NamedTuple):
    """How much of each item a row holds: ``float64[n]``, 0 to 1, for each pair of row and item.

    Attributes:
        stem: Of its stem.
        options: Of its options, or of the answer of an open item.
        key: Of its stem where the rarest terms decide; 0 until the pair is looked at more closely.
        numbers: Of the numbers of its stem; 1 where they are too few to tell, or until then.
        row: The other way round: how much of the row is stem or right option; 0 where the row has more than these, or until
            then.
    """

    stem: npt.NDArray[np.float64]
    options: npt.NDArray[np.float64]
    key: npt.NDArray[np.float64]
    numbers: npt.NDArray[np.float64]
    row: npt.NDArray[np.float64]

    def chosen(self, pairs: npt.NDArray[np.int64]) -> Scores:
        """Return the scores of some of the pairs."""
        return Scores._make(values[pairs] for values in self)


@dataclass(frozen=True)
class Least:
    """What it takes of two fields together.

    Attributes:
        stem: Least score of the stem.
        options: Least score of the options.
        both: Least sum.
    """

    stem: float
    options: float
    both: float


@dataclass(frozen=True)
class Thresholds:
    """What the rules ask for.

    Attributes:
        searched: For ``near``, in a text that may hold the item anywhere.
        compared: For ``near``, of a row that is a question with options itself: stem is compared
            with stem, options with options, so chance gives less.
        agreeing: For ``near``, where the row says that the item's right option is right.
        differing: For ``near``, of a row with options that says another one is right, if it has...
        differing_key: ...this of the rarest terms of the stem...
        changed: ...or in which most numbers of the stem are others...
        estranged: ...or both.
        keyed: For ``near``, of a row that lists options, where most of the rarest terms of the stem are found.
        answer: For ``answer``: of the rarest terms of the stem, and of the right option.
        answer_stem: The same of all terms of the stem, and of the right option.
        answer_row: The same of all terms of the stem, and of the row, which else only speaks of the same things.
        whole_gold: Least score of the right option for the rarest terms to be told by it...
        whole_gold_row: ...and as ``answer_row`` then.
        numbered_answer: For ``answer``, of stem and right option where the numbers are the same.
        agreed_answer: For ``answer``, as ``answer``, where the row lists options and says that this one is right.
        far_answer: The same in a text of more, or beside other options: of all terms and of the rarest.
        long_answer: The same for a long stem, of which all terms count.
        far_long_answer: The same in a text of more.
        same_gold: Least score of the right option for it to be the same.
        other_gold: Below this score of the right option, it is another one.
        same_numbers: Least score of the numbers of a stem for them to be the same.
        numbers: Fewer numbers than this in a stem say nothing.
        small: For ``near``, where neither field has enough rare shingles.
        review: For ``review``.
        long_stem: Least score of a long stem alone.
        numbered_stem: The same where its numbers are found, ``lone_numbers`` of them.
        lone_stem: Least score of a stem whose options have too few rare shingles, where it has too few
            numbers: with others it is another item, and they are a small part of it.
        lone_numbers: Least score of the numbers of a stem for less of it, or of its answer, to be enough.
        lone_options: Least score of options whose stem has too few.
        rich_options: The same where the options are rich...
        agreeing_options: ...and the row says that the item's right option is right.
        most_key: Score of the rarest terms of a stem from which on most of them are found.
        review_alone: Least score of one field for ``review``, where one may suffice.
        whole_stem: Least score of a whole stem for ``review``.
        own_options: Least score of the options for them to be the item's, even in part.
        few: Fewer rare shingles than this in a field say nothing...
        least: ...by themselves; fewer than this in the stem of a small item say nothing at all.
        long: A stem of this many shingles, laid end to end, is long.
        rich: Options of this many rare shingles are rich: sentences, not names.
        lead: Least share of a field's rare shingles for a closer look, where it takes both.
        lead_small: The same where both are small.
        lead_alone: The same where one field may suffice.
        lead_short: The same of a short stem, and of...
        lead_gold: ...its options, of which the right one may be all there is.
        lead_answer: The same of a stem that suffices with the right answer.
        lead_little: The same three of a short stem in a text of little more than stem and right option.
        lead_options: The same of a row's own options, where the stem's may all be lost.
    """

    searched: Least = Least(0.4, 0.65, 1.4)
    compared: Least = Least(0.4, 0.6, 1.3)
    agreeing: Least = Least(0.4, 0.42, 0.92)
    differing: Least = Least(0.5, 0.65, 1.4)
    differing_key: float = 0.6
    changed: Least = Least(0.6, 0.7, 1.5)
    estranged: Least = Least(0.8, 0.8, 1.75)
    keyed: Least = Least(0.5, 0.6, 1.3)
    answer: Least = Least(0.4, 0.5, 1.3)
    answer_stem: Least = Least(0.6, 0.5, 1.3)
    answer_row: Least = Least(0.6, 0.45, 1.22)
    whole_gold: float = 0.95
    whole_gold_row: Least = Least(0.6, 0.65, 1.25)
    numbered_answer: Least = Least(0.5, 0.8, 1.3)
    agreed_answer: Least = Least(0.65, 0.8, 1.6)
    far_answer: Least = Least(0.9, 0.8, 1.8)
    long_answer: Least = Least(0.6, 0.5, 1.15)
    far_long_answer: Least = Least(0.7, 0.6, 1.35)
    same_gold: float = 0.8
    other_gold: float = 0.3
    same_numbers: float = 0.5
    numbers: int = 2
    small: Least = Least(0.65, 0.75, 1.5)
    review: Least = Least(0.4, 0.5, 1.1)
    long_stem: float = 0.75
    numbered_stem: float = 0.7
    lone_stem: float = 0.97
    lone_numbers: float = 0.7
    lone_options: float = 0.9
    rich_options: float = 0.65
    agreeing_options: float = 0.5
    most_key: float = 0.7
    review_alone: float = 0.65
    whole_stem: float = 0.97
    own_options: float = 0.3
    few: int = 8
    least: int = 3
    long: float = 16.0
    rich: int = 48
    lead: float = 0.15
    lead_small: float = 0.3
    lead_alone: float = 0.3
    lead_options: float = 0.4
    lead_short: float = 0.3
    lead_gold: float = 0.07
    lead_answer: float = 0.7
    lead_little: tuple[float, float, float] = (0.15, 0.03, 0.4)

    @property
    def least_stem(self) -> float:
        """Score of a stem that tells below which no rule applies."""
        both = (
            self.searched,
            self.compared,
            self.agreeing,
            self.differing,
            self.small,
            self.review,
        )
        return min(least.stem for least in both)


THRESHOLDS = Thresholds()
