"""Match names of files with patterns, and find the format that a name tells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

READABLE = (".parquet", ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xlsx")
"""Endings that tell a format; those of text formats may be followed by one of :data:`PACKED`."""

PACKED = (".gz", ".zst", ".bz2", ".xz")
"""Endings of compressed text files."""


def matches(name: str, pattern: str) -> bool:
    """Check whether a name fits a pattern, as :attr:`medqa_kit.Layout.files` describes it.

    ``*`` and ``?`` stay within a folder, ``**`` does not, ``[…]`` picks characters and ``[!…]``
    leaves them out; a bracket itself is ``[[]``. Case counts; composed and decomposed Hangul
    (as macOS writes it) are the same.

    Example:
        >>> matches("data/train-00000.parquet", "data/train-*.parquet")
        True
        >>> matches("data/old/train.csv", "*.csv"), matches("data/old/train.csv", "**/*.csv")
        (False, True)
    """
    return _compiled(pattern).fullmatch(unicodedata.normalize("NFC", name)) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_translated(unicodedata.normalize("NFC", pattern))), re.DOTALL)


def _translated(pattern: str) -> Iterator[str]:
    for token in re.findall(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\]|.", pattern, re.DOTALL):
        match token:
            case "**/":
                yield "(?:.*/)?"
            case "**":
                yield ".*"
            case "*":
                yield "[^/]*"
            case "?":
                yield "[^/]"
            case _ if len(token) > 1:
                picked = re.sub(r"([]\\[^&~|])", r"\\\1", token[1:-1])
                yield f"[^/{picked[1:]}]" if picked.startswith("!") else f"[{picked}]"
            case _:
                yield re.escape(token)


def readable(name: str) -> bool:
    """Check whether the ending of a name tells a format.

    Example:
        >>> readable("a.jsonl.zst"), readable("a.txt")
        (True, False)
    """
    return unpacked(name).lower().endswith(READABLE)


def unpacked(name: str) -> str:
    """Return a name without the ending of a compression.

    Example:
        >>> unpacked("a.jsonl.zst")
        'a.jsonl'
    """
    return name[: name.rindex(".")] if name.lower().endswith(PACKED) else name
