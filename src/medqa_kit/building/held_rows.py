"""The rows of a set that a build leaves out for a holdout: for what they say, or for what is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from medqa_kit.building.guard import Guard
from medqa_kit.building.output.format_records import format_records
from medqa_kit.building.output.formats import SHOTS, Format
from medqa_kit.building.stages.fates import FATES
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.holders import batches, count
from medqa_kit.core.selection import filtered
from medqa_kit.training.records import Record


def held_rows(
    whole: Mapping[str, Any], views: Sequence[RowView], formats: Sequence[Format], guard: Guard
) -> pa.Table:
    """Find the rows of the whole set that hold an item, in any form they are to be written in.

    A record says more than its row: words of a prompt, a system turn. So the records of the rows that
    hold nothing are searched, too, before anything is divided or written; and a row that is found by its
    record takes its relatives along as any other does.

    Args:
        whole: ``DatasetDict`` of all rows: those of one part each.
        views: What the rows of each part become.
        formats: What is made of them.
        guard: What to look for.

    Returns:
        A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`, sorted by position.
    """
    held = guard.held(whole)
    if not guard.applied:
        return held
    stays = np.ones(count(whole), np.bool_)
    stays[held["row"].to_numpy()] = False
    late = pa.concat_tables([held.slice(0, 0), *_in_records(whole, views, stays, formats, guard)])
    known = np.concatenate([held["row"].to_numpy(), late["row"].to_numpy()])
    relatives = guard.relatives(whole, late, known)
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
    return pa.concat_tables(_in_records(pieces.whole(), views, stays, formats, guard))


def _in_records(
    whole: Mapping[str, Any], views: Sequence[RowView], stays: Mask, formats: Sequence[Format],
    guard: Guard,
) -> Iterator[pa.Table]:  # fmt: skip
    """Search what is made of the rows that stay, batch by batch."""
    begin = 0
    for part, view in zip(whole.values(), views, strict=True):
        # as JSON Lines have them, and as Parquet files do; folders and shards say nothing
        beside = [(), (SHOTS,)] if view.shots else [()]
        kernels = dict.fromkeys(form.kernel(keep=keep) for form in formats for keep in beside)
        for batch in batches(part):
            own = stays[begin : begin + batch.num_rows]
            viewed, unviewed = view(filtered(pa.Table.from_batches([batch]), own))
            places = np.delete(begin + np.flatnonzero(own), unviewed["row"].to_numpy())
            found = pa.concat_tables([_in_format(viewed, places, k, guard) for k in kernels])
            _, first = np.unique(found["row"].to_numpy(), return_index=True)
            yield found.take(pa.array(first))
            begin += batch.num_rows


def _in_format(rows: pa.Table, places: Ints, kernel: Record, guard: Guard) -> pa.Table:
    records = format_records(rows, kernel)
    found = guard.held(records.made)
    row = pa.array(places[records.places[found["row"].to_numpy()]], pa.int64())
    return found.set_column(0, FATES.field("row"), row)
