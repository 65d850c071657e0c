"""The kernels compiled with Numba. Import only where Numba is installed.

:mod:`~medqa_kit.matching.kernels.numpy_kernels` has the same functions, and says what they take and
return. These here do not hold the interpreter's lock, so batches run in threads.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from medqa_kit.matching.kernels.constants import (
    BETWEEN_DIGITS,
    DIGITS,
    GOLDEN,
    PAIR,
    SYLLABIC,
    THIRD,
    TRIPLE,
)
from medqa_kit.matching.kernels.numba_parts import (
    is_digit,
    mix_one,
    next_code_point,
    shingle_hash,
    shingle_width,
    term_hash,
)
from medqa_kit.matching.kernels.numba_search import contained_weights as contained_weights
from medqa_kit.matching.kernels.numba_search import window_candidates as window_candidates


@njit(cache=True, nogil=True)
def marked_texts(data, offsets, marks):  # type: ignore[no-untyped-def]
    """Return for each text whether it has a code point that is marked."""
    n = len(offsets) - 1
    marked = np.zeros(n, np.bool_)
    for i in range(n):
        at, end = offsets[i], offsets[i + 1]
        while at < end:
            code, at = next_code_point(data, at)
            if marks[code]:
                marked[i] = True
                break
    return marked


@njit(cache=True, nogil=True)
def look_up(data, offsets, table, starts, expansions):  # type: ignore[no-untyped-def]
    """Replace each code point by what the table has for it, in each text."""
    n = len(offsets) - 1
    ends = np.zeros(n + 1, np.int64)
    size = 0
    at, end = 0, offsets[n]
    while at < end:  # room for a sign before each letter
        code, at = next_code_point(data, at)
        entry = table[code]
        size += 2 if entry >= 0 else 2 * (starts[1 - entry] - starts[-entry])
    codes = np.empty(size, np.uint32)
    to = 0
    at = 0
    for i in range(n):
        end = offsets[i + 1]
        gap, number = False, False
        while at < end:
            code, at = next_code_point(data, at)
            entry = table[code]
            if entry == BETWEEN_DIGITS:
                gap = True
            elif entry > 0:
                digit = is_digit(np.uint32(entry))
                if gap and number and digit:
                    codes[to] = BETWEEN_DIGITS
                    to += 1
                codes[to] = entry
                to += 1
                gap, number = False, digit
            elif entry < 0:
                for j in range(starts[-entry], starts[1 - entry]):
                    if expansions[j] == BETWEEN_DIGITS:
                        gap = True
                        continue
                    digit = is_digit(expansions[j])
                    if gap and number and digit:
                        codes[to] = BETWEEN_DIGITS
                        to += 1
                    codes[to] = expansions[j]
                    to += 1
                    gap, number = False, digit
        ends[i + 1] = to
    return codes[:to].copy(), ends


@njit(cache=True, nogil=True)
def text_hashes(codes, offsets):  # type: ignore[no-untyped-def]
    """Return 128 bits of each text."""
    n = len(offsets) - 1
    keys = np.zeros((n, 2), np.uint64)
    for i in range(n):
        high, low = np.uint64(0), np.uint64(0)
        for j in range(offsets[i], offsets[i + 1]):
            place = np.uint64(j - offsets[i])
            mixed = mix_one(np.uint64(codes[j]) << np.uint64(32) | place)
            high += mixed
            low += mix_one(mixed ^ THIRD)
        keys[i, 0], keys[i, 1] = high, low
    return keys


@njit(cache=True, nogil=True)
def cut_terms(codes, begins, ends):  # type: ignore[no-untyped-def]
    """Cut stretches into terms; return hashes, places and where those of each stretch begin."""
    room = 0
    for i in range(len(begins)):
        room += ends[i] - begins[i]
    hashes = np.empty(room, np.uint32)
    places = np.empty(room, np.int64)
    starts = np.zeros(len(begins) + 1, np.int64)
    to = 0
    for i in range(len(begins)):
        begin, end = begins[i], ends[i]  # of a run of digits, or of others
        while begin < end:
            digit = is_digit(codes[begin])
            stop = begin + 1
            while stop < end and is_digit(codes[stop]) == digit:
                stop += 1
            if codes[begin] == BETWEEN_DIGITS:  # alone: a number is on either side
                begin = stop
                continue
            if digit:
                hashes[to] = term_hash(codes, begin, min(DIGITS, stop - begin))
                places[to] = begin - begins[i]
                to += 1
                begin = stop
                continue
            for at in range(begin, stop):
                width = PAIR if codes[at] >= SYLLABIC else TRIPLE
                if at > begin and stop - at < width:
                    continue
                if at + TRIPLE > stop:
                    hash_ = term_hash(codes, at, min(width, stop - at))
                else:  # without a branch on the letter
                    pair = (np.uint64(width) * GOLDEN + np.uint64(codes[at])) * GOLDEN + np.uint64(
                        codes[at + 1]
                    )
                    triple = pair * GOLDEN + np.uint64(codes[at + 2])
                    value = pair if width == PAIR else triple
                    value = (value ^ (value >> np.uint64(29))) * THIRD
                    hash_ = np.uint32(value >> np.uint64(32))
                hashes[to] = hash_
                places[to] = at - begins[i]
                to += 1
            begin = stop
        starts[i + 1] = to
    return hashes[:to].copy(), places[:to].copy(), starts


@njit(cache=True, nogil=True)
def signatures(codes, offsets, factors, steps):  # type: ignore[no-untyped-def]
    """Return the least value of each hash function over the shingles of each text."""
    n = len(offsets) - 1
    least = np.full((n, len(factors)), np.uint32(0xFFFFFFFF), np.uint32)
    for i in range(n):
        end = offsets[i + 1]
        mine = least[i]
        for at in range(offsets[i], end):
            width = shingle_width(codes[at])
            if at + width > end:
                continue
            hash_ = shingle_hash(codes, at, width)
            for j in range(len(factors)):  # 32 bits throughout, so that this loop is vectorised
                value = np.uint32(np.uint32(hash_ * factors[j]) + steps[j])
                mine[j] = value if value < mine[j] else mine[j]
    return least


@njit(cache=True, nogil=True)
def common_counts(hashes, offsets, first, second):  # type: ignore[no-untyped-def]
    """Return how many hashes two sets, each in order, have in common, for each pair of sets."""
    common = np.zeros(len(first), np.int64)
    for p in range(len(first)):
        a, a_end = offsets[first[p]], offsets[first[p] + 1]
        b, b_end = offsets[second[p]], offsets[second[p] + 1]
        while a < a_end and b < b_end:
            if hashes[a] < hashes[b]:
                a += 1
            elif hashes[a] > hashes[b]:
                b += 1
            else:
                common[p] += 1
                a += 1
                b += 1
    return common


@njit(cache=True, nogil=True)
def distinct_shingles(codes, offsets):  # type: ignore[no-untyped-def]
    """Return the distinct shingles of each text, in order, and where those of each text begin."""
    n = len(offsets) - 1
    hashes = np.empty(len(codes), np.uint32)
    ends = np.zeros(n + 1, np.int64)
    to = 0
    for i in range(n):
        begin, end = to, offsets[i + 1]
        for at in range(offsets[i], end):
            width = shingle_width(codes[at])
            if at + width <= end:
                hashes[to] = shingle_hash(codes, at, width)
                to += 1
        hashes[begin:to].sort()
        last = begin
        for at in range(begin, to):
            if at == begin or hashes[at] != hashes[last - 1]:
                hashes[last] = hashes[at]
                last += 1
        to = last
        ends[i + 1] = to
    return hashes[:to].copy(), ends
