"""The kernels in NumPy that search text for items: the inner loops of the held-out check."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from medqa_kit.core.arrow.ragged import Ints, distinct, ranges
from medqa_kit.matching.kernels.arrays import Bytes, Codes, Hashes, bits_set
from medqa_kit.matching.kernels.constants import CHAINED, LOW, MORE, PLACE
from medqa_kit.matching.shingles import shingle_hashes, shingle_widths

_WINDOWS = 128  # windows to work on at a time, so that the processor's cache holds them
_SUMS = 1 << 18  # sums to work on at a time, likewise
_MARKS = 1 << 12  # lower bits of a term that are looked at first, as values
_FIELDS = 1024  # pairs of text and field to work on at a time, so that memory stays flat
_HIGH = np.uint64(32)

_Pairs = tuple[Ints, Ints]


def window_candidates(
    codes: Codes, begins: Ints, ends: Ints, kind: Bytes,
    filter_: npt.NDArray[np.uint64], filter_shift: int, ranks: npt.NDArray[np.uint32], entries: Hashes,
    runs: npt.NDArray[np.uint32], postings: npt.NDArray[np.unsignedinteger[Any]], half: int,
    gates: npt.NDArray[np.uint32], least: npt.NDArray[np.uint32], little: Ints,
) -> _Pairs:  # fmt: skip
    """Return the pairs of window and item where the window has enough rare shingles, by weight.

    Args:
        codes: Letters of all windows.
        begins: ``int64[w]``: window ``i`` is ``codes[begins[i]:ends[i]]``; begins increase.
        ends: ``int64[w]``.
        kind: ``uint8[w]``: the row of the gates that it has to pass; where that is 2 and the window longer
            than the item's ``little``, row 0.
        filter_: See :class:`~medqa_kit.decontamination.index.Index`, also the next six.
        filter_shift: Of the index.
        ranks: Of the index.
        entries: Of the index.
        runs: Of the index.
        postings: Of the index.
        half: Of the index.
        gates: See :class:`~medqa_kit.decontamination.rules.Gates`, the four weights, also the next two.
        least: Gates.
        little: Gates.

    Returns:
        ``int64``: windows, in order, and ``int64``: items.
    """
    run = (entries & np.uint32(PLACE)) >> np.uint32(filter_shift)
    # Entries in the order of their runs: those of one run are beside each other in a window.
    by_run = np.argsort(run, kind="stable")
    rank = np.empty(len(entries), np.int64)
    rank[by_run] = np.arange(len(entries))
    run = run[by_run].astype(np.int64)
    hashes = shingle_hashes(codes)
    bit = hashes >> np.uint32(filter_shift)
    at = np.flatnonzero(filter_[bit >> 6] >> (bit & 63).astype(np.uint64) & np.uint64(1))
    which, place = _known(hashes[at], filter_, filter_shift, ranks, entries)
    at, place = at[which], rank[place]
    stops = at + shingle_widths(codes[at])
    # What stem and options add up to, above what the stem does: most sums end at one comparison.
    unit = np.float64(1 << half)
    run_begins, heads, run_items = _weighed(runs, postings)
    weights = (heads & 0xFF) * (unit + (heads >> 8 == 0))  # exact: whole numbers below 2**53
    items = len(little)
    step = min(max(_SUMS // max(items, 1), 1), _WINDOWS)
    lowest = np.maximum(least[distinct(kind)].min(axis=0, initial=0xFFFFFFFF), 1) * unit
    pairs = [np.zeros((2, 0), np.int64)]
    for first in range(0, len(begins), step):
        block = slice(first, first + step)
        low, high = np.searchsorted(at, begins[block]), np.searchsorted(at, ends[block])
        owner = np.repeat(np.arange(len(low)), high - low)
        inside = ranges(low, high - low)
        whole = stops[inside] <= ends[first + owner]
        # A shingle counts once in a window, however often it is repeated.
        once = distinct(owner[whole] << 32 | place[inside[whole]])
        shared = (once >> 32) << 32 | run[once & 0xFFFFFFFF]
        new = np.flatnonzero(np.diff(shared, prepend=-1))
        owner, start = shared[new] >> 32, shared[new] & 0xFFFFFFFF
        times = np.diff(new, append=len(shared)).astype(np.float64)
        counts = run_begins[start + 1] - run_begins[start]
        posted = ranges(run_begins[start], counts)
        slot = np.repeat(owner * items, counts) + run_items[posted]
        sums = np.bincount(slot, np.repeat(times, counts) * weights[posted], len(low) * items)
        slot = np.flatnonzero(sums.reshape(len(low), items) >= lowest)
        both = sums[slot].astype(np.uint64)
        window, item = np.divmod(slot, items)
        of_stem = both & np.uint64((1 << half) - 1)
        of_options = (both >> np.uint64(half)) - of_stem
        worth = of_stem + of_options >= least[kind[first + window], item]  # most are not
        window, item = first + window[worth], item[worth]
        of_stem, of_options = of_stem[worth], of_options[worth]
        more = ends[window] - begins[window] > little[item]
        row = np.where((kind[window] == 2) & more, 0, kind[window])
        stem, options, stem_alone, options_alone = gates[row, item].T
        passed = (
            ((of_stem >= stem) & (of_options >= options))
            | (of_stem >= stem_alone) | (of_options >= options_alone)
        )  # fmt: skip
        pairs.append(np.stack([window[passed], item[passed]]))
    window, item = np.concatenate(pairs, axis=1)
    return window, item


def _weighed(
    runs: npt.NDArray[np.uint32], postings: npt.NDArray[np.unsignedinteger[Any]]
) -> tuple[Ints, Ints, Ints]:
    """Return where runs begin, and their postings with what stands before those of each weight."""
    at, stops = runs[:-1].astype(np.int64), runs[1:].astype(np.int64)
    places = [at[:0]]
    while len(at):  # few have several weights
        places.append(at)
        at = at + 2 + postings[at + 1]
        at, stops = at[at < stops], stops[at < stops]
    heads = np.sort(np.concatenate(places))
    counts = postings[heads + 1].astype(np.int64)
    items = postings[ranges(heads + 2, counts)].astype(np.int64)
    begins = np.searchsorted(heads, runs)
    ends = np.concatenate([[0], np.cumsum(counts)])
    return ends[begins], np.repeat(postings[heads].astype(np.int64), counts), items


def _known(
    hashes: Hashes, filter_: npt.NDArray[np.uint64], shift: int, ranks: npt.NDArray[np.uint32],
    entries: Hashes,
) -> _Pairs:  # fmt: skip
    """Return which of the hashes, all of which the filter lets pass, are known, in order, and the place of each entry."""
    bit = (hashes >> np.uint32(shift)).astype(np.uint64)
    word = filter_[bit >> np.uint64(6)]
    before = word & ((np.uint64(1) << (bit & np.uint64(63))) - np.uint64(1))
    place = (ranks[bit >> np.uint64(6)] + bits_set(before)).astype(np.int64)
    chained = np.flatnonzero(entries[place] & np.uint32(CHAINED))
    place[chained] = entries[place[chained]] & np.uint32(PLACE)
    which, matches = np.arange(len(hashes)), [np.zeros((2, 0), np.int64)]
    while len(which):  # few bits stand for several
        entry = entries[place]
        same = (entry ^ hashes[which]) & np.uint32((1 << shift) - 1) == 0
        matches.append(np.stack([which[same], place[same]]))
        more = entry & np.uint32(MORE) != 0
        which, place = which[more], place[more] + 1
    pairs = np.concatenate(matches, axis=1)
    which, place = pairs[:, np.argsort(pairs[0], kind="stable")]
    return which, place


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
    best = np.zeros(len(text), np.int64)
    heaviest = np.append(weights, np.uint8(0))[starts[field]].astype(np.int64) * (
        starts[field + 1] > starts[field]
    )
    most = 100 * heaviest * (text_starts[text + 1] - text_starts[text])
    long = np.flatnonzero(most >= np.maximum(LOW * totals[field], 1))
    for first in range(0, len(long), _FIELDS):
        pairs = long[first : first + _FIELDS]
        highest = _marked_weights(text_hashes, text_starts, text[pairs], field[pairs],
                               starts, hashes, weights)  # fmt: skip
        pairs = pairs[100 * highest >= LOW * totals[field[pairs]]]
        best[pairs] = _block_weights(text_hashes, text_places, text_starts, text[pairs], field[pairs],
                                     starts, hashes, weights, reach)  # fmt: skip
    return best


def _marked_weights(
    text_hashes: Hashes, text_starts: Ints, text: Ints, field: Ints,
    starts: Ints, hashes: Hashes, weights: Bytes,
) -> Ints:  # fmt: skip
    """Return what a look at the lower bits of terms says each text has of its field at most."""
    texts, number = np.unique(text, return_inverse=True)
    lengths = text_starts[texts + 1] - text_starts[texts]
    marks = np.zeros(len(texts) * _MARKS, np.bool_)
    inside = text_hashes[ranges(text_starts[texts], lengths)] & np.uint32(_MARKS - 1)
    marks[np.repeat(np.arange(len(texts)) * _MARKS, lengths) + inside] = True
    counts = starts[field + 1] - starts[field]
    terms = ranges(starts[field], counts)
    slot = np.repeat(number * _MARKS, counts) + (hashes[terms] & np.uint32(_MARKS - 1))
    sums = np.concatenate([[0], np.cumsum(weights[terms] * marks[slot], dtype=np.int64)])
    ends = np.cumsum(counts)
    highest: Ints = sums[ends] - sums[ends - counts]
    return highest


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
    weight = np.bincount(once, weights=weights[which], minlength=len(field))
    whole = np.bincount(pairs, weights=weights[terms], minlength=len(field))
    stretch = at // reach[field[pair]]
    most = int(stretch.max(initial=0)) + 1
    slot = np.concatenate([pair * most + stretch, (pair * most + stretch - 1)[stretch > 0]])
    term = np.concatenate([term, term[stretch > 0]])
    slot, term = np.divmod(distinct(slot * size + term), size)
    sums = np.bincount(slot, weights=weights[term], minlength=most * len(field))
    best: Ints = sums.reshape(len(field), most).max(axis=1).astype(np.int64)
    return np.where(100 * weight < LOW * whole, np.int64(0), best)
