"""Completion in shells: names of sources, holdouts, recipes and checks as well as words."""

from __future__ import annotations

import re
from argparse import Action, ArgumentParser
from collections.abc import Callable, Iterator
from typing import Any

import medqa_kit as mk
from medqa_kit.cli.words import CHECK, FILE, FOLDER, HOLDOUT, RECIPE, SOURCE

SHELLS = ("bash", "zsh", "fish")

_NAMES: dict[str, Callable[[], list[str]]] = {
    SOURCE: lambda: [source.name for source in mk.sources()],
    HOLDOUT: lambda: [holdout.name for holdout in mk.holdouts()],
    RECIPE: lambda: [recipe.name for recipe in mk.shipped_recipes()],
    CHECK: lambda: [check.name for check in mk.checks()],
}
_OR_FILES = (HOLDOUT, RECIPE, SOURCE)  # words that may be a file as well
_FISH_FILES = "(__fish_complete_path (commandline -ct))"


def completion_script(parser: ArgumentParser, shell: str) -> str:
    """Return the text that a shell reads to complete the words of the program.

    The names stand in the text: a shell completes them without starting Python.

    Args:
        parser: Of the program, with the words of all commands.
        shell: One of :data:`SHELLS`.

    Raises:
        MissingExtraError: ``shtab`` is not installed.
    """
    try:
        import shtab
    except ImportError as error:
        raise mk.errors.MissingExtraError(
            "shtab", "completion", need="completion in shells"
        ) from error
    names = {kind: list_names() for kind, list_names in _NAMES.items()}
    functions: dict[str, Any] = {FILE: shtab.FILE, FOLDER: shtab.DIRECTORY}
    for kind, listed in names.items():
        words, files = " ".join(listed), kind in _OR_FILES
        functions[kind] = {
            "bash": f"_medqa_kit_{kind}s",
            "zsh": f"_medqa_kit_{kind}s" if files else f"({words})",
            "fish": f"{words} {_FISH_FILES}" if files else words,
        }
    for action in _actions(parser):
        if word := getattr(action, "completes", None):
            action.complete = functions[word]  # type: ignore[attr-defined]  # what shtab reads
    preamble = {"bash": _bash(names), "zsh": _zsh(names), "fish": ""}[shell]
    script = str(shtab.complete(parser, shell, preamble=preamble))
    # What shtab writes for words that repeat, zsh completes at the first of them alone.
    return re.sub(r'"\(\*\)::?', '"*:', script) if shell == "zsh" else script


def _actions(parser: ArgumentParser) -> Iterator[Action]:
    for action in parser._actions:
        yield action
        if isinstance(action.choices, dict):  # the commands
            for inner in action.choices.values():
                yield from _actions(inner)


def _bash(names: dict[str, list[str]]) -> str:
    return "\n".join(
        f'_medqa_kit_{kind}s() {{ compgen -W "{" ".join(listed)}" -- "$1"; '
        + ('compgen -f -- "$1"; ' if kind in _OR_FILES else "")
        + "}"
        for kind, listed in names.items()
    )


def _zsh(names: dict[str, list[str]]) -> str:
    return "\n".join(
        f"_medqa_kit_{kind}s() {{ compadd -- {' '.join(listed)}; _files }}"
        for kind, listed in names.items() if kind in _OR_FILES
    )  # fmt: skip
