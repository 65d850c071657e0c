"""Count the places of right answers among the options, and the references that shuffling would break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import list_lengths
from medqa_kit.core.arrow.ragged import Ints, Mask, flat
from medqa_kit.core.arrow.slices import as_text, need
from medqa_kit.core.holders import Rows, batches
from medqa_kit.core.judging import findings_of
from medqa_kit.core.kernel import misfit_errors
from medqa_kit.core.report import no_findings
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.prompting.anchors import names_others
from medqa_kit.prompting.options import option_lists, whole_answers

Astray = Literal["option names others", "rationale names a marker"]
"""Codes of findings."""

_LETTERED = (  # a rationale that calls options by their marker
    r"\b[A-E][.)](?:\s|$)|\(([A-E]|[1-5])\)|[①-⑩]|[1-5]번|(정답|답)[은는:]?\s*\(?[A-E1-5]"
    r"|(?i:option|choice|answer)\s+(is\s+)?\(?[A-E]\b|(ចម្លើយ|ជម្រើស)[^\n]{0,6}[ក-ង]"
)


@dataclass(frozen=True, eq=False, repr=False)
class OptionBalance(Shown):
    """Where the right answers stand; returned by :func:`option_balance`.

    It prints as a table, in a terminal and in a notebook.

    Attributes:
        counts: For each number of options, how often the answer stands at each place.
        unanswered: Rows with options and a withheld answer.
        open: Rows without options.
        findings: Rows that shuffling would leave pointing astray: ``row`` (``int64``), ``id``,
            ``code``, ``detail`` (``string``). The codes are ``option names others``, such as "all of
            the above", and ``rationale names a marker``, such as "B is right".

    Example:
        >>> balance = OptionBalance({2: (3, 1)}, unanswered=0, open=0)
        >>> balance.skew
        0.5
    """

    counts: Mapping[int, tuple[int, ...]]
    unanswered: int
    open: int
    findings: pa.Table = field(default_factory=no_findings)

    @property
    def skew(self) -> float:
        """How far the most frequent place is above an even spread, at worst: 0.0 is even."""
        above = [max(c) * len(c) / sum(c) - 1 for c in self.counts.values() if sum(c)]
        return max(above, default=0.0)

    def rows(self, code: Astray) -> list[int]:
        """Return the positions of the rows with one kind of finding."""
        chosen = self.findings.filter(pc.equal(self.findings["code"], code))
        return list(chosen["row"].to_pylist())

    def _blocks(self) -> Iterator[Block]:
        yield self._cells()
        yield from self._notes()

    def _cells(self) -> list[tuple[str, ...]]:
        most = max(self.counts, default=0)
        lines = [("options", "answers", *(f"at {place + 1}" for place in range(most)))]
        for size, counts in sorted(self.counts.items()):
            shares = [f"{count / sum(counts):.1%}" for count in counts]
            lines.append((str(size), f"{sum(counts):,}", *shares, *[""] * (most - size)))
        return lines

    def _notes(self) -> tuple[str, str]:
        return (
            f"{self.unanswered:,} unanswered, {self.open:,} without options",
            f"{len(self.rows('option names others')):,} rows with an option that names others, "
            f"{len(self.rows('rationale names a marker')):,} whose rationale names a marker",
        )


def option_balance(rows: Rows | Any) -> OptionBalance:
    """Count the places of the right answers, and list references to options that shuffling would break.

    Args:
        rows: Any container of rows (see :func:`medqa_kit.apply`), with ``options`` and
            ``answer_index``.

    Returns:
        How often each place is the answer, by the number of options, and the findings; it prints as a table.

    Raises:
        ArgumentError: It is no container of rows.
        FormattingError: A column is missing.

    Example:
        >>> rows = pa.table({"options": [["a", "b"]] * 4, "answer_index": [0, 0, 0, 1]})
        >>> print(option_balance(rows))
        options  answers  at 1   at 2
        ───────  ───────  ─────  ─────
        2        4        75.0%  25.0%
        0 unanswered, 0 without options
        0 rows with an option that names others, 0 whose rationale names a marker
    """
    counts: dict[int, Ints] = {}
    unanswered = without = before = 0
    findings = [no_findings()]
    for batch in batches(rows, columns=("id", "options", "answer_index", "rationale")):
        table = pa.Table.from_batches([batch])
        need(table, ("options", "answer_index"), purpose="the balance of options",
             hint="only questions with options have a balance")  # fmt: skip
        options, index = option_lists(batch.column("options")), batch.column("answer_index")
        lengths = list_lengths(options)
        answers = whole_answers(index).fill_null(-1).to_numpy(zero_copy_only=False)
        known = (answers >= 0) & (answers < lengths)
        without += int((lengths == 0).sum())
        unanswered += int(((lengths > 0) & ~known).sum())
        for size in np.unique(lengths[known]).tolist():
            at_place = np.bincount(answers[known & (lengths == size)], minlength=size)
            counts[size] = counts.get(size, np.zeros(size, np.int64)) + at_place
        with misfit_errors(option_balance, batch.schema):
            for code, astray in _astray(batch, options):
                places = np.flatnonzero(astray)
                listed = findings_of(table, places, pa.repeat(code, len(places)))
                findings.append(listed.set_column(0, "row", pc.add(listed["row"], before)))
        before += batch.num_rows
    shares = {size: tuple(c.tolist()) for size, c in sorted(counts.items())}
    return OptionBalance(shares, unanswered, without, pa.concat_tables(findings))


def _astray(batch: pa.RecordBatch, options: pa.ListArray) -> Iterator[tuple[Astray, Mask]]:
    every = flat(options)
    refers = names_others(every.values)
    naming = np.zeros(batch.num_rows, bool)
    naming[every.parents[np.asarray(refers)]] = True
    yield "option names others", naming
    if "rationale" in batch.schema.names:
        rationales = as_text(batch.column("rationale"), "rationale")
        lettered = pc.match_substring_regex(rationales, _LETTERED).fill_null(False)
        yield "rationale names a marker", np.asarray(lettered) & (list_lengths(options) > 0)
