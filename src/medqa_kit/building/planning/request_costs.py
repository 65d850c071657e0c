"""The cost of the requests that a build writes for a model: how many, and how many bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.planning.expected import Expected
from medqa_kit.building.planning.known_rows import RowsAtHand
from medqa_kit.building.planning.outlook import COSTS, Basis
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import ModelTask
from medqa_kit.building.work.generation_rows import (
    generation_entries,
    generation_places,
    generation_table,
)
from medqa_kit.catalog import Source
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.tables import counted
from medqa_kit.errors import MedQAError
from medqa_kit.generation.outcomes import REPLIES, standing
from medqa_kit.generation.requests import Generation
from medqa_kit.training.openai_batch import batch_files

_MOST_MADE = 20_000
"""Requests of more rows than these are not made for a plan: their bytes go by so many of them."""


def generation_sources(recipe: Recipe, sources: Sequence[Source]) -> dict[str, Source]:
    """Return the sources whose rows a model is asked about, by what the recipe calls them."""
    labelled: dict[str, Source] = {}
    for name in recipe.generate:
        try:
            labelled |= {
                ingredient.label: source
                for ingredient, source in generation_entries(recipe, sources, name)
            }
        except MedQAError:  # it is among the problems
            continue
    return labelled


def request_costs(
    recipe: Recipe, sources: Sequence[Source], listed: Sequence[Expected], known: RowsAtHand
) -> pa.Table:
    """Return what a model is asked.

    Args:
        recipe: The recipe.
        sources: Those of its ingredients, in their order.
        listed: What is to be expected of them.
        known: The rows that are here.

    Returns:
        A table with the schema :data:`~medqa_kit.building.planning.outlook.COSTS`: two rows for each task, none for
        those that have problems.
    """
    rows: list[dict[str, Any]] = []
    for name, task in recipe.generate.items():
        try:
            labels = {
                ingredient.label for ingredient, _ in generation_entries(recipe, sources, name)
            }
        except MedQAError:  # it is among the problems
            continue
        if known.whole and known.outcome is not None:
            places = generation_places(known.recipe, known.pieces, known.outcome.parts, task)
            rows += _counted_requests(recipe, name, task, known, places)
        else:
            rows += _told(name, task, [each for each in listed if each.label in labels], known)
    return pa.Table.from_pylist(rows, COSTS)


def _counted_requests(
    recipe: Recipe, name: str, task: ModelTask, known: RowsAtHand, places: Ints
) -> list[dict[str, Any]]:
    """Count the requests about rows that are here; those of many rows are measured by some of them."""
    number, wanted = len(places) * task.per_row, task.generation
    step = max(1, -(-len(places) // _MOST_MADE))
    requests = (
        wanted.requests(generation_table(known.pieces, places[::step])) if len(places) else None
    )
    size, basis = 0, "exact"
    how = f"{task.per_row:,} for each of {counted(len(places), 'row')}"
    if requests is not None and step == 1:
        requests, answered = _open(recipe, task, requests)
        size = _bytes(wanted, requests)
        how += f"; {answered:,} are answered in the ledger {task.out}" if answered else ""
    elif requests is not None:
        size, basis = round(_bytes(wanted, requests) / requests.num_rows * number), "guess"
    return [
        _cost(name, "requests", number, "exact", how),
        _cost(name, "bytes", size, basis, f"files of open requests in the ledger {task.out}"),
    ]


def _open(recipe: Recipe, task: ModelTask, requests: pa.Table) -> tuple[pa.Table, int]:
    """Return the requests that have no accepted reply in the ledger, and how many others there are."""
    folder = recipe.ledger_of(task)
    accepted = standing(folder / REPLIES).accepted["request"]  # none where no ledger stands
    open_ = requests.filter(pc.invert(pc.is_in(requests["request"], value_set=accepted)))
    return open_, requests.num_rows - open_.num_rows


def _bytes(task: Generation, requests: pa.Table) -> int:
    if not requests.num_rows:
        return 0
    return sum(len(line.encode()) + 1 for lines in batch_files(task.records(requests)) for line in lines)  # fmt: skip


def _told(
    name: str, task: ModelTask, listed: Sequence[Expected], known: RowsAtHand
) -> list[dict[str, Any]]:
    """Say how many requests there are at most, of rows that are not all here."""
    kept = [each.kept[split] for each in listed for split in task.split]
    number = None if None in kept else sum(rows for rows in kept if rows is not None)
    if number is not None and task.max_rows is not None:
        number = min(number, task.max_rows)
    basis: Basis = "unknown" if number is None else "at most"
    amount = None if number is None else number * task.per_row
    how = f"{task.per_row:,} for each row, of which some may have no text to go by"
    why = (
        "rows are not all on this machine"
        if known.absent
        else "nobody knows yet which rows are left"
    )
    return [
        _cost(name, "requests", amount, basis, how),
        _cost(name, "bytes", None, "unknown", why),
    ]


def _cost(name: str, unit: str, amount: int | None, basis: str, how: str) -> dict[str, Any]:
    return {"what": f"to ask for {name}", "amount": amount, "unit": unit, "basis": basis, "how": how}  # fmt: skip
