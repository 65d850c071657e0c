"""The share of Latin terms of texts, such as names of drugs and abbreviations, that their translations keep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

from medqa_kit.core.arguments import nonempty_text
from medqa_kit.core.arrow.columns import truths
from medqa_kit.core.arrow.slices import need
from medqa_kit.core.arrow.usual_types import in_usual_types
from medqa_kit.core.holders import batches
from medqa_kit.core.judging import Judged, Tally, findings_of
from medqa_kit.core.kernel import misfit_errors
from medqa_kit.core.report import Report
from medqa_kit.quality.allowed_words import term_pattern

# Words that are written in capitals for weight.
_NO_TERMS = frozenset(
    ["not", "do", "no", "is", "of", "in", "to", "all", "except", "best", "most", "least", "false", "true", "which", "what", "correct", "incorrect", "following", "if", "the", "and", "or", "an", "be", "by", "for", "at", "on", "it"]
)  # fmt: skip
_OTHER_SCRIPT = 0.2  # of all letters
_LATIN, _LETTER = regex.compile(r"\p{Latin}"), regex.compile(r"\p{L}")
_EDGE, _NO_EDGE = r"(?<![\p{Latin}\p{M}\d])", r"(?![\p{Latin}\p{M}])"
_WORD = regex.compile(rf"{_EDGE}\p{{Latin}}[\p{{Latin}}\p{{M}}\d-]*[\p{{Latin}}\d]{_NO_EDGE}")
_TERM = regex.compile(rf"{_EDGE}(?:{term_pattern()}){_NO_EDGE}")


def term_report(rows: Any, *, source: str, target: str) -> Report:
    """Measure how many Latin terms of texts are found in their translations, in one pass.

    Terms are names of drugs, told by the stems of international nonproprietary names, and
    abbreviations such as ``MRI`` and ``HbA1c``; of a text in another script, all its
    Latin words. A term is kept where the translation has it as a word, whatever its capitals; one
    that is written in the letters of the other language is not.

    Args:
        rows: Anything :func:`medqa_kit.apply` takes. A stream is read once.
        source: Column of the texts.
        target: Column of their translations.

    Returns:
        The report; all rows are kept. ``counts`` holds the ``terms``, how many are ``kept``, and their
        ``share``, to hold a claim such as "98 % of medical terms kept" against. A finding is about a
        row that loses terms: the code ``term_lost``, the terms as ``detail``, and how many there are
        (``terms``) and are lost (``lost``).

    Raises:
        ArgumentError: It is no container of rows.
        FormattingError: A column is not there.

    Example:
        >>> rows = [{"en": "Order an ECG and give aspirin.", "km": "ធ្វើ ECG ហើយឱ្យថ្នាំអាស្ពីរីន"}, {"en": "Do an MRI.", "km": "ធ្វើ MRI"}]
        >>> report = term_report(rows, source="en", target="km")
        >>> report.findings.select(["detail", "terms", "lost"]).to_pylist()
        [{'detail': 'aspirin', 'terms': 2, 'lost': 1}]
        >>> report.counts["terms"], report.counts["kept"], round(report.counts["share"], 2)
        (3, 2, 0.67)
    """
    nonempty_text("source", source)
    nonempty_text("target", target)
    look = _Look(source, target)
    tally = Tally(look.judge, verb="term_report")
    for batch in batches(rows):
        with misfit_errors(term_report, batch.schema):
            tally(in_usual_types(pa.Table.from_batches([batch])))
    share = look.kept / look.terms if look.terms else 1.0
    return replace(tally.report(), counts={"terms": look.terms, "kept": look.kept, "share": share})


@dataclass
class _Look:
    """Judges batches, and adds up the terms."""

    source: str
    target: str
    terms: int = 0
    kept: int = 0

    def judge(self, table: pa.Table) -> Judged:
        """Look for the terms of each row; loops over the rows with Latin words, since each has its own."""
        need(table, (self.source, self.target), purpose="looking for terms",
             hint="term_report(rows, source=..., target=...) names the two text columns")  # fmt: skip
        texts, translations = (
            table[name].cast(pa.large_string()) for name in (self.source, self.target)
        )
        latin = pc.match_substring_regex(texts, r"\p{Latin}")
        at = np.flatnonzero(truths(pc.and_(latin, translations.is_valid())))
        rows: list[int] = []
        numbers: list[int] = []
        lost: list[list[str]] = []
        places = pa.array(at)
        pairs = zip(
            at.tolist(),
            texts.take(places).to_pylist(),
            translations.take(places).to_pylist(),
            strict=True,
        )
        for row, text, translation in pairs:
            terms = latin_terms(text)
            words = {word.casefold() for word in _WORD.findall(translation)}
            missing = [term for term in terms if term.casefold() not in words]
            self.terms += len(terms)
            self.kept += len(terms) - len(missing)
            if missing:
                rows.append(row)
                numbers.append(len(terms))
                lost.append(missing)
        findings = findings_of(
            table, np.array(rows, np.int64), ["term_lost"] * len(rows), list(map(", ".join, lost)),
            terms=pa.array(numbers, pa.int64()), lost=pa.array(map(len, lost), pa.int64()),
        )  # fmt: skip
        return Judged(table, table.num_rows, findings)


def latin_terms(text: str) -> list[str]:
    """Return the Latin terms of a text, each once, in order.

    Example:
        >>> latin_terms("Give Aspirin for MI; do NOT give aspirin."), latin_terms("위내시경(gastroscopy)을 한다")
        (['Aspirin', 'MI'], ['gastroscopy'])
    """
    letters = len(_LETTER.findall(text))
    other_script = letters - len(_LATIN.findall(text)) >= _OTHER_SCRIPT * letters
    terms: dict[str, str] = {}
    for word in (_WORD if other_script else _TERM).findall(text):
        if len(word) > 1 and word.casefold() not in _NO_TERMS:
            terms.setdefault(word.casefold(), word)
    return list(terms.values())
