"""The compiled kernels. Import only where Numba is installed.

Each has a NumPy twin of the same result beside its caller. They hold no lock, so batches run in
threads.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def holding(data, offsets, closer):  # type: ignore[no-untyped-def]
    """Mark the texts that hold a code point of ``closer``."""
    n = len(offsets) - 1
    marked = np.zeros(n, np.bool_)
    for i in range(n):
        at, end = offsets[i], offsets[i + 1]
        while at < end:
            code, at = _next(data, at)
            if closer[code]:
                marked[i] = True
                break
    return marked


_BETWEEN = 0x1F


@njit(cache=True, nogil=True, inline="always")
def _is_digit(code):  # type: ignore[no-untyped-def]
    return np.uint32(code - np.uint32(0x30)) < 10 or np.uint32(code - np.uint32(0x17E0)) < 10


@njit(cache=True, nogil=True)
def look_up(data, offsets, table, starts, expansions):  # type: ignore[no-untyped-def]
    """Replace each code point by what the table has for it, in each text."""
    n = len(offsets) - 1
    ends = np.zeros(n + 1, np.int64)
    size = 0
    at, end = 0, offsets[n]
    while at < end:  # room for a sign before each letter
        code, at = _next(data, at)
        found = table[code]
        size += 2 if found >= 0 else 2 * (starts[1 - found] - starts[-found])
    codes = np.empty(size, np.uint32)
    to = 0
    at = 0
    for i in range(n):
        end = offsets[i + 1]
        gap, number = False, False
        while at < end:
            code, at = _next(data, at)
            found = table[code]
            if found == _BETWEEN:
                gap = True
            elif found > 0:
                digit = _is_digit(np.uint32(found))
                if gap and number and digit:
                    codes[to] = _BETWEEN
                    to += 1
                codes[to] = found
                to += 1
                gap, number = False, digit
            elif found < 0:
                for j in range(starts[-found], starts[1 - found]):
                    if expansions[j] == _BETWEEN:
                        gap = True
                        continue
                    digit = _is_digit(expansions[j])
                    if gap and number and digit:
                        codes[to] = _BETWEEN
                        to += 1
                    codes[to] = expansions[j]
                    to += 1
                    gap, number = False, digit
        ends[i + 1] = to
    return codes[:to].copy(), ends


@njit(cache=True, nogil=True, inline="always")
def _next(data, at):  # type: ignore[no-untyped-def]
    """Decode one code point of valid UTF-8; give it and the place after it."""
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


_GOLDEN, _FIRST = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_SECOND, _THIRD = np.uint64(0x94D049BB133111EB), np.uint64(0xD6E8FEB86659FD93)


@njit(cache=True, nogil=True, inline="always")
def _mix(value):  # type: ignore[no-untyped-def]
    value = value + _GOLDEN
    value = (value ^ (value >> np.uint64(30))) * _FIRST
    value = (value ^ (value >> np.uint64(27))) * _SECOND
    return value ^ (value >> np.uint64(31))


@njit(cache=True, nogil=True)
def text_keys(codes, offsets):  # type: ignore[no-untyped-def]
    """Hash each text to 128 bits."""
    n = len(offsets) - 1
    found = np.zeros((n, 2), np.uint64)
    for i in range(n):
        high, low = np.uint64(0), np.uint64(0)
        for j in range(offsets[i], offsets[i + 1]):
            place = np.uint64(j - offsets[i])
            mixed = _mix(np.uint64(codes[j]) << np.uint64(32) | place)
            high += mixed
            low += _mix(mixed ^ _THIRD)
        found[i, 0], found[i, 1] = high, low
    return found


_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SYLLABIC, _SHORT, _LONG = 0x2E80, 3, 5


@njit(cache=True, nogil=True, inline="always")
def _width(code):  # type: ignore[no-untyped-def]
    return _SHORT if code >= _SYLLABIC else _LONG


@njit(cache=True, nogil=True, inline="always")
def _hash(codes, at, width):  # type: ignore[no-untyped-def]
    value = np.uint64(codes[at])
    for j in range(1, width):
        value = value * _PRIME + np.uint64(codes[at + j])
    value ^= value >> np.uint64(29)
    value *= _FIRST
    return np.uint32(value >> np.uint64(32))


@njit(cache=True, nogil=True)
def leads(  # type: ignore[no-untyped-def]
    codes, begins, ends, own, filter_, filter_shift, table, table_shift, postings,
    stem_gate, options_gate, stem_alone, options_alone, least, room,
):  # fmt: skip
    """Find the items of which each window holds enough rare shingles, by weight.

    The inner loop runs a thousand times a row where rows sound like the exam. So a posting is one
    number, both sums of an item are halves of one, and an item is looked at more closely only if
    they add up to the least that could pass.
    """
    window = np.empty(room, np.int64)
    item = np.empty(room, np.int64)
    sums = np.zeros(len(stem_gate), np.uint64)
    touched = np.empty(len(stem_gate) + 1, np.uint32)
    stamps = np.zeros(len(table), np.uint8)
    stamp = np.uint8(0)
    low_half = np.uint64(0xFFFFFFFF)
    count = 0
    seen = np.empty(_longest(begins, ends) + 1, np.uint32)
    for w in range(len(begins)):
        many = np.uint64(0)
        if stamp == 255:
            stamps[:] = 0
            stamp = np.uint8(0)
        stamp += np.uint8(1)
        for s in range(_in_filter(codes, begins[w], ends[w], filter_, filter_shift, seen)):
            hash_ = np.uint64(seen[s])
            place = hash_ >> np.uint64(table_shift)
            while table[place] and table[place] >> np.uint64(32) < hash_:
                place += np.uint64(1)
            if table[place] >> np.uint64(32) != hash_ or stamps[place] == stamp:
                continue
            stamps[place] = stamp  # a shingle counts once, however often it is repeated
            start = np.int64(table[place] & low_half)  # one more than where its count stands
            for p in range(start, start + postings[start - 1]):
                posting = postings[p]
                i = posting >> np.uint32(9)
                weight = np.uint64(posting & np.uint32(0xFF))
                side = np.uint64((posting >> np.uint32(3)) & np.uint32(32))
                before = sums[i]
                sums[i] = before + (weight << side)
                touched[many] = i  # overwritten by the next, unless it is new
                many += np.uint64(before == 0)
        kind = 1 if own[w] else 0
        least_, options_gate_ = least[kind], options_alone[kind]
        for t in range(many):
            i = touched[t]
            both = sums[i]
            sums[i] = np.uint64(0)
            stem, options = both & low_half, both >> np.uint64(32)
            if stem + options < least_[i]:
                continue
            if (
                (stem >= stem_gate[i] and options >= options_gate[i])
                or stem >= stem_alone[i]
                or options >= options_gate_[i]
            ):
                if count < room:
                    window[count], item[count] = w, i
                count += 1
    return count, window, item


@njit(cache=True, nogil=True)
def _longest(begins, ends):  # type: ignore[no-untyped-def]
    """Give the length of the longest stretch, 0 where there is none."""
    most = np.int64(0)
    for i in range(len(begins)):
        most = max(most, ends[i] - begins[i])
    return most


@njit(cache=True, nogil=True)
def _in_filter(codes, begin, end, filter_, shift, seen):  # type: ignore[no-untyped-def]
    """Write the shingles of a stretch that pass the filter to ``seen``; give their number.

    Without a branch a shingle, so that the processor looks up many at a time.
    """
    many = np.uint64(0)
    whole = max(end - (_LONG - 1), begin)
    for at in range(begin, whole):
        first = codes[at]
        value = (np.uint64(first) * _PRIME + np.uint64(codes[at + 1])) * _PRIME + np.uint64(
            codes[at + 2]
        )
        long = (value * _PRIME + np.uint64(codes[at + 3])) * _PRIME + np.uint64(codes[at + 4])
        value = value if first >= _SYLLABIC else long
        value = (value ^ (value >> np.uint64(29))) * _FIRST
        hash_ = np.uint32(value >> np.uint64(32))
        seen[many] = hash_
        upper = hash_ >> np.uint32(shift)
        many += np.uint64(filter_[upper >> np.uint32(3)] >> (upper & np.uint32(7))) & np.uint64(1)
    for at in range(whole, end):
        if at + _width(codes[at]) <= end:
            hash_ = _hash(codes, at, _width(codes[at]))
            seen[many] = hash_
            upper = hash_ >> np.uint32(shift)
            many += np.uint64(filter_[upper >> np.uint32(3)] >> (upper & np.uint32(7))) & np.uint64(
                1
            )
    return many


_PAIR, _TRIPLE, _DIGITS = 2, 3, 6


@njit(cache=True, nogil=True)
def tokens(codes, begins, ends):  # type: ignore[no-untyped-def]
    """Cut stretches into tokens; give their hashes, their places and where those of each begin."""
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
            digit = _is_digit(codes[begin])
            stop = begin + 1
            while stop < end and _is_digit(codes[stop]) == digit:
                stop += 1
            if codes[begin] == _BETWEEN:  # alone: a number is on either side
                begin = stop
                continue
            for at in range(begin, begin + 1 if digit else stop):
                width = _DIGITS if digit else (_PAIR if codes[at] >= _SYLLABIC else _TRIPLE)
                if at > begin and stop - at < width:
                    continue
                length = min(width, stop - at)
                value = np.uint64(length)
                for j in range(at, at + length):
                    value = value * _PRIME + np.uint64(codes[j])
                value = (value ^ (value >> np.uint64(29))) * _THIRD
                hashes[to] = np.uint32(value >> np.uint64(32))
                places[to] = at - begins[i]
                to += 1
            begin = stop
        starts[i + 1] = to
    return hashes[:to].copy(), places[:to].copy(), starts


@njit(cache=True, nogil=True)
def held(  # type: ignore[no-untyped-def]
    text_hashes, text_places, text_starts, text, field, starts, hashes, weights, reach,
):  # fmt: skip
    """Give the weight of each field's tokens in the stretch of its text that holds most of them.

    The places of each token of a text are kept in a small chained table, which serves all fields
    that are looked for in the text: they come one after the other.
    """
    found = np.zeros(len(text), np.int64)
    longest = max(_longest(text_starts[:-1], text_starts[1:]), 1)
    slots = 256
    while slots < 2 * longest:
        slots *= 2
    mask = np.uint32(slots - 1)
    head = np.full(slots, -1, np.int32)
    following = np.empty(longest, np.int32)
    places = np.empty(longest, np.int64)
    which = np.empty(longest, np.int64)
    seen = np.zeros(max(_longest(starts[:-1], starts[1:]), 1), np.int64)
    stamp = 0
    begin = 0
    for p in range(len(text)):
        if p == 0 or text[p] != text[p - 1]:
            head[:] = -1
            begin = text_starts[text[p]]
            for i in range(text_starts[text[p] + 1] - 1, begin - 1, -1):  # chains run forwards
                slot = text_hashes[i] & mask
                following[i - begin] = head[slot]
                head[slot] = i - begin
        low = starts[field[p]]
        many, total = 0, 0
        for i in range(low, starts[field[p] + 1]):
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
        end = text_starts[text[p] + 1]
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
        found[p] = total
    return found


@njit(cache=True, nogil=True)
def _best_stretch(places, which, low, weights, reach, seen, stamp):  # type: ignore[no-untyped-def]
    """Give the most that a stretch of twice the reach holds that begins at a multiple of it."""
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


@njit(cache=True, nogil=True)
def signatures(codes, offsets, factors, terms):  # type: ignore[no-untyped-def]
    """Give the least value of each hash function over the shingles of each text."""
    n = len(offsets) - 1
    least = np.full((n, len(factors)), np.uint32(0xFFFFFFFF), np.uint32)
    for i in range(n):
        end = offsets[i + 1]
        mine = least[i]
        for at in range(offsets[i], end):
            width = _width(codes[at])
            if at + width > end:
                continue
            hash_ = _hash(codes, at, width)
            for j in range(len(factors)):  # 32 bits throughout, so that this loop is vectorised
                value = np.uint32(np.uint32(hash_ * factors[j]) + terms[j])
                mine[j] = value if value < mine[j] else mine[j]
    return least


@njit(cache=True, nogil=True)
def in_common(hashes, offsets, one, other):  # type: ignore[no-untyped-def]
    """Count the shingles that two sets, each in order, have in common."""
    found = np.zeros(len(one), np.int64)
    for p in range(len(one)):
        a, a_end = offsets[one[p]], offsets[one[p] + 1]
        b, b_end = offsets[other[p]], offsets[other[p] + 1]
        while a < a_end and b < b_end:
            if hashes[a] < hashes[b]:
                a += 1
            elif hashes[a] > hashes[b]:
                b += 1
            else:
                found[p] += 1
                a += 1
                b += 1
    return found


@njit(cache=True, nogil=True)
def shingle_sets(codes, offsets):  # type: ignore[no-untyped-def]
    """Give the distinct shingles of each text, in order."""
    n = len(offsets) - 1
    hashes = np.empty(len(codes), np.uint32)
    ends = np.zeros(n + 1, np.int64)
    to = 0
    for i in range(n):
        begin, end = to, offsets[i + 1]
        for at in range(offsets[i], end):
            width = _width(codes[at])
            if at + width <= end:
                hashes[to] = _hash(codes, at, width)
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
