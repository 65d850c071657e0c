"""Refuse what trainers accept in silence, before anything is written.

Of 32 malformed records tried, 21 pass a real trainer without a word: a turn of an unknown role
vanishes, a conversation kept as a JSON string gives no rows at all, an empty reply trains the
model to say nothing. :func:`lint` names every such row and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pyarrow as pa

from medqa_kit.core.apply import run
from medqa_kit.core.arguments import one_of
from medqa_kit.core.arrow.columns import empty_rows, whole
from medqa_kit.core.arrow.messages import MESSAGE_LISTS, message_type, text
from medqa_kit.core.arrow.ragged import widen
from medqa_kit.core.engines.dataset_rows import view_of
from medqa_kit.core.holders import Rows, RowsT, batches, opened, splits_of
from medqa_kit.core.judging import Judged, OnBad, Tally, rows_that_go_on
from medqa_kit.core.kernel import Pipeline
from medqa_kit.core.progress import progress_bar
from medqa_kit.core.report import Report
from medqa_kit.errors import FormattingError
from medqa_kit.training import lint_rules as rules
from medqa_kit.training.marks import control_tokens, think_tags
from medqa_kit.training.question_rules import question_problems
from medqa_kit.training.violations import Violations, judged, refusal

_BESIDE_PROMPTS = {"target", "reasoning", "system"}  # what prompt kernels write, and records hold
_OF_QUESTIONS = ("id", "question", "context", "options", "answer", "answer_index", "rationale")


@dataclass(frozen=True)
class Lint:
    """Kernel that keeps rows as they are and lists what is wrong with them."""

    on_bad: OnBad = "raise"

    @property
    def verb(self) -> str:
        """Name of the kernel in reports."""
        return "lint"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the rows that go on; warn of the others."""
        return rows_that_go_on(self, table)

    def judge(self, table: pa.Table) -> Judged:
        """Check rows, and list which rules they break."""
        return judged(table, record_problems, None, on_bad=self.on_bad)


def lint(rows: RowsT, *, on_bad: OnBad = "raise") -> tuple[RowsT, Report]:
    """Check rows before they train anything.

    Args:
        rows: QA rows, or records in the column names of TRL (``messages``, ``prompt``,
            ``completion``, ``chosen``, ``rejected``, ``label``, ``text``); other columns are
            carried along. Anything :func:`medqa_kit.apply` takes.
        on_bad: What becomes of rows that break a rule: ``"raise"`` an error, ``"drop"`` them, or
            ``"keep"`` all and list them.

    Returns:
        The rows in the same kind of container, without the bad ones when they are dropped, and a report
        with the codes of :data:`medqa_kit.training.violations.CODES`.

    Raises:
        ArgumentError: ``on_bad`` is another word, or no container of rows was passed.
        FormattingError: With ``on_bad="raise"``: which rows, and which rules they break. Or no
            column is one the rules know.

    Example:
        >>> good = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
        >>> table = pa.table({"id": ["d/1", "d/2"], "messages": [good, good[:1]]})
        >>> kept, report = lint(table, on_bad="drop")
        >>> kept.num_rows, report.by("code")
        (1, {'last_not_assistant': 1})
    """
    one_of("on_bad", on_bad, get_args(OnBad))
    source = opened(rows)
    if on_bad == "drop":
        kept, report = run(source.rows, Lint("drop"))
        return source.back(kept), report
    tally = _looked_at(source.rows)
    if on_bad == "raise" and len(tally.findings):
        raise refusal(tally.findings, tally.rows)
    return source.back(source.rows), tally.report()


def _looked_at(rows: Rows) -> Tally:
    """Find what is wrong with rows; those of a view as they lie in memory, since no rule looks at two."""
    kernel = Lint("keep")
    tally = Tally(kernel.judge, verb="lint")
    for part in (splits_of(rows) or {"": rows}).values():
        view = view_of(part)
        if view is None:
            _look(batches(part, columns=_columns_read(part), verb="lint"), tally)
            continue
        own, places, size = Tally(kernel.judge), [np.zeros(0, np.int64)], len(view.places)
        with progress_bar("lint", total=size) as advance:
            for near, table in view.stretches():
                places.append(near)
                _look(batches(table), own)
                advance(len(near))
        found_at = np.concatenate(places)[own.findings["row"].to_numpy()]
        nothing = empty_rows(view.table.schema)
        tally.add(size, Judged(nothing, size, view.findings_shown(found_at, own.findings)))
    return tally


def _columns_read(rows: Any) -> tuple[str, ...] | None:
    """Return the columns of questions that rules look at, so that a stream copies no others; all of records."""
    names: Sequence[str] | None = getattr(rows, "column_names", None)
    return _OF_QUESTIONS if names and {"question", "answer"} <= set(names) else None


def _look(read: Iterable[pa.RecordBatch], tally: Tally) -> None:
    work = Pipeline((tally,))  # tells what does not fit
    for batch in read:
        work(pa.Table.from_batches([batch]))


def record_problems(table: pa.Table) -> Violations:
    """Run the rules that fit the columns of a table.

    Raises:
        FormattingError: None of the columns is one the rules know.
    """
    names = set(table.column_names)
    if {"question", "answer"} <= names:
        yield from question_problems(table)
        return
    known = [name for name in (*MESSAGE_LISTS, "text") if name in names]
    if not known:
        raise FormattingError(
            "there is nothing to check in these columns",
            expected="the QA schema, or some of messages, prompt, completion, chosen, rejected, text",
            found=", ".join(table.column_names),
            hint="records of other trainers are checked by mk.check_records(rows, record=name)",
        )
    every = np.arange(table.num_rows)
    unread = [code for name in known if (code := _unread(name, table.schema.field(name).type))]
    if unread:
        yield unread[0], every
        return
    as_lists = [pa.types.is_list(table.schema.field(name).type) for name in known]
    if any(as_lists) and not all(as_lists):
        yield "mixed_columns", every
        return
    yield from _conversations(table, names) if all(as_lists) else _strings(table, names)
    if "label" in names and "completion" in names:
        label = whole(table["label"])
        yield "label_null", np.flatnonzero(np.asarray(label.is_null()))
        if label.type not in (pa.bool_(), pa.null()):
            yield "column_type", every
    if "prompt" in names:
        for name in names & _BESIDE_PROMPTS:
            yield from control_tokens(text(table, name))


def _unread(name: str, type_: pa.DataType) -> str | None:
    """Return the code of what is wrong with the type of a column, if anything is."""
    if pa.types.is_string(type_):
        return "column_type" if name == "messages" else None
    if pa.types.is_list(type_) and pa.types.is_null(type_.value_type):
        return "messages_empty"
    if not pa.types.is_list(type_) or name == "text" or not pa.types.is_struct(type_.value_type):
        return "column_type"
    fields = {field.name: field.type for field in type_.value_type}
    if not {"role", "content"} <= set(fields):
        return "column_type"
    null_or_string = (pa.null(), pa.string())
    return None if fields["content"] in null_or_string else "content_not_str"


def _conversations(table: pa.Table, names: set[str]) -> Violations:
    columns = {name: whole(table[name]) for name in MESSAGE_LISTS if name in names}
    lists = {
        name: widen(column, message_type(column, apart=True, marks=True))
        for name, column in columns.items()
    }
    if "messages" in lists:
        yield from rules.conversation(lists["messages"])
    replies = [lists[name] for name in ("completion", "chosen", "rejected") if name in lists]
    if "prompt" in lists:
        yield from rules.conversation(lists["prompt"], part="prompt")
    for reply in replies:
        yield from rules.conversation(reply, part="reply" if "prompt" in lists else "whole")
    if {"chosen", "rejected"} <= names:
        yield from rules.equal_replies(lists["chosen"], lists["rejected"])


def _strings(table: pa.Table, names: set[str]) -> Violations:
    texts = {name: text(table, name) for name in (*MESSAGE_LISTS, "text") if name in names}
    for column in texts.values():
        yield from rules.plain_texts(column)
    replies = [texts[name] for name in ("completion", "chosen", "rejected") if name in texts]
    if "prompt" in texts:
        yield from think_tags(texts["prompt"])
        yield from rules.boundary(texts["prompt"], *replies)
    if {"chosen", "rejected"} <= names:
        yield from rules.equal_replies(texts["chosen"], texts["rejected"])
