"""The kernel that compares the figures of two columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.apply import run
from medqa_kit.core.arguments import nonempty_text, one_of, some_of
from medqa_kit.core.arrow.slices import fail, need
from medqa_kit.core.holders import RowsT
from medqa_kit.core.judging import Judged, OnBad, findings_of, rows_that_go_on
from medqa_kit.core.report import Report
from medqa_kit.core.selection import filtered
from medqa_kit.errors import RowError
from medqa_kit.quality.numbers.comparing import (
    NUMBER_CODES,
    SEVERITIES,
    NumberChange,
    NumberCode,
    changes_in_words,
    plain_changes,
)
from medqa_kit.quality.numbers.figured_names import ROMAN_FIGURE, names_differ
from medqa_kit.quality.numbers.plain_form import in_plain_form
from medqa_kit.quality.numbers.quantities import plainly_equal
from medqa_kit.quality.numbers.surroundings import surrounded
from medqa_kit.quality.numbers.wording.courses import COURSES
from medqa_kit.quality.numbers.wording.frequencies import LATIN_FREQUENCY, frequencies_may_differ
from medqa_kit.quality.numbers.wording.instructions import INSTRUCTION, instructions_may_differ
from medqa_kit.quality.numbers.wording.periods import LIKELY_PERIOD, periods_may_differ
from medqa_kit.quality.numbers.wording.persons import PERSON, SEXES
from medqa_kit.quality.numbers.wording.trends import TRENDS

# A pair in which neither text has the first, and not both the second, says nothing that is compared.
_FIGURE = r"[\p{Nd}\p{No}\p{Nl}]"
_IN_WORDS = f"{LIKELY_PERIOD}|{LATIN_FREQUENCY}|{INSTRUCTION}|{ROMAN_FIGURE}|{PERSON}"


@dataclass(frozen=True)
class SameNumbers:
    """Kernel that keeps the rows in which a rewritten text keeps the numbers, doses and units.

    For translations, paraphrases, summaries and explanations. Digits of Arabic, Khmer and full-width
    form, Korean magnitudes (``3만``), ranges, decimals, percent, powers, fractions, units with their
    Korean, Khmer and English words, and rates such as mg/kg/day are read; amounts in other units of
    equal size are equal.

    Attributes:
        source: Column of the texts.
        target: Column of what was made of them.
        codes: What counts as bad, see :data:`~medqa_kit.quality.numbers.comparing.NumberCode`. A
            summary may leave figures out: leave out ``"number_lost"`` for it.
        on_bad: ``"drop"`` leaves such rows out, ``"keep"`` only lists them, ``"raise"`` stops.

    Raises:
        ArgumentError: An argument is none of these.
        FormattingError: When called: the table lacks a column.
        RowError: When called, with ``on_bad="raise"``: a figure differs.

    Warns:
        DroppedRowsWarning: When called: rows are dropped. :meth:`run` lists them instead.

    Example:
        >>> rows = pa.table({"text": ["Give 0.5 mg.", "Wait 3 days."], "text_b": ["5 mg을 준다.", "사흘 기다린다."]})
        >>> kept, report = SameNumbers("text", "text_b").run(rows)
        >>> kept["text"].to_pylist()
        ['Wait 3 days.']
        >>> report.findings.select(["code", "detail", "severity"]).to_pylist()
        [{'code': 'tenfold', 'detail': '0.5 mg → 5 mg', 'severity': 'high'}]
    """

    source: str
    target: str
    codes: tuple[NumberCode, ...] = NUMBER_CODES
    on_bad: OnBad = "drop"

    def __post_init__(self) -> None:
        nonempty_text("source", self.source)
        nonempty_text("target", self.target)
        object.__setattr__(self, "codes", some_of("codes", self.codes, NUMBER_CODES))
        one_of("on_bad", self.on_bad, get_args(OnBad))

    @property
    def verb(self) -> str:
        """Name of the kernel in reports and warnings."""
        return "SameNumbers()"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the rows of a batch whose figures agree; warn of the others."""
        return rows_that_go_on(self, table)

    def run(self, rows: RowsT) -> tuple[RowsT, Report]:
        """Return the rows whose figures agree, and a report on the others.

        Args:
            rows: As in :func:`medqa_kit.apply`.

        Returns:
            The rows, in the same kind of container, and a report. A finding has the figures as
            ``detail`` and the further column ``severity`` (``string``); a row has one for each
            figure that differs.
        """
        return run(rows, self)

    def judge(self, table: pa.Table) -> Judged:
        """Judge a batch; see :meth:`run`."""
        need(table, (self.source, self.target), purpose="holding figures against each other",
             hint="SameNumbers(source, target) names the two text columns")  # fmt: skip
        rows, changes = self._changes(table)
        bad = np.zeros(table.num_rows, bool)
        bad[rows] = True
        if self.on_bad == "raise":
            fail(table, bad, RowError, "a figure of the text differs in what was made of it",
                 column=self.target, expected="the same numbers and units",
                 found="; ".join(change.detail for change in changes[:1]),
                 hint='on_bad="keep" lists them all')  # fmt: skip
        findings = findings_of(
            table, rows, [change.code for change in changes], [change.detail for change in changes],
            severity=pa.array([SEVERITIES[change.code] for change in changes], pa.string()),
        )  # fmt: skip
        kept = table if self.on_bad == "keep" else filtered(table, ~bad)
        return Judged(kept, kept.num_rows, findings)

    def _changes(self, table: pa.Table) -> tuple[np.ndarray, list[NumberChange]]:
        """Compare the pairs in which either text holds a figure, or both say how often something is.

        Loops over these rows: a text is read from left to right, with regular expressions.
        """
        texts = [table[name].cast(pa.large_string()) for name in (self.source, self.target)]
        both = pc.and_(*(pc.is_valid(column) for column in texts))
        filled = [pc.fill_null(column, "") for column in texts]
        said = pc.or_(*(pc.match_substring_regex(column, _FIGURE) for column in filled)).to_numpy()
        without = np.flatnonzero(~said)
        said[without] = pc.and_(
            *(
                pc.match_substring_regex(
                    column.take(pa.array(without)), _IN_WORDS, ignore_case=True
                )
                for column in filled
            )
        ).to_numpy()
        at = np.flatnonzero(both.to_numpy() & said)
        rows: list[int] = []
        changes: list[NumberChange] = []
        plains, sides = zip(
            *(in_plain_form(column.take(pa.array(at))) for column in texts), strict=True
        )
        near = np.asarray(surrounded(*sides))
        in_words = (
            frequencies_may_differ(*sides)
            | periods_may_differ(*sides)
            | instructions_may_differ(*sides)
            | names_differ(*sides)
            | SEXES.may_differ(*sides)
            | TRENDS.may_differ(*sides)
            | COURSES.may_differ(*sides)
        )
        closely = near | ~plainly_equal(*plains)
        for place in np.flatnonzero(closely | in_words).tolist():
            source, target = (listed[place] for listed in plains)
            differences = (plain_changes(source, target, surrounded=bool(near[place]), in_words=bool(in_words[place])) if closely[place]
                     else changes_in_words(source, target))  # fmt: skip
            for change in differences:
                if change.code in self.codes:
                    rows.append(at[place])
                    changes.append(change)
        return np.array(rows, np.int64), changes
