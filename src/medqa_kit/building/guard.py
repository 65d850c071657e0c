"""The holdouts of a build: which ones apply, and which rows of each batch they take."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.kept.stored_tables import table_digest
from medqa_kit.building.recipes.problems.known_names import SAVED, no_holdout
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.fates import FATES
from medqa_kit.building.work.holdout_items import files_of_sources, holdout_items
from medqa_kit.catalog import Source, holdouts, protecting
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.stored import sha256_of
from medqa_kit.core.tables import counted
from medqa_kit.decontamination.exclusion import FormsOf, direct_findings, relatives, search
from medqa_kit.decontamination.findings import dropped_rows, leak_report
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.errors import (
    HoldoutWarning,
    ManualDownloadError,
    OfflineError,
    RecipeError,
    WrongFilesError,
    shorten,
)
from medqa_kit.loading.content_hash import content_hash
from medqa_kit.loading.request import Origin
from medqa_kit.matching.item_keys import family_names

DIRECT = pa.schema([*FATES, ("family", pa.string()), ("kin", pa.string())])
"""Rows that hold an item, each with its family and the id of this item."""


_ITEM = ["id", "family", "stem", "options", "stem_terms", "options_terms", "gold_terms"]
NOTHING_HELD = "nothing is held out: no exam protects these sources, and [holdout] items names none that you report"
"""Note about a training set that was compared with no exam."""


@dataclass(frozen=True)
class Guard:
    """Finds held-out rows.

    Attributes:
        applied: Holdouts by name.
        without: Names of holdouts that protect a source and are left out on purpose, with the reason; empty where
            the recipe gives none.
        warned: Warnings while holdouts were made, such as the items that a holdout does not cover.
        files: For saved holdouts, the file as the recipe names it, and its SHA-256.
    """

    applied: dict[str, Holdout]
    without: Mapping[str, str] = field(default_factory=dict)
    warned: tuple[str, ...] = ()
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def ready(self) -> None:
        """Build the index of the items, which threads then share."""
        self._together.index, self._together.places  # noqa: B018 - built at first use

    @cached_property
    def digest(self) -> str:
        """A digest of all items, and of the order of the holdouts they are of."""
        return " ".join(
            f"{name} {table_digest(holdout.items)}" for name, holdout in self.applied.items()
        )

    @cached_property
    def contents(self) -> dict[str, str]:
        """A digest of the items of each holdout, whatever their order."""
        return {
            name: content_hash([holdout.items.select(_ITEM)])
            for name, holdout in self.applied.items()
        }

    def direct(self, rows: pa.Table, forms: FormsOf) -> tuple[pa.Table, Mask]:
        """Find the rows that hold an item themselves, without their relatives.

        Args:
            rows: A piece of the training set.
            forms: Makes the records of the rows of a batch.

        Returns:
            A table with the schema :data:`DIRECT`, in the order of the rows; and ``bool[n]``: the rows of which
            no record holds an item, of the others this does not tell.
        """
        matches, families, _, clear = direct_findings(rows, self._together, threads=1, forms=forms)
        if not matches.num_rows:
            return DIRECT.empty_table(), clear
        report = leak_report("search", matches, rows=rows.num_rows, holdout=self._together)
        own = _accounts(dropped_rows(report))
        family = family_names(rows).take(own["row"]).cast(pa.string())
        kin = [None if name is None else families[name] for name in family.to_pylist()]  # few
        return pa.table([*own.columns, family, pa.array(kin, pa.string())], schema=DIRECT), clear

    def matches(self, rows: Any, *, threads: int | None = None) -> pa.Table:
        """Find the rows that hold an item, and those of their families, sorted by position.

        Args:
            rows: Records made of rows of the training set.
            threads: As in :func:`medqa_kit.exclude`.

        Returns:
            A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`.
        """
        if not self.applied:
            return FATES.empty_table()
        return _accounts(dropped_rows(search(rows, self._together, threads=threads)))

    def relatives(self, rows: Any, matches: pa.Table, known: Ints) -> pa.Table:
        """Find the rows of the families of rows that were found.

        Args:
            rows: ``Dataset`` of the whole training set.
            matches: The rows that were found, with the schema :data:`DIRECT`.
            known: ``int64[n]``: positions of the rows that are held out already.

        Returns:
            A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`.
        """
        of_found = zip(matches["family"].to_pylist(), matches["kin"].to_pylist(), strict=True)
        families = {name: item for name, item in of_found if name is not None}
        if not families:
            return FATES.empty_table()
        return _accounts(pa.concat_tables(relatives(rows, families, known, self._together)))

    @cached_property
    def _together(self) -> Holdout:
        return reduce(or_, self.applied.values())

    def described(self) -> list[dict[str, Any]]:
        """Describe for the manifest which holdouts were applied, and which were not."""
        applied = [
            {
                "name": name,
                "applied": True,
                "items": len(holdout),
                "reason": holdout.reason,
                "protects": list(holdout.protects),
                **(
                    {"file": self.files[name][0], "sha256": self.files[name][1]}
                    if name in self.files
                    else {"content": self.contents[name]}
                ),
            }
            for name, holdout in self.applied.items()
        ]
        left = [
            {
                "name": name,
                "applied": False,
                "reason": because or f"{self._instead(name)} by the recipe",
            }
            | ({"instead": self.files[name][0]} if name in self.files else {})
            for name, because in self.without.items()
        ]
        return [*applied, *left]

    def _instead(self, name: str) -> str:
        """Describe a holdout that the recipe leaves out: a saved one with its name may replace it."""
        if name not in self.files:
            return "left out"
        items = len(self.applied[name])
        return f"replaced by {self.files[name][0]} ({counted(items, 'item')})"

    def notes(self) -> list[str]:
        """Return notes that a person should read."""
        left = [
            f"{name} protects a source of this recipe and was {self._instead(name)}{f': {because}' if because else ''}"
            for name, because in self.without.items()
        ]
        return [*left, *self.warned, *[NOTHING_HELD] * (not self.applied and not left)]


def guard(
    recipe: Recipe,
    sources: list[Source],
    *,
    origin: Origin,
    cache_dir: str | os.PathLike[str] | None = None,
    token: str | None = None,
) -> Guard:
    """Make the guard of a recipe: the holdouts it names and those that protect its sources.

    Raises:
        RecipeError: It names a holdout that does not exist, leaves out one that does not apply, or two holdouts with
            different items have one name.
        MedQAError: What loading the items raises.
    """
    names, saved = holdout_names(recipe, sources)
    default = {name for source in sources for name in protecting(source)}
    files_of = files_of_sources(recipe)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", HoldoutWarning)
        applied = {}
        for name in names:
            with _told_of(
                name, protects=name in default
            ):  # of files that lack rows the manifest says how many are held out
                applied[name] = holdout_items(
                    name, files_of, origin=origin, cache_dir=cache_dir, token=token
                )
    files = {}
    for name in saved:
        file = saved_file(recipe, name)
        holdout = Holdout.load(file)
        refuse_namesake_holdout(recipe, name, holdout, applied.get(holdout.name))
        applied[holdout.name] = holdout
        files[holdout.name] = (name.removeprefix(SAVED), sha256_of(file))
    without = {name: recipe.because.get(name, "") for name in recipe.without}
    return Guard(applied, without, tuple(str(warning.message) for warning in caught), files)


@contextmanager
def _told_of(name: str, *, protects: bool) -> Iterator[None]:
    """Say of a holdout whose items are not at hand how a recipe has it: it names no path of its rows alone.

    Args:
        name: Of the holdout.
        protects: Whether it applies since it protects a source.

    Raises:
        OfflineError, ManualDownloadError, WrongFilesError: The block raised one.
    """
    try:
        yield
    except (OfflineError, ManualDownloadError, WrongFilesError) as error:
        if isinstance(error, OfflineError):
            first = "connect once to fill the cache; or save it where its rows are"
        elif isinstance(error, WrongFilesError):
            first = f"let a path of {error.source} hold them as well; or save it where its rows are"
        else:
            first = f'get them as mk.source("{error.source}").show() says, and save it'
        error.hint = (
            f'these are the items of {name}, a holdout of the recipe: {first}, mk.Holdout.named("{name}", path="…")'
            f'.save("FILE"), and let that stand for it with [holdout] items = ["file:FILE"]'
            + (f', without = ["{name}"]' if protects else " in its place")
        )
        raise


def holdout_names(recipe: Recipe, sources: Sequence[Source]) -> tuple[list[str], list[str]]:
    """Return the named holdouts that a recipe applies, and the saved ones.

    Args:
        recipe: The recipe.
        sources: Its sources, whose own holdouts apply by default.

    Raises:
        RecipeError: It names a holdout that does not exist, or leaves out one that does not apply.
    """
    protects = [name for source in sources for name in protecting(source)]
    known = {named.name for named in holdouts()}
    saved = [n for n in recipe.holdouts if n.startswith(SAVED)]
    mentioned = (*recipe.holdouts, *recipe.without, *recipe.because)
    if unknown := [n for n in mentioned if n not in known and n not in saved]:
        raise RecipeError(f"there is no holdout {shorten(unknown)}", file=recipe.name, expected=", ".join(sorted(known)),
                          found="; ".join(no_holdout(n, sorted(known)) for n in unknown),
                          hint="mk.holdouts() lists all; 'file:PATH' names a saved one")  # fmt: skip
    if idle := [n for n in recipe.without if n not in protects]:
        raise RecipeError(f"without = {idle} leaves out what does not apply", file=recipe.name,
                          found=", ".join(dict.fromkeys(protects)) or "nothing protects these sources",
                          hint="remove the line")  # fmt: skip
    if reasons := [n for n in recipe.because if n not in recipe.without]:
        raise RecipeError(f"because = {reasons} gives reasons for what is not left out", file=recipe.name,
                          found=", ".join(recipe.without) or "nothing is left out",
                          hint="name the holdout in without, or remove the line")  # fmt: skip
    listed = [n for n in recipe.holdouts if n not in saved]
    names = [n for n in dict.fromkeys([*listed, *protects]) if n not in recipe.without]
    return names, saved


def refuse_namesake_holdout(
    recipe: Recipe, name: str, holdout: Holdout, other: Holdout | None
) -> None:
    """Refuse a saved holdout that would replace another one, whose items would not be held out any more.

    Args:
        recipe: The recipe.
        name: Its name for the saved holdout.
        holdout: The saved holdout.
        other: A holdout with the same name that is applied already, if there is one.

    Raises:
        RecipeError: They do not hold the same items.
    """
    if other is None or len(holdout.items) == len((holdout | other).items) == len(other.items):
        return
    named = holdout.name in {each.name for each in holdouts()}
    raise RecipeError(
        f"two holdouts of other items are called {holdout.name!r}", file=recipe.name,
        expected="a name of its own for each", found=f"{len(holdout):,} items in {name!r}, {len(other):,} in the other one",
        hint=f"without = [{holdout.name!r}] lets the saved one stand for the one of the catalogue" if named
        else "join them with |, or give each a name in Holdout.from_rows(..., name=...), and save them anew",
    )  # fmt: skip


def saved_file(recipe: Recipe, name: str) -> Path:
    """Return the file of a saved holdout that a recipe names as ``file:PATH``."""
    return recipe.folder / Path(name.removeprefix(SAVED)).expanduser()


def _accounts(dropped: pa.Table) -> pa.Table:
    """Describe for each row the rule that found it, the item and its holdout, and the scores."""
    reason = pc.binary_join_element_wise("held_out", dropped["code"], "_")
    return pa.table([dropped["row"], reason, dropped["detail"], dropped["held_id"]], schema=FATES)
