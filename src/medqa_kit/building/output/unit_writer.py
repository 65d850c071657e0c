"""Write the files of one unit, in any process, with an account of its rows."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.output.format_files import TRAIN, FormatFiles
from medqa_kit.building.output.format_records import RecordMaker, RowRecords, viewed_schemas
from medqa_kit.building.output.formats import ENTRY, EPOCH, Format
from medqa_kit.building.output.unit_facts import UnitFacts, is_whole_unit, unit_folder
from medqa_kit.building.output.units import RowUnit
from medqa_kit.building.stages.fates import FATES, fate_table
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.columns import counted_values
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.engines.dataset_rows import row_picker
from medqa_kit.core.selection import filtered
from medqa_kit.core.threads import in_order

NO_LANGUAGE = "und"
"""Stands for the language of rows that say none, as in BCP 47."""

ORDER, TURNS = "order-{}.npy", "turns-{}.npy"
"""Files that say which rows a split has, by place and in order, and which copy of its row each is."""


@dataclass(frozen=True)
class UnitWriter:
    """Writes units; sent to the processes that do, with the rows as places in files.

    Attributes:
        folder: Where units go; the orders of the splits stand in it.
        pieces: The rows of each part.
        views: What they become.
        formats: What is written.
        mixed: Whether rows of a mix go with their copies: a row without a family is one with these.
        epochs: How many rows of ``train`` each epoch has, where there are several.
        entries: What the recipe calls the source of each piece, where rows are to say it.
        threads: How many make records, while this one writes them; ``None`` takes all the process may use.
    """

    folder: Path
    pieces: tuple[datasets.Dataset, ...]
    views: tuple[RowView, ...]
    formats: tuple[Format, ...]
    mixed: bool = False
    epochs: tuple[int, ...] = ()
    entries: tuple[str, ...] = ()
    threads: int | None = None

    def __call__(self, unit: RowUnit) -> None:
        """Write the files of a unit and the facts about it, unless an earlier build has done so.

        Each unit has its name from the moment on when all of it is written.
        """
        for _ in self.one_after_another([unit]):
            pass

    def one_after_another(self, units: Iterable[RowUnit]) -> Iterator[RowUnit]:
        """Write units as each is written alone, while threads make the records of those that follow.

        Yields:
            Each unit once its files are there.
        """
        planned = [(unit, is_whole_unit(unit_folder(self.folder, unit.number))) for unit in units]
        maker = RecordMaker(self.formats, self.schemas)
        # Here alone: Python 3.11 cannot read the heads of such files in several threads.
        orders = {split: self._order(split) for split in {unit.split for unit, _ in planned}}
        stretches = ((unit.split, *stretch) for unit, known in planned if not known
                     for stretch in pairwise(unit.borders))  # fmt: skip
        make = partial(self._ready_batches, maker, orders)
        ready = in_order(make, stretches, threads=self.threads)
        for unit, known in planned:
            if not known:
                self._write(unit, islice(ready, len(unit.borders) - 1), maker)
            yield unit

    def _write(
        self, unit: RowUnit, stretches: Iterable[list[_ReadyBatch]], maker: RecordMaker
    ) -> None:
        folder = unit_folder(self.folder, unit.number)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=self.folder))
        facts = UnitFacts()
        unwritten = [facts.unwritten]
        with FormatFiles(unfinished, maker, always=False) as files:
            for stretch in stretches:
                unwritten += [_put(files, unit.split, batch, facts) for batch in stretch]
                files.in_order(unit.split)
        for form, totals in files.written().items():
            facts.records[unit.split][form] = totals["splits"].get(unit.split, {}).get("records", 0)
        facts.unwritten = pa.concat_tables(unwritten)
        facts.save(unfinished)
        unfinished.rename(folder)

    @property
    def schemas(self) -> list[pa.Schema]:
        """The schemas of what rows become."""
        return viewed_schemas(self.views, epochs=bool(self.epochs), entries=bool(self.entries))

    def _order(self, split: str) -> tuple[Ints, Ints | None]:
        """Return which rows a split has, by place and in order, and which copy of its row each is, if there are any."""
        files = [ORDER, TURNS] if self.mixed else [ORDER]
        order, *turns = (np.load(self.folder / file.format(split), mmap_mode="r") for file in files)
        return order, turns[0] if turns else None

    def _ready_batches(
        self, maker: RecordMaker, orders: Mapping[str, tuple[Ints, Ints | None]], stretch: tuple[str, int, int]
    ) -> list[_ReadyBatch]:  # fmt: skip
        """Read the rows of a stretch of a split, and make their records; each batch is of one part."""
        split, begin, end = stretch
        order, turns = orders[split]
        nth = np.ones(end - begin, np.int64) if turns is None else np.asarray(turns[begin:end])
        batches = self._batches(np.asarray(order[begin:end]), nth, self._epochs(split, begin, end))
        return [_ready_batch(batch, maker) for batch in batches]

    def _batches(self, places: Ints, nth: Ints, epochs: Ints | None) -> Iterator[_Batch]:
        begins = np.cumsum([0, *(piece.num_rows for piece in self.pieces)])
        owner = np.searchsorted(begins, places, side="right") - 1
        for piece in np.unique(owner).tolist():  # parts: few
            pick = row_picker(self.pieces[piece])
            for own in (owner == piece) & (nth == 1), (owner == piece) & (nth > 1):
                if own.any():
                    rows = pick(places[own] - begins[piece])
                    rows = _in_families(rows) if self.mixed else rows
                    yield _Batch(piece, self.views[piece], rows, np.flatnonzero(own), places[own], nth[own],
                                 None if epochs is None else epochs[own],
                                 self.entries[piece] if self.entries else None)  # fmt: skip

    def _epochs(self, split: str, begin: int, end: int) -> Ints | None:
        """Number the epochs of a stretch of rows, from 1; rows outside the mix are of the first."""
        if not self.epochs:
            return None
        if split != TRAIN:
            return np.ones(end - begin, np.int32)
        ends = np.cumsum(self.epochs)
        numbers = np.searchsorted(ends, np.arange(begin, end), side="right") + 1
        return numbers.astype(np.int32)


@dataclass(frozen=True)
class _Batch:
    """Rows of one part: all for the first time, or all as further copies under ids of their own."""

    piece: int
    view: RowView
    rows: pa.Table
    at: Ints
    places: Ints
    nth: Ints
    epochs: Ints | None
    entry: str | None

    @property
    def again(self) -> bool:
        return bool(self.nth[0] > 1)


class _ReadyBatch(NamedTuple):
    """A batch, its rows under the names they have in the result, which of them a view can show, and their records."""

    batch: _Batch
    rows: pa.Table
    whole: Mask
    findings: pa.Table
    records: RowRecords


def _ready_batch(batch: _Batch, maker: RecordMaker) -> _ReadyBatch:
    rows = _renamed(batch.rows, batch.nth) if batch.again else batch.rows
    viewed, findings = batch.view(rows)
    whole = np.ones(rows.num_rows, bool)
    whole[findings["row"].to_numpy()] = False
    viewable = np.flatnonzero(whole)
    if batch.epochs is not None:
        viewed = viewed.append_column(EPOCH, pa.array(batch.epochs[viewable], pa.int32()))
    if batch.entry is not None:
        viewed = viewed.append_column(ENTRY, pa.repeat(pa.scalar(batch.entry), len(viewable)))
    return _ReadyBatch(batch, rows, whole, findings, maker(viewed))


def _put(files: FormatFiles, split: str, ready: _ReadyBatch, facts: UnitFacts) -> pa.Table:
    """Write a batch and count it; return the rows of which no record can be made."""
    batch, rows, whole, findings, records = ready
    viewable = np.flatnonzero(whole)
    files.put(records, split, at=batch.at[viewable])
    at = viewable[records.broken["row"].to_numpy()]
    written = whole.copy()
    written[at] = False
    _count(rows, written, split, batch, facts)
    if batch.again:  # those of which no record can be made were listed with the first copy
        return FATES.empty_table()
    places = pa.array(batch.places[at], pa.int64())
    return pa.concat_tables([
        unviewed(batch.places, findings), records.broken.set_column(0, FATES.field("row"), places)
    ])  # fmt: skip


def _count(rows: pa.Table, written: Mask, split: str, batch: _Batch, facts: UnitFacts) -> None:
    number = int(written.sum())
    facts.written[batch.piece][split] += number
    if batch.again:
        facts.repeated[batch.piece] += number
    languages = filtered(rows.select(["language"]), written)["language"]
    names = pc.fill_null(languages.cast(pa.string()), NO_LANGUAGE)
    facts.languages[batch.piece].update(counted_values(names))


def _renamed(rows: pa.Table, turns: Ints) -> pa.Table:
    """Give further copies ids of their own: ``#2`` and so on."""
    at = rows.column_names.index("id")
    number = pa.array(turns).cast(pa.string())
    named = pc.binary_join_element_wise(rows["id"].cast(pa.string()), number, "#")
    return rows.set_column(at, rows.schema.field(at), named.cast(rows.schema.field(at).type))


def _in_families(rows: pa.Table) -> pa.Table:
    at, field = rows.column_names.index("family"), rows.schema.field("family")
    families = pc.coalesce(rows["family"], rows["id"].cast(field.type))
    return rows.set_column(at, field, families)


def unviewed(places: Ints, findings: pa.Table) -> pa.Table:
    """Return the rows of which nothing can be made, each with the first rule it breaks.

    Args:
        places: Of the rows that were looked at.
        findings: What their view found, by their place among these.
    """
    at = findings["row"].unique()
    first = findings.take(pc.index_in(at, value_set=findings["row"]))
    reason = pc.binary_join_element_wise("view", first["code"], "_")
    fates = fate_table(places[at.to_numpy()], "", first["detail"])
    return fates.set_column(1, FATES.field("reason"), reason)
