"""The lockfile of a recipe: every source, holdout and file that its result depends on.

It is the file that :func:`medqa_kit.lock` writes, by what the recipe calls its sources, with digests
of holdouts and of files that a recipe names. One file may serve several recipes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from medqa_kit.building.guard import guard
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.shipped_recipes import recipe_of
from medqa_kit.building.work.build_lock import RecipeLock
from medqa_kit.catalog import Source
from medqa_kit.core.arguments import boolean, file_path, some_of
from medqa_kit.errors import ArgumentError
from medqa_kit.loading.carrying.lockfile import Lockfile, locked_content
from medqa_kit.loading.request import Origin

_USUAL = "medqa.lock"


def lock_recipe(
    recipe: Recipe | str | os.PathLike[str] | Mapping[str, Any],
    file: str | os.PathLike[str] | None = None,
    *,
    upgrade: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    origin: Origin = "hub",
    cache_dir: str | os.PathLike[str] | None = None,
    token: str | None = None,
) -> Lockfile:
    """Record what a recipe reads: its sources, its holdouts, and the files that it names.

    What the file records already must fit still, unless it is to be renewed. The rows of all sources
    are prepared on the way, so that a frozen build finds them in the caches.

    Args:
        recipe: As in :func:`medqa_kit.build`.
        file: The lockfile; by default the one that the recipe names, or ``medqa.lock``. What it says of
            other recipes stays.
        upgrade: What the recipe calls the sources to record anew, such as those that moved upstream.
        settings: As in :func:`medqa_kit.build`.
        origin: Likewise.
        cache_dir: Likewise.
        token: Likewise.

    Returns:
        The content of the lockfile.

    Raises:
        ArgumentError: ``upgrade`` names what is no source of the recipe.
        LockError: What is recorded does not fit, and was not to be renewed; all of it is listed.
        MedQAError: What building raises before rows are written.

    Example:
        >>> import tempfile
        >>> recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
        >>> content = lock_recipe(recipe, f"{tempfile.mkdtemp()}/demo.lock", origin="sample")
        >>> list(content["sources"]), list(content["digests"])
        (['kormedmcqa'], ['holdout:kormedmcqa-official-test'])
    """
    wanted = recipe_of(recipe, settings)
    place = file_path("file", wanted.lock_file or _USUAL if file is None else file)
    sources = [wanted.source_of(ingredient) for ingredient in wanted.sources]
    protection = guard(wanted, sources, origin=origin, cache_dir=cache_dir, token=token)
    hold = RecipeLock(place, wanted, tuple(sources), origin, cache_dir, token)
    renewed = some_of("upgrade", upgrade, hold.names(protection))
    recorded_before = hold.known.difference(renewed)
    hold.renew(protection, renewed)
    hold.fill_caches(recorded_before)
    return Lockfile(locked_content(place))


def recipe_lock(
    recipe: Recipe, sources: Sequence[Source], file: str | os.PathLike[str] | None, *, frozen: bool,
    origin: Origin, cache_dir: str | os.PathLike[str] | None, token: str | None,
) -> RecipeLock | None:  # fmt: skip
    """Return the lock of a build: of the file that is named, or else of the one that the recipe names.

    Raises:
        ArgumentError: A frozen build has no lockfile.
    """
    boolean("frozen", frozen)
    place = recipe.lock_file if file is None else file_path("lock", file)
    if place is None and frozen:
        raise ArgumentError("a frozen build has a lockfile", argument="frozen", expected="lock=, or lock in the recipe",
                            found="neither", hint="mk.lock_recipe(recipe, file) writes one")  # fmt: skip
    if place is None:
        return None
    return RecipeLock(place, recipe, tuple(sources), origin, cache_dir, token, frozen)
