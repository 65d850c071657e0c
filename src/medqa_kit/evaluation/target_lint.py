"""Which training targets the official reader of a harness would misread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from medqa_kit.core.opened import tables
from medqa_kit.errors import FormattingError
from medqa_kit.evaluation.extract import extract
from medqa_kit.evaluation.formats import Format, get_format

_SHOWN = 80  # characters of a target in the report

MISREAD = pa.schema(
    {
        "id": pa.string(),
        "target": pa.string(),
        "expected": pa.int64(),
        "found": pa.int64(),
        "reason": pa.string(),
    }
)


@dataclass(frozen=True, eq=False)
class TargetLint:
    """What :func:`lint_targets` found.

    Args:
        rule: The harness format whose reader looked.
        rows: Targets looked at.
        unanswered: Rows left out because their answer, or their target, is withheld.
        misread: One row a misread target: ``id``, ``target`` (its first 80 characters),
            ``expected`` and ``found`` (options from 0), and ``reason``: ``cut`` (a stop string
            ends the reply before the answer), ``unread`` or ``misread``.
    """

    rule: str
    rows: int
    unanswered: int
    misread: pa.Table

    @property
    def ok(self) -> bool:
        """Whether every target is read as its answer."""
        return bool(self.misread.num_rows == 0)

    @property
    def counts(self) -> dict[str, int]:
        """How many targets for each reason."""
        return dict(Counter(self.misread["reason"].to_pylist()))

    def __str__(self) -> str:
        """Say how many are misread and why, with three examples."""
        why = ", ".join(f"{n} {reason}" for reason, n in sorted(self.counts.items())) or "none"
        lines = [f"{self.rule}: {self.misread.num_rows} of {self.rows} targets misread ({why})"]
        for row in self.misread.slice(0, 3).to_pylist():
            lines.append(f"  {row['id']}: {row['target']!r} read as {row['found']}, "
                         f"not {row['expected']} ({row['reason']})")  # fmt: skip
        return "\n".join(lines)


def lint_targets(data: Any, *, rule: str, column: str = "target") -> TargetLint:
    """Read every training target with a harness's own reader, and report what it misreads.

    A model learns the form of its targets: a form the reader cannot read scores nothing, however
    right the answer. ``mk.harness(rule, target="trained")`` writes targets that are read.

    Args:
        data: A table or a ``datasets`` Dataset with ``id``, the targets, and ``answer_index`` (or
            ``answer`` for yes/no/maybe formats); ``options`` where the format scores the options'
            texts. Prompt kernels carry columns along with ``keep=``.
        rule: A harness format.
        column: The targets: texts, or lists of messages whose last one is looked at.

    Returns:
        The report; it prints as a few lines.

    Raises:
        FormattingError: No such format, or a column is missing.

    Example:
        >>> rows = pa.table({"id": ["a", "b"], "target": ["정답: B", "B번입니다"],
        ...                  "answer_index": [1, 1]})
        >>> print(lint_targets(rows, rule="lm_eval/kormedmcqa@3.0"))
        lm_eval/kormedmcqa@3.0: 1 of 2 targets misread (1 unread)
          b: 'B번입니다' read as None, not 1 (unread)
    """
    format_ = get_format(rule)
    found: list[dict[str, Any]] = []
    rows = unanswered = 0
    columns = tuple(dict.fromkeys(("id", column, "answer_index", "answer", "options")))
    for table in tables(data, columns=columns, purpose="lint_targets()"):
        golds = _golds(format_, table)
        targets = _texts(table, column)
        options = table["options"].to_pylist() if "options" in table.column_names else None
        if options is None and format_.gold == "option":
            raise _missing("options", table)
        ids = table["id"].to_pylist() if "id" in table.column_names else [None] * len(golds)
        # Reading free text is a matter of regular expressions, one reply at a time.
        for place, (gold, target) in enumerate(zip(golds, targets, strict=True)):
            if gold is None or target is None:
                unanswered += 1
                continue
            rows += 1
            texts = options[place] if options else None
            one = _misread(format_, target, gold, texts)
            if one is not None:
                found.append({"id": ids[place], "target": target[:_SHOWN], "expected": gold, **one})
    return TargetLint(rule, rows, unanswered, pa.Table.from_pylist(found, schema=MISREAD))


def _misread(
    format_: Format, target: str, gold: int, options: Sequence[str] | None
) -> dict[str, Any] | None:
    read = extract(target, rule=format_.name, options=options).index
    if _scores(format_, read, gold, options):
        return None
    if format_.cut(target) != target:
        whole = format_.read(target, options or [""] * (format_.options or 26)).index
        if _scores(format_, whole, gold, options):
            return {"found": read, "reason": "cut"}
    return {"found": read, "reason": "unread" if read is None else "misread"}


def _scores(format_: Format, read: int | None, gold: int, options: Sequence[str] | None) -> bool:
    """Tell whether a reading scores; by text, equal options are right together."""
    if read is None or read == gold or options is None or format_.gold != "option":
        return read == gold
    return options[read].strip() == options[gold].strip()


def _golds(format_: Format, table: pa.Table) -> list[int | None]:
    if format_.words and "answer" in table.column_names:
        words = format_.words
        return [words.index(a) if a in words else None for a in table["answer"].to_pylist()]
    if "answer_index" not in table.column_names:
        raise _missing("answer" if format_.words else "answer_index", table)
    return list(table["answer_index"].to_pylist())


def _texts(table: pa.Table, column: str) -> list[str | None]:
    if column not in table.column_names:
        raise _missing(column, table)
    values = table[column].to_pylist()
    if pa.types.is_list(table[column].type):
        return [turns[-1]["content"] if turns else None for turns in values]
    return list(values)


def _missing(column: str, table: pa.Table) -> FormattingError:
    return FormattingError("looking at targets needs a column the data does not have",
                           column=column, found=", ".join(table.column_names),
                           expected="id, target, answer_index, options",
                           hint="prompt kernels carry columns along: keep=('options', "
                           "'answer_index')")  # fmt: skip
