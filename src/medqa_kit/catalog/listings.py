"""The catalogue and its holdouts as tables."""

from __future__ import annotations

from collections.abc import Iterable

from medqa_kit.catalog.licenses import summary
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.protections import Protection
from medqa_kit.core.tables import Listing, cell, counted

CATALOG_HEADER = ("name", "schema", "language", "rows", "access", "license", "commercial")
HOLDOUT_HEADER = ("name", "source", "rows", "items", "default", "protects")


def catalog_row(source: Source) -> tuple[str, ...]:
    """Return one row of the catalogue table, in the order of :data:`CATALOG_HEADER`."""
    rows = source.rows
    return (
        source.name,
        ", ".join(source.schemas) or "–",
        ", ".join(source.language),
        "–" if not source.parts else f"{rows:,}" if rows is not None else "unknown",
        source.access,
        summary(source.claims),
        source.terms.commercial,
    )


def holdout_row(protection: Protection) -> tuple[str, ...]:
    """Return one row of the table of holdouts, in the order of :data:`HOLDOUT_HEADER`."""
    return (
        protection.name,
        protection.source,
        protection.rows,
        "unknown" if protection.items is None else f"{protection.items:,}",
        "yes" if protection.default else "no",
        cell(", ".join(protection.protects)) or "–",
    )


def listed_sources(sources: Iterable[Source]) -> Listing[Source]:
    """Return sources as a list that prints as a table."""
    return Listing(sources, header=CATALOG_HEADER, cells=catalog_row,
                   foot=lambda listed: counted(len(listed), "source"))  # fmt: skip


def listed_holdouts(holdouts: Iterable[Protection]) -> Listing[Protection]:
    """Return holdouts as a list that prints as a table."""
    return Listing(holdouts, header=HOLDOUT_HEADER, cells=holdout_row,
                   foot=lambda listed: f"{len(listed)} holdouts; mk.holdout(name) shows one")  # fmt: skip
