"""Data kept beside a finished result, with which its rows can be mixed, divided and written again without their sources.

No rows are copied: this data names the prepared rows in the ``datasets`` cache, and beside them the
fingerprints of the holdouts are saved. It is known by the digest of the manifest, so a result may be moved;
one that was retracted from, or built without some ids, has none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import datasets

from medqa_kit.building.account import Account, PartNote
from medqa_kit.building.guard import Guard
from medqa_kit.building.kept.stored_tables import table_digest
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.work.set_reading import PreparedPart, TakenPart
from medqa_kit.catalog import Parent, Source
from medqa_kit.core.stored import broken_seal, read_stored, write_stored
from medqa_kit.decontamination.fingerprint_files import made_by, read_fingerprints
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.errors import FileError, LockError, MedQAError, StorageError, WrongFilesError
from medqa_kit.loading.authoring.own_sources import read_source
from medqa_kit.loading.preparing.bounded_files import RESULTS, mark_used
from medqa_kit.loading.preparing.part_folder import rows_digest
from medqa_kit.loading.request import cache_root

_HOLDOUTS = "holdouts"
_ANEW = "build the result anew; cache_dir= names the cache it was built with"
_ANEW_WITHOUT = "build the result anew, without these rows: without_ids=FILE (--without-ids FILE) names their ids"


def keep_result(
    manifest: Mapping[str, Any], taken: Sequence[Sequence[TakenPart]], protection: Guard,
    cache_dir: str | os.PathLike[str] | None,
) -> None:  # fmt: skip
    """Keep what a result was made of; where nothing can be written, nothing is kept.

    Args:
        manifest: Of the result, as it was written.
        taken: Of each ingredient, the rows that were taken of its parts.
        protection: The holdouts that were applied.
        cache_dir: Root of the ``datasets`` cache.
    """
    root = cache_root(cache_dir)
    with suppress(OSError, StorageError):
        saved = [[name, _saved(holdout, root)] for name, holdout in protection.applied.items()]
        sources = [[_told(part.prepared, root) for part in parts] for parts in taken]
        content = {"sources": sources, "holdouts": saved, "warned": protection.warned,
                   "files": list(protection.files.items())}  # fmt: skip
        file = _file(manifest, root)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_stored(file, content)


def _file(manifest: Mapping[str, Any], root: Path) -> Path:
    return root / RESULTS / f"{str(manifest['digest']).rpartition(':')[2][:32]}.json"


def _saved(holdout: Holdout, root: Path) -> str:
    """Save the fingerprints of a holdout under their digest and definition; return the name of the file."""
    reasons = hashlib.sha256(repr((holdout.purposes, made_by())).encode()).hexdigest()[:16]
    name = f"{table_digest(holdout.items)}-{reasons}.holdout"
    file = root / RESULTS / _HOLDOUTS / name
    if not (mark_used(file) and _is_sound(file)):
        file.parent.mkdir(parents=True, exist_ok=True)
        holdout.save(file)
    return name


def _is_sound(file: Path) -> bool:
    try:
        return bool(read_fingerprints(file))
    except MedQAError:
        return False


def _told(part: PreparedPart, root: Path) -> dict[str, Any]:
    """Return the data kept of a part, with its files in the cache."""
    note = part.note
    return {
        "name": note.name, "facts": list(note.facts.items()), "aside": dict(note.aside),
        "aside_files": [_within(Path(file), root) for file in note.aside_files],
        "left_out": dict(note.left_out), "schema": part.schema, "content": part.content,
        "files": [_within(file, root) for file in part.files],
    }  # fmt: skip


def _within(file: Path, root: Path) -> str:
    return str(file.relative_to(root) if file.is_relative_to(root) else file)


@dataclass(frozen=True)
class KeptResult:
    """What a finished result was made of.

    Attributes:
        parts: Of each ingredient of its recipe, the parts that were read.
        applied: Its holdouts by name, as files of fingerprints.
        warned: What was said while they were made.
        files: Of saved holdouts, the file as the recipe names it, and its SHA-256.
    """

    parts: tuple[tuple[PreparedPart, ...], ...]
    applied: Mapping[str, Path]
    warned: tuple[str, ...]
    files: Mapping[str, tuple[str, str]]

    @classmethod
    def read(
        cls, folder: Path, manifest: Mapping[str, Any], cache_dir: str | os.PathLike[str] | None
    ) -> KeptResult:
        """Read the data kept of a result.

        Args:
            folder: Of the result.
            manifest: Its manifest.
            cache_dir: Root of the ``datasets`` cache.

        Raises:
            WrongFilesError: Nothing is kept of it.
            StorageError: It cannot be read.
        """
        root = cache_root(cache_dir)
        file = _file(manifest, root) if "digest" in manifest else None
        kept = None if file is None or not mark_used(file) else read_stored(file)
        if kept is None:
            why, remedy = f"nothing of it in {str(root / RESULTS)!r}", _ANEW
            if "retracted" in manifest:
                why, remedy = "rows were taken out of it by id", _ANEW_WITHOUT
            raise WrongFilesError("nothing is kept of what this result was made of", file=str(folder),
                                  expected="a result that this machine built", found=why, hint=remedy)  # fmt: skip
        return cls(
            tuple(tuple(_prepared(part, root) for part in parts) for parts in kept["sources"]),
            {name: root / RESULTS / _HOLDOUTS / file for name, file in kept["holdouts"]},
            tuple(kept["warned"]),
            {name: (said, digest) for name, (said, digest) in kept["files"]},
        )

    def guard(self, recipe: Recipe) -> Guard:
        """Return the holdouts, with what a recipe says of those it leaves out.

        Raises:
            WrongFilesError: They are gone, damaged, or of another version of the library.
        """
        lost = [str(file) for file in self.applied.values() if not mark_used(file)]
        if lost:
            raise WrongFilesError("holdouts of the result are not in the cache any more", file=lost[0],
                                  expected="their fingerprints, as the build kept them", found=f"{len(lost)} of {len(self.applied)} gone",
                                  hint=_ANEW)  # fmt: skip
        try:
            applied = {name: Holdout.load(file) for name, file in self.applied.items()}
        except (FileError, LockError) as error:
            raise WrongFilesError("holdouts of the result are not in the cache as they were", file=error.file,
                                  expected="their fingerprints, as the build kept them", found=error.what, hint=_ANEW) from error  # fmt: skip
        without = {name: recipe.because.get(name, "") for name in recipe.without}
        return Guard(applied, without, self.warned, self.files)

    def taken(self, recipe: Recipe, accounts: Sequence[Account]) -> list[list[TakenPart]]:
        """Take the rows of a recipe from the parts that were read, and note them in the accounts.

        Raises:
            WrongFilesError: Prepared rows are gone, or not as they were.
        """
        return [
            [
                TakenPart.of(part, _rows(part, ingredient), ingredient, account, seed=recipe.seed)
                for part in parts
            ]
            for ingredient, account, parts in zip(recipe.sources, accounts, self.parts, strict=True)
        ]


def _prepared(told: Mapping[str, Any], root: Path) -> PreparedPart:
    note = PartNote(told["name"], dict(told["facts"]), told["aside"],
                    tuple(str(root / file) for file in told["aside_files"]), told["left_out"])  # fmt: skip
    files = tuple(root / file for file in told["files"])
    return PreparedPart(note, told["schema"], told["content"], files)


def _rows(part: PreparedPart, ingredient: Ingredient) -> datasets.Dataset:
    """Open the prepared rows of a part, if they are as they were."""
    for folder in dict.fromkeys(file.parent for file in part.files):
        damage = broken_seal(folder, again=True) if folder.is_dir() else "it is gone"
        if not damage and rows_digest(str(folder)) != part.content:
            damage = "it holds other rows"
        if damage:
            raise WrongFilesError(
                "the prepared rows of a source are not in the cache any more", source=ingredient.label,
                part=part.note.name, file=str(folder), expected="the rows that were read", found=damage,
                hint=_ANEW,
            )  # fmt: skip
    return datasets.concatenate_datasets([datasets.Dataset.from_file(str(f)) for f in part.files])


def kept_sources(recipe: Recipe, manifest: Mapping[str, Any]) -> Iterator[Source]:
    """Return the sources of a recipe; those of one's own rows without a look at their files.

    Args:
        recipe: The recipe.
        manifest: Of a result of the same sources, which says where such files were.
    """
    for ingredient, told in zip(recipe.sources, manifest["sources"], strict=True):
        if ingredient.read is None or ingredient.schema is None or ingredient.license is None:
            yield recipe.source_of(ingredient)
        else:
            own = read_source(told["published"], schema=ingredient.schema, name=ingredient.name,
                              license=ingredient.license, language=ingredient.language)  # fmt: skip
            yield replace(
                own, derived_from=tuple(Parent(**each) for each in told.get("parents", ()))
            )
