"""Near copies among many rows: MinHash finds candidates, the full sets of shingles decide.

After Broder (1997), "On the resemblance and containment of documents", banded as in Leskovec,
Rajaraman and Ullman, "Mining of Massive Datasets", ch. 3. Six rows a band keep chance pairs rare,
and within a band's bucket each row is paired with the first and with the one before it only. Of
what still meets by chance most goes when sketches are compared, a byte of each hash function (Li and
König, 2010, "b-Bit Minwise Hashing"), so that the number of pairs compared in full grows with the
copies there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.matching.kernels import kernels
from medqa_kit.matching.kernels.arrays import Hashes
from medqa_kit.matching.kernels.constants import GOLDEN
from medqa_kit.matching.letters import Letters

BANDS, ROWS = 16, 6
"""A pair of similarity .9 becomes a candidate with probability 1.000, of .8 with .992, .5 with .22."""

_draw = np.random.default_rng(20_240_229)  # fixed: these numbers are part of the method
# Odd factors permute 32-bit hashes, and 32 bits at a time is what processors have lanes for.
_FACTORS = _draw.integers(0, 2**32, BANDS * ROWS, dtype=np.uint32) | np.uint32(1)
_STEPS = _draw.integers(0, 2**32, BANDS * ROWS, dtype=np.uint32)


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
    """What is kept of each text to find its near copies: 224 bytes.

    Attributes:
        bands: ``uint64[n, BANDS]``: equal keys of a band make a pair; 0 for texts too short to have
            a shingle, which match nothing.
        values: ``uint8[n, BANDS * ROWS]``: a byte of the least value of each hash function.
    """

    bands: npt.NDArray[np.uint64]
    values: npt.NDArray[np.uint8]


def sketches_of(rows: int) -> Sketches:
    """Make room for sketches, to be filled."""
    return Sketches(np.zeros((rows, BANDS), np.uint64), np.zeros((rows, BANDS * ROWS), np.uint8))


def no_sketches(rows: int) -> Sketches:
    """Stand in where near copies are not looked for."""
    return Sketches(np.zeros((rows, 0), np.uint64), np.zeros((rows, 0), np.uint8))


def sketches(texts: Letters) -> Sketches:
    """Return the sketches of texts."""
    return _banded(kernels().signatures(texts.codes, texts.offsets, _FACTORS, _STEPS))


def sketches_of_sets(sets: Sets) -> Sketches:
    """Return the sketches of sets of shingles, for a few texts of which only a part counts.

    Example:
        >>> from medqa_kit.matching.letters import letters
        >>> import pyarrow as pa
        >>> texts = letters(pa.array(["angina pectoris", "tiny"]))
        >>> bool((sketches_of_sets(shingle_sets(texts)).bands == sketches(texts).bands).all())
        True
    """
    least = np.full((len(sets.offsets) - 1, BANDS * ROWS), 0xFFFFFFFF, np.uint32)
    filled = np.flatnonzero(np.diff(sets.offsets))
    if len(filled):
        begins = sets.offsets[:-1][filled]
        for place, (factor, step) in enumerate(zip(_FACTORS, _STEPS, strict=True)):
            least[filled, place] = np.minimum.reduceat(sets.hashes * factor + step, begins)
    return _banded(least)


def _banded(least: Hashes) -> Sketches:
    keys = np.zeros((len(least), BANDS), np.uint64)
    values = least.reshape(-1, BANDS, ROWS).astype(np.uint64)
    for row in range(ROWS):
        keys = (keys ^ values[:, :, row]) * GOLDEN
        keys ^= keys >> np.uint64(32)
    keys[least[:, 0] == 0xFFFFFFFF] = 0
    return Sketches(keys, (least * np.uint32(0x9E3779B1) >> np.uint32(24)).astype(np.uint8))


def candidate_pairs(bands: Iterable[npt.NDArray[np.uint64]]) -> tuple[Ints, Ints]:
    """Pair texts that share a band's key: each with the first of its bucket and the one before it."""
    pairs = np.zeros(0, np.uint64)
    for band in bands:
        texts = _repeated(band)
        order = texts[np.argsort(band[texts], kind="stable")]
        ordered = band[order]
        begin = np.ones(len(order), np.bool_)
        begin[1:] = ordered[1:] != ordered[:-1]
        bucket = order[np.maximum.accumulate(np.where(begin, np.arange(len(order)), 0))]
        later = np.flatnonzero(~begin & (ordered != 0))
        partners = np.concatenate([bucket[later], order[later - 1]])
        texts = np.tile(order[later], 2)
        low, high = np.minimum(partners, texts), np.maximum(partners, texts)
        pairs = _distinct(pairs, low.astype(np.uint64) << np.uint64(32) | high.astype(np.uint64))
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(
        np.int64
    )


def _repeated(band: npt.NDArray[np.uint64]) -> Ints:
    """Return the rows whose key may come twice: a quick sieve, since most come once."""
    bits = np.uint64(max(len(band).bit_length() + 2, 8))
    slot = (band >> (np.uint64(64) - bits)).astype(np.int64)
    return np.flatnonzero(np.bincount(slot)[slot] > 1)


def _distinct(*values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return distinct values in order. Sorting beats the hash table of ``np.unique`` here."""
    both = np.sort(np.concatenate(values))
    keep = np.ones(len(both), np.bool_)
    keep[1:] = both[1:] != both[:-1]
    return both[keep]


_ERRORS = 5  # standard errors of the estimate: fewer than one near copy in 10,000 is missed for it
_PAIRS = 50_000  # compared at a time, so that memory stays flat


def promising(values: npt.NDArray[np.uint8], first: Ints, second: Ints, near: float) -> Mask:
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
    least = near - _ERRORS * np.sqrt(near * (1 - near) / (BANDS * ROWS))
    equal = [np.zeros(0, np.int64)]
    for at in range(0, len(first), _PAIRS):
        block = slice(at, at + _PAIRS)
        equal.append((values[first[block]] == values[second[block]]).sum(axis=1))
    likely: Mask = np.concatenate(equal) >= least * BANDS * ROWS
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
