"""When a row holds an item: the rules, their thresholds, and the order of their strength.

The scores say how much of a field the row holds together, 0 to 1, see
:func:`~medqa_kit.splitting.scoring.candidates`. Both fields are judged apart, because options recur under other stems and stems recur
with other options. Values were fitted on invented exam items, see ``docs/holdouts.md``.
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
class Thresholds:
    """What the rules ask for.

    Two fields count together by :func:`together`: their sum, but not more than a multiple of the
    weaker one, so that neither can stand in for the other.

    Attributes:
        near_long: Least sum for ``near`` where the stem is long, or the options are rich.
        near_short: Least sum elsewhere: a topic and two options are soon shared.
        balance: The multiple of the weaker field.
        long_stem: Least score of a long stem alone.
        lone_stem: Least score of a stem whose options have too few rare shingles.
        lone_options: Least score of options whose stem has too few.
        rich_options: The same where the options are rich.
        review: Least sum for ``review``.
        review_alone: Least score of one field for ``review``, where one may suffice.
        few: Fewer rare shingles than this in a field say nothing.
        long: A stem of this many shingles, laid end to end, is long.
        rich: Options of this many rare shingles are rich: sentences, not names.
        whole_stem: Least score of a long stem alone, for a row whose own options are not the
            item's.
        own_options: Least likeness of options for them to be the item's, even in part.
        alike: Least sum of the likeness of stem and options, for a row that is a question itself...
        alike_stem: ...and of its stem...
        alike_options: ...and of its options.
        alike_review: Least sum for ``review``, for such a row.
        lead: Least share of a field's rare shingles for a closer look, where it takes both.
        lead_options: The same of the options where the stem's may all be lost.
    """

    near_long: float = 1.3
    near_short: float = 1.4
    balance: float = 2.4
    long_stem: float = 0.85
    lone_stem: float = 0.9
    lone_options: float = 0.9
    rich_options: float = 0.6
    review: float = 0.95
    review_alone: float = 0.6
    few: int = 8
    long: float = 16.0
    rich: int = 48
    whole_stem: float = 0.97
    own_options: float = 0.3
    alike: float = 1.3
    alike_stem: float = 0.4
    alike_options: float = 0.6
    alike_review: float = 1.05
    lead: float = 0.15
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
        long: ``bool[n]``: whether the stem is long.
        rich: ``bool[n]``: whether the options are rich.
    """

    totals: Counts
    telling: npt.NDArray[np.bool_]
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
    alone_share = limits.review_alone / 2  # rare shingles may be hit worse than the others
    alone = stem_tells & (evidence.long | ~options_tell)
    stems, choices = least(stem, limits.lead, both), least(options, limits.lead, both)
    stem_alone = least(stem, alone_share, alone)
    in_texts = least(options, alone_share, options_tell & ~stem_tells)
    in_options = np.minimum(in_texts, least(options, limits.lead_options, both))
    options_alone = np.stack([in_texts, in_options])
    together = np.minimum(stems.astype(np.uint64) + choices, _NEVER).astype(np.uint32)
    return Gates(
        stem=stems, options=choices, stem_alone=stem_alone, options_alone=options_alone,
        least=np.minimum(np.minimum(together, stem_alone), options_alone),
    )  # fmt: skip


def needed(evidence: Evidence, limits: Thresholds = THRESHOLDS) -> npt.NDArray[np.float64]:
    """Give the score of each field below which :func:`judge` finds nothing, whatever the other's.

    Returns:
        ``float64[n, 2]``: of stem and options; above 1 for items that nothing but their exact key
        can find.
    """
    stem_tells, options_tell = evidence.telling[:, 0], evidence.telling[:, 1]
    both = stem_tells & options_tell
    alone, lone = stem_tells & (evidence.long | ~options_tell), ~stem_tells & options_tell
    weaker = max(limits.review - 1, limits.review / limits.balance)
    never = 2.0
    stem = np.select([both, alone, lone], [weaker, limits.review_alone, 0.0], never)
    options = np.select([alone, both, lone], [0.0, weaker, limits.review_alone], never)
    return np.stack([stem, options], axis=1)


def together(
    stem: npt.NDArray[np.float64], options: npt.NDArray[np.float64], limits: Thresholds = THRESHOLDS
) -> npt.NDArray[np.float64]:
    """Count two fields together.

    Example:
        >>> together(np.array([1.0, 1.0, 0.7]), np.array([1.0, 0.25, 0.7])).round(2).tolist()
        [2.0, 0.6, 1.4]
    """
    result: npt.NDArray[np.float64] = np.minimum(
        stem + options, limits.balance * np.minimum(stem, options)
    )
    return result


def judge(
    item: npt.NDArray[np.int64], scores: npt.NDArray[np.float64], evidence: Evidence,
    limits: Thresholds = THRESHOLDS,
) -> npt.NDArray[np.int8]:  # fmt: skip
    """Give the rule by which each candidate matches, -1 where it is not even worth a review.

    Args:
        item: ``int[n]``: the item each candidate is about.
        scores: ``float64[n, 2]``: of its stem and its options.
        evidence: Of all items.
        limits: The thresholds.
    """
    stem, options, both = scores[:, 0], scores[:, 1], together(scores[:, 0], scores[:, 1], limits)
    stem_tells, options_tell = evidence.telling[item, 0], evidence.telling[item, 1]
    long, rich, either = evidence.long[item], evidence.rich[item], stem_tells & options_tell
    near = either & (both >= np.where(long | rich, limits.near_long, limits.near_short))
    alone = stem_tells & (long | ~options_tell)  # where the stem may suffice
    lone_stem = alone & (stem >= np.where(long, limits.long_stem, limits.lone_stem))
    lone = ~stem_tells & options_tell
    lone_options = lone & (options >= np.where(rich, limits.rich_options, limits.lone_options))
    review = ((either & (both >= limits.review)) | (alone & (stem >= limits.review_alone))
              | (lone & (options >= limits.review_alone)))  # fmt: skip
    found: npt.NDArray[np.int8] = np.select(
        [near, lone_stem, lone_options, review], [NEAR, STEM, OPTIONS, REVIEW], -1
    ).astype(np.int8)
    return found


def judge_alike(
    item: npt.NDArray[np.int64], scores: npt.NDArray[np.float64], evidence: Evidence,
    limits: Thresholds = THRESHOLDS,
) -> npt.NDArray[np.int8]:  # fmt: skip
    """Give the rule by which a row that is a question itself matches, -1 where none does.

    Args:
        item: ``int64[n]``: the item each pair is about.
        scores: ``float64[n, 2]``: likeness of its stem and its options.
        evidence: Of all items.
        limits: The thresholds.
    """
    stem, options, both = scores[:, 0], scores[:, 1], scores.sum(axis=1)
    stem_tells, options_tell = evidence.telling[item, 0], evidence.telling[item, 1]
    near = (both >= limits.alike) & (stem >= limits.alike_stem) & (options >= limits.alike_options)
    rich = np.where(evidence.rich[item], limits.rich_options, limits.lone_options)
    lone = ~stem_tells & options_tell & (options >= rich)
    review = (both >= limits.alike_review) & (scores.min(axis=1) >= limits.alike_stem)
    found: npt.NDArray[np.int8] = np.select(
        [near & (stem_tells | options_tell), lone, review], [NEAR, OPTIONS, REVIEW], -1
    ).astype(np.int8)
    return found
