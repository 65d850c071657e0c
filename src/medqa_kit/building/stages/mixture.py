"""How much of each source a mix holds: weights, caps and floors solved, and the nearest mix if there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import Mix
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.errors import RecipeError
from medqa_kit.splitting.mixing import mix

_Floats = npt.NDArray[np.float64]
_UNKNOWN = ""
_LITTLE = 1e-9


@dataclass(frozen=True)
class Mixture:
    """A solved mix.

    Attributes:
        order: Places of the rows, in the order of the mix; some may come several times.
        sources: Of each source: what there is, what is taken, its share, how often a row is seen, and what
            binds.
        by: The unit of amounts.
    """

    order: Ints
    sources: Mapping[str, Mapping[str, Any]]
    by: str

    def described(self) -> dict[str, Any]:
        """Say for the manifest what the mix is."""
        return {"by": self.by, "sources": {name: dict(one) for name, one in self.sources.items()}}


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
        RecipeError: The weights, caps, floors and sizes cannot be met together; the nearest mix is told.
    """
    how = recipe.mix or Mix()
    names = [one.label for one in recipe.sources]
    cells = _Cells.of(supply, list(dict.fromkeys(names)))
    shares, bound = _shares(cells, recipe, how)
    amounts, bound = _amounts(cells, shares, recipe, how, bound)
    order = _chosen(supply, cells, amounts, recipe, how)
    return Mixture(order, _described(supply, cells, amounts, order, bound), how.by)


@dataclass(frozen=True)
class _Cells:
    """Sources by languages: the least parts whose shares a recipe can say something about."""

    sources: list[str]
    names: list[tuple[str, str]]
    of_row: Ints
    sizes: _Floats

    @classmethod
    def of(cls, supply: MixSupply, sources: list[str]) -> _Cells:
        primary = pc.fill_null(pc.replace_substring_regex(supply.languages, "-.*", ""), _UNKNOWN)
        keys = pc.binary_join_element_wise(supply.labels, primary, "\t").combine_chunks()
        known = sorted(pc.unique(keys).to_pylist())  # sources by languages: few
        of_row = pc.index_in(keys, value_set=pa.array(known, pa.string())).to_numpy()
        sizes = np.bincount(of_row, supply.sizes, minlength=len(known)).astype(np.float64)
        names = [(source, tag) for source, _, tag in (key.partition("\t") for key in known)]
        return cls(sources, names, of_row.astype(np.int64), sizes)

    def of_source(self, name: str) -> npt.NDArray[np.bool_]:
        return np.array([source == name for source, _ in self.names], bool)

    def in_language(self, tag: str) -> npt.NDArray[np.bool_]:
        return np.array([language == tag for _, language in self.names], bool)


def _shares(cells: _Cells, recipe: Recipe, how: Mix) -> tuple[_Floats, dict[str, str]]:
    """Return the share of each cell, and which caps and floors bind."""
    sizes = np.array([cells.sizes[cells.of_source(name)].sum() for name in cells.sources])
    ingredients = {one.label: one for one in recipe.sources}
    weights = [ingredients[name].weight for name in cells.sources]
    raw = sizes ** (1 / how.temperature) if None in weights else np.array(weights, np.float64)
    empty = [name for name, weight, size in zip(cells.sources, weights, sizes, strict=True)
             if weight and not size]  # fmt: skip
    if empty:
        raise _infeasible(recipe, f"{', '.join(empty)}: no rows are left", "rows of each source with a weight",
                          "look at its conditions and holdouts, or give it the weight 0")  # fmt: skip
    if not raw.sum():
        raise _infeasible(recipe, "no rows are left", "rows to mix", "look at the conditions")
    caps = np.array([ingredients[name].max_share or 1.0 for name in cells.sources])
    share = _capped(raw / raw.sum(), caps, cells, recipe)
    bound = {name: "max_share" for name, part, cap in zip(cells.sources, share, caps, strict=True)
             if cap < 1 and part >= cap - _LITTLE}  # fmt: skip
    shares = np.zeros(len(cells.names))
    for name, part, size in zip(cells.sources, share, sizes, strict=True):
        own = cells.of_source(name)
        shares[own] = part * cells.sizes[own] / size if size else 0.0
    lifted = _lifted(shares, how.floor.get("language", {}), cells, recipe)
    if not np.allclose(lifted, shares):
        bound |= {name: "floor" for name in cells.sources
                  if not np.isclose(lifted[cells.of_source(name)].sum(), shares[cells.of_source(name)].sum())}  # fmt: skip
    for name, cap in zip(cells.sources, caps, strict=True):
        if (part := lifted[cells.of_source(name)].sum()) > cap + 1e-6:
            raise _infeasible(recipe, f"{name} would be {part:.1%} of the mix", f"its max_share {cap:g}",
                              "raise max_share, or lower the floor of a language")  # fmt: skip
    return lifted, bound


def _capped(share: _Floats, caps: _Floats, cells: _Cells, recipe: Recipe) -> _Floats:
    """Hold shares to their caps; what is over goes to the others in proportion."""
    used = share > 0
    if caps[used].sum() < 1 - _LITTLE:
        raise _infeasible(recipe, f"max_share adds up to {caps[used].sum():g}", "at least 1 together",
                          "raise max_share of a source, or add one without")  # fmt: skip
    fixed = np.zeros(len(share), bool)
    result = share.copy()
    while (over := (result > caps + _LITTLE) & ~fixed).any():
        fixed |= over
        result[fixed] = caps[fixed]
        free = ~fixed & used
        result[free] = share[free] / share[free].sum() * (1 - result[fixed].sum())
    return result


def _lifted(shares: _Floats, floors: Mapping[str, float], cells: _Cells, recipe: Recipe) -> _Floats:
    """Lift languages to their floors; the others keep their proportions."""
    low = {tag: least for tag, least in floors.items()
           if shares[cells.in_language(tag)].sum() < least - _LITTLE}  # fmt: skip
    for tag in low:
        if not shares[cells.in_language(tag)].sum():
            raise _infeasible(recipe, f"no row is in {tag}", f"at least {low[tag]:.0%} in {tag}",
                              "add a source in this language, or remove the floor")  # fmt: skip
    result, lifted = shares.copy(), np.zeros(len(shares), bool)
    for tag, least in low.items():
        own = cells.in_language(tag)
        result[own] *= least / shares[own].sum()
        lifted |= own
    if lifted.any() and (rest := shares[~lifted].sum()):
        result[~lifted] *= (1 - sum(low.values())) / rest
    elif lifted.any():
        result /= result.sum()
    return result


def _amounts(
    cells: _Cells, shares: _Floats, recipe: Recipe, how: Mix, bound: dict[str, str]
) -> tuple[_Floats, dict[str, str]]:
    """Return how much of each cell is taken."""
    ingredients = {one.label: one for one in recipe.sources}
    if any(one.repeat is not None for one in recipe.sources):
        times = [ingredients[name].repeat for name, _ in cells.names]
        return cells.sizes * np.array([1.0 if t is None else t for t in times]), bound
    most = np.array([ingredients[name].max_repeat or 1.0 for name, _ in cells.names])
    used = shares > 0
    once = cells.sizes[used] / shares[used]
    limit = float((once * most[used]).min())
    wanted = float(how.size if how.size is not None
                   else (once * np.minimum(most[used], 1)).min() if how.stop == "first_exhausted"
                   else once.max())  # fmt: skip
    narrow = [
        cells.names[at][0] for at in np.flatnonzero(used)[np.isclose(once * most[used], limit)]
    ]
    if wanted > limit * (1 + _LITTLE) + 0.5:
        if how.infeasible == "error":
            raise _infeasible(recipe, f"a mix of {wanted:,.0f} {how.by}",
                              f"at most {limit:,.0f} {how.by}, which uses up {', '.join(dict.fromkeys(narrow))}",
                              f"size = {int(limit)}, a higher max_repeat, another weight, or infeasible = \"scale\"")  # fmt: skip
        wanted = limit
        bound |= dict.fromkeys(narrow, "max_repeat")
    return shares * wanted, bound


def _chosen(supply: MixSupply, cells: _Cells, amounts: _Floats, recipe: Recipe, how: Mix) -> Ints:
    """Choose rows and put them in order, by the verb that does so outside recipes."""
    amounts = np.floor(
        amounts + 0.5
    )  # each on its own: what one rounds to is nothing to the others
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
                   max_repeat=often, seed=recipe.seed)  # fmt: skip
    order: Ints = mixed["place"].to_numpy()
    return order


def _described(
    supply: MixSupply, cells: _Cells, amounts: _Floats, order: Ints, bound: Mapping[str, str]
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


def _infeasible(recipe: Recipe, found: str, expected: str, hint: str) -> RecipeError:
    return RecipeError("the mix cannot be met", file=recipe.name, found=found, expected=expected,
                       hint=hint)  # fmt: skip


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
