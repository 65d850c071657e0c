"""List the rows that a recipe takes of its sources, as pieces with their views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import datasets

from medqa_kit.building.account import Account
from medqa_kit.building.engines.workers import HERE, Workers
from medqa_kit.building.kept.decided_tables import NOTHING_KEPT, DecidedTables
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.pieces import SetPiece, SetPieces
from medqa_kit.building.stages.views import named_labels, view_of_rows
from medqa_kit.building.work.set_reading import TakenPart
from medqa_kit.catalog import Source


def listed_pieces(
    recipe: Recipe,
    accounts: Sequence[Account],
    taken: Sequence[Sequence[TakenPart]],
    workers: Workers = HERE,
    *,
    decided: DecidedTables = NOTHING_KEPT,
) -> SetPieces:
    """Return the rows as they are to be written, without the texts that they were made from.

    Args:
        recipe: What is asked for.
        accounts: Of the sources.
        taken: Of each ingredient, the rows that are taken of its parts.
        workers: What works on single rows.
        decided: What earlier builds decided.

    Raises:
        RecipeError: Rows cannot become what the recipe's formats hold.
    """
    sources, listed = [account.source for account in accounts], []
    for ingredient, account, parts in zip(recipe.sources, accounts, taken, strict=True):
        for part in parts:
            schema = part.schema
            view = view_of_rows(ingredient, schema, recipe.formats, recipe=recipe.name)
            data = _without_origin(part.data, sources)
            if view.view == "instruction":
                view = replace(view, labels=named_labels(data, schema))
            listed.append(SetPiece(ingredient, account, data, view, part.content))
    return SetPieces(tuple(listed), workers, decided)


def _without_origin(data: datasets.Dataset, sources: Sequence[Source]) -> datasets.Dataset:
    names = {name for source in sources for name in source.origin_text}
    return data.remove_columns([name for name in data.column_names if name in names])
