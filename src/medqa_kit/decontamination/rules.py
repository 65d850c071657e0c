"""When a row holds an item: the rules, and the order of their strength.

The scores say how much of a field the row holds together, 0 to 1, see
:func:`~medqa_kit.decontamination.near_copies.containment`. Both fields are judged apart, because options recur
under other stems and stems recur with other options.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from medqa_kit.decontamination.scores import THRESHOLDS, Answers, Least, Scores, Thresholds

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


NEVER = np.uint32(0xFFFFFFFF)
"""A weight that no row reaches."""
Counts = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Gates:
    """Per item, the least weights at which a row is worth judging: all the inner loop looks at.

    A row passes with ``stem`` and ``options`` together, or with ``stem_alone``, or with
    ``options_alone``; so with less than ``least`` of both added up it never does. All come three times:
    for texts, for rows with options of their own, and for texts of no more than ``little`` letters (see
    :class:`Evidence`).

    Attributes:
        weights: ``uint32[3, n, 4]``: these four of each item, side by side as they are read.
        least: ``uint32[3, n]``.
        little: ``int64[n]``.
    """

    weights: Counts
    least: Counts
    little: npt.NDArray[np.int64]


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
        little: ``int64[n]``: letters of a text that has little more than its stem and right option.
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
    little: npt.NDArray[np.int64]


def gates(evidence: Evidence) -> Gates:
    """Turn thresholds into weights, item by item."""
    limits = THRESHOLDS
    stem, options = (evidence.totals[:, i].astype(np.float64) for i in (0, 1))
    stem_tells, options_tell = evidence.telling[:, 0], evidence.telling[:, 1]

    def least(
        of: npt.NDArray[np.float64],
        share: float | npt.NDArray[np.float64],
        where: npt.NDArray[np.bool_],
    ) -> Counts:
        return np.where(where, np.ceil(of * share), NEVER).astype(np.uint32)

    both = stem_tells & options_tell
    alone = stem_tells & (evidence.long | ~options_tell) & ~evidence.answered
    small = evidence.small
    answered = stem_tells & evidence.gold
    short = (
        both & evidence.gold & ~evidence.long
    )  # of its options the right one may be all there is

    def leads(
        lead_stem: float, lead_gold: float, lead_answer: float
    ) -> tuple[Counts, Counts, Counts]:
        shares = (np.where(short, lead_stem, limits.lead), np.where(short, lead_gold, limits.lead))
        stems, choices = (np.minimum(least(of, lead, both), least(of, limits.lead_small, small))
                          for of, lead in zip((stem, options), shares, strict=True))  # fmt: skip
        enough = np.where(evidence.long, limits.lead_answer, lead_answer)
        stem_alone = np.minimum(
            least(stem, limits.lead_alone, alone), least(stem, enough, answered)
        )
        return stems, choices, stem_alone

    in_texts = least(options, limits.lead_alone, options_tell & ~stem_tells)
    in_options = np.minimum(in_texts, least(options, limits.lead_options, both))
    usual = leads(limits.lead_short, limits.lead_gold, limits.lead_answer)
    stems, choices, stem_alone = (
        np.stack([each, each, little])
        for each, little in zip(usual, leads(*limits.lead_little), strict=True)
    )
    options_alone = np.stack([in_texts, in_options, in_texts])
    weights = np.stack([stems, choices, stem_alone, options_alone], axis=-1)
    return Gates(weights=weights, least=_least(weights), little=evidence.little)


def form_gates(usual: Gates, evidence: Evidence) -> Gates:
    """Return the gates of forms of texts, of which the middle ones do not matter.

    A form that is equal to an item without options to compare has all of its stem, which may be less than else
    is asked for.
    """
    compared = ~evidence.open & (evidence.totals[:, 1] > 0)
    none = compared | (evidence.totals[:, 0] == 0)
    weights = usual.weights.copy()
    weights[..., 2] = np.minimum(weights[..., 2], np.where(none, NEVER, evidence.totals[:, 0]))
    return Gates(weights=weights, least=_least(weights), little=usual.little)


def _least(weights: Counts) -> Counts:
    """Return the least that a row has of stem and options added up if it passes."""
    stem, options, stem_alone, options_alone = np.moveaxis(weights, -1, 0)
    together = np.minimum(stem.astype(np.uint64) + options, NEVER).astype(np.uint32)
    least: Counts = np.minimum(np.minimum(together, stem_alone), options_alone)
    return least


def judge(
    item: npt.NDArray[np.int64], scores: Scores, answers: Answers, own: bool, evidence: Evidence
) -> npt.NDArray[np.int8]:  # fmt: skip
    """Return the rule by which each pair of row and item matches, -1 where none does.

    Args:
        item: ``int64[n]``: the item each pair is about.
        scores: Of each pair.
        answers: Of each pair.
        own: Whether the rows are questions with options, compared field by field.
        evidence: Of all items.
    """
    limits = THRESHOLDS
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
            stem_tells & _answer(item, scores, answers, evidence, limits),
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


def _same_numbers(
    item: npt.NDArray[np.int64], scores: Scores, evidence: Evidence, limits: Thresholds
) -> _Mask:
    same: _Mask = evidence.numbered[item] & (scores.numbers >= limits.lone_numbers)
    return same


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
    sure = answers.listed & ~answers.other & ~_changed(scores, limits)
    keyed: _Mask = (
        sure & (scores.key >= limits.most_key) & _reach(scores.stem, scores.options, limits.keyed)
    )
    return keyed


def _lone_stem(
    item: npt.NDArray[np.int64], scores: Scores, gold: _Scores, evidence: Evidence, limits: Thresholds
) -> _Mask:  # fmt: skip
    """Check for almost all of a stem: of a short one, with none of the options it is another question."""
    foreign = (
        ~evidence.open[item] & (scores.options < limits.own_options) & (gold < limits.same_gold)
    )
    numbered = evidence.long[item] & _same_numbers(item, scores, evidence, limits)
    unnumbered = np.where(evidence.telling[item, 1], limits.long_stem, limits.lone_stem)
    least = np.where(numbered, limits.numbered_stem, unnumbered)
    whole = (scores.stem >= least) & ~_changed(scores, limits)
    alone: _Mask = (evidence.long[item] | ~foreign) & whole
    return alone


def _answer(
    item: npt.NDArray[np.int64], scores: Scores, answers: Answers, evidence: Evidence, limits: Thresholds
) -> _Mask:  # fmt: skip
    """Check for most of a stem with the right answer."""
    gold, near = np.nan_to_num(answers.score), answers.little_more
    of_long = np.where(near, _reach(scores.stem, gold, limits.long_answer),
                       _reach(scores.stem, gold, limits.far_long_answer))  # fmt: skip
    least = np.minimum(scores.stem, scores.key)
    of_own = _agreed(answers, limits) & _reach(least, gold, limits.agreed_answer)
    of_short = np.where(near, _little_more(item, scores, gold, evidence, limits),
                        of_own | _reach(least, gold, limits.far_answer))  # fmt: skip
    answered: _Mask = np.where(evidence.long[item], of_long, of_short)
    return answered & ~_changed(scores, limits)


def _little_more(
    item: npt.NDArray[np.int64], scores: Scores, gold: _Scores, evidence: Evidence, limits: Thresholds
) -> _Mask:  # fmt: skip
    """Check whether a row that has little more text is most of a short stem and its answer."""
    whole = _reach(scores.stem, scores.row, limits.answer_row)
    of_stem = _reach(scores.stem, gold, limits.answer_stem)
    of_key = whole & of_stem & _reach(scores.key, gold, limits.answer)
    of_gold = (gold >= limits.whole_gold) & _reach(scores.stem, scores.row, limits.whole_gold_row)
    numbered = _same_numbers(item, scores, evidence, limits)
    of_numbers = numbered & _reach(scores.stem, gold, limits.numbered_answer)
    little_more: _Mask = of_key | of_gold | of_numbers
    return little_more
