"""The kernels in NumPy: what runs where Numba is not installed, and what says how they are meant.

:mod:`~medqa_kit.matching.kernels.numba_kernels` has the same functions.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from medqa_kit.core.arrow.hashing import scattered
from medqa_kit.core.arrow.ragged import Ints, Mask, distinct, ranges
from medqa_kit.matching.kernels.arrays import Bytes, Codes, Hashes, Keys, digits, key_sums
from medqa_kit.matching.kernels.constants import (
    BETWEEN_DIGITS,
    DIGITS,
    GOLDEN,
    LOW,
    MARKED,
    PAIR,
    SYLLABIC,
    THIRD,
    TRIPLE,
)
from medqa_kit.matching.kernels.numpy_search import contained_weights as contained_weights
from medqa_kit.matching.kernels.numpy_search import window_candidates as window_candidates
from medqa_kit.matching.shingles import shingles

_PAIRS = 2048  # pairs of sets to compare at a time, so that memory stays flat
_HIGH = np.uint64(32)


def look_up(
    data: Bytes, offsets: Ints, table: npt.NDArray[np.int32], starts: npt.NDArray[np.int32],
    expansions: npt.NDArray[np.uint32],
) -> tuple[Codes, Ints, Mask]:  # fmt: skip
    """Replace each code point by what the table has for it, in each text; mark texts.

    Args:
        data: ``uint8``: valid UTF-8 of all texts.
        offsets: ``int64[n + 1]``: text ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
        table: See :class:`~medqa_kit.matching.letter_table.LetterTable`.
        starts: Of the expansions.
        expansions: For code points that become more than one letter.

    Returns:
        ``uint32``: the letters of all texts; ``int64[n + 1]``: where those of each begin;
        ``bool[n]``: the texts for a code point of which the table has ``MARKED``: of these there are
        no letters.
    """
    codes, begins = _decoded(data, offsets)
    entry = table[codes]
    seen = np.concatenate([[0], np.cumsum(entry >= MARKED)])
    marked: Mask = seen[begins[1:]] > seen[begins[:-1]]
    if marked.any():
        entry[ranges(begins[:-1][marked], np.diff(begins)[marked])] = 0
    widths = (entry > 0).astype(np.int64)
    longer = np.flatnonzero(entry < 0)
    numbers = -entry[longer]
    widths[longer] = starts[numbers + 1] - starts[numbers]
    places = np.concatenate([[0], np.cumsum(widths)])
    letters = np.empty(places[-1], np.uint32)
    single = entry > 0
    letters[places[:-1][single]] = entry[single]
    letters[ranges(places[:-1][longer], widths[longer])] = expansions[
        ranges(starts[numbers], widths[longer])
    ]
    return *_squeezed(letters, places[begins]), marked


def lay_out(codes: Codes, begins: Ints, ends: Ints, starts: Ints) -> tuple[Codes, Ints]:
    """Lay runs of stretches end to end, and a sign between two numbers that meet.

    Args:
        codes: Letters.
        begins: ``int64[m]``: stretch ``i`` is ``codes[begins[i]:ends[i]]``...
        ends: ``int64[m]``.
        starts: ``int64[n + 1]``: ...and run ``i`` the stretches ``starts[i]`` to ``starts[i + 1]``.

    Returns:
        ``uint32``: the letters of all runs; ``int64[n + 1]``: where those of each begin.
    """
    lengths = ends - begins
    laid = codes[ranges(begins, lengths)]
    stops = np.concatenate([[0], np.cumsum(lengths)])
    offsets = stops[starts]
    seam = np.zeros(len(laid), np.bool_)
    seam[stops[:-1][lengths > 0]] = True
    seam[offsets[:-1][offsets[:-1] < len(laid)]] = False  # what begins a run
    at = np.flatnonzero(seam)
    at = at[digits(laid[at]) & digits(laid[at - 1])]
    return np.insert(laid, at, BETWEEN_DIGITS), offsets + np.searchsorted(at, offsets)


def _decoded(data: Bytes, offsets: Ints) -> tuple[Codes, Ints]:
    codes = np.frombuffer(data.tobytes().decode().encode("utf-32-le"), np.uint32)
    begins = np.concatenate([[0], np.cumsum((data & 0xC0) != 0x80)])
    return codes, begins[offsets]


def _squeezed(codes: Codes, offsets: Ints) -> tuple[Codes, Ints]:
    """Do what :func:`~medqa_kit.matching.letter_table.squeezed` does to each text."""
    letter = codes != BETWEEN_DIGITS
    at = np.flatnonzero(letter)
    ends = np.concatenate([[0], np.cumsum(letter)])[offsets]  # where texts end among the letters
    codes = codes[at]
    digit = digits(codes)
    apart = digit & (np.diff(at, prepend=-1) > 1)
    apart[1:] &= digit[:-1]
    apart[ends[:-1][ends[:-1] < len(codes)]] = False  # what begins a text
    before = np.concatenate([[0], np.cumsum(apart)])
    return np.insert(codes, np.flatnonzero(apart), BETWEEN_DIGITS), ends + before[ends]


def text_hashes(codes: Codes, begins: Ints, ends: Ints) -> Keys:
    """Return 128 bits of each stretch: a sum, over its places, of a mix of letter and place."""
    lengths = ends - begins
    places = ranges(np.zeros(len(lengths), np.int64), lengths).astype(np.uint64)
    mixed = scattered(codes[ranges(begins, lengths)].astype(np.uint64) << _HIGH | places)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return key_sums(np.stack([mixed, scattered(mixed ^ THIRD)], axis=1), offsets)


def cut_terms(codes: Codes, begins: Ints, ends: Ints) -> tuple[Hashes, Ints, Ints]:
    """Cut the stretches ``codes[begins[i]:ends[i]]``, which may overlap, into terms.

    Returns:
        ``uint32``: hashes; ``int64``: where in its stretch each term begins; ``int64[n + 1]``: where
        the terms of each stretch begin.
    """
    lengths = ends - begins
    codes = codes[ranges(begins, lengths)]
    owner = np.repeat(np.arange(len(lengths)), lengths)
    stops = np.cumsum(lengths)
    digit = digits(codes)
    begin = np.ones(len(codes), np.bool_)
    begin[1:] = (owner[1:] != owner[:-1]) | (digit[1:] != digit[:-1])
    run_ends = np.append(np.flatnonzero(begin)[1:], len(codes))
    left = run_ends[np.cumsum(begin) - 1] - np.arange(len(codes))
    width = np.where(digit, DIGITS, np.where(codes >= SYLLABIC, PAIR, TRIPLE))
    begins_term = begin | (~digit & (left >= width))
    place = np.flatnonzero(begins_term & (codes != BETWEEN_DIGITS))
    owner = owner[place]
    counts = np.bincount(owner, minlength=len(lengths))
    return (
        _term_hashes(codes, place, np.minimum(width, left)[place]),
        place - (stops - lengths)[owner],
        np.concatenate([[0], np.cumsum(counts)]),
    )


def _term_hashes(codes: Codes, at: Ints, length: Ints) -> Hashes:
    value = length.astype(np.uint64)
    for i in range(DIGITS):
        longer = np.flatnonzero(length > i)  # few terms have more than three letters
        value[longer] = value[longer] * GOLDEN + codes[at[longer] + i]
    value ^= value >> np.uint64(29)
    value *= THIRD
    hashes: Hashes = (value >> _HIGH).astype(np.uint32)
    return hashes


def held_weights(
    codes: Codes, begins: Ints, ends: Ints, text: Ints, field: Ints,
    starts: Ints, hashes: Hashes, weights: Bytes, totals: Ints, reach: Ints,
) -> Ints:  # fmt: skip
    """Return what :func:`contained_weights` returns of stretches of letters.

    Args:
        codes: Letters.
        begins: ``int64[t]``: text ``i`` is ``codes[begins[i]:ends[i]]``.
        ends: ``int64[t]``.
        text: As there, as all that follow.
        field: As there.
        starts: As there.
        hashes: As there.
        weights: As there.
        totals: As there.
        reach: As there.
    """
    heaviest = np.append(weights, np.uint8(0))[starts[field]].astype(np.int64)
    most = 100 * heaviest * (ends - begins)[text]  # no more terms than letters
    worth = np.flatnonzero(most >= LOW * totals[field])
    best = np.zeros(len(text), np.int64)
    texts, number = np.unique(text[worth], return_inverse=True)
    cut = cut_terms(codes, begins[texts], ends[texts])
    best[worth] = contained_weights(
        *cut, number, field[worth], starts, hashes, weights, totals, reach
    )
    return best


def signatures(codes: Codes, offsets: Ints, factors: Hashes, steps: Hashes) -> Hashes:
    """Return the least value of each hash function over the shingles of each text.

    Args:
        codes: Letters of all texts.
        offsets: ``int64[n + 1]``: where those of each text begin.
        factors: ``uint32[h]``: what a shingle's hash is multiplied by...
        steps: ``uint32[h]``: ...and what is added, for each hash function.

    Returns:
        ``uint32[n, h]``; ``0xFFFFFFFF`` for texts too short to have a shingle.
    """
    hashes, owner = shingles(codes, offsets)
    counts = np.bincount(owner, minlength=len(offsets) - 1)
    filled = np.flatnonzero(counts)
    begins = (np.cumsum(counts) - counts)[filled]
    least = np.full((len(counts), len(factors)), 0xFFFFFFFF, np.uint32)
    if len(filled):
        for i, (factor, step) in enumerate(zip(factors, steps, strict=True)):
            least[filled, i] = np.minimum.reduceat(hashes * factor + step, begins)
    return least


def distinct_shingles(codes: Codes, offsets: Ints) -> tuple[Hashes, Ints]:
    """Return the distinct shingles of each text, in order, and where those of each text begin."""
    hashes, owner = shingles(codes, offsets)
    pairs = distinct(owner.astype(np.uint64) << _HIGH | hashes)
    counts = np.bincount((pairs >> _HIGH).astype(np.int64), minlength=len(offsets) - 1)
    return pairs.astype(np.uint32), np.concatenate([[0], np.cumsum(counts)])


def common_counts(hashes: Hashes, offsets: Ints, first: Ints, second: Ints) -> Ints:
    """Return how many hashes two sets, each in order, have in common, for each pair of sets."""
    common = np.zeros(len(first), np.int64)
    for at in range(0, len(first), _PAIRS):
        block = slice(at, at + _PAIRS)
        keys: list[npt.NDArray[np.uint64]] = []
        for side in (first[block], second[block]):
            counts = offsets[side + 1] - offsets[side]
            pair = np.repeat(np.arange(len(side), dtype=np.uint64), counts)
            keys.append(pair << _HIGH | hashes[ranges(offsets[side], counts)])
        shared = np.intersect1d(keys[0], keys[1], assume_unique=True) >> _HIGH
        common[block] = np.bincount(shared.astype(np.int64), minlength=len(first[block]))
    return common
