"""The spans of personal data in a column of texts."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.byte_scans import pattern_mask
from medqa_kit.errors import FormattingError, shorten
from medqa_kit.quality.personal.kinds import (
    PERSONAL_RULES,
    PersonalKind,
    plain_signs,
)
from medqa_kit.quality.personal.span import PersonalSpan

Recognizer: TypeAlias = Callable[[list[str]], Sequence[Iterable[tuple[int, int, str]]]]
"""A function from texts to the begin, end and kind of what it recognises in each, such as a wrapped
named-entity model."""


def spans_of(
    texts: pa.Array, kinds: Sequence[PersonalKind], recognizer: Recognizer | None
) -> dict[int, list[PersonalSpan]]:
    """Find personal data; of spans that overlap, the one of the earlier kind, then the longer, stays.

    Loops over the texts that hold something of the right form, since rules read text by text.

    Args:
        texts: ``large_string[n]``.
        kinds: Which kinds to look for.
        recognizer: Asked for all texts, after the rules.

    Returns:
        The spans of each text that has any, by its position, in order.

    Raises:
        FormattingError: The recogniser does not return what it should.
    """
    spans: dict[int, list[PersonalSpan]] = {}
    for kind, rule in PERSONAL_RULES.items():
        if kind in kinds:
            at = np.flatnonzero(pattern_mask(texts, rule.gate))
            for place, text in zip(at.tolist(), texts.take(pa.array(at)).to_pylist(), strict=True):
                for span in rule.spans(plain_signs(text)):
                    spans.setdefault(place, []).append(span)
    if recognizer is not None:
        for place, recognized in enumerate(_recognized(texts, recognizer)):
            if recognized:
                spans.setdefault(place, []).extend(recognized)
    return {place: apart for place, every in sorted(spans.items()) if (apart := _apart(every))}


def _apart(spans: Iterable[PersonalSpan]) -> list[PersonalSpan]:
    """Keep spans that do not overlap: the first come, first; each list is of one text."""
    kept: list[PersonalSpan] = []  # in order, and apart, so that rivals stand beside each other
    for span in spans:
        first = last = bisect(kept, span.start, key=_end_of)
        while last < len(kept) and kept[last].start < span.end:
            last += 1
        rivals = kept[first:last]
        longer = all(
            r.kind == span.kind and span.end - span.start > r.end - r.start for r in rivals
        )
        if longer:  # or alone
            kept[first:last] = [span]
    return kept


def _end_of(span: PersonalSpan) -> int:
    return span.end


def _recognized(texts: pa.Array, recognizer: Recognizer) -> list[list[PersonalSpan]]:
    listed = [text or "" for text in texts.to_pylist()]
    answers = list(recognizer(listed))
    try:
        spans = [[PersonalSpan(int(start), int(end), str(kind), "likely") for start, end, kind in answer]
                 for answer in answers]  # fmt: skip
        fits = len(spans) == len(listed) and all(
            0 <= s.start < s.end <= len(text) for text, own in zip(listed, spans, strict=True) for s in own)  # fmt: skip
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise FormattingError(
            "the recognizer does not return spans", expected="for each text a list of (begin, end, kind) inside it",
            found=shorten(answers[:1]), hint="recognizer=lambda texts: [[(0, 5, 'name')], ...]",
        )  # fmt: skip
    return spans
