"""The copies among the rows of a build, within and across sources."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import Dedupe
from medqa_kit.building.stages.fates import FATES
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.core.arrow.columns import counted_values
from medqa_kit.core.arrow.hashing import short_hashes
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.arrow.row_arrays import row_array
from medqa_kit.errors import FamilyWarning, RecipeError, shorten
from medqa_kit.matching.components import repeated_keys
from medqa_kit.splitting.deduplication import dedupe

_SHOWN_IDS = 4


def refuse_twice(ids: pa.ChunkedArray, recipe: Recipe) -> None:
    """Refuse a set in which an id comes twice, as when a part of a source is listed twice.

    Args:
        ids: Of all rows.
        recipe: Which set it is.

    Raises:
        RecipeError: A row comes twice.
    """
    repeated, some = _repeated(ids)
    if repeated:
        raise RecipeError(
            "rows come twice",
            file=recipe.name,
            expected="every row once",
            found=f"{repeated} repeated ids: {shorten(some)}",
            hint="list each part of a source once, or with slices, years or conditions that do not overlap",
        )


def _repeated(ids: pa.ChunkedArray) -> tuple[int, list[str]]:
    """Count the ids that came before, and return some of them.

    It takes eight bytes a row; ids are looked at where numbers come twice.
    """
    numbers, at = row_array(len(ids), np.uint64), 0
    for chunk in ids.chunks:
        numbers[at : at + len(chunk)] = short_hashes(chunk)
        at += len(chunk)
    number, some = 0, dict[str, None]()
    for rows in repeated_keys(numbers):
        counts = pc.value_counts(ids.take(pa.array(rows)))
        again = counts.filter(pc.greater(counts.field("counts"), 1))
        number += len(rows) - len(counts)
        some |= dict.fromkeys(again.field("values").slice(0, _SHOWN_IDS).to_pylist())
    return number, list(some)[:_SHOWN_IDS]


def copied(rows: Any, places: Ints, how: Dedupe) -> pa.Table:
    """Find the copies that go.

    Args:
        rows: The rows that are still there.
        places: Their places in the whole.
        how: Which copies, and which of them stays.

    Returns:
        A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`; ``match`` is the id of the
        copy that stays.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FamilyWarning)
        _, report = dedupe(
            rows, near=how.near, prefer=how.prefer or "first", protect=how.protect, on=how.on
        )
    found = report.findings
    found = found.filter(pc.is_in(found["code"], value_set=pa.array(["exact", "near"])))
    return pa.table(
        [
            pa.array(places[found["row"].to_numpy()], pa.int64()),
            pc.binary_join_element_wise("copy", found["code"], "_"),
            found["detail"],
            found["kept_id"],
        ],
        schema=FATES,
    ).sort_by("row")


def count_copies(pieces: SetPieces, left_out: pa.Table) -> None:
    """Count in the accounts, for the rows left out as copies, the sources in which their copies stay.

    Args:
        pieces: All rows.
        left_out: Those that are left out, with the schema :data:`~medqa_kit.building.stages.fates.FATES`.
    """
    copies = left_out.filter(pc.starts_with(left_out["reason"], "copy_"))
    if not copies.num_rows:
        return
    kept = pc.unique(copies["match"])
    ids, labels = pieces.column("id"), pieces.labels()
    known = pc.is_in(ids, value_set=kept)  # the ids that stay are few beside all
    at = pc.index_in(copies["match"], value_set=ids.filter(known).combine_chunks())
    owners = labels.filter(known).take(at)
    places = copies["row"].to_numpy()
    for piece, begin, end in pieces.spans():
        own = owners.filter(pa.array((places >= begin) & (places < end)))
        piece.account.copies.update(counted_values(own))
