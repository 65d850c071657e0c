"""Check rows on this machine against a lockfile, without recording anything and without a request to the hub."""

from __future__ import annotations

import os
from dataclasses import replace

from medqa_kit.building.account import Account
from medqa_kit.building.guard import Guard
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.work.build_lock import RecipeLock
from medqa_kit.building.work.set_reading import SetReading, TakenPart
from medqa_kit.catalog import Source
from medqa_kit.errors import LockError
from medqa_kit.loading.request import Origin


class LockedReading:
    """Reads rows that are on this machine: those that a lockfile records where they fit, else what is here.

    Args:
        recipe: The recipe.
        origin: As in :func:`medqa_kit.build`.
        cache_dir: Root of the ``datasets`` cache.
        hold: The lock of the build, if it has one.
        guard: The holdouts that are on this machine.

    Attributes:
        unlocked: What does not fit the lockfile: what a build would raise of it.
    """

    def __init__(
        self, recipe: Recipe, origin: Origin, cache_dir: str | os.PathLike[str] | None, hold: RecipeLock | None,
        guard: Guard,
    ) -> None:  # fmt: skip
        self.unlocked: list[LockError] = []
        self._as_it_is = SetReading(recipe, origin, cache_dir)
        self._as_recorded = replace(self._as_it_is, hold=hold)
        self._known = frozenset[str]() if hold is None else hold.known
        if hold is not None:
            try:
                hold.refuse_moved(guard)
            except LockError as error:
                self.unlocked.append(error)

    def taken(self, ingredient: Ingredient, source: Source) -> tuple[Account, list[TakenPart]]:
        """Read the parts of an ingredient, with an account of them."""
        if ingredient.label in self._known:
            account = _opened(ingredient, source)
            try:
                return account, self._as_recorded.taken(ingredient, account)
            except LockError as error:
                if not self.unlocked:  # else a build stops before it reads this
                    self.unlocked.append(error)
        account = _opened(ingredient, source)
        return account, self._as_it_is.taken(ingredient, account)


def _opened(ingredient: Ingredient, source: Source) -> Account:
    return Account(source, alias=ingredient.alias, read_from=ingredient.read)
