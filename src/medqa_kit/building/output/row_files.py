"""The files of a result that hold rows: written unit by unit, renamed when all are complete, and counted."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from medqa_kit._version import __version__
from medqa_kit.building.engines.workers import Workers
from medqa_kit.building.output.file_digests import all_files
from medqa_kit.building.output.format_files import (
    SPLITS,
    TRAIN,
    FormatFiles,
    ShardCount,
    described_format,
)
from medqa_kit.building.output.format_records import RecordMaker
from medqa_kit.building.output.formats import FileKind, Format
from medqa_kit.building.output.listings import DroppedRows
from medqa_kit.building.output.shards import shard_names
from medqa_kit.building.output.unit_facts import IS_UNIT, UnitFacts, unit_folder
from medqa_kit.building.output.unit_writer import ORDER, TURNS, UnitWriter
from medqa_kit.building.output.units import (
    BESIDE_TEXTS,
    STEP_ROWS,
    RowUnit,
    planned_units,
    unit_bytes,
)
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.result_folder import kept_units, refuse_little_room
from medqa_kit.building.stage_log import StageLog
from medqa_kit.building.stages.decisions import Decisions
from medqa_kit.building.stages.mixture import nth_times
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.stages.set_copies import count_copies
from medqa_kit.core.apply import BATCH_ROWS
from medqa_kit.core.arrow.columns import counted_values
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.arrow.row_arrays import row_array, value_places, values_at
from medqa_kit.core.arrow.text_columns import text_bytes
from medqa_kit.core.code.files import code_files
from medqa_kit.core.engines.dataset_rows import RowPicker, stored_batches
from medqa_kit.core.stored import sha256_of
from medqa_kit.core.threads import in_order

_UNITS = ".units"
_MOST_BYTES = 1 << 30  # of a row: more than a batch holds
_Sizes: TypeAlias = npt.NDArray[np.int32]
# Bytes of a file to those of the texts in it, at the least: Zstandard makes a fifth of most text.
_LEAST_SHARES: Mapping[FileKind, float] = {"parquet": 0.15, "jsonl": 0.8, "jsonl.zst": 0.15}


class RowFiles:
    """The rows of a build, as the files of its result.

    Args:
        recipe: How to make records.
        pieces: The rows.
        decisions: What becomes of them.
    """

    def __init__(self, recipe: Recipe, pieces: SetPieces, decisions: Decisions) -> None:
        self._recipe, self._pieces, self._decisions = recipe, pieces, decisions

    def write(self, folder: Path, target: Path, workers: Workers, log: StageLog) -> dict[str, Any]:
        """Write all rows, list those that are left out, and count both in the accounts of the sources.

        Units that an earlier build of the same rows wrote before it was ended are not written again.

        Args:
            folder: Folder to write into.
            target: Folder of the result, beside which units wait until all are written.
            workers: What writes them.
            log: Where it is told.

        Returns:
            What the manifest says of the formats.
        """
        orders, of_row = self._orders(), self._sizes()
        sizes = {split: values_at(of_row, order) for split, order in orders.items()}
        planned = self._planned(sizes)
        alone = len(planned) <= len(orders)  # nothing could be gone on with
        units = folder / _UNITS if alone else kept_units(target, self._key(orders, planned))
        bytes_there = sum(path.stat().st_size for path in all_files(units).values())
        refuse_little_room(target, self._least_bytes(sizes) - bytes_there)
        self._keep_orders(units, orders)
        with log.stage("write", sum(unit.rows for unit in planned)) as advance:
            # Of one unit at a time in each process, so that of a build that is ended no more is made again.
            writer = self._writer(units, threads=None if workers.local else 1)
            done = (
                writer.one_after_another(planned)
                if workers.local
                else workers.in_order(writer, planned)
            )
            for unit, _ in zip(planned, done, strict=True):
                advance(unit.rows)
        facts = [UnitFacts.load(unit_folder(units, unit.number)) for unit in planned]
        self._account(folder, facts)
        formats = self._named(folder, units, facts)
        if alone:
            shutil.rmtree(units)
        return formats

    def _least_bytes(self, sizes: Mapping[str, _Sizes]) -> int:
        """Estimate the room that the files take at the least."""
        records = sum(int(of_split.sum(dtype=np.int64)) for of_split in sizes.values())
        kinds = [kind for form in self._recipe.formats for kind in form.write]
        return int(records * sum(_LEAST_SHARES[kind] for kind in kinds))

    def _planned(self, sizes: Mapping[str, _Sizes]) -> list[RowUnit]:
        """Divide the rows into units."""
        most = unit_bytes(self._recipe.formats)
        planned: list[RowUnit] = []
        for split, of_split in sizes.items():
            planned += planned_units(of_split, split, most=most, first=len(planned))
        return planned

    def _key(self, orders: Mapping[str, Ints], planned: Sequence[RowUnit]) -> str:
        """Return sixteen hexadecimal digits that change with anything the bytes of a unit depend on."""
        listed = self._pieces.listed
        tokenizer = self._recipe.tokenizer_file
        facts = [
            None if tokenizer is None else sha256_of(tokenizer),
            __version__, pa.__version__, code_files(UnitWriter).digest, self._said(),
            [[piece.account.parts, piece.data._fingerprint, repr(piece.view)] for piece in listed],
            {split: xxhash.xxh3_128_hexdigest(order.data) for split, order in orders.items()},
            [unit.borders for unit in planned], self._epochs(),
        ]  # fmt: skip
        text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _said(self) -> dict[str, Any]:
        """Return what the recipe says, without where files are: of one's own rows the contents are known."""
        data = self._recipe.as_data()
        places = ("path", "read")
        return data | {
            "sources": [
                {k: v for k, v in entry.items() if k not in places} for entry in data["sources"]
            ]
        }

    def _keep_orders(self, units: Path, orders: Mapping[str, Ints]) -> None:
        """Write the order of each split where workers find it, and clear away what is not whole."""
        units.mkdir(exist_ok=True)
        for path in units.iterdir():
            if path.is_dir() and not IS_UNIT.fullmatch(path.name):
                shutil.rmtree(path)
        for split, order in orders.items():
            np.save(units / ORDER.format(split), order)
            if self._decisions.mixture is not None:
                np.save(units / TURNS.format(split), nth_times(order))

    def _orders(self) -> dict[str, Ints]:
        parts, mixture = self._decisions.fates.parts, self._decisions.mixture
        orders = {name: value_places(parts, at) for at, name in enumerate(SPLITS)}
        return orders if mixture is None else orders | {TRAIN: mixture.order}

    def _sizes(self) -> _Sizes:
        """Estimate the bytes of the record of each row; of few rows nothing depends on it."""
        sizes: _Sizes = row_array(self._pieces.num_rows, np.int32)
        sizes[:] = BESIDE_TEXTS
        if len(sizes) <= STEP_ROWS:
            return sizes
        read = (batch for piece in self._pieces.listed for batch in stored_batches(piece.data))
        at = 0
        for texts in in_order(_batch_bytes, read, threads=None):
            sizes[at : at + len(texts)] += np.minimum(texts, _MOST_BYTES)
            at += len(texts)
        return sizes

    def _writer(self, units: Path, *, threads: int | None = 1) -> UnitWriter:
        listed = self._pieces.listed
        return UnitWriter(
            units, tuple(piece.data for piece in listed), tuple(piece.view for piece in listed),
            self._recipe.formats, mixed=self._decisions.mixture is not None, epochs=self._epochs(),
            entries=self._entries(), threads=threads,
        )  # fmt: skip

    def _entries(self) -> tuple[str, ...]:
        """Return what the recipe calls the source of each piece, where order and names do not say it."""
        names = [ingredient.name for ingredient in self._recipe.sources]
        if self._decisions.mixture is None or len(set(names)) == len(names):
            return ()
        return tuple(piece.ingredient.label for piece in self._pieces.listed)

    def _epochs(self) -> tuple[int, ...]:
        """Return how many rows each epoch has, if there are several."""
        mixture = self._decisions.mixture
        return mixture.epochs if mixture is not None and len(mixture.epochs) > 1 else ()

    def _account(self, folder: Path, facts: Sequence[UnitFacts]) -> None:
        """List the rows that are in no file, and count all rows."""
        absent = self._left_out([unit.unwritten for unit in facts])
        if self._recipe.reference is not None:
            count_copies(self._pieces, absent)
        places = absent["row"].to_numpy()
        with DroppedRows(folder) as listed:
            for number, (piece, begin, end) in enumerate(self._pieces.spans()):
                first, last = np.searchsorted(places, [begin, end]).tolist()
                own, named = (
                    absent.slice(first, last - first),
                    RowPicker(piece.data, ("id", "source")),
                )
                for reasons in own.to_batches(max_chunksize=BATCH_ROWS):
                    listed.add(named(reasons["row"].to_numpy() - begin), pa.table(reasons))
                piece.account.read += end - begin
                piece.account.dropped.update(counted_values(own["reason"]))
                for unit in facts:
                    unit.add_to(piece.account, number)

    def _left_out(self, unwritten: Sequence[pa.Table]) -> pa.Table:
        absent = self._decisions.fates.left_out
        return pa.concat_tables([absent, *unwritten]).sort_by("row").combine_chunks()

    def _named(self, folder: Path, units: Path, facts: Sequence[UnitFacts]) -> dict[str, Any]:
        """Give the files of all units the names that say how many there are."""
        if not any(unit.records[TRAIN].total() for unit in facts):
            maker = RecordMaker(self._recipe.formats, self._writer(units).schemas)
            with FormatFiles(folder, maker):
                pass  # files that say the columns
        files: dict[str, list[Path]] = defaultdict(list)
        for number, unit in enumerate(facts):
            for name in sorted(unit.files):
                files[name.rpartition("/")[0]].append(unit_folder(units, number) / name)
        for place, listed in files.items():
            _put_side_by_side(listed, folder / place)
        return {form.name: _described(folder, form, facts) for form in self._recipe.formats}


def _batch_bytes(batch: pa.RecordBatch) -> Ints:
    return text_bytes(pa.Table.from_batches([batch]))


def _put_side_by_side(files: Sequence[Path], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kind = cast(FileKind, files[0].name.partition(".")[2])
    for file, name in zip(files, shard_names(len(files), kind), strict=True):
        try:
            os.link(file, folder / name)
        except OSError:  # a file system without such links: what is moved cannot be gone on with
            file.rename(folder / name)


def _described(folder: Path, form: Format, facts: Sequence[UnitFacts]) -> dict[str, Any]:
    counts = {}
    for split in SPLITS:
        shards = {kind: len(list((folder / place / split).glob("part-*")))
                  for kind, place in form.folders.items()}  # fmt: skip
        records = sum(unit.records[split][form.name] for unit in facts)
        counts[split] = ShardCount(records, shards)
    return described_format(form, counts)
