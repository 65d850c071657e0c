"""The verbs on holdouts: search, exclude, check, overlap, and the kernel for streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.core.holders import RowsT, batches, opened, over_batches
from medqa_kit.core.report import Report
from medqa_kit.core.selection import choose, filtered
from medqa_kit.decontamination.findings import FINDINGS, dropped_rows, leak_findings, leak_report
from medqa_kit.decontamination.holdout import Holdout, a_holdout
from medqa_kit.decontamination.matcher import Matches, Searched, match, match_with_forms
from medqa_kit.decontamination.rules import FAMILY, REVIEW, RULES
from medqa_kit.errors import LeakError
from medqa_kit.matching.forms.row_forms import RowForm
from medqa_kit.matching.item_keys import family_names, stated_families

FormsOf = Callable[[pa.RecordBatch], Sequence[RowForm]]
"""Makes the forms of rows that they are to be told of, such as the records of them."""

_TOLD = ("id", "family", "source", "year")
_NOTHING_DROPPED = "nothing was dropped: mk.exclude(rows, holdout) drops these rows"


def exclude(rows: RowsT, holdout: Holdout, *, threads: int | None = None) -> tuple[RowsT, Report]:
    """Drop the rows that hold an item of a holdout, and report which rows and why.

    Needs the whole data: a row that is dropped takes with it the rows of its ``family``, such
    as its translations. A stream is read three times.

    Args:
        rows: Training data in any of the seven schemas, in any container of rows: a table, a dataset,
            a dict of datasets, a stream, a data frame or a list of dicts. Every text of a row is
            searched.
        holdout: What must not be trained on.
        threads: How many to use; ``None`` takes all the process may use, up to eight.

    Returns:
        The rows that are left, in order and in the same kind of container, and the report. The
        ``code`` of a finding is the rule by which the row holds the item; rows with nothing but
        ``review`` are not dropped. Columns of its own: ``held_id``, ``stem_score``, ``options_score``, ``answer_score``,
        ``source``, ``year``, ``holdout``, ``held_source``, ``held_year``.

    Raises:
        ArgumentError: It is no container of rows; no holdout, such as the name of one; or a stream whose
            rows have no ids.
        SchemaError: The rows are of a form that cannot be searched.

    Example:
        >>> exam = pa.table({"id": ["e/1"], "question": ["Which vitamin prevents scurvy?"]})
        >>> data = pa.table({"id": ["a", "b"], "question": ["which VITAMIN prevents scurvy", "Why?"]})
        >>> clean, report = exclude(data, Holdout.from_rows(exam, reason="we report it"))
        >>> clean["id"].to_pylist(), report.dropped, report.ids("exact")
        (['b'], 1, ['a'])
    """
    holder = opened(rows)
    size, findings = _findings("exclude", holder.rows, holdout, threads)
    report = leak_report("exclude", findings, rows=size, holdout=holdout)
    keep = np.ones(size, np.bool_)
    keep[whole(dropped_rows(report)["row"]).to_numpy()] = False
    return holder.back(choose(holder.rows, keep)), report


def search(rows: Any, holdout: Holdout, *, threads: int | None = None) -> Report:
    """Report the rows that :func:`exclude` would drop, without dropping them.

    Args:
        rows: As in :func:`exclude`.
        holdout: As in :func:`exclude`.
        threads: As in :func:`exclude`.

    Returns:
        The report; ``kept`` and ``dropped`` have the numbers that :func:`exclude` would give.

    Raises:
        ArgumentError: The rows are in no container that the library reads, ``holdout`` is no :class:`Holdout`,
            or ``threads`` is less than one.

    Example:
        >>> exam = pa.table({"id": ["e/1"], "question": ["Which vitamin prevents scurvy?"]})
        >>> report = search([{"text": "Q: which vitamin prevents scurvy?"}, {"text": "Why?"}],
        ...                 Holdout.from_rows(exam, reason="we report it"))
        >>> report.rows, report.dropped, report.findings["held_id"].to_pylist()
        (2, 1, ['e/1'])
    """
    return _searched("search", rows, holdout, threads)


def check(rows: Any, holdout: Holdout, *, threads: int | None = None) -> Report:
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

    Example:
        >>> exam = pa.table({"id": ["e/1"], "question": ["Which vitamin prevents scurvy?"]})
        >>> check([{"text": "Why?"}], Holdout.from_rows(exam, reason="we report it")).dropped
        0
    """
    report = _searched("check", rows, holdout, threads)
    if not report.dropped:
        return report
    rules = ", ".join(f"{rule} {number:,}" for rule in RULES
                      if rule != "review" and (number := report.counts.get(f"rows_{rule}")))  # fmt: skip
    first = "; ".join(f"row {row['id']!r} holds {row['held_id']!r} ({row['code']})"
                      for row in dropped_rows(report).slice(0, 3).to_pylist())  # fmt: skip
    error = LeakError(
        f"{report.dropped:,} of {report.rows:,} rows hold items of {holdout.name}",
        expected="no row that holds one",
        found=f"{rules}; first: {first}",
        hint="clean, report = mk.exclude(rows, holdout) drops them and lists every one",
    )
    error.report = report  # type: ignore[attr-defined]
    raise error


def overlap(rows: Any, others: Any, *, threads: int | None = None) -> Report:
    """Find the rows of one data set that hold items of another.

    Needs the whole of ``others``, of which fingerprints are taken; pass the smaller one there.

    Args:
        rows: Rows to search, as in :func:`exclude`.
        others: Rows to search for; they need an ``id``.
        threads: As in :func:`exclude`.

    Returns:
        The report; ``dropped`` are the rows that hold an item of the others.

    Raises:
        ArgumentError: It is no container of rows, or a stream whose rows have no ids.
        EmptyDataError: There are no rows to search for.
        SchemaError: The rows to search for have no ``id``, or rows hold no text.

    Example:
        >>> early = [{"id": "2021/1", "question": "Which vitamin prevents scurvy?"}]
        >>> late = [{"id": "2024/7", "question": "Which VITAMIN prevents scurvy?"}]
        >>> overlap(early, late).findings["held_id"].to_pylist()
        ['2024/7']
    """
    holdout = Holdout.from_rows(others, reason="compared", name="overlap")
    return _searched("overlap", rows, holdout, threads)


def _searched(verb: str, rows: Any, holdout: Holdout, threads: int | None) -> Report:
    size, findings = _findings(verb, opened(rows).rows, holdout, threads)
    notes = (_NOTHING_DROPPED,) if pc.any(pc.not_equal(findings["code"], "review")).as_py() else ()
    return leak_report(verb, findings, rows=size, holdout=holdout, notes=notes, took_out=False)


def _findings(verb: str, rows: Any, holdout: Holdout, threads: int | None) -> tuple[int, pa.Table]:
    """Return the number of rows and all findings.

    Args:
        verb: What it is for, for the bar.
        rows: What ``opened`` returned: it is read a second time where families were found.
        holdout: What to look for.
        threads: How many.
    """
    direct = direct_findings(rows, holdout, threads=threads, verb=verb)
    size, findings = len(direct.clear), direct.findings
    if not direct.families or not direct.related:
        return size, findings
    sure = findings.filter(pc.field("code") != "review")
    late = relatives(rows, direct.families, pc.unique(sure["row"]).to_numpy(), holdout)
    return size, pa.concat_tables([findings, *late])


class DirectFindings(NamedTuple):
    """The rows that hold an item themselves.

    Attributes:
        findings: With the schema :data:`~medqa_kit.decontamination.findings.FINDINGS`, in the order of the rows.
        families: The families of the rows found, each with the id of the last item that was found in one.
        related: Whether any row says of which family it is: of others none is a relative.
        clear: ``bool[n]``: the rows of which no form holds an item, see
            :func:`~medqa_kit.decontamination.matcher.match_with_forms`.
    """

    findings: pa.Table
    families: dict[str, str]
    related: bool
    clear: Mask


def direct_findings(
    rows: Any, holdout: Holdout, *, threads: int | None = None, verb: str | None = None,
    forms: FormsOf | None = None,
) -> DirectFindings:  # fmt: skip
    """Find the rows that hold an item themselves, without their relatives.

    Args:
        rows: What ``opened`` returned.
        holdout: What to look for.
        threads: How many.
        verb: What it is for, where progress is to be shown.
        forms: Makes the forms of the rows of a batch, where it is to be told which of these are clear.
    """
    a_holdout("holdout", holdout)
    holdout.index, holdout.places  # noqa: B018 - built once, before the threads start

    search_batch = partial(_searched_batch, holdout, forms)
    tables, clear, begin = [FINDINGS.empty_table()], [np.zeros(0, np.bool_)], 0
    families: dict[str, str] = {}
    related = False
    for batch, searched in over_batches(search_batch, rows, threads=threads, verb=verb):
        tables.append(leak_findings(batch, searched.matches, begin, holdout))
        families |= _families(batch, searched.matches, holdout)
        related |= stated_families(batch).null_count < batch.num_rows
        clear.append(searched.clear)
        begin += len(searched.clear)
    return DirectFindings(pa.concat_tables(tables), families, related, np.concatenate(clear))


def _searched_batch(
    holdout: Holdout, forms: FormsOf | None, batch: pa.RecordBatch
) -> tuple[pa.RecordBatch, Searched]:
    columns = batch.select([name for name in _TOLD if name in batch.schema.names])
    return columns, match_with_forms(batch, None if forms is None else forms(batch), holdout)


def _families(batch: pa.RecordBatch, matches: Matches, holdout: Holdout) -> dict[str, str]:
    """Return the families of the rows found, each with the id of the item that was found in one."""
    sure = matches.rule < REVIEW
    names = family_names(batch).take(pa.array(matches.row[sure])).to_pylist()
    items = holdout.items["id"].take(pa.array(matches.item[sure])).to_pylist()
    return {name: item for name, item in zip(names, items, strict=True) if name is not None}


def relatives(
    rows: Any, families: Mapping[str, str], known: npt.NDArray[np.int64], holdout: Holdout
) -> Iterator[pa.Table]:
    """Match the rows whose family was found in another row: the copies lineage alone can tell.

    Args:
        rows: What ``opened`` returned.
        families: The families that were found, each with the id of an item.
        known: ``int64[n]``: positions of the rows that were found themselves.
        holdout: What was looked for.

    Yields:
        Tables with the schema :data:`~medqa_kit.decontamination.findings.FINDINGS`.
    """
    names = pa.array(list(families), pa.string())
    items = pc.index_in(pa.array(list(families.values())), value_set=holdout.items["id"])
    begin = 0
    for batch in batches(rows, columns=_TOLD):
        family = pc.index_in(family_names(batch), value_set=names, skip_nulls=True)
        row = np.flatnonzero(family.is_valid().to_numpy(zero_copy_only=False))
        row = row[~np.isin(row + begin, known)]
        item = items.take(family.take(pa.array(row))).to_numpy().astype(np.int64)
        nothing = np.full(len(row), np.nan)
        matches = Matches(row, item, np.full(len(row), FAMILY, np.int8), nothing, nothing, nothing)
        yield leak_findings(batch, matches, begin, holdout)
        begin += batch.num_rows


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

    def __post_init__(self) -> None:
        a_holdout("holdout", self.holdout)

    def __call__(self, table: pa.Table) -> pa.Table:
        """Keep the rows that hold no item."""
        keep = np.ones(len(table), np.bool_)
        begin = 0
        for batch in batches(table):
            matches = match(batch, self.holdout)
            keep[begin + matches.row[matches.rule < REVIEW]] = False
            begin += batch.num_rows
        return filtered(table, keep)
