"""Rows of which no record can be made: a mix must leave them out; without a mix, writing them finds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from medqa_kit.building.engines.worked_rows import over_marked
from medqa_kit.building.output.format_records import first_of_each, format_records
from medqa_kit.building.output.formats import Format
from medqa_kit.building.output.unit_writer import unviewed
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stage_log import UNTOLD, StageLog
from medqa_kit.building.stages.fates import FATES
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.core.holders import batches


def unmade_rows(
    recipe: Recipe, pieces: SetPieces, kept: Mask, *, log: StageLog = UNTOLD
) -> pa.Table:
    """Find the rows of which no record can be made in one of the formats.

    Args:
        recipe: Its formats say what the records are.
        pieces: All rows.
        kept: Those to look at.
        log: Where the stage is told.

    Returns:
        A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`, in order.
    """
    views = tuple(piece.view for piece in pieces.listed)
    if any(view.shots or view.shortened for view in views):
        return _looked(recipe, pieces, kept, log)
    facts = [list(map(repr, views)), [form.as_data() for form in recipe.formats]]
    return pieces.decision("try-records", kept, facts, lambda: _looked(recipe, pieces, kept, log))


def _looked(recipe: Recipe, pieces: SetPieces, kept: Mask, log: StageLog) -> pa.Table:
    look = _Look(tuple(piece.view for piece in pieces.listed), recipe.formats)
    listed = [FATES.empty_table()]
    parts = [piece.data for piece in pieces.listed]
    with log.stage("try records", int(kept.sum())) as advance:
        for places, unmade in over_marked(look, parts, kept, pieces.workers):
            listed.append(unmade.set_column(0, "row", pa.array(places[unmade["row"].to_numpy()])))
            advance(len(places))
    return pa.concat_tables(listed).sort_by("row").combine_chunks()


@dataclass(frozen=True)
class _Look:
    """Makes the records of rows and lets go of them."""

    views: tuple[RowView, ...]
    formats: tuple[Format, ...]

    def __call__(self, part: int, rows: pa.Table) -> pa.Table:
        listed, at = [FATES.empty_table()], 0
        for batch in batches(rows):
            for unmade in self._of_batch(part, pa.Table.from_batches([batch])):
                row = pa.array(unmade["row"].to_numpy() + at, pa.int64())
                listed.append(unmade.set_column(0, FATES.field("row"), row))
            at += len(batch)
        return pa.concat_tables(listed)

    def _of_batch(self, part: int, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
        viewed, findings = self.views[part](rows)
        viewable = np.delete(np.arange(rows.num_rows), findings["row"].to_numpy())
        broken = first_of_each(pa.concat_tables([
            format_records(viewed, form.kernel()).broken for form in self.formats
        ]))  # fmt: skip
        row = pa.array(viewable[broken["row"].to_numpy()], pa.int64())
        return unviewed(np.arange(rows.num_rows), findings), broken.set_column(0, FATES.field("row"), row)  # fmt: skip
