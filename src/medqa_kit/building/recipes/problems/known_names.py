"""Check the names of the catalogue in a recipe: sources, their parts and columns, holdouts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from medqa_kit.building.recipes.declared_tables import Path, Problem, problem_of
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.catalog import holdouts, source, sources
from medqa_kit.core.arguments import did_you_mean, word_list
from medqa_kit.errors import CatalogError, UnknownPartError, shorten
from medqa_kit.schemas import SCHEMAS

SAVED = "file:"
"""What stands before the path of a saved holdout."""


def unknown_sources(listed: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Find names that are no source of the catalogue.

    Args:
        listed: The sources of a recipe, as it has them.
    """
    known = [source.name for source in sources()]
    for at, entry in enumerate(listed):
        name = entry.get("name")
        if isinstance(name, str) and name and "read" not in entry and name not in known:
            near = did_you_mean(name, known) or "medqa-kit sources lists all"
            yield Problem(("source", at, "name"), f"there is no source {shorten([name])}; {near}")


def unknown_parts(listed: Mapping[int, Ingredient]) -> Iterator[Problem]:
    """Find subsets and splits that a source of the catalogue does not have.

    Args:
        listed: The sources that are as they should be, by their places.
    """
    known = {source.name: source for source in sources()}
    for at, ingredient in listed.items():
        if ingredient.read is not None or ingredient.name not in known:
            continue
        named = known[ingredient.name]
        if not named.parts:  # loading says why there is nothing, and where to go
            continue
        key = "split" if ingredient.subset in (None, *named.subsets) else "subset"
        for split in ingredient.split:
            try:
                named.select(ingredient.subset, split)
            except UnknownPartError as error:
                yield problem_of(error, ("source", at, key))
                break


def unknown_columns(listed: Mapping[int, Ingredient]) -> Iterator[Problem]:
    """Find conditions on columns that the rows of a source do not have.

    Args:
        listed: The sources that are as they should be, by their places.
    """
    for at, ingredient in listed.items():
        columns = _columns(ingredient) if ingredient.where is not None else []
        if columns and ingredient.where is not None:
            for key, names in (
                ("has", ingredient.where.has),
                ("column_chars", ingredient.where.column_chars),
            ):
                yield from _unknown(("source", at, "where", key), tuple(names), columns)


def _columns(ingredient: Ingredient) -> list[str]:
    """Return the columns of a source, as far as the catalogue or the recipe says what they are."""
    if ingredient.schema is not None:
        return list(SCHEMAS[ingredient.schema].names)
    try:
        named = source(ingredient.name)
        parts = [
            part for split in ingredient.split for part in named.select(ingredient.subset, split)
        ]
    except CatalogError:  # which others tell
        return []
    return [name for part in parts for name in named.layout_of(part).schema.names]


def _unknown(path: Path, names: Sequence[str], columns: Sequence[str]) -> Iterator[Problem]:
    for name in names:
        if name not in columns:
            known = list(dict.fromkeys(columns))
            near = did_you_mean(name, known) or "mk.source(name).show() prints the columns"
            yield Problem(
                path, f"there is no column {shorten([name])}; expected {word_list(known)}; {near}"
            )


def unknown_holdouts(table: Mapping[str, Any]) -> Iterator[Problem]:
    """Find names in ``[holdout]`` that are no holdout of the catalogue, nor the file of a saved one."""
    known = [named.name for named in holdouts()] if table else []
    for key in ("items", "without", "because"):
        for name in table.get(key, ()):
            if name not in known and not (key == "items" and name.startswith(SAVED)):
                yield Problem(("holdout", key), no_holdout(name, known))


def no_holdout(name: str, known: Sequence[str]) -> str:
    """Say that there is no holdout of a name.

    Example:
        >>> no_holdout("kormedmcqa-oficial", ["kormedmcqa-official-test"])
        "there is no holdout 'kormedmcqa-oficial'; did you mean 'kormedmcqa-official-test'?"
    """
    near = did_you_mean(name, known) or "mk.holdouts() lists all, and 'file:PATH' names a saved one"
    return f"there is no holdout {shorten([name])}; {near}"
