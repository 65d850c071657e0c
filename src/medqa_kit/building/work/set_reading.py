"""Read the rows that a recipe takes of its sources: load parts, slice them, and mend their texts."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from glob import has_magic
from itertools import product, takewhile
from pathlib import Path

import datasets

from medqa_kit.building.account import Account, PartNote
from medqa_kit.building.output.format_files import SPLITS
from medqa_kit.building.output.formats import LISTINGS
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.permission import clauses_to_accept
from medqa_kit.building.recipes.problems.whereabouts import recipe_errors
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.source_requests import source_request
from medqa_kit.building.stages.lengths import counter_of
from medqa_kit.building.stages.rationing import in_slice
from medqa_kit.building.stages.trimming import unshortened
from medqa_kit.building.stages.views import refuse_strangers, unused_system
from medqa_kit.building.work.build_lock import RecipeLock
from medqa_kit.building.work.generation_rows import refuse_unaskable
from medqa_kit.building.work.mended_texts import mended_texts
from medqa_kit.catalog import Source
from medqa_kit.catalog.verdicts import Clause
from medqa_kit.errors import (
    DroppedRowsWarning,
    FloatingRevisionWarning,
    LeftOutWarning,
    LicenseWarning,
    RecipeError,
    SafetyWarning,
)
from medqa_kit.loading.part_loading import LoadedPart, PartLoader, load_parts
from medqa_kit.loading.request import Origin
from medqa_kit.quality.fixes import FixText
from medqa_kit.schemas import SchemaName, schema_name
from medqa_kit.tokens.counts import token_counts


def refuse_result_among_rows(recipe: Recipe, out: Path) -> None:
    """Refuse a result folder with files that the recipe reads: the next build would read rows that this one wrote.

    Args:
        recipe: The recipe.
        out: Folder of the result.

    Raises:
        RecipeError: A source is read from a folder around it or inside it, or by a pattern that matches its files.
    """
    folder = Path(os.path.realpath(out))  # does not mind links in a circle
    files = [folder.joinpath(*name.split("/")).parts for name in _files_of_result(recipe)]
    for ingredient in recipe.sources:
        if ingredient.read is None:
            continue
        place = recipe.own_file(ingredient)
        plain = tuple(takewhile(lambda part: not has_magic(part), place.parts))
        around, pattern = Path(os.path.realpath(Path(*plain))), place.parts[len(plain) :]
        within = (parts[len(around.parts) :] for parts in files) if around in folder.parents else ()
        if folder in (around, *around.parents) or any(
            not pattern or _fits(parts, pattern) for parts in within
        ):
            raise RecipeError(
                f"the result would be among the rows that {ingredient.label} is read from, and the next build would read it", file=str(out),
                expected="a folder none of whose files is read", found=f"read = {ingredient.read!r}",
                hint="choose another out=, or read the files by a pattern that none of a result fits, such as data/*.jsonl",
            )  # fmt: skip


def _files_of_result(recipe: Recipe) -> Iterator[str]:
    """Return what files of a result are called, of each kind that readers take one."""
    yield from ("manifest.json", "croissant.json", "dataset_info.json")
    folders = [(folder, "parquet") for folder in LISTINGS]
    for form in recipe.formats:
        written = product(form.folders.items(), SPLITS)
        folders += [(f"{folder}/{split}", kind) for (kind, folder), split in written]
    for folder, kind in folders:
        yield f"{folder}/part-00000-of-00001.{kind}"


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Check whether a path fits a pattern of :func:`glob.glob`, both by their parts."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(parts[at:], pattern[1:]) for at in range(len(parts) + 1))
    return bool(parts) and fnmatch(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


@dataclass(frozen=True)
class PreparedPart:
    """A part as it was loaded, before a recipe takes rows of it.

    Attributes:
        note: Its origin and its number of rows.
        schema: Name of the schema of its rows.
        content: A digest of its rows; ``None`` where it is not known.
        files: The files of its rows in the ``datasets`` cache, in order.
    """

    note: PartNote
    schema: SchemaName
    content: str | None
    files: tuple[Path, ...]

    @classmethod
    def of(cls, part: LoadedPart) -> PreparedPart:
        """Return what there is to know of a part that was loaded."""
        files = tuple(Path(file["filename"]) for file in part.data.cache_files)
        schema = schema_name(part.plan.layout.schema)
        return cls(PartNote.of(part), schema, part.content, files)


@dataclass(frozen=True)
class TakenPart:
    """The rows that a recipe takes of a part.

    Attributes:
        schema: What they are.
        data: The rows.
        content: A digest of them; ``None`` where it is not known.
        prepared: The part they are of.
    """

    schema: SchemaName
    data: datasets.Dataset
    content: str | None
    prepared: PreparedPart

    @classmethod
    def of(
        cls, prepared: PreparedPart, data: datasets.Dataset, ingredient: Ingredient, account: Account, *, seed: int
    ) -> TakenPart:  # fmt: skip
        """Take the slice of a part, mend the texts that are named, and note both.

        Args:
            prepared: The part.
            data: Its rows.
            ingredient: What the recipe says of the source.
            account: Of the source.
            seed: Of the recipe.
        """
        account.note(prepared.note)
        whole, content = data.num_rows, prepared.content
        if ingredient.slice is not None:
            data = in_slice(
                data, ingredient.slice, seed=seed, own=ingredient.alias if ingredient.read else None
            )
            facts = account.parts[prepared.note.name]
            facts |= {"rows": data.num_rows, "outside_slice": whole - data.num_rows}
        if ingredient.fix:
            unmended = data
            data, report = FixText(ingredient.fix).run(data)
            account.fixed.update(report.by("code"))
            for fix, texts in mended_texts(unmended, data, report.findings).items():
                account.mended.setdefault(fix, []).extend(texts)
        if content is not None:
            content = json.dumps(
                [content, ingredient.slice, ingredient.slice and seed, ingredient.fix]
            )
        return cls(prepared.schema, data, content, prepared)


def checked_clauses(recipe: Recipe, sources: Sequence[Source]) -> dict[str, tuple[Clause, ...]]:
    """Refuse a recipe that cannot be built, before anything is read.

    Returns:
        The clauses that the recipe accepts, by source.

    Raises:
        RecipeError: A licence forbids its use, a source cannot become its records, its budget cannot
            shorten anything, or a model is asked about rows that do not fit.
        MedQAError: Its tokenizer is not at hand.
    """
    clauses = clauses_to_accept(recipe, sources)
    refuse_strangers(recipe, sources)
    unshortened(recipe, sources)
    unused_system(recipe, sources)
    refuse_unaskable(recipe, sources)
    if (counter := counter_of(recipe)) is not None:
        with recipe_errors(recipe.name):
            token_counts(counter=counter)  # a tokenizer that is not at hand is told here
    return clauses


def opened_accounts(
    recipe: Recipe, sources: Sequence[Source], clauses: Mapping[str, tuple[Clause, ...]]
) -> list[Account]:
    """Return an account for each ingredient of a recipe.

    Args:
        recipe: The recipe.
        sources: Of its ingredients.
        clauses: Those that it accepts, by source.
    """
    return [
        Account(source, accepted=clauses.get(source.name, ()), alias=ingredient.alias, read_from=ingredient.read)
        for ingredient, source in zip(recipe.sources, sources, strict=True)
    ]  # fmt: skip


@dataclass(frozen=True)
class SetReading:
    """Reads the parts of the sources of a recipe."""

    recipe: Recipe
    origin: Origin
    cache_dir: str | os.PathLike[str] | None
    num_proc: int | None = None
    token: str | None = None
    hold: RecipeLock | None = None

    def _loaded(self, ingredient: Ingredient, source: Source) -> list[LoadedPart]:
        with warnings.catch_warnings():
            for about in (
                DroppedRowsWarning,
                LeftOutWarning,
                LicenseWarning,
                FloatingRevisionWarning,
                SafetyWarning,
            ):
                warnings.simplefilter("ignore", category=about)  # the manifest says it
            return [
                part
                for split in ingredient.split
                for part in self._parts(ingredient, source, split)
            ]

    def _parts(self, ingredient: Ingredient, source: Source, split: str) -> list[LoadedPart]:
        request = source_request(self.recipe, ingredient, source, origin=self.origin, token=self.token,
                                 frozen=self.hold is not None and self.hold.frozen)  # fmt: skip
        loader = PartLoader(num_proc=self.num_proc, cache_dir=self.cache_dir, digest_again=True)
        return load_parts(source, request, loader, subset=ingredient.subset, split=split, called=ingredient.label,
                          lock=None if self.hold is None else self.hold.file)  # fmt: skip

    def taken(self, ingredient: Ingredient, account: Account) -> list[TakenPart]:
        """Load the parts of an ingredient: their slice, with the texts mended that it names."""
        with recipe_errors(self.recipe.name, ingredient.label):
            return [
                TakenPart.of(
                    PreparedPart.of(part), part.data, ingredient, account, seed=self.recipe.seed
                )
                for part in self._loaded(ingredient, account.source)
            ]
