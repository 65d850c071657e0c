"""Rows that would be taken, and of which no record can be made: a build finds them as it writes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from medqa_kit.building.output.format_files import first_of_each
from medqa_kit.building.output.format_records import format_records
from medqa_kit.building.output.formats import Format
from medqa_kit.building.output.unit_writer import unviewed
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.fates import FATES
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.core.engines.worked_rows import over_marked
from medqa_kit.core.holders import batches


def unmade_rows(recipe: Recipe, pieces: SetPieces, kept: Mask) -> pa.Table:
    """Find the rows of which no record can be made in one of the formats.

    Args:
        recipe: Its formats say what the records are.
        pieces: All rows.
        kept: Those to look at.

    Returns:
        A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`, in order.
    """
    look = _Look(tuple(piece.view for piece in pieces.listed), recipe.formats)
    listed = [FATES.empty_table()]
    for places, found in over_marked(look, [piece.data for piece in pieces.listed], kept):
        listed.append(found.set_column(0, "row", pa.array(places[found["row"].to_numpy()])))
    return pa.concat_tables(listed).sort_by("row").combine_chunks()


@dataclass(frozen=True)
class _Look:
    """Makes the records of rows and lets go of them."""

    views: tuple[RowView, ...]
    formats: tuple[Format, ...]

    def __call__(self, part: int, rows: pa.Table) -> pa.Table:
        listed, at = [FATES.empty_table()], 0
        for batch in batches(rows):
            for found in self._of_batch(part, pa.Table.from_batches([batch])):
                row = pa.array(found["row"].to_numpy() + at, pa.int64())
                listed.append(found.set_column(0, FATES.field("row"), row))
            at += len(batch)
        return pa.concat_tables(listed)

    def _of_batch(self, part: int, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
        viewed, findings = self.views[part](rows)
        left = np.delete(np.arange(rows.num_rows), findings["row"].to_numpy())
        broken = first_of_each(pa.concat_tables([
            format_records(viewed, form.kernel()).broken for form in self.formats
        ]))  # fmt: skip
        row = pa.array(left[broken["row"].to_numpy()], pa.int64())
        return unviewed(np.arange(rows.num_rows), findings), broken.set_column(0, FATES.field("row"), row)  # fmt: skip
