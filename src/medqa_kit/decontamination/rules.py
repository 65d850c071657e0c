"""When a row holds an item: the rules, their thresholds, and the order of their strength.

The scores say how much of a field the row holds together, 0 to 1, see
:func:`~medqa_kit.decontamination.near_copies.containment`. Both fields are judged apart, because options recur
under other stems and stems recur with other options. Values were fitted on invented exam items, see
``docs/holdouts.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from medqa_kit.decontamination.scores import Answers, Scores

Rule = Literal["exact", "near", "stem", "answer", "options", "family", "review"]
"""Why a row matches an item, strongest first.

* ``exact``: equal letters of stem and options, in any order of the options.
* ``near``: much of the stem and much of the options.
* ``stem``: almost all of a long stem, or of a stem whose options say nothing.
* ``answer``: most of a stem and the right answer, whatever the other options are.
* ``options``: almost all of the options of a stem that says nothing ("Which is correct?").
* ``family``: lineage proves the row a copy, translation or rewrite of the item.
* ``review``: not enough to drop the row; a person should look.
"""

RULES: tuple[Rule, ...] = ("exact", "near", "stem", "answer", "options", "family", "review")
EXACT, NEAR, STEM, ANSWER, OPTIONS, FAMILY, REVIEW = range(len(RULES))


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
        keyed: For ``near``, where most of the rarest terms of the stem are found.
        answer: For ``answer``: of the rarest terms of the stem, and of the right option.
        answer_stem: The same of all terms.
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
        lone_stem: Least score of a stem whose options have too few rare shingles, where it has too few
            numbers: with others it is another item, and they are a small part of it.
        lone_numbers: Least score of its numbers for ``long_stem`` to be enough of such a stem, if it is long.
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
        lead_options: The same of a row's own options, where the stem's may all be lost.
    """

    searched: Least = Least(0.4, 0.65, 1.4)
    compared: Least = Least(0.4, 0.6, 1.3)
    agreeing: Least = Least(0.4, 0.45, 0.95)
    differing: Least = Least(0.5, 0.65, 1.4)
    differing_key: float = 0.6
    changed: Least = Least(0.6, 0.7, 1.5)
    estranged: Least = Least(0.8, 0.8, 1.75)
    keyed: Least = Least(0.5, 0.6, 1.3)
    answer: Least = Least(0.5, 0.5, 1.3)
    answer_stem: float = 0.45
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
    long_stem: float = 0.7
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
    lead_options: float = 0.5
    lead_short: float = 0.3
    lead_gold: float = 0.07
    lead_answer: float = 0.7

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

_NEVER = np.uint32(0xFFFFFFFF)
Counts = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Gates:
    """Per item, the least weights at which a row is worth judging: all the inner loop looks at.

    A row passes with ``stem`` and ``options`` together, or with ``stem_alone``, or with
    ``options_alone``; so with less than ``least`` of both added up it never does. The last two come
    twice: for texts, and for rows with options of their own.
    """

    stem: Counts
    options: Counts
    stem_alone: Counts
    options_alone: Counts
    least: Counts


@dataclass(frozen=True)
class Evidence:
    """What is known of each item's fields.

    Attributes:
        totals: ``uint32[n, 2]``: weight of the rare shingles of stem and options.
        telling: ``bool[n, 2]``: whether the field has enough of them.
        small: ``bool[n]``: whether neither has, but the stem has some.
        answered: ``bool[n]``: whether the stem alone says nothing, the item being open and brief.
        long: ``bool[n]``: whether the stem is long.
        rich: ``bool[n]``: whether the options are rich.
        open: ``bool[n]``: whether the item has no options, and its answer is compared instead.
        gold: ``bool[n]``: whether its right option is known and can tell.
        numbered: ``bool[n]``: whether its stem has enough numbers to tell it from another.
    """

    totals: Counts
    telling: npt.NDArray[np.bool_]
    small: npt.NDArray[np.bool_]
    answered: npt.NDArray[np.bool_]
    long: npt.NDArray[np.bool_]
    rich: npt.NDArray[np.bool_]
    open: npt.NDArray[np.bool_]
    gold: npt.NDArray[np.bool_]
    numbered: npt.NDArray[np.bool_]


def gates(evidence: Evidence, limits: Thresholds = THRESHOLDS) -> Gates:
    """Turn thresholds into weights, item by item."""
    stem, options = (evidence.totals[:, i].astype(np.float64) for i in (0, 1))
    stem_tells, options_tell = evidence.telling[:, 0], evidence.telling[:, 1]

    def least(
        of: npt.NDArray[np.float64],
        share: float | npt.NDArray[np.float64],
        where: npt.NDArray[np.bool_],
    ) -> Counts:
        return np.where(where, np.ceil(of * share), _NEVER).astype(np.uint32)

    both = stem_tells & options_tell
    alone = stem_tells & (evidence.long | ~options_tell) & ~evidence.answered
    small = evidence.small
    short = (
        both & evidence.gold & ~evidence.long
    )  # of its options the right one may be all there is
    leads = (
        np.where(short, limits.lead_short, limits.lead),
        np.where(short, limits.lead_gold, limits.lead),
    )
    stems, choices = (np.minimum(least(of, lead, both), least(of, limits.lead_small, small))
                      for of, lead in zip((stem, options), leads, strict=True))  # fmt: skip
    stem_alone = np.minimum(least(stem, limits.lead_alone, alone),
                            least(stem, limits.lead_answer, stem_tells & evidence.gold))  # fmt: skip
    in_texts = least(options, limits.lead_alone, options_tell & ~stem_tells)
    in_options = np.minimum(in_texts, least(options, limits.lead_options, both))
    options_alone = np.stack([in_texts, in_options])
    together = np.minimum(stems.astype(np.uint64) + choices, _NEVER).astype(np.uint32)
    return Gates(
        stem=stems, options=choices, stem_alone=stem_alone, options_alone=options_alone,
        least=np.minimum(np.minimum(together, stem_alone), options_alone),
    )  # fmt: skip


def judge(
    item: npt.NDArray[np.int64], scores: Scores, answers: Answers, own: bool,
    evidence: Evidence, limits: Thresholds = THRESHOLDS,
) -> npt.NDArray[np.int8]:  # fmt: skip
    """Return the rule by which each pair of row and item matches, -1 where none does.

    Args:
        item: ``int64[n]``: the item each pair is about.
        scores: Of each pair.
        answers: Of each pair.
        own: Whether the rows are questions with options, compared field by field.
        evidence: Of all items.
        limits: The thresholds.
    """
    stem_tells, options_tell = evidence.telling[item, 0], evidence.telling[item, 1]
    long, small = evidence.long[item], evidence.small[item]
    gold = np.nan_to_num(answers.score)
    alone = stem_tells & (long | ~options_tell) & ~evidence.answered[item]  # it may suffice
    lone = ~stem_tells & options_tell
    stem, options = scores.stem, scores.options
    rich = np.where(_agreed(answers, limits), limits.agreeing_options, limits.rich_options)
    least_options = np.where(evidence.rich[item] & ~answers.other, rich, limits.lone_options)
    review = (_reach(stem, options, limits.review) | (alone & (stem >= limits.review_alone))
              | ((stem >= limits.whole_stem) & (stem_tells | (gold >= limits.same_gold)))
              | (stem_tells & _reach(stem, gold, limits.review))
              | (lone & (options >= limits.review_alone)))  # fmt: skip
    tells = stem_tells | options_tell | small
    rules: npt.NDArray[np.int8] = np.select(
        [
            (tells & _near(small, scores, answers, own, limits)) | (stem_tells & _keyed(scores, answers, limits)),
            alone & _lone_stem(item, scores, gold, evidence, limits),
            stem_tells & _answer(long, scores, answers, limits) & ~_changed(scores, limits),
            lone & (options >= least_options),
            tells & review,
        ],
        [NEAR, STEM, ANSWER, OPTIONS, REVIEW], -1,
    ).astype(np.int8)  # fmt: skip
    return rules


_Scores = npt.NDArray[np.float64]
_Mask = npt.NDArray[np.bool_]


def _reach(first: _Scores, second: _Scores, least: Least) -> _Mask:
    reached: _Mask = (
        (first >= least.stem) & (second >= least.options) & (first + second >= least.both)
    )
    return reached


def _agreed(answers: Answers, limits: Thresholds) -> _Mask:
    agreed: _Mask = answers.listed & (answers.agreed >= limits.same_gold)
    return agreed


def _changed(scores: Scores, limits: Thresholds) -> _Mask:
    changed: _Mask = scores.numbers < limits.same_numbers
    return changed


def _near(small: _Mask, scores: Scores, answers: Answers, own: bool, limits: Thresholds) -> _Mask:
    """Check for much of both fields: of less where the answer is the same, of more where it or the numbers differ."""
    same = (answers.agreed >= limits.same_gold) & (answers.listed | answers.little_more)
    changed = _changed(scores, limits)
    otherwise = limits.compared if own else limits.searched
    cases = [
        (small, limits.small),
        (changed & answers.other, limits.estranged),
        (changed & ~same, limits.changed),
        (changed & same, otherwise),
        (answers.other, limits.differing),
        (same, limits.agreeing),
    ]
    near: _Mask = np.select(
        [where for where, _ in cases],
        [_reach(scores.stem, scores.options, least) for _, least in cases],
        _reach(scores.stem, scores.options, otherwise),
    ).astype(np.bool_)
    return near & (small | ~answers.other | (scores.key >= limits.differing_key))


def _keyed(scores: Scores, answers: Answers, limits: Thresholds) -> _Mask:
    """Check for the rarest terms of a stem, with enough of both fields and nothing that contradicts."""
    told = (scores.key >= limits.most_key) & ~answers.other & ~_changed(scores, limits)
    keyed: _Mask = told & _reach(scores.stem, scores.options, limits.keyed)
    return keyed


def _lone_stem(
    item: npt.NDArray[np.int64], scores: Scores, gold: _Scores, evidence: Evidence, limits: Thresholds
) -> _Mask:  # fmt: skip
    """Check for almost all of a stem: of a short one, with none of the options it is another question."""
    foreign = (
        ~evidence.open[item] & (scores.options < limits.own_options) & (gold < limits.same_gold)
    )
    numbered = evidence.long[item] & evidence.numbered[item]
    told = evidence.telling[item, 1] | (numbered & (scores.numbers >= limits.lone_numbers))
    least = np.where(told, limits.long_stem, limits.lone_stem)
    whole = (scores.stem >= least) & ~_changed(scores, limits)
    alone: _Mask = (evidence.long[item] | ~foreign) & whole
    return alone


def _answer(long: _Mask, scores: Scores, answers: Answers, limits: Thresholds) -> _Mask:
    """Check for most of a stem with the right answer."""
    gold, near = np.nan_to_num(answers.score), answers.little_more
    of_long = np.where(near, _reach(scores.stem, gold, limits.long_answer),
                       _reach(scores.stem, gold, limits.far_long_answer))  # fmt: skip
    of_key = _reach(scores.key, gold, limits.answer) & (scores.stem >= limits.answer_stem)
    least = np.minimum(scores.stem, scores.key)
    of_own = _agreed(answers, limits) & _reach(least, gold, limits.agreed_answer)
    of_short = np.where(near, of_key, of_own | _reach(least, gold, limits.far_answer))
    answered: _Mask = np.where(long, of_long, of_short)
    return answered
