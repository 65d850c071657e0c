"""The share of each source and language in a mix, within caps and floors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import Mix
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.errors import RecipeError
from medqa_kit.splitting.mixes.mixing import tempered

Amounts = npt.NDArray[np.float64]
NEARLY = 1e-9
"""Shares that differ by less are equal."""

_UNKNOWN = ""
_ROUNDS = 500  # of holding sources to their bounds and languages to their floors, in turn


@dataclass(frozen=True)
class MixCells:
    """Sources by languages: the least parts whose shares a recipe can say something about.

    Attributes:
        sources: Labels, in the order of the recipe.
        names: Label and language of each cell.
        of_row: The cell of each row.
        sizes: Of each cell, in the unit of the mix.
    """

    sources: list[str]
    names: list[tuple[str, str]]
    of_row: Ints
    sizes: Amounts

    @classmethod
    def of(
        cls,
        labels: pa.ChunkedArray,
        languages: pa.ChunkedArray,
        row_sizes: Ints,
        sources: list[str],
    ) -> MixCells:
        """Count the cells of rows.

        Args:
            labels: What the recipe calls the source of each row.
            languages: Tag of each row.
            row_sizes: In the unit of the mix.
            sources: All labels, in the order of the recipe.
        """
        primary = pc.fill_null(pc.replace_substring_regex(languages, "-.*", ""), _UNKNOWN)
        keys = pc.binary_join_element_wise(labels, primary, "\t").combine_chunks()
        known = sorted(pc.unique(keys).to_pylist())  # sources by languages: few
        of_row = pc.index_in(keys, value_set=pa.array(known, pa.string())).to_numpy()
        sizes = np.bincount(of_row, row_sizes, minlength=len(known)).astype(np.float64)
        names = [(source, tag) for source, _, tag in (key.partition("\t") for key in known)]
        return cls(sources, names, of_row.astype(np.int64), sizes)

    def of_source(self, name: str) -> npt.NDArray[np.bool_]:
        """Mark the cells of a source."""
        return np.array([source == name for source, _ in self.names], bool)

    def in_language(self, tag: str) -> npt.NDArray[np.bool_]:
        """Mark the cells in a language."""
        return np.array([language == tag for _, language in self.names], bool)


def mix_shares(cells: MixCells, recipe: Recipe) -> tuple[Amounts, dict[str, str]]:
    """Return the share of each cell, and of each source that a cap or a floor binds, which.

    Sources stand in proportion to their weights, or to their sizes at the temperature of the mix, as
    far as caps and floors allow; within a source, languages stand as its rows do.

    Raises:
        RecipeError: Caps and floors cannot be met together, or no rows are left of a source.
    """
    how = recipe.mix or Mix()
    ingredients = {ingredient.label: ingredient for ingredient in recipe.sources}
    raw, sizes = _wanted(cells, recipe, how)
    least = np.array([how.floor.get("source", {}).get(name, 0.0) for name in cells.sources])
    most = np.array([ingredients[name].max_share or 1.0 for name in cells.sources])
    _refuse_bounds(raw, least, most, cells, recipe)
    share = _within(raw / raw.sum(), least, most)
    bound = {name: word for name, part, low, high in zip(cells.sources, share, least, most, strict=True)
             for word, binds in (("max_share", high < 1 and part >= high - NEARLY),
                                 ("floor", low > 0 and part <= low + NEARLY)) if binds}  # fmt: skip
    shares = np.zeros(len(cells.names))
    for name, part, size in zip(cells.sources, share, sizes, strict=True):
        own = cells.of_source(name)
        shares[own] = part * cells.sizes[own] / size if size else 0.0
    lifted = _lifted(shares, how.floor.get("language", {}), cells, recipe)
    if not np.allclose(lifted, shares):
        lifted = _settled(lifted, least, most, how, cells, recipe)
        bound |= {name: "floor" for name in cells.sources
                  if not np.isclose(lifted[cells.of_source(name)].sum(), shares[cells.of_source(name)].sum())}  # fmt: skip
    return lifted, bound


def refuse_outside(amounts: Amounts, cells: MixCells, recipe: Recipe) -> None:
    """Refuse amounts that repeats make, where caps and floors do not allow them: nothing can give way.

    Args:
        amounts: How much of each cell is taken.
        cells: Sources by languages.
        recipe: The recipe.

    Raises:
        RecipeError: There is nothing to take, or a source or a language is outside its bounds.
    """
    floors, total = (recipe.mix or Mix()).floor, float(amounts.sum())
    if not cells.sizes.sum():
        raise infeasible(recipe, "no rows are left", "rows to mix", "look at the conditions")
    caps = {ingredient.label: ingredient.max_share for ingredient in recipe.sources}
    parts = [(name, cells.of_source(name), floors.get("source", {}).get(name), caps[name]) for name in cells.sources]  # fmt: skip
    parts += [(tag, cells.in_language(tag), least, None) for tag, least in floors.get("language", {}).items()]  # fmt: skip
    for name, own, least, most in parts:
        part = float(amounts[own].sum())
        for word, bound, wrong in (("max_share", most, most is not None and part > most * total + 0.5),
                                   ("floor", least, least is not None and part < least * total - 0.5)):  # fmt: skip
            if wrong:
                raise infeasible(recipe, f"{name} would be {part / total:.1%} of the mix by the repeats of its sources",
                                 f"its {word} {bound:g}", f"other repeats, weight instead of repeat, or another {word}")  # fmt: skip


def _wanted(cells: MixCells, recipe: Recipe, how: Mix) -> tuple[Amounts, Amounts]:
    """Return what is wanted of each source, in proportion, and how much there is."""
    sizes = np.array([cells.sizes[cells.of_source(name)].sum() for name in cells.sources])
    ingredients = {ingredient.label: ingredient for ingredient in recipe.sources}
    weights = [ingredients[name].weight for name in cells.sources]
    raw = (
        tempered(sizes, how.temperature)
        if None in weights
        else tempered(np.array(weights, np.float64), 1.0)
    )
    floors = how.floor.get("source", {})
    empty = [name for name, weight, size in zip(cells.sources, weights, sizes, strict=True)
             if (weight or floors.get(name)) and not size]  # fmt: skip
    if empty:
        raise infeasible(recipe, f"{', '.join(empty)}: no rows are left", "rows of each source with a weight",
                         "look at its conditions and holdouts, or give it the weight 0")  # fmt: skip
    if not raw.sum():
        raise infeasible(recipe, "no rows are left", "rows to mix", "look at the conditions")
    return raw, sizes


def _refuse_bounds(
    raw: Amounts, least: Amounts, most: Amounts, cells: MixCells, recipe: Recipe
) -> None:
    if (most_of_used := most[raw > 0].sum()) < 1 - NEARLY:
        raise infeasible(recipe, f"max_share adds up to {most_of_used:g}", "at least 1 together",
                         "raise max_share of a source, or add one without")  # fmt: skip
    for name, wanted, low, high in zip(cells.sources, raw, least, most, strict=True):
        if low > high:
            raise infeasible(recipe, f"{name} has the floor {low:g} and max_share {high:g}",
                             "a floor below max_share", "lower the floor, or raise max_share")  # fmt: skip
        if low and not wanted:
            raise infeasible(recipe, f"{name} has the floor {low:g} and the weight 0", "a weight above 0",
                             "give it a weight, or remove the floor")  # fmt: skip


def _within(share: Amounts, least: Amounts, most: Amounts) -> Amounts:
    """Hold shares to bounds; what is over or short goes to the others in proportion."""
    used = share > 0
    fixed = ~used
    result = share.copy()
    while not fixed.all():  # each round fixes a source at least
        free = ~fixed
        result[free] = share[free] / share[free].sum() * (1 - result[fixed].sum())
        clipped = np.clip(result, least, most)
        off = (clipped - result)[free].sum()
        wrong = free & ((clipped > result + NEARLY) if off > NEARLY else (clipped < result - NEARLY)
                        if off < -NEARLY else (np.abs(clipped - result) > NEARLY))  # fmt: skip
        if not wrong.any():
            break
        result[wrong] = clipped[wrong]
        fixed |= wrong
    return result


def _lifted(
    shares: Amounts, floors: Mapping[str, float], cells: MixCells, recipe: Recipe
) -> Amounts:
    """Lift languages to their floors; the others keep their proportions."""
    low: dict[str, float] = {}
    result = shares
    while more := {tag: least for tag, least in floors.items() if tag not in low
                   and result[cells.in_language(tag)].sum() < least - NEARLY}:  # fmt: skip
        low |= more  # what is lifted takes from the others, of which another one may be short then
        for tag in more:
            if not shares[cells.in_language(tag)].sum():
                raise _in_no_row(tag, low[tag], recipe)
        result, lifted = shares.copy(), np.zeros(len(shares), bool)
        for tag, least in low.items():
            own = cells.in_language(tag)
            result[own] *= least / shares[own].sum()
            lifted |= own
        if rest := shares[~lifted].sum():
            result[~lifted] *= (1 - sum(low.values())) / rest
        else:
            result /= result.sum()
    return result


def _in_no_row(tag: str, least: float, recipe: Recipe) -> RecipeError:
    """Return the error for the floor of a language that no row is in."""
    primary = tag.partition("-")[0]
    hint = (
        "add a source in this language, or remove the floor"
        if tag == primary
        else f"a floor is of a whole language, such as {primary}, whatever its region or script"
    )
    return infeasible(recipe, f"no row is in {tag}", f"at least {least:.0%} in {tag}", hint)


def _settled(
    shares: Amounts, least: Amounts, most: Amounts, how: Mix, cells: MixCells, recipe: Recipe
) -> Amounts:
    """Hold sources to their bounds and languages to their floors in turn, until both are met."""
    of = np.array([cells.sources.index(name) for name, _ in cells.names], np.int64)
    for _ in range(_ROUNDS):
        sums = np.bincount(of, shares, minlength=len(cells.sources)).astype(np.float64)
        if (sums <= most + 1e-7).all() and (sums >= least - 1e-7).all():
            return shares
        clipped = _within(sums, least, most)
        shares = shares * (clipped / np.where(sums > 0, sums, 1.0))[of]
        shares = _lifted(shares, how.floor.get("language", {}), cells, recipe)
    over = int(np.argmax(np.maximum(sums - most, least - sums)))
    raise infeasible(recipe, f"{cells.sources[over]} would be {sums[over]:.3%} of the mix",
                     f"its max_share {most[over]:g} and its floor {least[over]:g}",
                     "raise max_share, or lower the floor of a language or a source")  # fmt: skip


def infeasible(recipe: Recipe, found: str, expected: str, hint: str) -> RecipeError:
    """Return the error of a mix that cannot be met."""
    return RecipeError("the mix cannot be met", file=recipe.name, found=found, expected=expected,
                       hint=hint)  # fmt: skip
