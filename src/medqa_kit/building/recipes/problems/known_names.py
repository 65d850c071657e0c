"""Names of the catalogue that a recipe says: sources, their parts and columns, holdouts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from medqa_kit.building.recipes.declared_tables import Path, Problem
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.catalog import Source, holdouts, source, sources
from medqa_kit.core.arguments import did_you_mean, word_list
from medqa_kit.errors import UnknownPartError, shorten
from medqa_kit.schemas import SCHEMAS

SAVED = "file:"
"""What stands before the path of a saved holdout."""


def unknown_sources(listed: Mapping[int, Ingredient]) -> Iterator[Problem]:
    """Find names that are no source of the catalogue, or no column of its rows."""
    known = [source.name for source in sources()]
    for at, one in listed.items():
        if one.read is not None:
            columns = list(SCHEMAS[one.schema].names) if one.schema is not None else []
        elif one.name not in known:
            near = did_you_mean(one.name, known) or "medqa-kit sources lists all"
            yield Problem(("source", at, "name"), f"there is no source {one.name!r:.80}; {near}")
            continue
        else:
            columns = _columns(one, source(one.name))
        if columns and one.where is not None:
            yield from _unknown_columns(("source", at, "where", "has"), one.where.has, columns)
            path: Path = ("source", at, "where", "column_chars")
            yield from _unknown_columns(path, tuple(one.where.column_chars), columns)


def _columns(one: Ingredient, found: Source) -> list[str]:
    try:
        parts = [part for split in one.split for part in found.select(one.subset, split)]
    except UnknownPartError:  # which the plan tells, and who loads it
        return []
    return [name for part in parts for name in found.layout_of(part).schema.names]


def _unknown_columns(path: Path, names: Sequence[str], columns: Sequence[str]) -> Iterator[Problem]:
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
