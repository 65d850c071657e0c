"""The files of one unit: written by any process, with an account of what went where."""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.account import Account
from medqa_kit.building.output.file_digests import listed_files
from medqa_kit.building.output.format_files import FormatFiles, viewed_schemas
from medqa_kit.building.output.formats import Format
from medqa_kit.building.output.units import RowUnit
from medqa_kit.building.stages.fates import FATES, fate_table
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.columns import counted_values
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.holders import RowPicker
from medqa_kit.core.selection import filtered
from medqa_kit.core.stored import read_stored, write_stored
from medqa_kit.errors import StorageError

NO_LANGUAGE = "und"
"""Stands for the language of rows that say none, as in BCP 47."""


def unit_folder(folder: Path, number: int) -> Path:
    """Return the folder of the files of a unit."""
    return folder / f"unit-{number:06d}"


ORDER, TURNS = "order-{}.npy", "turns-{}.npy"
"""Files that say which rows a split has, by place and in order, and which copy of its row each is."""

_FACTS, _UNWRITTEN = "facts.json", "unwritten.arrow"


@dataclass
class UnitFacts:
    """What became of the rows of a unit.

    Attributes:
        files: Sizes and digests of its files by name, which begins with folder and split.
        records: Records by split and format.
        written: Rows written by piece and split.
        repeated: How many of these are further copies, by piece.
        languages: Rows written, by piece and language.
        unwritten: Rows of which no record can be made, with the schema
            :data:`~medqa_kit.building.stages.fates.FATES`.
    """

    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    records: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    written: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    repeated: Counter[int] = field(default_factory=Counter)
    languages: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unwritten: pa.Table = field(default_factory=FATES.empty_table)

    def save(self, folder: Path) -> None:
        """Write the facts beside the files of the unit, these listed with size and digest."""
        if self.unwritten.num_rows:
            with (
                pa.OSFile(str(folder / _UNWRITTEN), "wb") as sink,
                pa.ipc.new_file(sink, FATES) as file,
            ):
                file.write_table(self.unwritten)
        counts = {name: getattr(self, name) for name in _COUNTS}
        write_stored(folder / _FACTS, {"files": listed_files(folder), **counts})

    @classmethod
    def load(cls, folder: Path) -> UnitFacts:
        """Read what :meth:`save` wrote.

        Raises:
            StorageError: There is nothing, or nothing whole.
        """
        told = read_stored(folder / _FACTS)
        if told is None:
            raise StorageError("a unit of the result is damaged", file=str(folder),
                               expected="the files as they were written", found=f"no whole {_FACTS}",
                               hint="look at the disk, and build again")  # fmt: skip
        facts, files = cls(), dict(told["files"])
        if files.pop(_UNWRITTEN, None):
            with pa.OSFile(str(folder / _UNWRITTEN)) as source:
                facts.unwritten = pa.ipc.open_file(source).read_all()
        facts.files = files
        facts.records.update({split: Counter(of) for split, of in told["records"].items()})
        facts.repeated.update({int(piece): n for piece, n in told["repeated"].items()})
        for name in ("written", "languages"):
            getattr(facts, name).update(
                {int(piece): Counter(of) for piece, of in told[name].items()}
            )
        return facts

    def add_to(self, account: Account, piece: int) -> None:
        """Count the rows of a piece in the account of its source."""
        account.written.update(self.written[piece])
        account.languages.update(self.languages[piece])
        account.repeated += self.repeated[piece]


_COUNTS = ("records", "written", "repeated", "languages")


@dataclass(frozen=True)
class UnitWriter:
    """Writes units; sent to the processes that do, with the rows as places in files.

    Attributes:
        folder: Where units go; the orders of the splits stand in it.
        pieces: The rows of each part.
        views: What they become.
        formats: What is written.
        mixed: Whether rows of a mix go with their copies: a row without a family is one with these.
    """

    folder: Path
    pieces: tuple[datasets.Dataset, ...]
    views: tuple[RowView, ...]
    formats: tuple[Format, ...]
    mixed: bool = False

    def __call__(self, unit: RowUnit) -> None:
        """Write the files of a unit, and the facts about it when all are written."""
        folder = unit_folder(self.folder, unit.number)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        facts, schemas = UnitFacts(), viewed_schemas(self.views)
        unwritten = [facts.unwritten]
        with FormatFiles(folder, self.formats, schemas=schemas, always=False) as files:
            for batch in self._batches(unit):
                unwritten.append(_write(files, unit.split, batch, facts))
        for form, told in files.written().items():
            facts.records[unit.split][form] = told["splits"].get(unit.split, {}).get("records", 0)
        facts.unwritten = pa.concat_tables(unwritten)
        facts.save(folder)

    def _batches(self, unit: RowUnit) -> Iterator[_Batch]:
        """Read the rows in order; within a batch, those of one part stand together."""
        order = np.load(self.folder / ORDER.format(unit.split), mmap_mode="r")
        turns = (
            np.load(self.folder / TURNS.format(unit.split), mmap_mode="r") if self.mixed else None
        )
        begins = np.cumsum([0, *(piece.num_rows for piece in self.pieces)])
        pickers: dict[int, RowPicker] = {}
        for begin, end in zip(unit.borders, unit.borders[1:], strict=False):
            places = np.asarray(order[begin:end])
            nth = np.ones(len(places), np.int64) if turns is None else np.asarray(turns[begin:end])
            owner = np.searchsorted(begins, places, side="right") - 1
            for piece in np.unique(owner).tolist():  # parts: few
                pick = pickers.setdefault(piece, RowPicker(self.pieces[piece]))
                for own in (owner == piece) & (nth == 1), (owner == piece) & (nth > 1):
                    if own.any():
                        rows = pick(places[own] - begins[piece])
                        rows = _in_families(rows) if self.mixed else rows
                        yield _Batch(piece, self.views[piece], rows, places[own], nth[own])


@dataclass(frozen=True)
class _Batch:
    """Rows of one part: all for the first time, or all as further copies under ids of their own."""

    piece: int
    view: RowView
    rows: pa.Table
    places: Ints
    nth: Ints

    @property
    def again(self) -> bool:
        return bool(self.nth[0] > 1)


def _write(files: FormatFiles, split: str, batch: _Batch, facts: UnitFacts) -> pa.Table:
    """Write a batch and count it; return the rows of which no record can be made."""
    rows = _renamed(batch.rows, batch.nth) if batch.again else batch.rows
    viewed, findings = batch.view(rows)
    whole = np.ones(rows.num_rows, bool)
    whole[findings["row"].to_numpy()] = False
    left = np.flatnonzero(whole)
    broken = files.write(viewed, split)
    at = left[broken["row"].to_numpy()]
    whole[at] = False
    _count(rows, whole, split, batch, facts)
    if batch.again:  # those of which no record can be made were listed with the first copy
        return FATES.empty_table()
    places = pa.array(batch.places[at], pa.int64())
    return pa.concat_tables([
        _unviewed(batch.places, findings), broken.set_column(0, FATES.field("row"), places)
    ])  # fmt: skip


def _count(rows: pa.Table, written: Mask, split: str, batch: _Batch, facts: UnitFacts) -> None:
    number = int(written.sum())
    facts.written[batch.piece][split] += number
    if batch.again:
        facts.repeated[batch.piece] += number
    said = pc.fill_null(filtered(rows, written)["language"].cast(pa.string()), NO_LANGUAGE)
    facts.languages[batch.piece].update(counted_values(said))


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


def _unviewed(places: Ints, findings: pa.Table) -> pa.Table:
    """Return the rows of which nothing can be made, each with the first rule it breaks."""
    at = findings["row"].unique()
    first = findings.take(pc.index_in(at, value_set=findings["row"]))
    reason = pc.binary_join_element_wise("view", first["code"], "_")
    told = fate_table(places[at.to_numpy()], "", first["detail"])
    return told.set_column(1, FATES.field("reason"), reason)
