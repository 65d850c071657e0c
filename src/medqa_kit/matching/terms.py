"""Tokens: the smallest pieces by which a text is compared with an item that something led to.

A token is a number (a run of digits, its first six), or two letters that begin with a syllable or
an ideograph, or three others; a run of letters that is shorter is one token. Tokens are too common
to find an item by, and fine enough that a typo or another particle costs few of them. Numbers are
whole, so that "72 kg" and "27 kg" have none in common.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from medqa_kit.core.ragged import ranges
from medqa_kit.matching.code_points import BETWEEN
from medqa_kit.matching.kernels import KernelName, compiled
from medqa_kit.matching.letters import Codes, Letters, Offsets, digits
from medqa_kit.matching.shingles import SYLLABIC

TOKENS = "tokens-1"
"""Name of this definition, part of every file of fingerprints."""

PAIR, TRIPLE, DIGITS = 2, 3, 6
"""Letters in a token of syllables, of other letters, and of digits at most."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)


class Cut(NamedTuple):
    """Stretches of letters cut into tokens.

    Attributes:
        hashes: ``uint32``: the tokens of all stretches in order, repeats included.
        at: ``int64``: where in its stretch each begins.
        starts: ``int64[n + 1]``: where the tokens of each stretch begin.
    """

    hashes: npt.NDArray[np.uint32]
    at: Offsets
    starts: Offsets

    @property
    def owner(self) -> npt.NDArray[np.int64]:
        """The stretch of each token."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


def tokens(found: Letters, *, kernel: KernelName = "auto") -> Cut:
    """Cut texts into tokens.

    Example:
        >>> from medqa_kit.matching.letters import letters
        >>> import pyarrow as pa
        >>> cut = tokens(letters(pa.array(["72 kg", "kg", "협심증"])))
        >>> cut.owner.tolist(), bool(cut.hashes[1] == cut.hashes[2])
        ([0, 0, 1, 2, 2], True)
    """
    return tokens_between(found.codes, found.offsets[:-1], found.offsets[1:], kernel=kernel)


def tokens_between(
    codes: Codes, begins: Offsets, ends: Offsets, *, kernel: KernelName = "auto"
) -> Cut:
    """Cut the stretches ``codes[begins[i]:ends[i]]``, which may overlap."""
    if compiled(kernel):
        from medqa_kit.matching import numba_kernels

        return Cut(*numba_kernels.tokens(codes, begins, ends))
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
    begins_one = begin | (~digit & (left >= width))
    place = np.flatnonzero(begins_one & (codes != ord(BETWEEN)))
    owner = owner[place]
    counts = np.bincount(owner, minlength=len(lengths))
    return Cut(
        _hashes(codes, place, np.minimum(width, left)[place]),
        place - (stops - lengths)[owner],
        np.concatenate([[0], np.cumsum(counts)]),
    )


def _hashes(codes: Codes, at: Offsets, length: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    padded = np.concatenate([codes, np.zeros(DIGITS, np.uint32)]).astype(np.uint64)
    value = length.astype(np.uint64)
    for i in range(DIGITS):
        value = np.where(i < length, value * _PRIME + padded[at + i], value)
    value ^= value >> np.uint64(29)
    value *= _MIX
    found: npt.NDArray[np.uint32] = (value >> np.uint64(32)).astype(np.uint32)
    return found
