"""Problems of a recipe as one error, which names the line, the source and the key of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from medqa_kit.building.recipes.declared_tables import Path, Problem
from medqa_kit.building.recipes.toml_lines import Line, line_of
from medqa_kit.core.tables import counted
from medqa_kit.errors import ArgumentError, RecipeError, shorten

_OF_THE_CALL = ("num_proc", "token", "cache_dir", "origin", "processes", "engine")
"""Arguments that no recipe gives."""
_PLAIN = re.compile(r"[\w-]{1,80}")


@dataclass(frozen=True)
class Whereabouts:
    """The places of the values of a recipe, for messages about its problems.

    Attributes:
        raw: Data of the recipe, with the table ``defaults`` beside the sources.
        data: The same with the defaults in each source.
        lines: The line of each key.
        settings: For the place of each value that is set beside the file, the key it was set by.
        file: The file.
    """

    raw: Mapping[str, Any]
    data: Mapping[str, Any]
    lines: Mapping[Path, Line]
    settings: Mapping[Path, str]
    file: str | None

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Raise one error for all problems of the recipe.

        Raises:
            RecipeError: There are some.
        """
        if not problems:
            return
        told = sorted(
            {self._told(self._of_defaults(problem.path), problem.message) for problem in problems}
        )
        raise RecipeError(
            f"the recipe has {counted(len(told), 'problem')}", file=self.file,
            found="\n".join(text for _, text in told),
            hint="see docs/recipes.md for what may stand there",
        )  # fmt: skip

    def _of_defaults(self, path: Path) -> Path:
        """Return the place in ``defaults`` of what a source says by them alone."""
        if len(path) < 3 or path[0] != "source":
            return path
        inner, defaults = path[2:], self.raw.get("defaults", {})
        if _stands(inner[:1], _at(self.raw, path[:2])) and _stands(inner, _at(self.raw, path[:2])):
            return path
        return ("defaults", *inner) if _stands(inner, defaults) else path

    def _told(self, path: Path, message: str) -> tuple[tuple[str, int], str]:
        if beside := self._beside(path):
            return ("", 0), f"set {'.'.join(map(_word, beside.split('.')))}: {message}"
        where, inner = "", path
        if len(path) > 1 and path[0] == "source" and isinstance(at := path[1], int):
            name = source_label(_at(self.data, path[:2]))
            where, inner = f"source {shorten([name])}" if name else f"source {at + 1}", path[2:]
        line = line_of(path, self.lines)
        key = ".".join(map(_word, inner))
        place = ", ".join(filter(None, [line.said if line else "", where, key])) or "recipe"
        return (line.file, line.number) if line else ("", 0), f"{place}: {message}"

    def _beside(self, path: Path) -> str:
        """Return the key of the setting that a problem is of; empty where it is of the file."""
        for place, key in self.settings.items():
            within = path[: len(place)] == place
            if path and (within or (place[: len(path)] == path and path not in self.lines)):
                return key
        return ""


@contextmanager
def recipe_errors(recipe: str, source: str | None = None) -> Iterator[None]:
    """Turn what is told of an argument that a recipe gives into an error of the recipe.

    Args:
        recipe: Its name.
        source: What it calls the source that the argument is of.

    Raises:
        RecipeError: The block raised an ``ArgumentError``.

    Example:
        >>> with recipe_errors("demo", "klue"):
        ...     raise ArgumentError("revision= takes text", argument="revision", hint="leave it out")
        Traceback (most recent call last):
        ...
        medqa_kit.errors.classes.RecipeError: source 'klue', file 'demo': revision= takes text.
        Hint: leave it out.
    """
    try:
        yield
    except ArgumentError as error:
        if error.argument in _OF_THE_CALL:
            raise
        raise RecipeError(error.what, file=recipe, source=source, expected=error.expected, found=error.found,
                          column=error.column, hint=error.hint) from error  # fmt: skip


def source_label(data: Any) -> Any:
    """Return what a recipe calls a source.

    Example:
        >>> source_label({"name": "klue", "as": "news"})
        'news'
    """
    return data.get("as", data.get("name")) if isinstance(data, Mapping) else None


def _word(key: str | int) -> str:
    return str(key) if isinstance(key, int) or _PLAIN.fullmatch(key) else shorten([key])


def _at(data: Any, path: Path) -> Any:
    for key in path:
        if not _stands((key,), data):
            return None
        data = data[key]
    return data


def _stands(path: Path, data: Any) -> bool:
    for key in path:
        inside = key in data if isinstance(data, Mapping) else (
            isinstance(data, list) and isinstance(key, int) and key < len(data)
        )  # fmt: skip
        if not inside:
            return False
        data = data[key]
    return True
