"""Text for terminals that cannot show all of it, and for streams that are closed or full."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

_PLAIN = str.maketrans({"─": "-", "–": "-", "…": "...", "·": "*", "→": "->", "×": "x"})


def open_streams() -> None:
    """Let streams lead nowhere that were closed before the program began: a file that is opened later would be in their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - as long as the program runs


def say(text: str) -> None:
    """Print to the standard error; where nobody listens there, nothing is said."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        _lead_nowhere(sys.stderr)


def put_out(text: str) -> None:
    """Print to the standard output; a reader that closed it, such as ``head``, has seen enough.

    Raises:
        OSError: It cannot be written, since the disk is full, say.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _lead_nowhere(sys.stdout)
    except OSError:
        _lead_nowhere(sys.stdout)
        raise


def _lead_nowhere(stream: TextIO) -> None:
    with suppress(OSError, ValueError):  # so that nothing is said when the program ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def encodable(text: str, encoding: str | None, *, as_json: bool = False) -> str:
    r"""Return a text as an encoding can hold it: letters that it lacks are written as ``\u`` and digits.

    Args:
        text: Any text.
        encoding: Of the terminal or file; ``None`` holds all.
        as_json: Whether the text is JSON, whose values stay the same.

    Example:
        >>> print(encodable("정답 ─ A", "ascii"))
        \uc815\ub2f5 - A
    """
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(json.loads(text)) if as_json else _escaped(text, encoding or "utf-8")
    return text


def _escaped(text: str, encoding: str) -> str:
    plain = text.translate(_PLAIN)
    return "".join(
        letter if _holds(encoding, letter) else json.dumps(letter)[1:-1] for letter in plain
    )


def _holds(encoding: str, letter: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
