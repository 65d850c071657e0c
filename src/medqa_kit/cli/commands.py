"""The parts of a command: its arguments, its output, and its exit codes."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FINE, FOUND, FAILED, GATE_CLOSED, STOPPED = 0, 1, 2, 4, 130
EXIT_CODES: dict[int, str] = {
    FINE: "the command did what it was asked, and has nothing to object",
    FOUND: "it found what it looks for: a leak, an error, a difference, a use that is not granted",
    FAILED: "it could not do it, or cannot tell: wrong words, a missing file, no network",
    GATE_CLOSED: "`build` and `remix`: the result is not what the gates of its recipe allow",
    STOPPED: "it was stopped with Ctrl-C; nothing half-written is left",
}
"""What the program ends with, whatever the command."""


@dataclass(frozen=True)
class Printout:
    """What a command prints, and how it ends.

    Attributes:
        result: Prints as text. With ``--json`` its ``to_json()`` is printed, or the value itself as JSON.
        code: One of :data:`EXIT_CODES`.
        text: What is printed instead of the result where JSON is not asked for.
        notes: Lines for the person beside the result; they go to the standard error.
    """

    result: Any
    code: int = FINE
    text: str | None = None
    notes: Sequence[str] = ()

    def as_text(self) -> str:
        """Return what a person reads."""
        return str(self.result) if self.text is None else self.text

    def as_json(self) -> str:
        """Return one JSON document on one line."""
        if hasattr(self.result, "to_json"):
            return str(self.result.to_json())
        return json.dumps(self.result, ensure_ascii=False, default=str)


@dataclass(frozen=True)
class Command:
    """One command of the program.

    Attributes:
        name: What is typed after ``medqa-kit``.
        about: A sentence or two for the help.
        words: Adds the words it takes to its parser; called when the command is asked for, so that the
            others cost nothing.
        run: Does it.
        example: A line for the help that runs as it stands.
        codes: When it ends with other codes than 0, in its own words; with 2 it ends whenever it fails.
    """

    name: str
    about: str
    words: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], Printout]
    example: str
    codes: Mapping[int, str] = field(default_factory=dict)

    @property
    def epilog(self) -> str:
        """What stands below the words in the help: how the command ends, and an example."""
        codes = {FINE: "done", FAILED: "it could not be done", **self.codes}
        told = "".join(f"\n  {code}  {why}" for code, why in sorted(codes.items()))
        return f"exit codes:{told}\n\nexample: {self.example}"
