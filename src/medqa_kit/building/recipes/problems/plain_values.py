"""Values of a recipe as TOML holds them, and values that TOML cannot hold."""

from __future__ import annotations

import datetime
import math
import os
import re
from collections.abc import Mapping
from typing import Any

from medqa_kit.building.recipes.declared_tables import Path, Problem
from medqa_kit.errors import ArgumentError, shorten

_DEEPEST = 40  # tables in tables
_LARGEST = 2**63 - 1
_UNWRITABLE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TOML = (bool, int, float, str, datetime.date, datetime.time, type(None))


def plain_value(data: Any, depth: int = 0) -> Any:
    """Return what a person wrote in Python as TOML would hold it; what it cannot hold stays as it is.

    Tuples become lists, ranges of years a first and a last one, paths text, arrays lists, and
    numbers of NumPy numbers of Python.

    Example:
        >>> plain_value({"split": ("train",), "years": range(2012, 2015)})
        {'split': ['train'], 'years': {'from': 2012, 'to': 2014}}
    """
    if depth > _DEEPEST:
        return data
    if isinstance(data, Mapping):
        return {key: plain_value(value, depth + 1) for key, value in data.items()}
    if callable(to_list := getattr(data, "tolist", None)):  # an array, or a number of one
        return plain_value(to_list(), depth + 1)
    if isinstance(data, list | tuple):
        return [plain_value(value, depth + 1) for value in data]
    if isinstance(data, range) and len(data) and data.step == 1:
        return {"from": data.start, "to": data.stop - 1}
    if isinstance(data, os.PathLike) and isinstance(path := os.fspath(data), str):
        return path
    return data


def odd_values(data: Any, path: Path = ()) -> list[Problem]:
    r"""Find what no recipe can hold: texts that cannot be written, numbers without a value, other objects.

    Example:
        >>> [problem.path for problem in odd_values({"about": "\ud800", "mix": {"size": float("nan")}})]
        [('about',), ('mix', 'size')]
    """
    if len(path) > _DEEPEST:
        return [Problem(path[:1], f"takes at most {_DEEPEST} tables in each other")]
    if isinstance(data, Mapping):
        return [problem for key, value in data.items() for problem in _of_key(key, value, path)]
    if isinstance(data, list):
        return [
            problem for at, value in enumerate(data) for problem in odd_values(value, (*path, at))
        ]
    why = _why_odd(data)
    return [Problem(path, f"{why}, found {shorten([data])}")] if why else []


def _of_key(key: object, value: Any, path: Path) -> list[Problem]:
    if not isinstance(key, str):
        return [Problem(path, f"takes keys that are text, found {shorten([key])}")]
    if why := _why_odd(key):
        return [Problem(path, f"has a key that no file can hold: {why}, found {shorten([key])}")]
    return odd_values(value, (*path, key))


def refuse_odd(data: Any) -> None:
    """Refuse a recipe that holds what none can.

    Raises:
        ArgumentError: It does.
    """
    for problem in odd_values(plain_value(data)):
        name = ".".join(map(str, problem.path))
        expected, _, found = problem.message.rpartition(", found ")
        raise ArgumentError(f"{name}= holds what no recipe can", argument=name, expected=expected,
                            found=found, hint="write text, numbers, lists and tables")  # fmt: skip


def _why_odd(value: object) -> str:
    """Return what is wrong with a single value; nothing where all is well."""
    if isinstance(value, str):
        if _UNWRITABLE.search(value):
            return "takes text that can be written, without half a surrogate pair"
        return "takes text without control characters" if _CONTROL.search(value) else ""
    if isinstance(value, float) and not math.isfinite(value):
        return "takes a number that is finite"
    if isinstance(value, int) and abs(value) > _LARGEST:
        return f"takes numbers of at most {_LARGEST:,}"
    return (
        "" if isinstance(value, _TOML) else "takes what TOML holds: text, numbers, lists and tables"
    )
