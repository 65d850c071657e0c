"""``build``: load, hold out, split, format, write — and account for every row."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import datasets

from medqa_kit.building.account import Account
from medqa_kit.building.guard import Guard, guard
from medqa_kit.building.held_rows import held_rows
from medqa_kit.building.output.listings import aside_rows, list_aside
from medqa_kit.building.output.manifest import manifest
from medqa_kit.building.output.papers.finishing import finish
from medqa_kit.building.output.row_files import RowFiles
from medqa_kit.building.recipe import Ingredient, Recipe
from medqa_kit.building.result_folder import finished_together, storage_errors
from medqa_kit.building.row_fates import fates, known_errors, outside_years, refuse_twice
from medqa_kit.catalog import Source
from medqa_kit.catalog import source as find
from medqa_kit.catalog.licenses import Claim, strictest, summary
from medqa_kit.core.apply import BATCH_ROWS
from medqa_kit.core.arguments import boolean, file_path
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.tables import text_table
from medqa_kit.errors import (
    DroppedRowsWarning,
    FloatingRevisionWarning,
    LeftOutWarning,
    LicenseWarning,
    RecipeError,
    SafetyWarning,
)
from medqa_kit.loading.part_loading import LoadedPart, PartLoader, load_parts
from medqa_kit.loading.request import LoadRequest, Origin
from medqa_kit.training.records import record


@dataclass(frozen=True)
class Build:
    """What was built.

    Attributes:
        path: The folder.
        manifest: Content of its ``manifest.json``.
    """

    path: Path
    manifest: Mapping[str, Any]

    def __str__(self) -> str:
        rows = [("source", "set aside", "read", "dropped", "train", "validation", "why dropped")]
        for one in [*self.manifest["sources"], {"name": "all", **self.manifest["totals"]}]:
            dropped = one["dropped"]
            why = ", ".join(f"{reason} {count}" for reason, count in sorted(dropped.items()))
            aside = sum(one["set_aside"].values())
            numbers = (aside, one["read"], sum(dropped.values()), one["train"], one["validation"])
            rows.append((one["name"], *map("{:,}".format, numbers), why))
        notes = [f"Note: {note}" for note in self.manifest["notes"]]
        return "\n".join([*text_table(rows), *notes, f"Written to {self.path}"])


def build(
    recipe: Recipe | str | os.PathLike[str] | Mapping[str, Any],
    *,
    out: str | os.PathLike[str],
    origin: Origin = "hub",
    cache_dir: str | os.PathLike[str] | None = None,
    num_proc: int | None = None,
    token: str | None = None,
    replace_edited: bool = False,
) -> Build:
    """Build a training set from a recipe.

    Writes each format and split as numbered files, such as
    ``trl_messages/train/part-00000-of-00012.parquet``; ``dropped`` (each row left out, with the reason),
    ``aside`` (what never became a row), ``manifest.json`` and the papers that go with the rows. The
    folder appears when all is written, and until then an earlier result stands; a killed build changes
    neither, and the next one clears away what it left. One build at a time writes a folder: a second
    one is refused.

    Args:
        recipe: A recipe, its TOML file, or what such a file holds.
        out: Folder to write; an earlier result there is replaced.
        origin: ``"hub"``, or ``"sample"`` for the invented rows embedded in the package.
            Sources with a ``path`` in the recipe are read from there.
        cache_dir: Root of the ``datasets`` cache.
        num_proc: Processes for loading.
        token: Hub token.
        replace_edited: Whether to replace an earlier result in ``out`` although its files were changed
            since it was built. Such changes are lost.

    Returns:
        The folder and its manifest; printing it shows the accounts.

    Raises:
        RecipeError: The recipe is not one, a licence forbids its use, or ``out`` is taken: by other
            files, by an earlier result that was edited, or by another build.
        StorageError: There are no rights, no room or no file locks where ``out`` is.
        MedQAError: What loading raises.

    Example:
        >>> import tempfile
        >>> recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     made = build(recipe, out=f"{folder}/demo", origin="sample")
        >>> made.manifest["totals"]["read"]
        4
    """
    boolean("replace_edited", replace_edited)
    wanted = _recipe(recipe)
    sources = [find(one.name) for one in wanted.sources]
    _refuse_use(wanted, sources)
    record(wanted.record, system=wanted.system)  # refuses an unknown kind before anything is read
    reading = _Reading(wanted, origin, cache_dir, num_proc, token)
    place = file_path("out", out)
    with (
        typed_errors(place),
        finished_together(place, replace_edited=replace_edited) as (folder, target),
    ):
        protection = guard(wanted, sources, origin=origin, cache_dir=cache_dir, token=token)
        accounts = [Account(source) for source in sources]
        found = [_noted(reading.all_parts(one), account)
                 for one, account in zip(wanted.sources, accounts, strict=True)]  # fmt: skip
        with storage_errors(target):
            formats = _write_rows(folder, wanted, accounts, found, protection)
            content = manifest(wanted, accounts, protection, origin=origin, formats=formats)
            written = finish(folder, content)
    return Build(target, written)


def _recipe(recipe: Recipe | str | os.PathLike[str] | Mapping[str, Any]) -> Recipe:
    if isinstance(recipe, Recipe):
        return recipe
    return Recipe.of(recipe) if isinstance(recipe, Mapping) else Recipe.read(recipe)


def _refuse_use(recipe: Recipe, sources: list[Source]) -> None:
    claims = [
        (source.name, _claims(one, source))
        for one, source in zip(recipe.sources, sources, strict=True)
    ]
    refused = {name: those for name, those in claims if not strictest(those).allows(recipe.use)}
    if idle := [name for name in recipe.accept if name not in refused]:
        raise RecipeError(
            f"the recipe accepts what needs no accepting: {', '.join(idle)}",
            file=recipe.name,
            found=f"{recipe.use} use is granted, or it is no source of the recipe",
            hint="remove it from accept",
        )
    forbidden = [name for name in refused if name not in recipe.accept]
    if forbidden:
        raise RecipeError(
            f"no licence known to us grants {recipe.use} use of {', '.join(forbidden)}",
            file=recipe.name,
            expected=f'sources of mk.sources(use="{recipe.use}")',
            found="; ".join(f"{name}: {summary(refused[name])}" for name in forbidden),
            hint=f"leave them out, or take it upon yourself with accept = {forbidden}",
        )


def _claims(one: Ingredient, source: Source) -> tuple[Claim, ...]:
    """Return the licence claims on the parts a recipe takes; all of a source that has no parts."""
    if not source.parts:
        return source.license
    parts = (part for split in one.split for part in source.select(one.subset, split))
    return source.claims_on(parts)


@dataclass(frozen=True)
class _Reading:
    recipe: Recipe
    origin: Origin
    cache_dir: str | os.PathLike[str] | None
    num_proc: int | None
    token: str | None

    def all_parts(self, one: Ingredient) -> list[LoadedPart]:
        with warnings.catch_warnings():
            for about in (
                DroppedRowsWarning,
                LeftOutWarning,
                LicenseWarning,
                FloatingRevisionWarning,
                SafetyWarning,
            ):
                warnings.simplefilter("ignore", category=about)  # the manifest says it
            return [part for split in one.split for part in self._parts(one, split)]

    def _parts(self, one: Ingredient, split: str) -> list[LoadedPart]:
        request = LoadRequest(
            origin="path" if one.path else self.origin,
            path=self.recipe.path_of(one),
            columns=one.columns,
            choices=one.choices,
            repo=one.repo,
            revision=one.revision,
            on_bad=self.recipe.on_bad,
            token=self.token,
            keep=find(one.name).origin_text,
            file_digests="always",
        )
        loader = PartLoader(num_proc=self.num_proc, cache_dir=self.cache_dir, digest_again=True)
        return load_parts(find(one.name), request, loader, subset=one.subset, split=split)


def _noted(parts: list[LoadedPart], account: Account) -> list[LoadedPart]:
    for part in parts:
        account.note(part)
    return parts


def _write_rows(
    folder: Path,
    recipe: Recipe,
    accounts: list[Account],
    found: list[list[LoadedPart]],
    protection: Guard,
) -> dict[str, Any]:
    list_aside(folder, (aside_rows(Path(file), account.source.name)
                        for account in accounts for file in account.aside_files))  # fmt: skip
    sources = [account.source for account in accounts]
    # With the texts that rows were made from, which are searched and not written.
    whole = datasets.concatenate_datasets([part.data for parts in found for part in parts])
    held = held_rows(whole, recipe.formats, protection)
    whole, found = _without_origin(whole, sources), [
        [replace(part, data=_without_origin(part.data, sources)) for part in parts] for parts in found
    ]  # fmt: skip
    refuse_twice(whole, recipe)
    outside = outside_years(recipe, found)
    wrong = known_errors(recipe, found, accounts)
    decided, at = fates(whole, held, outside, wrong, recipe), 0
    with RowFiles(folder, recipe) as files:
        for account, parts in zip(accounts, found, strict=True):
            for part in parts:
                for table in part.data.with_format("arrow").iter(batch_size=BATCH_ROWS):
                    files.add(table, decided.slice(at, table.num_rows), account)
                    at += table.num_rows
    return files.written()


def _without_origin(data: datasets.Dataset, sources: list[Source]) -> datasets.Dataset:
    names = {name for source in sources for name in source.origin_text}
    return data.remove_columns([name for name in data.column_names if name in names])
