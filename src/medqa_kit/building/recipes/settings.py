"""Keys of a recipe that are set beside its file, such as ``mix.size=1e6``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from medqa_kit.building.recipes.declared_tables import Path
from medqa_kit.building.recipes.problems.plain_values import plain_value
from medqa_kit.core.arguments import did_you_mean, instance, nonempty_text
from medqa_kit.errors import ArgumentError, shorten

_LISTS = ("source", "format")
"""Keys whose tables are known by name."""


def parsed_setting(text: str) -> tuple[str, Any]:
    """Read ``key=value``: the value as in TOML, or else as text.

    Raises:
        ArgumentError: There is no key.

    Example:
        >>> parsed_setting("mix.size=1e6"), parsed_setting("use=commercial"), parsed_setting("gate.dropped=0.5")
        (('mix.size', 1000000), ('use', 'commercial'), ('gate.dropped', 0.5))
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ArgumentError("this sets nothing", argument="set", expected="KEY=VALUE", found=shorten([text]),
                            hint="--set mix.size=1e6")  # fmt: skip
    return key.strip(), _value(value.strip())


def with_settings(
    data: Mapping[str, Any], settings: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[Path, str]]:
    """Put what is set beside a recipe into what its file says.

    Args:
        data: What the file says.
        settings: Values by key: names with dots between them; of a source or a format, what the recipe
            calls it stands after ``source`` or ``format``.

    Returns:
        What the recipe says then, and by its place the key of each setting.

    Raises:
        ArgumentError: A key names a source or a format that is not there, or several, or what is no table;
            the data are none.

    Example:
        >>> with_settings({"name": "a", "source": [{"name": "klue"}]}, {"source.klue.max_rows": 5})[0]["source"]
        [{'name': 'klue', 'max_rows': 5}]
    """
    instance(
        "data", data, Mapping, expected="what TOML holds", hint="Recipe.read(path) reads a file"
    )
    instance("settings", settings, Mapping, expected="values by key", hint='{"mix.size": 1000}')
    changed, places = plain_value(data), dict[Path, str]()
    for key, value in settings.items():
        place = _place(nonempty_text("settings", key, hint='{"mix.size": 1000}'), changed)
        if place == ("extends",):
            raise ArgumentError("a recipe is extended in its file alone", argument="settings", found=key,
                                expected="keys that it has then", hint='write extends = "…" in the file')  # fmt: skip
        table: Any = changed
        word: Any
        for word, below in zip(place, (*place[1:], None), strict=True):
            if not isinstance(table, dict) and not (
                isinstance(table, list) and isinstance(word, int)
            ):
                raise ArgumentError(f"{key.rpartition('.')[0]!r} holds no keys", argument="settings",
                                    expected="a key of a table", found=key, hint="set the whole value")  # fmt: skip
            if below is None:
                table[word] = plain_value(value)
            elif isinstance(table, dict):
                table.setdefault(word, {})
            table = table[word]
        places[place] = key
    return changed, places


def _place(key: str, data: Mapping[str, Any]) -> Path:
    """Return where a key stands; the tables of a list are counted."""
    words = key.split(".")
    if words[0] == "format" and isinstance(form := data.get("format"), Mapping):
        names = (str(form[word]) for word in ("as", "record") if word in form)
        own = next((name for name in names if key.startswith(f"format.{name}.")), None)
        return tuple(words) if own is None else ("format", *key[len(f"format.{own}.") :].split("."))
    if words[0] not in _LISTS or not isinstance(data.get(words[0]), list) or len(words) < 2:
        return tuple(words)
    below = key.partition(".")[2]
    named: dict[str, int] = {}
    several: set[str] = set()
    for at, entry in enumerate(data[words[0]]):
        if isinstance(entry, Mapping):
            label = str(entry.get("as", entry.get("name", entry.get("record", at))))
            if named.setdefault(label, at) != at:
                several.add(label)
    # A name may have dots in it; of two that begin alike the longer one is meant.
    fits = [name for name in named if f"{below}.".startswith(f"{name}.")]
    if not fits:
        raise ArgumentError(
            f"there is no {words[0]} {words[1]!r} to set something of", argument="settings",
            expected=", ".join(named), found=key,
            hint=did_you_mean(words[1], named) or f"{words[0]}.{next(iter(named), 'NAME')}.{'.'.join(words[2:] or words[1:])}",
        )  # fmt: skip
    name = max(fits, key=len)
    if name in several:
        raise ArgumentError(f"several {words[0]}s are called {name!r}", argument="settings", found=key,
                            expected="a name of its own for the one that is meant",
                            hint='as = "early" in one of them')  # fmt: skip
    rest = below[len(name) + 1 :]
    return (words[0], named[name], *(rest.split(".") if rest else ()))


def _value(text: str) -> Any:
    try:
        read = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):  # no TOML, or a number without end
        return text
    if len(read) > 1:  # lines below the value
        return text
    value = read["value"]
    return int(value) if isinstance(value, float) and value.is_integer() else value
