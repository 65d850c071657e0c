"""Declare a table of a recipe as a dataclass: it gives the JSON Schema and reads the values of TOML."""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from medqa_kit.core.arguments import number, whole_number
from medqa_kit.errors import ArgumentError, MedQAError

Path = tuple[str | int, ...]
"""Where something stands in a recipe: keys, and numbers of the tables of a list."""

MOST_ROWS = 10**12
"""The most rows that a recipe can speak of."""

SHARE = {"type": "number", "minimum": 0, "maximum": 1}
"""JSON Schema of a share."""

_SIMPLE: Mapping[type, dict[str, Any]] = {
    str: {"type": "string", "minLength": 1}, int: {"type": "integer"}, float: {"type": "number"},
    bool: {"type": "boolean"},
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """How a field stands in TOML, where its type does not say it.

    Attributes:
        word: The key, where it is not the field's name; empty for fields that no file holds.
        schema: JSON Schema of the value.
        value: Makes the field's value out of it.
        least: The smallest number it may be.
        most: The largest one.
        above: What it must be larger than.
        hint: What to write instead of a number that is out of range.
    """

    word: str | None = None
    schema: Mapping[str, Any] | None = None
    value: Callable[[Any], Any] | None = None
    least: float | None = None
    most: float | None = None
    above: float | None = None
    hint: str = ""

    @property
    def metadata(self) -> dict[str, Key]:
        """Return what ``dataclasses.field`` takes as its metadata."""
        return {"key": self}

    @property
    def bounds(self) -> dict[str, float]:
        """Return the range of a number as JSON Schema has it."""
        named = {"minimum": self.least, "maximum": self.most, "exclusiveMinimum": self.above}
        return {name: bound for name, bound in named.items() if bound is not None}


@dataclass(frozen=True)
class Problem:
    """What is wrong at one place of a recipe."""

    path: Path
    message: str


def table_schema(kind: type) -> dict[str, Any]:
    """Return the JSON Schema of the table that a dataclass declares.

    Example:
        >>> from medqa_kit.building.recipes.conditions import Bounds
        >>> table_schema(Bounds)["properties"]["min"]
        {'type': 'number'}
    """
    declared = [(key, field, hint) for key, field, hint in _keys(kind)]
    needed = [key for key, field, _ in declared
              if field.default is MISSING and field.default_factory is MISSING]  # fmt: skip
    return {
        **named_values({}),
        **({"required": needed} if needed else {}),
        "properties": {key: {**(_key(field).schema or _schema(hint)), **_key(field).bounds}
                       for key, field, hint in declared},
    }  # fmt: skip


def named_values(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a table with some keys and no others.

    Example:
        >>> named_values({"ko": SHARE})["additionalProperties"]
        False
    """
    return {"type": "object", "additionalProperties": False, "properties": dict(properties)}


def check_numbers(table: object) -> None:
    """Check the numbers of a declared table against the ranges that its fields declare, and keep them as plain numbers.

    Raises:
        ArgumentError: One is none, or out of its range.

    Example:
        >>> from medqa_kit.building.recipes.whole_set import Mix
        >>> Mix(epochs=0)
        Traceback (most recent call last):
        ...
        medqa_kit.errors.classes.ArgumentError: epochs= takes a number.
          expected: at least 1, at most 1000
          found:    0
        Hint: choose a number in that range.
    """
    for _, field, hint in _keys(cast(Any, type(table))):
        key, value = _key(field), getattr(table, field.name)
        if value is None or not key.bounds:
            continue
        least, most = (inf if at is None else at for at, inf in ((key.least, -math.inf), (key.most, math.inf)))  # fmt: skip
        if _given(hint) is int:
            value = whole_number(field.name, value, least=least, most=most, hint=key.hint)
        else:
            above = -math.inf if key.above is None else key.above
            value = number(field.name, value, least=least, most=most, above=above, hint=key.hint)
        object.__setattr__(table, field.name, value)  # frozen for all others


def table_value(kind: type, data: Mapping[str, Any], path: Path, problems: list[Problem]) -> Any:
    """Make the value of a dataclass out of a table that fits its schema.

    Args:
        kind: The dataclass.
        data: The table.
        path: Where it stands.
        problems: Takes what is wrong with it; the value is ``None`` then.
    """
    before, values = len(problems), {}
    for key, field, hint in _keys(kind):
        if key not in data:
            continue
        try:
            read = _key(field).value
            values[field.name] = (
                read(data[key]) if read else _value(hint, data[key], (*path, key), problems)
            )
        except MedQAError as error:
            problems.append(problem_of(error, (*path, key)))
    if len(problems) > before:
        return None
    try:
        return kind(**values)
    except ArgumentError as error:
        words = {field.name: key for key, field, _ in _keys(kind)}
        name = words.get(error.argument.partition(".")[0])
        problems.append(problem_of(error, path if name is None else (*path, name)))
        return None


def problem_of(error: MedQAError, path: Path) -> Problem:
    """Return an error as a problem of a place.

    Example:
        >>> problem_of(MedQAError("too many", expected="3", found="4", hint="leave one out"), ("mix", "size"))
        Problem(path=('mix', 'size'), message='too many; expected 3, found 4; leave one out')
    """
    instead = f", found {error.found}" if error.found else ""
    expected = f"; expected {error.expected}" if error.expected else ""
    return Problem(path, f"{error.what}{expected}{instead}; {error.hint}")


def declared_fields(kind: type) -> list[tuple[str, Field[Any]]]:
    """Return the fields of a declared table, each with the key under which TOML has it.

    Example:
        >>> from medqa_kit.building.recipes.few_shots import FewShots
        >>> [key for key, _ in declared_fields(FewShots)]
        ['k', 'from', 'mode', 'most']
    """
    return [(key, field) for key, field, _ in _keys(kind)]


@cache
def _keys(kind: type) -> tuple[tuple[str, Field[Any], Any], ...]:
    hints = get_type_hints(kind)
    listed = ((_key(field).word, field) for field in fields(kind))
    return tuple((field.name if word is None else word, field, hints[field.name])
                 for word, field in listed if word != "")  # fmt: skip


def _key(field: Field[Any]) -> Key:
    key: Key = field.metadata.get("key", Key())
    return key


def _given(hint: Any) -> Any:
    """Leave ``None`` out of a type: what is absent is not written."""
    if get_origin(hint) in (Union, types.UnionType):
        rest = [each for each in get_args(hint) if each is not type(None)]
        return rest[0] if len(rest) == 1 else Union[tuple(rest)]  # noqa: UP007
    return hint


def _schema(hint: Any) -> dict[str, Any]:
    hint = _given(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is Union:
        return {"anyOf": [_schema(each) for each in inner]}
    if is_dataclass(hint):
        return table_schema(hint)  # type: ignore[arg-type]
    if origin is tuple and inner[-1] is ...:
        item = _schema(inner[0])
        several = {"type": "array", "items": item, "minItems": 1}
        return several if is_dataclass(inner[0]) else {"anyOf": [item, several]}
    if origin is tuple:
        return {"type": "array", "prefixItems": [_schema(each) for each in inner],
                "minItems": len(inner), "maxItems": len(inner)}  # fmt: skip
    return {"type": "object", "additionalProperties": _schema(inner[1])}


def _value(hint: Any, data: Any, path: Path, problems: list[Problem]) -> Any:
    hint = _given(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return table_value(hint, data, path, problems)  # type: ignore[arg-type]
    if origin is tuple:
        listed = data if isinstance(data, list | tuple) else [data]
        kinds = [inner[0]] * len(listed) if inner[-1] is ... else inner
        return tuple(_value(kind, each, (*path, at), problems)
                     for at, (kind, each) in enumerate(zip(kinds, listed, strict=True)))  # fmt: skip
    if isinstance(data, Mapping):
        return {name: _value(inner[1], each, (*path, name), problems)
                for name, each in data.items()}  # fmt: skip
    return int(data) if hint is int and isinstance(data, float) and data.is_integer() else data
