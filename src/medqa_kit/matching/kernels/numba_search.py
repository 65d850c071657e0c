"""The compiled kernels that search text for items: the inner loops of the held-out check."""

from __future__ import annotations

import numpy as np
from numba import njit

from medqa_kit.matching.kernels.constants import (
    FIRST,
    GOLDEN,
    LONG,
    LOW,
    SYLLABIC,
)
from medqa_kit.matching.kernels.numba_parts import (
    longest_stretch,
    shingle_hash,
    shingle_width,
)


def window_candidates(  # type: ignore[no-untyped-def]
    codes, begins, ends, kind, filter_, filter_shift, table, table_shift, runs, postings, half,
    stem, options, stem_alone, options_alone, least, little,
):  # fmt: skip
    """Return the pairs of window and item where the window has enough rare shingles, by weight."""
    room = max(1024, 32 * len(begins))  # a second try takes as long as the first
    while True:
        count, window, item = _candidates(
            codes, begins, ends, kind, filter_, filter_shift, table, table_shift, runs, postings,
            np.zeros(len(little), np.uint32 if half == 16 else np.uint64), np.uint32(half),
            stem, options, stem_alone, options_alone, least, little, room,
        )  # fmt: skip
        if count <= room:
            return window[:count], item[:count]
        room = count  # rare: so many candidates


@njit(cache=True, nogil=True)
def _candidates(  # type: ignore[no-untyped-def]
    codes, begins, ends, kind, filter_, filter_shift, table, table_shift, runs, postings, sums, half,
    stem_gate, options_gate, stem_alone, options_alone, least, little, room,
):  # fmt: skip
    """Write the first ``room`` pairs and count them all.

    The inner loop runs a thousand times a row where rows sound like the exam. So a posting is one
    number, both sums of an item are halves of one, and an item is looked at more closely only if
    they add up to the least that could pass. Runs of postings are named first and read then, each once
    however many of its shingles are there, so that the processor fetches many at a time.
    """
    window = np.empty(room, np.int64)
    item = np.empty(room, np.int64)
    touched = np.empty(len(little) + 1, np.uint32)
    stamps = np.zeros(len(table), np.uint8)
    stamp = np.uint8(0)
    low_half = (np.uint64(1) << np.uint64(half)) - np.uint64(1)
    down = np.uint32(3 if half == 32 else 4)  # from the bit of the options to 32 or 16
    count = 0
    longest = longest_stretch(begins, ends) + 1
    seen = np.empty(longest, np.uint32)
    named = np.empty(longest, np.uint32)
    times = np.zeros(len(runs), np.uint16)  # a window has fewer letters than that
    for w in range(len(begins)):
        if stamp == 255:
            stamps[:] = 0
            stamp = np.uint8(0)
        stamp += np.uint8(1)
        shared = np.uint64(0)
        for s in range(_in_filter(codes, begins[w], ends[w], filter_, filter_shift, seen)):
            hash_ = np.uint64(seen[s])
            place = hash_ >> np.uint64(table_shift)
            while table[place] and table[place] >> np.uint64(32) < hash_:
                place += np.uint64(1)
            entry = table[place]
            if entry == 0 or entry >> np.uint64(32) != hash_ or stamps[place] == stamp:
                continue
            stamps[place] = stamp  # a shingle counts once, however often it is repeated
            run = (entry & np.uint64(0xFFFFFFFF)) - np.uint64(1)
            named[shared] = np.uint32(run)
            shared += np.uint64(times[run] == 0)
            times[run] += np.uint16(1)
        many = np.uint64(0)
        for s in range(shared):
            run = np.uint64(named[s])
            many_times = np.uint64(times[run])
            times[run] = 0
            for p in range(np.uint64(runs[run]), np.uint64(runs[run + np.uint64(1)])):
                posting = postings[p]
                i = np.uint64(posting >> np.uint32(9))
                weight = many_times * np.uint64(posting & np.uint32(0xFF))
                side = np.uint64((posting & np.uint32(0x100)) >> down)
                before = np.uint64(sums[i])
                sums[i] = before + (weight << side)
                touched[many] = np.uint32(i)  # overwritten by the next, unless it is new
                many += np.uint64(before == 0)
        least_ = least[kind[w]]
        for t in range(many):
            i = np.uint64(touched[t])
            both = np.uint64(sums[i])
            sums[i] = 0
            stem, options = both & low_half, both >> np.uint64(half)
            if stem + options < least_[i]:
                continue
            row = 0 if kind[w] == 2 and ends[w] - begins[w] > little[i] else kind[w]
            if (
                (stem >= stem_gate[row, i] and options >= options_gate[row, i])
                or stem >= stem_alone[row, i]
                or options >= options_alone[row, i]
            ):
                if count < room:
                    window[count], item[count] = w, np.int64(i)
                count += 1
    return count, window, item


@njit(cache=True, nogil=True)
def _in_filter(codes, begin, end, filter_, shift, seen):  # type: ignore[no-untyped-def]
    """Write the shingles of a stretch that pass the filter to ``seen``; return their number.

    Without a branch a shingle, so that the processor looks up many at a time.
    """
    many = np.uint64(0)
    whole = max(end - (LONG - 1), begin)
    for at in range(begin, whole):
        first = codes[at]
        value = (np.uint64(first) * GOLDEN + np.uint64(codes[at + 1])) * GOLDEN + np.uint64(
            codes[at + 2]
        )
        long = (value * GOLDEN + np.uint64(codes[at + 3])) * GOLDEN + np.uint64(codes[at + 4])
        value = value if first >= SYLLABIC else long
        value = (value ^ (value >> np.uint64(29))) * FIRST
        hash_ = np.uint32(value >> np.uint64(32))
        seen[many] = hash_
        upper = hash_ >> np.uint32(shift)
        many += np.uint64(filter_[upper >> np.uint32(3)] >> (upper & np.uint32(7))) & np.uint64(1)
    for at in range(whole, end):
        if at + shingle_width(codes[at]) <= end:
            hash_ = shingle_hash(codes, at, shingle_width(codes[at]))
            seen[many] = hash_
            upper = hash_ >> np.uint32(shift)
            many += np.uint64(filter_[upper >> np.uint32(3)] >> (upper & np.uint32(7))) & np.uint64(
                1
            )
    return many


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
