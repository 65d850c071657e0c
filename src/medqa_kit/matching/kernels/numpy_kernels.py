"""The kernels in NumPy: what runs where Numba is not installed, and what says how they are meant.

:mod:`~medqa_kit.matching.kernels.numba_kernels` has the same functions.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from medqa_kit.core.arrow.hashing import scattered
from medqa_kit.core.arrow.ragged import Ints, Mask, distinct, ranges
from medqa_kit.matching.kernels.arrays import Bytes, Codes, Hashes, Keys, key_sums
from medqa_kit.matching.kernels.constants import (
    ASCII_ZERO,
    BETWEEN_DIGITS,
    DIGITS,
    GOLDEN,
    KHMER_ZERO,
    LOW,
    PAIR,
    SYLLABIC,
    THIRD,
    TRIPLE,
)
from medqa_kit.matching.shingles import shingle_hashes, shingle_widths, shingles

_WINDOWS = 128  # windows to work on at a time, so that the processor's cache holds them
_FIELDS = 1024  # pairs of text and field to work on at a time, so that memory stays flat
_PAIRS = 2048  # pairs of sets to compare at a time, likewise
_HIGH, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)

_Pairs = tuple[Ints, Ints]


def marked_texts(data: Bytes, offsets: Ints, marks: Mask) -> Mask:
    """Return for each text whether it has a code point that is marked.

    Args:
        data: ``uint8``: valid UTF-8 of all texts.
        offsets: ``int64[n + 1]``: text ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
        marks: ``bool[0x110000]``.
    """
    codes, begins = _decoded(data, offsets)
    seen = np.concatenate([[0], np.cumsum(marks[codes])])
    marked: Mask = seen[begins[1:]] > seen[begins[:-1]]
    return marked


def look_up(
    data: Bytes, offsets: Ints, table: npt.NDArray[np.int32], starts: npt.NDArray[np.int32],
    expansions: npt.NDArray[np.uint32],
) -> tuple[Codes, Ints]:  # fmt: skip
    """Replace each code point by what the table has for it, in each text.

    Args:
        data: ``uint8``: valid UTF-8 of all texts.
        offsets: ``int64[n + 1]``: text ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
        table: See :class:`~medqa_kit.matching.letter_table.LetterTable`.
        starts: Of the expansions.
        expansions: For code points that become more than one letter.

    Returns:
        ``uint32``: the letters of all texts, and ``int64[n + 1]``: where those of each begin.
    """
    codes, begins = _decoded(data, offsets)
    entry = table[codes]
    widths = (entry > 0).astype(np.int64)
    longer = np.flatnonzero(entry < 0)
    numbers = -entry[longer]
    widths[longer] = starts[numbers + 1] - starts[numbers]
    places = np.concatenate([[0], np.cumsum(widths)])
    letters = np.empty(places[-1], np.uint32)
    single = entry > 0
    letters[places[:-1][single]] = entry[single]
    letters[ranges(places[:-1][longer], widths[longer])] = expansions[
        ranges(starts[numbers], widths[longer])
    ]
    return _squeezed(letters, places[begins])


def _decoded(data: Bytes, offsets: Ints) -> tuple[Codes, Ints]:
    codes = np.frombuffer(data.tobytes().decode().encode("utf-32-le"), np.uint32)
    begins = np.concatenate([[0], np.cumsum((data & 0xC0) != 0x80)])
    return codes, begins[offsets]


def _squeezed(codes: Codes, offsets: Ints) -> tuple[Codes, Ints]:
    """Do what :func:`~medqa_kit.matching.letter_table.squeezed` does to each text."""
    letter = codes != BETWEEN_DIGITS
    at = np.flatnonzero(letter)
    ends = np.concatenate([[0], np.cumsum(letter)])[offsets]  # where texts end among the letters
    codes = codes[at]
    digit = _digits(codes)
    apart = digit & (np.diff(at, prepend=-1) > 1)
    apart[1:] &= digit[:-1]
    apart[ends[:-1][ends[:-1] < len(codes)]] = False  # what begins a text
    before = np.concatenate([[0], np.cumsum(apart)])
    return np.insert(codes, np.flatnonzero(apart), BETWEEN_DIGITS), ends + before[ends]


def _digits(codes: Codes) -> Mask:
    """Return which letters are digits, ASCII's or Khmer's."""
    digit: Mask = (codes - np.uint32(ASCII_ZERO) < 10) | (codes - np.uint32(KHMER_ZERO) < 10)
    return digit


def text_hashes(codes: Codes, offsets: Ints) -> Keys:
    """Return 128 bits of each text: a sum, over its places, of a mix of letter and place."""
    starts = np.repeat(offsets[:-1], np.diff(offsets))
    place = (np.arange(len(codes)) - starts).astype(np.uint64)
    mixed = scattered(codes.astype(np.uint64) << _HIGH | place)
    return key_sums(np.stack([mixed, scattered(mixed ^ THIRD)], axis=1), offsets)


def window_candidates(
    codes: Codes, begins: Ints, ends: Ints, own: Mask,
    filter_: Bytes, filter_shift: int, table: npt.NDArray[np.uint64], table_shift: int,
    postings: npt.NDArray[np.uint32],
    stem: npt.NDArray[np.uint32], options: npt.NDArray[np.uint32],
    stem_alone: npt.NDArray[np.uint32], options_alone: npt.NDArray[np.uint32],
    least: npt.NDArray[np.uint32],
) -> _Pairs:  # fmt: skip
    """Return the pairs of window and item where the window has enough rare shingles, by weight.

    Args:
        codes: Letters of all windows.
        begins: ``int64[w]``: window ``i`` is ``codes[begins[i]:ends[i]]``; begins increase.
        ends: ``int64[w]``.
        own: ``bool[w]``: whether its row has options of its own.
        filter_: See :class:`~medqa_kit.decontamination.index.Index`, also the next four.
        filter_shift: Of the index.
        table: Of the index.
        table_shift: Of the index.
        postings: Of the index.
        stem: See :class:`~medqa_kit.decontamination.rules.Gates`, also the next four.
        options: Gates.
        stem_alone: Gates.
        options_alone: Gates, ``[2, items]``.
        least: Gates, ``[2, items]``.

    Returns:
        ``int64``: windows, in order, and ``int64``: items.
    """
    entries = table[table != 0]  # in order of their hashes
    known_hashes, starts = entries >> _HIGH, (entries & _LOW).astype(np.int64) - 1
    hashes = shingle_hashes(codes)
    upper = hashes >> np.uint32(filter_shift)
    at = np.flatnonzero(filter_[upper >> 3] >> (upper & 7).astype(np.uint8) & 1)
    place = np.searchsorted(known_hashes, hashes[at].astype(np.uint64))
    place = np.minimum(place, len(known_hashes) - 1)  # an index of nothing lets nothing pass
    same = known_hashes[place] == hashes[at]
    at, place = at[same], place[same]
    stops = at + shingle_widths(codes[at])
    windows, items = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for first in range(0, len(begins), _WINDOWS):
        block = slice(first, first + _WINDOWS)
        low, high = np.searchsorted(at, begins[block]), np.searchsorted(at, ends[block])
        owner = np.repeat(np.arange(first, first + len(low)), high - low)
        inside = ranges(low, high - low)
        whole = stops[inside] <= ends[owner]
        window, item, of_stem, of_options = _weighed(
            owner[whole], place[inside[whole]], starts, postings
        )
        worth = of_stem + of_options >= least[own[window].astype(np.int64), item]  # most are not
        window, item = window[worth], item[worth]
        of_stem, of_options = of_stem[worth], of_options[worth]
        passed = (
            ((of_stem >= stem[item]) & (of_options >= options[item]))
            | (of_stem >= stem_alone[item])
            | (of_options >= options_alone[own[window].astype(np.int64), item])
        )
        windows.append(window[passed])
        items.append(item[passed])
    return np.concatenate(windows), np.concatenate(items)


def _weighed(
    owner: Ints, place: Ints, starts: Ints, postings: npt.NDArray[np.uint32]
) -> tuple[Ints, Ints, npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return pairs of window and item with the weights of stem and options found."""
    # A shingle counts once in a window, however often it is repeated.
    once = np.sort(owner << 32 | place)
    once = once[np.diff(once, prepend=-1) > 0]
    owner, place = once >> 32, once & 0xFFFFFFFF
    counts = postings[starts[place]].astype(np.int64)
    # Sorted as one number: NumPy sorts numbers several times faster than it sorts places.
    posted = np.repeat(owner.astype(np.uint64) << _HIGH, counts)
    posted |= postings[ranges(starts[place] + 1, counts)]
    posted.sort()
    pair = posted >> np.uint64(9)
    begin = np.flatnonzero(np.diff(pair, prepend=~pair[:1]))
    weight = posted & np.uint64(0xFF)
    both = _run_sums(weight, begin)
    options = _run_sums(np.where(posted & np.uint64(0x100), weight, np.uint64(0)), begin)
    item = (pair[begin] & np.uint64(0x7FFFFF)).astype(np.int64)
    window = (pair[begin] >> np.uint64(23)).astype(np.int64)
    return window, item, both - options, options


def _run_sums(values: npt.NDArray[np.uint64], begins: Ints) -> npt.NDArray[np.uint64]:
    """Return the sum of each run of values; the runs lie end to end."""
    if not len(begins):
        return np.zeros(0, np.uint64)
    sums: npt.NDArray[np.uint64] = np.add.reduceat(values, begins)
    return sums


def cut_terms(codes: Codes, begins: Ints, ends: Ints) -> tuple[Hashes, Ints, Ints]:
    """Cut the stretches ``codes[begins[i]:ends[i]]``, which may overlap, into terms.

    Returns:
        ``uint32``: hashes; ``int64``: where in its stretch each term begins; ``int64[n + 1]``: where
        the terms of each stretch begin.
    """
    lengths = ends - begins
    codes = codes[ranges(begins, lengths)]
    owner = np.repeat(np.arange(len(lengths)), lengths)
    stops = np.cumsum(lengths)
    digit = _digits(codes)
    begin = np.ones(len(codes), np.bool_)
    begin[1:] = (owner[1:] != owner[:-1]) | (digit[1:] != digit[:-1])
    run_ends = np.append(np.flatnonzero(begin)[1:], len(codes))
    left = run_ends[np.cumsum(begin) - 1] - np.arange(len(codes))
    width = np.where(digit, DIGITS, np.where(codes >= SYLLABIC, PAIR, TRIPLE))
    begins_term = begin | (~digit & (left >= width))
    place = np.flatnonzero(begins_term & (codes != BETWEEN_DIGITS))
    owner = owner[place]
    counts = np.bincount(owner, minlength=len(lengths))
    return (
        _term_hashes(codes, place, np.minimum(width, left)[place]),
        place - (stops - lengths)[owner],
        np.concatenate([[0], np.cumsum(counts)]),
    )


def _term_hashes(codes: Codes, at: Ints, length: Ints) -> Hashes:
    padded = np.concatenate([codes, np.zeros(DIGITS, np.uint32)]).astype(np.uint64)
    value = length.astype(np.uint64)
    for i in range(DIGITS):
        value = np.where(i < length, value * GOLDEN + padded[at + i], value)
    value ^= value >> np.uint64(29)
    value *= THIRD
    hashes: Hashes = (value >> _HIGH).astype(np.uint32)
    return hashes


def contained_weights(
    text_hashes: Hashes, text_places: Ints, text_starts: Ints, text: Ints, field: Ints,
    starts: Ints, hashes: Hashes, weights: Bytes, reach: Ints,
) -> Ints:  # fmt: skip
    """Return the weight of each field's terms in the stretch of its text that has most of them.

    A stretch is twice as long as the field's reach and begins at a multiple of it, so that what is no
    longer than the reach lies whole in one. Less than ``LOW`` per cent of a field in a text is none.

    Args:
        text_hashes: ``uint32``: terms of all texts.
        text_places: ``int64``: where in its text each begins.
        text_starts: ``int64[t + 1]``: where the terms of each text begin.
        text: ``int64[n]``, in order: the text of each pair.
        field: ``int64[n]``: the field of each pair.
        starts: See :class:`~medqa_kit.decontamination.index.FieldTerms`, also the next three.
        hashes: Of the fields.
        weights: Of the fields.
        reach: Of the fields.
    """
    blocks = (slice(first, first + _FIELDS) for first in range(0, len(text), _FIELDS))
    return np.concatenate([np.zeros(0, np.int64), *(
        _block_weights(text_hashes, text_places, text_starts, text[block], field[block],
                       starts, hashes, weights, reach)
        for block in blocks)])  # fmt: skip


def _block_weights(
    text_hashes: Hashes, text_places: Ints, text_starts: Ints, text: Ints, field: Ints,
    starts: Ints, hashes: Hashes, weights: Bytes, reach: Ints,
) -> Ints:  # fmt: skip
    texts, number = np.unique(text, return_inverse=True)
    lengths = text_starts[texts + 1] - text_starts[texts]
    inside = ranges(text_starts[texts], lengths)
    keys = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths) << _HIGH | text_hashes[inside]
    order = np.argsort(keys, kind="stable")
    keys, places = keys[order], text_places[inside][order]
    counts = starts[field + 1] - starts[field]
    terms = ranges(starts[field], counts)
    pairs = np.repeat(np.arange(len(field)), counts)
    wanted = number[pairs].astype(np.uint64) << _HIGH | hashes[terms]
    begin = np.searchsorted(keys, wanted)
    times = np.searchsorted(keys, wanted, side="right") - begin
    pair, term, at = (np.repeat(pairs, times), np.repeat(terms, times),
                      places[ranges(begin, times)])  # fmt: skip
    size = max(len(hashes), 1)
    once, which = np.divmod(distinct(pair * size + term), size)
    held = np.bincount(once, weights=weights[which], minlength=len(field))
    whole = np.bincount(pairs, weights=weights[terms], minlength=len(field))
    stretch = at // reach[field[pair]]
    most = int(stretch.max(initial=0)) + 1
    slot = np.concatenate([pair * most + stretch, (pair * most + stretch - 1)[stretch > 0]])
    term = np.concatenate([term, term[stretch > 0]])
    slot, term = np.divmod(distinct(slot * size + term), size)
    sums = np.bincount(slot, weights=weights[term], minlength=most * len(field))
    best: Ints = sums.reshape(len(field), most).max(axis=1).astype(np.int64)
    return np.where(100 * held < LOW * whole, np.int64(0), best)


def signatures(codes: Codes, offsets: Ints, factors: Hashes, steps: Hashes) -> Hashes:
    """Return the least value of each hash function over the shingles of each text.

    Args:
        codes: Letters of all texts.
        offsets: ``int64[n + 1]``: where those of each text begin.
        factors: ``uint32[h]``: what a shingle's hash is multiplied by...
        steps: ``uint32[h]``: ...and what is added, for each hash function.

    Returns:
        ``uint32[n, h]``; ``0xFFFFFFFF`` for texts too short to have a shingle.
    """
    hashes, owner = shingles(codes, offsets)
    counts = np.bincount(owner, minlength=len(offsets) - 1)
    filled = np.flatnonzero(counts)
    begins = (np.cumsum(counts) - counts)[filled]
    least = np.full((len(counts), len(factors)), 0xFFFFFFFF, np.uint32)
    if len(filled):
        for i, (factor, step) in enumerate(zip(factors, steps, strict=True)):
            least[filled, i] = np.minimum.reduceat(hashes * factor + step, begins)
    return least


def distinct_shingles(codes: Codes, offsets: Ints) -> tuple[Hashes, Ints]:
    """Return the distinct shingles of each text, in order, and where those of each text begin."""
    hashes, owner = shingles(codes, offsets)
    pairs = distinct(owner.astype(np.uint64) << _HIGH | hashes)
    counts = np.bincount((pairs >> _HIGH).astype(np.int64), minlength=len(offsets) - 1)
    return pairs.astype(np.uint32), np.concatenate([[0], np.cumsum(counts)])


def common_counts(hashes: Hashes, offsets: Ints, first: Ints, second: Ints) -> Ints:
    """Return how many hashes two sets, each in order, have in common, for each pair of sets."""
    common = np.zeros(len(first), np.int64)
    for at in range(0, len(first), _PAIRS):
        block = slice(at, at + _PAIRS)
        keys: list[npt.NDArray[np.uint64]] = []
        for side in (first[block], second[block]):
            counts = offsets[side + 1] - offsets[side]
            pair = np.repeat(np.arange(len(side), dtype=np.uint64), counts)
            keys.append(pair << _HIGH | hashes[ranges(offsets[side], counts)])
        shared = np.intersect1d(keys[0], keys[1], assume_unique=True) >> _HIGH
        common[block] = np.bincount(shared.astype(np.int64), minlength=len(first[block]))
    return common
