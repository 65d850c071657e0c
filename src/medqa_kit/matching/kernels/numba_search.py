"""The compiled kernel that finds candidates: items with which text shares enough rare shingles."""

from __future__ import annotations

import numpy as np
from numba import njit

from medqa_kit.matching.kernels.arrays import bits_set
from medqa_kit.matching.kernels.constants import (
    CHAINED,
    FIRST,
    GOLDEN,
    LONG,
    MORE,
    PLACE,
    SYLLABIC,
)
from medqa_kit.matching.kernels.numba_parts import (
    longest_stretch,
    shingle_hash,
    shingle_width,
)

_NEVER = 0xFFFFFFFF
_bits_set = njit(cache=True, nogil=True, inline="always")(bits_set)


def window_candidates(  # type: ignore[no-untyped-def]
    codes, begins, ends, kind, filter_, filter_shift, ranks, entries, runs, postings, half,
    gates, least, little,
):  # fmt: skip
    """Return the pairs of window and item where the window has enough rare shingles, by weight."""
    return window_and_form_candidates(  # type: ignore[no-untyped-call]
        codes, begins, ends, kind, filter_, filter_shift, ranks, entries, runs, postings, half,
        gates, least, little,
        np.zeros(0, np.uint32), np.zeros(len(begins) + 1, np.int64), np.full(len(begins), -1), gates, least,
    )[:2]  # fmt: skip


def window_and_form_candidates(  # type: ignore[no-untyped-def]
    codes, begins, ends, kind, filter_, filter_shift, ranks, entries, runs, postings, half,
    gates, least, little,
    added, added_starts, form_sizes, form_gates, form_least,
):  # fmt: skip
    """Return these pairs, and those where a window and what is added to it has enough for a text.

    Args:
        codes: As :func:`~medqa_kit.matching.kernels.numpy_search.window_candidates` takes it, as all up to ``little``.
        begins: As there.
        ends: As there.
        kind: As there.
        filter_: As there.
        filter_shift: As there.
        ranks: As there.
        entries: As there.
        runs: As there.
        postings: As there.
        half: As there.
        gates: As there.
        least: As there.
        little: As there.
        added: ``uint32``: letters of what is added to all windows.
        added_starts: ``int64[w + 1]``: where those of each window begin.
        form_sizes: ``int64[w]``: letters of the shortest text that a window is part of with what is added;
            -1 where nothing is asked.
        form_gates: Gates of such texts.
        form_least: Gates of such texts.

    Returns:
        Windows, in order, and items, of the first kind and of the second.
    """
    room = max(1024, 32 * len(begins))  # a second try takes as long as the first
    low = least[np.flatnonzero(np.bincount(kind, minlength=3))].min(axis=0, initial=_NEVER)
    if (form_sizes >= 0).any():
        low = np.minimum(low, form_least.min(axis=0))
    half_top = 1 << (half - 1)
    start = np.uint64(half_top) - np.clip(low, 1, half_top).astype(np.uint64) << np.uint64(half)
    start = start.astype(np.uint32 if half == 16 else np.uint64)
    while True:
        count, window, item, forms, form_window, form_item = _candidates(
            codes, begins, ends, kind, filter_, np.uint32(filter_shift), ranks, entries, runs, postings,
            start, np.uint32(half), gates, little,
            added, added_starts, form_sizes, form_gates, room,
        )  # fmt: skip
        if count >= 0:
            return window[:count], item[:count], form_window[:forms], form_item[:forms]
        room *= 2  # rare: so many candidates


@njit(cache=True, nogil=True)
def _candidates(  # type: ignore[no-untyped-def]
    codes, begins, ends, kind, filter_, filter_shift, ranks, entries, runs, postings, start, half,
    gates, little, added, added_starts, form_sizes, form_gates, room,
):  # fmt: skip
    """Return the pairs of both kinds; their number is -1 if there is no room for all of them.

    The inner loop runs a thousand times a row where rows sound like the exam. So the sums of an item are halves of
    one number: below that of its stem, above that of both fields, which starts so far above nought that the highest bit
    is set once both add up to the least that could pass; only these items are looked at more closely. Runs
    of postings are named first and read then, each once however many of its shingles are there, so that the processor
    fetches many at a time.
    """
    window = np.empty(room, np.int64)
    item = np.empty(room, np.int64)
    form_window = np.empty(room, np.int64)
    form_item = np.empty(room, np.int64)
    sums = start.copy()
    near = np.empty(len(start) + 1, np.uint32)
    stamps = np.zeros(len(entries), np.uint8)
    stamp = np.uint8(0)
    low_half = (np.uint64(1) << np.uint64(half)) - np.uint64(1)
    count, forms = 0, 0
    longest = (
        max(longest_stretch(begins, ends), longest_stretch(added_starts[:-1], added_starts[1:])) + 1
    )
    seen, places, run_entries = (np.empty(longest, np.uint32), np.empty(longest, np.uint32), np.empty(longest, np.uint32))  # fmt: skip
    named = np.empty(len(runs), np.uint32)
    times = np.zeros(len(runs), np.uint16)  # a window has fewer letters than that
    for w in range(len(begins)):
        if stamp == 255:
            stamps[:] = 0
            stamp = np.uint8(0)
        stamp += np.uint8(1)
        shared = _named_runs(codes, begins[w], ends[w], filter_, filter_shift, seen, places, run_entries,
                             ranks, entries, stamps, stamp, named, np.uint64(0), times)  # fmt: skip
        many = _add_up(named, np.uint64(0), shared, times, runs, postings, half, sums, near, np.uint64(0))  # fmt: skip
        if count + many >= room:
            return -1, window, item, forms, form_window, form_item
        for t in range(many):  # without a branch, since it is hard to foretell which pass
            i = np.uint64(near[t])
            stem = np.uint64(sums[i]) & low_half
            both = (np.uint64(sums[i]) - np.uint64(start[i])) >> np.uint64(half)
            row = np.uint64(0 if kind[w] == 2 and ends[w] - begins[w] > little[i] else kind[w])
            window[count], item[count] = w, np.int64(i)
            count += _passes(gates, row, i, stem, (both - stem) & low_half)
        if form_sizes[w] >= 0:
            first = shared
            shared = _named_runs(added, added_starts[w], added_starts[w + 1], filter_, filter_shift, seen,
                                 places, run_entries, ranks, entries, stamps, stamp, named, first, times)  # fmt: skip
            many = _add_up(named, first, shared, times, runs, postings, half, sums, near, many)
            if forms + many >= room:
                return -1, window, item, forms, form_window, form_item
            for t in range(many):
                i = np.uint64(near[t])
                stem = np.uint64(sums[i]) & low_half
                both = (np.uint64(sums[i]) - np.uint64(start[i])) >> np.uint64(half)
                row = np.uint64(2 if form_sizes[w] <= little[i] else 0)
                form_window[forms], form_item[forms] = w, np.int64(i)
                forms += _passes(form_gates, row, i, stem, (both - stem) & low_half)
        _start_again(named, shared, runs, postings, sums, start)
    return count, window, item, forms, form_window, form_item


@njit(cache=True, nogil=True, inline="always")
def _passes(gates, row, i, stem, options):  # type: ignore[no-untyped-def]
    """Return 1 for sums of an item that pass its gates, else 0."""
    mine = gates[row, i]
    return np.int64(
        (stem >= mine[0]) & (options >= mine[1]) | (stem >= mine[2]) | (options >= mine[3])
    )


@njit(cache=True, nogil=True, inline="always")
def _named_runs(  # type: ignore[no-untyped-def]
    codes,
    begin,
    end,
    filter_,
    filter_shift,
    seen,
    places,
    run_entries,
    ranks,
    entries,
    stamps,
    stamp,
    named,
    first,
    times,
):
    """Name the runs of postings of the shingles that come for the first time, and how often.

    They are written from ``first`` on; return where they end.
    """
    shared, one = first, np.uint64(1)
    lower = np.uint32((one << np.uint64(filter_shift)) - one)
    many = _in_filter(codes, begin, end, filter_, filter_shift, seen)
    for s in range(many):  # without a branch, so that the processor looks up many at a time
        bit = np.uint64(seen[s] >> filter_shift)
        word = bit >> np.uint64(6)
        before = filter_[word] & ((one << (bit & np.uint64(63))) - one)
        place = np.uint64(ranks[word]) + _bits_set(before)
        places[s], run_entries[s] = np.uint32(place), entries[place]
    for s in range(many):
        hash_, place, entry = seen[s], np.uint64(places[s]), run_entries[s]
        if entry & np.uint32(CHAINED):  # rare
            place = np.uint64(entry & np.uint32(PLACE))
            entry = entries[place]
            while (entry ^ hash_) & lower and entry & np.uint32(MORE):
                place += one
                entry = entries[place]
        # A shingle counts once, however often it is repeated.
        if (entry ^ hash_) & lower or stamps[place] == stamp:
            continue
        stamps[place] = stamp
        run = np.uint64((entry & np.uint32(PLACE)) >> filter_shift)
        named[shared] = np.uint32(run)
        shared += np.uint64(times[run] == 0)
        times[run] += np.uint16(1)
    return shared


@njit(cache=True, nogil=True, inline="always")
def _add_up(  # type: ignore[no-untyped-def]
    named, first, last, times, runs, postings, half, sums, near, many
):
    """Add the postings of runs to the sums of their items; write which come near, and return how many have."""
    one, two = np.uint64(1), np.uint64(2)
    top = np.uint64(2 * half - 1)
    for s in range(first, last):
        run = np.uint64(named[s])
        many_times = np.uint64(times[run])
        times[run] = 0
        at, end = np.uint64(runs[run]), np.uint64(runs[run + one])
        while at < end:
            head = np.uint64(postings[at])
            weight = many_times * (head & np.uint64(0xFF))
            more = weight << np.uint64(half)
            if not head >> np.uint64(8):
                more += weight
            begin = at + two
            at = begin + np.uint64(postings[at + one])
            for p in range(begin, at):
                i = np.uint64(postings[p])
                before = np.uint64(sums[i])
                after = before + more
                sums[i] = after
                near[many] = np.uint32(i)  # overwritten by the next, unless it comes near now
                many += ((after & ~before) >> top) & one
    return many


@njit(cache=True, nogil=True, inline="always")
def _start_again(named, shared, runs, postings, sums, start):  # type: ignore[no-untyped-def]
    """Set the sums of items in runs back: one by one if there are many items, else all."""
    if len(sums) < 64 * shared:
        for place in range(len(sums)):  # to assign the whole array takes ten times as long
            sums[place] = start[place]
        return
    one, two = np.uint64(1), np.uint64(2)
    for s in range(shared):
        run = np.uint64(named[s])
        at, end = np.uint64(runs[run]), np.uint64(runs[run + one])
        while at < end:
            begin = at + two
            at = begin + np.uint64(postings[at + one])
            for p in range(begin, at):
                i = np.uint64(postings[p])
                sums[i] = start[i]


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
        bit = np.uint64(hash_ >> shift)
        many += (filter_[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1)
    for at in range(whole, end):
        if at + shingle_width(codes[at]) <= end:
            hash_ = shingle_hash(codes, at, shingle_width(codes[at]))
            seen[many] = hash_
            bit = np.uint64(hash_ >> shift)
            many += (filter_[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1)
    return many
