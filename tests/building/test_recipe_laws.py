"""Every choice is a hash of seed, stage and id: what is chosen elsewhere does not change it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.whole_set import Mix
from medqa_kit.building.stages.mixture import MixSupply, Mixture, nth_times, solved
from medqa_kit.building.stages.rationing import above_limit
from medqa_kit.building.stages.shares import MixCells, mix_shares
from medqa_kit.errors import ArgumentError, RecipeError

ROWS = st.dictionaries(
    st.sampled_from(["kormedmcqa", "kbmc", "klue"]), st.sets(st.integers(0, 60), min_size=4, max_size=40),
    min_size=1,
)  # fmt: skip
SEEDS = st.integers(0, 3)


def supply(rows: dict[str, set[int]]) -> MixSupply:
    pairs = [(name, f"{name}/{n}") for name, own in rows.items() for n in sorted(own)]
    size = len(pairs)
    return MixSupply(
        np.arange(size), pa.chunked_array([[source for _, source in pairs]], pa.string()),
        pa.chunked_array([[name for name, _ in pairs]], pa.string()),
        pa.chunked_array([["ko"] * size], pa.string()), np.ones(size, np.int64),
    )  # fmt: skip


def mixed(
    rows: dict[str, set[int]], seed: int = 0, *, each: dict[str, dict] | None = None, **how: object
) -> tuple[list[str], Mixture]:
    """Ids in the order of a mix of the sources that have rows."""
    recipe = mk.Recipe(name="demo", seed=seed, mix=Mix(**how), sources=tuple(
        Ingredient(name=name, **(each or {}).get(name, {})) for name in rows))  # fmt: skip
    there = supply(rows)
    mixture = solved(there, recipe)
    return there.ids.take(pa.array(mixture.order)).to_pylist(), mixture


def order(rows: dict[str, set[int]], seed: int, **fields: object) -> list[str]:
    names = ["kormedmcqa", "kbmc", "klue"]
    recipe = mk.Recipe(name="demo", seed=seed, mix=Mix(), sources=tuple(
        Ingredient(name=name, **fields) for name in names if name in rows))  # fmt: skip
    there = supply(rows)
    return there.ids.take(pa.array(solved(there, recipe).order)).to_pylist()


@settings(max_examples=examples(40), deadline=None)
@given(ROWS, SEEDS, st.sampled_from([0.5, 1.0, 1.5, 2.0]))
def test_another_source_changes_no_choice(
    rows: dict[str, set[int]], seed: int, repeat: float
) -> None:
    together = order(rows, seed, repeat=repeat)
    for name, own in rows.items():
        alone = order({name: own}, seed, repeat=repeat)
        assert [row_id for row_id in together if row_id.startswith(f"{name}/")] == alone


@settings(max_examples=examples(40), deadline=None)
@given(ROWS, SEEDS, st.data())
def test_a_row_less_changes_only_what_the_weights_force(rows, seed: int, data) -> None:
    name = data.draw(st.sampled_from(sorted(rows)))
    gone = data.draw(st.sampled_from(sorted(rows[name])))
    before = order(rows, seed, repeat=0.5)
    after = order({**rows, name: rows[name] - {gone}}, seed, repeat=0.5)
    assert len(set(before) ^ set(after)) <= 2, "one goes, and at most one comes"
    stayed = [row_id for row_id in before if row_id in after]
    assert stayed == [row_id for row_id in after if row_id in before], (
        "the order of the others is the same"
    )


@settings(max_examples=examples(40), deadline=None)
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


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(ROWS, SEEDS, st.integers(1, 4), st.data())
def test_epochs_are_drawn_anew_and_those_before_stay(rows, seed: int, epochs: int, data) -> None:
    half = {name: {"repeat": 0.5} for name in rows}
    ids, mixture = mixed(rows, seed, each=half, epochs=epochs)
    more, longer = mixed(rows, seed, each=half, epochs=epochs + 1)
    assert more[: len(ids)] == ids, "a further epoch changes none before it"
    assert len(longer.epochs) == epochs + 1
    assert set(longer.epochs) == set(mixture.epochs), "each holds as much"
    size = mixture.epochs[0]
    for at in range(epochs):
        assert len(set(ids[at * size : (at + 1) * size])) == size, "a row comes once an epoch"
    name = data.draw(st.sampled_from(sorted(rows)))
    gone = f"{name}/{data.draw(st.sampled_from(sorted(rows[name])))}"
    fewer, less = mixed({**rows, name: rows[name] - {int(gone.rpartition("/")[2])}}, seed, each=half, epochs=epochs)  # fmt: skip
    small = less.epochs[0]
    for at in range(epochs):
        before, after = ids[at * size : (at + 1) * size], fewer[at * small : (at + 1) * small]
        assert len(set(before) ^ set(after)) <= 2


def test_epochs_differ_where_a_source_is_not_used_up() -> None:
    rows = {"kormedmcqa": set(range(60)), "kbmc": set(range(20))}
    weights = {name: {"weight": 1.0} for name in rows}
    ids, mixture = mixed(rows, each=weights, epochs=2)
    assert mixture.epochs == (40, 40)
    first, second = (
        {row_id for row_id in part if row_id.startswith("kormedmcqa")}
        for part in (ids[:40], ids[40:])
    )
    assert first != second
    assert mixture.sources["kormedmcqa"]["taken_rows"] == 40
    assert mixture.described()["epochs"] == [40, 40]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(ROWS, SEEDS, st.floats(0.05, 0.9), st.floats(0.2, 1.0), st.data())
def test_floors_and_caps_of_sources_hold_and_the_others_keep_their_proportions(
    rows, seed: int, low: float, high: float, data
) -> None:
    name, other = data.draw(st.sampled_from(sorted(rows))), data.draw(st.sampled_from(sorted(rows)))
    caps = {other: {"max_share": high}}
    assume(len(rows) > 1 and (low <= high or name != other))
    cells, recipe = shares_of(rows, caps, {"source": {name: low}})
    share, bound = mix_shares(cells, recipe)
    by = dict(zip((source for source, _ in cells.names), share, strict=True))
    assert sum(by.values()) == pytest.approx(1)
    assert by[name] >= low - 1e-6
    assert by[other] <= high + 1e-6
    free = [name for name in rows if name not in bound]
    ratios = {round(by[name] / len(rows[name]), 9) for name in free}
    assert len(ratios) <= 1, "those that nothing binds stand as their sizes do"


def shares_of(rows, caps, floor):
    there = supply(rows)
    recipe = mk.Recipe(name="demo", mix=Mix(floor=floor), sources=tuple(
        Ingredient(name=name, **caps.get(name, {})) for name in rows))  # fmt: skip
    return MixCells.of(there.labels, there.languages, there.sizes, list(rows)), recipe


def test_a_mix_ends_with_the_source_it_names() -> None:
    rows = {"kormedmcqa": set(range(60)), "kbmc": set(range(20)), "klue": set(range(10))}
    each = {name: {"weight": 1.0, "max_repeat": 9} for name in rows}
    taken = {}
    for stop in ("first_exhausted", "kbmc", "kormedmcqa", "all_exhausted"):
        _, mixture = mixed(rows, each=each, stop=stop)
        taken[stop] = {name: share["taken_rows"] for name, share in mixture.sources.items()}
    assert taken["first_exhausted"] == dict.fromkeys(rows, 10)
    assert taken["kbmc"] == dict.fromkeys(rows, 20)
    assert taken["kormedmcqa"] == taken["all_exhausted"] == dict.fromkeys(rows, 60)
    with pytest.raises(ArgumentError, match=r"did you mean 'kbmc'\?"):
        mixed(rows, stop="kbcm")
    with pytest.raises(RecipeError, match="of which nothing is mixed"):
        mixed(rows, each={**each, "klue": {"weight": 0.0}}, stop="klue")


def test_floors_of_languages_and_sources_that_cannot_be_met_are_told() -> None:
    rows = {"kormedmcqa": set(range(30)), "kbmc": set(range(30))}
    with pytest.raises(RecipeError, match=r"floor 0.8 and max_share 0.5"):
        mixed(rows, each={"kbmc": {"max_share": 0.5}}, floor={"source": {"kbmc": 0.8}})
    with pytest.raises(ArgumentError, match="did you mean 'kbmc'"):
        mixed(rows, floor={"source": {"kbmcc": 0.8}})
    with pytest.raises(ArgumentError, match="add up to more"):
        mixed(rows, floor={"source": {"kbmc": 0.8, "kormedmcqa": 0.3}})
    with pytest.raises(RecipeError, match="no row is in km"):
        mixed(rows, floor={"language": {"km": 0.1}})
