"""Fit rows into a context window before a trainer cuts them.

Trainers disagree on what to do with a row that is too long: cut the answer off (TRL, mlx-lm), drop
the row (axolotl, ms-swift), cut both sides in proportion (LLaMA-Factory), or train on the prompt
because every token of the answer is gone (NeMo). :func:`fit` decides beforehand and says so. It
never cuts the question, the options or the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

from medqa_kit.core.apply import apply, run
from medqa_kit.core.arguments import one_of, whole_number
from medqa_kit.core.arrow.columns import empty_rows, whole, without_views
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.arrow.slices import slices
from medqa_kit.core.engines.known import EngineRows
from medqa_kit.core.holders import Opened, RowsT, is_stream, opened, over_batches, splits_of
from medqa_kit.core.judging import Judged, Tally, findings_of, rows_that_go_on
from medqa_kit.core.report import Report
from medqa_kit.core.selection import WithoutIds, choose, filtered
from medqa_kit.errors import ArgumentError, FormattingError, shorten
from medqa_kit.matching.row_texts import text_column
from medqa_kit.tokens.chat_templates import ChatTemplate, Tokenizer
from medqa_kit.tokens.counts import Counter, TokenCounts, token_counts
from medqa_kit.training.conversations import kind_of

Policy = Literal["drop", "trim_context", "trim_reasoning", "raise"]

_CLUSTER = regex.compile(r"\X")


def _quantiles(values: Ints) -> dict[str, int]:
    """Take quantiles as lengths that occur: the smallest that covers the share."""
    if not len(values):
        return {"p50": 0, "p95": 0, "max": 0}
    p50, p95 = np.quantile(values, [0.5, 0.95], method="inverted_cdf")
    return {"p50": int(p50), "p95": int(p95), "max": int(values.max())}


def fit(
    rows: RowsT,
    *,
    max_tokens: int,
    counter: Counter,
    policy: Policy = "drop",
    record: Callable[[pa.Table], pa.Table] | None = None,
    template: str | ChatTemplate | Tokenizer | None = None,
    variables: Mapping[str, Any] | None = None,
) -> tuple[RowsT, Report]:
    """Keep the rows whose prompt and reply, rendered, stay within a number of tokens.

    Args:
        rows: Records in TRL's column names; or, with ``record``, the rows they are made of.
            Any container of rows. Each text is counted once, of a stream too where its rows have ids of
            their own and none is to be trimmed.
        max_tokens: For prompt and reply together. What a trainer puts before and behind plain text, such
            as an end token, is not counted: leave room for it.
        counter: What counts, see :data:`medqa_kit.tokens.counts.Counter`.
        policy: ``drop`` rows that are too long; ``raise``; or make room by taking characters off
            the end of ``context`` or of the reasoning (``rationale``, ``reasoning``), as many as
            needed and never half a character, and drop the rows for which that is not enough. The context
            of a text is its end, and of a dialogue its last exchanges: the first one stays, and each
            ends with a reply.
            To trim, pass the rows and ``record``: in finished records they cannot be told apart.
        record: The kernel that will make records of the rows, such as ``mk.record(...)``.
        template: Chat template to count with, see :func:`medqa_kit.tokens.counts.token_counts`.
        variables: Variables of the template.

    Returns:
        The rows that fit, some of them trimmed, and the report: findings of code ``dropped`` or
        ``trimmed`` with ``tokens`` (``int64``), and in ``counts`` the quantiles of all rows as they
        came, such as ``prompt_p95``, ``completion_max``, ``together_p50``.

    Raises:
        ArgumentError: An argument is none of what it may be.
        FormattingError: A row is too long and the policy is ``raise``; or there is nothing to trim.

    Example:
        >>> table = pa.table({"id": ["d/1", "d/2"], "prompt": ["Q", "Q" * 99],
        ...                   "completion": [" A", " A"]})
        >>> kept, report = fit(table, max_tokens=50, counter=len)
        >>> kept["id"].to_pylist(), report.ids("dropped"), report.counts["together_max"]
        (['d/1'], ['d/2'], 101)
    """
    one_of("policy", policy, get_args(Policy))
    max_tokens = whole_number("max_tokens", max_tokens, least=1)
    if record is not None and not callable(record):
        raise ArgumentError(
            "record= takes a kernel", argument="record", expected="a function from table to table",
            found=shorten([record]), hint="record=mk.record('trl/prompt-completion')",
        )  # fmt: skip
    measure = _Measure(
        record, token_counts(counter=counter, template=template, variables=variables)
    )
    fitting = _Fitting(max_tokens, policy, measure)
    source = opened(rows)
    if policy in ("drop", "raise") and _are_named(source.rows):
        counted = _counted_once(source, fitting)
        if counted is not None:
            return counted
        fitting.lengths.clear()
    kept, report = run(source.rows, fitting)
    if isinstance(source.rows, EngineRows):  # its workers judged, and remember for themselves
        fitting.lengths.extend(over_batches(measure.of_batch, source.rows, threads=1))
    return source.back(kept), replace(report, counts=fitting.quantiles())


def _are_named(rows: Any) -> bool:
    """Check for rows that are made when they are asked for, and known by their ids or places then."""
    if isinstance(rows, EngineRows):
        return True
    return is_stream(rows) and all(
        "id" in (split.column_names or ()) for split in (splits_of(rows) or {"": rows}).values()
    )


def _counted_once(source: Opened[RowsT], fitting: _Fitting) -> tuple[RowsT, Report] | None:
    """Count rows in one pass, and choose those that fit; ``None`` where ids do not tell them apart."""
    tally, ids = Tally(fitting.judge, verb=fitting.verb), [pa.array([], pa.string())]
    for names, verdict, lengths in over_batches(
        fitting.verdict, source.rows, threads=1, verb="fit"
    ):
        tally.add(len(names), verdict)
        fitting.lengths.append(lengths)
        ids.append(names)
    report = replace(tally.report(), counts=fitting.quantiles())
    keep = np.ones(tally.rows, bool)
    keep[whole(tally.findings["row"]).to_numpy()] = False
    if not is_stream(source.rows):
        return source.back(choose(source.rows, keep)), report
    named = pa.concat_arrays(ids)
    dropped = named.filter(pa.array(~keep))
    if (
        dropped.null_count
        or pc.any(pc.is_in(named.filter(pa.array(keep)), value_set=dropped)).as_py()
    ):
        return None
    return source.back(apply(source.rows, WithoutIds(dropped))), report


@dataclass(frozen=True)
class _Fitting:
    """Judges the lengths of rows, and remembers those of all it sees."""

    max_tokens: int
    policy: Policy
    measure: _Measure
    lengths: list[tuple[Ints, Ints]] = field(default_factory=list, compare=False)

    verb = "fit"

    def __call__(self, table: pa.Table) -> pa.Table:
        return rows_that_go_on(self, table)

    def verdict(self, batch: pa.RecordBatch) -> tuple[pa.Array, Judged, tuple[Ints, Ints]]:
        """Judge a batch; return the ids of its rows, all that is said but the rows, and their lengths."""
        table = pa.Table.from_batches([batch])
        lengths = self.measure(table)
        judged = self._judged(table, lengths, None)
        return (text_column(batch, "id"), judged._replace(rows=empty_rows(table.schema)), lengths)

    def judge(self, table: pa.Table) -> Judged:
        column = _column(table, self.policy, self.measure.record)
        lengths = self.measure(table)
        self.lengths.append(lengths)
        return self._judged(table, lengths, column)

    def _judged(self, table: pa.Table, lengths: tuple[Ints, Ints], column: str | None) -> Judged:
        _, total = lengths
        over = np.flatnonzero(total > self.max_tokens)
        if self.policy == "raise" and len(over):
            raise _too_long(table, over, total, self.max_tokens)
        rest, fates = table, np.full(len(over), "dropped")
        if column and len(over):
            rest, trimmed = _trim(
                without_views(table),
                over,
                column,
                lambda rows: self.measure(rows)[1] <= self.max_tokens,
            )
            rest = rest.cast(table.schema)
            fates = np.where(trimmed, "trimmed", "dropped")
        keep = np.ones(table.num_rows, bool)
        keep[over[fates == "dropped"]] = False
        details = [f"{n:,} tokens, {self.max_tokens:,} allowed" for n in total[over].tolist()]
        findings = findings_of(table, over, fates.tolist(), details, tokens=pa.array(total[over]))
        return Judged(filtered(rest, keep), int(keep.sum()), findings)

    def quantiles(self) -> dict[str, int]:
        """Return p50, p95 and the most of prompt, completion and both together."""
        prompt, total = (np.concatenate([np.zeros(0, np.int64), *(pair[side] for pair in self.lengths)])
                         for side in (0, 1))  # fmt: skip
        sides = {"prompt": prompt, "completion": total - prompt, "together": total}
        return {f"{name}_{key}": value for name, values in sides.items()
                for key, value in _quantiles(values).items()}  # fmt: skip


@dataclass(frozen=True)
class _Measure:
    """Counts rows as the records they become."""

    record: Callable[[pa.Table], pa.Table] | None
    counts: TokenCounts

    def __call__(self, table: pa.Table) -> tuple[Ints, Ints]:
        pairs = [self._piece(piece) for _, piece in slices(table)]
        prompt, total = (np.concatenate(side) for side in zip(*pairs, strict=True))
        return prompt, total

    def of_batch(self, batch: pa.RecordBatch) -> tuple[Ints, Ints]:
        """Count the rows of a batch."""
        return self(pa.Table.from_batches([batch]))

    def _piece(self, piece: pa.Table) -> tuple[Ints, Ints]:
        records = piece if self.record is None else self.record(piece)
        if records.num_rows != piece.num_rows:
            raise FormattingError(
                "fit() needs one record a row", expected=f"{piece.num_rows} records",
                found=f"{records.num_rows}", hint="fit preferences before they become KTO records",
            )  # fmt: skip
        prompt, total = self.counts.lengths(records)
        return tuple(pc.fill_null(side, 0).to_numpy().astype(np.int64) for side in (prompt, total))


def _column(table: pa.Table, policy: Policy, record: object) -> str | None:
    """Find the column the policy may shorten."""
    if policy in ("drop", "raise"):
        return None
    columns = trimmed_columns(table.schema, policy)
    if record is None or not columns:
        wanted = (
            "context, or of dialogues or texts"
            if policy == "trim_context"
            else "rationale or reasoning"
        )
        raise FormattingError(
            f"policy={policy!r} has nothing to trim",
            expected=f"rows with {wanted}, and record= to make records of them",
            found=", ".join(table.column_names) + ("" if record else "; no record="),
            hint="policy='drop' works on any records",
        )
    return columns[0]


def trimmed_columns(schema: pa.Schema, policy: Policy) -> list[str]:
    """Return the columns that a policy can shorten in rows of a schema; only the first is.

    Example:
        >>> trimmed_columns(pa.schema([("id", pa.string()), ("text", pa.string())]), "trim_context")
        ['text']
    """
    if policy == "trim_reasoning":
        return [name for name in ("rationale", "reasoning") if name in schema.names]
    names = set(schema.names)
    whole_rows = {"text"} if not names & _BESIDE_TEXT else set()
    return [
        name
        for name in ("context", "messages", "text")
        if name in names & {"context", "messages", *whole_rows}
    ]


_BESIDE_TEXT = {
    "translation",
    "tokens",
    "label",
    "question",
    "prompt",
}  # of a row that is more than a text


def _ends(value: Any) -> list[int]:
    """Return where a value may end.

    A text after whole characters as readers see them, never inside a Khmer syllable or a decomposed Hangul
    one; a dialogue after a reply.
    """
    if isinstance(value, list):
        replies = [
            at for at, message in enumerate(value, 1) if message and message["role"] == "assistant"
        ]
        return [*replies, *([len(value)] if value and len(value) not in replies else [])]
    return [match.end() for match in _CLUSTER.finditer(value or "")]


def _trim(
    table: pa.Table, over: Ints, column: str, fits: Callable[[pa.Table], np.ndarray]
) -> tuple[pa.Table, np.ndarray]:
    """Shorten one column of the rows over budget to the longest beginning that fits.

    All rows are halved together: about twenty rounds of rendering and counting, however many rows.
    """
    rows = table.take(pa.array(over))
    at, field = rows.column_names.index(column), rows.schema.field(column)
    values = rows[column].to_pylist()
    ends = list(map(_ends, values))
    least = (
        0 if column not in ("messages", "text") else 1
    )  # of a row that is nothing else, something stays

    def cut(sizes: Ints) -> pa.Table:
        kept = [
            value[: marks[size - 1]] if value and size else None
            for value, marks, size in zip(values, ends, sizes.tolist(), strict=True)
        ]
        return rows.set_column(at, field, pa.array(kept, field.type))

    high = np.array([len(marks) for marks in ends], np.int64)  # does not fit
    low = np.minimum(high, least)  # fits, if anything does
    possible = fits(cut(low))
    while (wide := possible & (high - low > 1)).any():
        middle = np.where(wide, (low + high) // 2, low)
        good = fits(cut(middle))
        low, high = np.where(wide & good, middle, low), np.where(wide & ~good, middle, high)
    order = np.arange(table.num_rows)
    order[over] = table.num_rows + np.arange(len(over))
    return pa.concat_tables([table, cut(low)]).take(pa.array(order)), possible


def _too_long(table: pa.Table, over: Ints, total: Ints, most: int) -> FormattingError:
    findings = findings_of(table, over, ["over_length"] * len(over))
    named = over.tolist() if findings["id"].null_count else findings["id"].to_pylist()
    return FormattingError(
        f"{len(over)} of {table.num_rows} rows are over length: they exceed {most} tokens",
        expected=f"at most {most} for prompt and reply together",
        found=f"up to {int(total.max())}: {shorten(named)}",
        hint="policy='drop' leaves them out and reports them"
        + (
            ", policy='trim_context' shortens their context"
            if kind_of(table.schema) == "qa"
            else ""
        ),
    )
