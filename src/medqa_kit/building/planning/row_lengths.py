"""Lengths of the records of a source, measured in rows on this machine or in invented ones."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.building.account import Account
from medqa_kit.building.guard import Guard
from medqa_kit.building.output.format_records import format_records
from medqa_kit.building.output.formats import TRACE, Format
from medqa_kit.building.planning.known_rows import RowsAtHand
from medqa_kit.building.planning.outlook import Basis
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.lengths import counter_of, record_lengths
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.work.set_reading import SetReading
from medqa_kit.building.work.set_writing import set_pieces
from medqa_kit.catalog import Source
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.holders import batches
from medqa_kit.core.selection import choose
from medqa_kit.errors import MedQAError
from medqa_kit.tokens.counts import Counter
from medqa_kit.training.record_files import json_blocks

_MOST_ROWS = 2000  # that are measured of a source


@dataclass(frozen=True)
class RowLengths:
    """How long a record of a source is on the average.

    Attributes:
        chars: Characters of prompt and reply.
        tokens: Tokens, where the recipe names a tokenizer.
        bytes: Bytes of its files, in all formats together.
        basis: What was measured: all rows, some of them, or invented ones.
    """

    chars: float
    tokens: float | None
    bytes: float
    basis: Basis

    def of(self, unit: str) -> float | None:
        """Return the length in the unit of a mix; a row is 1 of rows."""
        return {"rows": 1.0, "chars": self.chars, "tokens": self.tokens}[unit]


def row_lengths(recipe: Recipe, known: RowsAtHand, label: str) -> RowLengths | None:
    """Measure rows of a source that are here; ``None`` where none is kept."""
    kept = known.of(label) & known.fates.kept
    measured = _measured(recipe, known.pieces, kept)
    return None if measured is None else replace(measured, basis="exact" if kept.sum() <= _MOST_ROWS else "so far")  # fmt: skip


def sample_lengths(
    recipe: Recipe, ingredient: Ingredient, source: Source, cache_dir: str | os.PathLike[str] | None
) -> RowLengths | None:
    """Measure the invented rows of a source whose real ones are elsewhere; ``None`` where it has none."""
    plain = replace(ingredient, path=None, repo=None, revision=None, slice=None, fix=())
    alone = replace(recipe)
    object.__setattr__(alone, "sources", (plain,))  # weights may name the others
    account = Account(source, alias=ingredient.alias)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parts = SetReading(alone, "sample", cache_dir, None, None).taken(plain, account)
        pieces, _ = set_pieces(alone, [account], [parts], Guard({}))
        return _measured(recipe, pieces, np.ones(pieces.num_rows, bool))
    except MedQAError:  # a part without a sample
        return None


def _measured(recipe: Recipe, pieces: SetPieces, kept: Mask) -> RowLengths | None:
    places = np.flatnonzero(kept)
    if not len(places):
        return None
    measured = np.zeros(len(kept), bool)
    measured[
        places[np.linspace(0, len(places) - 1, min(len(places), _MOST_ROWS)).astype(np.int64)]
    ] = True
    counter = counter_of(recipe)
    chars = _lengths(pieces, measured, recipe, "chars", len)
    tokens = None if counter is None else _mean(_lengths(pieces, measured, recipe, "tokens", counter))  # fmt: skip
    size = sum(_bytes(pieces, measured, form) for form in recipe.formats)
    return RowLengths(_mean(chars), tokens, size / int(measured.sum()), "guess")


def _lengths(
    pieces: SetPieces, measured: Mask, recipe: Recipe, unit: str, counter: Counter
) -> Ints:
    """Return lengths that stages measured already, where they have those of all these rows."""
    known = pieces.lengths.get(unit)
    if known is not None and (known[measured] > 0).all():
        return np.where(measured, known, 0)
    return record_lengths(pieces, measured, recipe, counter)


def _mean(lengths: Ints) -> float:
    return float(lengths[lengths > 0].mean()) if (lengths > 0).any() else 0.0


def _bytes(pieces: SetPieces, measured: Mask, form: Format) -> int:
    """Count the bytes of some rows in the files of a format."""
    total = 0
    for piece, begin, end in pieces.spans():
        if not measured[begin:end].any():  # most pieces are of other sources
            continue
        for batch in batches(choose(piece.data, measured[begin:end])):
            viewed, _ = piece.view(pa.Table.from_batches([batch]))
            kernel = form.kernel(keep=[name for name in TRACE if name in viewed.column_names])
            records = format_records(viewed, kernel).made
            sizes: Mapping[str, int] = {"parquet": _parquet_bytes(records)}
            if len(form.write) > 1:
                text = b"".join(json_blocks(records.select(form.lines(records.column_names))))
                sizes = {**sizes, "jsonl": len(text), "jsonl.zst": pa.compress(text, "zstd").size}
            total += sum(sizes[kind] for kind in form.write)
    return total


def _parquet_bytes(table: pa.Table) -> int:
    file = BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.tell()
