"""The rows of a result about which requests to a model are written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.output.format_files import SPLITS
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.ledger_rows import is_ledger
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import ModelTask
from medqa_kit.building.stages.fates import Parts
from medqa_kit.building.stages.pieces import SetPiece, SetPieces
from medqa_kit.building.stages.rationing import drawn
from medqa_kit.building.stages.views import schemas_of
from medqa_kit.catalog import Source
from medqa_kit.core.arrow.columns import is_text, list_lengths, whole
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.holders import batches
from medqa_kit.core.selection import picked_rows
from medqa_kit.errors import RecipeError
from medqa_kit.matching.row_texts import text_column
from medqa_kit.schemas import SCHEMAS, SchemaName

_REWRITTEN: tuple[SchemaName, ...] = ("qa", "text")
"""Rows whose texts can be rewritten: of others, places of words or a second text would no longer fit."""


def askable_schemas(task: ModelTask) -> tuple[SchemaName, ...]:
    """Return the schemas whose rows have what a task goes by.

    Example:
        >>> askable_schemas(ModelTask(task="grounded_questions", model="m", out="asked"))
        ('text',)
    """
    wanted = task.generation
    fits = all if wanted.columns else any
    return tuple(name for name in _REWRITTEN if fits(column in SCHEMAS[name].names for column in wanted.goes_by))  # fmt: skip


def generation_entries(
    recipe: Recipe, sources: Sequence[Source], name: str
) -> list[tuple[Ingredient, Source]]:
    """Return the entries of a recipe whose rows a model is asked about.

    Args:
        recipe: The recipe.
        sources: Those of its ingredients, in their order.
        name: Of the task.

    Raises:
        RecipeError: There is none, they have rows of several schemas, or rows that the task does not fit; or the
            recipe reads the replies.
    """
    task = recipe.generate[name]
    fitting, place = askable_schemas(task), f"generate.{name}"
    if own := [each.label for each in recipe.sources if _is_its_own(recipe, each, task)]:
        raise RecipeError("a recipe reads the replies of the ledger that it asks through: each build would change what the next one reads",
                          file=recipe.name, expected=f"{place}: another ledger than that of {own[0]}", found=task.out,
                          hint="ask in one recipe and read the replies in another; both may extend a third one with what they share")  # fmt: skip
    pairs = list(zip(recipe.sources, sources, strict=True))
    schemas = {ingredient.label: schemas_of(ingredient, source) for ingredient, source in pairs}
    if task.source:
        chosen = [
            (ingredient, source) for ingredient, source in pairs if ingredient.is_named(task.source)
        ]
        strange = [
            ingredient.label
            for ingredient, _ in chosen
            if not {*schemas[ingredient.label]} <= {*fitting}
        ]
        if strange:
            raise RecipeError(
                f"rows of {', '.join(strange)} do not fit the task {task.task}", file=recipe.name, expected=f"{place}: rows of schema {' or '.join(fitting)}",
                found=", ".join(dict.fromkeys(schema for label in strange for schema in schemas[label])),
                hint="name other sources",
            )  # fmt: skip
    else:
        chosen = [
            (ingredient, source)
            for ingredient, source in pairs
            if {*schemas[ingredient.label]} <= {*fitting} and not _is_of_ledger(recipe, ingredient)
        ]
    if not chosen:
        raise RecipeError(f"no source has rows that fit the task {task.task}", file=recipe.name, expected=f"{place}: rows of schema {' or '.join(fitting)}",
                          found=", ".join(dict.fromkeys(schema for own in schemas.values() for schema in own)),
                          hint="add such a source, or take the task out")  # fmt: skip
    kinds = dict.fromkeys(
        schema for ingredient, _ in chosen for schema in schemas[ingredient.label]
    )
    if len(kinds) > 1:
        raise RecipeError("a model is asked about rows of several schemas", file=recipe.name, expected=f"{place}: rows of one schema",
                          found="; ".join(f"{ingredient.label}: {', '.join(schemas[ingredient.label])}" for ingredient, _ in chosen),
                          hint=f'source = ["{chosen[0][0].label}"]')  # fmt: skip
    return chosen


def refuse_unaskable(recipe: Recipe, sources: Sequence[Source]) -> None:
    """Refuse a recipe that asks a model about rows which do not fit, before anything is read.

    Raises:
        RecipeError: It does.
    """
    for name in recipe.generate:
        generation_entries(recipe, sources, name)


def generation_places(recipe: Recipe, pieces: SetPieces, parts: Parts, task: ModelTask) -> Ints:
    """Return the places of the rows that a model is asked about, in order.

    They have a text to go by, and for a translation another language.

    Args:
        recipe: The recipe.
        pieces: All rows.
        parts: ``int8[n]``: the place in :data:`~medqa_kit.building.output.format_files.SPLITS` of the split of each
            row that is written; -1 for the others.
        task: What is asked for.
    """
    marks = np.isin(parts, [SPLITS.index(split) for split in task.split])
    for piece, begin, end in pieces.spans():
        own = marks[begin:end]
        if own.any():
            own &= _fits(recipe, piece, task) and _can_be_asked(piece, task)
    places = np.flatnonzero(marks)
    if task.max_rows is not None and len(places) > task.max_rows:
        order = drawn(
            pieces.column("id").take(pa.array(places)), stage="generate", seed=recipe.seed
        )
        places = np.sort(places[np.argsort(order, kind="stable")[: task.max_rows]])
    return places


def generation_table(pieces: SetPieces, places: Ints) -> pa.Table:
    """Return rows as they are read, mended and named, of one schema.

    Args:
        pieces: All rows.
        places: Those to return, one at least, in order.
    """
    tables = []
    for piece, begin, end in pieces.spans():
        own = places[(places >= begin) & (places < end)] - begin
        schema = SCHEMAS[piece.view.schema].remove_metadata()
        tables += [pa.Table.from_batches([batch]).select(schema.names).cast(schema)
                   for batch in picked_rows(piece.data, own)]  # fmt: skip
    return pa.concat_tables(tables)


def _fits(recipe: Recipe, piece: SetPiece, task: ModelTask) -> bool:
    ingredient = piece.ingredient
    if task.source:
        return ingredient.is_named(task.source)
    return piece.view.schema in askable_schemas(task) and not _is_of_ledger(recipe, ingredient)


def _is_of_ledger(recipe: Recipe, ingredient: Ingredient) -> bool:
    return ingredient.read is not None and is_ledger(recipe.own_file(ingredient))


def _is_its_own(recipe: Recipe, ingredient: Ingredient, task: ModelTask) -> bool:
    return _is_of_ledger(recipe, ingredient) and recipe.own_file(ingredient).resolve() == recipe.ledger_of(task).resolve()  # fmt: skip


def _can_be_asked(piece: SetPiece, task: ModelTask) -> Mask:
    """Mark the rows in which a column holds more than blanks, and that are not in the language they are to be in."""
    columns = [name for name in task.generation.goes_by if name in piece.data.column_names]
    marks = [np.zeros(0, np.bool_)]
    for batch in batches(piece.data, columns=[*columns, "language"]):
        filled = np.logical_or.reduce([_filled(batch[name]) for name in columns])
        if task.task == "translation":
            tags = pc.replace_substring_regex(text_column(batch, "language"), "-.*", "")
            filled &= ~np.asarray(pc.fill_null(pc.equal(tags, task.language), False))
        marks.append(filled)
    return np.concatenate(marks)


def _filled(values: pa.Array) -> Mask:
    column = whole(values)
    if is_text(column.type):
        filled = pc.not_equal(pc.utf8_trim_whitespace(column), "")
        return np.asarray(pc.fill_null(filled, False))
    return np.asarray(list_lengths(column) > 0)
