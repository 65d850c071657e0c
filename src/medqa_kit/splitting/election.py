"""Which row of each group of copies stays."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.holders import Rows
from medqa_kit.matching.components import components
from medqa_kit.splitting.census import Census, On
from medqa_kit.splitting.copies import Pairs, pair_similarity

Scope = Literal["all", "within", "across"]
"""Which copies count: any, only those of one source, or only those of two."""


class Standing(NamedTuple):
    """Which row of a group of copies stays.

    Attributes:
        rank: ``int64[n]``: the least of a group stays, of equal ones the first.
        safe: ``bool[n]``: stays whatever it is a copy of.
    """

    rank: Ints
    safe: Mask


class Election(NamedTuple):
    """What stays.

    Attributes:
        kept: ``int64[n]``: for each row the one that stays in its place, which may be itself.
        alike: ``float64[n]``: how alike they are.
        twin: ``int64[n]``: for each safe row a row before it that it is a copy of, else itself.
    """

    kept: Ints
    alike: npt.NDArray[np.float64]
    twin: Ints


def elected_rows(
    rows: Rows, known: Census, pairs: Pairs, standing: Standing, near: float | None, scope: Scope,
    on: On,
) -> Election:  # fmt: skip
    """Return which row stays in the place of each.

    Groups are gone through in rounds: the best row of each group stays, its copies go, what is
    left (copies of copies) forms the group of the next round. What is left after some rounds are
    chains, such as overlapping pieces of one text, which would take a round a piece.
    """
    kept, alike, twin = np.arange(len(known)), np.ones(len(known)), np.arange(len(known))
    sources = known.source_codes()
    group = components(len(known), pairs.one, pairs.other)
    members = np.flatnonzero(np.bincount(group, minlength=len(known))[group] > 1)
    for _ in range(_ROUNDS):
        if not len(members):
            break
        order = np.lexsort((members, standing.rank[members], group[members]))
        members = members[order]
        begin = np.ones(len(members), np.bool_)
        begin[1:] = group[members[1:]] != group[members[:-1]]
        best = members[np.maximum.accumulate(np.where(begin, np.arange(len(members)), 0))]
        others = members != best
        row, best = members[others], best[others]
        score = (known.keys[row] == known.keys[best]).all(axis=1).astype(np.float64)
        if near is not None:
            score = np.maximum(score, _compared(pairs, best, row))
            unsure = np.flatnonzero(score == 0)
            score[unsure] = pair_similarity(
                rows, best[unsure], row[unsure], on=on, shared=pairs.shared
            )
        copy = score >= (1.0 if near is None else near)
        if known.claims is not None:
            copy &= known.claims.contradictions(best, row) < 0
        if scope != "all":
            copy &= (sources[row] == sources[best]) == (scope == "within")
        safe = standing.safe[row]
        twin[row[copy & safe]] = best[copy & safe]
        copy &= ~safe
        kept[row[copy]], alike[row[copy]] = best[copy], score[copy]
        members = row[~copy]
    _along(members, pairs, standing, kept, alike)
    return Election(kept, alike, twin)


_ROUNDS = 16


def _along(
    members: Ints, pairs: Pairs, standing: Standing, kept: Ints, alike: npt.NDArray[np.float64]
) -> None:
    """Go along chains, best row first: a row that stays takes with it the copies paired with it."""
    left, rank = np.zeros(len(kept), np.bool_), standing.rank
    left[members] = True
    some = np.flatnonzero(left[pairs.one] & left[pairs.other])
    one, other, score = pairs.one[some], pairs.other[some], pairs.similarity[some]
    worse = (rank[one] > rank[other]) | ((rank[one] == rank[other]) & (one > other))
    best, row = np.where(worse, other, one), np.where(worse, one, other)
    order = np.lexsort((row, best, rank[best]))
    # One by one: whether a row goes depends on whether the one before it stays.
    for stays, goes, how in zip(
        best[order].tolist(), row[order].tolist(), score[order].tolist(), strict=True
    ):
        if kept[stays] == stays and kept[goes] == goes and not standing.safe[goes]:
            kept[goes], alike[goes] = stays, how


def _compared(pairs: Pairs, one: Ints, other: Ints) -> npt.NDArray[np.float64]:
    """Return the similarity of pairs compared before, 0 where they were not."""
    if not len(pairs.one):
        return np.zeros(len(one))

    def number(a: Ints, b: Ints) -> npt.NDArray[np.int64]:
        found: Ints = np.minimum(a, b) << 32 | np.maximum(a, b)
        return found

    known = number(pairs.one, pairs.other)
    order = np.argsort(known)
    wanted = number(one, other)
    at = np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)
    found = order[at]
    result: npt.NDArray[np.float64] = np.where(known[found] == wanted, pairs.similarity[found], 0.0)
    return result
