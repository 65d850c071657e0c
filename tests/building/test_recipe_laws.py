"""Every choice is a hash of seed, stage and id: what is chosen elsewhere does not change it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.whole_set import Mix
from medqa_kit.building.stages.mixture import MixSupply, nth_times, solved
from medqa_kit.building.stages.rationing import above_limit

ROWS = st.dictionaries(
    st.sampled_from(["kormedmcqa", "kbmc", "klue"]), st.sets(st.integers(0, 60), min_size=4, max_size=40),
    min_size=1,
)  # fmt: skip
SEEDS = st.integers(0, 3)


def supply(rows: dict[str, set[int]]) -> MixSupply:
    pairs = [(name, f"{name}/{n}") for name, own in rows.items() for n in sorted(own)]
    size = len(pairs)
    return MixSupply(
        np.arange(size), pa.chunked_array([[one for _, one in pairs]], pa.string()),
        pa.chunked_array([[name for name, _ in pairs]], pa.string()),
        pa.chunked_array([["ko"] * size], pa.string()), np.ones(size, np.int64),
    )  # fmt: skip


def order(rows: dict[str, set[int]], seed: int, **fields: object) -> list[str]:
    names = ["kormedmcqa", "kbmc", "klue"]
    recipe = mk.Recipe(name="demo", seed=seed, mix=Mix(), sources=tuple(
        Ingredient(name=name, **fields) for name in names if name in rows))  # fmt: skip
    there = supply(rows)
    return there.ids.take(pa.array(solved(there, recipe).order)).to_pylist()


@settings(max_examples=40, deadline=None)
@given(ROWS, SEEDS, st.sampled_from([0.5, 1.0, 1.5, 2.0]))
def test_another_source_changes_no_choice(
    rows: dict[str, set[int]], seed: int, repeat: float
) -> None:
    together = order(rows, seed, repeat=repeat)
    for name, own in rows.items():
        alone = order({name: own}, seed, repeat=repeat)
        assert [one for one in together if one.startswith(f"{name}/")] == alone


@settings(max_examples=40, deadline=None)
@given(ROWS, SEEDS, st.data())
def test_a_row_less_changes_only_what_the_weights_force(rows, seed: int, data) -> None:
    name = data.draw(st.sampled_from(sorted(rows)))
    gone = data.draw(st.sampled_from(sorted(rows[name])))
    before = order(rows, seed, repeat=0.5)
    after = order({**rows, name: rows[name] - {gone}}, seed, repeat=0.5)
    assert len(set(before) ^ set(after)) <= 2, "one goes, and at most one comes"
    stayed = [one for one in before if one in after]
    assert stayed == [one for one in after if one in before], "the order of the others is the same"


@settings(max_examples=40, deadline=None)
@given(ROWS, SEEDS, st.floats(0.1, 9))
def test_shares_are_those_of_the_weights(
    rows: dict[str, set[int]], seed: int, weight: float
) -> None:
    names = sorted(rows)
    recipe = mk.Recipe(name="demo", seed=seed, mix=Mix(), sources=tuple(
        Ingredient(name=name, weight=weight if at == 0 else 1.0) for at, name in enumerate(names)))  # fmt: skip
    mixture = solved(supply(rows), recipe)
    total = weight + len(names) - 1
    size = min(
        len(rows[name]) * total / (weight if at == 0 else 1.0) for at, name in enumerate(names)
    )
    for at, name in enumerate(names):
        wanted = size * (weight if at == 0 else 1.0) / total
        assert abs(mixture.sources[name]["taken_rows"] - wanted) <= 1
    assert nth_times(mixture.order).max(initial=1) == 1, "nothing is repeated unasked"


@given(st.sets(st.integers(0, 60), min_size=2), st.integers(1, 20), SEEDS, st.data())
def test_most_rows_are_chosen_by_what_they_are(
    numbers: set[int], most: int, seed: int, data
) -> None:
    def left(chosen: set[int]) -> set[str]:
        names = [f"x/{n}" for n in sorted(chosen)]
        ids = pa.chunked_array([names])
        over = above_limit(ids, np.arange(len(names)), most, seed=seed)["row"].to_pylist()
        return {name for at, name in enumerate(names) if at not in over}

    gone = data.draw(st.sampled_from(sorted(numbers)))
    before, after = left(numbers), left(numbers - {gone})
    assert len(before) == min(most, len(numbers))
    assert before - after <= {f"x/{gone}"}
    assert len(after - before) <= 1
