"""The recipes that come with the package: by name, listed, and copied to be changed."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medqa_kit.building.recipes.extending import SHIPPED, read_recipe
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.core.arguments import did_you_mean, file_path, one_of
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.tables import Listing
from medqa_kit.errors import ArgumentError, RecipeError, StorageError

_USE = "medqa-kit build NAME --out FOLDER builds one; recipes --copy NAME copies it"


def shipped_names() -> tuple[str, ...]:
    """Return the names of the recipes that come with the package.

    Example:
        >>> "korean_exam_sft" in shipped_names()
        True
    """
    return tuple(sorted(file.stem for file in SHIPPED.glob("*.toml")))


def shipped_file(name: str) -> Path:
    """Return the file of a recipe that comes with the package.

    Raises:
        ArgumentError: There is no such recipe.
    """
    return SHIPPED / f"{one_of('name', name, shipped_names())}.toml"


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
    file_path("recipe", recipe, hint="a TOML file, the name of a recipe, or what TOML holds")
    stands = _stands(Path(recipe))
    known = isinstance(recipe, str) and recipe in shipped_names()
    shipped = known and (not stands or Path(recipe).is_dir())  # a result called as its recipe is
    if isinstance(recipe, str) and re.fullmatch(r"[\w-]+", recipe) and not shipped and not stands:
        raise RecipeError(f"there is no recipe {recipe!r}", expected="a TOML file, or the name of one that comes with "
                          "the package", found="no such file or name",
                          hint=did_you_mean(recipe, shipped_names()) or "medqa-kit recipes lists them")  # fmt: skip
    return Recipe.read(shipped_file(str(recipe)) if shipped else recipe, settings=settings)


def _stands(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:  # a folder that gives no rights: reading says so
        return True


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

    Example:
        >>> import tempfile
        >>> [file.name for file in copy_recipe("korean_sft", tempfile.mkdtemp())]
        ['korean_sft.toml']
    """
    place, copies = file_path("folder", folder), []
    for file in _with_extended(shipped_file(name)):
        copy = place / file.name
        if _stands(copy):
            raise StorageError("the recipe is there already", file=str(copy), expected="no such file",
                               hint="move it, or copy to another folder")  # fmt: skip
        try:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        except OSError as error:
            raise StorageError.of(error, copy, elsewhere="or copy to another folder") from error
        copies.append(copy)
    return copies


@dataclass(frozen=True, repr=False)
class ShippedRecipe(Shown):
    """A recipe that comes with the package.

    Attributes:
        name: What :func:`medqa_kit.build` and :func:`medqa_kit.copy_recipe` take.
        about: What it builds.
        sources: Names of its sources.

    Example:
        >>> next(recipe.sources for recipe in shipped_recipes() if recipe.name == "korean_exam_sft")
        ('kormedmcqa', 'kormedlawqa')
    """

    name: str
    about: str
    sources: tuple[str, ...]

    def _blocks(self) -> Iterator[Block]:
        yield self.name
        yield self.about
        yield f"sources: {', '.join(self.sources)}"


def shipped_recipes() -> Listing[ShippedRecipe]:
    """Return the recipes that come with the package.

    Returns:
        A sequence that prints as a table.

    Example:
        >>> shipped_recipes()[4].name
        'korean_exam_sft'
    """
    return Listing(map(_described, shipped_names()), header=("recipe", "about", "sources"),
                   cells=lambda recipe: (recipe.name, recipe.about, ", ".join(recipe.sources)),
                   foot=lambda _: _USE)  # fmt: skip


def _described(name: str) -> ShippedRecipe:
    data = read_recipe(shipped_file(name))[0].data
    names = tuple(dict.fromkeys(entry["name"] for entry in data["source"]))
    return ShippedRecipe(name, data.get("about", ""), names)


def _with_extended(file: Path) -> list[Path]:
    """Return a file and those of the package that it extends."""
    text = file.read_text("utf-8")
    line = next((line for line in text.split("\n") if line.startswith("extends")), None)
    if line is None:
        return [file]
    return [file, *_with_extended(file.parent / line.partition("=")[2].strip().strip('"'))]
