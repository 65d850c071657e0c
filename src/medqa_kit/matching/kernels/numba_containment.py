"""The compiled kernel that compares text with the fields of items, term by term."""

from __future__ import annotations

import numpy as np
from numba import njit

from medqa_kit.matching.kernels.constants import LOW
from medqa_kit.matching.kernels.numba_parts import cut_stretch, longest_stretch

_MARKS = 1 << 13  # bytes, well inside the processor's first cache
_BLOCK = 16  # terms between two looks at what is missing


@njit(cache=True, nogil=True)
def contained_weights(  # type: ignore[no-untyped-def]
    text_hashes, text_places, text_starts, text, field, starts, hashes, weights, totals, reach,
):  # fmt: skip
    """Return the weight of each field's terms in the stretch of its text that has most of them."""
    best = np.zeros(len(text), np.int64)
    longest = longest_stretch(text_starts[:-1], text_starts[1:])
    scratch = _scratch(longest, longest_stretch(starts[:-1], starts[1:]))
    first = 0
    while first < len(text):
        last = _pairs_of(text, first)
        here = slice(text_starts[text[first]], text_starts[text[first] + 1])
        _weigh(text_hashes[here], text_places[here], field[first:last],
               starts, hashes, weights, totals, reach, best[first:last], scratch)  # fmt: skip
        first = last
    return best


@njit(cache=True, nogil=True)
def held_weights(  # type: ignore[no-untyped-def]
    codes, begins, ends, text, field, starts, hashes, weights, totals, reach,
):  # fmt: skip
    """Return the same of stretches of letters, which are cut into terms one after the other, and only if need be."""
    best = np.zeros(len(text), np.int64)
    longest = longest_stretch(begins, ends)
    scratch = _scratch(longest, longest_stretch(starts[:-1], starts[1:]))
    text_hashes, text_places = np.empty(longest, np.uint32), np.empty(longest, np.int64)
    first = 0
    while first < len(text):
        last = _pairs_of(text, first)
        stretch = codes[begins[text[first]] : ends[text[first]]]
        for p in range(first, last):
            if _may_have(len(stretch), field[p], starts, weights, totals):
                many = cut_stretch(stretch, text_hashes, text_places, 0)
                _weigh(text_hashes[:many], text_places[:many], field[first:last],
                       starts, hashes, weights, totals, reach, best[first:last], scratch)  # fmt: skip
                break
        first = last
    return best


@njit(cache=True, nogil=True)
def _pairs_of(text, first):  # type: ignore[no-untyped-def]
    """Return where the pairs of a text end."""
    last = first + 1
    while last < len(text) and text[last] == text[first]:
        last += 1
    return last


@njit(cache=True, nogil=True, inline="always")
def _may_have(terms, field, starts, weights, totals):  # type: ignore[no-untyped-def]
    """Check whether a number of terms is enough for a field."""
    low = starts[field]
    if low == starts[field + 1]:
        return False
    return 100 * terms * np.int64(weights[low]) >= LOW * totals[field]


@njit(cache=True, nogil=True)
def _scratch(longest, most):  # type: ignore[no-untyped-def]
    """Return room for texts of so many terms, and fields of so many: used again for each."""
    longest, slots = max(longest, 1), 256
    while slots < 2 * longest:
        slots *= 2
    absent = np.empty(
        _MARKS, np.uint8
    )  # 0 for the lower bits of terms that the text has, else all bits
    return (np.empty(slots, np.int32), np.empty(longest, np.int32), np.empty(longest, np.int64),
            np.empty(longest, np.int64), np.zeros(max(most, 1), np.int64), absent, np.zeros(1, np.int64))  # fmt: skip


@njit(cache=True, nogil=True)
def _weigh(  # type: ignore[no-untyped-def]
    text_hashes, text_places, field, starts, hashes, weights, totals, reach, best, scratch,
):  # fmt: skip
    """Write what a text has of each field.

    Most pairs end early: the text is too short for the field, or marks, a byte for each value of the
    lower bits of a term, say that too much of it is missing. The places of the terms of a text are kept in a small chained
    table only if a field may have enough of them; marks and table serve all fields that are looked for
    in the text.
    """
    head, following, places, which, seen, absent, stamp = scratch
    size = len(text_hashes)
    mask, marked = np.uint32(0), False  # table and marks are made when they are needed
    for p in range(len(field)):
        low, high = starts[field[p]], starts[field[p] + 1]
        if not _may_have(size, field[p], starts, weights, totals):
            continue
        if not marked:
            following[0] = _fetched(field, p, starts, hashes, weights)
            absent[:] = 0xFF
            for term in text_hashes:
                absent[term & np.uint32(_MARKS - 1)] = 0
            marked = True
        if _lacks(hashes[low:high], weights[low:high], absent, totals[field[p]]):
            continue
        if not mask:
            mask = _chained(text_hashes, head, following)
        many, total = 0, 0
        for i in range(low, high):
            at = head[hashes[i] & mask]
            once = False
            while at >= 0:
                if text_hashes[at] == hashes[i]:
                    places[many], which[many] = text_places[at], i
                    many += 1
                    if not once:
                        total += weights[i]
                        once = True
                at = following[at]
        if 100 * total < LOW * totals[field[p]]:
            continue
        if many and text_places[size - 1] >= 2 * reach[field[p]]:  # more than one stretch
            order = np.argsort(places[:many])
            total = _best_stretch(
                places[:many][order],
                which[:many][order],
                low,
                weights,
                reach[field[p]],
                seen,
                stamp,
            )
        best[p] = total


@njit(cache=True, nogil=True)
def _fetched(field, first, starts, hashes, weights):  # type: ignore[no-untyped-def]
    """Read where the fields of a text begin: one look waits for memory no longer than many at a time."""
    sum_ = np.uint32(0)
    for p in range(first, len(field)):
        low, high = starts[field[p]], starts[field[p] + 1]
        if low < high:
            sum_ += hashes[low] + weights[low] + hashes[min(low + 16, high - 1)]
            sum_ += hashes[min(low + 32, high - 1)] + hashes[min(low + 48, high - 1)]
    return np.int32(sum_ & np.uint32(1))


@njit(cache=True, nogil=True)
def _lacks(hashes, weights, absent, total):  # type: ignore[no-untyped-def]
    """Check whether a field, its heaviest terms first, lacks too many."""
    spare = 100 * total - LOW * total  # what may be missing, in hundredths
    first, size = np.uint64(0), np.uint64(len(hashes))
    while first < size:
        stop = min(first + np.uint64(_BLOCK), size)
        missing = np.uint32(0)
        for i in range(first, stop):
            missing += np.uint32(weights[i] & absent[hashes[i] & np.uint32(_MARKS - 1)])
        spare -= 100 * np.int64(missing)
        if spare < 0:
            return True
        first = stop
    return False


@njit(cache=True, nogil=True)
def _chained(text_hashes, head, following):  # type: ignore[no-untyped-def]
    """Chain the terms of a text by their lower bits; return the mask of these bits."""
    slots, size = 256, len(text_hashes)
    while slots < 2 * size:
        slots *= 2
    mask = np.uint32(slots - 1)
    head[:slots] = -1
    for i in range(size - 1, -1, -1):  # chains run forwards
        slot = text_hashes[i] & mask
        following[i] = head[slot]
        head[slot] = i
    return mask


@njit(cache=True, nogil=True)
def _best_stretch(places, which, low, weights, reach, seen, stamp):  # type: ignore[no-untyped-def]
    """Return the most that a stretch of twice the reach has that begins at a multiple of it."""
    best = 0
    begin = 0
    for stretch in range(places[-1] // reach + 1):
        while begin < len(places) and places[begin] < stretch * reach:
            begin += 1
        stamp[0] += 1
        total = 0
        for i in range(begin, len(places)):
            if places[i] >= (stretch + 2) * reach:
                break
            if seen[which[i] - low] != stamp[0]:
                seen[which[i] - low] = stamp[0]
                total += weights[which[i]]
        best = max(best, total)
    return best
