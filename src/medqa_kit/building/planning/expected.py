"""Expected numbers of each source: rows read and kept, their lengths, and how certain these numbers are."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from medqa_kit.building.output.format_files import SPLITS, TRAIN
from medqa_kit.building.planning.known_rows import RowsAtHand, reasons
from medqa_kit.building.planning.outlook import Basis
from medqa_kit.building.planning.row_lengths import RowLengths, row_lengths, sample_lengths
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.decisions import mix_supply
from medqa_kit.building.stages.fates import stage_of
from medqa_kit.building.stages.shares import MixCells
from medqa_kit.catalog import Part, Source
from medqa_kit.catalog.licenses import summary
from medqa_kit.errors import ManualDownloadError, MedQAError, NoDataError

_OWN_STAGES = ("years", "where", "errata", "answer", "format", "view")
"""Stages that look at a row alone, so that what they say of it holds whatever other rows there are."""


@dataclass(frozen=True)
class Expected:
    """What is to be expected of one source.

    Attributes:
        label: What the recipe calls it.
        parts: How many parts are read.
        state: Where its rows are.
        read: Rows that are read; ``None`` where nobody knows.
        kept: Rows kept before the mix, by split; ``None`` likewise.
        basis: How sure these numbers are.
        dropped: Rows that are here and left out, by reason.
        lengths: How long its records are.
        sizes: Of its rows in ``train``, by language, in the unit of the mix.
        license: Its licence.
        fetch: Bytes to fetch; ``None`` where nobody knows.
    """

    label: str
    parts: int
    state: str
    read: int | None
    kept: Mapping[str, int | None]
    basis: Basis
    dropped: Mapping[str, int]
    lengths: RowLengths | None
    sizes: Mapping[str, float]
    license: str
    fetch: int | None

    def row(self) -> dict[str, Any]:
        """Return a row of :data:`~medqa_kit.building.planning.outlook.SOURCES`."""
        kept = [self.kept[split] for split in SPLITS]
        total = None if None in kept else sum(number for number in kept if number is not None)
        length = self.lengths
        return {
            "source": self.label, "parts": self.parts, "state": self.state, "read": self.read,
            "train": kept[0], "validation": kept[1], "basis": self.basis,
            "chars": None if length is None or total is None else round(length.chars * total),
            "tokens": None if length is None or total is None or length.tokens is None else round(length.tokens * total),
            "length_basis": "unknown" if length is None else length.basis, "license": self.license,
        }  # fmt: skip

    def stages(self, sure: bool) -> list[dict[str, Any]]:
        """Return rows of :data:`~medqa_kit.building.planning.outlook.STAGES`.

        Args:
            sure: Whether all rows and all holdouts are here.
        """
        rows = [(stage_of(reason), reason, number) for reason, number in self.dropped.items()]
        return [{"source": self.label, "stage": stage, "reason": reason, "rows": number,
                 "basis": "exact" if sure or stage in _OWN_STAGES else "so far"}
                for stage, reason, number in rows]  # fmt: skip


def expected(
    recipe: Recipe, sources: Sequence[Source], known: RowsAtHand, cache_dir: str | os.PathLike[str] | None
) -> list[Expected]:  # fmt: skip
    """Say of each source what is to be expected, in the order of the recipe; those of one label together."""
    by_label: dict[str, list[tuple[Ingredient, Source]]] = {}
    for ingredient, source in zip(recipe.sources, sources, strict=True):
        by_label.setdefault(ingredient.label, []).append((ingredient, source))
    here = _cells_at_hand(known)
    return [
        _absent(recipe, label, listed, known.absent[label], cache_dir) if label in known.absent
        else _here(recipe, label, listed, known, here)
        for label, listed in by_label.items()
    ]  # fmt: skip


def _cells_at_hand(known: RowsAtHand) -> MixCells | None:
    if known.recipe.mix is None or known.stopped or not known.pieces.num_rows:
        return None
    supply = mix_supply(known.recipe, known.pieces, known.fates.parts)
    labels = list(dict.fromkeys(ingredient.label for ingredient in known.recipe.sources))
    return MixCells.of(supply.labels, supply.languages, supply.sizes, labels)


def _here(
    recipe: Recipe, label: str, listed: Sequence[tuple[Ingredient, Source]], known: RowsAtHand, cells: MixCells | None
) -> Expected:  # fmt: skip
    own = known.of(label)
    parts = [
        part
        for account in known.accounts
        if account.label == label
        for part in account.parts.values()
    ]
    kept: dict[str, int | None] = {
        split: None if known.stopped else int((own & known.in_part(split)).sum())
        for split in SPLITS
    }
    sizes = {} if cells is None else {
        language: float(size) for (source, language), size in zip(cells.names, cells.sizes, strict=True) if source == label
    }  # fmt: skip
    origins = dict.fromkeys(part["origin"] for part in parts)
    words = {"sample": "invented sample", "hub": "cached", "path": "local files"}
    return Expected(
        label, len(parts), ", ".join(words.get(origin, origin) for origin in origins), int(own.sum()), kept,
        "exact" if known.whole else "unknown" if known.stopped else "so far", reasons(known, label), row_lengths(recipe, known, label), sizes,
        _license(listed), 0,
    )  # fmt: skip


def _absent(
    recipe: Recipe, label: str, listed: Sequence[tuple[Ingredient, Source]], why: MedQAError,
    cache_dir: str | os.PathLike[str] | None,
) -> Expected:  # fmt: skip
    """Go by what the catalogue says of raw rows, and by the length of invented ones."""
    ingredient, source = listed[0]
    parts = [part for each, of in listed for part in _parts(each, of)]
    counts = [_claimed(each, of) for each, of in listed]
    read = (
        None
        if None in counts or not parts
        else sum(number for number in counts if number is not None)
    )
    kept: dict[str, int | None] = dict.fromkeys(SPLITS)
    basis: Basis = "unknown"
    if read is not None:
        most = read if ingredient.max_rows is None else min(read, ingredient.max_rows)
        share, divided = _validation_share(recipe, ingredient)
        kept = {TRAIN: round(most * (1 - share)), "validation": round(most * share)}
        narrowed = any(
            e.years is not None or e.where is not None or e.max_rows is not None for e, _ in listed
        )
        basis = "at most" if narrowed or not divided else "claim"
    lengths = sample_lengths(recipe, ingredient, source, cache_dir)
    unit = "rows" if recipe.mix is None else recipe.mix.by
    length = None if lengths is None else lengths.of(unit)
    train = kept[TRAIN]
    length = 1.0 if unit == "rows" else length
    sizes = {} if train is None or length is None else {source.language[0].partition("-")[0]: train * length}  # fmt: skip
    fetch = (
        None
        if not all(part.files for part in parts)
        else sum(f.size for part in parts for f in part.files)
    )
    return Expected(label, len(parts), _state(why), read, kept, basis, {}, lengths, sizes, _license(listed), fetch)  # fmt: skip


def _validation_share(recipe: Recipe, ingredient: Ingredient) -> tuple[float, bool]:
    """Return the share of a source that goes to validation, and whether that is known without its rows."""
    said = recipe.validation
    if not isinstance(said, Mapping):
        return said, True
    named = said.get("source", [ingredient.label])
    if not ingredient.is_named([named] if isinstance(named, str) else named):
        return 0.0, True
    known = not said.keys() - {"source", "share"}
    return (float(said.get("share", 1.0)) if known else 0.0), known


def _parts(ingredient: Ingredient, source: Source) -> tuple[Part, ...]:
    try:
        return tuple(part for split in ingredient.split for part in source.select(ingredient.subset, split)) if source.parts else ()  # fmt: skip
    except MedQAError:  # it is among the problems
        return ()


def _claimed(ingredient: Ingredient, source: Source) -> int | None:
    """Return how many raw rows the catalogue says there are, in a slice of it where that is asked for."""
    counts = [part.rows for part in _parts(ingredient, source)]
    if None in counts or ingredient.repo is not None or ingredient.revision is not None:
        return None
    begin, end = ingredient.slice or (0.0, 1.0)
    return int(np.rint(sum(number for number in counts if number is not None) * (end - begin)))


def _license(listed: Sequence[tuple[Ingredient, Source]]) -> str:
    claims = [source.claims_on(parts) if (parts := _parts(ingredient, source)) else source.license for ingredient, source in listed]  # fmt: skip
    return "; ".join(dict.fromkeys(summary(each) for each in claims))


def _state(why: MedQAError) -> str:
    if isinstance(why, ManualDownloadError):
        return "needs path="
    if isinstance(why, NoDataError):
        return "not public"
    return "on the hub" if "OfflineError" in type(why).__name__ else f"not read: {why.what}"
