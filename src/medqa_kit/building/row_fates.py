"""What is to become of each row: left out, and why, or which part it goes to."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.account import Account
from medqa_kit.building.recipe import Recipe
from medqa_kit.catalog.errata import counted_kinds, error_kinds
from medqa_kit.errors import RecipeError, SplitWarning, shorten
from medqa_kit.loading.part_loading import LoadedPart
from medqa_kit.splitting.splits import split


def outside_years(recipe: Recipe, found: list[list[LoadedPart]]) -> pa.ChunkedArray:
    """Check for each row of the whole set whether it is of a year its ingredient does not want."""
    masks: list[pa.ChunkedArray] = []
    for one, parts in zip(recipe.sources, found, strict=True):
        own = [_other_year(part.data.data.column("year"), one.years) for part in parts]
        if one.years and all(pc.all(mask).as_py() for mask in own):  # one boolean a part
            raise RecipeError("no row is of these years", source=one.name, column="year",
                              found=shorten(one.years), hint="see mk.source(name).show()")  # fmt: skip
        masks += own
    return pa.chunked_array([chunk for mask in masks for chunk in mask.chunks], pa.bool_())


def _other_year(year: pa.ChunkedArray, wanted: tuple[int, ...] | None) -> pa.ChunkedArray:
    if wanted is None:
        return pa.chunked_array([pa.repeat(pa.scalar(False), len(year))])
    return pc.invert(pc.is_in(year, value_set=pa.array(wanted, year.type)))


def known_errors(
    recipe: Recipe, found: list[list[LoadedPart]], accounts: Sequence[Account]
) -> pa.ChunkedArray:
    """Find of each row of the whole set what is known to be wrong with it, and count it.

    Null where nothing is known, or where the recipe keeps such rows.
    """
    kinds: list[pa.ChunkedArray] = []
    for account, parts in zip(accounts, found, strict=True):
        for part in parts:
            errata = account.source.errata if recipe.errata != "keep" else ()
            own = error_kinds(part.data.data.column("id"), errata)
            account.errata.update(counted_kinds(own))
            kinds.append(own)
    return pa.chunked_array([chunk for own in kinds for chunk in own.chunks], pa.string())


def refuse_twice(whole: Any, recipe: Recipe) -> None:
    """Refuse a set in which an id comes twice, as when a part of a source is listed twice."""
    ids = whole.data.column("id")
    if (distinct := pc.count_distinct(ids).as_py()) < len(ids):  # one number
        raise RecipeError(
            "rows come twice",
            file=recipe.name,
            expected="every row once",
            found=f"{len(ids) - distinct} repeated ids",
            hint="list each part of a source once",
        )


def fates(
    whole: Any, held: pa.Table, outside: pa.ChunkedArray, wrong: pa.ChunkedArray, recipe: Recipe
) -> pa.Table:
    """Say for each row of the whole set why it is left out, with the detail, or where it goes.

    Args:
        whole: All rows.
        held: Those that a holdout takes.
        outside: Whether each is of another year.
        wrong: What is known to be wrong with each.
        recipe: Which of these matter.

    Returns:
        ``reason`` and ``detail``, null for rows that are kept; ``match``, the id of the item a row holds;
        and ``part``, null for rows that are left out.
    """
    rows = pa.array(np.arange(whole.num_rows))
    found = pc.index_in(rows, value_set=held["row"])
    missing = pc.is_null(whole.data.column("answer"))
    bad = wrong if recipe.errata == "drop" else pa.nulls(whole.num_rows, pa.string())
    reason = pc.coalesce(
        pc.if_else(outside, "other_year", None),
        held["reason"].take(found),
        pc.if_else(pc.is_valid(bad), "known_error", None),
        pc.if_else(missing, "no_answer", None),
    )
    detail = pc.coalesce(
        pc.if_else(outside, "not one of the years the recipe wants", None),
        held["detail"].take(found),
        bad,
        "upstream gives no answer",
    )
    kept = np.flatnonzero(pc.is_null(reason).to_numpy(zero_copy_only=False))
    part = pa.nulls(whole.num_rows, pa.string())
    if len(kept):
        chosen = _divided(whole.select(kept), recipe)
        part = chosen.take(pc.index_in(rows, value_set=pa.array(kept)))
    match = pc.if_else(outside, None, held["match"].take(found))
    return pa.table({"reason": reason, "detail": detail, "match": match, "part": part})


def _divided(rows: Any, recipe: Recipe) -> pa.ChunkedArray:
    """Place rows by hash; families and near copies stay on one side."""
    if not recipe.validation:
        return pa.chunked_array([pa.repeat(pa.scalar("train"), rows.num_rows)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SplitWarning)  # the manifest says how many rows a part has
        if isinstance(recipe.validation, Mapping):
            division = split(rows, {"train": 1.0}, seed=recipe.seed, validation=recipe.validation)
        else:
            shares = {"train": 1 - recipe.validation, "validation": recipe.validation}
            division = split(rows, shares, seed=recipe.seed)
    return division.manifest["part"]
