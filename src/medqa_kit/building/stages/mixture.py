"""Solve a mix: amounts of each source by weights, caps and floors, or the nearest mix if there is no solution."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import Mix
from medqa_kit.building.stages.shares import (
    NEARLY,
    Amounts,
    MixCells,
    infeasible,
    mix_shares,
    refuse_outside,
)
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.errors import ArgumentError, RecipeError, shorten
from medqa_kit.splitting.mixes.mixing import mix

_COPY = r"#\d+$"


@dataclass(frozen=True)
class Mixture:
    """A solved mix.

    Attributes:
        order: Places of the rows, in the order of the mix; some may come several times.
        sources: Of each source: what there is, what is taken, its share, how often a row is seen, and what
            binds.
        by: The unit of amounts.
        epochs: How many rows each epoch has, in the order of the mix.
    """

    order: Ints
    sources: Mapping[str, Mapping[str, Any]]
    by: str
    epochs: tuple[int, ...]

    def described(self) -> dict[str, Any]:
        """Say for the manifest what the mix is."""
        return {
            "by": self.by,
            **({"epochs": list(self.epochs)} if len(self.epochs) > 1 else {}),
            "sources": {name: dict(numbers) for name, numbers in self.sources.items()},
        }


@dataclass(frozen=True)
class MixSupply:
    """What rows there are for a mix, one value a row.

    Attributes:
        places: Where each stands in the whole.
        ids: Ids.
        labels: What the recipe calls their sources.
        languages: Tags.
        sizes: In the unit of the mix.
    """

    places: Ints
    ids: pa.ChunkedArray
    labels: pa.ChunkedArray
    languages: pa.ChunkedArray
    sizes: Ints


def solved(supply: MixSupply, recipe: Recipe) -> Mixture:
    """Solve the mix of a recipe and choose its rows.

    Rows are chosen and ordered by a hash of the seed, the source and the id, so a row more or less
    changes no other choice but those the shares force.

    Raises:
        RecipeError: The weights, caps, floors and sizes cannot be met together, and the nearest mix is told; or
            no row is as small as what is taken.
    """
    how = recipe.mix or Mix()
    names = [ingredient.label for ingredient in recipe.sources]
    cells = MixCells.of(supply.labels, supply.languages, supply.sizes, list(dict.fromkeys(names)))
    amounts, bound = mix_amounts(cells, recipe)
    try:
        passes = [_chosen(supply, cells, amounts, how, _epoch_seed(recipe.seed, epoch))
                  for epoch in range(how.epochs)]  # fmt: skip
    except ArgumentError as error:  # the amounts are too small for any row
        raise infeasible(recipe, f"a mix of {amounts.sum():,.0f} {how.by}, in which no part of a source has room for a row",
                         f"room for a row at least: the shortest has {supply.sizes.min():,} {how.by}",
                         "a larger size, or other weights") from error  # fmt: skip
    order = np.concatenate(passes)
    return Mixture(order, _described(supply, cells, order, bound), how.by, tuple(map(len, passes)))


def mix_amounts(cells: MixCells, recipe: Recipe) -> tuple[Amounts, dict[str, str]]:
    """Return how much of each cell an epoch of the mix takes, and of each source that something binds, what.

    Raises:
        RecipeError: The weights, caps, floors and sizes cannot be met together; the nearest mix is told.
    """
    if any(ingredient.repeat is not None for ingredient in recipe.sources):
        repeats = {
            ingredient.label: 1.0 if ingredient.repeat is None else ingredient.repeat
            for ingredient in recipe.sources
        }
        amounts = cells.sizes * np.array([repeats[name] for name, _ in cells.names])
        refuse_outside(amounts, cells, recipe)
        return amounts, {}
    shares, bound = mix_shares(cells, recipe)
    return _amounts(cells, shares, recipe, recipe.mix or Mix(), bound)


def _epoch_seed(seed: int, epoch: int) -> int:
    """Return the seed of an epoch; that of the first is the recipe's."""
    if not epoch:
        return seed
    return int.from_bytes(hashlib.sha256(f"epoch/{seed}/{epoch}".encode()).digest()[:7])


def _amounts(
    cells: MixCells, shares: Amounts, recipe: Recipe, how: Mix, bound: dict[str, str]
) -> tuple[Amounts, dict[str, str]]:
    """Return how much of each cell is taken."""
    ingredients = {ingredient.label: ingredient for ingredient in recipe.sources}
    most = np.array([ingredients[name].max_repeat or 1.0 for name, _ in cells.names])
    used = shares > 0
    once = cells.sizes[used] / shares[used]
    limit = float((once * most[used]).min())
    wanted = (
        float(how.size) if how.size is not None else _natural(cells, used, once, most[used], recipe)
    )
    narrow = [
        cells.names[at][0] for at in np.flatnonzero(used)[np.isclose(once * most[used], limit)]
    ]
    if wanted > limit * (1 + NEARLY) + 0.5:
        if how.infeasible == "error":
            instead = (
                "" if how.size is not None or how.stop == "first_exhausted" else " in place of stop"
            )
            raise infeasible(recipe, f"a mix of {wanted:,.0f} {how.by}",
                              f"at most {limit:,.0f} {how.by}, which uses up {', '.join(dict.fromkeys(narrow))}",
                              f"size = {int(limit)}{instead}, a higher max_repeat, another weight, or infeasible = \"scale\"")  # fmt: skip
        wanted = limit
        bound |= dict.fromkeys(narrow, "max_repeat")
    return shares * wanted, bound


def _natural(cells: MixCells, used: Mask, once: Amounts, most: Amounts, recipe: Recipe) -> float:
    """Return how much a mix without a size holds."""
    how = recipe.mix or Mix()
    if how.stop == "first_exhausted":
        return float((once * np.minimum(most, 1)).min())
    if how.stop == "all_exhausted":
        return float(once.max())
    own = cells.of_source(how.stop)[used]
    if not own.any():
        raise infeasible(recipe, f"stop names {how.stop}, of which nothing is mixed", "a source with rows",
                         "give it a weight, or name another source")  # fmt: skip
    return float(once[own].min())


def _chosen(supply: MixSupply, cells: MixCells, amounts: Amounts, how: Mix, seed: int) -> Ints:
    """Choose rows and put them in order, by the verb that does so outside recipes."""
    amounts = _rounded(cells, amounts)
    sets, weights = {}, {}
    sizes = pa.array(supply.sizes)
    for at, name in enumerate(cells.names):
        rows = np.flatnonzero(cells.of_row == at)
        if amounts[at] <= 0 or not cells.sizes[at]:
            continue
        key = "\t".join(name)
        sets[key] = pa.table({
            "id": supply.ids.take(pa.array(rows)).combine_chunks(), "place": supply.places[rows],
            "prompt_tokens": sizes.take(pa.array(rows)), "completion_tokens": np.zeros(len(rows), np.int64),
        })  # fmt: skip
        weights[key] = float(amounts[at])
    total = int(amounts.sum())
    if not sets or not total:
        return np.zeros(0, np.int64)
    often = max(float((amounts / np.maximum(cells.sizes, 1)).max()) + 1.0, 1.0)
    mixed, _ = mix(sets, weights=weights, total=total, by="rows" if how.by == "rows" else "tokens",
                   max_repeat=often, seed=seed)  # fmt: skip
    order: Ints = mixed["place"].to_numpy()
    return order


def _rounded(cells: MixCells, amounts: Amounts) -> Amounts:
    """Round what is taken of each source, on its own: what one rounds to is nothing to the others.

    Its languages are rounded so that they add up to that, the largest rests first.
    """
    rounded = np.floor(amounts)
    for name in cells.sources:
        own = np.flatnonzero(cells.of_source(name))
        missing = int(np.floor(amounts[own].sum() + 0.5) - rounded[own].sum())
        rounded[own[np.argsort(rounded[own] - amounts[own], kind="stable")][:missing]] += 1
    return rounded


def _described(
    supply: MixSupply, cells: MixCells, order: Ints, bound: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    rows = np.searchsorted(supply.places, order)
    source_of_cell = np.array([cells.sources.index(name) for name, _ in cells.names], np.int64)
    of_row = source_of_cell[cells.of_row]
    taken = np.bincount(of_row[rows], supply.sizes[rows], minlength=len(cells.sources))
    seen = np.bincount(rows, minlength=len(supply.places))
    described = {}
    for at, name in enumerate(cells.sources):
        own = of_row == at
        described[name] = {
            "rows": int(own.sum()), "available": int(supply.sizes[own].sum()),
            "taken_rows": int(seen[own].sum()), "taken": int(taken[at]),
            "share": round(float(taken[at] / max(taken.sum(), 1)), 6),
            "seen": round(float(taken[at] / max(supply.sizes[own].sum(), 1)), 6),
            "seen_most": int(seen[own].max(initial=0)),
            **({"bound_by": bound[name]} if name in bound else {}),
        }  # fmt: skip
    return described


def none_in_train(recipe: Recipe, mixed: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say of which sources a mix takes no row although they have a part in it.

    Args:
        recipe: The recipe.
        mixed: Of each source, the rows there are and those that are taken, as in :class:`Mixture`.

    Example:
        >>> recipe = Recipe.of({"name": "demo", "source": [{"name": "kbmc", "weight": 1}, {"name": "klue", "weight": 9}], "mix": {"size": 4}})
        >>> none_in_train(recipe, {"kbmc": {"rows": 20, "taken_rows": 0}, "klue": {"rows": 9, "taken_rows": 4}})
        ['kbmc: the mix takes none of its 20 rows, since its part is less than a row']
    """
    asked = {
        ingredient.label
        for ingredient in recipe.sources
        if ingredient.weight != 0 and ingredient.repeat != 0
    }
    return [f"{name}: the mix takes none of its {told['rows']:,} rows, since its part is less than a row"
            for name, told in mixed.items() if name in asked and told["rows"] and not told["taken_rows"]]  # fmt: skip


def scaled_down(recipe: Recipe, mixed: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say that a mix holds less than was asked for, where the recipe lets it be scaled.

    Args:
        recipe: The recipe.
        mixed: Of each source what is taken of it in all epochs, and what binds it, as in :class:`Mixture`.

    Example:
        >>> recipe = Recipe.of({"name": "demo", "source": [{"name": "kbmc"}], "mix": {"size": 40, "infeasible": "scale"}})
        >>> scaled_down(recipe, {"kbmc": {"taken": 14, "bound_by": "max_repeat"}})
        ['the mix holds 14 rows of the 40 that were asked for: kbmc is used up']
    """
    how = recipe.mix or Mix()
    narrow = [name for name, told in mixed.items() if told.get("bound_by") == "max_repeat"]
    taken = sum(told["taken"] for told in mixed.values())
    wanted = 0 if how.size is None else how.size * how.epochs
    if how.infeasible != "scale" or not narrow or taken >= wanted:
        return []
    epochs = f" in {how.epochs} epochs" if how.epochs > 1 else ""
    return [f"the mix holds {taken:,} {how.by}{epochs} of the {wanted:,} that were asked for: "
            f"{', '.join(narrow)} {'is' if len(narrow) == 1 else 'are'} used up"]  # fmt: skip


def refuse_lookalikes(ids: pa.ChunkedArray, order: Ints, recipe: Recipe) -> None:
    """Refuse a mix of which a further copy of a row would have the id of another row.

    Args:
        ids: Of all rows.
        order: Places of the rows of the mix.
        recipe: The recipe.

    Raises:
        RecipeError: A row is called as the copy of another one is.

    Example:
        >>> refuse_lookalikes(pa.chunked_array([["a", "b#2"]]), np.array([0, 1, 0]), Recipe.of({"name": "demo", "source": [{"name": "kbmc"}]}))
    """
    marked = ids.filter(pc.match_substring_regex(ids, _COPY))
    times = np.bincount(order, minlength=1)
    repeated = np.flatnonzero(times > 1)
    if not len(marked) or not len(repeated):
        return
    names = ids.take(pa.array(repeated))
    whose = pc.is_in(
        names, value_set=pc.replace_substring_regex(marked, _COPY, "").combine_chunks()
    )
    copies = [f"{name}#{nth}" for name, at in zip(names.filter(whose).to_pylist(), repeated[np.asarray(whose)], strict=True)
              for nth in range(2, int(times[at]) + 1)]  # of few rows  # fmt: skip
    if alike := marked.filter(
        pc.is_in(marked, value_set=pa.array(copies, pa.string()))
    ).to_pylist():
        raise RecipeError("a row is called as a further copy of another one is", file=recipe.name, column="id",
                          expected="ids that do not end in # and a number, where rows are repeated", found=shorten(alike),
                          hint="name another key, or repeat no row")  # fmt: skip


def nth_times(order: Ints) -> Ints:
    """Number the times each place comes, from 1.

    Example:
        >>> nth_times(np.array([4, 2, 4, 4])).tolist()
        [1, 1, 2, 3]
    """
    by_place = np.argsort(order, kind="stable")
    ordered = order[by_place]
    first = np.ones(len(order), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    starts = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    turns = np.empty(len(order), np.int64)
    turns[by_place] = np.arange(len(order)) - starts + 1
    return turns
