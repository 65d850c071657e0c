"""The report that all verbs return: numbers of rows, findings by row, and further counts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import file_path, one_of
from medqa_kit.core.atomic import saved_whole
from medqa_kit.core.json_text import json_line
from medqa_kit.core.showing.chart import Chart
from medqa_kit.core.showing.shown import Block, html_of
from medqa_kit.core.stored import stamped
from medqa_kit.core.tables import cell, counted, text_table
from medqa_kit.errors import ArgumentError, SchemaError, printable

FINDING_FIELDS: tuple[tuple[str, pa.DataType], ...] = (
    ("row", pa.int64()),
    ("id", pa.string()),
    ("code", pa.string()),
    ("detail", pa.string()),
)
"""The first columns of the findings of every verb; a verb may add further columns."""

CHECK_TABLE = pa.schema(
    {
        "code": pa.string(),
        "severity": pa.string(),
        "meaning": pa.string(),
        "tested": pa.int64(),
        "failed": pa.int64(),
        "examples": pa.list_(pa.string()),
    }
)
"""One row per check of a verb with many checks: rows that it read, rows that fail, ids of the first that fail."""

_ENDINGS = (".csv", ".jsonl", ".parquet")
_SHOWN = 5
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def no_findings() -> pa.Table:
    """Return a table of findings without rows.

    Example:
        >>> no_findings().column_names
        ['row', 'id', 'code', 'detail']
    """
    return pa.schema(FINDING_FIELDS).empty_table()


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """What a verb found in a set of rows.

    It prints as text and shows as a table in a notebook. It has no truth value: look at ``findings``,
    ``kept`` or ``counts``.

    Attributes:
        verb: Name of the verb that made it.
        rows: How many rows were read.
        kept: How many rows are in the result.
        findings: One row a finding: ``row`` (``int64``, position in the input, counted from 0),
            ``id`` (``string``), ``code`` (``string``, from a closed set the verb documents),
            ``detail`` (``string``), and further columns of the verb. A row can have several findings.
        counts: Further numbers by name, in the order in which they are shown.
        notes: Sentences that a person should read.
        checks: One row per check, with the schema :data:`CHECK_TABLE`; empty for verbs without checks.
        took_out: Whether the rows that are not kept were removed; a verb that only checks names the rows that
            would be removed.

    Example:
        >>> findings = pa.table({"row": [3], "id": ["x/3"], "code": ["exact"], "detail": ["item 7"]})
        >>> report = Report("exclude", rows=10, kept=9, findings=findings)
        >>> report.dropped, report.ids("exact")
        (1, ['x/3'])
        >>> print(report)
        exclude: 10 rows, 9 kept, 1 dropped
          exact  1
        first findings:
          row  id   code   detail
          ───  ───  ─────  ──────
          3    x/3  exact  item 7
    """

    verb: str
    rows: int
    kept: int
    findings: pa.Table = field(default_factory=no_findings)
    counts: Mapping[str, int | float] = field(default_factory=dict)
    notes: Sequence[str] = ()
    checks: pa.Table = field(default_factory=CHECK_TABLE.empty_table)
    took_out: bool = True

    def __post_init__(self) -> None:
        names = [name for name, _ in FINDING_FIELDS]
        if self.findings.column_names[: len(names)] != names:
            raise SchemaError(
                "these are no findings", expected=", ".join(names),
                found=", ".join(self.findings.column_names), hint="put these columns first",
            )  # fmt: skip

    @property
    def dropped(self) -> int:
        """How many rows are not in the result."""
        return self.rows - self.kept

    def by(self, column: str) -> dict[str, int]:
        """Count findings by the values of a column, the most frequent first.

        Args:
            column: A column of ``findings``.

        Raises:
            ArgumentError: ``findings`` has no such column.

        Example:
            >>> findings = pa.table({"row": [0, 1, 1], "id": ["a", "b", "b"],
            ...                      "code": ["empty", "empty", "long"], "detail": ["", "", ""]})
            >>> Report("lint", rows=2, kept=0, findings=findings).by("code")
            {'empty': 2, 'long': 1}
        """
        one_of("column", column, self.findings.column_names)
        tally = pc.value_counts(self.findings[column])
        pairs = [(str(entry["values"]), int(entry["counts"])) for entry in tally.to_pylist()]
        return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))

    def chart(self, by: str = "code") -> Chart:
        """Chart the findings by the values of a column, for example by the exam that rows were found in.

        Args:
            by: A column of ``findings``.

        Raises:
            ArgumentError: ``findings`` has no such column.

        Example:
            >>> findings = pa.table({"row": [0, 1, 1], "id": ["a", "b", "b"],
            ...                      "code": ["empty", "empty", "long"], "detail": ["", "", ""]})
            >>> Report("lint", rows=2, kept=0, findings=findings).chart()
            code   findings
            ─────  ────────  ────────────────────────────────
            empty  2         ████████████████████████████████
            long   1         ████████████████
        """
        counted = self.by(by).items()
        return Chart(
            by, tuple((value, "findings", number) for value, number in counted), unit="findings"
        )

    def ids(self, code: str | None = None) -> list[str]:
        """Return the ids of the rows with findings, each once, in the order of the rows.

        Args:
            code: Findings of this code only; none where no row has one.
        """
        findings = self.findings
        if code is not None:
            findings = findings.filter(pc.equal(findings["code"], code))
        return [name for name in findings["id"].unique().to_pylist() if name is not None]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the findings to a file, whole or not at all.

        Args:
            path: Ends in ``.csv``, ``.jsonl`` or ``.parquet``. In a CSV file, an apostrophe is
                put before text that a spreadsheet would run as a formula.

        Returns:
            The path.

        Raises:
            ArgumentError: The path ends in something else.
            StorageError: The file cannot be written.
        """
        return save_table(self.findings, path)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, the findings as a list of dicts."""
        return {
            "verb": self.verb, "rows": self.rows, "kept": self.kept, "dropped": self.dropped,
            "counts": dict(self.counts), "notes": list(self.notes),
            "findings": _finite(self.findings).to_pylist(),
            **({"checks": self.checks.to_pylist()} if len(self.checks) else {}),
        }  # fmt: skip

    def to_json(self) -> str:
        """Return the report as JSON, with null for NaN and infinity.

        It holds the values of :meth:`to_dict` and, as ``digest``, their SHA-256, which shows whether a report
        was edited or cut.
        """
        text = json.dumps(self.to_dict(), ensure_ascii=False, default=str, allow_nan=False)
        return json.dumps(stamped(json.loads(text)), ensure_ascii=False)

    def __str__(self) -> str:
        lines = [self._headline]
        lines += text_table([("", ""), *self._codes, *self._measures], indent="  ")[2:]
        lines += [f"note: {printable(' '.join(note.split()))}" for note in self.notes]
        if len(self.findings):
            lines.append("first findings:")
            lines += text_table(self._first(), indent="  ", whole=False)
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        first: list[Block] = ["first findings:", self._first()] if len(self.findings) else []
        codes, measures = (
            [("code", "findings"), *self._codes],
            [("count", "value"), *self._measures],
        )
        return html_of([self._headline, codes, measures, *self.notes, *first])

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a report has no truth value; ask for len(report.findings), report.kept or report.dropped"
        )

    @property
    def _headline(self) -> str:
        kept, gone = ("kept", "dropped") if self.took_out else ("to keep", "to drop")
        dropped = f", {self.dropped:,} {gone}" if self.dropped >= 0 else ""
        return f"{self.verb}: {counted(self.rows, 'row')}, {self.kept:,} {kept}{dropped}"

    @property
    def _codes(self) -> list[tuple[str, str]]:
        return [(cell(code), cell(number)) for code, number in self.by("code").items()]

    @property
    def _measures(self) -> list[tuple[str, str]]:
        return [(cell(name), cell(number)) for name, number in self.counts.items()]

    def _first(self) -> list[tuple[str, ...]]:
        head = self.findings.slice(0, _SHOWN)
        names = [n for n in head.column_names if head[n].null_count < len(head)]
        # A line of a file, which a person can look up, rather than a position from 0.
        if "line" in names:
            names = ["line", *(name for name in names if name not in ("line", "row"))]
        # Whole numbers get no thousands separator: they are places and years, not amounts.
        values = [tuple(str(row[name]) if type(row[name]) is int else cell(row[name]) for name in names)
                  for row in head.to_pylist()]  # fmt: skip
        return [tuple(names), *values]


def save_table(table: pa.Table, path: str | os.PathLike[str]) -> Path:
    r"""Write a table as CSV, JSON Lines or Parquet, whole or not at all.

    Raises:
        ArgumentError: The name ends in something else.
        StorageError: The file cannot be written.

    Example:
        >>> import tempfile
        >>> file = save_table(pa.table({"id": ["=1+1"]}), Path(tempfile.mkdtemp()) / "a.csv")
        >>> file.read_text("utf-8").splitlines()[1]
        '"\'=1+1"'
    """
    file = table_file(path)
    if file.suffix == ".jsonl":
        # Findings are few, and a person reads them: plain JSON is fast enough.
        lines = map(json_line, _finite(table).to_pylist())
        with saved_whole(file) as unfinished:
            unfinished.write_bytes("".join(f"{line}\n" for line in lines).encode())
        return file
    with saved_whole(file) as unfinished:
        if file.suffix == ".parquet":
            import pyarrow.parquet as pq

            pq.write_table(table, unfinished)
        else:
            import pyarrow.csv

            pyarrow.csv.write_csv(_defused(table), unfinished)
    return file


def table_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file that :func:`save_table` can write; call it before long work.

    Raises:
        ArgumentError: The name ends in something else.

    Example:
        >>> table_file("found.csv").name
        'found.csv'
    """
    file = file_path("path", path, written=True)
    if file.suffix not in _ENDINGS:
        raise ArgumentError(
            "the ending of the file names no format", argument="path",
            expected=", ".join(_ENDINGS), found=file.name, hint="end it in one of these",
        )  # fmt: skip
    return file


def _finite(table: pa.Table) -> pa.Table:
    """Replace NaN and infinity, which JSON lacks, by null."""
    for i, column in enumerate(table.schema):
        if pa.types.is_floating(column.type):
            values = table[column.name]
            table = table.set_column(
                i,
                column.name,
                pc.if_else(pc.is_finite(values), values, pa.scalar(None, column.type)),
            )
    return table


def _defused(table: pa.Table) -> pa.Table:
    """Write lists as JSON, and put an apostrophe before text that a spreadsheet would run."""
    columns = {name: _defused_column(table[name]) for name in table.column_names}
    return pa.table(columns)


def _defused_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_nested(column.type):
        texts: Iterable[str | None] = (
            None if value is None else json.dumps(value, ensure_ascii=False, default=str)
            for value in column.to_pylist()
        )  # lists of a few findings
        return pa.chunked_array([pa.array(list(texts), pa.string())])
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    starts = [pc.starts_with(column, mark) for mark in _FORMULA]
    risky = starts[0]
    for mask in starts[1:]:
        risky = pc.or_(risky, mask)
    return pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)
