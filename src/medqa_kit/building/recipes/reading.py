"""Turn TOML data into the values of a recipe, and such values into TOML data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from medqa_kit.building.output.formats import Format, checked_formats
from medqa_kit.building.recipes.declared_tables import (
    SHARE,
    Key,
    Path,
    Problem,
    declared_fields,
    named_values,
    problem_of,
    table_schema,
    table_value,
)
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.problems.known_names import SAVED
from medqa_kit.building.recipes.whole_set import Dedupe, Gate, Mix, ModelTask, Reference
from medqa_kit.catalog.errata import OnErrata
from medqa_kit.catalog.licenses import Use
from medqa_kit.core.arguments import home_path, several
from medqa_kit.core.judging import RaiseOrDrop
from medqa_kit.errors import ArgumentError, shorten
from medqa_kit.training.kinds.index import record_kinds
from medqa_kit.training.reasoning import ReasoningStyle

TABLES: Mapping[str, type] = {"dedupe": Dedupe, "mix": Mix, "gate": Gate, "reference": Reference}
"""The single tables of a recipe."""
RECIPE_NAME = re.compile(r"[a-z][a-z0-9_]{0,127}")
"""Names of recipes, and of what they ask a model for."""
RECIPE_NAMES = "lower-case letters, digits and _, a letter first, 128 at most"
"""Such names in words."""

_TEXT, _TEXTS = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
_SEED = {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}
_VALUE = {"type": ["string", "integer"]}


def format_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``[format]``, whose ``as`` names the format."""
    schema = table_schema(Format)
    properties = schema["properties"]
    properties["as"] = properties.pop("name")
    properties["shard"] = {"anyOf": [{"type": "integer"}, _TEXT]}
    properties["language"] = {"enum": ["row", "ko", "en", "km"]}
    properties["record"] = {"enum": [kind.name for kind in record_kinds()]}
    properties["reasoning"] = {"enum": list(get_args(ReasoningStyle))}
    return schema


def format_value(data: Mapping[str, Any]) -> Format:
    """Make a format out of ``[format]``.

    Raises:
        ArgumentError: It is none that can be written.
    """
    given = dict(data)
    if "as" in given:
        given["name"] = given.pop("as")
    if isinstance(given.get("write"), str):
        given["write"] = [given["write"]]
    return Format(**given)


def accepted_conditions(data: Any) -> dict[str, tuple[str, ...]]:
    """Read ``accept``: names of sources, or conditions by source.

    Example:
        >>> accepted_conditions(["klue"]), accepted_conditions({"kullm_v2": "model-output-terms"})
        ({'klue': ()}, {'kullm_v2': ('model-output-terms',)})
    """
    if isinstance(data, Mapping):
        return {
            name: (clauses,) if isinstance(clauses, str) else several("accept", clauses)
            for name, clauses in data.items()
        }
    if isinstance(data, str) or not isinstance(data, (list, tuple)):
        raise ArgumentError("accept= takes sources, or conditions by source", argument="accept",
                            expected="a list of names, or a table", found=shorten([data]),
                            hint='accept = { kullm_v2 = "model-output-terms" }')  # fmt: skip
    return dict.fromkeys(data, ())


ACCEPT = Key(
    schema={"anyOf": [_TEXTS, {"type": "object", "additionalProperties": {"anyOf": [_TEXT, _TEXTS]}}]},
    value=accepted_conditions,
)  # fmt: skip


def made_tables(
    kinds: Mapping[str, type], data: Mapping[str, Any], problems: list[Problem]
) -> dict[str, Any]:
    """Make the values of single tables, such as ``[mix]``, as far as the recipe has them."""
    return {name: table_value(kind, data[name], (name,), problems)
            for name, kind in kinds.items() if name in data}  # fmt: skip


def made_tasks(data: Any, problems: list[Problem]) -> dict[str, ModelTask]:
    """Make what a model is asked for of the tables of ``[generate]``."""
    tasks = {
        name: table_value(ModelTask, table, ("generate", name), problems)
        for name, table in data.items()
    }
    return {name: task for name, task in tasks.items() if task is not None}


def made_formats(data: Any, problems: list[Problem]) -> tuple[Format, ...]:
    """Make the formats of ``[format]`` or of several ``[[format]]``."""
    formats = []
    for at, table in enumerate([data] if isinstance(data, Mapping) else data):
        path: Path = ("format",) if isinstance(data, Mapping) else ("format", at)
        formats.append(_format(table, path, problems))
    forms = tuple(form for form in formats if form is not None)
    if len(forms) == len(formats):
        try:
            return checked_formats(forms)
        except ArgumentError as error:
            problems.append(problem_of(error, ("format",)))
    return forms


def _format(data: Mapping[str, Any], path: Path, problems: list[Problem]) -> Format | None:
    try:
        return format_value(data)
    except ArgumentError as error:
        key = "as" if error.argument == "name" else error.argument
        problems.append(problem_of(error, (*path, key) if key in data else path))
        return None


def two_seeds(data: Mapping[str, Any]) -> list[Problem]:
    """Find a seed of the split that is not the seed of the recipe: there is one for all choices.

    Example:
        >>> two_seeds({"seed": 1, "split": {"seed": 2}})[0].path, two_seeds({"split": {"seed": 2}})
        (('split', 'seed'), [])
    """
    seed, of_split = data.get("seed"), data.get("split", {}).get("seed")
    if seed is None or of_split is None or seed == of_split:
        return []
    message = f"all choices have one seed; expected {seed}, which the recipe says, or none, found {of_split}"
    return [Problem(("split", "seed"), f"{message}; leave one of the two out")]


def as_data(value: Any) -> Any:
    """Return a value of a recipe as data, without what is as it is by default.

    Example:
        >>> from medqa_kit.building.recipes.whole_set import Dedupe
        >>> as_data(Dedupe(near=0.8)), as_data(range(2012, 2015))
        ({'near': 0.8}, {'from': 2012, 'to': 2014})
    """
    if isinstance(value, range):
        return {"from": value.start, "to": value.stop - 1}
    if hasattr(value, "__dataclass_fields__"):
        # Where TOML has another word for a field, so has the data.
        return {key: as_data(getattr(value, field.name)) for key, field in declared_fields(type(value))
                if getattr(value, field.name) not in (field.default, None, (), {})}  # fmt: skip
    if isinstance(value, Mapping):
        return {name: as_data(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [as_data(inner) for inner in value]
    return value


def refuse_strange_homes(lock: str | None, holdouts: Sequence[str]) -> None:
    """Refuse files of a recipe in the home of somebody whom this machine does not know.

    Raises:
        ArgumentError: There is one.
    """
    for argument, names in (("lock", [lock] if lock else []), ("holdouts", holdouts)):
        for name in names:
            home_path(argument, str(name).removeprefix(SAVED))


def recipe_schema() -> dict[str, Any]:
    """Return the JSON Schema of recipes in TOML, made from the dataclasses that declare them.

    Example:
        >>> recipe_schema()["required"]
        ['name', 'source']
    """
    table = table_schema(Ingredient)
    form = format_schema()
    portion = {"type": "object", "minProperties": 1,
               "properties": {"share": {**SHARE, "exclusiveMinimum": 0}},
               "additionalProperties": {"anyOf": [_VALUE, {"type": "array", "items": _VALUE, "minItems": 1}]}}  # fmt: skip
    part = {"type": "number", "minimum": 0, "exclusiveMaximum": 1}
    rule = {"type": "integer", "minimum": 1, "maximum": 1000}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "medqa_kit recipe",
        "type": "object",
        "required": ["name", "source"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "pattern": f"^{RECIPE_NAME.pattern}$", "description": RECIPE_NAMES},
            "use": {"enum": list(get_args(Use))},
            "accept": dict(ACCEPT.schema or {}),
            "seed": _SEED,
            "on_bad": {"enum": list(get_args(RaiseOrDrop))},
            "errata": {"enum": list(get_args(OnErrata))},
            **dict.fromkeys(("about", "extends", "lock"), _TEXT),
            "defaults": {name: value for name, value in table.items() if name != "required"},
            "source": {"type": "array", "minItems": 1, "items": table},
            "holdout": named_values({
                "items": _TEXTS, "without": _TEXTS, "rules": {"type": "array", "items": rule},
                "because": {"type": "object", "additionalProperties": _TEXT},
            }),
            "split": named_values({"validation": {"oneOf": [part, portion]}, "seed": _SEED}),
            **{name: table_schema(kind) for name, kind in TABLES.items()},
            "generate": {"type": "object", "additionalProperties": {
                **table_schema(ModelTask), "description": "a table [generate.NAME] for each thing that is asked for"}},
            "format": {"anyOf": [form, {"type": "array", "minItems": 1, "items": form}]},
        },
    }  # fmt: skip
