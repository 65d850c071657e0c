"""The kernels compiled with Numba. Import only where Numba is installed.

:mod:`~medqa_kit.matching.kernels.numpy_kernels` has the same functions, and says what they take and
return. These here do not hold the interpreter's lock, so batches run in threads.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from medqa_kit.matching.kernels.constants import (
    BETWEEN_DIGITS,
    MARKED,
    THIRD,
)
from medqa_kit.matching.kernels.numba_containment import contained_weights as contained_weights
from medqa_kit.matching.kernels.numba_containment import held_weights as held_weights
from medqa_kit.matching.kernels.numba_forms import added_letters as added_letters
from medqa_kit.matching.kernels.numba_forms import signed_texts as signed_texts
from medqa_kit.matching.kernels.numba_parts import (
    cut_stretch,
    is_digit,
    mix_one,
    next_code_point,
    shingle_hash,
    shingle_width,
)
from medqa_kit.matching.kernels.numba_search import (
    window_and_form_candidates as window_and_form_candidates,
)
from medqa_kit.matching.kernels.numba_search import window_candidates as window_candidates


def look_up(data, offsets, table, starts, expansions):  # type: ignore[no-untyped-def]
    """Replace each code point by what the table has for it, in each text; mark texts."""
    # There are no more letters than bytes: a sign between numbers stands for what kept them apart.
    room = len(data) + 1
    while True:
        enough, codes, ends, marked = _look_up(data, offsets, table, starts, expansions, room)
        if enough:
            return codes, ends, marked
        room *= 2  # rare: some code points become many letters


@njit(cache=True, nogil=True)
def _look_up(data, offsets, table, starts, expansions, room):  # type: ignore[no-untyped-def]
    n = len(offsets) - 1
    ends = np.zeros(n + 1, np.int64)
    marked = np.zeros(n, np.bool_)
    codes = np.empty(room, np.uint32)
    one, to = np.uint64(1), np.uint64(0)
    between = np.uint32(BETWEEN_DIGITS)
    for i in range(n):
        begin = to
        at, end = offsets[i], offsets[i + 1]
        gap, number = np.uint64(0), np.uint64(0)  # numbers, so that no branch hangs on them
        while at < end:
            code, at = next_code_point(data, at)
            entry = table[code]
            if entry == BETWEEN_DIGITS:
                gap = one
            elif entry >= MARKED:
                marked[i] = True
                to = begin
                break
            elif entry > 0:
                letter = np.uint32(entry)
                digit = np.uint64(is_digit(letter))
                codes[to] = between  # overwritten, unless two numbers meet
                to += gap & number & digit
                codes[to] = letter
                to += one
                gap, number = np.uint64(0), digit
            elif entry < 0:
                first, last = starts[-entry], starts[1 - entry]
                if to + np.uint64(2 * (last - first) + len(data) - at) >= np.uint64(room):
                    return False, codes[:1].copy(), ends, marked
                for j in range(first, last):
                    letter = expansions[j]
                    if letter == between:
                        gap = one
                        continue
                    digit = np.uint64(is_digit(letter))
                    codes[to] = between
                    to += gap & number & digit
                    codes[to] = letter
                    to += one
                    gap, number = np.uint64(0), digit
        ends[i + 1] = to
    return True, codes[:to], ends, marked  # not a copy: pages that are not written take no memory


@njit(cache=True, nogil=True)
def lay_out(codes, begins, ends, starts):  # type: ignore[no-untyped-def]
    """Lay runs of stretches end to end, and a sign between two numbers that meet."""
    n = len(starts) - 1
    room = 0
    for i in range(len(begins)):
        room += ends[i] - begins[i] + 1
    laid = np.empty(room, np.uint32)
    offsets = np.zeros(n + 1, np.int64)
    to = np.uint64(0)
    for run in range(n):
        number = False
        for i in range(starts[run], starts[run + 1]):
            stretch = codes[begins[i] : ends[i]]
            size = len(stretch)
            if not size:
                continue
            if number and is_digit(stretch[0]):
                laid[to] = BETWEEN_DIGITS
                to += np.uint64(1)
            for at in range(size):
                laid[to + np.uint64(at)] = stretch[at]
            to += np.uint64(size)
            number = is_digit(stretch[size - 1])
        offsets[run + 1] = to
    return laid[:to], offsets


@njit(cache=True, nogil=True)
def text_hashes(codes, begins, ends):  # type: ignore[no-untyped-def]
    """Return 128 bits of each stretch."""
    keys = np.zeros((len(begins), 2), np.uint64)
    for i in range(len(begins)):
        stretch = codes[begins[i] : ends[i]]
        high, low = np.uint64(0), np.uint64(0)
        for place in range(len(stretch)):
            mixed = mix_one(np.uint64(stretch[place]) << np.uint64(32) | np.uint64(place))
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
    to = np.uint64(0)
    for i in range(len(begins)):
        to = cut_stretch(codes[begins[i] : ends[i]], hashes, places, to)
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
