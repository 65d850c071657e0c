"""Facts about the rows of a report: lengths, faults of texts, repeated rows, and some of the rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medqa_kit.building.output.formats import TRACE
from medqa_kit.building.output.papers.attribution import Manifest
from medqa_kit.building.output.written_rows import WrittenRows, dropped_tables
from medqa_kit.core.arrow.columns import is_text, whole
from medqa_kit.core.arrow.ragged import Ints, flat
from medqa_kit.quality.fixes import Fix, needing_fixes

LOOKED_AT = 50_000
"""Rows that are looked at, of more: whole row groups at even distances."""

_NEEDS_PACKAGE = ("mojibake",)  # its fixer is an extra, and equal results have equal reports
_SAMPLES = 2  # of a source
_SHOWN = 700  # characters of a text
_ROLES = ("role", "from")


@dataclass
class RowFacts:
    """What was seen of the rows.

    Attributes:
        seen: How many were looked at.
        lengths: Characters of the records, by source.
        faults: Rows with a text that a fixer would change, by the fixer.
        samples: Some rows: id, source and the columns of the record as text.
        repeats: Rows left out since they hold an item or a copy of another: by their source and that of
            the other.
        held: Rows left out for a holdout, by its name.
    """

    seen: int = 0
    lengths: dict[str, Ints] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    samples: list[dict[str, str]] = field(default_factory=list)
    repeats: Counter[tuple[str, str]] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)

    @property
    def all_lengths(self) -> Ints:
        """The lengths of all records."""
        return np.concatenate([np.empty(0, np.int64), *self.lengths.values()])


def row_facts(folder: Path, manifest: Manifest) -> RowFacts:
    """Look at the rows of a result, in its first format.

    Args:
        folder: Folder of the result.
        manifest: Its manifest, with ``files``.
    """
    facts = RowFacts()
    written = WrittenRows.of(folder, manifest)[0]
    columns = list(written.form.kind.columns)
    lengths: dict[str, list[Ints]] = {}
    shown: Counter[str] = Counter()
    for table in _spread_groups(written):
        facts.seen += table.num_rows
        sources = table[TRACE[1]].to_numpy(zero_copy_only=False)
        sizes = sum(
            (text_lengths(whole(table[name])) for name in columns), np.zeros(len(sources), np.int64)
        )
        for source in dict.fromkeys(sources.tolist()):
            lengths.setdefault(source, []).append(sizes[sources == source])
            _show(facts, shown, table.filter(pc.equal(table[TRACE[1]], source)), source, columns)
        _count_faults(facts, table.select(columns))
    facts.lengths = {source: np.concatenate(parts) for source, parts in sorted(lengths.items())}
    for table in dropped_tables(folder, manifest):
        _count_dropped(facts, table)
    return facts


def _spread_groups(written: WrittenRows) -> Iterator[pa.Table]:
    """Read row groups at even distances, so that no more than so many rows are looked at."""
    groups = [(path, group, pq.read_metadata(path).row_group(group).num_rows)
              for split in written.splits for path in written.paths(split)
              for group in range(pq.read_metadata(path).num_row_groups)]  # fmt: skip
    total = sum(rows for *_, rows in groups)
    step = max(1, -(-total // LOOKED_AT))
    for path, group, rows in groups[::step]:
        if rows:
            with pq.ParquetFile(path) as file:
                yield file.read_row_group(group)


def text_lengths(column: pa.Array) -> Ints:
    """Return the characters of each row, of all texts in its lists and messages; roles are no text.

    Example:
        >>> text_lengths(pa.array([[{"role": "user", "content": "ab"}, {"role": "user", "content": "c"}]])).tolist()
        [3]
    """
    kind = column.type
    if is_text(kind):
        return np.asarray(pc.fill_null(pc.utf8_length(column), 0), np.int64)
    if pa.types.is_struct(kind):
        parts = [text_lengths(pc.struct_field(column, at)) for at, field in enumerate(kind)
                 if field.name not in _ROLES]  # fmt: skip
        return sum(parts, np.zeros(len(column), np.int64))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        lists = flat(column)
        sums = np.concatenate([[0], np.cumsum(text_lengths(lists.values))])
        return np.asarray(sums[lists.ends] - sums[lists.starts], np.int64)
    return np.zeros(len(column), np.int64)


def _texts(column: pa.Array) -> Iterator[tuple[pa.Array, Ints]]:
    """Go through the texts of a column: those at one place of its type, and the row of each."""
    kind, rows = column.type, np.arange(len(column))
    if is_text(kind):
        yield column, rows
    elif pa.types.is_struct(kind):
        for at, part in enumerate(kind):
            if part.name not in _ROLES:
                yield from _texts(pc.struct_field(column, at))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        lists = flat(column)
        row = np.repeat(rows, lists.ends - lists.starts)
        for texts, places in _texts(lists.values):
            yield texts, row[places]


def _count_faults(facts: RowFacts, table: pa.Table) -> None:
    fixes = [fix for fix in get_args(Fix) if fix not in _NEEDS_PACKAGE]
    faulty: dict[Fix, list[Ints]] = {fix: [np.empty(0, np.int64)] for fix in fixes}
    for texts, rows in (each for column in table.columns for each in _texts(whole(column))):
        for fix, places in needing_fixes(texts.cast(pa.large_string()), fixes).items():
            faulty[fix].append(rows[places])
    for fix in fixes:
        facts.faults[fix] += len(np.unique(np.concatenate(faulty[fix])))


def _show(
    facts: RowFacts, shown: Counter[str], table: pa.Table, source: str, columns: list[str]
) -> None:
    for row in table.slice(0, max(0, _SAMPLES - shown[source])).to_pylist():  # a few rows
        shown[source] += 1
        texts = {name: _shortened(_as_text(row[name])) for name in columns if row[name] is not None}
        facts.samples.append({"id": _shortened(row[TRACE[0]]), "source": source, **texts})


def _as_text(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(turn, dict) for turn in value):
        return "\n".join(
            ": ".join(str(part) for part in turn.values() if part is not None) for turn in value
        )
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,} characters)"


def _count_dropped(facts: RowFacts, table: pa.Table) -> None:
    matched = table.filter(pc.is_valid(table["match"]))
    for row in matched.select(["source", "match"]).to_pylist():  # those that hold something are few
        facts.repeats[row["source"], row["match"].removeprefix("sample:").partition("/")[0]] += 1
    held_out = matched.filter(pc.starts_with(matched["reason"], "held_out"))
    facts.held.update(detail.partition(": ")[0] for detail in held_out["detail"].to_pylist())
