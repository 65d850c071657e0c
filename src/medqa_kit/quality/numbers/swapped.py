"""Figures that changed places: sentences with the same words and other figures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from medqa_kit.quality.numbers.plain_form import plain

_FIGURE = re.compile(r"\d+(?:[.,:/]\d+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?。។])\s+|\n+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_PLACE = "\0"


def swapped_figures(source: str, target: str) -> Iterator[str]:
    """Tell of sentences which both texts have in the same words, but with other figures.

    Texts that hold the same figures all told may have two of them exchanged. Sentences that were put in another
    order, lists too, are other words in another order, so they are never told of. Of sentences whose words changed
    nobody can tell by their figures, in a translation of none.

    Args:
        source: The text it was made of.
        target: What was made of it.

    Example:
        >>> before = "Give 5 mg in the morning and 10 mg at night."
        >>> list(swapped_figures(before, "Give 10 mg in the morning and 5 mg at night."))
        ['5, 10 → 10, 5']
        >>> list(swapped_figures(before, "Give 10 mg at night and 5 mg in the morning."))
        []
    """
    first, second = (_figures_by_words(plain(text)) for text in (source, target))
    for words, figures in first.items():
        others = second.get(words)
        if figures and others and figures != others:
            yield f"{', '.join(figures)} → {', '.join(others)}"


def _figures_by_words(text: str) -> dict[str, tuple[str, ...] | None]:
    """Return the figures of each sentence by its words; nothing of words that come twice."""
    listed: dict[str, tuple[str, ...] | None] = {}
    for sentence in _SENTENCE_END.split(text):
        words = " ".join(_FIGURE.sub(_PLACE, sentence).split())
        if _PLACE in words and _WORD.search(words):
            listed[words] = None if words in listed else tuple(_FIGURE.findall(sentence))
    return listed
