"""The regular expressions of the package, and texts that take them long.

What a pattern is slow on is made of its own pieces: a run of one of its characters or literals, of
which each place is a beginning, and none an end.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import re._constants as codes  # type: ignore[import-not-found, unused-ignore]
import re._parser as parser  # type: ignore[import-not-found, unused-ignore]
from collections.abc import Iterator
from typing import Any

import medqa_kit

_SAMPLES = {"CATEGORY_SPACE": " ", "CATEGORY_DIGIT": "7", "CATEGORY_WORD": "a",
            "CATEGORY_NOT_SPACE": "a", "CATEGORY_NOT_DIGIT": "-", "CATEGORY_NOT_WORD": "-"}  # fmt: skip


def patterns() -> dict[str, re.Pattern[Any]]:
    """Return the compiled patterns that modules hold, by module and name."""
    by_place: dict[str, re.Pattern[Any]] = {}
    for info in pkgutil.walk_packages(medqa_kit.__path__, "medqa_kit."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            for place, pattern in _within(value):
                by_place.setdefault(f"{info.name}.{name}{place}", pattern)
    seen: dict[Any, str] = {}
    for name, pattern in by_place.items():
        seen.setdefault((pattern.pattern, pattern.flags), name)
    return {name: by_place[name] for name in seen.values()}


def _within(value: Any, depth: int = 0) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, re.Pattern):
        yield "", value
    elif isinstance(value, (tuple, list)) and depth < 3:
        for number, inner in enumerate(value):
            yield from ((f"[{number}]{place}", p) for place, p in _within(inner, depth + 1))
    elif isinstance(value, dict) and depth < 3:
        for key, inner in [*value.items()]:
            yield from ((f"[{key!r}]{place}", p) for place, p in _within(inner, depth + 1))
            yield from ((f"[{key!r}]{place}", p) for place, p in _within(key, depth + 1))


def pumps(pattern: re.Pattern[Any]) -> list[Any]:
    """Return short texts of which long runs may take a pattern long."""
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    flags = pattern.flags & ~re.UNICODE if isinstance(source, bytes) else pattern.flags
    literals: list[str] = []
    letters: set[str] = {" ", "a", "7", "\n"}
    _walk(parser.parse(text, flags & ~re.DEBUG), literals, letters)
    runs = [run for run in dict.fromkeys(literals) if run]
    texts = [*sorted(letters)[:40], *runs[:40]]
    texts += [first + second for first in runs[:6] for second in (" ", "a", "7", *runs[:6])]
    texts += [first + second for first in sorted(letters)[:8] for second in sorted(letters)[:8]]
    texts = list(dict.fromkeys(texts))
    return (
        [pump.encode("latin-1", "replace") for pump in texts]
        if isinstance(source, bytes)
        else texts
    )


def _walk(parsed: Any, literals: list[str], letters: set[str]) -> None:
    run = ""
    for code, argument in parsed:
        if code is codes.LITERAL:
            run += chr(argument)
            letters.add(chr(argument))
            continue
        literals.append(run)
        run = ""
        if code is codes.IN:
            for kind, inner in argument:
                if kind is codes.LITERAL:
                    letters.add(chr(inner))
                elif kind is codes.RANGE:
                    letters.add(chr(inner[0]))
                elif kind is codes.CATEGORY:
                    letters.add(_SAMPLES.get(str(inner), "a"))
        for inner in _inner(argument):
            _walk(inner, literals, letters)
    literals.append(run)


def _inner(argument: Any) -> Iterator[Any]:
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, (tuple, list)):
        for part in argument:
            yield from _inner(part)
