"""The rows of a set that a build leaves out for a holdout: for what they say, or for what is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import datasets
import numpy as np
import pyarrow as pa

from medqa_kit.building.guard import Guard
from medqa_kit.building.output.format_records import format_records
from medqa_kit.building.output.formats import SHOTS, Format
from medqa_kit.building.stages.fates import FATES
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.engines.worked_rows import RowSpan, WorkedRows, row_spans, rows_of_span
from medqa_kit.core.engines.workers import HERE, Workers
from medqa_kit.core.holders import batches, count
from medqa_kit.core.selection import filtered
from medqa_kit.core.threads import in_order
from medqa_kit.training.records import Record


def held_rows(
    whole: Mapping[str, datasets.Dataset], views: Sequence[RowView], formats: Sequence[Format],
    guard: Guard, workers: Workers = HERE,
) -> pa.Table:  # fmt: skip
    """Find the rows of the whole set that hold an item, in any form they are to be written in.

    A record says more than its row: words of a prompt, a system turn. So the records of the rows that
    hold nothing are searched, too, before anything is divided or written; and a row that is found by its
    record takes its relatives along as any other does.

    Args:
        whole: All rows: those of one part each.
        views: What the rows of each part become.
        formats: What is made of them.
        guard: What to look for.
        workers: What looks.

    Returns:
        A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`, sorted by position.
    """
    rows = WorkedRows.of(whole, workers)
    held = guard.held(rows)
    if not guard.applied:
        return held
    stays = np.ones(count(rows), np.bool_)
    stays[held["row"].to_numpy()] = False
    found = _in_records(whole, views, stays, formats, guard, workers)
    late = pa.concat_tables([held.slice(0, 0), *found])
    known = np.concatenate([held["row"].to_numpy(), late["row"].to_numpy()])
    relatives = guard.relatives(rows, late, known)
    return pa.concat_tables([held, late, relatives]).sort_by("row")


def held_by_examples(
    pieces: SetPieces, kept: Mask, formats: Sequence[Format], guard: Guard
) -> pa.Table:
    """Find rows that hold an item together with the examples they are shown, though neither does alone.

    Args:
        pieces: The rows, with views that show examples.
        kept: Marks the rows to look at.
        formats: What is made of them.
        guard: What to look for.

    Returns:
        As :func:`held_rows`, without relatives: these are shown other examples.
    """
    stays = kept.copy()
    for piece, begin, end in pieces.spans():
        stays[begin:end] &= bool(piece.view.shots)
    if not guard.applied or not stays.any():
        return FATES.empty_table()
    views = [piece.view for piece in pieces.listed]
    return pa.concat_tables(
        _in_records(pieces.whole(), views, stays, formats, guard, pieces.workers)
    )


def _in_records(
    whole: Mapping[str, datasets.Dataset], views: Sequence[RowView], stays: Mask,
    formats: Sequence[Format], guard: Guard, workers: Workers,
) -> Iterator[pa.Table]:  # fmt: skip
    """Search what is made of the rows that stay, span by span."""
    search = _RecordSearch(tuple(whole.values()), tuple(views), tuple(formats), guard)
    tasks = _tasks(search.parts, stays)
    # Threads share an index; processes have one each.
    return (
        in_order(search, tasks, threads=None) if workers.local else workers.in_order(search, tasks)
    )


class _Task(NamedTuple):
    """Rows to look at: those marked of a span, whose first row has a place in the whole."""

    span: RowSpan
    stays: Mask
    place: int


def _tasks(parts: tuple[datasets.Dataset, ...], stays: Mask) -> Iterator[_Task]:
    begin = 0
    for span in row_spans(parts):
        end = begin + span.end - span.begin
        yield _Task(span, stays[begin:end], begin)
        begin = end


@dataclass(frozen=True)
class _RecordSearch:
    """Searches what is made of rows."""

    parts: tuple[datasets.Dataset, ...]
    views: tuple[RowView, ...]
    formats: tuple[Format, ...]
    guard: Guard

    def __call__(self, task: _Task) -> pa.Table:
        begin, listed = task.place, [FATES.empty_table()]
        view = self.views[task.span.part]
        # as JSON Lines have them, and as Parquet files do; folders and shards say nothing
        beside = [(), (SHOTS,)] if view.shots else [()]
        kernels = dict.fromkeys(form.kernel(keep=keep) for form in self.formats for keep in beside)
        for batch in batches(rows_of_span(self.parts, task.span)):
            at = begin - task.place
            own = task.stays[at : at + batch.num_rows]
            rows = filtered(pa.Table.from_batches([batch]), own)
            viewed, unviewed = view(rows)
            places = np.delete(begin + np.flatnonzero(own), unviewed["row"].to_numpy())
            found = pa.concat_tables([self._in_format(viewed, places, k) for k in kernels])
            _, first = np.unique(found["row"].to_numpy(), return_index=True)
            listed.append(found.take(pa.array(first)))
            begin += batch.num_rows
        return pa.concat_tables(listed)

    def _in_format(self, rows: pa.Table, places: Ints, kernel: Record) -> pa.Table:
        records = format_records(rows, kernel)
        found = self.guard.held(records.made, threads=1)
        row = pa.array(places[records.places[found["row"].to_numpy()]], pa.int64())
        return found.set_column(0, FATES.field("row"), row)
