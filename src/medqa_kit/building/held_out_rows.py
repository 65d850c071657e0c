"""The rows that a build leaves out for a holdout: because of their own text, or of the records made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.engines.worked_rows import (
    SPAN_ROWS,
    RowSpan,
    WorkedRows,
    row_spans,
    rows_of_span,
)
from medqa_kit.building.engines.workers import HERE, Workers, side_by_side
from medqa_kit.building.guard import DIRECT, Guard
from medqa_kit.building.kept.decided_tables import LEAST_ROWS, NOTHING_KEPT, DecidedTables
from medqa_kit.building.output.format_records import format_records
from medqa_kit.building.output.formats import SHOTS, Format
from medqa_kit.building.stages.fates import FATES
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.holders import batches
from medqa_kit.core.selection import filtered
from medqa_kit.matching.forms.row_forms import RowForm
from medqa_kit.matching.item_keys import family_names
from medqa_kit.training.records import Record

_T = TypeVar("_T")


SHARD_ROWS = 64 * SPAN_ROWS
"""Rows of a part of which the outcome is kept together."""

# Of few rows the records are searched as a whole, which pays for many together: of a shard that is full the more.
_TASK_ROWS, _LARGE_TASK_ROWS = 4 * SPAN_ROWS, 16 * SPAN_ROWS


def held_out_rows(
    whole: Mapping[str, datasets.Dataset], views: Sequence[RowView], formats: Sequence[Format],
    guard: Guard, workers: Workers = HERE, *, contents: Sequence[str | None] = (),
    decided: DecidedTables = NOTHING_KEPT,
) -> pa.Table:  # fmt: skip
    """Find the rows of the whole set that hold an item, in any form they are to be written in.

    A record says more than its row: words of a prompt, a system turn. So the records of the rows that
    hold nothing are searched, too, before anything is divided or written; and a row that is found by its
    record takes its relatives along as any other does. What single rows hold is kept shard by shard, so a
    build that was ended goes on from there; families go through the whole set, and are followed each time.

    Args:
        whole: All rows: those of one part each.
        views: What the rows of each part become.
        formats: What is made of them.
        guard: What to look for.
        workers: What looks.
        contents: Of each part a digest of its rows; ``None`` where it is not known, and nothing is kept.
        decided: What earlier builds found.

    Returns:
        A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`, sorted by position.
    """
    if not guard.applied:
        return FATES.empty_table()
    known = contents or [None] * len(whole)
    shards = list(_shards(whole.values(), views, formats, guard, known, decided))
    matches = [*_matches_of_rows(shards, whole, views, formats, guard, workers, decided)]
    own = pa.concat_tables([_OWN.empty_table(), *matches])
    by_record = np.asarray(own["by_record"])
    direct, late = own.filter(pa.array(~by_record)), own.filter(pa.array(by_record))
    rows = WorkedRows.of(whole, workers)
    kin = guard.relatives(rows, direct, direct["row"].to_numpy())
    late = late.filter(pc.invert(pc.is_in(late["row"], value_set=kin["row"].combine_chunks())))
    left_out = pa.concat_tables([table.select(FATES.names) for table in (direct, kin, late)])
    late_kin = guard.relatives(rows, late, left_out["row"].to_numpy())
    return pa.concat_tables([left_out, late_kin]).sort_by("row")


_OWN = DIRECT.append(pa.field("by_record", pa.bool_()))


class _Shard(NamedTuple):
    """Rows of a part, whose first has a place in the whole; the file their outcome is kept in, and it if it is."""

    part: int
    begin: int
    end: int
    place: int
    file: Path | None
    known: pa.Table | None

    def tasks(self) -> Iterator[RowSpan]:
        """Divide the rows into what is searched at a time."""
        rows = _LARGE_TASK_ROWS if self.end - self.begin == SHARD_ROWS else _TASK_ROWS
        for at in range(self.begin, self.end, rows):
            yield RowSpan(self.part, at, min(at + rows, self.end))


def _shards(
    parts: Iterable[datasets.Dataset], views: Sequence[RowView], formats: Sequence[Format],
    guard: Guard, contents: Sequence[str | None], decided: DecidedTables,
) -> Iterator[_Shard]:  # fmt: skip
    place = 0
    for part, (data, view, content) in enumerate(zip(parts, views, contents, strict=True)):
        for begin in range(0, data.num_rows, SHARD_ROWS):
            end, file = min(begin + SHARD_ROWS, data.num_rows), None
            if content is not None and data.num_rows > LEAST_ROWS:
                facts = [
                    content,
                    begin,
                    end,
                    repr(view),
                    guard.digest,
                    [f.as_data() for f in formats],
                ]
                file = decided.file("hold-out", facts)
            yield _Shard(part, begin, end, place + begin, file, decided.known(file))
        place += data.num_rows


def _matches_of_rows(
    shards: Sequence[_Shard], whole: Mapping[str, datasets.Dataset], views: Sequence[RowView],
    formats: Sequence[Format], guard: Guard, workers: Workers, decided: DecidedTables,
) -> Iterator[pa.Table]:  # fmt: skip
    """Return what single rows hold, shard by shard; what is not known is looked for and kept."""
    search = _RecordSearch(tuple(whole.values()), tuple(views), tuple(formats), guard)
    spans = [list(shard.tasks()) for shard in shards]
    tasks = [span for shard, own in zip(shards, spans, strict=True) if shard.known is None
             for span in own]  # fmt: skip
    looked = _in_order(_RowSearch(search), tasks, guard, workers)
    for shard, own in zip(shards, spans, strict=True):
        table = shard.known
        if table is None:
            table = pa.concat_tables([next(looked) for _ in own]).combine_chunks()
            decided.keep(shard.file, table)
        yield table.set_column(
            0, _OWN.field("row"), pc.add(table["row"], shard.place - shard.begin)
        )


def _in_order(
    search: Callable[[_T], pa.Table], tasks: Iterable[_T], guard: Guard, workers: Workers
) -> Iterator[pa.Table]:
    if workers.local:  # processes have an index each, threads share one
        guard.ready()
    return side_by_side(search, tasks, workers)


@dataclass(frozen=True)
class _RowSearch:
    """Searches rows, and what is made of those that hold nothing themselves.

    A record is mostly texts of its row, in which nothing was found. So the rows are searched together with
    what their records add, and few of these are left to be searched as a whole.
    """

    records: _RecordSearch

    def __call__(self, span: RowSpan) -> pa.Table:
        """Return what rows of a span hold, their places being those in the part."""
        rows, begin = rows_of_span(self.records.parts, span), pa.scalar(span.begin)
        direct, clear = self.records.guard.direct(rows, partial(self.records.forms, span.part))
        stays = ~clear
        stays[direct["row"].to_numpy()] = False
        late = self.records(_Task(span, stays, 0))
        family = family_names(rows).take(late["row"]).cast(pa.string())
        late = pa.table([*late.columns, family, late["match"]], schema=DIRECT)
        both = pa.concat_tables([direct, late])
        by_record = pa.array(np.arange(both.num_rows) >= direct.num_rows)
        both = both.set_column(0, DIRECT.field("row"), pc.add(both["row"], begin))
        return both.append_column(_OWN.field("by_record"), by_record).sort_by("row")


def held_out_by_examples(
    pieces: SetPieces, kept: Mask, formats: Sequence[Format], guard: Guard
) -> pa.Table:
    """Find rows that hold an item together with the examples they are shown, though neither does alone.

    Args:
        pieces: The rows, with views that show examples.
        kept: Marks the rows to look at.
        formats: What is made of them.
        guard: What to look for.

    Returns:
        As :func:`held_out_rows`, without relatives: these are shown other examples.
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
    return _in_order(search, _tasks(search.parts, stays), guard, workers)


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
        at, places, listed = 0, task.place + np.flatnonzero(task.stays), [FATES.empty_table()]
        view, kernels = self.views[task.span.part], self._kernels(task.span.part)
        for batch in batches(filtered(rows_of_span(self.parts, task.span), task.stays)):
            viewed, unviewed = view(pa.Table.from_batches([batch]))
            own = np.delete(places[at : at + batch.num_rows], unviewed["row"].to_numpy())
            matches = pa.concat_tables([self._in_format(viewed, own, k) for k in kernels])
            _, first = np.unique(matches["row"].to_numpy(), return_index=True)
            listed.append(matches.take(pa.array(first)))
            at += batch.num_rows
        return pa.concat_tables(listed)

    def forms(self, part: int, batch: pa.RecordBatch) -> list[RowForm]:
        """Return the records of all rows of a batch of a part."""
        viewed, unviewed = self.views[part](pa.Table.from_batches([batch]))
        places, forms = np.arange(batch.num_rows), []
        places = np.delete(places, unviewed["row"].to_numpy())
        for kernel in self._kernels(part):
            records, at = format_records(viewed, kernel), 0
            for form_rows in batches(records.made):
                rows = records.places[at : at + form_rows.num_rows]
                forms.append(RowForm(form_rows, places[rows]))
                at += form_rows.num_rows
        return forms

    def _kernels(self, part: int) -> list[Record]:
        """Return what makes the records of a part: as JSON Lines have them, and as Parquet files do.

        Folders and shards say nothing.
        """
        beside = [(), (SHOTS,)] if self.views[part].shots else [()]
        kernels = (form.kernel(keep=keep) for form in self.formats for keep in beside)
        return list(dict.fromkeys(kernels))

    def _in_format(self, rows: pa.Table, places: Ints, kernel: Record) -> pa.Table:
        records = format_records(rows, kernel)
        matches = self.guard.matches(records.made, threads=1)
        row = pa.array(places[records.places[matches["row"].to_numpy()]], pa.int64())
        return matches.set_column(0, FATES.field("row"), row)
