"""The lockfile of a recipe: every source, holdout and file that its result depends on.

It is the file that :func:`medqa_kit.lock` writes, by what the recipe calls its sources, with digests
of holdouts and of files that a recipe names. One file may serve several recipes.
"""

from __future__ import annotations

import os
import shlex
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medqa_kit.building.guard import Guard, guard
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.shipped_recipes import recipe_of
from medqa_kit.building.recipes.source_requests import source_request
from medqa_kit.catalog import Source
from medqa_kit.catalog.places import is_commit
from medqa_kit.core.arguments import boolean, file_path, some_of
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.stored import sha256_of, stamped
from medqa_kit.errors import ArgumentError, LockError, MedQAWarning, OfflineError, StorageError
from medqa_kit.loading.carrying.lockfile import Lockfile, locked_content
from medqa_kit.loading.content_hash import content_hash
from medqa_kit.loading.hub.hub_request import asking_nobody
from medqa_kit.loading.lock import Locked, recorded, refuse_no_folder
from medqa_kit.loading.part_loading import planned_parts
from medqa_kit.loading.plan import Plan
from medqa_kit.loading.request import Origin, cache_folder, cache_root

_USUAL = "medqa.lock"
_ITEM = ["id", "family", "stem", "options", "stem_terms", "options_terms", "gold_terms"]
_HOLDOUT, _FILE, _REVISION = "holdout", "file", "revision"


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
    sources = [wanted.source_of(one) for one in wanted.sources]
    protection = guard(wanted, sources, origin=origin, cache_dir=cache_dir, token=token)
    hold = RecipeLock(place, wanted, tuple(sources), origin, cache_dir, token)
    hold.renew(protection, some_of("upgrade", upgrade, hold.names(protection)))
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


@dataclass(frozen=True)
class RecipeLock:
    """Holds what a recipe reads to a lockfile.

    Attributes:
        file: The lockfile.
        recipe: The recipe.
        sources: Of each of its ingredients.
        origin: Where sources without a path are read.
        cache_dir: Root of the ``datasets`` cache.
        token: Hub token.
        frozen: Whether everything must stand in the file already, and no network be used.
    """

    file: Path
    recipe: Recipe
    sources: tuple[Source, ...]
    origin: Origin
    cache_dir: str | os.PathLike[str] | None = None
    token: str | None = None
    frozen: bool = False

    def hold(self, protection: Guard) -> dict[str, Any]:
        """Compare everything with the lockfile, and record what it does not know unless it is frozen.

        Args:
            protection: The holdouts of the recipe.

        Returns:
            For the manifest: a digest of what is recorded of this recipe, and what that is.

        Raises:
            LockError: Something does not fit, or a frozen lock does not know it; all of it is listed.
        """
        if self.frozen:
            self._compare(self._content(), protection, known_only=False)
        else:
            self.renew(protection, ())
        content = self._content()
        own = {
            "sources": {label: content["sources"][label] for label in self._labels},
            "digests": {name: content["digests"][name] for name in self._digests(protection)},
        }
        contents = {label: {name: part["content"] for name, part in entry["parts"].items()}
                    for label, entry in own["sources"].items()}  # fmt: skip
        return {"digest": stamped(own)["digest"], "sources": contents, "digests": own["digests"]}

    def refuse_moved(self, protection: Guard) -> None:
        """Compare everything with the lockfile as :meth:`hold` does, without a network, and record nothing.

        Files that only the hub could list are taken for those that are recorded, unless it is frozen.

        Args:
            protection: The holdouts of the recipe that are on this machine.

        Raises:
            LockError: What :meth:`hold` would raise, as far as that is known.
        """
        content = self._content(needed=self.frozen)
        with asking_nobody():
            self._compare(content, protection, known_only=not self.frozen, unlisted_fits=not self.frozen)  # fmt: skip
        if not self.file.exists():
            refuse_no_folder(self.file)

    @property
    def known(self) -> frozenset[str]:
        """What the sources are called that the lockfile records; none where it is no lockfile."""
        with suppress(LockError):
            return frozenset(self._content(needed=False)["sources"])
        return frozenset()

    def renew(self, protection: Guard, renewed: Sequence[str]) -> None:
        """Record what the lockfile does not know, and what is to be renewed.

        Args:
            protection: The holdouts of the recipe.
            renewed: What to record anew, as :meth:`names` calls it.

        Raises:
            LockError: What is recorded of the others does not fit.
        """
        content = self._content(needed=False)
        kept = {word: {name: value for name, value in content.get(word, {}).items() if name not in renewed}
                for word in ("sources", "digests")}  # fmt: skip
        self._compare(kept, protection, known_only=True)
        new = [label for label in self._labels if label not in kept["sources"]]
        digests = self._digests(protection)
        absent = {name: digests[name] for name in digests if name not in kept["digests"]}
        if new or absent:
            with typed_errors(cache_root(self.cache_dir)), _quiet():
                recorded((self._planned(label) for label in new), self.file,
                         cache_folder(self.cache_dir), digests=absent)  # fmt: skip

    def _content(self, *, needed: bool = True) -> dict[str, Any]:
        """Return what the lockfile records; nothing where there is none and none is needed."""
        if not needed and not self.file.exists():
            return {"sources": {}}
        try:
            return locked_content(self.file)
        except LockError as error:
            if isinstance(error.__cause__, OSError):  # such as a folder
                raise
            restore = (
                "restore it from version control, or delete it and " if self.file.exists() else ""
            )
            error.hint = f"{restore}record what the recipe reads: {self.command}"
            raise

    @property
    def command(self) -> str:
        """What to type to record what the recipe reads."""
        usual = self.recipe.lock_file is not None and self.file == self.recipe.lock_file
        file = "" if usual else f" --file {shlex.quote(str(self.file))}"
        return (
            f"medqa-kit lock --recipe RECIPE{file}{' --origin sample' * (self.origin == 'sample')}"
        )

    def names(self, protection: Guard) -> list[str]:
        """Return what the lockfile calls everything the recipe reads: sources, and what has a digest."""
        return [*self._labels, *self._digests(protection)]

    def network(self) -> AbstractContextManager[None]:
        """Return a context that has no network where the lock is frozen."""
        return asking_nobody() if self.frozen else nullcontext()

    def _pairs(self) -> Iterator[tuple[Ingredient, Source]]:
        return zip(self.recipe.sources, self.sources, strict=True)

    @property
    def _labels(self) -> list[str]:
        return list(dict.fromkeys(one.label for one in self.recipe.sources))

    def _plans(
        self, one: Ingredient, source: Source, lock: Path | None
    ) -> Iterator[tuple[Plan, Locked | None]]:
        request = source_request(self.recipe, one, source, origin=self.origin, token=self.token,
                                 frozen=self.frozen)  # fmt: skip
        for split in one.split:
            plans, known = planned_parts(source, request, subset=one.subset, split=split, lock=lock,
                                         called=one.label)  # fmt: skip
            yield from ((plan, known) for plan in plans)

    def _planned(self, label: str) -> tuple[str, Source, list[Plan]]:
        own = [(one, source) for one, source in self._pairs() if one.label == label]
        plans = [plan for one, source in own for plan, _ in self._plans(one, source, None)]
        return label, own[0][1], plans

    def _compare(
        self, content: Mapping[str, Any], protection: Guard, *, known_only: bool, unlisted_fits: bool = False
    ) -> None:  # fmt: skip
        """Refuse what is not as it is recorded, and what is not recorded unless that is allowed."""
        known = content.get("digests", {})
        moved = list(self._moved(content["sources"], unlisted_fits=unlisted_fits))
        for name, digest in self._digests(protection).items():
            if name in known and known[name] != digest:
                moved.append((name, f"recorded {known[name]}, found {digest}"))
        if not known_only:
            names = [*content["sources"], *known]
            moved += [
                (name, "not recorded") for name in self.names(protection) if name not in names
            ]
        if moved:
            named = "".join(f" --upgrade {shlex.quote(name)}" for name in dict(moved))
            raise LockError(
                f"{len(moved)} of what the recipe reads {'is' if len(moved) == 1 else 'are'} not what the "
                "lockfile records", file=str(self.file), expected="what was recorded",
                found="; ".join(f"{name}: {what}" for name, what in moved),
                hint=f"where that is wanted, record it: {self.command}{named}",
            )  # fmt: skip

    def _moved(self, known: Mapping[str, Any], *, unlisted_fits: bool) -> Iterator[tuple[str, str]]:
        """Say of each source that is recorded what is not as it is recorded."""
        for one, source in self._pairs():
            if one.label not in known:
                continue
            try:
                with typed_errors(cache_root(self.cache_dir)), _quiet():
                    for plan, locked in self._plans(one, source, self.file):
                        assert locked is not None
                        try:
                            locked.check_files(plan)
                        except OfflineError:
                            if not unlisted_fits:
                                raise
                            locked.check_code(plan)
            except (LockError, OfflineError) as error:
                if unlisted_fits and isinstance(error, OfflineError):
                    continue
                moved = (
                    f"; recorded {error.expected}, found {error.found}"
                    if error.expected and error.found
                    else ""
                )
                yield (
                    one.label,
                    f"{f'part {error.part}: ' if error.part else ''}{error.what}{moved}",
                )

    def _digests(self, protection: Guard) -> dict[str, str]:
        """Return a digest of each holdout that applies, and of the tokenizer where it is a file."""
        digests = {f"{_HOLDOUT}:{name}": content_hash([held.items.select(_ITEM)])
                   for name, held in protection.applied.items()}  # fmt: skip
        digests |= {f"{_REVISION}:{one.label}": one.revision for one in self.recipe.sources
                    if one.revision is not None and not is_commit(one.revision)}  # fmt: skip
        if (file := self.recipe.tokenizer_file) is not None:
            try:
                digests[f"{_FILE}:{file.name}"] = f"sha256:{sha256_of(file)}"
            except OSError as error:
                raise StorageError.of(error, file) from error
        return digests


@contextmanager
def _quiet() -> Iterator[None]:
    """Say nothing that the manifest says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=MedQAWarning)
        yield
