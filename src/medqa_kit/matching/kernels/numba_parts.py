"""Small compiled functions that several kernels are made of.

Numba's cache on disk follows the file of a kernel alone: after a change here, save the files that
import it again, or delete their ``__pycache__``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from medqa_kit.matching.kernels.constants import (
    ASCII_ZERO,
    BETWEEN_DIGITS,
    DIGITS,
    FIRST,
    GOLDEN,
    LONG,
    PAIR,
    SECOND,
    SHORT,
    SYLLABIC,
    THIRD,
    TRIPLE,
)


@njit(cache=True, nogil=True, inline="always")
def is_digit(code):  # type: ignore[no-untyped-def]
    """Check for a digit: there are none but those of ASCII among letters."""
    return np.uint32(code - np.uint32(ASCII_ZERO)) < 10


@njit(cache=True, nogil=True, inline="always")
def next_code_point(data, at):  # type: ignore[no-untyped-def]
    """Decode one code point of valid UTF-8; return it and the place after it."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, at + 1
    if first < 0xE0:
        return (first & 0x1F) << 6 | (data[at + 1] & 0x3F), at + 2
    second = np.int64(data[at + 1]) & 0x3F
    third = np.int64(data[at + 2]) & 0x3F
    if first < 0xF0:
        return (first & 0x0F) << 12 | second << 6 | third, at + 3
    fourth = np.int64(data[at + 3]) & 0x3F
    return (first & 0x07) << 18 | second << 12 | third << 6 | fourth, at + 4


@njit(cache=True, nogil=True, inline="always")
def mix_one(value):  # type: ignore[no-untyped-def]
    """Return a value with its bits mixed, as :func:`~medqa_kit.core.arrow.hashing.mix` does."""
    value = value + GOLDEN
    value = (value ^ (value >> np.uint64(30))) * FIRST
    value = (value ^ (value >> np.uint64(27))) * SECOND
    return value ^ (value >> np.uint64(31))


@njit(cache=True, nogil=True, inline="always")
def shingle_width(code):  # type: ignore[no-untyped-def]
    """Return how many letters the shingle has that begins with a letter."""
    return SHORT if code >= SYLLABIC else LONG


@njit(cache=True, nogil=True, inline="always")
def shingle_hash(codes, at, width):  # type: ignore[no-untyped-def]
    """Return the hash of the shingle at a place."""
    value = np.uint64(codes[at])
    for j in range(1, width):
        value = value * GOLDEN + np.uint64(codes[at + j])
    value ^= value >> np.uint64(29)
    value *= FIRST
    return np.uint32(value >> np.uint64(32))


@njit(cache=True, nogil=True, inline="always")
def term_hash(codes, at, length):  # type: ignore[no-untyped-def]
    """Return the hash of the term of some letters at a place."""
    value = np.uint64(length)
    for j in range(at, at + length):
        value = value * GOLDEN + np.uint64(codes[j])
    value = (value ^ (value >> np.uint64(29))) * THIRD
    return np.uint32(value >> np.uint64(32))


@njit(cache=True, nogil=True)
def cut_stretch(stretch, hashes, places, to):  # type: ignore[no-untyped-def]
    """Write the terms of some letters and their places from ``to`` on; return where they end."""
    one, to = np.uint64(1), np.uint64(to)
    begin, end = np.uint64(0), np.uint64(len(stretch))  # of a run of digits, or of others
    while begin < end:
        digit = is_digit(stretch[begin])
        stop = begin + one
        while stop < end and is_digit(stretch[stop]) == digit:
            stop += one
        if digit:
            hashes[to] = term_hash(stretch, begin, min(np.uint64(DIGITS), stop - begin))
            places[to] = begin
            to += one
        elif stretch[begin] != BETWEEN_DIGITS:  # which is alone: a number is on either side
            for at in range(begin, stop):
                syllabic = stretch[at] >= SYLLABIC
                left = stop - at
                width = np.uint64(PAIR if syllabic else TRIPLE)
                if left < width and at > begin:
                    continue
                if left < np.uint64(TRIPLE):
                    hash_ = term_hash(stretch, at, min(width, left))
                else:  # without a branch on the letter
                    pair = (width * GOLDEN + np.uint64(stretch[at])) * GOLDEN + np.uint64(
                        stretch[at + one]
                    )
                    triple = pair * GOLDEN + np.uint64(stretch[at + np.uint64(2)])
                    value = pair if syllabic else triple
                    value = (value ^ (value >> np.uint64(29))) * THIRD
                    hash_ = np.uint32(value >> np.uint64(32))
                hashes[to] = hash_
                places[to] = at
                to += one
        begin = stop
    return to


@njit(cache=True, nogil=True)
def longest_stretch(begins, ends):  # type: ignore[no-untyped-def]
    """Return the length of the longest stretch, 0 where there is none."""
    most = np.int64(0)
    for i in range(len(begins)):
        most = max(most, ends[i] - begins[i])
    return most
