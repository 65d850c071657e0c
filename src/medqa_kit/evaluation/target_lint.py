"""Find training targets that the official reader of a harness would misread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from medqa_kit.core.arguments import nonempty_text
from medqa_kit.core.arrow.slices import need
from medqa_kit.core.holders import Rows, batches
from medqa_kit.core.judging import findings_of
from medqa_kit.core.report import Report
from medqa_kit.evaluation.extract import extract
from medqa_kit.evaluation.formats import HarnessFormat, find_format

Misreading = Literal["cut", "unread", "misread"]
"""Codes of findings: a stop string ends the reply before the answer, none is read, or another is."""

_SHOWN = 80  # characters of a target in the report
_HINT = "prompt kernels carry columns along: keep=('options', 'answer_index')"


class _Misread(NamedTuple):
    row: int
    code: Misreading
    target: str
    expected: int
    read: int | None


def lint_targets(rows: Rows | Any, *, rule: str, column: str = "target") -> Report:
    """Read every training target with a harness's own reader, and report what it misreads.

    A model learns the form of its targets: a form the reader cannot read scores nothing, however
    right the answer. ``mk.harness(rule, target="trained")`` writes targets that are read.

    Args:
        rows: Any container of rows (see :func:`medqa_kit.apply`), with the targets and
            ``answer_index`` (or ``answer`` for yes/no/maybe formats); ``options`` where the format
            scores the options' texts. Prompt kernels carry columns along with ``keep=``.
        rule: A harness format, one of :func:`~medqa_kit.evaluation.formats.harnesses`.
        column: The targets: texts, or lists of messages whose last one is looked at.

    Returns:
        A report; no row is dropped. A finding has the code ``cut`` (a stop string ends the reply
        before the answer), ``unread`` or ``misread``, the beginning of the target as ``detail``,
        and the columns ``expected`` and ``read`` (``int64``, options from 0). ``counts`` says how
        many targets were read, and how many rows have no target or a withheld answer.

    Raises:
        ArgumentError: No such format, or no container of rows.
        FormattingError: A column is missing.

    Example:
        >>> rows = pa.table({"id": ["a", "b"], "target": ["정답: B", "B번입니다"],
        ...                  "answer_index": [1, 1]})
        >>> report = lint_targets(rows, rule="lm_eval/kormedmcqa@3.0")
        >>> report.by("code"), report.ids()
        ({'unread': 1}, ['b'])
    """
    format_ = find_format(rule, argument="rule")
    nonempty_text("column", column)
    answer = "answer" if format_.words else "answer_index"
    columns = dict.fromkeys(("id", column, "answer_index", "answer", "options"))
    findings = [_findings(pa.table({"id": pa.array([], pa.string())}), [], 0)]
    before = unanswered = 0
    for batch in batches(rows, columns=columns, verb="lint_targets"):
        table = pa.Table.from_batches([batch])
        if answer not in table.column_names:
            answer = "answer_index"  # word formats make do with the place
        texts = ("options",) if format_.gold == "option" else ()
        need(table, (column, answer, *texts), purpose="looking at targets", hint=_HINT)
        golds = _golds(format_, table, answer)
        targets = _targets(table, column)
        options = table["options"].to_pylist() if "options" in table.column_names else None
        # Reading free text is a matter of regular expressions, one reply at a time.
        misread = []
        for row, (gold, target) in enumerate(zip(golds, targets, strict=True)):
            if gold is None or target is None:
                unanswered += 1
            elif wrong := _misread(format_, row, target, gold, options[row] if options else None):
                misread.append(wrong)
        findings.append(_findings(table, misread, before))
        before += table.num_rows
    return Report(
        "lint_targets", rows=before, kept=before, findings=pa.concat_tables(findings),
        counts={"targets read": before - unanswered, "without target or answer": unanswered},
        notes=(f"read by the rule of {rule}",),
    )  # fmt: skip


def _findings(table: pa.Table, misread: Sequence[_Misread], before: int) -> pa.Table:
    """Return misread targets as findings; there are few."""
    findings = findings_of(
        table, np.array([wrong.row for wrong in misread], np.int64),
        [wrong.code for wrong in misread], [wrong.target[:_SHOWN] for wrong in misread],
        expected=pa.array([wrong.expected for wrong in misread], pa.int64()),
        read=pa.array([wrong.read for wrong in misread], pa.int64()),
    )  # fmt: skip
    moved = pa.array(findings["row"].to_numpy() + before, pa.int64())
    return findings.set_column(0, "row", moved)


def _misread(
    format_: HarnessFormat, row: int, target: str, gold: int, options: Sequence[str] | None
) -> _Misread | None:
    read = extract(target, rule=format_.name, options=options).index
    if _scores(format_, read, gold, options):
        return None
    code: Misreading = "unread" if read is None else "misread"
    if format_.cut(target) != target:
        whole = format_.read(target, options or [""] * (format_.options or 26)).index
        if _scores(format_, whole, gold, options):
            code = "cut"
    return _Misread(row, code, target, gold, read)


def _scores(
    format_: HarnessFormat, read: int | None, gold: int, options: Sequence[str] | None
) -> bool:
    """Check whether a reading scores; by text, equal options are right together."""
    if read is None or read == gold or options is None or format_.gold != "option":
        return read == gold
    return options[read].strip() == options[gold].strip()


def _golds(format_: HarnessFormat, table: pa.Table, answer: str) -> list[int | None]:
    if answer == "answer_index":
        return list(table[answer].to_pylist())
    words = format_.words
    return [words.index(word) if word in words else None for word in table[answer].to_pylist()]


def _targets(table: pa.Table, column: str) -> list[str | None]:
    values = table[column].to_pylist()
    if pa.types.is_list(table[column].type) or pa.types.is_large_list(table[column].type):
        return [turns[-1]["content"] if turns else None for turns in values]
    return list(values)
