"""Count the rows of a result again, file by file, and compare the counts with its manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.building.output.formats import TRACE
from medqa_kit.building.output.written_rows import WrittenRows
from medqa_kit.core.arrow.columns import counted_values


@dataclass
class FormatCounts:
    """What the files of one format hold.

    Attributes:
        by_source: Rows of each split by their source.
        ids: Ids of the rows of each split, in order: ``large_string``.
        problems: Code and detail of what does not fit: ``unreadable``, ``schema`` or ``count``.
    """

    by_source: dict[str, Counter[str]] = field(default_factory=dict)
    ids: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def readable(self) -> bool:
        """Whether all of the files could be read."""
        return all(code != "unreadable" for code, _ in self.problems)


def format_counts(rows: WrittenRows, splits: Iterable[str]) -> FormatCounts:
    """Count the rows of a format.

    Args:
        rows: The format.
        splits: All splits there may be.
    """
    names = tuple(splits)
    nothing = pa.chunked_array([], pa.large_string())
    counts = FormatCounts({name: Counter() for name in names}, dict.fromkeys(names, nothing))
    for split, number in rows.splits.items():
        place = f"{rows.form.name}/{split}"
        counts.problems += _shapes(rows, split)
        try:
            records = _count(rows, split, counts)
        except (OSError, pa.ArrowException, KeyError):
            counts.problems.append(("unreadable", place))
            continue
        if records != number:
            counts.problems.append(
                ("count", f"{place} has {records:,} rows, the manifest says {number:,}")
            )
        for kind in rows.form.write[1:]:
            folder = rows.form.folders[kind]
            try:
                lines = rows.lines(split, kind)
            except OSError:
                counts.problems.append(("unreadable", f"{folder}/{split}"))
                continue
            if lines != records:
                detail = f"{folder}/{split} has {lines:,} lines, {place} {records:,} rows"
                counts.problems.append(("count", detail))
    return counts


def _shapes(rows: WrittenRows, split: str) -> Iterator[tuple[str, str]]:
    """Look for files whose columns are not those of the record, or whose types are not those of the others."""
    wanted = {*TRACE, *rows.form.kind.columns}
    first = None
    for path in rows.paths(split):
        with suppress(OSError, pa.ArrowException):
            schema = pq.read_schema(path)
            first = first or schema
            if not wanted <= {*schema.names} or schema != first:
                place = f"{rows.form.name}/{split}/{path.name}"
                yield "schema", f"{place} has the columns {', '.join(schema.names)}"


def _count(rows: WrittenRows, split: str, counts: FormatCounts) -> int:
    records, by_source, ids = 0, Counter[str](), list[pa.Array]()
    for table in rows.tables(split):
        records += table.num_rows
        once = rows.of_rows(table)
        by_source.update(counted_values(once["source"]))
        ids += once["id"].cast(pa.large_string()).chunks
    counts.by_source[split], counts.ids[split] = by_source, pa.chunked_array(ids, pa.large_string())
    return records
