"""The compiled kernel that finds candidates: items with which text shares enough rare shingles."""

from __future__ import annotations

import numpy as np
from numba import njit

from medqa_kit.matching.kernels.constants import (
    FIRST,
    GOLDEN,
    LONG,
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
    return window_and_form_candidates(  # type: ignore[no-untyped-call]
        codes, begins, ends, kind, filter_, filter_shift, table, table_shift, runs, postings, half,
        stem, options, stem_alone, options_alone, least, little,
        np.zeros(0, np.uint32), np.zeros(len(begins) + 1, np.int64), np.full(len(begins), -1), stem_alone, least,
    )[:2]  # fmt: skip


def window_and_form_candidates(  # type: ignore[no-untyped-def]
    codes, begins, ends, kind, filter_, filter_shift, table, table_shift, runs, postings, half,
    stem, options, stem_alone, options_alone, least, little,
    added, added_starts, form_sizes, form_stem_alone, form_least,
):  # fmt: skip
    """Return these pairs, and those where a window and what is added to it has enough for a text.

    Args:
        codes: As :func:`~medqa_kit.matching.kernels.numpy_search.window_candidates` takes it, as all up to ``little``.
        begins: As there.
        ends: As there.
        kind: As there.
        filter_: As there.
        filter_shift: As there.
        table: As there.
        table_shift: As there.
        runs: As there.
        postings: As there.
        half: As there.
        stem: As there.
        options: As there.
        stem_alone: As there.
        options_alone: As there.
        least: As there.
        little: As there.
        added: ``uint32``: letters of what is added to all windows.
        added_starts: ``int64[w + 1]``: where those of each window begin.
        form_sizes: ``int64[w]``: letters of the shortest text that a window is part of with what is added;
            -1 where nothing is asked.
        form_stem_alone: Gates of such texts: all that differ.
        form_least: Gates of such texts.

    Returns:
        Windows, in order, and items, of the first kind and of the second.
    """
    room = max(1024, 32 * len(begins))  # a second try takes as long as the first
    while True:
        count, window, item, forms, form_window, form_item = _candidates(
            codes, begins, ends, kind, filter_, filter_shift, table, table_shift, runs, postings,
            np.zeros(len(little), np.uint32 if half == 16 else np.uint64), np.uint32(half),
            stem, options, stem_alone, options_alone, least, little,
            added, added_starts, form_sizes, form_stem_alone, form_least, room,
        )  # fmt: skip
        if max(count, forms) <= room:
            return window[:count], item[:count], form_window[:forms], form_item[:forms]
        room = max(count, forms)  # rare: so many candidates


@njit(cache=True, nogil=True)
def _candidates(  # type: ignore[no-untyped-def]
    codes, begins, ends, kind, filter_, filter_shift, table, table_shift, runs, postings, sums, half,
    stem_gate, options_gate, stem_alone, options_alone, least, little,
    added, added_starts, form_sizes, form_stem_alone, form_least, room,
):  # fmt: skip
    """Write the first ``room`` pairs of both kinds and count them all.

    The inner loop runs a thousand times a row where rows sound like the exam. So a posting is one
    number, both sums of an item are halves of one, and an item is looked at more closely only if
    they add up to the least that could pass. Runs of postings are named first and read then, each once
    however many of its shingles are there, so that the processor fetches many at a time.
    """
    window = np.empty(room, np.int64)
    item = np.empty(room, np.int64)
    form_window = np.empty(room, np.int64)
    form_item = np.empty(room, np.int64)
    touched = np.empty(len(little) + 1, np.uint32)
    stamps = np.zeros(len(table), np.uint8)
    stamp = np.uint8(0)
    low_half = (np.uint64(1) << np.uint64(half)) - np.uint64(1)
    count, forms = 0, 0
    longest = (
        max(longest_stretch(begins, ends), longest_stretch(added_starts[:-1], added_starts[1:])) + 1
    )
    seen = np.empty(longest, np.uint32)
    named = np.empty(longest, np.uint32)
    times = np.zeros(len(runs), np.uint16)  # a window has fewer letters than that
    for w in range(len(begins)):
        if stamp == 255:
            stamps[:] = 0
            stamp = np.uint8(0)
        stamp += np.uint8(1)
        shared = _named_runs(codes, begins[w], ends[w], filter_, filter_shift, seen,
                             table, table_shift, stamps, stamp, named, times)  # fmt: skip
        many = _add_up(named, shared, times, runs, postings, half, sums, touched, np.uint64(0))
        least_ = least[kind[w]]
        formless = form_sizes[w] < 0
        for t in range(many):
            i = np.uint64(touched[t])
            both = np.uint64(sums[i])
            if formless:
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
        if formless:
            continue
        shared = _named_runs(added, added_starts[w], added_starts[w + 1], filter_, filter_shift, seen,
                             table, table_shift, stamps, stamp, named, times)  # fmt: skip
        many = _add_up(named, shared, times, runs, postings, half, sums, touched, many)
        for t in range(many):
            i = np.uint64(touched[t])
            both = np.uint64(sums[i])
            sums[i] = 0
            stem, options = both & low_half, both >> np.uint64(half)
            if stem + options < form_least[i]:
                continue
            row = 2 if form_sizes[w] <= little[i] else 0
            if (
                (stem >= stem_gate[row, i] and options >= options_gate[row, i])
                or stem >= form_stem_alone[row, i]
                or options >= options_alone[row, i]
            ):
                if forms < room:
                    form_window[forms], form_item[forms] = w, np.int64(i)
                forms += 1
    return count, window, item, forms, form_window, form_item


@njit(cache=True, nogil=True, inline="always")
def _named_runs(  # type: ignore[no-untyped-def]
    codes, begin, end, filter_, filter_shift, seen, table, table_shift, stamps, stamp, named, times
):
    """Name the runs of postings of the shingles that come for the first time, and how often; return their number."""
    shared = np.uint64(0)
    for s in range(_in_filter(codes, begin, end, filter_, filter_shift, seen)):
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
    return shared


@njit(cache=True, nogil=True, inline="always")
def _add_up(  # type: ignore[no-untyped-def]
    named, shared, times, runs, postings, half, sums, touched, many
):
    """Add the postings of runs to the sums of their items; return how many items have any."""
    down = np.uint32(3 if half == 32 else 4)  # from the bit of the options to 32 or 16
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
    return many


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
