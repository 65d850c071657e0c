"""The copies among the rows of a build, within and across sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import Dedupe
from medqa_kit.building.stages.fates import FATES
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.core.arrow.columns import counted_values
from medqa_kit.core.arrow.hashing import short_hashes
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.core.arrow.row_arrays import row_array
from medqa_kit.core.holders import opened
from medqa_kit.errors import RecipeError, shorten
from medqa_kit.matching.components import repeated_keys
from medqa_kit.splitting.deduplication import dropped_copies
from medqa_kit.splitting.election import Standing

_SHOWN_IDS = 4


def refuse_twice(ids: pa.ChunkedArray, recipe: Recipe) -> None:
    """Refuse a set in which an id comes twice, as when a part of a source is listed twice.

    Args:
        ids: Of all rows.
        recipe: Which set it is.

    Raises:
        RecipeError: A row comes twice.
    """
    repeated, shown = _repeated(ids)
    if repeated:
        raise RecipeError(
            "rows come twice",
            file=recipe.name,
            expected="every row once",
            found=f"{repeated:,} repeated ids, such as {', '.join(shorten([name]) for name in shown)}",
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
    number, shown = 0, dict[str, None]()
    for rows in repeated_keys(numbers, threads=None):
        counts = pc.value_counts(ids.take(pa.array(rows)))
        again = counts.filter(pc.greater(counts.field("counts"), 1))
        number += len(rows) - len(counts)
        shown |= dict.fromkeys(again.field("values").slice(0, _SHOWN_IDS).to_pylist())
    return number, list(shown)[:_SHOWN_IDS]


def set_copies(pieces: SetPieces, kept: Mask, how: Dedupe) -> pa.Table:
    """Find the copies among the rows that are kept.

    Args:
        pieces: All rows.
        kept: Marks those that are still there.
        how: Which copies, and which of them stays.

    Returns:
        A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`; ``match`` is the id of the
        copy that stays, and ``detail`` says in which entry of a source it is, where there are several.
    """
    facts = {
        "near": how.near,
        "on": how.on,
        "ranks": [_rank(piece.ingredient, how.prefer) for piece in pieces.listed],
        "safe": [piece.ingredient.is_named(how.protect) for piece in pieces.listed],
    }
    copies = pieces.decision("drop-copies", kept, facts, lambda: _copied(pieces, kept, how, facts))
    names = {piece.ingredient.label: piece.ingredient.name for piece in pieces.listed}
    if len(names) == len(set(names.values())) or not copies.num_rows:
        return copies
    called = {label for label, name in names.items() if [*names.values()].count(name) > 1}
    owners = _owners(pieces, copies["match"])
    apart = pc.is_in(owners, value_set=pa.array(sorted(called), pa.string()))
    detail = pc.if_else(apart, pc.binary_join_element_wise(copies["detail"], owners, ", in "), copies["detail"])  # fmt: skip
    return copies.set_column(copies.column_names.index("detail"), "detail", detail)


def _rank(ingredient: Ingredient, order: Sequence[str]) -> int:
    """Return the place of a source, as the recipe calls it or by its name; of others the last."""
    named = [name for name in (ingredient.label, ingredient.name) if name in order]
    return order.index(named[0]) if named else len(order)


def _copied(pieces: SetPieces, kept: Mask, how: Dedupe, facts: Mapping[str, Any]) -> pa.Table:
    places = np.flatnonzero(kept)
    sizes = [int(kept[begin:end].sum()) for _, begin, end in pieces.spans()]
    rank = np.repeat(np.array(facts["ranks"], np.int64), sizes)
    safe = np.repeat(np.array(facts["safe"], np.bool_), sizes)
    rows = opened(pieces.whole(kept)).rows
    _, report = dropped_copies(rows, lambda known: Standing(rank, safe, known.source), near=how.near, on=how.on)  # fmt: skip
    copies = report.findings
    copies = copies.filter(pc.is_in(copies["code"], value_set=pa.array(["exact", "near"])))
    return pa.table(
        [
            pa.array(places[copies["row"].to_numpy()], pa.int64()),
            pc.binary_join_element_wise("copy", copies["code"], "_"),
            copies["detail"],
            copies["kept_id"],
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
    owners = _owners(pieces, copies["match"])
    places = copies["row"].to_numpy()
    for piece, begin, end in pieces.spans():
        own = owners.filter(pa.array((places >= begin) & (places < end)))
        piece.account.copies.update(counted_values(own))


def _owners(pieces: SetPieces, copies: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return what the recipe calls the sources of the copies that stay."""
    ids, labels = pieces.column("id"), pieces.labels()
    known = pc.is_in(ids, value_set=pc.unique(copies))  # the ids that stay are few beside all
    at = pc.index_in(copies, value_set=ids.filter(known).combine_chunks())
    return labels.filter(known).take(at)
