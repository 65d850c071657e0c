"""Laws of the shares of a mix, tried on random sizes, weights, caps and floors: what is promised holds, or is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.building.planning.mix_outlook import cells_of
from medqa_kit.building.stages.mixture import mix_amounts

_LANGUAGES = ("ko", "en", "km")
_NEARLY = 1e-6


@st.composite
def mixes(draw: st.DrawFn) -> tuple[mk.Recipe, dict[tuple[str, str], float]]:
    """Draw a recipe with a mix, and how many rows there are of each source and language."""
    labels = [f"s{at}" for at in range(draw(st.integers(1, 5)))]
    sizes = {(label, tag): float(draw(st.sampled_from([0, 1, 5, 17, 100, 3000])))
             for label in labels for tag in draw(st.permutations(_LANGUAGES))[: draw(st.integers(1, 3))]}  # fmt: skip
    weighted, sources = draw(st.booleans()), list[dict[str, Any]]()
    for label in labels:
        source: dict[str, Any] = {
            "as": label,
            "read": "rows.jsonl",
            "schema": "text",
            "license": "CC0-1.0",
        }
        if weighted:
            source["weight"] = draw(st.sampled_from([0, 0.1, 1, 3, 50]))
        source |= draw(st.fixed_dictionaries({}, optional={
            "max_repeat": st.sampled_from([0.3, 1, 2, 10]), "max_share": st.sampled_from([0.1, 0.3, 0.5, 0.9])}))  # fmt: skip
        sources.append(source)
    floor = draw(st.fixed_dictionaries({}, optional={
        "source": st.dictionaries(st.sampled_from(labels), st.sampled_from([0.05, 0.2, 0.4]), min_size=1, max_size=2),
        "language": st.dictionaries(st.sampled_from(_LANGUAGES), st.sampled_from([0.1, 0.3, 0.5]), min_size=1, max_size=2),
    }))  # fmt: skip
    mix = {"infeasible": "scale", "floor": floor, **draw(st.fixed_dictionaries({}, optional={"size": st.sampled_from([3, 50, 1000])}))}  # fmt: skip
    return mk.Recipe.of({"name": "demo", "source": sources, "mix": mix}), sizes


def filled(wanted: Sequence[float], least: Sequence[float], most: Sequence[float]) -> list[float]:
    """Return shares in proportion to what is wanted, each held to its bounds: one factor for all, found by halving."""
    low, high = 0.0, 1e12
    for _ in range(200):
        factor = (low + high) / 2
        shares = [min(max(factor * part, at_least), at_most) if part else 0.0
                  for part, at_least, at_most in zip(wanted, least, most, strict=True)]  # fmt: skip
        low, high = (factor, high) if sum(shares) < 1 else (low, factor)
    return shares


@pytest.mark.slow
@settings(max_examples=examples(400), deadline=None)
@given(mixes())
def test_caps_and_floors_hold_and_the_rest_is_in_proportion(
    drawn: tuple[mk.Recipe, dict[tuple[str, str], float]],
) -> None:
    recipe, sizes = drawn
    labels, mix = [source.label for source in recipe.sources], recipe.mix
    assert mix is not None
    cells = cells_of(sizes, labels)
    try:
        amounts, _ = mix_amounts(cells, recipe)
    except mk.errors.RecipeError:  # they cannot be met together
        return
    total = float(amounts.sum())
    share = {label: float(amounts[cells.of_source(label)].sum()) / total for label in labels}
    floors = [mix.floor.get("source", {}).get(label, 0.0) for label in labels]
    caps = [source.max_share or 1.0 for source in recipe.sources]
    for label, least, most in zip(labels, floors, caps, strict=True):
        assert least - _NEARLY <= share[label] <= most + _NEARLY
    for tag, least in mix.floor.get("language", {}).items():
        assert float(amounts[cells.in_language(tag)].sum()) / total >= least - _NEARLY
    for source in recipe.sources:
        own = cells.of_source(source.label)
        # A size that is half a row too large is no reason to scale.
        most = cells.sizes[own] * (source.max_repeat or 1.0)
        assert (amounts[own] <= most * (1 + _NEARLY) + 0.5).all()
    if "language" not in mix.floor:
        there = [float(cells.sizes[cells.of_source(label)].sum()) for label in labels]
        weights = [source.weight for source in recipe.sources]
        wanted = there if None in weights else [float(weight or 0) for weight in weights]
        assert list(share.values()) == pytest.approx(filled(wanted, floors, caps), abs=_NEARLY)
