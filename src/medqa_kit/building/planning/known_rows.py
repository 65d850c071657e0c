"""The rows of a recipe that are on this machine, and the decisions of its stages about them."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from medqa_kit.building.account import Account
from medqa_kit.building.guard import Guard, holdout_names, refuse_namesake_holdout, saved_file
from medqa_kit.building.output.format_files import SPLITS, TRAIN
from medqa_kit.building.planning.locked_rows import LockedReading
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.decisions import Placement, mixed, placed
from medqa_kit.building.stages.fates import FATES, RowFates
from medqa_kit.building.stages.lengths import measured_pieces
from medqa_kit.building.stages.mixture import Mixture, refuse_lookalikes
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.work.build_lock import RecipeLock
from medqa_kit.building.work.entries_apart import entries_apart
from medqa_kit.building.work.holdout_items import files_of_sources, holdout_items
from medqa_kit.building.work.set_reading import TakenPart
from medqa_kit.building.work.set_writing import set_pieces
from medqa_kit.building.work.unmade_rows import unmade_rows
from medqa_kit.catalog import Source
from medqa_kit.core.arrow.columns import counted_values
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.errors import ArgumentError, LockError, MedQAError, RecipeError
from medqa_kit.loading.hub.hub_request import asking_nobody
from medqa_kit.loading.request import Origin


@dataclass(frozen=True)
class RowsAtHand:
    """What is on this machine of a recipe, and what its stages would do with it.

    Attributes:
        recipe: The recipe, with those of its sources that are here.
        pieces: Their rows.
        fates: Who is left out, and where the others go: before the mix.
        accounts: Of each ingredient that is here.
        absent: Why the others are not here, by label.
        holdouts: The items of holdouts that are here; ``None`` for those that are not.
        unsaved: Why saved ones cannot be read, by their names in the recipe.
        stopped: Why the stages could not be run on these rows, if so.
        unmade: Rows that are kept and of which no record can be made, with the schema
            :data:`~medqa_kit.building.stages.fates.FATES`.
        mixture: The mix as a build draws it, where nothing is absent and it can be met.
        outcome: As ``fates``, after that mix, and without rows of which no record can be made.
        undrawn: Why that mix cannot be drawn, if so.
        unlocked: What does not fit the lockfile of the build, if so.
    """

    recipe: Recipe
    pieces: SetPieces
    fates: RowFates
    accounts: tuple[Account, ...]
    absent: Mapping[str, MedQAError]
    holdouts: Mapping[str, Holdout | None]
    unsaved: Mapping[str, MedQAError]
    stopped: MedQAError | None = None
    unmade: pa.Table = field(default_factory=FATES.empty_table)
    mixture: Mixture | None = None
    outcome: RowFates | None = None
    undrawn: MedQAError | None = None
    unlocked: tuple[LockError, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing is absent: what the stages say is what a build would do."""
        return not self.absent and None not in self.holdouts.values() and self.stopped is None

    def of(self, label: str) -> Mask:
        """Mark the rows of a source."""
        return self.pieces.of([label])[0][1]

    def in_part(self, part: str) -> Mask:
        """Mark the rows that go to a split, before the mix: those of which records can be made."""
        marks = np.equal(self.fates.parts, SPLITS.index(part))
        marks[self.unmade["row"].to_numpy()] = False
        return marks

    @property
    def left_out(self) -> pa.Table:
        """Rows that no file holds, as far as that is known, with the schema of ``unmade``."""
        decided = self.fates if self.outcome is None else self.outcome
        written = decided.kept[self.unmade["row"].to_numpy()]
        return pa.concat_tables([decided.left_out, self.unmade.filter(pa.array(written))])

    def written(self, label: str) -> int:
        """Count the records of a source that ``train`` holds, after a mix that is drawn with further copies."""
        if self.mixture is None:
            return int((self.of(label) & self.in_part(TRAIN)).sum())
        order, marks = self.mixture.order, self.of(label)
        marks[self.unmade["row"].to_numpy()] = False
        return int(marks[order].sum())


def rows_at_hand(
    recipe: Recipe,
    sources: Sequence[Source],
    *,
    origin: Origin,
    cache_dir: str | os.PathLike[str] | None,
    hold: RecipeLock | None = None,
) -> RowsAtHand:
    """Read what is on this machine, and run the stages on it. Asks no hub.

    Args:
        recipe: The recipe; its sources become its records.
        sources: Those of its ingredients, in their order.
        origin: As in :func:`medqa_kit.build`.
        cache_dir: Root of the ``datasets`` cache.
        hold: The lock of the build, if it has one.
    """
    read: list[tuple[int, Account, list[TakenPart]]] = []
    absent: dict[str, MedQAError] = {}
    with asking_nobody(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the build says it
        holdouts, unsaved = _holdouts(recipe, sources, origin=origin, cache_dir=cache_dir)
        guard = Guard({name: holdout for name, holdout in holdouts.items() if holdout is not None})
        reading = LockedReading(recipe, origin, cache_dir, hold, guard)
        for at, (ingredient, source) in enumerate(zip(recipe.sources, sources, strict=True)):
            try:
                read.append((at, *reading.taken(ingredient, source)))
            except MedQAError as error:
                absent[ingredient.label] = error
    part = part_of_recipe(recipe, [recipe.sources[at] for at, _, _ in read])
    accounts = [account for _, account, _ in read]
    parts = [taken for _, _, taken in read]
    stopped: MedQAError | None = None
    try:
        parts = entries_apart(part, accounts, parts)
    except MedQAError as error:
        stopped = error
    pieces, held_out = set_pieces(part, accounts, parts, guard)
    known = RowsAtHand(part, pieces, _nothing(pieces), tuple(accounts), absent, holdouts, unsaved,
                       unlocked=tuple(reading.unlocked))  # fmt: skip
    if stopped is not None:
        return replace(known, stopped=stopped)
    try:
        placement = _placed(part, pieces, held_out, guard, partly=bool(absent))
        fates = placement.fates.decided(placement.parts)
        unmade = unmade_rows(part, placement.pieces, fates.kept)
    except MedQAError as error:
        return replace(known, stopped=error)
    return _with_mix(replace(known, pieces=placement.pieces, fates=fates, unmade=unmade), placement)


def _placed(
    part: Recipe, pieces: SetPieces, held_out: pa.Table, guard: Guard, *, partly: bool
) -> Placement:
    """Decide about the rows that are here; validation may be taken from those that are not."""
    try:
        return placed(part, pieces, held_out, guard)
    except RecipeError as error:
        cause = error.__cause__
        if not partly or not isinstance(cause, ArgumentError) or cause.argument != "validation":
            raise
    undivided = copy.copy(part)
    object.__setattr__(undivided, "validation", 0.0)
    return placed(undivided, pieces, held_out, guard)


def _with_mix(known: RowsAtHand, placement: Placement) -> RowsAtHand:
    """Draw the mix as a build does, where all of its rows are here, and leave out what no file will hold."""
    part = known.recipe
    if not known.whole or (part.mix is None and part.gate is None and not part.generate):
        return known
    try:
        if part.mix is not None:  # measured once: whether the mix is drawn, or solved by sizes
            trained = np.equal(placement.parts, SPLITS.index(TRAIN))
            placement = placement._replace(pieces=measured_pieces(placement.pieces, trained, part))
            known = replace(known, pieces=placement.pieces)
        decisions = mixed(known.recipe, placement, known.unmade)
    except MedQAError as error:  # it is solved by sizes, and the nearest one is told
        return replace(known, undrawn=error)
    known = replace(known, mixture=decisions.mixture, outcome=decisions.fates)
    try:
        if decisions.mixture is not None:
            refuse_lookalikes(known.pieces.column("id"), decisions.mixture.order, known.recipe)
    except MedQAError as error:
        return replace(known, stopped=error)
    return known


def part_of_recipe(recipe: Recipe, listed: Sequence[Ingredient]) -> Recipe:
    """Return a recipe with some of its sources, as if the others were not there."""
    part = copy.copy(
        recipe
    )  # not made anew: dedupe, a mix or a split may name sources that are left out
    for name, value in (("reference", None), ("sources", tuple(listed))):
        object.__setattr__(part, name, value)
    return part


def _nothing(pieces: SetPieces) -> RowFates:
    """Return the fates of rows of which nothing is said."""
    return RowFates(FATES.empty_table(), np.full(pieces.num_rows, -1, np.int8))


def _holdouts(
    recipe: Recipe, sources: Sequence[Source], *, origin: Origin, cache_dir: str | os.PathLike[str] | None
) -> tuple[dict[str, Holdout | None], dict[str, MedQAError]]:  # fmt: skip
    holdouts: dict[str, Holdout | None] = {}
    unsaved: dict[str, MedQAError] = {}
    try:
        names, saved = holdout_names(recipe, sources)
    except MedQAError:  # it is among the problems
        return holdouts, unsaved
    files_of = files_of_sources(recipe)
    for name in names:
        try:
            holdouts[name] = holdout_items(name, files_of, origin=origin, cache_dir=cache_dir)
        except MedQAError:
            holdouts[name] = None
    for name in saved:
        try:
            holdout = Holdout.load(saved_file(recipe, name))
            refuse_namesake_holdout(recipe, name, holdout, holdouts.get(holdout.name))
            holdouts[holdout.name] = holdout
        except MedQAError as error:
            holdouts[name], unsaved[name] = None, error
    return holdouts, unsaved


def reasons(known: RowsAtHand, label: str) -> dict[str, int]:
    """Count the rows of a source that are left out, by reason; those of the mix where it is drawn."""
    left = known.left_out
    own = left["reason"].filter(pa.array(known.of(label)[left["row"].to_numpy()]))
    return dict(sorted(counted_values(own).items()))
