"""Refuse what trainers accept in silence, before anything is written.

Of 32 malformed records tried, 21 pass a real trainer without a word: a turn of an unknown role
vanishes, a conversation kept as a JSON string gives no rows at all, an empty reply trains the
model to say nothing. :func:`lint` names every such row and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.columns import whole
from medqa_kit.core.messages import REASONED, text
from medqa_kit.core.opened import D, opened
from medqa_kit.core.ragged import Ints, widen
from medqa_kit.core.slices import slices
from medqa_kit.errors import FormattingError, shorten
from medqa_kit.training import lint_rules as rules

OnViolation = Literal["raise", "skip", "report"]

CODES: Mapping[str, str] = {
    "answer_outside_options": "answer_index points outside the options",
    "asked_among_options": "the question speaks of options it is to lose",
    "chosen_eq_rejected": "chosen and rejected are equal",
    "column_type": "a column has a type no trainer reads, such as messages kept as a JSON string",
    "completion_no_sep": "a string completion does not begin with its separator",
    "content_empty": "a text is blank",
    "content_not_str": "the content of a message is no string",
    "content_null": "a text is null",
    "duplicate_id": "two records share an id",
    "key_text_disagree": "the answer's text is not that of the option answer_index points to",
    "label_null": "the label of an unpaired preference is null",
    "last_not_assistant": "the last turn is no assistant's",
    "last_not_user": "a prompt does not end with a user's or a tool's turn",
    "messages_empty": "there are no messages",
    "mixed_columns": "strings and message lists side by side: which one trains is left to chance",
    "multi_turn": "the record holds one question and one reply, the row holds more turns",
    "no_wrong_option": "no option is wrong: an open question, or all options say the same",
    "null_key": "the answer is withheld or missing",
    "option_blank": "an option is null or blank",
    "over_length": "prompt and completion exceed the token budget",
    "prompt_ends_ws": "a string prompt ends in white space",
    "role_order": "user and assistant do not take turns",
    "role_unknown": "a role other than system, user, assistant and tool, or one the record lacks",
    "schema": "the record does not fit its JSON Schema",
    "special_literal": "text that tokenizers read as a control token",
    "system_not_first": "a system turn that is not the first",
    "think_in_source": "think tags that came with the data",
    "think_unbalanced": "a think tag without its counterpart",
    "too_many_options": "more than 26 options",
}


@dataclass(frozen=True)
class LintReport:
    """What :func:`lint` found.

    Args:
        rows: Rows looked at.
        dropped: Rows left out, with ``on_violation="skip"``.
        violations: ``row`` (position), ``id`` (null where the table has none), ``code`` and
            ``detail`` (null for most codes): one line for each row and code, in order.

    Example:
        >>> table = pa.table({"id": ["d/1"], "messages": [[{"role": "human", "content": "Q"}]]})
        >>> print(lint(table, on_violation="skip")[1])
        1 row, 1 dropped
          role_unknown 1: a role other than system, user, assistant and tool, or one the record lacks ('d/1')
    """

    rows: int
    dropped: int = 0
    violations: pa.Table = field(default_factory=lambda: _violations([], None, {}))

    @property
    def counts(self) -> dict[str, int]:
        """Rows by code, codes in alphabetical order."""
        found = self.violations["code"].value_counts().to_pylist()
        return dict(sorted((pair["values"], pair["counts"]) for pair in found))

    def ids(self, code: str) -> list[str | None]:
        """Ids of the rows that break one rule."""
        hit = pc.equal(self.violations["code"], code)
        return list(self.violations.filter(hit)["id"].to_pylist())

    def __bool__(self) -> bool:
        """True when something was found."""
        return bool(self.violations.num_rows)

    def __str__(self) -> str:
        head = f"{self.rows} row{'s' * (self.rows != 1)}, {self.dropped} dropped"
        lines = [
            f"  {code} {count}: {CODES[code]} ({_named(self, code)})"
            for code, count in self.counts.items()
        ]
        return "\n".join([head, *lines])


def _named(report: LintReport, code: str) -> str:
    ids = report.ids(code)
    if None not in ids:
        return shorten(ids)
    hit = pc.equal(report.violations["code"], code)
    return "rows " + shorten(report.violations.filter(hit)["row"].to_pylist())


def lint(data: D, *, on_violation: OnViolation = "raise") -> tuple[D, LintReport]:
    """Check rows before they train anything.

    Args:
        data: QA rows, or records in the column names of TRL (``messages``, ``prompt``,
            ``completion``, ``chosen``, ``rejected``, ``label``, ``text``); other columns are
            carried along. A ``pyarrow.Table`` or a ``datasets.Dataset``.
        on_violation: ``raise`` on the first kind of violation, ``skip`` the rows, or only
            ``report`` them.

    Returns:
        The data, without the bad rows when they are skipped, and a :class:`LintReport`.

    Raises:
        FormattingError: With ``on_violation="raise"``: which rows, and which rules they break.

    Example:
        >>> good = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
        >>> table = pa.table({"id": ["d/1", "d/2"], "messages": [good, good[:1]]})
        >>> kept, report = lint(table, on_violation="skip")
        >>> kept.num_rows, report.counts
        (1, {'last_not_assistant': 1})
    """
    table, back = opened(data, purpose="lint()")
    kept, report = settle(table, gather(table, problems), on_violation=on_violation)
    return data if kept is table else back(kept), report


def gather(
    table: pa.Table, look: Callable[[pa.Table], Iterable[tuple[str, Ints]]]
) -> list[tuple[str, Ints]]:
    """Look at a table slice by slice; the rows found are positions in the whole table."""
    return [(code, rows + start) for start, piece in slices(table) for code, rows in look(piece)]


def settle(
    table: pa.Table,
    found: Iterable[tuple[str, Ints]],
    *,
    on_violation: OnViolation,
    details: Mapping[int, str] | None = None,
    hint: str = "on_violation='skip' leaves such rows out and counts them",
) -> tuple[pa.Table, LintReport]:
    """Raise, skip or report what the rules found in a table."""
    ids = table["id"] if "id" in table.column_names else None
    violations = _violations(found, ids, details or {})
    report = LintReport(table.num_rows, 0, violations)
    if not report:
        return table, report
    if on_violation == "raise":
        raise violation(report, hint=hint)
    if on_violation == "skip":
        bad = np.unique(violations["row"].to_numpy())
        keep = np.ones(table.num_rows, bool)
        keep[bad] = False
        return table.filter(pa.array(keep)), LintReport(table.num_rows, len(bad), violations)
    return table, report


def violation(report: LintReport, *, hint: str) -> FormattingError:
    """Make the error that tells of a report."""
    counts = report.counts
    code = max(counts, key=lambda name: counts[name])
    others = ", ".join(f"{name} {n}" for name, n in counts.items() if name != code)
    return FormattingError(
        f"{counts[code]} of {report.rows} rows break the rule {code!r}: {CODES[code]}",
        found=_named(report, code) + (f"; besides: {others}" if others else ""),
        hint=hint,
    )


def _violations(
    found: Iterable[tuple[str, Ints]], ids: pa.ChunkedArray | None, details: Mapping[int, str]
) -> pa.Table:
    pairs = sorted({(int(row), code) for code, rows in found for row in rows})
    rows = pa.array([row for row, _ in pairs], pa.int64())
    told = [details.get(row) if code == "schema" else None for row, code in pairs]
    return pa.table(
        {
            "row": rows,
            "id": pa.nulls(len(pairs), pa.string())
            if ids is None
            else ids.take(rows).cast(pa.string()),
            "code": pa.array([code for _, code in pairs], pa.string()),
            "detail": pa.array(told, pa.string()),
        }
    )


_LISTS = ("messages", "prompt", "completion", "chosen", "rejected")


def problems(table: pa.Table) -> rules.Found:
    """Run the rules that fit the columns of one piece of a table.

    Raises:
        FormattingError: None of the columns is one the rules know.
    """
    names = set(table.column_names)
    if {"question", "answer"} <= names:
        yield from rules.question(table)
        return
    known = [name for name in (*_LISTS, "text") if name in names]
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
        yield "label_null", np.flatnonzero(np.asarray(whole(table["label"]).is_null()))


def _unread(name: str, type_: pa.DataType) -> str | None:
    """Tell what is wrong with the type of a column, if anything is."""
    if pa.types.is_string(type_):
        return "column_type" if name == "messages" else None
    if not pa.types.is_list(type_) or name == "text" or not pa.types.is_struct(type_.value_type):
        return "column_type"
    fields = {field.name: field.type for field in type_.value_type}
    if not {"role", "content"} <= set(fields):
        return "column_type"
    null_or_string = (pa.null(), pa.string())
    return None if fields["content"] in null_or_string else "content_not_str"


def _conversations(table: pa.Table, names: set[str]) -> rules.Found:
    lists = {name: widen(whole(table[name]), REASONED) for name in _LISTS if name in names}
    if "messages" in lists:
        yield from rules.conversation(lists["messages"])
    replies = [lists[name] for name in ("completion", "chosen", "rejected") if name in lists]
    if "prompt" in lists:
        yield from rules.conversation(lists["prompt"], part="prompt")
    for reply in replies:
        yield from rules.conversation(reply, part="reply" if "prompt" in lists else "whole")
    if {"chosen", "rejected"} <= names:
        yield from rules.same(lists["chosen"], lists["rejected"])


def _strings(table: pa.Table, names: set[str]) -> rules.Found:
    texts = {name: text(table, name) for name in (*_LISTS, "text") if name in names}
    for column in texts.values():
        yield from rules.plain(column)
    replies = [texts[name] for name in ("completion", "chosen", "rejected") if name in texts]
    if "prompt" in texts:
        yield from rules.think_tags(texts["prompt"])
        yield from rules.boundary(texts["prompt"], *replies)
    if {"chosen", "rejected"} <= names:
        yield from rules.same(texts["chosen"], texts["rejected"])
