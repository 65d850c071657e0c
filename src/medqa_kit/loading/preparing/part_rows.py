"""From files to rows, batch by batch: read, normalise, make ids unique, set bad rows aside."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from medqa_kit.catalog.layouts import Layout
from medqa_kit.errors import DuplicateIdError, RowError, SchemaMovedError
from medqa_kit.loading.distributions.part_proof import refuse_other_part
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.row_spots import spot_of_row
from medqa_kit.loading.normalizer import NormalizedBatch
from medqa_kit.loading.plan import Plan
from medqa_kit.loading.preparing.answer_bases import AnswerBases
from medqa_kit.loading.preparing.copied_files import CopiedFiles
from medqa_kit.loading.preparing.quarantine import Quarantine
from medqa_kit.loading.preparing.unique_ids import UniqueIds
from medqa_kit.loading.readers.align import hint_for_files
from medqa_kit.loading.readers.read_files import format_of, read_files
from medqa_kit.loading.readers.read_task import RawBatch, Rejected

_AHEAD = 2  # batches read while another is normalised
_SMALL = 1_000  # rows of a batch, below which none is read ahead


@dataclass
class RunningCounts:
    """Counts while a part is read.

    Attributes:
        read: Raw rows read, those set aside included.
        made: Rows yielded.
        origins: Raw rows of which rows were made.
        absent: Raw rows of which none was made, for a reason that is counted.
        left_out: What the raw rows hold that is in none of them, by reason.
        doubts: What is odd of the answers of a file, in words.
        passed_over: Raw rows of which no row is expected, by reason.
    """

    read: int = 0
    made: int = 0
    origins: int = 0
    absent: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    doubts: list[str] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    def add(self, batch: NormalizedBatch) -> None:
        """Count what was made of a batch."""
        absent = int(batch.absent.sum())
        self.made += batch.table.num_rows
        self.origins += len(batch.absent) - absent
        self.absent += absent
        self.left_out += Counter({why: int(of.sum()) for why, of in batch.left_out.items()})
        self.passed_over += Counter({why: int(of.sum()) for why, of in batch.passed_over.items()})


def part_rows(
    plan: Plan,
    files: Sequence[File],
    ids: UniqueIds,
    *,
    aside: Quarantine | None = None,
    tally: RunningCounts | None = None,
) -> Iterator[pa.Table]:
    """Yield the rows of the files, in order, in tables of ``plan.schema``.

    From the second batch on that is asked for, the next ones are read while one is normalised. Bad rows that go
    aside are written in their order, so then no more is read than is asked for.

    Args:
        plan: What to make of the files.
        files: Read one after the other.
        ids: Keeps ids unique.
        aside: Takes bad rows; ``None`` raises at the first batch that has one.
        tally: Counts what is read and made.

    Raises:
        FileError: A file is not laid out as declared.
        RowError: Rows are not as declared, and ``aside`` is ``None``.
        WrongFilesError: Rows are of another part.
        SchemaMovedError: The answers of a file count from elsewhere than declared.
    """
    tally = tally or RunningCounts()
    reject = aside.unread if aside else None
    batches = read_files(
        files, plan.layout, source=plan.source.name, part=plan.part.name, reject=reject
    )
    bases, copies = AnswerBases(plan), CopiedFiles(plan)
    try:
        for batch in batches if aside else _ahead(batches):
            outcome = _attempt(plan, batch.table)
            refuse_other_part(plan.source, plan.part, batch.table, file=batch.file.name)
            bases.add(batch)
            bases.refuse_shifted()
            tally.read += batch.table.num_rows
            repeated = ids.repeated
            table = _settled(plan, batch, outcome, ids, aside, tally)
            if table is not None:
                copies.add(batch, table.num_rows, ids.repeated - repeated)
                # Memory need not hold what the rows are made of while they are written.
                del batch, outcome
                yield table
        copies.refuse_copy()
    except SchemaMovedError as error:
        if plan.origin != "hub" or plan.pinned:
            error.hint = hint_for_files(error.hint)
        raise
    tally.doubts += bases.doubts()


def _ahead(batches: Iterator[RawBatch]) -> Iterator[RawBatch]:
    """Read batches in a thread of its own, a few before they are asked for; the first one in this thread.

    Who looks at the first rows of a stream reads no more than these. Reading spends its time outside the
    interpreter lock; what is done with a batch does not, so that threads for that would wait for each other.
    Small batches are read as they are asked for: to start the thread would take longer.
    """
    for small in batches:
        yield small
        if small.table.num_rows >= _SMALL:
            break
    else:
        return
    del small
    with ThreadPoolExecutor(1) as reading:
        coming = deque(reading.submit(next, batches, None) for _ in range(_AHEAD))
        try:
            while (batch := coming.popleft().result()) is not None:
                coming.append(reading.submit(next, batches, None))
                yield batch
        finally:
            reading.shutdown(cancel_futures=True)


def _attempt(plan: Plan, raw: pa.Table) -> NormalizedBatch | RowError:
    try:
        return plan.batch(raw)
    except RowError as error:
        if not error.rows:  # nothing to set aside: the kernel itself is wrong
            raise
        return error


def _settled(
    plan: Plan,
    batch: RawBatch,
    outcome: NormalizedBatch | RowError,
    ids: UniqueIds,
    aside: Quarantine | None,
    tally: RunningCounts,
) -> pa.Table | None:
    """Return a batch's rows with unique ids; bad rows raise, or go aside until the rest is good."""
    raw, places = batch.table, np.arange(batch.table.num_rows)
    while True:
        if not isinstance(outcome, RowError):
            try:
                table = ids.settled(outcome.table)
                tally.add(outcome)
                return table
            except DuplicateIdError as error:
                error.rows = np.unique(outcome.origins[error.rows]).tolist()
                error.at(source=plan.source.name, part=plan.part.name)
                outcome = error
        if aside is None:
            raise located(outcome, batch, places, layout=plan.layout)
        for row in dict.fromkeys(outcome.rows):
            aside.add(_rejected(outcome, batch, raw, row, int(places[row])))
        good = np.setdiff1d(np.arange(raw.num_rows), outcome.rows)
        if not len(good):
            return None
        raw, places = raw.take(pa.array(good)), places[good]
        outcome = _attempt(plan, raw)


def located(error: RowError, batch: RawBatch, places: np.ndarray, *, layout: Layout) -> RowError:
    """Say in which file and row the first bad row of a batch is, and how many there are."""
    file, row = batch.place(int(places[error.rows[0]]))
    error.at(file=file, row=row)
    if file == batch.file.name:
        kind = format_of(file, layout.read, strictly=bool(layout.distribution))
        error.at(spot=spot_of_row(batch.file, layout, kind, row))
    if len(error.rows) > 1:
        error.what += f" (and in {len(error.rows) - 1} more rows of this batch)"
    return error


def _rejected(error: RowError, batch: RawBatch, raw: pa.Table, row: int, place: int) -> Rejected:
    file, number = batch.place(place)
    content = json.dumps(raw.slice(row, 1).to_pylist()[0], ensure_ascii=False, default=str)
    column = f"column {error.column!r}: " if error.column else ""
    return Rejected(file, number, error.reason, column + error.what, content)
