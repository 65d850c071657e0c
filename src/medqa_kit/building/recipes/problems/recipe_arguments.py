"""The data of a recipe as arguments of ``Recipe``: each part is checked, and all problems are listed together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from medqa_kit.building.recipes import reading
from medqa_kit.building.recipes.declared_tables import problem_of, table_value
from medqa_kit.building.recipes.extending import ExtendedRecipe, completed
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.problems.agreement import WholeSet
from medqa_kit.building.recipes.problems.known_names import (
    unknown_columns,
    unknown_holdouts,
    unknown_parts,
    unknown_sources,
)
from medqa_kit.building.recipes.problems.plain_values import odd_values
from medqa_kit.building.recipes.problems.schema_problems import schema_problems
from medqa_kit.building.recipes.problems.whereabouts import Whereabouts
from medqa_kit.building.recipes.settings import with_settings

_schema = cache(reading.recipe_schema)


def recipe_arguments(
    said: ExtendedRecipe, settings: Mapping[str, Any], *, file: str | None
) -> tuple[dict[str, Any], Whereabouts]:
    """Check the data of a recipe and make the arguments of ``Recipe`` of it.

    Args:
        said: The recipe and those that it extends.
        settings: Keys that are set beside it.
        file: Where it stands, for messages.

    Returns:
        The arguments by name; and what says where each value stands, for problems that ``Recipe`` finds itself.

    Raises:
        RecipeError: It is not a recipe; all problems are listed together.
        ArgumentError: A setting is of a source that the recipe does not have.
    """
    raw, places = with_settings(said.data, settings)
    data = completed(raw)
    whereabouts = Whereabouts(raw, data, said.lines, places, file)
    problems = [*said.problems, *odd_values(data)]
    wrong = {problem.path for problem in problems}
    problems += [problem for problem in schema_problems(data, _schema())
                 if not any(problem.path[:length] in wrong for length in range(len(problem.path) + 1))
                 and not (said.problems and problem.path in (("name",), ("source",)))]  # fmt: skip
    wrong = {problem.path[:length] for problem in problems for length in (1, 2)}
    listed: Any = data.get("source")
    if not isinstance(listed, list) or not all(isinstance(entry, Mapping) for entry in listed):
        whereabouts.refuse(problems)  # there is nothing to look into
    ingredients = {at: value for at, entry in enumerate(data["source"]) if ("source", at) not in wrong
            and (value := table_value(Ingredient, entry, ("source", at), problems))}  # fmt: skip
    sound = {key: value for key, value in data.items() if (key,) not in wrong or key == "source"}
    tables = reading.made_tables(reading.TABLES, sound, problems)
    tables["generate"] = reading.made_tasks(sound.get("generate", {}), problems)
    formats = reading.made_formats(sound.get("format", {}), problems)
    holdout, split = (sound.get(key, {}) for key in ("holdout", "split"))
    unmade = [name for name in reading.TABLES if name in data and tables.get(name) is None]
    whole = WholeSet.of_data(
        data["source"], ingredients, tables, split.get("validation", 0.05), unmade
    )
    problems += [problem_of(error, path) for path, error in whole.disagreements()]
    problems += [
        *unknown_sources(listed),
        *unknown_parts(ingredients),
        *unknown_columns(ingredients),
        *unknown_holdouts(holdout),
    ]
    problems += reading.two_seeds(sound)
    whereabouts.refuse(problems)
    same = ("name", "about", "use", "accept", "on_bad", "errata", "lock")
    arguments = {
        **{key: data[key] for key in same if key in data},
        **tables,
        "sources": tuple(ingredients.values()),
        "formats": formats,
        "holdouts": tuple(holdout.get("items", ())),
        "without": tuple(holdout.get("without", ())),
        "because": holdout.get("because", {}),
        "rules": tuple(map(int, holdout.get("rules", ()))),
        "validation": split.get("validation", 0.05),
        "seed": int(data.get("seed", split.get("seed", 0))),
        "settings": dict(settings),
    }
    return arguments, whereabouts
