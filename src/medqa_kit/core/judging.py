"""Kernels that judge rows: rows that pass are kept, the others are counted and listed.

A judging kernel has a method ``judge`` and can be called. Engines and streams call it: then it warns of the
rows that it drops, batch by batch. :func:`medqa_kit.core.apply.run` and :func:`medqa_kit.apply` use ``judge``
and count over all batches.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.slices import by_tables
from medqa_kit.core.kernel import Pipeline
from medqa_kit.core.report import FINDING_FIELDS, Report, no_findings
from medqa_kit.errors import DroppedRowsWarning, shorten

OnBad: TypeAlias = Literal["raise", "drop", "keep"]
"""What to do with rows that break a rule: raise an error, leave them out and list them, or keep and list them."""

RaiseOrDrop: TypeAlias = Literal["raise", "drop"]
"""The same where no row can be made of a bad one, so that it cannot be kept."""


class Judged(NamedTuple):
    """The verdict of a judging kernel on a batch.

    Attributes:
        rows: The rows that the kernel makes of those that pass.
        kept: How many rows of the batch pass.
        findings: See :class:`~medqa_kit.core.report.Report`; ``row`` counts within the batch.
    """

    rows: pa.Table
    kept: int
    findings: pa.Table


@runtime_checkable
class JudgingKernel(Protocol):
    """A kernel that can tell which rows it drops, and why."""

    @property
    def verb(self) -> str:
        """Name of the kernel in reports and warnings."""

    def judge(self, table: pa.Table) -> Judged:
        """Judge a batch, without a warning."""

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the rows that pass; warn of the others."""


def findings_of(
    table: pa.Table,
    rows: npt.NDArray[np.int64],
    codes: Sequence[str] | pa.Array,
    details: Sequence[str | None] | pa.Array | None = None,
    **columns: pa.Array,
) -> pa.Table:
    """Make findings about some rows of a batch.

    Args:
        table: The batch; its ``id`` column names the rows where there is one.
        rows: Positions, ``int64[n]``.
        codes: ``string[n]``.
        details: ``string[n]``; null by default.
        columns: Further columns of the verb.

    Example:
        >>> batch = pa.table({"id": ["a", "b"]})
        >>> findings_of(batch, np.array([1]), ["empty"]).to_pylist()
        [{'row': 1, 'id': 'b', 'code': 'empty', 'detail': None}]
    """
    places = pa.array(rows, pa.int64())
    ids = (
        table["id"].cast(pa.string()).take(places)
        if "id" in table.column_names
        else pa.nulls(len(rows), pa.string())
    )
    texts = pa.nulls(len(rows), pa.string()) if details is None else pa.array(details, pa.string())
    names = [name for name, _ in FINDING_FIELDS]
    return pa.table(
        {
            **dict(zip(names, (places, ids, pa.array(codes, pa.string()), texts), strict=True)),
            **columns,
        }
    )


class Tally:
    """Judges batch after batch, and adds up the verdicts.

    Args:
        judge: Function that judges a batch: a method of a kernel.
        verb: Name of the kernel in the report and in warnings.
    """

    def __init__(self, judge: Callable[[pa.Table], Judged], *, verb: str = "") -> None:
        self._judge, self._verb = judge, verb
        self.__qualname__ = verb or type(self).__qualname__  # its name in errors
        self.rows = self.kept = 0
        self._findings: list[pa.Table] = []

    def __call__(self, table: pa.Table) -> pa.Table:
        """Judge one more batch; return the rows that pass."""
        judged = self._judge(table)
        self.add(table.num_rows, judged)
        return judged.rows

    def add(self, rows: int, judged: Judged) -> None:
        """Add the verdict on one more batch of this number of rows."""
        if len(judged.findings):
            moved = pc.add(judged.findings["row"], self.rows)
            self._findings.append(judged.findings.set_column(0, "row", moved))
        self.rows += rows
        self.kept += judged.kept

    @property
    def findings(self) -> pa.Table:
        """All findings; ``row`` counts through all batches."""
        if not self._findings:
            return no_findings()
        return pa.concat_tables(self._findings, promote_options="permissive")

    def report(self) -> Report:
        """Return the report so far."""
        return Report(self._verb, rows=self.rows, kept=self.kept, findings=self.findings)

    def warn(self) -> None:
        """Warn of the rows that were dropped, if any were."""
        if self.kept < self.rows:
            warn_of_dropped(self._verb, self.rows, self.rows - self.kept, self.findings)


def warn_of_dropped(verb: str, rows: int, dropped: int, findings: pa.Table) -> None:
    """Warn that rows were dropped: how many, why, and the first of them."""
    codes = Counter(findings["code"].to_pylist())  # of dropped rows, which are few
    why = ", ".join(f"{code} {number:,}" for code, number in codes.most_common(5))
    first = shorten(findings["id"].drop_null().unique().to_pylist()) or "rows without ids"
    warnings.warn(
        f"{verb} drops {dropped:,} of {rows:,} rows ({why}): {first}; its run() method lists them all",
        DroppedRowsWarning, stacklevel=3,
    )  # fmt: skip


def rows_that_go_on(kernel: JudgingKernel, table: pa.Table) -> pa.Table:
    """Return the rows that a judging kernel makes of a batch; warn where it drops rows.

    The ``__call__`` of such a kernel calls this.
    """
    tally = Tally(kernel.judge, verb=kernel.verb)
    result = Pipeline((tally,))(table)  # tells what does not fit
    tally.warn()
    return result


def judged_in_slices(table: pa.Table, judge: Callable[[pa.Table], Judged]) -> Judged:
    """Judge a table slice by slice, so that the memory it needs stays the same; see :mod:`medqa_kit.core.arrow.slices`.

    Args:
        table: The table.
        judge: Judges a slice.

    Returns:
        The same as for the whole table.
    """
    tally = Tally(judge)
    rows = by_tables(table, tally)
    return Judged(rows, tally.kept, tally.findings)
