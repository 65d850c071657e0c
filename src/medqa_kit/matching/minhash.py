"""Near copies among many rows: MinHash finds candidates, the full sets of shingles decide.

After Broder (1997), "On the resemblance and containment of documents", banded as in Leskovec,
Rajaraman and Ullman, "Mining of Massive Datasets", ch. 3. Six rows a band keep chance pairs rare, fewer find texts
that are less alike; and within a band's bucket each row is paired with the first and with the one before it only. Of
what still meets by chance most goes when sketches are compared, a byte of each hash function (Li and
König, 2010, "b-Bit Minwise Hashing"), so that the number of pairs compared in full grows with the
copies there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from medqa_kit.core.arrow.hashing import key_order
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.arrow.row_arrays import row_array
from medqa_kit.core.threads import in_order
from medqa_kit.matching.components import repeated_keys
from medqa_kit.matching.kernels import kernels
from medqa_kit.matching.kernels.arrays import Hashes
from medqa_kit.matching.kernels.constants import GOLDEN
from medqa_kit.matching.letters import Letters

FUNCTIONS = 96
_ROWS = (6, 4, 3, 2, 1)
_FOUND = 0.985  # of pairs of the least similarity: .992 at 0.8, in bands of six rows

_draw = np.random.default_rng(20_240_229)  # fixed: these numbers are part of the method
# Odd factors permute 32-bit hashes, and 32 bits at a time is what processors have lanes for.
_FACTORS = _draw.integers(0, 2**32, FUNCTIONS, dtype=np.uint32) | np.uint32(1)
_STEPS = _draw.integers(0, 2**32, FUNCTIONS, dtype=np.uint32)


class Sets(NamedTuple):
    """Sets of shingles, each in order, laid end to end.

    Attributes:
        hashes: ``uint32``.
        offsets: ``int64[n + 1]``.
    """

    hashes: Hashes
    offsets: Ints


def shingle_sets(texts: Letters) -> Sets:
    """Return the distinct shingles of each text.

    Example:
        >>> from medqa_kit.matching.letters import letters
        >>> import pyarrow as pa
        >>> shingle_sets(letters(pa.array(["angina angina", "tiny"]))).offsets.tolist()
        [0, 6, 6]
    """
    return Sets(*kernels().distinct_shingles(texts.codes, texts.offsets))


class Sketches(NamedTuple):
    """The sketch of a text by which its near copies are found: 224 bytes, more where less alike texts count as near.

    Attributes:
        bands: ``uint64[n, bands]``: equal keys of a band make a pair; 0 for texts too short to have
            a shingle, which match nothing.
        values: ``uint8[n, FUNCTIONS]``: a byte of the least value of each hash function.
    """

    bands: npt.NDArray[np.uint64]
    values: npt.NDArray[np.uint8]


def rows_of_bands(near: float) -> int:
    """Return how many hash functions make a band: as many as find nearly all pairs that are just ``near`` alike.

    Example:
        >>> [rows_of_bands(near) for near in (1.0, 0.8, 0.7, 0.5, 0.3, 0.1)]
        [6, 6, 4, 3, 2, 1]
    """
    return next(
        (rows for rows in _ROWS if (1 - near**rows) ** (FUNCTIONS // rows) <= 1 - _FOUND), _ROWS[-1]
    )


def sketches_of(rows: int, near: float) -> Sketches:
    """Make room for sketches, to be filled: band by band, as they are read."""
    bands = row_array((FUNCTIONS // rows_of_bands(near), rows), np.uint64)
    return Sketches(bands.T, row_array((rows, FUNCTIONS), np.uint8))


def no_sketches(rows: int) -> Sketches:
    """Stand in where near copies are not looked for."""
    return Sketches(np.zeros((rows, 0), np.uint64), np.zeros((rows, 0), np.uint8))


def sketches(texts: Letters, near: float) -> Sketches:
    """Return the sketches of texts, to find those that are ``near`` alike."""
    return _banded(kernels().signatures(texts.codes, texts.offsets, _FACTORS, _STEPS), near)


def sketches_of_sets(sets: Sets, near: float) -> Sketches:
    """Return the sketches of sets of shingles, for a few texts of which only a part counts.

    Example:
        >>> from medqa_kit.matching.letters import letters
        >>> import pyarrow as pa
        >>> texts = letters(pa.array(["angina pectoris", "tiny"]))
        >>> bool((sketches_of_sets(shingle_sets(texts), 0.8).bands == sketches(texts, 0.8).bands).all())
        True
    """
    least = np.full((len(sets.offsets) - 1, FUNCTIONS), 0xFFFFFFFF, np.uint32)
    filled = np.flatnonzero(np.diff(sets.offsets))
    if len(filled):
        begins = sets.offsets[:-1][filled]
        for place, (factor, step) in enumerate(zip(_FACTORS, _STEPS, strict=True)):
            least[filled, place] = np.minimum.reduceat(sets.hashes * factor + step, begins)
    return _banded(least, near)


def _banded(least: Hashes, near: float) -> Sketches:
    rows = rows_of_bands(near)
    bands = FUNCTIONS // rows
    keys = np.zeros((len(least), bands), np.uint64)
    values = least.reshape(-1, bands, rows).astype(np.uint64)
    for row in range(rows):
        keys = (keys ^ values[:, :, row]) * GOLDEN
        keys ^= keys >> np.uint64(32)
    keys[least[:, 0] == 0xFFFFFFFF] = 0
    return Sketches(keys, (least * np.uint32(0x9E3779B1) >> np.uint32(24)).astype(np.uint8))


class AlikePairs(NamedTuple):
    """Pairs of texts that may be near copies.

    Attributes:
        first: ``int64``: a text of each pair...
        second: ``int64``: ...and a later one.
        met: How many pairs had a key in common, counted band by band.
    """

    first: Ints
    second: Ints
    met: int


def alike_pairs(
    bands: Iterable[npt.NDArray[np.uint64]],
    values: npt.NDArray[np.uint8],
    texts: npt.NDArray[np.integer],
    near: float,
    *,
    keys: Callable[[npt.NDArray[np.uint64]], npt.NDArray[np.uint64]] | None = None,
    threads: int | None = None,
) -> AlikePairs:
    """Pair texts that share a band's key and may be ``near`` alike.

    A few bands at a time, and of their pairs only those that are promising are kept: what is in
    memory grows with the copies there are, not with the pairs that meet by chance.

    Args:
        bands: ``uint64`` each: the keys of the texts, or what ``keys`` makes them of.
        values: Of :class:`Sketches`, of all texts.
        texts: ``int64[n]`` or ``uint32[n]``, in order: which texts the keys are of.
        near: Least similarity.
        keys: Returns the keys of a band, ``uint64[n]``, when it is its turn.
        threads: As in :func:`~medqa_kit.core.threads.in_order`.
    """
    pairs, met = np.zeros(0, np.uint64), 0

    def promising_in(band: npt.NDArray[np.uint64]) -> tuple[int, npt.NDArray[np.uint64]]:
        own, number, kept = band if keys is None else keys(band), 0, [pairs[:0]]
        for rows in repeated_keys(own):
            new = _met_in(own, rows)
            number += len(new)
            for at in range(0, len(new), _PAIRS):
                chunk, known = (
                    new[at : at + _PAIRS],
                    pairs,
                )  # those of bands before, as far as they are done
                chunk = chunk[~_are_in(chunk, known)] if len(known) else chunk
                earlier, later = _sides(chunk)
                kept.append(chunk[promising(values, texts[earlier], texts[later], near)])
        return number, _distinct(*kept)

    for number, likely in in_order(promising_in, bands, threads=threads):
        pairs, met = _distinct(pairs, likely), met + number
    first, second = _sides(pairs)
    return AlikePairs(texts[first].astype(np.int64), texts[second].astype(np.int64), met)


def _met_in(band: npt.NDArray[np.uint64], rows: Ints) -> npt.NDArray[np.uint64]:
    """Pair texts of equal keys, of those in some rows: each with the first of its bucket and the one before it."""
    keys = band[rows]
    rows, keys = rows[keys > 0], keys[keys > 0]
    order = key_order(keys)
    ordered, rows = keys[order], rows[order]
    begin = np.ones(len(rows), np.bool_)
    begin[1:] = ordered[1:] != ordered[:-1]
    leader = np.maximum.accumulate(np.where(begin, np.arange(len(rows)), 0))
    later = np.flatnonzero(~begin)
    first = leader[later]
    before = later[later - 1 > first] - 1
    partners = np.concatenate([rows[first], rows[before]])
    texts = np.concatenate([rows[later], rows[before + 1]])
    low, high = np.minimum(partners, texts), np.maximum(partners, texts)
    return np.sort(low.astype(np.uint64) << np.uint64(32) | high.astype(np.uint64))


def _sides(pairs: npt.NDArray[np.uint64]) -> tuple[Ints, Ints]:
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(
        np.int64
    )


def _are_in(values: npt.NDArray[np.uint64], ordered: npt.NDArray[np.uint64]) -> Mask:
    at = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    known: Mask = ordered[at] == values
    return known


def _distinct(*values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return distinct values in order. Sorting beats the hash table of ``np.unique`` here."""
    both = np.sort(np.concatenate(values))
    keep = np.ones(len(both), np.bool_)
    keep[1:] = both[1:] != both[:-1]
    return both[keep]


_ERRORS = 5  # standard errors of the estimate: fewer than one near copy in 10,000 is missed for it
_PAIRS = 4096  # compared at a time: their sketches are at hand for the processor


def promising(
    values: npt.NDArray[np.uint8],
    first: npt.NDArray[np.integer],
    second: npt.NDArray[np.integer],
    near: float,
) -> Mask:
    """Return which pairs may be ``near`` alike: the share of equal values estimates the similarity.

    Args:
        values: Of :class:`Sketches`.
        first: A text of each pair.
        second: The other.
        near: Least similarity.

    Example:
        >>> values = np.array([[1] * 96, [1] * 90 + [2] * 6, [3] * 96], np.uint8)
        >>> promising(values, np.array([0, 0]), np.array([1, 2]), 0.8).tolist()
        [True, False]
    """
    least = near - _ERRORS * np.sqrt(near * (1 - near) / FUNCTIONS)
    equal = values.take(first, axis=0) == values.take(second, axis=0)
    # A byte holds the sum of a sketch, and sums of bytes take a third of the time.
    likely: Mask = equal.view(np.uint8).sum(axis=1, dtype=np.uint8) >= least * FUNCTIONS
    return likely


def jaccard(sets: Sets, first: Ints, second: Ints) -> npt.NDArray[np.float64]:
    """Return the share of shingles that two texts have in common, of those either has.

    Args:
        sets: The shingles of all texts.
        first: A text of each pair.
        second: The other.
    """
    sizes = np.diff(sets.offsets)
    common = kernels().common_counts(sets.hashes, sets.offsets, first, second)
    shares: npt.NDArray[np.float64] = common / np.maximum(sizes[first] + sizes[second] - common, 1)
    return shares
