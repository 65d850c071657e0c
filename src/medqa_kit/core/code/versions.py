"""The versions to name in a report of results or of a problem."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version

from medqa_kit.core.showing.shown import PlainText

_NAME = re.compile(r"[\w.-]+")


def show_versions() -> PlainText:
    """Return the versions of the library, of Python and of the packages that the library can use, one per line.

    Returns:
        The lines as text, to paste into a report of a problem.

    Example:
        >>> lines = show_versions().splitlines()
        >>> lines[0].split()[0], any(line.startswith("pyarrow ") for line in lines)
        ('medqa_kit', True)
    """
    names = {"medqa_kit"} | {
        match[0] for line in requires("medqa_kit") or () if (match := _NAME.match(line))
    }
    rows = [
        ("medqa_kit", version("medqa_kit")),
        ("python", platform.python_version()),
        ("system", platform.platform()),
    ]
    for name in sorted(names - {"medqa_kit"}, key=str.lower):
        try:
            rows.append((name, version(name)))
        except PackageNotFoundError:
            rows.append((name, "not installed"))
    width = max(len(name) for name, _ in rows)
    return PlainText("\n".join(f"{name:<{width}} {release}" for name, release in rows))
