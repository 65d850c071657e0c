"""Rows of a ledger as a source of a recipe: what a model wrote, in the families of its parents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from medqa_kit.catalog import Claim, Source
from medqa_kit.core.atomic import written_whole
from medqa_kit.core.boundary import typed_errors
from medqa_kit.errors import EmptyDataError
from medqa_kit.generation.ledger import Ledger
from medqa_kit.generation.outcomes import parquet_bytes
from medqa_kit.loading.own_rows import declared_source
from medqa_kit.loading.request import cache_root
from medqa_kit.schemas import SchemaName

_HEAD, _KEPT = "ledger.json", "medqa_kit-replies"


def is_ledger(folder: Path) -> bool:
    """Check whether a folder is one that :class:`medqa_kit.Ledger` made."""
    return (folder / _HEAD).is_file()


def ledger_source(
    folder: Path, *, schema: SchemaName, name: str, license: str, columns: Mapping[str, str], language: str | None
) -> Source:  # fmt: skip
    """Make a source of the rows that the accepted replies of a ledger make.

    Each row is of the family of its parent, so that a split or a holdout that takes the parent takes it
    along. The rows are written to the ``datasets`` cache, under a name that is their digest.

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
    rows, _ = Ledger.open(folder).rows()
    if not rows.num_rows:
        raise EmptyDataError("no reply of the ledger was accepted", file=str(folder), source=name,
                             expected="rows", found="none", hint="ledger.take(results) takes replies")  # fmt: skip
    content = parquet_bytes(rows)
    kept = cache_root(None) / _KEPT
    file = kept / f"{hashlib.sha256(content).hexdigest()[:32]}.parquet"
    with typed_errors(kept):
        kept.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            with written_whole(file) as unfinished:
                unfinished.write_bytes(content)
    has_options = schema == "qa" and "options" in rows.column_names
    return declared_source(
        file, schema=schema, name=name, claim=Claim(license, "stated by whose rows they are"), columns=columns,
        base=0 if has_options else None, key="id", family="family", language=language,
    )  # fmt: skip
