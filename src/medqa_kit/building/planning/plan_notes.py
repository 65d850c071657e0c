"""Notes of a plan: unknown numbers, conditions that are given up, and sources without rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from medqa_kit.building.guard import NOTHING_HELD
from medqa_kit.building.output.format_files import TRAIN
from medqa_kit.building.planning.expected import Expected
from medqa_kit.building.planning.known_rows import RowsAtHand
from medqa_kit.building.planning.mix_outlook import MixOutlook
from medqa_kit.building.planning.request_costs import generation_sources
from medqa_kit.building.recipes.permission import parent_notes
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.fates import no_rows_left
from medqa_kit.building.stages.mixture import none_in_train, scaled_down
from medqa_kit.building.stages.trimming import unshortened
from medqa_kit.building.stages.views import unused_system
from medqa_kit.building.work.begun_ledgers import derived_note
from medqa_kit.catalog import Source
from medqa_kit.errors import RecipeError
from medqa_kit.splitting.portions import VALIDATION


def plan_notes(
    recipe: Recipe, sources: Sequence[Source], listed: Sequence[Expected], known: RowsAtHand, mix: MixOutlook | None,
) -> Iterator[str]:  # fmt: skip
    """Say what a person should read of a plan, beside its tables.

    Args:
        recipe: What of the recipe can be looked at.
        sources: Its sources.
        listed: What is expected of each.
        known: What the rows that are here say.
        mix: The solved mix, if there is one.
    """
    if recipe.mix is not None and mix is None and known.stopped is None:
        yield "tokens cannot be counted, so the mix is not solved"
    if recipe.mix is not None and recipe.mix.epochs > 1:
        yield f"the mix is drawn {recipe.mix.epochs} times; the table is of all of them together"
    if known.mixture is not None:
        yield from none_in_train(recipe, known.mixture.sources)
    if mix is not None and mix.error is None:
        yield from scaled_down(recipe, {row["source"]: row for row in mix.table.to_pylist()})
    if mix is not None and mix.error is not None:
        lacking = ", ".join(mix.relaxed)
        yield (f"the mix below is the nearest that can be met, without the {lacking} asked for"
               if mix.relaxed else "no mix near it can be met")  # fmt: skip
    unsized = [each.label for each in listed if each.kept[TRAIN] is None]
    if unsized and mix is not None:
        yield f"the mix is solved without {', '.join(unsized)}: nobody knows how many rows there are"
    with suppress(RecipeError):  # it is among the problems
        if rigid := unshortened(recipe, sources):
            yield f"rows over the budget that it cannot shorten are left out: {', '.join(rigid)}"
        yield from unused_system(recipe, sources)
    unread = [each.label for each in listed if each.label in known.absent]
    if unread:
        yield f"not on this machine, and told by the catalogue: {', '.join(unread)}"
    unseen = [
        name
        for name, items in known.holdouts.items()
        if items is None and name not in known.unsaved
    ]
    if unseen:
        yield f"not on this machine: the items of {', '.join(unseen)}; a build fetches them, and how many rows hold one nobody knows yet"
    for each in listed:
        if each.read is not None and each.kept[TRAIN] == each.kept[VALIDATION] == 0:
            yield no_rows_left(each.label, each.read, each.dropped)
    for label, source in generation_sources(recipe, sources).items():
        if note := derived_note(label, source.license):
            yield note
    for ingredient, source in zip(recipe.sources, sources, strict=True):
        if ingredient.read is not None:
            yield from parent_notes(source, recipe.use)
    yield from (f"{name} was left out of the holdouts by the recipe" for name in recipe.without if name not in known.holdouts)  # fmt: skip
    yield from [NOTHING_HELD] * (not known.holdouts and not recipe.without and not recipe.holdouts)
