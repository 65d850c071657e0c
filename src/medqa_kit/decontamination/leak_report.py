"""What was found, and what became of it: counts that add up, and every row by name."""

from __future__ import annotations

import html
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from medqa_kit.core.tables import html_table
from medqa_kit.decontamination.holdout import Purpose
from medqa_kit.decontamination.rules import RULES
from medqa_kit.errors import FormatError

MATCHES = pa.schema([
    pa.field("row_id", pa.string()),
    pa.field("held_id", pa.string()),
    pa.field("rule", pa.string()),
    pa.field("stem_score", pa.float64()),
    pa.field("options_score", pa.float64()),
    pa.field("row", pa.int64()),
    pa.field("source", pa.string()),
    pa.field("year", pa.int32()),
    pa.field("holdout", pa.string()),
    pa.field("held_source", pa.string()),
    pa.field("held_year", pa.int32()),
])  # fmt: skip
"""One row per pair of row and held-out item. ``row`` is the row's position, counted from 0."""

By = Literal["rule", "source", "year", "holdout", "held_source", "held_year"]


@dataclass(frozen=True, eq=False)
class LeakReport:
    """Which rows hold held-out items.

    A row counts once, under its strongest rule. Rows that only call for a review are not dropped.

    Attributes:
        matches: Every pair of a dropped row and an item, with the schema :data:`MATCHES`.
        review: Pairs that a person should look at; their rows are kept, unless another item
            has them dropped.
        rows: Rows searched.
        purposes: What was held out, and why.
    """

    matches: pa.Table = field(repr=False)
    review: pa.Table = field(repr=False)
    rows: int
    purposes: tuple[Purpose, ...]

    @property
    def dropped(self) -> pa.Table:
        """The dropped rows, each once, with the strongest of its matches."""
        if not len(self.matches):
            return self.matches
        rank = pc.index_in(self.matches["rule"], value_set=pa.array(RULES))
        order = pc.sort_indices(self.matches.append_column("rank", rank),
                                [("row", "ascending"), ("rank", "ascending"),
                                 ("stem_score", "descending"), ("held_id", "ascending")])  # fmt: skip
        ordered = self.matches.take(order)
        rows = ordered["row"].combine_chunks()
        first = pa.concat_arrays([pa.array([True]), pc.not_equal(rows[1:], rows[:-1])])
        return ordered.filter(first)

    @property
    def counts(self) -> dict[str, int]:
        """Rows searched, kept and dropped, rows to review, and dropped rows by rule.

        ``kept + dropped == rows``, and the rules add up to ``dropped``.
        """
        dropped = self.dropped
        by_rule = {rule: 0 for rule in RULES if rule != "review"} | self.by("rule")
        doubtful = set(self.review["row"].to_pylist()) - set(dropped["row"].to_pylist())
        return {"rows": self.rows, "kept": self.rows - len(dropped), "dropped": len(dropped),
                "review": len(doubtful), **by_rule}  # fmt: skip

    def by(self, column: By) -> dict[Any, int]:
        """Count dropped rows by a column of their strongest match, most first.

        Args:
            column: ``rule``, ``source`` and ``year`` of the row, or of what it matches.
        """
        counted = pc.value_counts(self.dropped[column]).to_pylist()
        return {
            c["values"]: c["counts"]
            for c in sorted(counted, key=lambda c: (-c["counts"], str(c["values"])))
        }

    def to_json(self) -> str:
        """Give counts, breakdowns and all matches as JSON."""
        return json.dumps({
            "counts": self.counts,
            "by": {column: {str(k): v for k, v in self.by(column).items()}
                   for column in ("rule", "source", "year", "holdout", "held_source", "held_year")},
            "protections": [vars(p) for p in self.purposes],
            "matches": _finite(self.matches), "review": _finite(self.review),
        }, ensure_ascii=False, indent=1)  # fmt: skip

    def save_dropped(self, path: str | Path) -> None:
        """List every dropped row with the reason: ``.csv``, ``.jsonl`` or ``.parquet``.

        Raises:
            FormatError: The file's name ends in none of these.
        """
        save_table(self.dropped, path)

    def found(self) -> str:
        """Say what was found, with the first rows, where nothing is dropped: for a check."""
        counts = self.counts
        lines = [f"{counts['rows']:,} rows searched: {counts['dropped']:,} hold held-out items, "
                 f"{counts['review']:,} others may and are worth a look"]  # fmt: skip
        shown = self.dropped.slice(0, _SHOWN).to_pylist()
        for title, some in (("held-out items in", shown),
                            ("worth a look", self.review.slice(0, _SHOWN).to_pylist())):  # fmt: skip
            lines += [f"  {title}:"] * bool(some) + [
                f"    row {one['row']:,} ({one['row_id']}): {one['held_id']}, {one['rule']}, stem "
                f"{_cell(one['stem_score'])}, options {_cell(one['options_score'])}" for one in some]  # fmt: skip
        if counts["dropped"] > len(shown):
            lines.append(f"    … and {counts['dropped'] - len(shown):,} more rows")
        return "\n".join([*lines, *self._breakdown()])

    def __str__(self) -> str:
        counts = self.counts
        lines = [f"{counts['rows']:,} rows searched: {counts['dropped']:,} dropped, "
                 f"{counts['kept']:,} kept ({counts['review']:,} of them to review)"]  # fmt: skip
        return "\n".join([*lines, *self._breakdown()])

    def _breakdown(self) -> list[str]:
        lines = [f"  held out: {p.name}: {p.reason}"
                  + (f"; protects {', '.join(p.protects)}" if p.protects else "")
                  for p in self.purposes]  # fmt: skip
        for title, column in _TABLES:
            counted = self.by(column)
            if counted and set(counted) != {None}:
                lines += [f"  by {title}:"] + [f"    {_shown(k):32} {v:>9,}" for k, v in counted.items()]  # fmt: skip
        return lines

    def _repr_html_(self) -> str:
        """Show counts, breakdowns and the first matches in a notebook."""
        lines = str(self).splitlines()
        held = "".join(f"<br>{html.escape(line.strip())}" for line in lines
                       if line.startswith("  held out"))  # fmt: skip
        rows = [(title, ", ".join(f"{_shown(k)} {v:,}" for k, v in self.by(column).items()))
                for title, column in _TABLES if len(self.matches)]  # fmt: skip
        shown = self.dropped.select(_FIRST).slice(0, _SHOWN)
        more = self.counts["dropped"] - len(shown)
        return (
            f"<p><b>{html.escape(lines[0])}</b>{held}</p>{_table(('dropped by', ''), rows)}"
            + _table(_FIRST, [tuple(map(_cell, row.values())) for row in shown.to_pylist()])
            + (f"<p>… and {more:,} more: see <code>report.dropped</code></p>" if more else "")
        )


_FIRST = ["row_id", "held_id", "rule", "stem_score", "options_score", "source"]
_SHOWN = 10  # dropped rows, at the most, that a notebook lists


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return html_table([header, *rows]) if rows else ""


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else _shown(value)


_TABLES: tuple[tuple[str, By], ...] = (
    ("rule", "rule"), ("source", "source"), ("year", "year"), ("holdout", "holdout"),
    ("source of the item", "held_source"), ("year of the item", "held_year"),
)  # fmt: skip


def _shown(value: object) -> str:
    return "(unknown)" if value is None else str(value)


def _finite(table: pa.Table) -> list[Mapping[str, Any]]:
    """Give rows for JSON, which has no NaN."""
    columns = {name: pc.if_else(pc.is_finite(table[name]), table[name], None)
               if pa.types.is_floating(table.schema.field(name).type) else table[name]
               for name in table.column_names}  # fmt: skip
    rows: list[Mapping[str, Any]] = pa.table(columns).to_pylist()
    return rows


def refuse_ending(path: str | Path) -> None:
    """Refuse a name that :func:`save_table` cannot write to.

    Raises:
        FormatError: It ends in none of the three endings.
    """
    if Path(path).suffix not in (".csv", ".jsonl", ".parquet"):
        raise FormatError(
            "cannot tell the format from the file's name",
            file=Path(path).name,
            expected=".csv, .jsonl or .parquet",
            hint="give it one of these endings",
        )


def save_table(table: pa.Table, path: str | Path) -> None:
    """Write a table as CSV, JSON Lines or Parquet; it gets its name when it is complete.

    Raises:
        FormatError: The file's name ends in none of these.
    """
    target = Path(path)
    refuse_ending(target)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    try:
        if target.suffix == ".csv":
            pa.csv.write_csv(table, temporary)
        elif target.suffix == ".parquet":
            pq.write_table(table, temporary, compression="zstd")
        else:
            lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in _finite(table))
            with Path(temporary).open("w", encoding="utf-8", newline="\n") as out:
                out.writelines(lines)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
