"""A summary of a recipe for a person: its sources as a table, and the rest in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from medqa_kit.core.showing.shown import Block

_ASIDE = ("name", "label", "split", "subset", "read")


def recipe_blocks(said: Mapping[str, Any]) -> Iterator[Block]:
    """Return what shows a recipe.

    Args:
        said: What the recipe says, as :meth:`~medqa_kit.Recipe.as_data` returns it.
    """
    about = f": {said['about']}" if said["about"] else ""
    yield f"recipe {said['name']}{about}"
    yield f"for {said['use']} use, seed {said['seed']}, validation {_brief(said['validation'])}"
    yield [("source", "subset", "split", "what else is said"), *map(_source, said["sources"])]
    yield f"formats: {', '.join(_form(form) for form in said['formats'])}"
    for name, words in (("holdouts", "further holdouts"), ("without", "holdouts left out")):
        if said[name]:
            yield f"{words}: {', '.join(said[name])}"
    for name in ("accept", "dedupe", "mix", "gate", "reference", "generate"):
        if said.get(name):
            yield f"{name}: {_brief(said[name])}"


def _source(entry: Mapping[str, Any]) -> tuple[str, ...]:
    rest = {name: value for name, value in entry.items() if name not in _ASIDE and value}
    return entry["name"], entry["subset"] or "all", ", ".join(entry["split"]), _brief(rest)


def _form(form: Mapping[str, Any]) -> str:
    return f"{form['record']}" if "record" in form else _brief(form)


def _brief(value: Any) -> str:
    """Write a value as a person reads it, nested ones as ``key=value``."""
    if isinstance(value, Mapping):
        return ", ".join(
            f"{key}={_brief(inner)}" for key, inner in value.items() if inner is not None
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_brief, value)) + "]"
    return str(value)
