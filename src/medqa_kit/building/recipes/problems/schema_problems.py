"""Check a recipe against its JSON Schema, and describe the differences in plain words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from medqa_kit.building.recipes.declared_tables import Path, Problem
from medqa_kit.core.arguments import did_you_mean, word_list
from medqa_kit.core.text.near_words import suggestion
from medqa_kit.errors import shorten

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_WORDS = {
    "string": ("text", "texts"), "integer": ("a whole number", "whole numbers"), "number": ("a number", "numbers"),
    "boolean": ("true or false", "true or false"), "array": ("a list", "lists"), "object": ("a table", "tables"),
}  # fmt: skip
_LONGEST = 200  # letters of a text that is said twice
_BOUNDS = {
    "exclusiveMinimum": "above", "minimum": "at least", "exclusiveMaximum": "below", "maximum": "at most",
}  # fmt: skip


def schema_problems(data: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Problem]:
    """Find what of a recipe does not fit its JSON Schema.

    Args:
        data: The recipe, of plain values.
        schema: The schema.

    Example:
        >>> shape = {"type": "object", "additionalProperties": False, "properties": {"use": {"enum": ["a", "b"]}}}
        >>> [problem.message for problem in schema_problems({"use": "c", "us": 1}, shape)]
        ["there is no such key; did you mean 'use'?", "'c' is none of a, b"]
    """
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(dict(schema)).iter_errors(dict(data)):
        yield from _problems(error, schema)


def _problems(error: ValidationError, whole: Mapping[str, Any]) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    schema: Any = error.schema
    wanted: Any = error.validator_value
    instance: Any = error.instance
    match error.validator:
        case "anyOf" | "oneOf" if branch := _meant(error):
            for inner in branch:
                yield from _problems(inner, whole)
        case "additionalProperties":
            known = schema.get("properties", {})
            for name in sorted(set(instance) - set(known)):
                near = "; ".join(
                    filter(None, [_home(name, path, whole), did_you_mean(name, known)])
                )
                near = near or f"known are {word_list(known)}"
                yield Problem((*path, name), f"there is no such key; {near}")
        case "required":
            for name in wanted:
                if name not in instance:
                    words = _expected(schema["properties"].get(name, {}))
                    yield Problem((*path, name), f"is missing, and takes {words}")
        case "enum" if isinstance(error.instance, str):
            texts = [word for word in wanted if isinstance(word, str)]
            of_trainers = [word for word in texts if word.endswith(f"/{instance}")]
            several = len(of_trainers) > 1
            near = suggestion(of_trainers) if several else did_you_mean(instance, texts)
            none = f"{shorten([error.instance])} is none of {word_list(wanted)}"
            yield Problem(path, f"{none}; {near}" if near else none)
        case _:
            instead = shorten([instance])
            yield Problem(path, f"takes {_expected(schema)}, found {instead}{_listed(schema, instance, path)}")  # fmt: skip


def _listed(schema: Mapping[str, Any], instance: Any, path: Path) -> str:
    """Say how a list is written where what could be in it stands alone."""
    items = schema.get("items", {}).get("type") if schema.get("type") == "array" else None
    if items == "object" and path and isinstance(instance, Mapping):
        return f"; write [[{path[-1]}]]"
    plain = isinstance(instance, str) and instance.isprintable() and len(instance) <= _LONGEST
    if items == "string" and plain and instance[:1] not in ("", "[", "{"):
        return f"; write {json.dumps([instance], ensure_ascii=False)}"
    return ""


def _home(name: str, path: Path, whole: Mapping[str, Any]) -> str:
    """Say of which tables a key is that stands elsewhere; nothing if it is of none."""
    homes = []
    if path and name in whole.get("properties", {}):
        homes.append("the recipe itself (above its first [table])")
    for table, schema in whole.get("properties", {}).items():
        listed = schema.get("type") == "array"
        shape = schema.get("items", {}) if listed else schema.get("anyOf", [schema])[0]
        keys = shape.get("properties", {}) if table != "defaults" else {}
        if name in keys:
            homes.append(f"[[{table}]]" if listed else f"[{table}]")
        homes += [f"{inner} in [{table}]" for inner, within in keys.items()
                  if not listed and name in within.get("properties", {})]  # fmt: skip
    return f"it is a key of {' and of '.join(homes)}" if homes else ""


def _meant(error: ValidationError) -> list[ValidationError]:
    """Return what is wrong by the one of several schemas whose kind of value is there; nothing if none is."""
    by_schema: dict[Any, list[ValidationError]] = {}
    for inner in error.context or []:
        by_schema.setdefault(inner.relative_schema_path[0], []).append(inner)
    fitting = [problems for problems in by_schema.values() if not any(map(_other_kind, problems))]
    return min(fitting, key=len) if fitting else []


def _other_kind(error: ValidationError) -> bool:
    """Check whether a value is of another kind than its schema wants."""
    own_words = error.validator == "enum" and not isinstance(error.instance, str)
    return not error.relative_path and (error.validator == "type" or own_words)


def _expected(schema: Mapping[str, Any], plural: bool = False) -> str:
    """Say what a schema takes."""
    if "description" in schema:
        return str(schema["description"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return ", or ".join(dict.fromkeys(_expected(choice) for choice in schema[several]))
    if "enum" in schema:
        return f"one of {word_list(schema['enum'])}"
    kinds = schema.get("type", "object")
    if "minLength" in schema:
        return "texts that are not empty" if plural else "text that is not empty"
    words = " or ".join(
        _WORDS[kind][plural] for kind in ([kinds] if isinstance(kinds, str) else kinds)
    )
    bounds = [f"{word} {_number(schema[name])}" for name, word in _BOUNDS.items() if name in schema]
    return ", ".join([words + _contents(schema), *bounds])


def _number(value: float) -> str:
    return f"{int(value):,}" if float(value).is_integer() else f"{value:g}"


def _contents(schema: Mapping[str, Any]) -> str:
    """Say what a list or a table holds."""
    items: Mapping[str, Any] = schema.get("items", {})
    number = schema.get("minItems", 0)
    if schema.get("type") == "array" and items:
        if number and number == schema.get("maxItems"):
            return f" of {number} {_expected(items, True)}"
        return f" of {_expected(items, True)}{', with one at least' * bool(number)}"
    names: Sequence[str] = [*schema.get("properties", {}), *schema.get("patternProperties", {})]
    return f" of {word_list(names)}" if schema.get("type") == "object" and names else ""
