"""When a row holds an item: the rules, their thresholds, and the order of their strength.

The scores say how much of a field the row holds together, 0 to 1, see
:func:`~medqa_kit.decontamination.containment.containment`. Both fields are judged apart, because options recur
under other stems and stems recur with other options. Values were fitted on invented exam items, see
``docs/holdouts.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Rule = Literal["exact", "near", "stem", "options", "family", "review"]
"""Why a row matches an item, strongest first.

* ``exact``: equal letters of stem and options, in any order of the options.
* ``near``: much of the stem and much of the options.
* ``stem``: almost all of a long stem, or of a stem whose options say nothing.
* ``options``: almost all of the options of a stem that says nothing ("Which is correct?").
* ``family``: lineage proves the row a copy, translation or rewrite of the item.
* ``review``: not enough to drop the row; a person should look.
"""

RULES: tuple[Rule, ...] = ("exact", "near", "stem", "options", "family", "review")
EXACT, NEAR, STEM, OPTIONS, FAMILY, REVIEW = range(len(RULES))


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
        small: For ``near``, where neither field has enough rare shingles.
        review: For ``review``.
        long_stem: Least score of a long stem alone.
        lone_stem: Least score of a stem whose options have too few rare shingles: with other
            numbers it is another item, and they are a small part of it.
        lone_options: Least score of options whose stem has too few.
        rich_options: The same where the options are rich.
        review_alone: Least score of one field for ``review``, where one may suffice.
        whole_stem: Least score of a long stem alone, for a row whose own options are not the
            item's.
        own_options: Least score of a row's own options for them to be the item's, even in part.
        few: Fewer rare shingles than this in a field say nothing...
        least: ...by themselves; fewer than this in the stem of a small item say nothing at all.
        long: A stem of this many shingles, laid end to end, is long.
        rich: Options of this many rare shingles are rich: sentences, not names.
        lead: Least share of a field's rare shingles for a closer look, where it takes both.
        lead_small: The same where both are small.
        lead_alone: The same where one field may suffice.
        lead_options: The same of a row's own options, where the stem's may all be lost.
    """

    searched: Least = Least(0.4, 0.65, 1.4)
    compared: Least = Least(0.4, 0.6, 1.3)
    small: Least = Least(0.65, 0.75, 1.5)
    review: Least = Least(0.4, 0.5, 1.1)
    long_stem: float = 0.75
    lone_stem: float = 0.97
    lone_options: float = 0.9
    rich_options: float = 0.65
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
    """

    totals: Counts
    telling: npt.NDArray[np.bool_]
    small: npt.NDArray[np.bool_]
    answered: npt.NDArray[np.bool_]
    long: npt.NDArray[np.bool_]
    rich: npt.NDArray[np.bool_]


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
    stems, choices = (np.minimum(least(of, limits.lead, both), least(of, limits.lead_small, small))
                      for of in (stem, options))  # fmt: skip
    stem_alone = least(stem, limits.lead_alone, alone)
    in_texts = least(options, limits.lead_alone, options_tell & ~stem_tells)
    in_options = np.minimum(in_texts, least(options, limits.lead_options, both))
    options_alone = np.stack([in_texts, in_options])
    together = np.minimum(stems.astype(np.uint64) + choices, _NEVER).astype(np.uint32)
    return Gates(
        stem=stems, options=choices, stem_alone=stem_alone, options_alone=options_alone,
        least=np.minimum(np.minimum(together, stem_alone), options_alone),
    )  # fmt: skip


def judge(
    item: npt.NDArray[np.int64], scores: npt.NDArray[np.float64], own: npt.NDArray[np.bool_] | bool,
    evidence: Evidence, limits: Thresholds = THRESHOLDS,
) -> npt.NDArray[np.int8]:  # fmt: skip
    """Return the rule by which each pair of row and item matches, -1 where none does.

    Args:
        item: ``int64[n]``: the item each pair is about.
        scores: ``float64[n, 2]``: of its stem and its options.
        own: Whether the row is a question with options, compared field by field.
        evidence: Of all items.
        limits: The thresholds.
    """
    stem, options = scores[:, 0], scores[:, 1]
    stem_tells, options_tell = evidence.telling[item, 0], evidence.telling[item, 1]
    long, rich = evidence.long[item], evidence.rich[item]

    def reach(least: Least) -> npt.NDArray[np.bool_]:
        reached: npt.NDArray[np.bool_] = (
            (stem >= least.stem) & (options >= least.options) & (stem + options >= least.both)
        )
        return reached

    small = evidence.small[item]
    near = np.where(small, reach(limits.small),
                    np.where(own, reach(limits.compared), reach(limits.searched)))  # fmt: skip
    # Other options under a stem: another question on the same case, unless a long stem is whole.
    other = np.logical_and(own, options < limits.own_options)
    alone = stem_tells & (long | ~options_tell) & ~evidence.answered[item]  # it may suffice
    lone_stem = alone & (long | ~other) & (stem >= np.select(
        [other, options_tell], [limits.whole_stem, limits.long_stem], limits.lone_stem))  # fmt: skip
    lone = ~stem_tells & options_tell
    lone_options = lone & (options >= np.where(rich, limits.rich_options, limits.lone_options))
    review = (reach(limits.review) | (alone & (stem >= limits.review_alone))
              | (stem_tells & (stem >= limits.whole_stem))
              | (lone & (options >= limits.review_alone)))  # fmt: skip
    tells = stem_tells | options_tell | small
    rules: npt.NDArray[np.int8] = np.select(
        [near & tells, lone_stem, lone_options, review & tells], [NEAR, STEM, OPTIONS, REVIEW], -1
    ).astype(np.int8)
    return rules
