"""Choose the row of each group of copies that stays, and the facts of rows that this needs."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arrow.ragged import Ints, Mask, distinct
from medqa_kit.core.arrow.row_arrays import row_array
from medqa_kit.core.holders import Rows
from medqa_kit.core.selection import picked_rows
from medqa_kit.matching.components import components
from medqa_kit.matching.letters import Letters
from medqa_kit.matching.row_texts import text_column
from medqa_kit.splitting.census import Census, On
from medqa_kit.splitting.copies import Pairs, pair_similarity

Scope = Literal["all", "within", "across"]
"""Which copies count: any, only those of one source, or only those of two."""


class _BatchFacts(NamedTuple):
    """The letters of each row of a batch, and its source, as a dictionary of few names."""

    lengths: Ints
    sources: pa.DictionaryArray


class CopyFacts:
    """Lengths and sources of rows, noted while they are read for a census: eight bytes a row.

    Args:
        size: How many rows there are.
    """

    def __init__(self, size: int) -> None:
        self.lengths: npt.NDArray[np.int32] = row_array(size, np.int32)
        self.source: npt.NDArray[np.int32] = row_array(size, np.int32)
        self.sources: dict[str, int] = {}
        self.note = _batch_facts

    def put(self, at: slice, noted: _BatchFacts) -> None:
        """Put what was noted of a batch where its rows are; rows without a source have the number -1."""
        self.lengths[at] = noted.lengths
        names = noted.sources.dictionary.to_pylist()
        numbers = [self.sources.setdefault(name, len(self.sources)) for name in names]
        codes = noted.sources.indices.fill_null(len(numbers)).to_numpy()
        self.source[at] = np.array([*numbers, -1], np.int32)[codes]

    def source_names(self, rows: Ints) -> pa.Array:
        """Return the sources of rows by name; null where there is none."""
        names = pa.array([*self.sources, None], pa.string())
        return names.take(pa.array(self.source[rows] % len(names)))


def _batch_facts(batch: pa.RecordBatch, texts: Letters) -> _BatchFacts:
    return _BatchFacts(texts.lengths, text_column(batch, "source").dictionary_encode())


def row_ids(rows: Rows, *listed: Ints) -> list[pa.Array]:
    """Return the ids of rows; their places behind a ``#`` where rows have none.

    Args:
        rows: What holds the rows.
        listed: Places of rows, several times over.

    Example:
        >>> row_ids(pa.table({"id": ["a", "b"]}), np.array([1, 1, 0]))[0].to_pylist()
        ['b', 'b', 'a']
    """
    places = distinct(np.concatenate(listed))
    names, at = [pa.array([], pa.string())], 0
    for batch in picked_rows(rows, places, columns=["id"]):
        here = places[at : at + batch.num_rows]
        at += batch.num_rows
        if "id" in batch.schema.names:
            names.append(text_column(batch, "id"))
        else:
            names.append(pa.array([f"#{place}" for place in here.tolist()], pa.string()))
    ids = pa.concat_arrays(names)
    return [ids.take(pa.array(np.searchsorted(places, wanted))) for wanted in listed]


class Standing(NamedTuple):
    """Which row of a group of copies stays.

    Attributes:
        rank: ``int64[n]``: the least of a group stays, of equal ones the first.
        safe: ``bool[n]``: stays whatever it is a copy of.
        source: ``int32[n]``: the number of its source.
    """

    rank: Ints
    safe: Mask
    source: npt.NDArray[np.int32]


def in_scope(source: npt.NDArray[np.int32], first: Ints, second: Ints, scope: Scope) -> Mask:
    """Check whether copies of each other count.

    Args:
        source: ``int32[n]``: the number of each row's source.
        first: A row of each pair.
        second: The other.
        scope: Which copies count.

    Example:
        >>> in_scope(np.array([0, 0, 1], np.int32), np.array([0, 1]), np.array([1, 2]), "across").tolist()
        [False, True]
    """
    counts = np.ones(len(first), np.bool_)
    if scope != "all":
        counts = (source[first] == source[second]) == (scope == "within")
    return counts


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
    left (copies of copies) forms the group of the next round. Copies that do not count join groups too, since equal
    rows are paired with the first of them alone, which may be of another source than the one that stays. What is left after some rounds are
    chains, such as overlapping pieces of one text, which would take a round a piece.
    """
    kept, alike, twin = np.arange(len(known)), np.ones(len(known)), np.arange(len(known))
    group = components(len(known), pairs.earlier, pairs.later)
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
        counts = in_scope(standing.source, row, best, scope)
        score = (known.keys[row] == known.keys[best]).all(axis=1).astype(np.float64)
        if near is not None:
            score = np.maximum(score, _compared(pairs, best, row))
            unsure = np.flatnonzero(counts & (score == 0))
            score[unsure] = pair_similarity(
                rows, best[unsure], row[unsure], on=on, shared=pairs.shared
            )
        copy = counts & (score >= (1.0 if near is None else near))
        if known.claims is not None:
            copy &= known.claims.contradictions(best, row) < 0
        safe = standing.safe[row]
        twin[row[copy & safe]] = best[copy & safe]
        copy &= ~safe
        kept[row[copy]], alike[row[copy]] = best[copy], score[copy]
        members = row[~copy]
    _along(
        members,
        pairs.where(in_scope(standing.source, pairs.earlier, pairs.later, scope)),
        standing,
        kept,
        alike,
    )
    return Election(kept, alike, twin)


_ROUNDS = 16


def _along(
    members: Ints, pairs: Pairs, standing: Standing, kept: Ints, alike: npt.NDArray[np.float64]
) -> None:
    """Go along chains, best row first: a row that stays takes with it the copies paired with it."""
    left, rank = np.zeros(len(kept), np.bool_), standing.rank
    left[members] = True
    open_pairs = np.flatnonzero(left[pairs.earlier] & left[pairs.later])
    earlier, later, score = (
        pairs.earlier[open_pairs],
        pairs.later[open_pairs],
        pairs.similarity[open_pairs],
    )
    worse = (rank[earlier] > rank[later]) | ((rank[earlier] == rank[later]) & (earlier > later))
    best, row = np.where(worse, later, earlier), np.where(worse, earlier, later)
    order = np.lexsort((row, best, rank[best]))
    # One by one: whether a row goes depends on whether the one before it stays.
    for stays, goes, how in zip(
        best[order].tolist(), row[order].tolist(), score[order].tolist(), strict=True
    ):
        if kept[stays] == stays and kept[goes] == goes and not standing.safe[goes]:
            kept[goes], alike[goes] = stays, how


def _compared(pairs: Pairs, earlier: Ints, later: Ints) -> npt.NDArray[np.float64]:
    """Return the similarity of pairs compared before, 0 where they were not."""
    if not len(pairs.earlier):
        return np.zeros(len(earlier))

    def number(a: Ints, b: Ints) -> npt.NDArray[np.int64]:
        numbers: Ints = np.minimum(a, b) << 32 | np.maximum(a, b)
        return numbers

    known = number(pairs.earlier, pairs.later)
    order = np.argsort(known)
    wanted = number(earlier, later)
    at = np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)
    at_pair = order[at]
    result: npt.NDArray[np.float64] = np.where(
        known[at_pair] == wanted, pairs.similarity[at_pair], 0.0
    )
    return result
