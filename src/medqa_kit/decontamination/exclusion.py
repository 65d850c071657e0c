"""The verbs on holdouts: exclude, check, overlap, compare, and the kernel for streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.holders import Rows, RowsT, batches, count
from medqa_kit.core.selection import choose
from medqa_kit.core.threads import in_order
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.decontamination.leak_report import MATCHES, LeakReport
from medqa_kit.decontamination.matcher import Matches, match
from medqa_kit.decontamination.rules import FAMILY, REVIEW, RULES
from medqa_kit.errors import LeakError
from medqa_kit.matching.row_texts import text_column, year_column


def exclude(
    rows: RowsT, holdout: Holdout, *, threads: int | None = None
) -> tuple[RowsT, LeakReport]:
    """Drop the rows that hold an item of a holdout, and say which and why.

    Needs the whole data: a row that is dropped takes with it the rows of its ``family``, such
    as its translations.

    Args:
        rows: Training data in any of the seven schemas; every text of a row is searched.
        holdout: What must not be trained on.
        threads: How many to use; ``None`` takes all the process may use, up to eight.

    Returns:
        The rows that are left, in order and in the same kind of container, and the report.

    Raises:
        SchemaError: The rows are in a container, or of a form, that cannot be searched.

    Example:
        >>> exam = pa.table({"id": ["e/1"], "question": ["Which vitamin prevents scurvy?"]})
        >>> data = pa.table({"id": ["a", "b"], "question": ["which VITAMIN prevents scurvy", "Why?"]})
        >>> clean, report = exclude(data, Holdout.from_rows(exam, reason="we report it"))
        >>> clean["id"].to_pylist(), report.counts["exact"]
        (['b'], 1)
    """
    report = find(rows, holdout, threads=threads)
    keep = np.ones(count(rows), np.bool_)
    keep[report.matches["row"].to_numpy()] = False
    return choose(rows, keep), report


def check(rows: Rows, holdout: Holdout, *, threads: int | None = None) -> LeakReport:
    """Make sure that no row holds an item of a holdout.

    Args:
        rows: As in :func:`exclude`.
        holdout: As in :func:`exclude`.
        threads: As in :func:`exclude`.

    Returns:
        The report, which may still list rows to review.

    Raises:
        LeakError: Some do; the message counts them and names the first, and its ``report`` is the
            whole report.
    """
    report = find(rows, holdout, threads=threads)
    if not len(report.matches):
        return report
    counts = report.counts
    first = report.dropped.slice(0, 3).to_pylist()
    rules = ", ".join(f"{rule} {counts[rule]:,}" for rule in RULES if counts.get(rule))
    error = LeakError(
        f"{counts['dropped']:,} of {counts['rows']:,} rows hold items of "
        + " | ".join(p.name for p in report.purposes),
        expected="no row that holds one",
        found=f"{rules}; first: "
        + "; ".join(f"row {m['row_id']!r} holds {m['held_id']!r} ({m['rule']})" for m in first),
        hint="clean, report = mk.exclude(data, holdout) drops them and lists every one",
    )
    error.report = report  # type: ignore[attr-defined]
    raise error


def overlap(rows: Rows, others: Rows, *, threads: int | None = None) -> LeakReport:
    """Find the rows of one data set that hold items of another.

    Needs the whole of ``others``, of which fingerprints are taken; give the smaller one there.

    Args:
        rows: Rows to search, as in :func:`exclude`.
        others: Rows to search for; they need an ``id``.
        threads: As in :func:`exclude`.

    Returns:
        The report; ``dropped`` are the rows that would be.
    """
    held = Holdout.from_rows(others, reason="compared", name="overlap")
    return find(rows, held, threads=threads)


def find(rows: Rows, holdout: Holdout, *, threads: int | None = None) -> LeakReport:
    """Report what :func:`exclude` would drop, and drop nothing."""
    holdout.index, holdout.places  # noqa: B018 - built once, before the threads start

    def search(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, Matches]:
        return batch, match(batch, holdout)

    sure = pc.field("rule") != "review"
    tables, at = [MATCHES.empty_table()], 0
    families: dict[str, str] = {}
    for batch, found in in_order(search, batches(rows), threads=threads):
        tables.append(_matches(batch, found, at, holdout))
        families |= _families(batch, found, holdout)
        at += batch.num_rows
    if families:
        known = pc.unique(pa.concat_tables(tables).filter(sure)["row"]).to_numpy()
        tables.extend(_relatives(rows, families, known, holdout))
    everything = pa.concat_tables(tables).sort_by([("row", "ascending"), ("held_id", "ascending")])
    return LeakReport(
        matches=everything.filter(sure), review=everything.filter(~sure), rows=at,
        purposes=holdout.purposes,
    )  # fmt: skip


def _matches(batch: pa.RecordBatch, found: Matches, at: int, holdout: Holdout) -> pa.Table:
    row, item = pa.array(found.row), pa.array(found.item)
    items = holdout.items
    return pa.table([
        _ids(batch, found.row, at), items["id"].take(item),
        pa.array(RULES).take(pa.array(found.rule)),
        pa.array(found.stem, from_pandas=True), pa.array(found.options, from_pandas=True),
        pa.array(found.row + at), text_column(batch, "source").take(row), year_column(batch).take(row),
        items["holdout"].take(item), items["source"].take(item), items["year"].take(item),
    ], schema=MATCHES)  # fmt: skip


def _ids(batch: pa.RecordBatch, rows: npt.NDArray[np.int64], at: int) -> pa.Array:
    """Give the ids of rows, or their positions where the data has none."""
    positions = pa.array([f"#{row + at}" for row in rows.tolist()], pa.string())
    return pc.coalesce(text_column(batch, "id").take(pa.array(rows)), positions)


def _families(batch: pa.RecordBatch, found: Matches, holdout: Holdout) -> dict[str, str]:
    """Give the families of the rows found, each with the id of the item that was found in one."""
    sure = found.rule < REVIEW
    names = text_column(batch, "family").take(pa.array(found.row[sure])).to_pylist()
    held = holdout.items["id"].take(pa.array(found.item[sure])).to_pylist()
    return {name: id_ for name, id_ in zip(names, held, strict=True) if name is not None}


def _relatives(
    rows: Rows, families: dict[str, str], known: npt.NDArray[np.int64], holdout: Holdout
) -> Iterator[pa.Table]:
    """Match the rows whose family was found in another row: the copies lineage alone can tell."""
    names = pa.array(list(families), pa.string())
    items = pc.index_in(pa.array(list(families.values())), value_set=holdout.items["id"])
    at = 0
    for batch in batches(rows):
        family = pc.index_in(text_column(batch, "family"), value_set=names, skip_nulls=True)
        row = np.flatnonzero(family.is_valid().to_numpy(zero_copy_only=False))
        row = row[~np.isin(row + at, known)]
        item = items.take(family.take(pa.array(row))).to_numpy().astype(np.int64)
        nothing = np.full(len(row), np.nan)
        yield _matches(batch, Matches(row, item, np.full(len(row), FAMILY, np.int8), nothing, nothing),
                       at, holdout)  # fmt: skip
        at += batch.num_rows


@dataclass(frozen=True)
class Excluding:
    """The kernel that drops the rows that hold an item: for streams, Ray and Spark.

    It sees one batch at a time, so it cannot follow families from row to row as :func:`exclude`
    does; rows whose own family is held out are dropped. It pickles, and reports nothing.

    Attributes:
        holdout: What must not be trained on.

    Example:
        >>> exam = pa.table({"id": ["e/1"], "question": ["Which vitamin prevents scurvy?"]})
        >>> kernel = Excluding(Holdout.from_rows(exam, reason="we report it"))
        >>> len(kernel(pa.table({"id": ["a"], "question": ["Which vitamin prevents scurvy?"]})))
        0
    """

    holdout: Holdout

    def __call__(self, table: pa.Table) -> pa.Table:
        """Keep the rows that hold no item."""
        keep = np.ones(len(table), np.bool_)
        at = 0
        for batch in batches(table):
            found = match(batch, self.holdout)
            keep[at + found.row[found.rule < REVIEW]] = False
            at += batch.num_rows
        return table.filter(pa.array(keep))


@dataclass(frozen=True, eq=False)
class HoldoutComparison:
    """What each of two holdouts leaves in.

    Attributes:
        names: The two names.
        left_by_first: Items of the second that the first does not hold: id, source, split, year.
        left_by_second: Items of the first that the second does not hold.
        both: Number of items that both hold.
    """

    names: tuple[str, str]
    left_by_first: pa.Table
    left_by_second: pa.Table
    both: int

    def __str__(self) -> str:
        first, second = self.names
        lines = [f"both hold {self.both:,} items"]
        for name, other, left in ((first, second, self.left_by_first),
                                  (second, first, self.left_by_second)):  # fmt: skip
            lines.append(f"{name} leaves in {len(left):,} items of {other}" + _parts(left))
        return "\n".join(lines)


def _parts(left: pa.Table) -> str:
    counted = left.group_by(["source", "split", "year"]).aggregate([([], "count_all")])
    parts = sorted((f"{p['source'] or '?'} {p['split'] or ''} {p['year'] or ''}".rstrip(),
                    p["count_all"]) for p in counted.to_pylist())  # fmt: skip
    return f" ({', '.join(f'{name}: {n:,}' for name, n in parts)})" if parts else ""


def compare_holdouts(first: Holdout, second: Holdout) -> HoldoutComparison:
    """Tell what each of two holdouts leaves in of the other.

    An item is held where its id or its exact key is.

    Example:
        >>> def held(*ids: str) -> Holdout:
        ...     rows = pa.table({"id": list(ids), "question": [f"Question {i}?" for i in ids]})
        ...     return Holdout.from_rows(rows, reason="demo", name="+".join(ids))
        >>> print(compare_holdouts(held("a", "b"), held("b")))
        both hold 1 items
        a+b leaves in 0 items of b
        b leaves in 1 items of a+b (?: 1)
    """
    names = tuple(" | ".join(p.name for p in h.purposes) for h in (first, second))
    left_by_first, left_by_second = _left(second, first), _left(first, second)
    return HoldoutComparison(
        (names[0], names[1]), left_by_first, left_by_second, len(first) - len(left_by_second)
    )


def _left(of: Holdout, by: Holdout) -> pa.Table:
    held = pc.or_(pc.is_in(of.items["id"], value_set=by.items["id"].combine_chunks()),
                  pc.is_in(of.items["key"], value_set=by.items["key"].combine_chunks()))  # fmt: skip
    left = of.items.select(["id", "source", "split", "year"]).filter(pc.invert(held))
    return left.group_by(["id", "source", "split", "year"]).aggregate([]).sort_by("id")
