"""Fit rows into a context window before a trainer cuts them.

Trainers disagree on what to do with a row that is too long: cut the answer off (TRL, mlx-lm), drop
the row (axolotl, ms-swift), cut both sides in proportion (LLaMA-Factory), or train on the prompt
because every token of the answer is gone (NeMo). :func:`fit` decides beforehand and says so. It
never cuts the question, the options or the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

from medqa_kit.core.messages import text
from medqa_kit.core.opened import D, opened
from medqa_kit.core.ragged import Ints
from medqa_kit.core.slices import slices
from medqa_kit.errors import FormattingError, shorten
from medqa_kit.tokens.chat_templates import ChatTemplate, Tokenizer
from medqa_kit.tokens.counts import Counter, TokenCounts, token_counts
from medqa_kit.training.conversations import kind_of

Policy = Literal["drop", "trim_context", "trim_reasoning", "raise"]

_CODE = "over_length"
_OVER = pa.schema(
    {
        "row": pa.int64(),
        "id": pa.string(),
        "code": pa.string(),
        "tokens": pa.int64(),
        "fate": pa.string(),
    }
)
_CLUSTER = regex.compile(r"\X")


@dataclass(frozen=True)
class FitReport:
    """What :func:`fit` did.

    Args:
        rows: Rows looked at.
        max_tokens: The budget.
        lengths: ``prompt_tokens``, ``completion_tokens``: one line a row, as it came.
        over: The rows over budget, like the violations of a lint: ``row`` (position), ``id``,
            ``code`` (``over_length``), and besides ``tokens`` and ``fate`` (``dropped`` or
            ``trimmed``).

    Example:
        >>> table = pa.table({"id": ["d/1"], "prompt": ["Q" * 30], "completion": [" A"]})
        >>> print(fit(table, max_tokens=20, counter=len, policy="drop")[1])
        1 row, 1 over 20 tokens: 1 dropped ('d/1'), 0 trimmed
                        p50    p95    max
          prompt         30     30     30
          completion      2      2      2
          together       32     32     32
    """

    rows: int
    max_tokens: int
    lengths: pa.Table
    over: pa.Table

    def ids(self, fate: Literal["dropped", "trimmed"]) -> list[str | None]:
        """Ids of the rows that were dropped, or trimmed."""
        return list(self.over.filter(pc.equal(self.over["fate"], fate))["id"].to_pylist())

    @property
    def dropped(self) -> int:
        """Number of rows left out."""
        return len(self.ids("dropped"))

    @property
    def trimmed(self) -> int:
        """Number of rows made shorter."""
        return len(self.ids("trimmed"))

    @property
    def quantiles(self) -> dict[str, dict[str, int]]:
        """``p50``, ``p95`` and ``max`` of ``prompt``, ``completion`` and both ``together``."""
        prompt, reply = (
            self.lengths[f"{name}_tokens"].to_numpy() for name in ("prompt", "completion")
        )
        sides = {"prompt": prompt, "completion": reply, "together": prompt + reply}
        return {name: _quantiles(values) for name, values in sides.items()}

    def __str__(self) -> str:
        gone = self.ids("dropped")
        which = f" ({shorten(gone)})" if gone and None not in gone else ""
        head = (
            f"{self.rows} row{'s' * (self.rows != 1)}, {self.over.num_rows} over {self.max_tokens} "
            f"tokens: {self.dropped} dropped{which}, {self.trimmed} trimmed"
        )
        lines = [f"{'':12}{'p50':>7}{'p95':>7}{'max':>7}"]
        lines += [
            f"  {name:10}" + "".join(f"{value:>7}" for value in found.values())
            for name, found in self.quantiles.items()
        ]
        return "\n".join([head, *lines])


def _quantiles(values: Ints) -> dict[str, int]:
    """Take quantiles as lengths that occur: the smallest that covers the share."""
    if not len(values):
        return {"p50": 0, "p95": 0, "max": 0}
    p50, p95 = np.quantile(values, [0.5, 0.95], method="inverted_cdf")
    return {"p50": int(p50), "p95": int(p95), "max": int(values.max())}


def fit(
    data: D,
    *,
    max_tokens: int,
    counter: Counter,
    policy: Policy = "drop",
    record: Callable[[pa.Table], pa.Table] | None = None,
    template: str | ChatTemplate | Tokenizer | None = None,
    variables: Mapping[str, Any] | None = None,
) -> tuple[D, FitReport]:
    """Keep the rows whose prompt and reply, rendered, stay within a number of tokens.

    Args:
        data: Records in TRL's column names; or, with ``record``, the rows they are made of. A
            ``pyarrow.Table`` or a ``datasets.Dataset``.
        max_tokens: For prompt and reply together.
        counter: What counts, see :data:`medqa_kit.tokens.counts.Counter`.
        policy: ``drop`` rows that are too long; ``raise``; or make room by taking characters off
            the end of ``context`` or of the reasoning (``rationale``, ``reasoning``), as many as
            needed and never half a character, and drop the rows for which that is not enough.
            To trim, pass the rows and ``record``: in finished records they cannot be told apart.
        record: The kernel that will make records of the rows, such as ``mk.record(...)``.
        template: Chat template to count with, see :func:`medqa_kit.tokens.counts.token_counts`.
        variables: Variables of the template.

    Returns:
        The rows that fit, some of them trimmed, and a :class:`FitReport`.

    Raises:
        FormattingError: A row is too long and the policy is ``raise``; or there is nothing to trim.

    Example:
        >>> table = pa.table({"id": ["d/1", "d/2"], "prompt": ["Q", "Q" * 99],
        ...                   "completion": [" A", " A"]})
        >>> kept, report = fit(table, max_tokens=50, counter=len)
        >>> kept["id"].to_pylist(), report.ids("dropped")
        (['d/1'], ['d/2'])
    """
    table, back = opened(data, purpose="fit()")
    measure = _Measure(
        record, token_counts(counter=counter, template=template, variables=variables)
    )
    column = _column(table, policy, record)
    prompt, total = measure(table)
    over = np.flatnonzero(total > max_tokens)
    if policy == "raise" and len(over):
        raise _too_long(table, over, total, max_tokens)
    rest, fates = table, np.full(len(over), "dropped")
    if column and len(over):
        rest, fitting = _trim(table, over, column, lambda rows: measure(rows)[1] <= max_tokens)
        fates = np.where(fitting, "trimmed", "dropped")
    keep = np.ones(table.num_rows, bool)
    keep[over[fates == "dropped"]] = False
    lengths = {"prompt_tokens": prompt, "completion_tokens": total - prompt}
    told = {
        "row": over, "id": _ids(table, over), "code": [_CODE] * len(over),
        "tokens": total[over], "fate": fates.tolist(),
    }  # fmt: skip
    report = FitReport(table.num_rows, max_tokens, pa.table(lengths), pa.table(told, schema=_OVER))
    return back(rest.filter(pa.array(keep))), report


@dataclass(frozen=True)
class _Measure:
    """Counts rows as the records they become."""

    record: Callable[[pa.Table], pa.Table] | None
    counts: TokenCounts

    def __call__(self, table: pa.Table) -> tuple[Ints, Ints]:
        pairs = [self._piece(piece) for _, piece in slices(table)]
        prompt, total = (np.concatenate(side) for side in zip(*pairs, strict=True))
        return prompt, total

    def _piece(self, piece: pa.Table) -> tuple[Ints, Ints]:
        made = piece if self.record is None else self.record(piece)
        if made.num_rows != piece.num_rows:
            raise FormattingError(
                "fit() needs one record a row", expected=f"{piece.num_rows} records",
                found=f"{made.num_rows}", hint="fit preferences before they become KTO records",
            )  # fmt: skip
        prompt, total = self.counts.lengths(made)
        return tuple(pc.fill_null(side, 0).to_numpy().astype(np.int64) for side in (prompt, total))


def _column(table: pa.Table, policy: Policy, record: object) -> str | None:
    """Find the column the policy may shorten."""
    if policy in ("drop", "raise"):
        return None
    wanted = ("context",) if policy == "trim_context" else ("rationale", "reasoning")
    found = [name for name in wanted if name in table.column_names]
    if record is None or not found:
        raise FormattingError(
            f"policy={policy!r} has nothing to trim",
            expected=f"rows with {' or '.join(wanted)}, and record= to make records of them",
            found=", ".join(table.column_names) + ("" if record else "; no record="),
            hint="policy='drop' works on any records",
        )
    return found[0]


def _trim(
    table: pa.Table, over: Ints, column: str, fits: Callable[[pa.Table], np.ndarray]
) -> tuple[pa.Table, np.ndarray]:
    """Shorten one column of the rows over budget to the longest beginning that fits.

    All rows are halved together: about twenty rounds of rendering and counting, however many rows.
    """
    rows = table.take(pa.array(over))
    values = text(rows, column).to_pylist()
    # Where a text may end: after whole characters as readers see them, never inside a Khmer
    # syllable or a decomposed Hangul one.
    ends = [[match.end() for match in _CLUSTER.finditer(value or "")] for value in values]

    def cut(sizes: Ints) -> pa.Table:
        kept = [
            value[: ends[i][size - 1]] if value is not None and size else None
            for i, (value, size) in enumerate(zip(values, sizes, strict=True))
        ]
        at = rows.column_names.index(column)
        return rows.set_column(at, rows.schema.field(column), pa.array(kept, pa.string()))

    low = np.zeros(len(over), np.int64)  # fits, if anything does
    high = np.array([len(marks) for marks in ends], np.int64)  # does not fit
    possible = fits(cut(low))
    while (wide := possible & (high - low > 1)).any():
        middle = np.where(wide, (low + high) // 2, low)
        good = fits(cut(middle))
        low, high = np.where(wide & good, middle, low), np.where(wide & ~good, middle, high)
    return _replace(table, over, column, cut(low)[column]), possible


def _replace(table: pa.Table, rows: Ints, column: str, values: pa.ChunkedArray) -> pa.Table:
    mask = np.zeros(table.num_rows, bool)
    mask[rows] = True
    at = table.column_names.index(column)
    shorter = pc.replace_with_mask(text(table, column), pa.array(mask), values.combine_chunks())
    return table.set_column(at, table.schema.field(column), shorter)


def _ids(table: pa.Table, rows: Ints) -> pa.Array:
    if "id" not in table.column_names:
        return pa.nulls(len(rows), pa.string())
    return table["id"].take(pa.array(rows)).cast(pa.string()).combine_chunks()


def _too_long(table: pa.Table, over: Ints, total: Ints, most: int) -> FormattingError:
    ids = _ids(table, over).to_pylist()
    named = over.tolist() if None in ids else ids
    return FormattingError(
        f"{len(over)} of {table.num_rows} rows break the rule {_CODE!r}: they exceed {most} tokens",
        expected=f"at most {most} for prompt and reply together",
        found=f"up to {int(total.max())}: {shorten(named)}",
        hint="policy='drop' leaves them out and reports them"
        + (
            ", policy='trim_context' shortens their context"
            if kind_of(table.schema) == "qa"
            else ""
        ),
    )
