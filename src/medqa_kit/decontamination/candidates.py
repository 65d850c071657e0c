"""Candidates: which items share enough rare shingles with which stretch of text for a closer look."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.decontamination.index import Index
from medqa_kit.matching.forms.row_forms import AddedLetters
from medqa_kit.matching.kernels import compiled_kernels, kernels
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


class FormCandidates(NamedTuple):
    """Pairs of text and item that may pass the item's gates in a form of the text.

    Attributes:
        text: ``int64``, in order: the text of each pair.
        item: ``int64``: the item of each pair.
        told: ``bool[n]``: the texts of which this tells: they and their forms have one window each.
    """

    text: Ints
    item: Ints
    told: Mask


class Candidates(NamedTuple):
    """Pairs of window and item that pass the item's gates.

    Attributes:
        windows: All windows.
        window: ``int64``, in order: the window of each pair.
        item: ``int64``: the item of each pair.
        forms: What may pass in forms of the texts, if they were given.
    """

    windows: Windows
    window: Ints
    item: Ints
    forms: FormCandidates | None = None


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


def candidates(
    texts: Letters, own: Mask, index: Index, added: AddedLetters | None = None
) -> Candidates:
    """Find the items of which a text holds enough rare shingles to be worth a closer look.

    Args:
        texts: The texts.
        own: ``bool[n]``: whether the text is that of a row with options of its own.
        index: Of the items.
        added: What forms of the texts add to them. A form has no shingle that its text and this have not; those
            of texts of several windows are not looked at.
    """
    cut, gates = windows(texts), index.gates
    little = cut.ends - cut.begins <= gates.little.max(initial=0)
    kind = np.where(own[cut.text], _OWN, np.where(little, _LITTLE, _TEXT)).astype(np.uint8)
    arguments = (
        texts.codes, cut.begins, cut.ends, kind,
        index.filter, index.filter_shift, index.ranks, index.entries, index.runs, index.postings,
        index.half,
        gates.weights, gates.least, gates.little,
    )  # fmt: skip
    compiled = compiled_kernels()
    if added is None or compiled is None:
        return Candidates(cut, *kernels().window_candidates(*arguments))
    told = added.told & (np.maximum(texts.lengths, added.most) <= WINDOW)
    window, item, form_window, form_item = compiled.window_and_form_candidates(
        *arguments, added.letters.codes, added.letters.offsets[added.starts][np.append(cut.text, len(told))],
        np.where(told, added.least, -1)[cut.text], index.form_gates.weights, index.form_gates.least,
    )  # fmt: skip
    return Candidates(cut, window, item, FormCandidates(cut.text[form_window], form_item, told))
