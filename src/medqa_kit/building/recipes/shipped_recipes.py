"""The recipes that come with the package: by name, listed, and copied to be changed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medqa_kit.building.recipes.reading import read_toml
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.core.arguments import file_path, one_of
from medqa_kit.core.tables import text_table
from medqa_kit.errors import ArgumentError, StorageError

_FOLDER = Path(__file__).parent / "shipped"


def shipped_names() -> tuple[str, ...]:
    """Return the names of the recipes that come with the package.

    Example:
        >>> "korean_exam_sft" in shipped_names()
        True
    """
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.toml")))


def shipped_file(name: str) -> Path:
    """Return the file of a recipe that comes with the package.

    Raises:
        ArgumentError: There is no such recipe.
    """
    return _FOLDER / f"{one_of('name', name, shipped_names())}.toml"


def recipe_of(
    recipe: Recipe | str | os.PathLike[str] | Mapping[str, Any],
    settings: Mapping[str, Any] | None = None,
) -> Recipe:
    """Return a recipe from whatever says one.

    Args:
        recipe: A recipe, its TOML file, what such a file holds, or the name of one that comes with the
            package.
        settings: Keys to set beside it, as in :meth:`Recipe.read`.

    Raises:
        RecipeError: It is not a recipe.
        ArgumentError: Something is set beside a recipe that is a Python value, or of a source it does not
            have.

    Example:
        >>> recipe_of("korean_exam_sft").name
        'korean_exam_sft'
    """
    if isinstance(recipe, Recipe):
        if settings:
            raise ArgumentError("settings are for recipes as data", argument="settings", found="a Recipe",
                                expected="a file, a name or what TOML holds",
                                hint="dataclasses.replace(recipe, …) changes a Recipe")  # fmt: skip
        return recipe
    if isinstance(recipe, Mapping):
        return Recipe.of(recipe, settings=settings)
    shipped = isinstance(recipe, str) and recipe in shipped_names() and not Path(recipe).exists()
    return Recipe.read(shipped_file(str(recipe)) if shipped else recipe, settings=settings)


def copy_recipe(name: str, folder: str | os.PathLike[str]) -> list[Path]:
    """Copy a recipe, and those it extends, into a folder.

    Args:
        name: Of the recipe.
        folder: Where to; files that stand there are not replaced.

    Returns:
        The copies.

    Raises:
        ArgumentError: There is no such recipe.
        StorageError: One of the files stands there already, or cannot be written.
    """
    place, copies = file_path("folder", folder), []
    for file in _with_extended(shipped_file(name)):
        copy = place / file.name
        if copy.exists():
            raise StorageError("the recipe is there already", file=str(copy), expected="no such file",
                               hint="move it, or copy to another folder")  # fmt: skip
        try:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        except OSError as error:
            raise StorageError.of(error, copy) from error
        copies.append(copy)
    return copies


def listed_recipes() -> str:
    """Return a table of the recipes with what each is about."""
    rows = []
    for name in shipped_names():
        data, _, _ = read_toml(shipped_file(name))
        sources = ", ".join(dict.fromkeys(one["name"] for one in data["source"]))
        rows.append((name, data.get("about", ""), sources))
    return "\n".join([*text_table([("recipe", "about", "sources"), *rows]),
                      "medqa-kit build NAME --out FOLDER builds one; recipes --copy NAME copies it"])  # fmt: skip


def _with_extended(file: Path) -> list[Path]:
    """Return a file and those of the package that it extends."""
    text = file.read_text("utf-8")
    line = next((line for line in text.split("\n") if line.startswith("extends")), None)
    if line is None:
        return [file]
    return [file, *_with_extended(file.parent / line.partition("=")[2].strip().strip('"'))]
