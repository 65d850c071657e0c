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

from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.matching.kernels.arrays import Codes, Hashes
from medqa_kit.matching.kernels.constants import FIRST, GOLDEN, LONG, SHORT, SYLLABIC

SHINGLES = "shingles-1"
"""Name of this definition, part of every file of fingerprints."""
BRIEF = 8.0
"""A stem of fewer shingles than this, laid end to end, such as "What is the best next step?", is asked
of many: an item is then the same only if its case is, or, of an open item, its answer."""


class Shingles(NamedTuple):
    """All shingles of some texts.

    Attributes:
        hashes: ``uint32``: one per shingle, repeats included, in the order of the text.
        owner: ``int64``: which text each belongs to.
    """

    hashes: Hashes
    owner: Ints


def shingles(codes: Codes, offsets: Ints) -> Shingles:
    """Return the shingles of texts: of ``codes[offsets[i]:offsets[i + 1]]`` each.

    Example:
        >>> from medqa_kit.matching.letters import letters
        >>> import pyarrow as pa
        >>> shingles(*letters(pa.array(["협심증", "angina", "tiny"]))).owner.tolist()
        [0, 1, 1]
    """
    owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    place = np.arange(offsets[0], offsets[-1])
    whole = place + shingle_widths(codes)[place] <= offsets[1:][owner]
    return Shingles(shingle_hashes(codes)[place[whole]], owner[whole])


def shingle_widths(codes: Codes) -> Ints:
    """Return how many letters the shingle has that begins at each place."""
    return np.where(codes >= SYLLABIC, SHORT, LONG)


def sizes_of(codes: Codes, offsets: Ints) -> npt.NDArray[np.float32]:
    """Measure texts in shingles laid end to end: letters of a syllabary count for more.

    Example:
        >>> from medqa_kit.matching.letters import letters
        >>> import pyarrow as pa
        >>> sizes_of(*letters(pa.array(["협심증", "fever"]))).tolist()
        [1.0, 1.0]
    """
    total = np.concatenate([[0.0], np.cumsum(1 / shingle_widths(codes))])
    sizes: npt.NDArray[np.float32] = (total[offsets[1:]] - total[offsets[:-1]]).astype(np.float32)
    return sizes


def shingle_hashes(codes: Codes) -> Hashes:
    """Return the hash of the shingle that begins at each place; past the end, zeros are read."""
    padded = np.concatenate([codes, np.zeros(LONG, np.uint32)]).astype(np.uint64)
    size = len(codes)
    short = padded[:size].copy()
    for i in range(1, SHORT):
        short = short * GOLDEN + padded[i : i + size]
    long = short
    for i in range(SHORT, LONG):
        long = long * GOLDEN + padded[i : i + size]
    both = np.where(codes >= SYLLABIC, short, long)
    both ^= both >> np.uint64(29)
    both *= FIRST
    hashes: Hashes = (both >> np.uint64(32)).astype(np.uint32)
    return hashes
