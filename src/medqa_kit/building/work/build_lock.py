"""Compare a build with its lockfile: facts to record, facts that moved, and files that are not on this machine."""

from __future__ import annotations

import os
import shlex
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medqa_kit.building.guard import Guard
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.source_requests import source_request
from medqa_kit.catalog import Source
from medqa_kit.catalog.places import is_commit
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.stored import sha256_of, stamped
from medqa_kit.errors import LockError, MedQAWarning, OfflineError, StorageError
from medqa_kit.loading.carrying.lockfile import locked_content
from medqa_kit.loading.hub.hub_request import asking_nobody
from medqa_kit.loading.lock import Locked, recorded, refuse_no_folder
from medqa_kit.loading.part_loading import PartLoader, load_parts, planned_parts
from medqa_kit.loading.plan import Plan
from medqa_kit.loading.request import LoadRequest, Origin, cache_folder, cache_root

_HOLDOUT, _FILE, _REVISION = "holdout", "file", "revision"


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

    @contextmanager
    def network(self) -> Iterator[None]:
        """Have no network where the lock is frozen.

        Raises:
            OfflineError: What the block lacks; where it is frozen, with the command that fetches it.
        """
        with asking_nobody() if self.frozen else nullcontext():
            try:
                yield
            except OfflineError as error:
                if self.frozen:
                    error.hint = self.fetching
                raise

    def fill_caches(self, labels: Collection[str]) -> None:
        """Prepare the rows of sources that the lockfile records, so that a frozen build finds them.

        Args:
            labels: What the recipe calls them.

        Raises:
            LockError: Rows are not as they are recorded.
        """
        loader = PartLoader(cache_dir=self.cache_dir)
        for ingredient, source in self._pairs():
            for split in ingredient.split if ingredient.label in labels else ():
                with _quiet():
                    load_parts(source, self._request(ingredient, source), loader, subset=ingredient.subset, split=split,
                               lock=self.file, called=ingredient.label)  # fmt: skip

    @property
    def fetching(self) -> str:
        """How to fetch what the recipe reads."""
        return f"fetch what the recipe reads, with a network: {self.command}"

    def _pairs(self) -> Iterator[tuple[Ingredient, Source]]:
        return zip(self.recipe.sources, self.sources, strict=True)

    @property
    def _labels(self) -> list[str]:
        return list(dict.fromkeys(ingredient.label for ingredient in self.recipe.sources))

    def _request(self, ingredient: Ingredient, source: Source) -> LoadRequest:
        return source_request(self.recipe, ingredient, source, origin=self.origin, token=self.token,
                              frozen=self.frozen)  # fmt: skip

    def _plans(
        self, ingredient: Ingredient, source: Source, lock: Path | None
    ) -> Iterator[tuple[Plan, Locked | None]]:
        for split in ingredient.split:
            plans, known = planned_parts(source, self._request(ingredient, source), subset=ingredient.subset, split=split, lock=lock,
                                         called=ingredient.label)  # fmt: skip
            yield from ((plan, known) for plan in plans)

    def _planned(self, label: str) -> tuple[str, Source, list[Plan]]:
        own = [
            (ingredient, source)
            for ingredient, source in self._pairs()
            if ingredient.label == label
        ]
        plans = [
            plan for ingredient, source in own for plan, _ in self._plans(ingredient, source, None)
        ]
        return label, own[0][1], plans

    def _compare(
        self, content: Mapping[str, Any], protection: Guard, *, known_only: bool, unlisted_fits: bool = False
    ) -> None:  # fmt: skip
        """Refuse what is not as it is recorded, and what is not recorded unless that is allowed."""
        known = content.get("digests", {})
        absent: list[tuple[str, str]] = []
        moved = list(self._moved(content["sources"], absent, unlisted_fits=unlisted_fits))
        for name, digest in self._digests(protection).items():
            if name in known and known[name] != digest:
                moved.append((name, f"recorded {known[name]}, found {digest}"))
        if not known_only:
            names = [*content["sources"], *known]
            moved += [
                (name, "not recorded") for name in self.names(protection) if name not in names
            ]
        if moved or absent:
            named = "".join(f" --upgrade {shlex.quote(name)}" for name in dict(moved))
            hints = [self.fetching] * bool(absent) + [
                f"where that is wanted, record it: {self.command}{named}"
            ] * bool(moved)
            number = len(moved) + len(absent)
            raise LockError(
                f"{number} of what the recipe reads {'is' if number == 1 else 'are'} not what the lockfile records"
                if moved else "what the lockfile records is not on this machine", file=str(self.file),
                expected="what was recorded" if moved else "files in the caches, or a network",
                found="; ".join(f"{name}: {change}" for name, change in [*moved, *absent]), hint="; ".join(hints),
            )  # fmt: skip

    def _moved(
        self, known: Mapping[str, Any], absent: list[tuple[str, str]], *, unlisted_fits: bool
    ) -> Iterator[tuple[str, str]]:
        """Say of each source that is recorded what is not as it is recorded.

        Args:
            known: What is recorded, by what the recipe calls the sources.
            absent: Takes those that only a network could tell of.
            unlisted_fits: Whether these are taken for what is recorded.
        """
        for ingredient, source in self._pairs():
            if ingredient.label not in known:
                continue
            try:
                with typed_errors(cache_root(self.cache_dir)), _quiet():
                    for plan, locked in self._plans(ingredient, source, self.file):
                        assert locked is not None
                        try:
                            locked.check_files(plan)
                        except OfflineError:
                            if not unlisted_fits:
                                raise
                            locked.check_code(plan)
            except (LockError, OfflineError) as error:
                if isinstance(error, OfflineError):
                    absent += [(ingredient.label, error.what)] * (not unlisted_fits)
                    continue
                moved = (
                    f"; recorded {error.expected}, found {error.found}"
                    if error.expected and error.found
                    else ""
                )
                yield (
                    ingredient.label,
                    f"{f'part {error.part}: ' if error.part else ''}{error.what}{moved}",
                )

    def _digests(self, protection: Guard) -> dict[str, str]:
        """Return a digest of each holdout that applies, and of the tokenizer where it is a file."""
        digests = {f"{_HOLDOUT}:{name}": content for name, content in protection.contents.items()}
        digests |= {f"{_REVISION}:{ingredient.label}": ingredient.revision for ingredient in self.recipe.sources
                    if ingredient.revision is not None and not is_commit(ingredient.revision)}  # fmt: skip
        if (file := self.recipe.tokenizer_file) is not None:
            try:
                digests[f"{_FILE}:{file.name}"] = f"sha256:{sha256_of(file)}"
            except OSError as error:
                raise StorageError.of(error, file, elsewhere="or name another file") from error
        return digests


@contextmanager
def _quiet() -> Iterator[None]:
    """Say nothing that the manifest says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=MedQAWarning)
        yield
