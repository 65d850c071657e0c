"""Remove copies: exact and near, within and across sources, with a rule for which one stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.catalog import registry
from medqa_kit.core.arguments import one_of, several
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.holders import Rows, RowsT, opened
from medqa_kit.core.report import Report
from medqa_kit.core.selection import choose
from medqa_kit.matching.components import components
from medqa_kit.splitting.copies import (
    Census,
    On,
    Pairs,
    census,
    copies,
    pair_similarity,
    similarity_or_none,
    warn_without_family,
)

Prefer = Literal["first", "longest", "license"]
"""Which copy stays: the first; the one with most letters; the one whose licence allows most.
Ties go to the first."""
Scope = Literal["all", "within", "across"]
"""Which copies count: any, only those of one source, or only those of two."""


def dedupe(
    rows: RowsT,
    *,
    near: float | None = 0.8,
    prefer: Prefer | Sequence[str] = "first",
    scope: Scope = "all",
    on: On = "row",
    threads: int | None = None,
) -> tuple[RowsT, Report]:
    """Drop copies, keep one of each, and list what was dropped.

    Needs the whole data. A row is dropped only if it is a copy of the very row that stays, not of
    another copy of it.

    Args:
        rows: A table, a dataset or a dict of splits, which is deduplicated as a whole.
        near: Least Jaccard similarity of character shingles for a near copy; ``None`` drops exact
            copies only. Questions that differ in a number are much alike: look at the report
            before you go below 0.8.
        prefer: Which copy stays, or names of sources, best first; other sources come after them.
        scope: Whether copies count within sources, across them, or both.
        on: What is compared: all text of a row, or its stem and options only, so that two
            explanations of one item are copies.
        threads: How many to use; ``None`` takes all the process may use, up to eight.

    Returns:
        The rows that stay, in order and in the same kind of thing, and the report. Its findings have
        the code ``exact`` or ``near``, and columns ``kept_id``, ``similarity`` (``double``), ``source``
        and ``kept_source``.

    Raises:
        ArgumentError: ``near`` is not above 0 and at most 1, or a word is none of those to choose from.

    Warns:
        FamilyWarning: The rows have no column ``family``.

    Example:
        >>> data = pa.table({"id": ["a", "b", "c"], "text": ["One text.", "one TEXT", "Another."],
        ...                  "family": [None, None, "f"]})
        >>> clean, report = dedupe(data)
        >>> clean["id"].to_pylist(), report.by("code")
        (['a', 'c'], {'exact': 1})
    """
    similarity_or_none("near", near)
    one_of("scope", scope, get_args(Scope))
    one_of("on", on, get_args(On))
    if isinstance(prefer, str):  # names of sources come as a list: prefer=["best_source"]
        one_of("prefer", prefer, get_args(Prefer))
    else:
        several("prefer", prefer)
    source = opened(rows, verb="dedupe()")
    warn_without_family(source.rows, "dedupe()", stacklevel=2)
    known = census(source.rows, on=on, near=near is not None, threads=threads)
    apart = _codes(known.sources) if scope == "within" else None
    pairs = copies(source.rows, known, on=on, near=near, apart=apart)
    pairs = _in_scope(pairs, known, scope)
    kept, alike = _elect(source.rows, known, pairs, _ranks(known, prefer), near, scope, on)
    gone = np.flatnonzero(kept != np.arange(len(known)))
    mask = np.ones(len(known), np.bool_)
    mask[gone] = False
    report = Report(
        "dedupe", rows=len(known), kept=len(known) - len(gone),
        findings=_findings(known, gone, kept[gone], alike[gone]),
        counts={"pairs alike at a glance": pairs.paired, "pairs compared": pairs.candidates},
    )  # fmt: skip
    return source.back(choose(source.rows, mask)), report


def _findings(known: Census, gone: Ints, stays: Ints, alike: npt.NDArray[np.float64]) -> pa.Table:
    exact = (known.keys[gone] == known.keys[stays]).all(axis=1)
    row, kept = pa.array(gone), pa.array(stays)
    kept_id = known.ids.take(kept)
    return pa.table({
        "row": row, "id": known.ids.take(row), "code": pc.if_else(pa.array(exact), "exact", "near"),
        "detail": pc.binary_join_element_wise("copy of ", kept_id, ""), "kept_id": kept_id,
        "similarity": alike, "source": known.sources.take(row), "kept_source": known.sources.take(kept),
    })  # fmt: skip


def _in_scope(pairs: Pairs, known: Census, scope: Scope) -> Pairs:
    if scope == "all":
        return pairs
    of = _codes(known.sources)
    equal = of[pairs.one] == of[pairs.other]
    good = equal if scope == "within" else ~equal
    return Pairs(pairs.one[good], pairs.other[good], pairs.similarity[good], pairs.exact[good],
                 pairs.paired, pairs.candidates)  # fmt: skip


def _codes(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    coded = pc.index_in(column, value_set=pc.unique(column))
    result: npt.NDArray[np.int64] = coded.to_numpy().astype(np.int64)
    return result


def _ranks(known: Census, prefer: Prefer | Sequence[str]) -> npt.NDArray[np.int64]:
    """Rank rows: the least of a group of copies stays."""
    if prefer == "first":
        return np.zeros(len(known), np.int64)
    if prefer == "longest":
        return -known.lengths
    order = _by_license(known) if prefer == "license" else list(prefer)
    place = pc.fill_null(pc.index_in(known.sources, value_set=pa.array(order, pa.string())),
                         len(order))  # fmt: skip
    result: npt.NDArray[np.int64] = place.to_numpy().astype(np.int64)
    return result


def _by_license(known: Census) -> list[str]:
    """Order sources by what their licence grants; those the catalogue lacks grant nothing."""
    catalogued = {source.name: source for source in registry.sources()}
    grants = ("yes", "conditional", "unknown", "no")

    def rank(name: str) -> tuple[int, str]:
        source = catalogued.get(name)
        commercial = str(source.terms.commercial) if source else "unknown"
        return (grants.index(commercial) if commercial in grants else len(grants), name)

    return sorted(pc.unique(known.sources).drop_null().to_pylist(), key=rank)


def _elect(
    rows: Rows, known: Census, pairs: Pairs, rank: Ints, near: float | None, scope: Scope,
    on: On,
) -> tuple[Ints, npt.NDArray[np.float64]]:  # fmt: skip
    """Return for each row the row that stays in its place, and how alike they are.

    Groups are gone through in rounds: the best row of each group stays, its copies go, what is
    left (copies of copies) forms the group of the next round. What is left after some rounds are
    chains, such as overlapping pieces of one text, which would take a round a piece.
    """
    kept, alike = np.arange(len(known)), np.ones(len(known))
    sources = _codes(known.sources)
    group = components(len(known), pairs.one, pairs.other)
    members = np.flatnonzero(np.bincount(group, minlength=len(known))[group] > 1)
    for _ in range(_ROUNDS):
        if not len(members):
            break
        order = np.lexsort((members, rank[members], group[members]))
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
            score[unsure] = pair_similarity(rows, best[unsure], row[unsure], on=on)
        copy = score >= (1.0 if near is None else near)
        if scope != "all":
            copy &= (sources[row] == sources[best]) == (scope == "within")
        kept[row[copy]], alike[row[copy]] = best[copy], score[copy]
        members = row[~copy]
    _along(members, pairs, rank, kept, alike)
    return kept, alike


_ROUNDS = 16


def _along(
    members: Ints, pairs: Pairs, rank: Ints, kept: Ints, alike: npt.NDArray[np.float64]
) -> None:
    """Go along chains, best row first: a row that stays takes with it the copies paired with it."""
    left = np.zeros(len(kept), np.bool_)
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
        if kept[stays] == stays and kept[goes] == goes:
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
