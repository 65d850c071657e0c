"""Your own rows as a source of a recipe: of files, saved by ``datasets``, or written by a model, with the families of their parents."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from medqa_kit.building.recipes.ingredient import OWN_WORDS, Ingredient
from medqa_kit.catalog import Source
from medqa_kit.core.atomic import written_whole
from medqa_kit.core.boundary import typed_errors
from medqa_kit.errors import ArgumentError, EmptyDataError
from medqa_kit.generation.ledger import Ledger
from medqa_kit.generation.outcomes import parquet_bytes
from medqa_kit.generation.parent_rows import LEDGER_HEAD
from medqa_kit.loading.authoring.named_parents import named_parents
from medqa_kit.loading.authoring.own_files import files_of_rows, saved_to_disk
from medqa_kit.loading.own_rows import own_source
from medqa_kit.loading.request import cache_root
from medqa_kit.schemas import SchemaName

_KEPT, _SAVED = "medqa_kit-replies", "medqa_kit-saved"


def own_rows_source(ingredient: Ingredient, folder: Path) -> Source:
    """Return the source of rows of one's own.

    Args:
        ingredient: What the recipe says of them: ``read``, ``schema`` and ``license`` at the least.
        folder: That paths are relative to.

    Raises:
        ArgumentError: A recipe says what the columns of a ledger are.
        MedQAError: What looking at files raises.
    """
    place = folder / Path(str(ingredient.read)).expanduser()
    said = {name: value for name in OWN_WORDS if (value := getattr(ingredient, name)) is not None}
    schema, license = cast(SchemaName, ingredient.schema), str(ingredient.license)
    if not is_ledger(place):
        place = _as_parquet(place) if saved_to_disk(place) else place
        return own_source(place, schema=schema, name=ingredient.name, license=license, columns=ingredient.columns,
                          language=ingredient.language, **said)  # fmt: skip
    if said:
        raise ArgumentError("the rows of a ledger say themselves what their columns are", argument="read",
                            expected="none of these keys", found=", ".join(said), hint="leave them out")  # fmt: skip
    return ledger_source(place, schema=schema, name=ingredient.name, license=license, columns=ingredient.columns,
                         language=ingredient.language)  # fmt: skip


def _as_parquet(folder: Path) -> Path:
    """Write what ``save_to_disk`` saved to the ``datasets`` cache as Parquet, under a name that is its digest.

    Raises:
        ArgumentError: It has several splits.
        MedQAError: It cannot be read, or the cache not be written.
    """
    kept = cache_root(None) / _SAVED
    with typed_errors(kept):
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept, prefix=".") as unfinished:
            with typed_errors(folder):
                _, _, file = files_of_rows(folder, Path(unfinished))
            return Path(file.path).rename(kept / file.name)


def is_ledger(folder: Path) -> bool:
    """Check whether a folder is one that :class:`medqa_kit.Ledger` made."""
    return (folder / LEDGER_HEAD).is_file()


def ledger_source(
    folder: Path, *, schema: SchemaName, name: str, license: str, columns: Mapping[str, str], language: str | None
) -> Source:  # fmt: skip
    """Make a source of the rows that the accepted replies of a ledger make.

    Each row is of the family of its parent, so that a split or a holdout that takes the parent takes it
    along; and the source descends from those of the parents, so that what protects these protects it.
    The rows are written to the ``datasets`` cache, under a name that is their digest.

    Args:
        folder: Of the ledger.
        schema: What the rows are.
        name: Of the source.
        license: What they are under.
        columns: As in :func:`medqa_kit.read`.
        language: Of all rows, where the rows do not say it.

    Raises:
        EmptyDataError: No reply was accepted yet.
        MedQAError: What opening the ledger and reading rows raise.
    """
    ledger = Ledger.open(folder)
    rows, _ = ledger.rows()
    if not rows.num_rows:
        raise EmptyDataError("no reply of the ledger was accepted", file=str(folder), source=name,
                             expected="rows", found="none", hint="ledger.take(results) takes replies, or medqa-kit take FOLDER FILE")  # fmt: skip
    content = parquet_bytes(rows)
    kept = cache_root(None) / _KEPT
    file = kept / f"{hashlib.sha256(content).hexdigest()[:32]}.parquet"
    with typed_errors(kept):
        kept.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            with written_whole(file) as unfinished:
                unfinished.write_bytes(content)
    has_options = schema == "qa" and "options" in rows.column_names
    own = own_source(
        file, schema=schema, name=name, license=license, columns=columns,
        base=0 if has_options else None, key="id", family="family", language=language,
    )  # fmt: skip
    how = f"{ledger.task.task} by {ledger.task.model}"
    parents = named_parents(rows, how, called=name)  # of all rows, not of the first ones alone
    return replace(own, derived_from=parents)
