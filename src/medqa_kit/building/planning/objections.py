"""All reasons why a recipe cannot be built, for all sources together, before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from medqa_kit.building.guard import holdout_names
from medqa_kit.building.planning.outlook import CONDITIONS, PROBLEMS
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.permission import (
    accept_line,
    clauses_to_accept,
    condition,
    limiting_clauses,
    refuse_idle,
)
from medqa_kit.building.recipes.reading import accepted_conditions
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.lengths import counter_of
from medqa_kit.building.stages.trimming import unshortened
from medqa_kit.building.stages.views import schemas_of, unused_system, view_of_rows
from medqa_kit.building.work.begun_ledgers import refuse_other_task
from medqa_kit.building.work.generation_rows import generation_entries
from medqa_kit.catalog import Source
from medqa_kit.catalog.verdicts import Clause
from medqa_kit.errors import MedQAError, RecipeError, UnknownPartError
from medqa_kit.tokens.counts import token_counts

Objection = dict[str, str | None]


def objection(kind: str, error: MedQAError, source: str | None = None) -> Objection:
    """Return an error as a row of :data:`~medqa_kit.building.planning.outlook.PROBLEMS`."""
    said = [
        f"{word} {value}"
        for word, value in (("expected", error.expected), ("found", error.found))
        if value
    ]
    if kind == "lock" or (not isinstance(error, RecipeError) and error.file):
        said.append(f"in {error.file}")
    return {
        "kind": kind,
        "source": source,
        "problem": "; ".join([error.what, *said]),
        "remedy": error.hint or None,
    }


def known_sources(recipe: Recipe) -> tuple[list[Source | None], list[Objection]]:
    """Return the source of each ingredient, ``None`` where it cannot be found, and why."""
    sources: list[Source | None] = []
    problems = []
    for ingredient in recipe.sources:
        try:
            sources.append(recipe.source_of(ingredient))
        except MedQAError as error:
            sources.append(None)
            problems.append(objection("source", error, ingredient.label))
    return sources, problems


def recipe_objections(recipe: Recipe, sources: Sequence[Source]) -> list[Objection]:
    """Return what the catalogue has against a recipe whose sources are known.

    Args:
        recipe: The recipe.
        sources: Those of its ingredients, in their order.
    """
    problems = [objection("schema", error, ingredient.label)
                for ingredient, source in zip(recipe.sources, sources, strict=True)
                for error in _misfits(recipe, ingredient, source)]  # fmt: skip
    checks: dict[str, Callable[[], Any]] = {
        "holdout": lambda: holdout_names(recipe, sources),
        "tokenizer": lambda: _counted(recipe),
        "mix": lambda: (
            problems or unshortened(recipe, sources)
        ),  # of sources that become its records
        "schema": lambda: problems or unused_system(recipe, sources),
    }
    for name in recipe.generate:
        checks[f"generate {name}"] = partial(_asked, recipe, sources, name, bool(problems))
    for kind, check in checks.items():
        try:
            check()
        except MedQAError as error:
            problems.append(objection(kind.partition(" ")[0], error))
    return [*problems, *_licence_problems(recipe, sources)]


def _licence_problems(recipe: Recipe, sources: Sequence[Source]) -> Iterator[Objection]:
    """Say of each source on its own what is not accepted; of what is accepted in vain, together."""
    try:
        clauses = limiting_clauses(recipe, sources)
        rest = [row for row in conditions(recipe, sources).to_pylist() if not row["accepted"]]
        for name in dict.fromkeys(row["source"] for row in rest):
            words = dict.fromkeys(row["condition"] for row in rest if row["source"] == name)
            yield {"kind": "licence", "source": name, "remedy": f"leave it out, or {accept_line({name: clauses[name]})}",
                   "problem": f"{recipe.use} use is not granted without conditions: {', '.join(words)}"}  # fmt: skip
        if rest:
            refuse_idle(recipe, clauses)
        else:
            clauses_to_accept(recipe, sources)
    except MedQAError as error:
        if not isinstance(error, UnknownPartError):  # that is a problem of the schema
            yield objection("licence", error)


def conditions(recipe: Recipe, sources: Sequence[Source]) -> pa.Table:
    """Return what keeps the use of the sources from a plain yes, and whether the recipe accepts it.

    Returns:
        A table with the schema :data:`~medqa_kit.building.planning.outlook.CONDITIONS`; none where a part that
        the recipe names does not exist.
    """
    try:
        clauses = limiting_clauses(recipe, sources)
    except MedQAError:  # it is among the problems of the schema
        return CONDITIONS.empty_table()
    accept = accepted_conditions(recipe.accept)
    rows = [_condition(accept, name, clause) for name, own in clauses.items() for clause in own]
    return pa.Table.from_pylist(rows, CONDITIONS)


def problem_table(problems: Sequence[Objection]) -> pa.Table:
    """Return problems as a table."""
    return pa.Table.from_pylist(list(problems), PROBLEMS)


def _misfits(recipe: Recipe, ingredient: Ingredient, source: Source) -> Iterator[MedQAError]:
    try:
        schemas = schemas_of(ingredient, source)
    except MedQAError as error:  # no such subset or split
        yield error
        return
    for schema in schemas:
        try:
            view_of_rows(ingredient, schema, recipe.formats, recipe=recipe.name)
        except MedQAError as error:
            yield error


def _asked(recipe: Recipe, sources: Sequence[Source], name: str, unread: bool) -> None:
    """Look at what a model is asked for, of sources that become records."""
    if not unread:
        generation_entries(recipe, sources, name)
    refuse_other_task(recipe, name)


def _counted(recipe: Recipe) -> None:
    if (counter := counter_of(recipe)) is not None:
        token_counts(counter=counter)


def _condition(accept: Mapping[str, tuple[str, ...]], name: str, clause: Clause) -> dict[str, Any]:
    words, word = accept.get(name), condition(clause)
    accepted = words is not None and (not words or word in {each.casefold() for each in words})
    return {"source": name, "condition": word, "use": clause.use, "answer": clause.answer,
            "accepted": accepted, "evidence": clause.evidence, "words": clause.condition}  # fmt: skip
