"""The settings in which two builds differ: lines of their recipes, and the facts behind them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

SETTINGS = pa.schema({"name": pa.string(), "before": pa.string(), "after": pa.string()})
"""A setting that differs: its name, and what it is in each build as JSON; null where it is in one alone."""

_NAMES = ("alias", "name")
_SWITCHES = ("mix", "dedupe")  # tables that say something by being there


def recipe_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> pa.Table:
    """Compare the recipes of two manifests, line by line.

    Returns:
        A table with the schema :data:`SETTINGS`, sorted by name, such as ``sources[kormedmcqa].years``.

    Example:
        >>> recipe_changes({"seed": 0, "mix": {"by": "rows"}}, {"seed": 1, "mix": {"by": "rows"}}).to_pylist()
        [{'name': 'seed', 'before': '0', 'after': '1'}]
    """
    return _differing(dict(_lines(before)), dict(_lines(after)))


def input_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> pa.Table:
    """Compare what the builds read beside their recipes: revisions, contents, holdouts and versions.

    Args:
        before: Manifest of one build.
        after: Manifest of the other.

    Returns:
        A table with the schema :data:`SETTINGS`, sorted by name, such as ``kormedmcqa/doctor/train``; of what has
        several facts, those that differ.

    Example:
        >>> one, two = ({"medqa_kit": "1", "origin": "hub", "sources": [], "holdouts": [],
        ...              "retracted": [{"items": ["kbmc/1"], "before": digest}]} for digest in ("a", None))
        >>> input_changes(one, two).to_pylist()
        [{'name': 'retracted 1', 'before': '{"before": "a"}', 'after': '{"before": null}'}]
    """
    return _differing(dict(_inputs(before)), dict(_inputs(after)))


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> pa.Table:
    rows = [{"name": name, "before": _json(before, after, name), "after": _json(after, before, name)}
            for name in sorted({*before, *after}) if before.get(name) != after.get(name)]  # fmt: skip
    return pa.Table.from_pylist(rows, SETTINGS)


def _json(values: Mapping[str, Any], others: Mapping[str, Any], name: str) -> str | None:
    if name not in values:
        return None
    value, other = values[name], others.get(name)
    if isinstance(value, Mapping) and isinstance(
        other, Mapping
    ):  # what is the same would hide what is not
        value = {key: value[key] for key in value if key not in other or value[key] != other[key]}
    return json.dumps(value, ensure_ascii=False)


def _lines(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Return what a recipe says by its place: lists of tables by the names of these."""
    if path in _SWITCHES:
        yield path, {}
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _lines(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and all(isinstance(inner, Mapping) for inner in value):
        for label, inner in zip(_labels(value), value, strict=True):
            yield from _lines(inner, f"{path}[{label}]")
    elif value not in (None, {}, []):
        yield path, value


def _labels(tables: Sequence[Mapping[str, Any]]) -> list[str]:
    labels: list[str] = []
    for table in tables:
        label = next((str(table[name]) for name in _NAMES if table.get(name)), "")
        repeated = sum(other.partition("#")[0] == label for other in labels)
        labels.append(f"{label}#{repeated + 1}" if repeated else label)
    return labels


def _inputs(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "medqa_kit", manifest["medqa_kit"]
    yield "origin", manifest["origin"]
    for each in manifest["sources"]:
        yield f"{each['name']} version", each["version"]
        for part, facts in each["parts"].items():
            yield f"{each['name']}/{part}", facts.get("revision") or facts.get("content")
    for holdout in manifest["holdouts"]:
        if holdout["applied"]:
            # As many items may be others.
            facts = {key: holdout[key] for key in ("items", "sha256", "content") if key in holdout}
            yield f"holdout {holdout['name']}", facts
    for at, entry in enumerate(manifest.get("retracted", ())):
        yield f"retracted {at + 1}", entry
