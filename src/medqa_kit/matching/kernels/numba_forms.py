"""The compiled kernels that have no twin in NumPy, since they only spare work.

One finds the texts of rows in what is made of them: without it all that is made of rows is decoded as a whole. The
other looks at bytes one after the other, where NumPy takes several passes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from medqa_kit.matching.kernels.constants import BETWEEN_DIGITS, GOLDEN, LONG, MARKED
from medqa_kit.matching.kernels.numba_parts import is_digit, next_code_point

_BESIDE = LONG - 1  # letters of a text that a shingle shares with what is beside it
_KEY = 8  # bytes that a text is known by at first
_TEXTS = 64  # texts of a row that are looked for


def added_letters(  # type: ignore[no-untyped-def]
    data, offsets, row, text_data, text_offsets, codes, begins, ends, row_starts, row_texts,
    table, starts, expansions,
):  # fmt: skip
    """Return what forms of rows say beside texts of their row, each with the letters next to it.

    Letters that a table has are all that is read: a form is not told of where neighbours matter, or where it is
    not sure whether a sign stands between two numbers.

    Args:
        data: ``uint8``: the forms, UTF-8.
        offsets: ``int64[m + 1]``: form ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
        row: ``int64[m]``: the row of each.
        text_data: ``uint8``: texts of the rows, UTF-8.
        text_offsets: ``int64[t + 1]``: where each begins.
        codes: ``uint32``: letters of these texts, among others.
        begins: ``int64[t]``: text ``i`` has the letters ``codes[begins[i]:ends[i]]``.
        ends: ``int64[t]``.
        row_starts: ``int64[n + 1]``: row ``i`` has the texts...
        row_texts: ``int64``: ...``row_texts[row_starts[i]:row_starts[i + 1]]``, of at least twice four letters.
        table: As :func:`~medqa_kit.matching.kernels.numba_kernels.look_up` takes it, also the next two.
        starts: Of the table.
        expansions: Of the table.

    Returns:
        ``uint32``: letters; ``int64[m + 1]``: where those of each form begin; ``int64[m]``: how many letters
        the whole form has; ``bool[m]``: whether it is told of.
    """
    room = len(data) // 2 + 64
    while True:
        enough, added, stops, sizes, told = _added_letters(
            data, offsets, row, text_data, text_offsets, codes, begins, ends, row_starts, row_texts,
            table, starts, expansions, room,
        )  # fmt: skip
        if enough:
            return added, stops, sizes, told
        room *= 2


@njit(cache=True, nogil=True)
def _added_letters(  # type: ignore[no-untyped-def]
    data, offsets, row, text_data, text_offsets, codes, begins, ends, row_starts, row_texts,
    table, starts, expansions, room,
):  # fmt: skip
    m = len(offsets) - 1
    stops = np.zeros(m + 1, np.int64)
    sizes = np.zeros(m, np.int64)
    told = np.ones(m, np.bool_)
    added = np.empty(room, np.uint32)
    keys = np.empty(_TEXTS, np.uint64)
    keyed = np.empty(_TEXTS, np.int64)
    to = 0
    for i in range(m):
        begin, at, end, size = to, offsets[i], offsets[i + 1], 0
        texts = row_texts[row_starts[row[i]] : row_starts[row[i] + 1]]
        many, marks = _keys_of(texts, text_data, text_offsets, keys, keyed)
        gap, number, beside = (
            False,
            False,
            False,
        )  # beside a text, of which only the letters are known
        while at < end:
            if to + 4 * _BESIDE >= room:
                return False, added[:1].copy(), stops, sizes, told
            text = -1
            if end - at >= _KEY:
                key = _key_at(data, at)
                if marks >> _mark_of(key) & np.uint64(1):  # most places end here
                    text = _text_at(data, at, end, key, keys, keyed, many, text_data, text_offsets)
            if text >= 0:
                first, last = begins[text], ends[text]
                if number and is_digit(codes[first]):
                    if not gap:
                        told[i] = False
                        break
                    added[to] = BETWEEN_DIGITS
                    to, size = to + 1, size + 1
                for j in range(_BESIDE):
                    added[to + j] = codes[first + j]
                    added[to + _BESIDE + j] = codes[last - _BESIDE + j]
                to, size = to + 2 * _BESIDE, size + last - first
                gap, number, beside = False, is_digit(codes[last - 1]), True
                at += text_offsets[text + 1] - text_offsets[text]
                continue
            code, at = next_code_point(data, at)
            entry = table[code]
            if entry == BETWEEN_DIGITS:
                gap = True
            elif entry >= MARKED:
                told[i] = False
                break
            elif entry != 0:
                low, high = 0, 1
                if entry < 0:
                    low, high = starts[-entry], starts[1 - entry]
                    if to + 2 * (high - low) + 4 * _BESIDE >= room:
                        return False, added[:1].copy(), stops, sizes, told
                for j in range(low, high):
                    letter = np.uint32(entry) if entry > 0 else expansions[j]
                    if letter == BETWEEN_DIGITS:
                        gap = True
                        continue
                    digit = is_digit(letter)
                    if digit and number:
                        if gap:
                            added[to] = BETWEEN_DIGITS
                            to, size = to + 1, size + 1
                        elif beside:
                            told[i] = False
                    added[to] = letter
                    to, size = to + 1, size + 1
                    gap, number, beside = False, digit, False
        if not told[i]:
            to = begin
        stops[i + 1], sizes[i] = to, size
    return True, added[:to].copy(), stops, sizes, told


@njit(cache=True, nogil=True, inline="always")
def _key_at(data, at):  # type: ignore[no-untyped-def]
    """Return the eight bytes at a place as a number."""
    key, place = np.uint64(0), np.uint64(at)
    for j in range(_KEY):
        key |= np.uint64(data[place + np.uint64(j)]) << np.uint64(8 * j)
    return key


@njit(cache=True, nogil=True, inline="always")
def _mark_of(key):  # type: ignore[no-untyped-def]
    """Return one of 64 numbers for a key."""
    return (key * GOLDEN) >> np.uint64(58)


@njit(cache=True, nogil=True)
def _keys_of(texts, data, offsets, keys, keyed):  # type: ignore[no-untyped-def]
    """Write the first bytes of texts, and the texts; return how many there are, and marks of the bytes."""
    many, marks = 0, np.uint64(0)
    for text in texts:
        if many < len(keys) and offsets[text + 1] - offsets[text] >= _KEY:
            keys[many], keyed[many] = _key_at(data, offsets[text]), text
            marks |= np.uint64(1) << _mark_of(keys[many])
            many += 1
    return many, marks


@njit(cache=True, nogil=True)
def _text_at(data, at, end, key, keys, keyed, many, text_data, text_offsets):  # type: ignore[no-untyped-def]
    """Return the longest text that stands at a place whose first bytes are known, -1 where none does."""
    longest, chosen = 0, -1
    for j in range(many):
        if keys[j] != key:
            continue
        text = keyed[j]
        low = text_offsets[text]
        size = text_offsets[text + 1] - low
        if size <= longest or size > end - at:
            continue
        differs = np.uint8(0)
        for k in range(_KEY, size):
            differs |= data[at + k] ^ text_data[low + k]
        if differs == 0:
            longest, chosen = size, text
    return chosen


@njit(cache=True, nogil=True)
def signed_texts(data, offsets, kinds, follows, misread, least):  # type: ignore[no-untyped-def]
    """Mark the texts with a sign of an escape or of misread bytes, or with several letters out of place.

    Args:
        data: ``uint8``: all texts, UTF-8.
        offsets: ``int64[n + 1]``: where each begins.
        kinds: ``uint8[256]``: of a first byte: 0 where it tells nothing; a row of ``follows`` plus one; or one of the
            four numbers from ``len(follows) + 1`` on: misread, of another script, a mark, and what may be a loose
            letter by the two bytes after it.
        follows: ``bool[k, 256]``: whether a byte makes the one before it a sure sign.
        misread: ``bool[256]``: whether a byte makes the second one before it a sure sign.
        least: Letters of another script, and other letters out of place, that mark a text.

    Returns:
        ``bool[n]``.
    """
    marked = np.zeros(len(offsets) - 1, np.bool_)
    last, sure = len(data) - 1, len(follows)
    for i in range(len(marked)):
        other, parts = 0, 0
        for at in range(np.uint64(offsets[i]), np.uint64(offsets[i + 1])):
            kind = kinds[data[at]]
            if kind == 0:  # most bytes
                continue
            after = data[min(np.int64(at) + 1, last)]
            next_ = data[min(np.int64(at) + 2, last)]
            if kind <= sure:
                if follows[kind - 1, after]:
                    marked[i] = True
                    break
            elif kind == sure + 1:
                if misread[next_]:
                    marked[i] = True
                    break
            elif kind == sure + 2:
                other += 1
            elif kind == sure + 3:
                parts += 1
            elif data[at] == 0xE3:
                parts += 0x84 <= after <= 0x86
            else:
                parts += (after == 0xBE and next_ >= 0xA0) or (after == 0xBF and next_ < 0x9D)
        marked[i] |= other >= least[0] or parts >= least[1]
    return marked
