"""Scores of replies: accuracy with its interval, by group, by rule, and on clean items only."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import did_you_mean, instance, one_of, several, several_texts, some_of
from medqa_kit.core.arrow.columns import list_lengths
from medqa_kit.core.holders import batches
from medqa_kit.core.progress import watched_each
from medqa_kit.core.report import Report
from medqa_kit.core.showing.shown import html_of
from medqa_kit.core.tables import cell, counted, text_table
from medqa_kit.errors import ArgumentError, EmptyDataError, SchemaError, shorten
from medqa_kit.evaluation.accuracy import Accuracy, McNemar
from medqa_kit.evaluation.extract import extract
from medqa_kit.evaluation.replies import Replies, replies_by_row
from medqa_kit.prompting.options import index_of, option_lists

_NEEDED = ("id", "question", "options", "answer_index")


@dataclass(frozen=True, eq=False, repr=False)
class Score:
    """The score of a model's replies on an exam.

    Attributes:
        rows: One row a reply: ``id``, the columns of ``by``, ``answer_index``, and for each rule
            ``read`` (index or null), ``reason`` and ``right``, named ``rule:read`` and so on.
        rules: The rules, in the order in which they were asked for.
        by: The columns of the groups.
        notes: What a person should know.

    Example:
        >>> exam = pa.table({"id": ["a", "b"], "question": ["Q?", "R?"], "options": [["x", "y"], ["x", "y"]],
        ...                  "answer_index": [0, 1]})
        >>> result = score(["A", "A"], exam)
        >>> result.accuracy, result.overall.right
        (0.5, 1)
    """

    rows: pa.Table
    rules: tuple[str, ...]
    by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    _accuracies: dict[str, Accuracy] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules:
            self._accuracies[rule] = _accuracy(self.rows, rule)

    @property
    def overall(self) -> Accuracy:
        """The accuracy by the first rule."""
        return self._accuracies[self.rules[0]]

    @property
    def accuracy(self) -> float:
        """The share of right replies by the first rule."""
        return self.overall.accuracy

    def of(self, rule: str) -> Accuracy:
        """Return the accuracy by one of the rules.

        Raises:
            ArgumentError: It is none of them.
        """
        return self._accuracies[one_of("rule", rule, self.rules)]

    def groups(self, *columns: str, rule: str | None = None) -> dict[tuple[Any, ...], Accuracy]:
        """Return the accuracy of each group of rows.

        Args:
            columns: Columns of ``rows``; those of ``by`` by default. Without any, all rows are one group.
            rule: One of the rules; the first by default.

        Raises:
            ArgumentError: There is no such column or rule, or the column holds lists.
        """
        names = some_of("columns", columns or self.by, self.rows.column_names)
        for name in names:
            _groupable(name, self.rows.schema.field(name).type)
        values = [self.rows[name].to_pylist() for name in names]
        keys = list(zip(*values, strict=True)) if values else [()] * len(self.rows)
        order: dict[tuple[Any, ...], list[int]] = {}
        for row, key in enumerate(keys):  # an exam has a few thousand rows
            order.setdefault(key, []).append(row)
        return {
            key: _accuracy(self.rows.take(pa.array(places)), rule or self.rules[0])
            for key, places in sorted(order.items(), key=lambda pair: tuple(map(_rank, pair[0])))
        }

    def average(self, *columns: str, weight_by_size: bool = True) -> float:
        """Return the mean of the groups, as lm-eval averages the tasks of a group.

        Args:
            columns: Columns of the groups; those of ``by`` by default.
            weight_by_size: Whether a group counts by its rows (lm-eval's default) or all alike.
        """
        groups = [group for group in self.groups(*columns).values() if group.rows]
        weights = [group.rows if weight_by_size else 1 for group in groups]
        values = [group.accuracy for group in groups]
        return float(np.average(values, weights=weights)) if groups else math.nan

    def compare(self, first: str, second: str) -> McNemar:
        """Compare two rules on the same replies; see :class:`McNemar`."""
        some_of("rule", (first, second), self.rules)
        left, right = (np.asarray(self.rows[f"{rule}:right"].fill_null(False), bool)
                      for rule in (first, second))  # fmt: skip
        alone, lone = int((left & ~right).sum()), int((right & ~left).sum())
        total = alone + lone
        tail = sum(math.comb(total, k) for k in range(min(alone, lone) + 1)) / 2**total
        return McNemar(alone, lone, min(1.0, 2 * tail))

    def __str__(self) -> str:
        lines = [self._headline, *text_table(self._table(), indent="  ")]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)

    __repr__ = __str__

    def to_json(self) -> str:
        """Return it as JSON: the accuracies by rule and by group, and the notes, without the rows."""
        of_rules = {rule: _plain(self.of(rule)) for rule in self.rules}
        groups = [
            {"rule": rule, **dict(zip(self.by, key, strict=True)), **_plain(accuracy)}
            for rule in self.rules for key, accuracy in self.groups(rule=rule).items() if self.by
        ]  # fmt: skip
        content = {
            "rows": len(self.rows),
            "rules": of_rules,
            "groups": groups,
            "notes": list(self.notes),
        }
        return json.dumps(content, ensure_ascii=False, default=str)

    def _repr_html_(self) -> str:
        return html_of([self._headline, self._table(), *self.notes])

    @property
    def _headline(self) -> str:
        return f"score: {counted(len(self.rows), 'row')}"

    def _table(self) -> list[tuple[str, ...]]:
        head = ("rule", *self.by, "rows", "right", "wrong", "unread", "accuracy", "95%")
        lines = [_line((rule, *("all" for _ in self.by)), self.of(rule)) for rule in self.rules]
        if self.by:
            lines += [_line((rule, *(cell(str(part)) for part in key)), accuracy)
                      for rule in self.rules for key, accuracy in self.groups(rule=rule).items()]  # fmt: skip
        return [head, *lines]


def _rank(value: Any) -> tuple[int, Any, str]:
    """Return what sorts numbers by value, then texts, then nulls."""
    if isinstance(value, int | float):
        return 0, value, ""
    return (2 if value is None else 1), 0, str(value)


def _groupable(name: str, type_: pa.DataType) -> None:
    if pa.types.is_nested(type_):
        raise ArgumentError("rows cannot be grouped by a column of lists", argument="by", found=f"{name}: {type_}",
                            expected="a column of text, numbers or dates",
                            hint="add a column with one value a row, and group by that")  # fmt: skip


def _plain(accuracy: Accuracy) -> dict[str, Any]:
    """Return an accuracy as values that JSON has."""
    shares = {
        "accuracy": accuracy.accuracy,
        "low": accuracy.interval[0],
        "high": accuracy.interval[1],
    }
    finite = {name: share if math.isfinite(share) else None for name, share in shares.items()}
    return asdict(accuracy) | finite


def _line(names: tuple[str, ...], accuracy: Accuracy) -> tuple[str, ...]:
    low, high = accuracy.interval
    counts = (cell(number) for number in astuple(accuracy))
    return (*names, *counts, f"{accuracy.accuracy:.4f}", f"{low:.3f}–{high:.3f}")


def _accuracy(rows: pa.Table, rule: str) -> Accuracy:
    known = rows.filter(pc.is_valid(rows["answer_index"]))
    right = int(pc.sum(known[f"{rule}:right"]).as_py() or 0)
    unread = known[f"{rule}:read"].null_count
    return Accuracy(len(known), right, len(known) - right - unread, unread)


def score(
    replies: Replies,
    exam: Any,
    *,
    rule: str | Sequence[str] = "robust",
    by: Sequence[str] = (),
    contamination: Report | None = None,
) -> Score:
    """Score a model's replies on an exam.

    Args:
        replies: A reply for each row: a list in the exam's order, a dict by id, rows with ``id`` and
            ``completion``, or a file: JSON Lines with ``id`` and ``completion``, samples that lm-eval
            logs, or an inspect_ai log as JSON. A missing reply counts as unread.
        exam: The rows that were asked: ``id``, ``question``, ``options``, ``answer_index``.
        rule: How answers are read, see :func:`medqa_kit.extract`; several rules are compared.
        by: Columns of the exam to group by, such as ``["subset"]``.
        contamination: What :func:`medqa_kit.search` or :func:`medqa_kit.exclude` found in a training
            set with this exam held out: a column ``touched`` tells items apart that were found there,
            and the clean score is that of the others.

    Returns:
        The score; rows whose answer is withheld stand in it and count nowhere.

    Raises:
        EmptyDataError: The exam has no rows.
        SchemaError: The exam lacks a column, or its answers are no places.
        AnswerError: An answer lies outside the options of its row.
        ArgumentError: An argument is wrong, or the replies do not fit the exam.
        FormatError: The file cannot be read.

    Example:
        >>> exam = pa.table({"id": ["x/1", "x/2"], "question": ["Why?", "How?"],
        ...                  "options": [["a", "b"], ["c", "d"]], "answer_index": [0, 1]})
        >>> score(["정답은 A입니다.", "모르겠습니다"], exam).overall
        1 of 2 rows right, 1 unread: 50.0% (95%: 9.5% to 90.5%)
    """
    rules = (rule,) if isinstance(rule, str) else tuple(dict.fromkeys(several("rule", rule)))
    if not rules:
        raise ArgumentError("no rule is named", argument="rule", expected="one rule, or several", found="none",
                            hint="leave rule= out for our own")  # fmt: skip
    groups = tuple(dict.fromkeys(several_texts("by", by)))
    table = _exam(exam, groups)
    ids = [str(name) for name in table["id"].to_pylist()]
    ordered = replies_by_row(replies, ids, table["question"].to_pylist())
    columns: dict[str, Any] = {"id": table["id"], **{name: table[name] for name in groups}}
    columns["answer_index"] = table["answer_index"]
    for name in rules:
        columns |= _read(ordered, table, name)
    notes = [f"{n:,} of {len(ids):,} rows have no reply" for n in [ordered.count(None)] if n]
    if contamination is not None:
        columns["touched"] = _touched(contamination, ids)
        groups, notes = (*groups, "touched"), [*notes, "touched: found in the training set"]
    return Score(pa.table(columns), tuple(rules), groups, tuple(notes))


def _exam(exam: Any, by: Sequence[str]) -> pa.Table:
    wanted = [*dict.fromkeys((*_NEEDED, *by))]
    tables = [pa.Table.from_batches([batch]) for batch in batches(exam)]
    if not tables:
        raise EmptyDataError("the exam has no rows", expected="the rows that were asked",
                             hint="load another split, or other years")  # fmt: skip
    names = tables[0].column_names
    if absent := [name for name in wanted if name not in names]:
        raise SchemaError(f"the exam lacks {', '.join(absent)}", expected=", ".join(wanted),
                          found=", ".join(names), hint=did_you_mean(absent[0], names) or "mk.load gives such rows, and mk.read(file, question=…, options=…, answer=…) makes them of your own")  # fmt: skip
    for name in by:
        _groupable(name, tables[0].schema.field(name).type)
    return pa.concat_tables([_answered(table.select(wanted)) for table in tables])


def _answered(table: pa.Table) -> pa.Table:
    """Return a table whose answers are places among the options; others are refused."""
    column, place = table["answer_index"], table.schema.get_field_index("answer_index")
    try:
        if not any(
            is_(column.type)
            for is_ in (pa.types.is_integer, pa.types.is_floating, pa.types.is_null)
        ):
            raise pa.ArrowInvalid("no number")
        index = column.cast(pa.int32())
    except pa.ArrowInvalid as error:
        raise SchemaError("the answers are no places among the options", column="answer_index",
                          expected="whole numbers from 0", found=f"{column.type}, as {shorten(column[:1].to_pylist())}",
                          hint="mk.load gives normalised rows") from error  # fmt: skip
    table = table.set_column(place, "answer_index", index)
    for batch in table.to_batches():
        options = option_lists(batch["options"])
        chosen = pa.array(list_lengths(options) > 0)
        index_of(batch.filter(chosen), options.filter(chosen))
    return table


def _read(replies: Sequence[str | None], table: pa.Table, rule: str) -> dict[str, pa.Array]:
    # Reading free text is a matter of regular expressions, one reply at a time.
    cases = zip(replies, table["options"].to_pylist(), table["question"].to_pylist(), strict=True)
    readings = [
        None if reply is None else extract(reply, options=options or None, rule=rule, question=stem)
        for reply, options, stem in watched_each(
            cases, verb="score", unit="replies", total=len(replies)
        )
    ]
    read = pa.array([reading and reading.index for reading in readings], pa.int32())
    reason = pa.array(["no reply" if r is None else r.reason for r in readings], pa.string())
    right = pc.fill_null(pc.equal(read, table["answer_index"].cast(pa.int32())), False)
    return {f"{rule}:read": read, f"{rule}:reason": reason, f"{rule}:right": right}


def _touched(contamination: Report, ids: Sequence[str]) -> pa.Array:
    instance(
        "contamination", contamination, Report, expected="a Report", hint="mk.search(rows, holdout)"
    )
    findings = contamination.findings
    if "held_id" not in findings.column_names:
        raise SchemaError("the report names no held items", column="held_id", found=", ".join(findings.column_names),
                          hint="pass what mk.search or mk.exclude returned")  # fmt: skip
    return pc.is_in(pa.array(ids), value_set=findings["held_id"].combine_chunks().unique())
