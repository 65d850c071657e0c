"""Wrong recipes, made systematically: each key of the declaration with each of some wrong values."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from medqa_kit.building.recipes.reading import recipe_schema

WRONG: Mapping[str, Any] = {
    "true": True, "whole": 7, "negative": -3, "zero": 0, "huge": 10**400, "large": 5e30, "fraction": 0.3,
    "nan": float("nan"), "infinite": float("inf"), "word": "nosuchword", "empty text": "", "half": "a\ud800b",
    "control": "a\x00\x1bb", "long": "x" * 100_000, "line": "a\nb", "empty list": [], "words": ["nosuchword", "other"],
    "numbers": [2, 1, 7], "lists": [[]], "empty table": {}, "table": {"nosuchkey": 1}, "markup": "<b>&\u202e",
    "home": "~nobody-of-that-name/a.json",
}  # fmt: skip
RAW = (
    "is not valid under", "is not one of", "is not of type", "is a required property", "should be non-empty",
    "does not match", "were unexpected", "is too short", "is too long", "is less than", "is greater than",
    "given schemas", "Failed validating", "Traceback", "is not a multiple",
)  # fmt: skip
"""How the validator of JSON Schemas speaks, which no user should read."""

Place = tuple[str, ...]

COMPANIONS: Mapping[Place, tuple[Place, Any]] = {
    ("source", "weight"): (("mix", "by"), "rows"), ("source", "repeat"): (("mix", "by"), "rows"),
    ("source", "max_repeat"): (("mix", "by"), "rows"), ("source", "max_share"): (("mix", "by"), "rows"),
    ("source", "where", "tokens"): (("mix", "tokenizer"), "o200k_base"), ("mix", "budget"): (("mix", "tokenizer"), "o200k_base"),
    ("source", "few_shot"): (("source", "few_shot", "k"), 1), ("reference", "sources"): (("reference", "rows"), 9),
    ("reference", "notes"): (("reference", "rows"), 9),
    ("mix", "budget", "fit"): (("mix", "budget", "max_tokens"), 100), ("split", "validation", "share"): (("split", "validation", "source"), "kormedmcqa"),
    ("source", "read"): (("source", "as"), "own"), ("generate", "named"): (("generate", "named"), {"task": "paraphrase", "model": "m", "out": "asked"}),
}  # fmt: skip
"""What a key stands beside, so that it alone is wrong."""
NAMES = {"column_chars": "question"}
"""Keys in tables of any names, where only some names are right."""


def keys() -> list[Place]:
    """List the places of all keys; those of a source stand after ``source``, of its defaults are the same."""
    places = dict.fromkeys(_keys(recipe_schema(), ()))
    return [place for place in places if place[:1] != ("defaults",) or len(place) == 1]


def _keys(schema: Mapping[str, Any], at: Place) -> Iterator[Place]:
    for several in ("anyOf", "oneOf"):
        for part in schema.get(several, ()):
            yield from _keys(part, at)
    for name, part in schema.get("properties", {}).items():
        yield (*at, name)
        yield from _keys(part, (*at, name))
    if isinstance(schema.get("items"), Mapping):
        yield from _keys(schema["items"], at)
    if isinstance(part := schema.get("additionalProperties"), Mapping) and "properties" in part:
        yield from _keys(part, (*at, NAMES.get(at[-1], "named")))


def wrong_recipe(place: Place, value: Any) -> dict[str, Any]:
    """Return a recipe that is right but for one value, unless that is right as well."""
    data: dict[str, Any] = {"name": "demo", "source": [{"name": "kormedmcqa"}]}
    for key, (beside, right) in COMPANIONS.items():
        if place[: len(key)] == key:
            _put(data, beside, copy.deepcopy(right))
    _put(data, place, value)
    return data


def _put(data: dict[str, Any], place: Place, value: Any) -> None:
    table = data
    if place[0] == "source" and len(place) > 1:
        table, place = data["source"][0], place[1:]
    for word in place[:-1]:
        table = table.setdefault(word, {})
    table[place[-1]] = value


def toml(data: Mapping[str, Any]) -> str:
    """Write a recipe as TOML, a line for each of its keys."""
    return "".join(f"{_word(key)} = {_toml(value)}\n" for key, value in data.items())


def _word(key: str) -> str:
    return json.dumps(key)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_word(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return "9" * 400 if value == 10**400 else str(value)
    return json.dumps(value) if isinstance(value, str) else repr(value)
