"""The items of named holdouts, read from files that the recipe names for their sources."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.catalog import holdout
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.decontamination.named import loaded_rows
from medqa_kit.errors import FileError, SchemaMovedError, WrongFilesError
from medqa_kit.loading.load import Loaded
from medqa_kit.loading.request import Origin


class SourceFiles(NamedTuple):
    """Files of a source that a recipe names.

    Attributes:
        path: As in :func:`medqa_kit.load`.
        columns: As in :func:`medqa_kit.load`.
    """

    path: Path
    columns: Mapping[str, str]


def files_of_sources(recipe: Recipe) -> dict[str, list[SourceFiles]]:
    """Return the files that a recipe names, by the source they are of."""
    files: dict[str, list[SourceFiles]] = {}
    for ingredient in recipe.sources:
        if path := recipe.path_of(ingredient):
            files.setdefault(ingredient.name, []).append(SourceFiles(path, ingredient.columns))
    return files


def item_rows(
    name: str,
    files: Mapping[str, Sequence[SourceFiles]],
    *,
    origin: Origin,
    cache_dir: str | os.PathLike[str] | None = None,
    token: str | None = None,
) -> Loaded:
    """Load the rows of a named holdout, from files of its source where there are some.

    Args:
        name: Of the holdout.
        files: By source; the first that hold the rows are taken, by the names their columns are said to have,
            or else by the declared ones.
        origin: Of sources without files.
        cache_dir: As in :func:`medqa_kit.load`.
        token: As in :func:`medqa_kit.load`.

    Raises:
        WrongFilesError, SchemaMovedError: None of the files holds them.
        MedQAError: What loading raises.
    """
    protection = holdout(name)
    absent: FileError | None = None
    tries = [(each.path, names) for each in files.get(protection.source, ())
             for names in ((each.columns, {}) if each.columns else ({},))]  # fmt: skip
    for path, names in tries:
        try:
            return loaded_rows(protection, origin="path", path=path, columns=names, revision=None,
                               cache_dir=cache_dir, token=token)  # fmt: skip
        except (WrongFilesError, SchemaMovedError) as error:
            absent = absent or error
    if absent is not None:
        raise absent
    return loaded_rows(protection, origin=origin, path=None, revision=None, cache_dir=cache_dir, token=token)  # fmt: skip


def holdout_items(
    name: str,
    files: Mapping[str, Sequence[SourceFiles]],
    *,
    origin: Origin,
    cache_dir: str | os.PathLike[str] | None = None,
    token: str | None = None,
) -> Holdout:
    """Take the items of a named holdout; arguments and errors are as in :func:`item_rows`."""
    if not files.get(holdout(name).source):
        return Holdout.named(name, origin=origin, partial=True, cache_dir=cache_dir, token=token)
    rows = item_rows(name, files, origin=origin, cache_dir=cache_dir, token=token)
    return Holdout.named(name, rows=rows, partial=True)
