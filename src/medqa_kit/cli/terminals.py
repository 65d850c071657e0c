"""Text for terminals that cannot show all of it."""

from __future__ import annotations

import json

_PLAIN = str.maketrans({"─": "-", "–": "-", "…": "...", "·": "*", "→": "->", "×": "x"})


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
