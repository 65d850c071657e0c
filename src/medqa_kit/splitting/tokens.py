"""Tokens: the smallest pieces by which two questions are compared once something led from one to the other.

A token is a number (a run of digits, its first six), or two letters that begin with a syllable or
an ideograph, or three others; a run of letters that is shorter is one token. Tokens are too common
to find an item by, and fine enough that a typo or another particle costs few of them. Numbers are
whole, so that "72 kg" and "27 kg" have none in common.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from medqa_kit.splitting.kernels import KernelName, compiled
from medqa_kit.splitting.normal import Letters, Offsets
from medqa_kit.splitting.shingles import SYLLABIC

TOKENS = "tokens-1"
"""Name of this definition, part of every file of fingerprints."""

PAIR, TRIPLE, DIGITS = 2, 3, 6
"""Letters in a token of syllables, of other letters, and of digits at most."""
ZERO, KHMER_ZERO = 0x30, 0x17E0

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)


def tokens(
    found: Letters, *, kernel: KernelName = "auto"
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Cut texts into tokens.

    Returns:
        For each token its hash and its text, in the order of the texts, repeats included.

    Example:
        >>> from medqa_kit.splitting.normal import letters
        >>> import pyarrow as pa
        >>> hashes, text = tokens(letters(pa.array(["72 kg", "kg", "협심증"])))
        >>> text.tolist(), hashes[1] == hashes[2]
        ([0, 0, 1, 2, 2], True)
    """
    if compiled(kernel):
        from medqa_kit.splitting import numba_kernels

        hashes, counts = numba_kernels.tokens(found.codes, found.offsets)
        return hashes, np.repeat(np.arange(len(counts)), counts)
    codes = found.codes
    owner = np.repeat(np.arange(len(found.lengths)), found.lengths)
    digit = _digits(codes)
    begin = np.ones(len(codes), np.bool_)
    begin[1:] = (owner[1:] != owner[:-1]) | (digit[1:] != digit[:-1])
    run = np.cumsum(begin) - 1
    ends = np.append(np.flatnonzero(begin)[1:], len(codes))
    left = ends[run] - np.arange(len(codes)) if len(codes) else np.zeros(0, np.int64)
    width = np.where(digit, DIGITS, np.where(codes >= SYLLABIC, PAIR, TRIPLE))
    length = np.minimum(width, left)
    at = np.flatnonzero(begin | (~digit & (left >= width)))
    return _hashes(codes, at, length[at]), owner[at]


def _digits(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = (codes - np.uint32(ZERO) < 10) | (
        codes - np.uint32(KHMER_ZERO) < 10
    )
    return found


def _hashes(
    codes: npt.NDArray[np.uint32], at: Offsets, length: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint32]:
    padded = np.concatenate([codes, np.zeros(DIGITS, np.uint32)]).astype(np.uint64)
    value = length.astype(np.uint64)
    for i in range(DIGITS):
        value = np.where(i < length, value * _PRIME + padded[at + i], value)
    value ^= value >> np.uint64(29)
    value *= _MIX
    found: npt.NDArray[np.uint32] = (value >> np.uint64(32)).astype(np.uint32)
    return found
