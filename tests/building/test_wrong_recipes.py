"""Every key of a recipe with wrong values: one typed error that names the key, or no harm."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from wrong_recipes import RAW, WRONG, Place, keys, toml, wrong_recipe

RecipeError = mk.errors.RecipeError


def refusal(make: Any) -> str:
    """Return what a recipe is refused with; nothing where it is taken."""
    try:
        recipe = make()
    except RecipeError as error:
        return str(error)
    assert isinstance(recipe, mk.Recipe)
    assert isinstance(recipe.digest, str)
    return ""


def check(text: str, place: Place, name: str) -> None:
    assert place[-1] in text, (name, text)
    assert not [words for words in RAW if words in text], (name, text)
    assert any(
        word in text for word in ("takes", "expected", "none of", "there is no", "missing", "holds")
    ), text
    assert len(text) < 3000, (name, len(text))


def check_all(places: list[Place], names: list[list[str]], file: Path | None) -> None:
    """Check that a wrong value is told with its key, together with another problem, and alike of a file."""
    for place, chosen in zip(places, names, strict=True):
        for name in chosen:
            data = wrong_recipe(place, WRONG[name])
            text = refusal(lambda data=data: mk.Recipe.of(data))
            if text:
                check(text, place, name)
            if text and place not in (("source",), ("extends",)):
                more = {**data, "zzz": 1}
                together = refusal(lambda more=more: mk.Recipe.of(more))
                assert "zzz: there is no such key" in together, together
                assert place[-1] in together
            if file is None:
                continue
            file.write_text(toml(data), "utf-8")
            of_file = refusal(lambda: mk.Recipe.read(file))
            assert bool(text) == bool(of_file), (place, name, text, of_file)
            if of_file and "this is not TOML" not in of_file:
                check(of_file, place, name)
                assert "line " in of_file, of_file


def some_of(places: list[Place], each: int) -> list[Any]:
    """Return all keys, of which one in so many is tried without being asked for."""
    return [pytest.param(place, marks=pytest.mark.fuzz if at % each else ()) for at, place in enumerate(places)]  # fmt: skip


@pytest.mark.slow
def test_a_wrong_value_is_told_with_its_key(tmp_path: Path) -> None:
    """One value of each key, another from key to key."""
    values, places = list(WRONG), keys()
    check_all(places, [[values[at % len(values)]] for at in range(len(places))], None)
    check_all(
        places[::8],
        [[values[at % len(values)]] for at in range(len(places[::8]))],
        tmp_path / "r.toml",
    )


@pytest.mark.slow
@pytest.mark.parametrize("place", some_of(keys(), 4), ids=".".join)
def test_every_wrong_value_is_told_with_its_key(place: Place, tmp_path: Path) -> None:
    check_all([place], [list(WRONG)], tmp_path / "r.toml")


@pytest.mark.slow
@pytest.mark.parametrize("place", some_of(keys(), 16), ids=".".join)
def test_what_is_taken_is_built_or_refused_and_the_plan_says_which(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the last value of a key that a recipe may have, whatever its other words."""
    monkeypatch.chdir(tmp_path)  # where a lockfile may be written
    for name, value in reversed(WRONG.items()):
        data = wrong_recipe(place, value)
        if refusal(lambda data=data: mk.Recipe.of(data)):
            continue
        planned = mk.plan(data, origin="sample").problems.to_pylist()
        refused: mk.MedQAError | None = None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", mk.errors.MedQAWarning)
                mk.build(data, origin="sample", out=tmp_path / "out", quiet=True)
        except mk.MedQAError as error:
            refused = error
        assert not isinstance(refused, mk.errors.ArgumentError), (name, refused)
        assert bool(planned) == (refused is not None), (name, planned, refused)
        return
