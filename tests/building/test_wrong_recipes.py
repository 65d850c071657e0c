"""Every key of a recipe with wrong values: one typed error that names the key, or no harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from wrong_recipes import RAW, WRONG, Place, keys, toml, wrong_recipe

RecipeError = mk.errors.RecipeError


def refusal(make: Any) -> str:
    """Return what a recipe is refused with; nothing where it is taken."""
    try:
        made = make()
    except RecipeError as error:
        return str(error)
    assert isinstance(made, mk.Recipe)
    assert isinstance(made.digest, str)
    return ""


def check(text: str, place: Place, name: str) -> None:
    assert place[-1] in text, (name, text)
    assert not [words for words in RAW if words in text], (name, text)
    assert any(
        word in text for word in ("takes", "expected", "none of", "there is no", "missing", "holds")
    ), text
    assert len(text) < 3000, (name, len(text))


@pytest.mark.parametrize("place", keys(), ids=".".join)
def test_a_wrong_value_is_told_with_its_key(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    for name, value in WRONG.items():
        data = wrong_recipe(place, value)
        text = refusal(lambda data=data: mk.Recipe.of(data))
        if text:
            check(text, place, name)
            if place not in (("source",), ("extends",)):
                more = {**data, "zzz": 1}
                together = refusal(lambda more=more: mk.Recipe.of(more))
                assert "zzz: there is no such key" in together, together
                assert place[-1] in together
        file.write_text(toml(data), "utf-8")
        of_file = refusal(lambda: mk.Recipe.read(file))
        assert bool(text) == bool(of_file), (name, text, of_file)
        if "this is not TOML" not in of_file and of_file:
            check(of_file, place, name)
            assert "line " in of_file, of_file
