"""Find the rows of a data set that are copies of each other, exactly or nearly."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arguments import number
from medqa_kit.core.arrow.hashing import scattered
from medqa_kit.core.arrow.ragged import Ints, distinct
from medqa_kit.core.holders import Rows, columns_of
from medqa_kit.core.selection import picked_rows
from medqa_kit.errors import FamilyWarning
from medqa_kit.matching.components import equal_pairs
from medqa_kit.matching.letters import letters
from medqa_kit.matching.minhash import (
    Sets,
    alike_pairs,
    jaccard,
    shingle_sets,
)
from medqa_kit.splitting.census import Census, On, compared_texts
from medqa_kit.splitting.shared_text import (
    SharedText,
    alike_groups,
    pairs_by_rests,
    shared_text,
)

_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows that are copies.

    Attributes:
        earlier: ``int64``: a row.
        later: ``int64``: another.
        similarity: ``float64``: 1 for equal letters, else the Jaccard similarity of shingles.
        paired: How many pairs met in a band, counted band by band.
        candidates: How many of them were compared in full to find the near ones.
        shared: What rows of large groups share.
        contradicting: Pairs that read alike and contradict each other.
    """

    earlier: Ints
    later: Ints
    similarity: npt.NDArray[np.float64]
    paired: int = 0
    candidates: int = 0
    shared: SharedText | None = None
    contradicting: tuple[Ints, Ints] | None = None

    def where(self, mask: npt.NDArray[np.bool_]) -> Pairs:
        """Return the marked pairs."""
        return replace(
            self,
            earlier=self.earlier[mask],
            later=self.later[mask],
            similarity=self.similarity[mask],
        )


def copies(
    rows: Rows,
    known: Census,
    *,
    on: On,
    near: float | None,
    apart: npt.NDArray[np.integer] | None = None,
    threads: int | None = None,
) -> Pairs:
    """Find rows of equal letters, and pairs at least ``near`` alike.

    Copies are paired with their first row, near copies are looked for among first rows only. Rows that
    contradict each other are no copies, if the census has claims.

    Args:
        rows: What holds the rows.
        known: Their census.
        on: What is compared.
        near: Least similarity of near copies.
        apart: Integers, ``[n]``: rows of different numbers are not compared.
        threads: As in :func:`~medqa_kit.dedupe`.
    """
    salt = None if apart is None else apart.astype(np.uint64)
    equal = _exact_pairs(known, salt)
    near_pairs = partial(_near_pairs, rows, known, on=on, near=near, threads=threads)
    pairs = near_pairs(equal, salt)
    if known.claims is None:
        return pairs
    against = known.claims.contradictions(pairs.earlier, pairs.later) >= 0
    first, second = pairs.earlier[against], pairs.later[against]
    if not len(first):
        return pairs
    # A row that met its opposite first has not met its copies: these rows meet again, by claims.
    again = np.zeros(len(known), np.bool_)
    again[first] = again[second] = True
    leader = np.arange(len(known))
    leader[equal.later] = equal.earlier
    claiming = np.flatnonzero(np.isin(leader, leader[again]))  # with those of equal letters
    claimed = np.zeros(len(known), np.uint64) if salt is None else salt.copy()
    claimed[claiming] = scattered(claimed[claiming] ^ known.claims.keys(claiming))
    more = near_pairs(_exact_pairs(known, claimed, again), claimed, again)
    more = more.where(known.claims.contradictions(more.earlier, more.later) < 0)
    both = _joined(pairs.where(~against), more)
    return replace(both, shared=pairs.shared, contradicting=(first, second))


def _joined(first: Pairs, second: Pairs) -> Pairs:
    return replace(
        first,
        earlier=np.concatenate([first.earlier, second.earlier]),
        later=np.concatenate([first.later, second.later]),
        similarity=np.concatenate([first.similarity, second.similarity]),
        paired=first.paired + second.paired,
        candidates=first.candidates + second.candidates,
    )


def _exact_pairs(
    known: Census, salt: npt.NDArray[np.uint64] | None, among: npt.NDArray[np.bool_] | None = None
) -> Pairs:
    """Pair rows of equal letters and salt with their first row."""
    earlier, later = equal_pairs(*known.keys.T, *(() if salt is None else (salt,)))
    filled = known.keys[earlier].any(axis=1)
    if among is not None:
        filled &= among[later]
    earlier, later = earlier[filled], later[filled]
    return Pairs(earlier, later, np.ones(len(earlier)))


def _near_pairs(
    rows: Rows, known: Census, exact: Pairs, salt: npt.NDArray[np.uint64] | None,
    among: npt.NDArray[np.bool_] | None = None, *, on: On, near: float | None, threads: int | None,
) -> Pairs:  # fmt: skip
    """Add the near pairs of first rows to the exact ones."""
    if near is None:
        return exact
    first = np.ones(len(known), np.bool_) if among is None else among.copy()
    first[exact.later] = False
    if known.claims is not None:  # a copy that claims something else stays to be compared
        against = known.claims.contradictions(exact.earlier, exact.later) >= 0
        first[exact.later[against]] = True
    places = np.flatnonzero(first).astype(np.uint32)
    spread = None if salt is None else salt[first] * _SPREAD

    def salted(band: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        own = (
            band if len(places) == len(band) else band[first]
        )  # most often all rows are first ones
        return own if spread is None else np.where(own == 0, own, own ^ spread)

    left, right, paired = alike_pairs(
        known.sketches.bands.T, known.sketches.values, places, near, keys=salted, threads=threads
    )
    alike = pair_similarity(rows, left, right, on=on)
    pairs = Pairs(left, right, alike, paired, len(left)).where(alike >= near)
    groups = alike_groups(len(known), (pairs.earlier, pairs.later), (left, right))
    return _joined(exact, _without_shared(rows, groups, pairs, on, near, threads))


def _without_shared(
    rows: Rows, groups: Ints, pairs: Pairs, on: On, near: float, threads: int | None
) -> Pairs:
    """Compare rows of large groups by what is their own."""

    def texts(batch: pa.RecordBatch) -> pa.Array:
        return compared_texts(batch, on)

    shared = shared_text(rows, groups, texts)
    if shared is None:
        return pairs
    crowded = shared.crowd[pairs.earlier] >= 0
    first, second = pairs_by_rests(rows, shared, texts, near, threads)
    first = np.concatenate([pairs.earlier[crowded], first])
    second = np.concatenate([pairs.later[crowded], second])
    alike = pair_similarity(rows, first, second, on=on, shared=shared)
    good = alike >= near
    return replace(
        _joined(pairs.where(~crowded), Pairs(first[good], second[good], alike[good])),
        candidates=pairs.candidates + len(first), shared=shared,
    )  # fmt: skip


_PAIRS = 8192  # compared at a time: the shingles of at most twice as many rows are in memory


def pair_similarity(
    rows: Rows, earlier: Ints, later: Ints, *, on: On, shared: SharedText | None = None
) -> npt.NDArray[np.float64]:
    """Compare pairs of rows by all their shingles.

    Rows with a passage in ``context`` have to be alike without it, too.

    Args:
        rows: What holds the rows.
        earlier: A row of each pair.
        later: The other.
        on: What is compared.
        shared: What counts little in rows of large groups.
    """
    results = [np.zeros(0)]
    for at in range(0, len(earlier), _PAIRS):
        left, right = earlier[at : at + _PAIRS], later[at : at + _PAIRS]
        needed = distinct(np.concatenate([left, right]))
        first, second = np.searchsorted(needed, left), np.searchsorted(needed, right)
        whole: list[Sets] = []
        own: list[Sets] = []
        for batch in picked_rows(rows, needed):
            whole.append(shingle_sets(letters(compared_texts(batch, on))))
            if on == "row" and _has_context(batch):
                own.append(
                    shingle_sets(letters(compared_texts(batch.drop_columns(["context"]), on)))
                )
            else:
                own.append(whole[-1])
        sets = _laid_out(whole)
        scores = jaccard(sets, first, second)
        if any(a is not b for a, b in zip(whole, own, strict=True)):
            rests = _laid_out(own)
            filled = np.diff(rests.offsets) > 0
            apart = jaccard(rests, first, second)
            scores = np.where(filled[first] & filled[second], np.minimum(scores, apart), scores)
        if shared is not None:
            scores = shared.judged(scores, sets, needed, first, second)
        results.append(scores)
    return np.concatenate(results)


def _has_context(batch: pa.RecordBatch) -> bool:
    if "context" not in batch.schema.names or batch["context"].null_count == batch.num_rows:
        return False
    rest = batch.schema.remove(batch.schema.get_field_index("context"))
    return any(name in rest.names for name in ("question", "prompt", "instruction", "messages"))


def _laid_out(parts: list[Sets]) -> Sets:
    counts = np.concatenate([np.diff(part.offsets) for part in parts])
    return Sets(
        np.concatenate([part.hashes for part in parts]), np.concatenate([[0], np.cumsum(counts)])
    )


def similarity_or_none(argument: str, value: float | None) -> float | None:
    """Return the least similarity of near copies, if it is one.

    Raises:
        ArgumentError: It is not above 0 and at most 1.

    Example:
        >>> similarity_or_none("near", 0.8)
        0.8
    """
    if value is None:
        return None
    hint = "0.8 is a good start; None looks at exact copies only"
    return number(argument, value, above=0, most=1, hint=hint)


def warn_without_family(rows: Rows, verb: str, *, stacklevel: int) -> None:
    """Warn that rows have no column ``family``, by which translations and rewrites are known.

    Args:
        rows: The rows.
        verb: Who asks.
        stacklevel: How many calls up the user's line is; 2 is the caller of this function.
    """
    names = columns_of(rows)
    if names is not None and "family" not in names:
        warnings.warn(
            f"{verb}: the rows have no column 'family', so translations and rewrites of one item can "
            "end up apart; mk.load gives it, and formatters keep it",
            FamilyWarning, stacklevel=stacklevel + 1,
        )  # fmt: skip
