"""From what TOML holds to a recipe: extended, completed, checked; all problems are told together."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path as FilePath
from typing import Any

from medqa_kit.building.output.formats import Format
from medqa_kit.building.recipes.declared_tables import (
    Key,
    Path,
    Problem,
    table_schema,
    table_value,
)
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.toml_lines import line_of, toml_lines
from medqa_kit.catalog import sources
from medqa_kit.core.arguments import did_you_mean, file_path
from medqa_kit.errors import ArgumentError, RecipeError, shorten

_MOST_EXTENDED = 8  # a recipe that extends itself ends here
_TEXT, _TEXTS = {"type": "string"}, {"type": "array", "items": {"type": "string"}}


def format_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``[format]``, whose ``as`` names the format."""
    schema = table_schema(Format)
    properties = schema["properties"]
    properties["as"] = properties.pop("name")
    properties["shard"] = {"anyOf": [{"type": "integer"}, _TEXT]}
    properties["language"] = {"enum": ["row", "ko", "en", "km"]}
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


def read_toml(path: str | os.PathLike[str]) -> tuple[dict[str, Any], str, FilePath]:
    """Read a recipe file, with those it extends.

    Returns:
        What it says, its text, and the file.

    Raises:
        RecipeError: It cannot be read, is not TOML, or extends itself.
    """
    file = file_path("recipe", path)
    data, text = _toml(file)
    place, rest = file, data
    for _ in range(_MOST_EXTENDED):
        if "extends" not in rest:
            return _without(data, "extends"), text, file
        place = place.parent / str(rest["extends"])
        rest, _base = _toml(place)
        data = _together(_rebased(rest, place.parent, file.parent), data)
    raise RecipeError("the recipe extends too many others", file=str(file), found=str(place),
                      expected=f"at most {_MOST_EXTENDED}, and not itself",
                      hint="look at the lines extends =")  # fmt: skip


def _toml(file: FilePath) -> tuple[dict[str, Any], str]:
    try:
        text = file.read_text("utf-8")
        return tomllib.loads(text), text
    except OSError as error:
        raise RecipeError(
            "the recipe cannot be read", file=str(file), found=str(error), hint="check the path"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecipeError("this is not TOML", file=str(file), found=str(error),
                          hint="medqa-kit recipes lists recipes to begin with") from error  # fmt: skip


def _rebased(data: Mapping[str, Any], at: FilePath, to: FilePath) -> dict[str, Any]:
    """Return a recipe of another folder with the paths of its sources absolute."""
    if at == to or not isinstance(data.get("source"), list):
        return dict(data)
    listed = [{**one, "path": str(at / FilePath(one["path"]).expanduser())}
              if isinstance(one, Mapping) and isinstance(one.get("path"), str) else one
              for one in data["source"]]  # fmt: skip
    return {**data, "source": listed}


def _without(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}


def _together(base: Any, own: Any) -> Any:
    """Merge tables; sources are the same where their names are; of all else the own value counts."""
    if isinstance(base, Mapping) and isinstance(own, Mapping):
        return {
            **base,
            **{
                key: _sources(base[key], value)
                if key == "source"
                else _together(base[key], value)
                if key in base
                else value
                for key, value in own.items()
                if key != "source" or key in base
            },
            **({"source": own["source"]} if "source" in own and "source" not in base else {}),
        }
    return own


def _sources(base: Any, own: Any) -> Any:
    if not isinstance(base, list) or not isinstance(own, list):
        return own
    known = {_label(one): one for one in own}
    merged = [_together(one, known.pop(_label(one), {})) for one in base]
    return [*merged, *(one for one in own if _label(one) in known)]


def _label(data: Any) -> Any:
    return data.get("as", data.get("name")) if isinstance(data, Mapping) else None


def completed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Put ``defaults`` into each source, which says otherwise where it does.

    Example:
        >>> completed({"defaults": {"errata": "drop"}, "source": [{"name": "klue"}]})
        {'source': [{'errata': 'drop', 'name': 'klue'}]}
    """
    rest, defaults = _without(data, "defaults"), data.get("defaults", {})
    if isinstance(defaults, Mapping) and defaults and isinstance(rest.get("source"), list):
        rest["source"] = [_together(defaults, one) if isinstance(one, Mapping) else one
                          for one in rest["source"]]  # fmt: skip
    return rest


def refuse(
    problems: list[Problem], *, data: Mapping[str, Any], file: str | None, text: str,
    settings: Mapping[Path, str],
) -> None:  # fmt: skip
    """Raise one error for all problems of a recipe.

    Args:
        problems: The problems.
        data: What the recipe says, with what is set beside the file.
        file: The file.
        text: What stands in it.
        settings: By its place, the key of what is set beside the file.

    Raises:
        RecipeError: There are some.
    """
    if not problems:
        return
    lines = toml_lines(text)
    told = sorted({_told(problem, data, lines, settings) for problem in problems})
    raise RecipeError(
        f"the recipe has {len(told)} problem{'s' * (len(told) > 1)}", file=file,
        found="; ".join(text for _, text in told),
        hint="see docs/recipes.md for what may stand there",
    )  # fmt: skip


def _told(
    problem: Problem, data: Mapping[str, Any], lines: dict[Path, int], settings: Mapping[Path, str]
) -> tuple[int, str]:
    path, where = problem.path, ""
    if beside := _beside(path, lines, settings):
        return 0, f"set {beside}: {problem.message}"
    if len(path) > 1 and path[0] == "source" and isinstance(at := path[1], int):
        name = _label(data["source"][at])
        where, path = f"source {name!r}" if name else f"source {at + 1}", path[2:]
    key = ".".join(map(str, path))
    line = line_of(problem.path, lines)
    place = ", ".join(filter(None, [f"line {line}" if line else "", where, key])) or "recipe"
    return line or 0, f"{place}: {problem.message}"


def _beside(path: Path, lines: Mapping[Path, int], settings: Mapping[Path, str]) -> str:
    """Return the key of the setting that a problem is of; empty where it is of the file."""
    for place, key in settings.items():
        within = path[: len(place)] == place
        if path and (within or (place[: len(path)] == path and path not in lines)):
            return key
    return ""


def schema_problems(data: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Problem]:
    """Check a recipe against its JSON Schema; unknown keys are told with the nearest known one."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    for error in Draft202012Validator(dict(schema)).iter_errors(dict(data)):
        path: Path = tuple(error.absolute_path)
        if error.validator == "anyOf":
            inner = best_match(error.context or [])
            if inner is not None and inner.absolute_path != error.absolute_path:
                error, path = inner, tuple(inner.absolute_path)
        if error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            for name in sorted(set(error.instance) - set(known)):
                near = did_you_mean(name, known) or f"known are {', '.join(known)}"
                yield Problem((*path, name), f"there is no such key; {near}")
        else:
            yield Problem(path, error.message[:200])


def unknown_sources(listed: Mapping[int, Ingredient]) -> Iterator[Problem]:
    """Find names that are no source of the catalogue."""
    known = [source.name for source in sources()]
    for at, one in listed.items():
        if one.read is None and one.name not in known:
            near = did_you_mean(one.name, known) or "medqa-kit list shows all"
            yield Problem(("source", at, "name"), f"there is no source {one.name!r}; {near}")


def unknown_pools(listed: Mapping[int, Ingredient]) -> Iterator[Problem]:
    """Find names of sources to take examples from that the recipe does not have."""
    labels = [one.label for one in listed.values()]
    for at, one in listed.items():
        pool = one.few_shot.pool if one.few_shot is not None else None
        if pool is not None and pool not in labels:
            near = did_you_mean(pool, labels) or f"the recipe has {', '.join(labels)}"
            yield Problem(
                ("source", at, "few_shot", "from"), f"there is no source {pool!r}; {near}"
            )


def repeated_labels(listed: Mapping[int, Ingredient]) -> Iterator[Problem]:
    """Find names that ``as`` gives to two sources."""
    labels = [one.label for one in listed.values() if one.alias]
    for at, one in listed.items():
        others = [other.name for other in listed.values() if other is not one]
        if one.alias and (labels.count(one.alias) > 1 or one.alias in others):
            yield Problem(("source", at, "as"), f"two sources are called {one.alias!r}")


def accepted_conditions(data: Any) -> dict[str, tuple[str, ...]]:
    """Read ``accept``: names of sources, or conditions by source.

    Example:
        >>> accepted_conditions(["klue"]), accepted_conditions({"kullm_v2": "model-output-terms"})
        ({'klue': ()}, {'kullm_v2': ('model-output-terms',)})
    """
    if isinstance(data, Mapping):
        return {name: (one,) if isinstance(one, str) else tuple(one) for name, one in data.items()}
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


def made_formats(data: Any, problems: list[Problem]) -> tuple[Format, ...]:
    """Make the formats of ``[format]`` or of several ``[[format]]``."""
    made = []
    for at, one in enumerate([data] if isinstance(data, Mapping) else data):
        path: Path = ("format",) if isinstance(data, Mapping) else ("format", at)
        made.append(_format(one, path, problems))
    return tuple(form for form in made if form is not None)


def _format(data: Mapping[str, Any], path: Path, problems: list[Problem]) -> Format | None:
    try:
        return format_value(data)
    except ArgumentError as error:
        problems.append(Problem(path, f"{error.what}, found {error.found}; {error.hint}"))
        return None


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
        return {field.name: as_data(getattr(value, field.name)) for field in fields(value)
                if getattr(value, field.name) not in (field.default, None, (), {})}  # fmt: skip
    if isinstance(value, Mapping):
        return {name: as_data(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [as_data(one) for one in value]
    return value
