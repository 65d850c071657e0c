"""Leads: which items share enough rare shingles with which stretch of text for a closer look."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from medqa_kit.core.ragged import ranges
from medqa_kit.decontamination.index import Index
from medqa_kit.matching.kernels import KernelName, compiled
from medqa_kit.matching.letters import Codes, Letters, Offsets
from medqa_kit.matching.shingles import hashes, widths

WINDOW, STEP = 2048, 1024
"""A long text is searched in overlapping windows, so that a book does not hold every item."""


_BLOCK = 128  # windows that NumPy works on at a time, so that the processor's cache holds them


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
        kernel: See :data:`~medqa_kit.matching.kernels.KernelName`.
    """
    cut = windows(found)
    window, item = (_compiled_leads if compiled(kernel) else _leads)(found, cut, own, index)
    return Leads(cut, window, item)


_Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def _compiled_leads(
    found: Letters, cut: Windows, own: npt.NDArray[np.bool_], index: Index
) -> _Pairs:
    from medqa_kit.matching import numba_kernels

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
    inside = ranges(low, high - low)
    whole = known.ends[inside] <= cut.ends[owner]
    # A shingle counts once in a window, however often it is repeated.
    once = np.sort(owner[whole] << 32 | known.place[inside[whole]])
    once = once[np.diff(once, prepend=-1) > 0]
    owner, place = once >> 32, once & 0xFFFFFFFF
    counts = index.postings[index.starts[place]].astype(np.int64)
    # Sorted as one number: NumPy sorts numbers several times faster than it sorts places.
    added = np.repeat(owner.astype(np.uint64) << np.uint64(32), counts)
    added |= index.postings[ranges(index.starts[place] + 1, counts)]
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
