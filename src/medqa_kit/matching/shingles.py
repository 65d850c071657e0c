"""Shingles: the short runs of letters by which near copies are found.

A shingle is three letters long where it begins with a syllable or an ideograph (Hangul, Han,
Kana), five elsewhere (Latin, Khmer, digits): about the same amount of language in each. Words play
no part, so Khmer needs no segmentation and Korean particles cost little. Lengths were fitted on
invented exam items of the three languages, see ``docs/holdouts.md``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from medqa_kit.matching.letters import Codes, Letters, Offsets

SHINGLES = "shingles-1"
"""Name of this definition, part of every file of fingerprints."""

SYLLABIC = 0x2E80
"""Code points from here on are syllables and ideographs, as far as letters go."""
SHORT, LONG = 3, 5
"""Letters in a shingle that begins at, or below, :data:`SYLLABIC`."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


class Shingles(NamedTuple):
    """All shingles of some texts.

    Attributes:
        hashes: ``uint32``: one per shingle, repeats included, in the order of the text.
        owner: ``int64``: which text each belongs to.
    """

    hashes: npt.NDArray[np.uint32]
    owner: npt.NDArray[np.int64]


def shingles(letters: Letters) -> Shingles:
    """Cut texts into shingles.

    Example:
        >>> from medqa_kit.matching.letters import letters
        >>> import pyarrow as pa
        >>> shingles(letters(pa.array(["협심증", "angina", "tiny"]))).owner.tolist()
        [0, 1, 1]
    """
    hashes, owner, _ = shingles_between(letters.codes, letters.offsets[:-1], letters.offsets[1:])
    return Shingles(hashes, owner)


def shingles_between(
    codes: Codes, begins: Offsets, ends: Offsets
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Cut the stretches ``codes[begins[i]:ends[i]]``, which may overlap.

    Returns:
        For each shingle its hash, its stretch, and its place in the stretch.
    """
    lengths = ends - begins
    owner = np.repeat(np.arange(len(begins)), lengths)
    at = np.arange(len(owner)) - (np.cumsum(lengths) - lengths)[owner]
    place = at + begins[owner]
    whole = place + widths(codes)[place] <= ends[owner]
    return hashes(codes)[place[whole]], owner[whole], at[whole]


def widths(codes: Codes) -> npt.NDArray[np.int64]:
    """Tell how many letters the shingle has that begins at each place."""
    return np.where(codes >= SYLLABIC, SHORT, LONG)


def hashes(codes: Codes) -> npt.NDArray[np.uint32]:
    """Hash the shingle that begins at each place; past the end, zeros are read."""
    padded = np.concatenate([codes, np.zeros(LONG, np.uint32)]).astype(np.uint64)
    size = len(codes)
    short = padded[:size].copy()
    for i in range(1, SHORT):
        short = short * _PRIME + padded[i : i + size]
    long = short
    for i in range(SHORT, LONG):
        long = long * _PRIME + padded[i : i + size]
    both = np.where(codes >= SYLLABIC, short, long)
    both ^= both >> np.uint64(29)
    both *= _MIX
    found: npt.NDArray[np.uint32] = (both >> np.uint64(32)).astype(np.uint32)
    return found
