"""The mix of a plan, solved by sizes alone; where there is none, the nearest one."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from medqa_kit.building.planning.outlook import MIX, Basis
from medqa_kit.building.planning.row_lengths import RowLengths
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import Mix
from medqa_kit.building.stages.mixture import Mixture, mix_amounts
from medqa_kit.building.stages.shares import Amounts, MixCells
from medqa_kit.errors import MedQAError


@dataclass(frozen=True)
class MixOutlook:
    """A mix that was solved by sizes.

    Attributes:
        table: Source by source, with the schema :data:`~medqa_kit.building.planning.outlook.MIX`.
        error: Why the mix of the recipe cannot be met, if so.
        relaxed: What was given up for the mix of the table, where the recipe's cannot be met.
    """

    table: pa.Table
    error: MedQAError | None = None
    relaxed: tuple[str, ...] = ()


def mix_outlook(
    recipe: Recipe,
    cells: MixCells,
    lengths: Mapping[str, RowLengths | None],
    basis: Mapping[str, Basis],
) -> MixOutlook:
    """Solve the mix of a recipe by the sizes of sources and languages, where its rows cannot be drawn.

    Args:
        recipe: The recipe, with a mix.
        cells: Sizes in the unit of the mix.
        lengths: How long the records of each source are, by label.
        basis: How sure the sizes are.

    Returns:
        The mix; where it cannot be met the nearest one, without what must be given up.
    """
    try:
        amounts, bound = mix_amounts(cells, recipe)
        return MixOutlook(_table(recipe, cells, amounts, bound, lengths, basis))
    except MedQAError as error:
        problem = error
    for relaxed, nearest in _relaxed(recipe, cells):
        try:
            amounts, bound = mix_amounts(cells, nearest)
        except MedQAError:
            continue
        return MixOutlook(_table(nearest, cells, amounts, bound, lengths, basis), problem, relaxed)
    return MixOutlook(MIX.empty_table(), problem)


def _relaxed(recipe: Recipe, cells: MixCells) -> Iterator[tuple[tuple[str, ...], Recipe]]:
    """Give up one thing after the other: the size, sources without rows, floors, and caps."""
    how = recipe.mix or Mix()
    empty = [name for name in cells.sources if not cells.sizes[cells.of_source(name)].sum()]
    scaled = replace(how, infeasible="scale")
    with_rows = tuple(replace(ingredient, weight=0.0) if ingredient.label in empty and ingredient.weight else ingredient for ingredient in recipe.sources)  # fmt: skip
    uncapped = tuple(replace(ingredient, max_share=None) for ingredient in with_rows)
    stop = "first_exhausted" if how.stop in empty else how.stop
    steps = [("size", scaled, recipe.sources),
             (f"rows of {', '.join(empty)}" if empty else "", replace(scaled, stop=stop), with_rows),
             ("floor", replace(scaled, stop=stop, floor={}), with_rows),
             ("max_share", replace(scaled, stop=stop, floor=how.floor), uncapped),
             ("floor and max_share", replace(scaled, stop=stop, floor={}), uncapped)]  # fmt: skip
    for word, mix, sources in steps:
        nearest = copy.copy(recipe)  # not made anew: floors may name sources that are left out
        object.__setattr__(nearest, "mix", mix)
        object.__setattr__(nearest, "sources", sources)
        if word:
            yield (word,), nearest


def _table(
    recipe: Recipe, cells: MixCells, amounts: Amounts, bound: Mapping[str, str],
    lengths: Mapping[str, RowLengths | None], basis: Mapping[str, Basis],
) -> pa.Table:  # fmt: skip
    unit, total = (recipe.mix or Mix()).by, float(amounts.sum())
    rows: list[dict[str, Any]] = []
    for name in cells.sources:
        own = cells.of_source(name)
        there = float(cells.sizes[own].sum())
        taken = float(amounts[own].sum()) * (recipe.mix or Mix()).epochs
        length = lengths.get(name)
        row_size = 1.0 if unit == "rows" else length.of(unit) if length else None
        number = taken / row_size if row_size else None
        tokens = number * length.tokens if length and length.tokens and number is not None else None
        rows.append({
            "source": name, "available": round(there), "taken": round(taken),
            "share": float(amounts[own].sum()) / total if total else 0.0,
            "seen": taken / there if there else 0.0, "rows": None if number is None else round(number),
            "tokens": round(taken) if unit == "tokens" else None if tokens is None else round(tokens),
            "bound_by": bound.get(name), "basis": basis[name],
        })  # fmt: skip
    return pa.Table.from_pylist(rows, MIX)


def drawn_mix(
    mixture: Mixture, lengths: Mapping[str, RowLengths | None], basis: Mapping[str, Basis]
) -> MixOutlook:
    """Say what is taken by a mix that is drawn.

    Args:
        mixture: As a build draws it.
        lengths: As in :func:`mix_outlook`.
        basis: Likewise.
    """
    rows = []
    for name, told in mixture.sources.items():
        length = lengths.get(name)
        tokens = None if not length or length.tokens is None else length.tokens * told["taken_rows"]
        rows.append({
            "source": name, "rows": told["taken_rows"], "bound_by": told.get("bound_by"), "basis": basis[name],
            "tokens": told["taken"] if mixture.by == "tokens" else None if tokens is None else round(tokens),
            **{key: told[key] for key in ("available", "taken", "share", "seen")},
        })  # fmt: skip
    return MixOutlook(pa.Table.from_pylist(rows, MIX))


def cells_of(sizes: Mapping[tuple[str, str], float], labels: list[str]) -> MixCells:
    """Return cells of known sizes, without rows.

    Args:
        sizes: By label and language.
        labels: All labels, in the order of the recipe.
    """
    names = sorted(sizes)
    return MixCells(
        labels, names, np.zeros(0, np.int64), np.array([sizes[name] for name in names], np.float64)
    )
