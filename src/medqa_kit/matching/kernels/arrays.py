"""The arrays that kernels take and return."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from medqa_kit.matching.kernels.constants import ASCII_ZERO

Bytes = npt.NDArray[np.uint8]
"""UTF-8 of many texts, laid end to end; also weights of shingles and terms."""
Codes = npt.NDArray[np.uint32]
"""Code points of many texts, laid end to end."""
Hashes = npt.NDArray[np.uint32]
"""Hashes of shingles or terms."""
Keys = npt.NDArray[np.uint64]
"""``uint64[n, 2]``: a key of 128 bits for each text or item."""


def digits(codes: Codes) -> npt.NDArray[np.bool_]:
    """Return which letters are digits: there are none but those of ASCII among letters.

    Example:
        >>> digits(np.array([ord("7"), ord("k")], np.uint32)).tolist()
        [True, False]
    """
    digit: npt.NDArray[np.bool_] = codes - np.uint32(ASCII_ZERO) < 10
    return digit


def bits_set(words: Any) -> Any:
    """Return how many bits of 64 are set, of a number or of each in an array.

    Example:
        >>> bits_set(np.array([0, 7, 1 << 63 | 1], np.uint64)).tolist()
        [0, 3, 2]
    """
    pairs = words - ((words >> np.uint64(1)) & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + (
        (pairs >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    eights = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (eights * np.uint64(0x0101010101010101)) >> np.uint64(56)


def key_sums(values: Keys, offsets: npt.NDArray[np.integer]) -> Keys:
    """Return the sums of stretches of keys: one for ``values[offsets[i]:offsets[i + 1]]`` each.

    Example:
        >>> key_sums(np.ones((3, 2), np.uint64), np.array([0, 2, 2, 3])).tolist()
        [[2, 2], [0, 0], [1, 1]]
    """
    total = np.concatenate(
        [np.zeros((1, 2), np.uint64), np.cumsum(values, axis=0, dtype=np.uint64)]
    )
    sums: Keys = total[offsets[1:]] - total[offsets[:-1]]
    return sums
