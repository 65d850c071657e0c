"""Score texts against an index: which items share enough rare shingles with which stretch of text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from medqa_kit.splitting.index import Fields, Index
from medqa_kit.splitting.kernels import KernelName, compiled
from medqa_kit.splitting.normal import Codes, Letters, Offsets
from medqa_kit.splitting.shingles import hashes, shingles_between, widths

WINDOW, STEP = 2048, 1024
"""A long text is searched in overlapping windows, so that a book does not hold every item."""


# What NumPy works on at a time, so that memory stays flat and the processor's cache holds it.
_BLOCK = 128  # windows
_TOGETHER = 1024  # candidates


class Windows(NamedTuple):
    """Stretches of a letter stream, none longer than :data:`WINDOW`.

    Attributes:
        begins: ``int64``: where each begins.
        ends: ``int64``: where it ends.
        text: ``int64``: the text it is a stretch of.
    """

    begins: Offsets
    ends: Offsets
    text: npt.NDArray[np.int64]


class Candidates(NamedTuple):
    """Pairs of text and item that a rule may match; a pair comes once for each window.

    Attributes:
        text: ``int64``.
        item: ``int64``.
        scores: ``float64[n, 2]``: of stem and options, in one window.
    """

    text: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]


class Leads(NamedTuple):
    """Pairs of window and item that pass the item's gates.

    Attributes:
        cut: The windows.
        window: ``int64``, in order.
        item: ``int64``.
    """

    cut: Windows
    window: Offsets
    item: npt.NDArray[np.int64]


def windows(found: Letters) -> Windows:
    """Cut texts into windows.

    Example:
        >>> windows(Letters(np.zeros(3000, np.uint32), np.array([0, 10, 3000]))).text.tolist()
        [0, 1, 1]
    """
    more = np.maximum(found.lengths - WINDOW, 0)
    counts = 1 + -(-more // STEP)
    text = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(len(text)) - (np.cumsum(counts) - counts)[text]
    begins = found.offsets[:-1][text] + step * STEP
    return Windows(begins, np.minimum(begins + WINDOW, found.offsets[1:][text]), text)


def leads(
    found: Letters, own: npt.NDArray[np.bool_], index: Index, *, kernel: KernelName = "auto"
) -> Leads:
    """Find the items of which a text holds enough rare shingles to be worth a closer look.

    Args:
        found: The texts.
        own: ``bool[n]``: whether the text is that of a row with options of its own.
        index: Of the items.
        kernel: See :data:`~medqa_kit.splitting.kernels.KernelName`.
    """
    cut = windows(found)
    window, item = (_compiled_leads if compiled(kernel) else _leads)(found, cut, own, index)
    return Leads(cut, window, item)


def candidates(
    found: Letters, ends: Offsets, led: Leads, index: Index, *, kernel: KernelName = "auto"
) -> Candidates:
    """Look for all shingles of the items that the leads name.

    Those of each field in one stretch of text not much longer than the field: a copy stands
    together, words of the same subject are strewn about.

    Args:
        found: The texts.
        ends: ``int64[n]``: where to stop in each text: before its options, where it has any.
        led: See :func:`leads`.
        index: Of the items.
        kernel: See :data:`~medqa_kit.splitting.kernels.KernelName`.
    """
    text = led.cut.text[led.window]
    stop = np.minimum(led.cut.ends[led.window], ends[text])
    begin = led.cut.begins[led.window]
    some = begin < stop
    stretch = Windows(begin[some], stop[some], text[some])
    item = led.item[some]
    weights = (_compiled_weights if compiled(kernel) else _weights)(found, stretch, index, item)
    good = weights[:, 0] >= 0
    item, weights = item[good], weights[good]
    totals = np.maximum(index.fields.totals.reshape(-1, 2)[item], 1)
    return Candidates(stretch.text[good], item, weights / totals)


_Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def _compiled_leads(
    found: Letters, cut: Windows, own: npt.NDArray[np.bool_], index: Index
) -> _Pairs:
    from medqa_kit.splitting import numba_kernels

    room = max(1024, len(cut.begins))
    while True:
        count, window, item = numba_kernels.leads(
            found.codes, cut.begins, cut.ends, own[cut.text], index.filter, index.filter_shift, index.table,
            index.table_shift, index.postings,
            index.gates.stem, index.gates.options, index.gates.stem_alone,
            index.gates.options_alone, index.gates.least, room,
        )  # fmt: skip
        if count <= room:
            return window[:count], item[:count]
        room = count  # rare: more candidates than texts


def _compiled_weights(
    found: Letters, stretch: Windows, index: Index, item: Offsets
) -> npt.NDArray[np.int64]:
    from medqa_kit.splitting import numba_kernels

    fields = index.fields
    result: npt.NDArray[np.int64] = numba_kernels.held_weights(
        found.codes, stretch.begins, stretch.ends, item,
        fields.starts, fields.hashes, fields.weights, fields.chunks, fields.chunk_starts,
        fields.floor, fields.ceiling, fields.reach, fields.needed,
    )  # fmt: skip
    return result


def _leads(found: Letters, cut: Windows, own: npt.NDArray[np.bool_], index: Index) -> _Pairs:
    known = _known(found.codes, index)
    parts = [_some_leads(known, cut, own, index, at) for at in range(0, len(cut.begins), _BLOCK)]
    nothing = np.zeros(0, np.int64)
    return (np.concatenate([nothing, *(window for window, _ in parts)]),
            np.concatenate([nothing, *(item for _, item in parts)]))  # fmt: skip


class _Known(NamedTuple):
    """The shingles of a letter stream that are in the index, in order.

    Attributes:
        at: ``int64``: where each begins.
        ends: ``int64``: where it ends.
        place: ``int64``: its place in the index.
    """

    at: Offsets
    ends: Offsets
    place: npt.NDArray[np.int64]


def _known(codes: Codes, index: Index) -> _Known:
    hashed = hashes(codes)
    upper = hashed >> np.uint32(index.filter_shift)
    at = np.flatnonzero(index.filter[upper >> 3] >> (upper & 7).astype(np.uint8) & 1)
    place = np.searchsorted(index.hashes, hashed[at])  # none is past the end: see the filter
    same = index.hashes[np.minimum(place, len(index.hashes) - 1)] == hashed[at]
    at = at[same]
    return _Known(at, at + widths(codes[at]), place[same])


def _some_leads(
    known: _Known, cut: Windows, own: npt.NDArray[np.bool_], index: Index, at: int
) -> _Pairs:
    """Find the leads of a block of windows, few enough for the processor's cache."""
    begins, ends = cut.begins[at : at + _BLOCK], cut.ends[at : at + _BLOCK]
    low, high = np.searchsorted(known.at, begins), np.searchsorted(known.at, ends)
    owner = np.repeat(np.arange(at, at + len(begins)), high - low)
    inside = _ranges(low, high - low)
    whole = known.ends[inside] <= cut.ends[owner]
    # A shingle counts once in a window, however often it is repeated.
    once = np.sort(owner[whole] << 32 | known.place[inside[whole]])
    once = once[np.diff(once, prepend=-1) > 0]
    owner, place = once >> 32, once & 0xFFFFFFFF
    counts = index.postings[index.starts[place]].astype(np.int64)
    # Sorted as one number: NumPy sorts numbers several times faster than it sorts places.
    added = np.repeat(owner.astype(np.uint64) << np.uint64(32), counts)
    added |= index.postings[_ranges(index.starts[place] + 1, counts)]
    added.sort()
    pair = added >> np.uint64(9)
    begin = np.flatnonzero(np.diff(pair, prepend=~pair[:1]))
    weight = added & np.uint64(0xFF)
    both = _sums(weight, begin)
    item = (pair[begin] & np.uint64(0x7FFFFF)).astype(np.int64)
    window = (pair[begin] >> np.uint64(23)).astype(np.int64)
    kind = own[cut.text[window]].astype(np.int64)
    worth = both >= index.gates.least[kind, item]
    options = _sums(np.where(added & np.uint64(0x100), weight, np.uint64(0)), begin)[worth]
    window, item, kind, stem = window[worth], item[worth], kind[worth], both[worth] - options
    gates = index.gates
    passed = ((stem >= gates.stem[item]) & (options >= gates.options[item])
              | (stem >= gates.stem_alone[item]) | (options >= gates.options_alone[kind, item]))  # fmt: skip
    return window[passed], item[passed]


def _sums(values: npt.NDArray[np.uint64], begins: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Sum each run of values; the runs lie end to end."""
    if not len(begins):
        return np.zeros(0, np.uint64)
    found: npt.NDArray[np.uint64] = np.add.reduceat(values, begins)
    return found


def _ranges(begins: npt.NDArray[np.integer], counts: npt.NDArray[np.integer]) -> Offsets:
    """Lay the ranges ``begins[i] … begins[i] + counts[i]`` end to end."""
    ends = np.cumsum(counts)
    steps = np.arange(ends[-1] if len(ends) else 0)
    found: Offsets = steps - np.repeat(ends - counts - begins, counts)
    return found


def _weights(
    found: Letters, stretch: Windows, index: Index, item: Offsets
) -> npt.NDArray[np.int64]:
    """Weigh both fields of each candidate: -1 for both where one field alone rules the item out."""
    result = np.full((len(item), 2), -1, np.int64)
    fields = index.fields
    for at in range(0, len(item), _TOGETHER):
        some = np.arange(at, min(at + _TOGETHER, len(item)))
        texts, number = _Stretches.of(found, stretch, some)
        side = (fields.needed[2 * item[some] + 1] > 0).astype(np.int64)  # likelier to rule out
        for _ in range(2):
            field = 2 * item[some] + side
            held = _field_weights(texts, number[some - at], fields, field)
            result[some, side] = held
            enough = held >= fields.needed[field]
            result[some[~enough]] = -1
            some, side = some[enough], 1 - side[enough]
    return result


class _Stretches(NamedTuple):
    """The shingles of some stretches, in order of stretch and hash.

    Attributes:
        keys: ``uint64``: number of the stretch, and hash.
        at: ``int64``: the place in the stretch.
    """

    keys: npt.NDArray[np.uint64]
    at: Offsets

    @classmethod
    def of(
        cls, found: Letters, stretch: Windows, some: Offsets
    ) -> tuple[_Stretches, npt.NDArray[np.int64]]:
        """Cut some stretches; give the number of each: equal ones, neighbours, have the same."""
        new = np.diff(stretch.begins[some], prepend=-1) != 0
        begins, lengths = stretch.begins[some[new]], (stretch.ends - stretch.begins)[some[new]]
        ends = np.cumsum(lengths)
        cut_out = found.codes[_ranges(begins, lengths)]
        hashed, owner, at = shingles_between(cut_out, ends - lengths, ends)
        keys = owner.astype(np.uint64) << _HIGH | hashed
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], at[order]), np.cumsum(new) - 1


_HIGH = np.uint64(32)


def _field_weights(
    texts: _Stretches, number: Offsets, fields: Fields, field: Offsets
) -> npt.NDArray[np.int64]:
    """Give the score of each candidate's field in the stretch that holds most of it.

    A field scores by its chunks: each gains from the share of it that chance may give to the
    share at which it counts as found. A sibling lacks whole chunks; an edited copy lacks a little
    of each. Stretches are twice the reach of the field long and begin at multiples of it, so that what is
    no longer than the reach lies whole in one of them.
    """
    counts = fields.starts[field + 1] - fields.starts[field]
    place = _ranges(fields.starts[field], counts)
    owner = np.repeat(np.arange(len(field)), counts)
    ours = number[owner].astype(np.uint64) << _HIGH | fields.hashes[place]
    begin = np.searchsorted(texts.keys, ours)
    times = np.searchsorted(texts.keys, ours, side="right") - begin
    owner, place, at = (np.repeat(owner, times), np.repeat(place, times),
                        texts.at[_ranges(begin, times)])  # fmt: skip
    stretch = at // fields.reach[field[owner]]
    most = int(stretch.max(initial=0)) + 1
    slot = np.concatenate([owner * most + stretch, (owner * most + stretch - 1)[stretch > 0]])
    place = np.concatenate([place, place[stretch > 0]])
    size = max(len(fields.hashes), 1)
    slot, place = np.divmod(np.unique(slot * size + place), size)
    size = max(len(fields.floor), 1)
    pair, which = np.unique(slot * size + fields.chunks[place], return_inverse=True)
    held = np.bincount(which, weights=fields.weights[place], minlength=len(pair))
    slot, chunk = np.divmod(pair, size)
    floor, ceiling = fields.floor[chunk], fields.ceiling[chunk]
    gains = np.clip(held, floor, ceiling) - floor
    sums = np.bincount(slot, weights=gains, minlength=most * len(field))
    best: npt.NDArray[np.int64] = sums.reshape(len(field), most).max(axis=1).astype(np.int64)
    return best
