"""Compare what rules of shared words find in the rows of a build with what holdouts find."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.guard import Guard
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.work.holdout_items import files_of_sources, item_rows
from medqa_kit.catalog import holdouts
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.core.holders import count, opened
from medqa_kit.errors import MedQAWarning
from medqa_kit.loading.request import Origin
from medqa_kit.matching.word_grams import item_grams, sharing_grams, without_grams

OURS = "medqa_kit"
"""The rule of this library, in a comparison."""


def compared_rules(
    recipe: Recipe, pieces: SetPieces, held_out_rows: pa.Table, protection: Guard, *, origin: Origin,
    cache_dir: str | os.PathLike[str] | None, token: str | None,
) -> dict[str, Any] | None:  # fmt: skip
    """Compare what rules of so many shared words find with what the holdouts of a build find.

    All rules look at the same rows, before any is left out, and at the named holdouts that apply: saved ones
    hold no text. Ours counts rows that hold an item, without their relatives.

    Args:
        recipe: What is asked for.
        pieces: The rows.
        held_out_rows: Those that a holdout takes, with the schema :data:`~medqa_kit.building.stages.fates.FATES`.
        protection: The holdouts.
        origin: As in :func:`medqa_kit.build`.
        cache_dir: Likewise.
        token: Likewise.

    Returns:
        For the manifest: ``rows``, ``items``, ``holdouts``, and of each rule the rows it finds, in all,
        by source, together with ours and without; ``None`` where the recipe asks for none.
    """
    if not recipe.rules:
        return None
    known = {named.name for named in holdouts()}
    names = [name for name in protection.applied if name in known]
    files = files_of_sources(recipe)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=MedQAWarning)  # the guard said it
        items = [
            opened(item_rows(name, files, origin=origin, cache_dir=cache_dir, token=token)).rows
            for name in names
        ]  # fmt: skip
    direct = held_out_rows.filter(pc.invert(pc.match_substring(held_out_rows["reason"], "family")))
    ours = np.zeros(pieces.num_rows, bool)
    ours[direct["row"].to_numpy()] = True
    whole = pieces.whole()
    rules = {}
    for n in recipe.rules:
        marks = sharing_grams(whole, item_grams(items, n), n)
        short = sum(without_grams(rows, n) for rows in items)
        rules[f"{n} words"] = {**_counted(marks, ours, pieces), "short_items": short}
    return {
        "rows": pieces.num_rows, "items": sum(map(count, items)), "holdouts": names,
        "rules": {**rules, OURS: {**_counted(ours, ours, pieces), "short_items": 0}},
    }  # fmt: skip


def _counted(marks: Mask, ours: Mask, pieces: SetPieces) -> Mapping[str, Any]:
    """Count what a rule finds: in all, with ours, without ours, what ours finds alone, and by source."""
    labels = list(dict.fromkeys(piece.ingredient.label for piece in pieces.listed))
    sources = {label: int((own & marks).sum()) for label, own in pieces.of(labels)}
    return {
        "found": int(marks.sum()), "with_ours": int((marks & ours).sum()),
        "without_ours": int((marks & ~ours).sum()), "ours_alone": int((ours & ~marks).sum()),
        "sources": {label: number for label, number in sources.items() if number},
    }  # fmt: skip
