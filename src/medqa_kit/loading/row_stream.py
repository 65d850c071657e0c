"""From files to rows, batch by batch: read, normalise, tell repeats apart, set bad rows aside."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from medqa_kit.core.hashing import hashes
from medqa_kit.errors import DuplicateIdError, FileError, RowError
from medqa_kit.loading.files import File
from medqa_kit.loading.plan import Plan
from medqa_kit.loading.readers import Batch, Rejected, read

_MOST_AHEAD = 1 << 28  # bytes of raw rows held while batches are normalised ahead


@dataclass
class Tally:
    """Counts while a part is read.

    Attributes:
        read: Raw rows read, those set aside included.
        made: Rows yielded.
        left_out: What the raw rows hold that is in none of them, by reason.
    """

    read: int = 0
    made: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def rows(
    plan: Plan,
    files: Sequence[File],
    ids: Ids,
    *,
    aside: Quarantine | None = None,
    tally: Tally | None = None,
    threads: int = 0,
) -> Iterator[pa.Table]:
    """Yield the rows of the files, in order, in tables of ``plan.schema``.

    Args:
        plan: What to make of the files.
        files: Read one after the other.
        ids: Keeps ids unique.
        aside: Takes bad rows; ``None`` raises at the first batch that has one.
        tally: Counts what is read and made.
        threads: How many batches to read and normalise ahead while earlier ones are written.
            Kernels are pure, so the rows are the same; 0 reads no more than is asked for, and is
            what happens when bad rows go aside, since they are written in their order.

    Raises:
        FileError: A file is not laid out as declared.
        RowError: Rows are not as declared, and ``aside`` is ``None``.
    """
    tally = tally or Tally()
    reject = aside.unread if aside else None
    batches = read(files, plan.layout, source=plan.source.name, part=plan.part.name, reject=reject)
    for batch, outcome in _ahead(plan, batches, 0 if aside else threads):
        tally.read += batch.table.num_rows
        table = _settled(plan, batch, outcome, ids, aside, tally)
        if table is not None:
            tally.made += table.num_rows
            yield table


def _ahead(
    plan: Plan, batches: Iterator[Batch], threads: int
) -> Iterator[tuple[Batch, pa.Table | RowError]]:
    """Normalise batches in order, some of them ahead of time."""
    if threads == 0:
        yield from ((batch, _attempt(plan, batch.table)) for batch in batches)
        return
    waiting: deque[tuple[Batch, Future[pa.Table | RowError]]] = deque()
    with ThreadPoolExecutor(1) as reading, ThreadPoolExecutor(threads) as normalizing:
        try:
            coming = reading.submit(next, batches, None)
            while (batch := coming.result()) is not None:
                coming = reading.submit(next, batches, None)
                waiting.append((batch, normalizing.submit(_attempt, plan, batch.table)))
                while len(waiting) > threads or (waiting and _held(waiting) > _MOST_AHEAD):
                    first, done = waiting.popleft()
                    yield first, done.result()
        except FileError:  # later in the file than the rows that wait: theirs come first
            yield from ((batch, done.result()) for batch, done in waiting)
            raise
        yield from ((batch, done.result()) for batch, done in waiting)


def _held(waiting: Iterable[tuple[Batch, Any]]) -> int:
    return sum(batch.table.nbytes for batch, _ in waiting)


def _attempt(plan: Plan, raw: pa.Table) -> pa.Table | RowError:
    try:
        return plan.rows(raw)
    except RowError as error:
        if not error.rows:  # nothing to set aside: the kernel itself is wrong
            raise
        return error


def _settled(
    plan: Plan,
    batch: Batch,
    outcome: pa.Table | RowError,
    ids: Ids,
    aside: Quarantine | None,
    tally: Tally,
) -> pa.Table | None:
    """Give a batch's rows with unique ids; bad rows raise, or go aside until the rest is good."""
    raw, places = batch.table, np.arange(batch.table.num_rows)
    while True:
        if not isinstance(outcome, RowError):
            try:
                table = ids.settle(outcome)
                tally.left_out.update(plan.left_out(raw))
                return table
            except DuplicateIdError as error:
                error.rows = np.unique(plan.origins(raw)[error.rows]).tolist()
                error.at(source=plan.source.name, part=plan.part.name)
                outcome = error
        if aside is None:
            raise located(outcome, batch, places)
        for row in outcome.rows:
            aside.add(_rejected(outcome, batch, raw, row, int(places[row])))
        good = np.setdiff1d(np.arange(raw.num_rows), outcome.rows)
        if not len(good):
            return None
        raw, places = raw.take(pa.array(good)), places[good]
        outcome = _attempt(plan, raw)


def located(error: RowError, batch: Batch, places: np.ndarray) -> RowError:
    """Say in which file and row the first bad row of a batch is, and how many there are."""
    file, row = batch.place(int(places[error.rows[0]]))
    error.at(file=file, row=row)
    if len(error.rows) > 1:
        error.what += f" (and in {len(error.rows) - 1} more rows of this batch)"
    return error


def _rejected(error: RowError, batch: Batch, raw: pa.Table, row: int, place: int) -> Rejected:
    file, number = batch.place(place)
    content = json.dumps(raw.slice(row, 1).to_pylist()[0], ensure_ascii=False, default=str)
    column = f"column {error.column!r}: " if error.column else ""
    return Rejected(file, number, error.reason, column + error.what, content)


class Ids:
    """Keeps ids unique within one part, in eight bytes a row.

    A source either promises unique keys, and then a repeat is an error; or its keys are hashes
    of the row, and then exact copies are told apart by ``~2``, ``~3``, in file order.

    Args:
        repeats: Whether repeats are expected.
    """

    def __init__(self, *, repeats: bool) -> None:
        self._repeats = repeats
        self._runs: list[np.ndarray] = []  # sorted, each at least twice as long as the next
        self._counts: Counter[str] = Counter()

    @property
    def hashes(self) -> np.ndarray:
        """Hashes of all ids so far."""
        return np.concatenate(self._runs) if self._runs else np.empty(0, np.uint64)

    def settle(self, table: pa.Table) -> pa.Table:
        """Give the table with unique ids.

        Raises:
            DuplicateIdError: Keys repeat that were declared unique.
        """
        own = hashes(table["id"])
        repeated = self._seen(own)
        if not repeated.any():
            self._remember(own)
            return table
        ids = table["id"].to_pylist()  # only batches with repeats come here
        bad = np.flatnonzero(repeated).tolist()
        if not self._repeats:
            raise DuplicateIdError(
                "the key occurs twice", rows=bad, column="id", row_id=ids[bad[0]],
                expected="upstream's key is unique", found=f"{len(bad)} repeats in one batch",
                hint='on_bad="drop" keeps the first of each and sets the others aside',
            )  # fmt: skip
        self._remember(own[~repeated])
        for row in bad:
            self._counts[ids[row]] += 1
            ids[row] = f"{ids[row]}~{self._counts[ids[row]] + 1}"
        return table.set_column(table.column_names.index("id"), table.field("id"), pa.array(ids))

    def _seen(self, own: np.ndarray) -> np.ndarray:
        order = np.argsort(own, kind="stable")
        ordered = own[order]  # looking up sorted values is several times faster
        again = np.zeros(len(own), bool)
        again[1:] = ordered[1:] == ordered[:-1]
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, ordered), len(run) - 1)
            again |= run[at] == ordered
        repeated = np.zeros(len(own), bool)
        repeated[order] = again
        return repeated

    def _remember(self, own: np.ndarray) -> None:
        if not len(own):
            return
        self._runs.append(np.sort(own))
        while len(self._runs) > 1 and 2 * len(self._runs[-1]) > len(self._runs[-2]):
            self._runs.append(np.sort(np.concatenate([self._runs.pop(), self._runs.pop()])))


@dataclass
class Quarantine:
    """Writes rows that are set aside to a JSON Lines file, and counts them by reason.

    Attributes:
        path: The file; made when the first row comes.
        counts: Rows by reason.
        unreadable: How many of them never became rows, being broken records.
    """

    path: Path
    counts: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0

    def unread(self, rejected: Rejected) -> None:
        """Write one record that could not be read."""
        self.unreadable += 1
        self.add(rejected)

    def add(self, rejected: Rejected) -> None:
        """Write one row: file, row, reason, message, and the content as it was read."""
        self.counts[rejected.reason] += 1
        line: dict[str, Any] = {
            "file": rejected.file, "row": rejected.row, "reason": rejected.reason,
            "message": rejected.message, "content": rejected.content,
        }  # fmt: skip
        with self.path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
