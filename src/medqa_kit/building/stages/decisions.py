"""All decisions about the rows of a build, stage by stage: which are left out, the split of the others, and their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.guard import Guard
from medqa_kit.building.held_out_rows import held_out_by_examples
from medqa_kit.building.output.format_files import SPLITS, TRAIN
from medqa_kit.building.recipes.problems.whereabouts import recipe_errors
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import Mix
from medqa_kit.building.stage_log import UNTOLD, StageLog
from medqa_kit.building.stages.conditions_met import conditions_unmet, of_other_years
from medqa_kit.building.stages.fates import (
    FATES,
    Fates,
    Parts,
    RowFates,
    fate_table,
    nothing_left,
)
from medqa_kit.building.stages.lengths import (  # fmt: skip
    counter_name,
    counter_of,
    decided_lengths,
    measured_pieces,
    record_lengths,
)
from medqa_kit.building.stages.mixture import MixSupply, Mixture, refuse_lookalikes, solved
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.stages.rationing import above_limit
from medqa_kit.building.stages.set_copies import refuse_twice, set_copies
from medqa_kit.building.stages.shown_examples import with_examples
from medqa_kit.building.stages.trimming import fitted_pieces
from medqa_kit.building.stages.views import answer_columns, has_answer
from medqa_kit.building.work.unmade_rows import unmade_rows
from medqa_kit.catalog.errata import counted_kinds, error_kinds
from medqa_kit.core.arrow.columns import counted_values, whole
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.holders import batches
from medqa_kit.errors import ArgumentError, FormattingError, shorten
from medqa_kit.splitting.splits import row_parts
from medqa_kit.tokens.counts import Counter

NONE_LEFT_OUT = FATES.empty_table()


@dataclass(frozen=True)
class Decisions:
    """The decisions about all rows.

    Attributes:
        fates: Which rows are left out, and the split of the others.
        pieces: The rows, with views that show examples where the recipe asks for some.
        mixture: The mix, whose order ``train`` is written in; ``None`` without one.
    """

    fates: RowFates
    pieces: SetPieces
    mixture: Mixture | None = None


class Placement(NamedTuple):
    """The decisions about all rows before the mix.

    Attributes:
        fates: Which rows are left out.
        parts: ``int8[n]``: the place in :data:`SPLITS` of the split of those kept; -1 for the others.
        pieces: The rows, with views that show examples where the recipe asks for some.
    """

    fates: Fates
    parts: Parts
    pieces: SetPieces


def decided(
    recipe: Recipe,
    pieces: SetPieces,
    held_out: pa.Table,
    protection: Guard,
    erased: pa.Table = NONE_LEFT_OUT,
    *,
    log: StageLog = UNTOLD,
) -> Decisions:
    """Decide about all rows of a build.

    Args:
        recipe: What is asked for.
        pieces: The rows.
        held_out: Rows that a holdout takes, with the schema :data:`~medqa_kit.building.stages.fates.FATES`.
        protection: The holdouts; rows are searched again together with their few-shot examples.
        erased: Rows to leave out by their ids, with the same schema: this is the first stage.
        log: Log of the stages.

    Raises:
        RecipeError: An id occurs twice, or is that of a further copy of another row; no row is of the requested years,
            the mix has no solution, or no row is left besides those taken out by id.
        FormattingError: A record is too long, and the recipe's budget raises.
    """
    placement = placed(recipe, pieces, held_out, protection, erased, log=log)
    fates, parts, _ = placement
    if not fates.kept.any() and not erased.num_rows:
        raise nothing_left(recipe.name, pieces.num_rows, counted_values(fates.decided(parts).left_out["reason"]))  # fmt: skip
    decisions = mixed(recipe, placement, log=log)
    if decisions.mixture is not None:
        refuse_lookalikes(pieces.column("id"), decisions.mixture.order, recipe)
    return decisions


def mixed(
    recipe: Recipe, placement: Placement, unmade: pa.Table | None = None, *, log: StageLog = UNTOLD
) -> Decisions:
    """Leave out the rows that the mix does not take, if the recipe has a mix.

    A row of which no record can be made is left out before, also for gates that count it and for requests to a
    model about written rows: otherwise it would count in the shares and be in no file.

    Args:
        recipe: What is asked for.
        placement: The decisions before the mix.
        unmade: Rows of which no record can be made, if known, with the schema
            :data:`~medqa_kit.building.stages.fates.FATES`.
        log: Log of the stages.

    Raises:
        RecipeError: The mix cannot be met.
    """
    fates, parts, pieces = placement
    mixture = None
    if recipe.mix is not None or recipe.gate is not None or recipe.generate:
        unmade = unmade_rows(recipe, pieces, fates.kept, log=log) if unmade is None else unmade
        fates.leave_out(unmade)
        parts[~fates.kept] = -1
    if recipe.mix is not None:
        supply = mix_supply(recipe, pieces, parts, log=log)
        with log.stage("mix", pieces.num_rows):
            mixture = solved(supply, recipe)
        inside = np.zeros(pieces.num_rows, bool)
        inside[mixture.order] = True
        fates.leave_out(
            fate_table(
                np.flatnonzero(_trained(parts) & ~inside), "not_in_mix", "more than the mix takes"
            )
        )
    return Decisions(fates.decided(parts), pieces, mixture)


def placed(
    recipe: Recipe,
    pieces: SetPieces,
    held_out: pa.Table,
    protection: Guard,
    erased: pa.Table = NONE_LEFT_OUT,
    *,
    log: StageLog = UNTOLD,
) -> Placement:
    """Decide about all rows of a build before the mix; see :func:`decided`.

    Raises:
        RecipeError: A row comes twice, or no row is of the years asked for.
        FormattingError: A record is too long, and the recipe's budget raises.
    """
    fates, counter, rows = Fates(pieces.num_rows), counter_of(recipe), pieces.num_rows
    ids = pieces.column("id")
    with log.stage("look at conditions", rows) as advance:
        refuse_twice(ids, recipe)
        fates.leave_out(erased)
        fates.leave_out(of_other_years(pieces))
        fates.leave_out(conditions_unmet(pieces, counter, counted_by=counter_name(recipe, counter),
                                         advance=advance))  # fmt: skip
        fates.leave_out(held_out)
        fates.leave_out(_known_errors(pieces, recipe))
        fates.leave_out(_without_answer(pieces))
        _ration(fates, pieces, ids, recipe)
    if recipe.dedupe is not None and fates.kept.any():
        with log.stage("drop copies", rows):
            fates.leave_out(set_copies(pieces, fates.kept, recipe.dedupe))
    if not any(ingredient.few_shot is not None for ingredient in recipe.sources):
        pieces = _hold_to_budget(fates, pieces, ids, recipe, counter, log)
        with log.stage("split", rows):
            return Placement(fates, _parts(pieces, fates, recipe), pieces)
    # Examples are of rows that train, so it is known which do before lengths are.
    with log.stage("split", rows):
        parts = _parts(pieces, fates, recipe)
    with log.stage("choose examples", rows):
        pieces = with_examples(pieces, _trained(parts), recipe)
        fates.leave_out(held_out_by_examples(pieces, fates.kept, recipe.formats, protection))
    pieces = _hold_to_budget(fates, pieces, ids, recipe, counter, log)
    parts[~fates.kept] = -1
    return Placement(fates, parts, pieces)


def _trained(parts: Parts) -> Mask:
    return np.equal(parts, SPLITS.index(TRAIN))


def _known_errors(pieces: SetPieces, recipe: Recipe) -> pa.Table:
    """Find the rows that are known to be bad, count them, and leave them out where that is asked for."""
    listed = [FATES.empty_table()]
    for piece, begin, _ in pieces.spans():
        treatment = piece.ingredient.errata or recipe.errata
        if treatment == "keep":
            continue
        ids = piece.data.with_format("arrow").select_columns(["id"])[:]["id"]
        kinds = error_kinds(ids, piece.account.source.errata)
        piece.account.errata.update(counted_kinds(kinds))
        if treatment == "drop":
            rows = np.flatnonzero(np.asarray(kinds.is_valid()))
            details = kinds.take(pa.array(rows)).combine_chunks()
            listed.append(fate_table(begin + rows, "known_error", details))
    return pa.concat_tables(listed)


def _without_answer(pieces: SetPieces) -> pa.Table:
    listed = [FATES.empty_table()]
    for piece, begin, _ in pieces.spans():
        names = answer_columns(piece.view.schema)
        if piece.view.view == "text" or not names:
            continue
        at = begin
        for batch in batches(piece.data, columns=names):  # nothing of the rows' texts is read
            table = pa.Table.from_batches([batch])
            lacking = np.flatnonzero(~has_answer(table, piece.view.schema))
            listed.append(fate_table(at + lacking, "no_answer", "upstream gives no answer"))
            at += table.num_rows
    return pa.concat_tables(listed)


def _ration(fates: Fates, pieces: SetPieces, ids: pa.ChunkedArray, recipe: Recipe) -> None:
    for ingredient in recipe.sources:
        if ingredient.max_rows is None:
            continue
        own = np.zeros(pieces.num_rows, bool)
        for piece, begin, end in pieces.spans():
            own[begin:end] = piece.ingredient is ingredient
        kept = np.flatnonzero(own & fates.kept)
        if len(kept) > ingredient.max_rows:
            fates.leave_out(above_limit(ids, kept, ingredient.max_rows, seed=recipe.seed))


def _hold_to_budget(
    fates: Fates, pieces: SetPieces, ids: pa.ChunkedArray, recipe: Recipe, counter: Counter | None,
    log: StageLog,
) -> SetPieces:  # fmt: skip
    """Leave out rows that are over the budget, or return the rows with views that shorten them."""
    budget = recipe.mix.budget if recipe.mix is not None else None
    if budget is None or counter is None:
        return pieces
    lengths = decided_lengths(pieces, fates.kept, recipe, counter, log=log)
    over = np.flatnonzero(lengths > budget.max_tokens)
    if budget.fit == "raise" and len(over):
        raise FormattingError(
            "records are longer than the budget", file=recipe.name, expected=f"{budget.max_tokens:,} tokens",
            found=f"{len(over):,} rows, such as {shorten(ids.take(pa.array(over[:3])).to_pylist())}",
            hint='fit = "drop" leaves them out and lists them',
        )  # fmt: skip
    if budget.fit in ("trim_context", "trim_reasoning"):
        with log.stage("shorten", len(over)) as advance:
            long = over
            pieces, over = fitted_pieces(pieces, over, recipe, budget, counter, advance)
        shortened = np.isin(np.arange(len(lengths)), np.setdiff1d(long, over))
        if shortened.any():
            lengths = np.where(shortened, record_lengths(pieces, shortened, recipe, counter, log=log), lengths)  # fmt: skip
    details = pc.binary_join_element_wise(
        pa.array(lengths[over]).cast(pa.string()), f"tokens, {budget.max_tokens:,} allowed", " "
    )
    fates.leave_out(fate_table(over, "over_length", details))
    return replace(pieces, lengths={"tokens": lengths})


def _parts(pieces: SetPieces, fates: Fates, recipe: Recipe) -> Parts:
    """Place the rows that are kept; -1 for the others."""
    parts = np.full(pieces.num_rows, -1, np.int8)
    if not fates.kept.any():
        return parts
    if not recipe.validation:
        parts[fates.kept] = SPLITS.index(TRAIN)
        return parts
    kept, entries = fates.kept, _entries_divided(pieces, recipe)
    facts = [recipe.validation, recipe.seed, entries]
    table = pieces.decision("split", kept, facts, lambda: pa.table({"part": _divided(pieces, kept, recipe, entries)}))  # fmt: skip
    part = whole(table["part"])
    parts[kept] = np.array([SPLITS.index(name) for name in part.dictionary.to_pylist()], np.int8)[part.indices.to_numpy()]  # fmt: skip
    return parts


def _entries_divided(pieces: SetPieces, recipe: Recipe) -> list[bool]:
    """Mark the pieces that validation is taken from, where the recipe names sources; none where it does not."""
    named = recipe.validation.get("source") if isinstance(recipe.validation, Mapping) else None
    if named is None:
        return []
    names = [named] if isinstance(named, str) else list(named)
    return [piece.ingredient.is_named(names) for piece in pieces.listed]


def _divided(
    pieces: SetPieces, kept: Mask, recipe: Recipe, entries: Sequence[bool]
) -> pa.DictionaryArray:
    """Place rows by hash; families and near copies stay on one side."""
    rows = pieces.whole(kept)
    if isinstance(recipe.validation, Mapping):
        said, among = dict(recipe.validation), None
        if entries:  # which entry a row is of stands in no column
            sizes = [piece.data.num_rows for piece in pieces.listed]
            among = np.repeat(entries, sizes)[kept]
            said["source"] = list(dict.fromkeys(piece.ingredient.name for piece, named in zip(pieces.listed, entries, strict=True) if named))  # fmt: skip
        with recipe_errors(recipe.name):  # what it names is not in these rows
            if among is not None and not among.any():
                raise _none_to_divide(pieces, entries)
            return row_parts(rows, {TRAIN: 1.0}, seed=recipe.seed, validation=said, among=among)
    shares = {TRAIN: 1 - recipe.validation, "validation": recipe.validation}
    return row_parts(rows, shares, seed=recipe.seed)


def _none_to_divide(pieces: SetPieces, entries: Sequence[bool]) -> ArgumentError:
    """Return the error for validation out of sources of which every row is left out."""
    named = (piece for piece, taken in zip(pieces.listed, entries, strict=True) if taken)
    return ArgumentError(
        "validation= is taken from sources of which no row is left", argument="validation",
        expected="a row of them at least", found=", ".join(dict.fromkeys(piece.ingredient.label for piece in named)),
        hint="look at what the recipe leaves out of them, or name another source",
    )  # fmt: skip


def mix_supply(
    recipe: Recipe, pieces: SetPieces, parts: Parts, *, log: StageLog = UNTOLD
) -> MixSupply:
    """Return the rows of ``train`` with their sizes in the unit of the mix.

    Args:
        recipe: What is asked for.
        pieces: All rows.
        parts: ``int8[n]``: the place in :data:`SPLITS` of the split of each row that is kept.
        log: Where stages are told.
    """
    trained = _trained(parts)
    lengths = measured_pieces(pieces, trained, recipe, log=log).lengths
    sizes = lengths.get((recipe.mix or Mix()).by, np.ones(pieces.num_rows, np.int64))
    places: Ints = np.flatnonzero(trained & (sizes > 0))
    at = pa.array(places)
    return MixSupply(places, pieces.column("id").take(at), pieces.labels().take(at),
                     pieces.column("language").take(at), sizes[places])  # fmt: skip
