"""The share of rows that is written in a script, under definitions with names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from medqa_kit.core.arguments import one_of, several_texts
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.arrow.text_columns import rows_of_texts, text_columns, texts_of
from medqa_kit.core.arrow.usual_types import in_usual_types
from medqa_kit.core.holders import batches
from medqa_kit.core.judging import Judged, Tally, findings_of
from medqa_kit.core.kernel import misfit_errors
from medqa_kit.core.report import Report
from medqa_kit.quality.allowed_words import without_allowed_words
from medqa_kit.quality.script_counts import SCRIPTS, Script, ScriptCounts, script_counts


class Definition(NamedTuple):
    """When a text counts as written in a script.

    Attributes:
        least: The share of letters it must have.
        all_letters: Whether the share is of all letters; otherwise of its own and Latin ones.
        allows: Whether names of drugs, units and abbreviations in Latin letters do not count.
        meaning: The same in words.
    """

    least: float
    all_letters: bool
    allows: bool
    meaning: str


DEFINITIONS: dict[str, Definition] = {
    "relaxed": Definition(0.5, False, False, "half of its own and Latin letters are of the script"),
    "strict": Definition(0.85, True, True, "85 % of all letters are, drug names, units and abbreviations aside"),
    "pure": Definition(1.0, True, True, "all letters are, drug names, units and abbreviations aside"),
}  # fmt: skip
"""The definitions by name. A text with many drug names can fail the relaxed one and pass the others."""

_CODES = ("no_letter", *(f"not_{name}" for name in DEFINITIONS))


def script_report(
    rows: Any, *, script: Script = "khmer", columns: Sequence[str] | None = None
) -> Report:
    """Measure how much of the texts of rows is written in a script, in one pass.

    One number for "in Khmer" means little: a text with half of its words left in English passes a
    relaxed check. So each text is held to all :data:`DEFINITIONS`, and a claim can be compared with
    the definition it was made under.

    Args:
        rows: Anything :func:`medqa_kit.apply` takes. A stream is read once.
        script: One of :data:`medqa_kit.quality.script_counts.SCRIPTS`.
        columns: The text columns to look at; all that hold texts by default.

    Returns:
        The report; all rows are kept. ``counts`` holds the share of texts under each definition
        (``relaxed``, ``strict``, ``pure``), how many texts have no letter of the script, and for each
        column the share of each script among its letters (``question.khmer``). A finding names the
        first definition that fails: ``no_letter``, ``not_relaxed``, ``not_strict`` or ``not_pure``,
        with ``column`` and ``share``. Texts without letters, such as figures, are not judged.

    Raises:
        ArgumentError: There is no such script, or no container of rows.
        FormattingError: A column is not there.

    Example:
        >>> rows = [{"id": "a", "question": "ផឹកទឹកឱ្យបានច្រើន ហើយលេប amoxicillin 500 mg"},
        ...         {"id": "b", "question": "តើ the patient ទទួលថ្នាំអ្វី"}, {"id": "c", "question": "Why?"}]
        >>> report = script_report(rows)
        >>> {name: round(report.counts[name], 2) for name in ("relaxed", "strict", "pure")}
        {'relaxed': 0.67, 'strict': 0.33, 'pure': 0.33}
        >>> report.findings.select(["id", "code"]).to_pylist()
        [{'id': 'b', 'code': 'not_strict'}, {'id': 'c', 'code': 'no_letter'}]
    """
    one_of("script", script, SCRIPTS)
    look = _Look(script, None if columns is None else several_texts("columns", columns))
    tally = Tally(look.judge, verb="script_report()")
    for batch in batches(rows, verb="script_report"):
        with misfit_errors(script_report, batch.schema):
            tally(in_usual_types(pa.Table.from_batches([batch])))
    report = tally.report()
    notes = [f"{name}: {definition.meaning}" for name, definition in DEFINITIONS.items()]
    return replace(report, counts=look.counts(), notes=notes)


@dataclass
class _Look:
    """Judges batches, and adds up the letters of each column."""

    script: Script
    columns: tuple[str, ...] | None
    texts: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    letters: dict[str, Ints] = field(default_factory=dict)

    def judge(self, table: pa.Table) -> Judged:
        """Judge the texts of a batch."""
        names = text_columns(table, self.columns, purpose="telling scripts apart")
        parts = [findings_of(table, np.zeros(0, np.int64), [], column=pa.array([], pa.string()),
                             share=pa.array([], pa.float64()))]  # fmt: skip
        for name in names:
            texts = texts_of(table, name)
            counted = script_counts(texts)
            self.letters[name] = self.letters.get(name, 0) + counted.counts.sum(axis=0)
            judged = np.flatnonzero(counted.letters)
            self.texts += len(judged)
            codes, shares = self._fails(texts, counted)
            bad = judged[codes[judged] < len(_CODES)]
            rows = rows_of_texts(table, name, bad)
            labels = pa.array(_CODES).take(pa.array(codes[bad]))
            parts.append(findings_of(table, rows, labels, column=pa.repeat(pa.scalar(name), len(bad)),
                                     share=pa.array(shares[bad])))  # fmt: skip
        findings = pa.concat_tables(parts)
        order = np.argsort(findings["row"].to_numpy(), kind="stable")
        return Judged(table, table.num_rows, findings.take(pa.array(order)))

    def counts(self) -> dict[str, int | float]:
        """Return shares of texts by definition, and of letters by column."""
        passed: dict[str, int | float] = {"texts": self.texts}
        for name in DEFINITIONS:
            passed[name] = 1 - self.failed[name] / max(self.texts, 1)
        passed["without_a_letter"] = self.failed["no_letter"]
        for column, letters in self.letters.items():
            for place, script in enumerate((*SCRIPTS, "other")):
                if letters[place]:
                    passed[f"{column}.{script}"] = float(letters[place] / letters.sum())
        return passed

    def _fails(self, texts: pa.Array, counted: ScriptCounts) -> tuple[Ints, np.ndarray]:
        """Return for each text the place of what it fails in the codes, and its relaxed share."""
        mixed = np.flatnonzero(counted.letters > counted.of(self.script))
        left = script_counts(without_allowed_words(texts.take(pa.array(mixed))))
        codes = np.full(len(texts), len(_CODES), np.int64)
        none = (counted.of(self.script) == 0) & (counted.letters > 0)
        for place, (name, definition) in reversed(list(enumerate(DEFINITIONS.items(), 1))):
            fails = ~in_script(counted, self.script, definition)
            if definition.allows:
                fails[mixed] = ~in_script(left, self.script, definition)
            fails |= none
            codes[fails] = place
            self.failed[name] += int(fails.sum())
        codes[none] = 0
        self.failed["no_letter"] += int(none.sum())
        among = np.maximum(counted.of(self.script) + counted.of("latin"), 1)
        return codes, counted.of(self.script) / among


def in_script(counted: ScriptCounts, script: Script, definition: Definition) -> Mask:
    """Check which texts are in a script under a definition; those without letters are.

    Example:
        >>> in_script(script_counts(pa.array(["ក a", "ក ab", "1"])), "khmer", DEFINITIONS["relaxed"]).tolist()
        [True, False, True]
    """
    own = counted.of(script)
    among = (
        counted.letters
        if definition.all_letters or script == "latin"
        else own + counted.of("latin")
    )
    return np.asarray(own >= definition.least * among, np.bool_)
