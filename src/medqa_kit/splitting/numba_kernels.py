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


@njit(cache=True, nogil=True)
def look_up(data, offsets, table, starts, expansions):  # type: ignore[no-untyped-def]
    """Replace each code point by what the table has for it."""
    n = len(offsets) - 1
    ends = np.zeros(n + 1, np.int64)
    size = 0
    for i in range(n):
        at, end = offsets[i], offsets[i + 1]
        while at < end:
            code, at = _next(data, at)
            found = table[code]
            if found > 0:
                size += 1
            elif found < 0:
                size += starts[1 - found] - starts[-found]
        ends[i + 1] = size
    codes = np.empty(size, np.uint32)
    to = 0
    at, end = 0, offsets[n]
    while at < end:
        code, at = _next(data, at)
        found = table[code]
        if found > 0:
            codes[to] = found
            to += 1
        elif found < 0:
            for j in range(starts[-found], starts[1 - found]):
                codes[to] = expansions[j]
                to += 1
    return codes, ends


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


@njit(cache=True, nogil=True)
def held_weights(  # type: ignore[no-untyped-def]
    codes, begins, ends, item, starts, hashes, weights, chunks, chunk_starts, floor, ceiling,
    reach, needed,
):  # fmt: skip
    """Weigh how much of both fields of each candidate stands together in its stretch of text.

    -1 for both where one field alone rules the item out. The places of each shingle of a stretch
    are kept in a small chained table, which serves all candidates of the stretch: they come one
    after the other.
    """
    found = np.full((len(item), 2), -1, np.int64)
    longest = _longest(begins, ends)
    slots = 1024
    while slots < 2 * longest:
        slots *= 2
    mask = np.uint32(slots - 1)
    head = np.full(slots, -1, np.int32)
    following = np.empty(longest, np.int32)
    value = np.zeros(longest, np.uint32)
    places = np.empty(longest, np.int64)
    which = np.empty(longest, np.int64)
    seen = np.empty(max(_longest(starts[:-1], starts[1:]), 1), np.int64)
    held = np.empty(max(_longest(chunk_starts[:-1], chunk_starts[1:]), 1), np.int64)
    for c in range(len(item)):
        begin, end = begins[c], ends[c]
        if c == 0 or begin != begins[c - 1] or end != ends[c - 1]:
            head[:] = -1
            for at in range(end - 1, begin - 1, -1):  # backwards: chains run forwards
                width = _width(codes[at])
                if at + width <= end:
                    hash_ = _hash(codes, at, width)
                    value[at - begin] = hash_
                    following[at - begin] = head[hash_ & mask]
                    head[hash_ & mask] = at - begin
        first = 1 if needed[2 * item[c] + 1] > 0 else 0  # the likelier one to rule the item out
        for turn in range(2):
            side = first if turn == 0 else 1 - first
            field = 2 * item[c] + side
            many = 0
            for i in range(starts[field], starts[field + 1]):
                at = head[hashes[i] & mask]
                while at >= 0:
                    if value[at] == hashes[i]:
                        places[many], which[many] = at, i
                        many += 1
                    at = following[at]
            if many and end - begin > 2 * reach[field]:  # more than one stretch: in order of place
                order = np.argsort(places[:many])
                places[:many] = places[:many][order]
                which[:many] = which[:many][order]
            score = _best_stretch(
                places[:many], which[:many], starts[field], weights, chunks,
                chunk_starts[field], chunk_starts[field + 1], floor, ceiling, reach[field],
                end - begin, seen, held,
            )  # fmt: skip
            if score < needed[field]:
                found[c, 0] = found[c, 1] = -1
                break
            found[c, side] = score
    return found


@njit(cache=True, nogil=True)
def _best_stretch(  # type: ignore[no-untyped-def]
    places, which, low, weights, chunks, first, last, floor, ceiling, reach, length, seen, held,
):  # fmt: skip
    """Give the best score in any stretch of twice the reach that begins at a multiple of it."""
    if not len(places):
        return 0
    best = 0
    seen[:] = -1
    begin = 0
    stretches = 1 if length <= 2 * reach else places[-1] // reach + 1
    for stretch in range(stretches):
        while begin < len(places) and stretch and places[begin] < stretch * reach:
            begin += 1
        held[: last - first] = 0
        for i in range(begin, len(places)):
            if places[i] >= (stretch + 2) * reach:
                break
            if seen[which[i] - low] != stretch:
                seen[which[i] - low] = stretch
                held[chunks[which[i]] - first] += weights[which[i]]
        total = 0
        for c in range(first, last):
            lowest = floor[c]
            total += min(max(held[c - first], lowest), ceiling[c]) - lowest
        best = max(best, total)
    return best


_PAIR, _TRIPLE, _DIGITS = 2, 3, 6


@njit(cache=True, nogil=True, inline="always")
def _is_digit(code):  # type: ignore[no-untyped-def]
    return np.uint32(code - np.uint32(0x30)) < 10 or np.uint32(code - np.uint32(0x17E0)) < 10


@njit(cache=True, nogil=True)
def tokens(codes, offsets):  # type: ignore[no-untyped-def]
    """Cut texts into tokens; give their hashes and how many each text has."""
    n = len(offsets) - 1
    hashes = np.empty(len(codes), np.uint32)
    counts = np.zeros(n, np.int64)
    to = 0
    for i in range(n):
        end = offsets[i + 1]
        begin = offsets[i]  # of a run of digits, or of others
        first = to
        while begin < end:
            digit = _is_digit(codes[begin])
            stop = begin + 1
            while stop < end and _is_digit(codes[stop]) == digit:
                stop += 1
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
                to += 1
            begin = stop
        counts[i] = to - first
    return hashes[:to].copy(), counts


@njit(cache=True, nogil=True)
def contained(row, field, row_starts, row_hashes, starts, hashes, weights):  # type: ignore[no-untyped-def]
    """Give by weight how much of each field the row's tokens hold; pairs of a row stand together."""
    found = np.zeros(len(row), np.int64)
    slots = 64
    while slots < 2 * _longest(row_starts[:-1], row_starts[1:]):
        slots *= 2
    mask = np.uint32(slots - 1)
    value = np.zeros(slots, np.uint32)
    stamps = np.zeros(slots, np.int64)
    for p in range(len(row)):
        if p == 0 or row[p] != row[p - 1]:
            for i in range(row_starts[row[p]], row_starts[row[p] + 1]):
                at = row_hashes[i] & mask
                while stamps[at] == p + 1 and value[at] != row_hashes[i]:
                    at = (at + np.uint32(1)) & mask
                stamps[at], value[at] = p + 1, row_hashes[i]
            stamp = p + 1
        for i in range(starts[field[p]], starts[field[p] + 1]):
            at = hashes[i] & mask
            while stamps[at] == stamp:
                if value[at] == hashes[i]:
                    found[p] += weights[i]
                    break
                at = (at + np.uint32(1)) & mask
    return found


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
