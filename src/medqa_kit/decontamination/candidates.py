"""Candidates: which items share enough rare shingles with which stretch of text for a closer look."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.decontamination.index import Index
from medqa_kit.matching.kernels import kernels
from medqa_kit.matching.letters import Letters

WINDOW, STEP = 2048, 1024
"""A long text is searched in overlapping windows, so that a book does not hold every item."""

_TEXT, _OWN, _LITTLE = range(3)  # the rows of Gates


class Windows(NamedTuple):
    """Stretches of a letter stream, none longer than :data:`WINDOW`.

    Attributes:
        begins: ``int64``: where each begins.
        ends: ``int64``: where it ends.
        text: ``int64``: the text it is a stretch of.
    """

    begins: Ints
    ends: Ints
    text: Ints


class Candidates(NamedTuple):
    """Pairs of window and item that pass the item's gates.

    Attributes:
        windows: All windows.
        window: ``int64``, in order: the window of each pair.
        item: ``int64``: the item of each pair.
    """

    windows: Windows
    window: Ints
    item: Ints


def windows(texts: Letters) -> Windows:
    """Cut texts into windows.

    Example:
        >>> windows(Letters(np.zeros(3000, np.uint32), np.array([0, 10, 3000]))).text.tolist()
        [0, 1, 1]
    """
    more = np.maximum(texts.lengths - WINDOW, 0)
    counts = 1 + -(-more // STEP)
    text = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(len(text)) - (np.cumsum(counts) - counts)[text]
    begins = texts.offsets[:-1][text] + step * STEP
    return Windows(begins, np.minimum(begins + WINDOW, texts.offsets[1:][text]), text)


def candidates(texts: Letters, own: Mask, index: Index) -> Candidates:
    """Find the items of which a text holds enough rare shingles to be worth a closer look.

    Args:
        texts: The texts.
        own: ``bool[n]``: whether the text is that of a row with options of its own.
        index: Of the items.
    """
    cut, gates = windows(texts), index.gates
    little = cut.ends - cut.begins <= gates.little.max(initial=0)
    kind = np.where(own[cut.text], _OWN, np.where(little, _LITTLE, _TEXT)).astype(np.uint8)
    window, item = kernels().window_candidates(
        texts.codes, cut.begins, cut.ends, kind,
        index.filter, index.filter_shift, index.table, index.table_shift, index.runs, index.postings,
        index.half,
        gates.stem, gates.options, gates.stem_alone, gates.options_alone, gates.least, gates.little,
    )  # fmt: skip
    return Candidates(cut, window, item)
