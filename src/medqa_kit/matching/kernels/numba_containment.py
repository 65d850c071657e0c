"""The compiled kernel that compares text with the fields of items, term by term."""

from __future__ import annotations

import numpy as np
from numba import njit

from medqa_kit.matching.kernels.constants import LOW
from medqa_kit.matching.kernels.numba_parts import longest_stretch

_MARKS = 1 << 13  # bytes, well inside the processor's first cache
_BLOCK = 16  # terms between two looks at what is missing


@njit(cache=True, nogil=True)
def contained_weights(  # type: ignore[no-untyped-def]
    text_hashes, text_places, text_starts, text, field, starts, hashes, weights, totals, reach,
):  # fmt: skip
    """Return the weight of each field's terms in the stretch of its text that has most of them.

    Most pairs end early: the text is too short for the field, or marks, a byte for each value of the
    lower bits of a term, say that too much of it is missing. The places of the terms of a text are kept in a small chained
    table only if a field may have enough of them; marks and table serve all fields that are looked for
    in the text: they come one after the other.
    """
    best = np.zeros(len(text), np.int64)
    longest = max(longest_stretch(text_starts[:-1], text_starts[1:]), 1)
    slots = 256
    while slots < 2 * longest:
        slots *= 2
    head = np.empty(slots, np.int32)
    following = np.empty(longest, np.int32)
    places = np.empty(longest, np.int64)
    which = np.empty(longest, np.int64)
    seen = np.zeros(max(longest_stretch(starts[:-1], starts[1:]), 1), np.int64)
    absent = np.empty(
        _MARKS, np.uint8
    )  # 0 for the lower bits of terms that the text has, else all bits
    stamp = 0
    mask, marked = np.uint32(0), False  # table and marks are made when they are needed
    for p in range(len(text)):
        begin, end = text_starts[text[p]], text_starts[text[p] + 1]
        if p == 0 or text[p] != text[p - 1]:
            mask, marked = np.uint32(0), False
            following[0] = _fetched(text, field, p, starts, hashes, weights)
        low, high = starts[field[p]], starts[field[p] + 1]
        whole = LOW * totals[field[p]]
        if low == high or 100 * (end - begin) * np.int64(weights[low]) < whole:
            continue
        if not marked:
            absent[:] = 0xFF
            for term in text_hashes[begin:end]:
                absent[term & np.uint32(_MARKS - 1)] = 0
            marked = True
        if _lacks(hashes[low:high], weights[low:high], absent, totals[field[p]]):
            continue
        if not mask:
            mask = _chained(text_hashes, begin, end, head, following)
        many, total = 0, 0
        for i in range(low, high):
            at = head[hashes[i] & mask]
            once = False
            while at >= 0:
                if text_hashes[begin + at] == hashes[i]:
                    places[many], which[many] = text_places[begin + at], i
                    many += 1
                    if not once:
                        total += weights[i]
                        once = True
                at = following[at]
        if 100 * total < whole:
            continue
        if many and text_places[end - 1] >= 2 * reach[field[p]]:  # more than one stretch
            order = np.argsort(places[:many])
            total, stamp = _best_stretch(
                places[:many][order],
                which[:many][order],
                low,
                weights,
                reach[field[p]],
                seen,
                stamp,
            )
        best[p] = total
    return best


@njit(cache=True, nogil=True)
def _fetched(text, field, first, starts, hashes, weights):  # type: ignore[no-untyped-def]
    """Read where the fields of a text begin: one look waits for memory no longer than many at a time."""
    sum_ = np.uint32(0)
    for p in range(first, len(text)):
        if text[p] != text[first]:
            break
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
def _chained(text_hashes, begin, end, head, following):  # type: ignore[no-untyped-def]
    """Chain the terms of a text by their lower bits; return the mask of these bits."""
    slots = 256
    while slots < 2 * (end - begin):
        slots *= 2
    mask = np.uint32(slots - 1)
    head[:slots] = -1
    for i in range(end - 1, begin - 1, -1):  # chains run forwards
        slot = text_hashes[i] & mask
        following[i - begin] = head[slot]
        head[slot] = i - begin
    return mask


@njit(cache=True, nogil=True)
def _best_stretch(places, which, low, weights, reach, seen, stamp):  # type: ignore[no-untyped-def]
    """Return the most that a stretch of twice the reach has that begins at a multiple of it."""
    best = 0
    begin = 0
    for stretch in range(places[-1] // reach + 1):
        while begin < len(places) and places[begin] < stretch * reach:
            begin += 1
        stamp += 1
        total = 0
        for i in range(begin, len(places)):
            if places[i] >= (stretch + 2) * reach:
                break
            if seen[which[i] - low] != stamp:
                seen[which[i] - low] = stamp
                total += weights[which[i]]
        best = max(best, total)
    return best, stamp
