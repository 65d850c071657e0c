"""Remove copies: exact and near, within and across sources, with a rule for which one stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.catalog import registry
from medqa_kit.core.arguments import one_of, several_texts
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.holders import Rows, RowsT, count, opened, splits_of
from medqa_kit.core.report import Report
from medqa_kit.core.selection import choose
from medqa_kit.splitting.census import Census, On, census
from medqa_kit.splitting.claims import REASONS, ClaimedRows
from medqa_kit.splitting.copies import (
    Pairs,
    copies,
    similarity_or_none,
    warn_without_family,
)
from medqa_kit.splitting.election import (
    CopyFacts,
    Scope,
    Standing,
    elected_rows,
    in_scope,
    row_ids,
)

Prefer = Literal["first", "longest", "license"]
"""Which copy stays: the first; the one with most letters; the one whose licence allows most.
Ties go to the first."""


def dedupe(
    rows: RowsT,
    *,
    near: float | None = 0.8,
    prefer: Prefer | Sequence[str] = "first",
    protect: Sequence[str] = (),
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
            copies only. System turns do not count, a passage in ``context`` and text that most rows
            of a large group share count little.
        prefer: Which copy stays, or names of sources, best first; other sources come after them.
        protect: Sources, or splits of a dict, no row of which is dropped, such as ``["test"]``: their
            copies elsewhere go, whatever ``prefer`` says, and their own copies stay.
        scope: Whether copies count within sources, across them, or both.
        on: What is compared: all text of a row; its stem and options only, so that two
            explanations of one item are copies; or the question alone (``"question"``), whatever its context and answer:
            the first of several answers stays, and no row contradicts another.
        threads: How many to use; ``None`` takes all the process may use, up to eight.

    Returns:
        The rows that stay, in order and in the same kind of container, and the report. Its findings have
        the code ``exact`` or ``near`` for rows that were dropped, ``contradicts`` for rows that stay
        although they read like another, since they differ in a number, a negation, a direction (left or
        right, more or less), the gold answer or most options, ``protected`` for copies that stay because ``protect`` names them; and columns
        ``kept_id``, ``similarity`` (``double``), ``source``
        and ``kept_source``.

    Raises:
        ArgumentError: ``near`` is not above 0 and at most 1, a word is none of those to choose from,
            ``prefer`` names no source of the rows, or ``protect`` neither a source nor a split of them.

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
        several_texts("prefer", prefer)
    source = opened(rows)
    warn_without_family(source.rows, "dedupe()", stacklevel=2)
    names = several_texts("protect", protect)

    def standing(facts: CopyFacts) -> Standing:
        return Standing(_ranks(facts, prefer), _protected_rows(source.rows, facts, names), facts.source)  # fmt: skip

    mask, report = dropped_copies(source.rows, standing, near=near, scope=scope, on=on, threads=threads)  # fmt: skip
    return source.back(choose(source.rows, mask)), report


def dropped_copies(
    rows: Rows,
    standing: Callable[[CopyFacts], Standing],
    *,
    near: float | None,
    scope: Scope = "all",
    on: On = "row",
    threads: int | None = None,
) -> tuple[Mask, Report]:
    """Find the copies that go, without a choice of the rows that stay.

    Args:
        rows: What holds the rows.
        standing: Says of rows which of a group of copies stays; protected ones come before all others.
        near: As in :func:`dedupe`, like ``scope``, ``on`` and ``threads``.
        scope: See ``near``.
        on: See ``near``.
        threads: See ``near``.

    Returns:
        ``bool[n]``, which rows stay; and the report of :func:`dedupe`.
    """
    facts = CopyFacts(count(rows))
    known = census(rows, facts, on=on, near=near, threads=threads, verb="dedupe")
    if on != "question":
        known = replace(known, claims=ClaimedRows(rows, threads=threads))
    apart = facts.source if scope == "within" else None
    pairs = copies(rows, known, on=on, near=near, apart=apart, threads=threads)
    rank, safe, sources = standing(facts)
    rank = np.where(safe, rank.min(initial=0) - 1, rank)
    kept, alike, twin = elected_rows(
        rows, known, pairs, Standing(rank, safe, sources), near, scope, on
    )
    gone = np.flatnonzero(kept != np.arange(len(known)))
    mask = np.ones(len(known), np.bool_)
    mask[gone] = False
    report = Report(
        "dedupe", rows=len(known), kept=len(known) - len(gone),
        findings=pa.concat_tables([
            _copies(rows, known, facts, gone, kept[gone], alike[gone]),
            _contradictions(rows, known, facts, pairs, mask, scope),
            _protected_copies(rows, facts, twin),
        ]),
        counts={"pairs alike at a glance": pairs.paired, "pairs compared": pairs.candidates},
    )  # fmt: skip
    return mask, report


def _copies(
    rows: Rows, known: Census, facts: CopyFacts, gone: Ints, stays: Ints, alike: npt.NDArray[np.float64]
) -> pa.Table:  # fmt: skip
    exact = (known.keys[gone] == known.keys[stays]).all(axis=1)
    code = pc.if_else(pa.array(exact), "exact", "near")
    return _findings(rows, facts, gone, stays, code, "copy of ", pa.array(alike))


def _contradictions(
    rows: Rows, known: Census, facts: CopyFacts, pairs: Pairs, stays: Mask, scope: Scope
) -> pa.Table:
    """List rows that stay beside one which reads alike, once each."""
    none = np.zeros(0, np.int64)
    first, second = pairs.contradicting or (none, none)
    both = stays[first] & stays[second] & in_scope(facts.source, first, second, scope)
    later, once = np.unique(np.maximum(first, second)[both], return_index=True)
    earlier = np.minimum(first, second)[both][once]
    places = none if known.claims is None else known.claims.contradictions(earlier, later)
    reason = pa.array(REASONS, pa.string()).take(pa.array(places))
    how = pc.binary_join_element_wise("other ", reason, " than ", "")
    return _findings(rows, facts, later, earlier, pa.repeat("contradicts", len(later)), how)


def _protected_copies(rows: Rows, facts: CopyFacts, twin: Ints) -> pa.Table:
    """List protected rows that are copies of other protected rows."""
    later = np.flatnonzero(twin != np.arange(len(twin)))
    code = pa.repeat("protected", len(later))
    return _findings(rows, facts, later, twin[later], code, "copy of ")


def _findings(
    rows: Rows, facts: CopyFacts, row: Ints, other: Ints, code: pa.Array, how: str | pa.Array,
    alike: pa.Array | None = None,
) -> pa.Table:  # fmt: skip
    """Say of rows what they are to others, whose ids stand in ``kept_id``."""
    ids = row_ids(rows, row, other)
    return pa.table({
        "row": row, "id": ids[0], "code": code,
        "detail": pc.binary_join_element_wise(how, ids[1], ""), "kept_id": ids[1],
        "similarity": pa.nulls(len(row), pa.float64()) if alike is None else alike,
        "source": facts.source_names(row), "kept_source": facts.source_names(other),
    })  # fmt: skip


def _ranks(facts: CopyFacts, prefer: Prefer | Sequence[str]) -> Ints:
    """Rank rows: the least of a group of copies stays."""
    if prefer == "first":
        return np.zeros(len(facts.source), np.int64)
    if prefer == "longest":
        return -facts.lengths.astype(np.int64)
    order = _by_license(facts.sources) if prefer == "license" else list(prefer)
    for name in order if facts.sources else ():
        one_of("prefer", name, list(facts.sources))
    # The last of these ranks is of rows without a source, whose number is -1.
    ranks = [order.index(name) if name in order else len(order) for name in facts.sources]
    return np.array([*ranks, len(order)], np.int64)[facts.source]


def _protected_rows(rows: Rows, facts: CopyFacts, names: tuple[str, ...]) -> Mask:
    """Return which rows are of a source or a split of these names."""
    splits = splits_of(rows) or {}
    sizes = [count(split) for split in splits.values()]
    safe: Mask = np.repeat([name in names for name in splits], sizes) if splits else (
        np.zeros(len(facts.source), np.bool_)
    )  # fmt: skip
    safe |= np.array([*(name in names for name in facts.sources), False])[facts.source]
    for name in names:
        one_of("protect", name, [*splits, *facts.sources])
    return safe


def _by_license(names: Iterable[str]) -> list[str]:
    """Order sources by what their licence grants; those the catalogue lacks grant nothing."""
    catalogued = {source.name: source for source in registry.sources()}
    grants = ("yes", "conditional", "unknown", "no")

    def rank(name: str) -> tuple[int, str]:
        source = catalogued.get(name)
        commercial = str(source.terms.commercial) if source else "unknown"
        return (grants.index(commercial) if commercial in grants else len(grants), name)

    return sorted(names, key=rank)
