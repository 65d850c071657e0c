"""Violations of rules: the table of their codes, and what to do with rows that have one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.ragged import Ints, Mask, distinct
from medqa_kit.core.arrow.usual_types import in_usual_types
from medqa_kit.core.judging import Judged, OnBad, findings_of, judged_in_slices
from medqa_kit.core.selection import choose
from medqa_kit.errors import FormattingError, shorten

Violations: TypeAlias = Iterable[tuple[str, Ints]]
"""Pairs of a code and the rows, counted from 0, that break its rule. A row may stand in several."""

CODES: Mapping[str, str] = {
    "answer_outside_options": "answer_index points outside the options",
    "asked_among_options": "the question refers to options that to_open() takes away",
    "call_unmatched": "the result of a tool answers no call of its row, or a call has no result",
    "chosen_eq_rejected": "chosen and rejected are equal, or differ in blanks and width alone",
    "column_type": "a column has a type no trainer reads, such as messages kept as a JSON string",
    "completion_no_sep": "a string completion does not begin with its separator: "
    "the last token of the prompt would change",
    "content_empty": "a text is blank, or holds only what does not show, such as U+200B",
    "content_not_str": "the content of a message is not a string",
    "content_null": "a text is null",
    "duplicate_id": "two records share an id, which check_records() tells",
    "field_lost": "a message has a field that the record cannot hold, such as tool_calls, or the row has "
    "tools, images or the like, which keep= carries along",
    "key_text_disagree": "the answer's text is not that of the option answer_index points to",
    "label_null": "the label of an unpaired preference is null",
    "last_not_assistant": "the last turn is not the assistant's",
    "last_not_user": "a prompt does not end with a turn of a user or a tool",
    "messages_empty": "there are no messages",
    "mixed_columns": "strings and message lists stand side by side: "
    "which of them trains changes from run to run",
    "multi_turn": "the record holds one question and one reply, the row holds more turns",
    "no_wrong_option": "no option is wrong: an open question, or all options are the same",
    "null_key": "the answer is withheld or missing",
    "option_blank": "an option is null or blank",
    "over_length": "prompt and completion exceed the token budget of fit()",
    "prompt_ends_ws": "a string prompt ends in white space, which edges='trim' removes",
    "role_order": "user and assistant do not take turns",
    "role_unknown": "a role other than system, user, assistant and tool, or one the record lacks",
    "schema": "the record does not fit its JSON Schema; detail names the place",
    "special_literal": "the text holds what tokenizers read as a control token",
    "system_not_first": "a system turn is not the first turn",
    "think_in_source": "think tags came with the data",
    "think_unbalanced": "a think tag has no counterpart",
    "too_many_options": "more than 26 options",
}
"""What each code means; ``docs/training_records.md`` shows the same table."""

_NAMES = sorted(CODES)


def broken(violations: Violations, rows: int) -> Mask:
    """Mark the rows that break a rule.

    Example:
        >>> broken([("null_key", np.array([1]))], 3).tolist()
        [False, True, False]
    """
    marks = np.zeros(rows, bool)
    for _, places in violations:
        marks[places] = True
    return marks


def violation_findings(table: pa.Table, violations: Violations) -> pa.Table:
    """List violations as findings: one line for each row and code, in the order of the rows.

    Args:
        table: Its ``id`` column names the rows where there is one.
        violations: Which rows break which rules.

    Returns:
        See :class:`medqa_kit.core.report.Report`; ``detail`` holds what the code means.

    Example:
        >>> violation_findings(pa.table({"id": ["d/1"]}), [("null_key", np.array([0]))]).to_pylist()
        [{'row': 0, 'id': 'd/1', 'code': 'null_key', 'detail': 'the answer is withheld or missing'}]
    """
    keys = [np.asarray(rows, np.int64) * len(_NAMES) + _NAMES.index(code)
            for code, rows in violations]  # fmt: skip
    rows, places = np.divmod(distinct(np.concatenate([np.zeros(0, np.int64), *keys])), len(_NAMES))
    codes = pa.array(_NAMES).take(pa.array(places))
    meanings = pa.array([CODES[name] for name in _NAMES]).take(pa.array(places))
    return findings_of(table, rows, codes, meanings)


def judged(
    table: pa.Table,
    look: Callable[[pa.Table], Violations],
    make: Callable[[pa.Table], pa.Table] | None,
    *,
    on_bad: OnBad,
) -> Judged:
    """Make something of the rows that break no rule, slice by slice.

    Args:
        table: The rows.
        look: Returns what is wrong with the rows of a slice.
        make: Makes something of the rows that go on; ``None`` keeps them as they are.
        on_bad: What becomes of rows that break a rule.

    Raises:
        FormattingError: Some do, and ``on_bad`` is ``"raise"``.
    """

    def judge(piece: pa.Table) -> Judged:
        usual = in_usual_types(piece)  # data frames bring others
        violations = list(look(usual))
        rest = choose(
            usual if make else piece, (on_bad == "keep") | ~broken(violations, piece.num_rows)
        )
        return Judged(
            make(rest) if make else rest, rest.num_rows, violation_findings(piece, violations)
        )

    return raised(judged_in_slices(table, judge), table.num_rows, on_bad=on_bad)


def raised(verdict: Judged, rows: int, *, on_bad: OnBad) -> Judged:
    """Return a verdict, or raise if it lists anything and ``on_bad`` is ``"raise"``.

    Raises:
        FormattingError: Which rows of how many break which rules.
    """
    if on_bad == "raise" and len(verdict.findings):
        raise refusal(verdict.findings, rows)
    return verdict


def refusal(findings: pa.Table, rows: int) -> FormattingError:
    """Return the error that names the rule broken most often, the rows that break it, and the rest."""
    (code, number), *others = Counter(findings["code"].to_pylist()).most_common()
    of_code = findings.filter(pa.compute.equal(findings["code"], code))
    ids = of_code["id"].to_pylist()
    named = shorten(ids) if None not in ids else "rows " + shorten(of_code["row"].to_pylist())
    besides = ", ".join(f"{name} {count}" for name, count in others)
    return FormattingError(
        f"{number} of {rows} rows break the rule {code!r}: {CODES[code]}",
        found=named + (f"; besides: {besides}" if besides else ""),
        hint="on_bad='drop' leaves such rows out, counts and lists them",
    )
