"""The kernels in NumPy that search text for items: the inner loops of the held-out check."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from medqa_kit.core.arrow.ragged import Ints, Mask, distinct, ranges
from medqa_kit.matching.kernels.arrays import Bytes, Codes, Hashes
from medqa_kit.matching.kernels.constants import LOW
from medqa_kit.matching.shingles import shingle_hashes, shingle_widths

_WINDOWS = 128  # windows to work on at a time, so that the processor's cache holds them
_FIELDS = 1024  # pairs of text and field to work on at a time, so that memory stays flat
_HIGH, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)

_Pairs = tuple[Ints, Ints]


def window_candidates(
    codes: Codes, begins: Ints, ends: Ints, own: Mask,
    filter_: Bytes, filter_shift: int, table: npt.NDArray[np.uint64], table_shift: int,
    postings: npt.NDArray[np.uint32], half: int,
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
        filter_: See :class:`~medqa_kit.decontamination.index.Index`, also the next five.
        filter_shift: Of the index.
        table: Of the index.
        table_shift: Of the index.
        postings: Of the index.
        half: Of the index.
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
            owner[whole], place[inside[whole]], starts, postings, np.uint64(half)
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
    owner: Ints, place: Ints, starts: Ints, postings: npt.NDArray[np.uint32], half: np.uint64
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
    both = _run_sums(
        (posted & np.uint64(0xFF)) << (posted >> np.uint64(8) & np.uint64(1)) * half, begin
    )
    options = both >> half
    item = (pair[begin] & np.uint64(0x7FFFFF)).astype(np.int64)
    window = (pair[begin] >> np.uint64(23)).astype(np.int64)
    return window, item, both & ((np.uint64(1) << half) - np.uint64(1)), options


def _run_sums(values: npt.NDArray[np.uint64], begins: Ints) -> npt.NDArray[np.uint64]:
    """Return the sum of each run of values; the runs lie end to end."""
    if not len(begins):
        return np.zeros(0, np.uint64)
    sums: npt.NDArray[np.uint64] = np.add.reduceat(values, begins)
    return sums


def contained_weights(
    text_hashes: Hashes, text_places: Ints, text_starts: Ints, text: Ints, field: Ints,
    starts: Ints, hashes: Hashes, weights: Bytes, totals: Ints, reach: Ints,
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
        starts: See :class:`~medqa_kit.decontamination.index.FieldTerms`, also the next four.
        hashes: Of the fields.
        weights: Of the fields.
        totals: Of the fields.
        reach: Of the fields.
    """
    blocks = (slice(first, first + _FIELDS) for first in range(0, len(text), _FIELDS))
    return np.concatenate([np.zeros(0, np.int64), *(
        _block_weights(text_hashes, text_places, text_starts, text[block], field[block],
                       starts, hashes, weights, totals, reach)
        for block in blocks)])  # fmt: skip


def _block_weights(
    text_hashes: Hashes, text_places: Ints, text_starts: Ints, text: Ints, field: Ints,
    starts: Ints, hashes: Hashes, weights: Bytes, totals: Ints, reach: Ints,
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
