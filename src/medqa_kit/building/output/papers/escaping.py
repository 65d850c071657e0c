"""Escape text of others in papers, so that no reader takes it for markup, keys or commands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from medqa_kit.errors import printable

_MARKUP = re.compile(r"([\\`*_\[\]<>|#~!{}])")
_BEGINNING = re.compile(r"^(\d{0,9})([-+=.)])")  # of a list, a rule or the line under a title
_ENTITY = re.compile(r"&(?=#?\w+;)")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def markdown_text(text: object) -> str:
    r"""Return text as Markdown that shows it, in one line: no markup, no link, no HTML.

    Example:
        >>> markdown_text("a <b> | [x](y)\n# z")
        'a \\<b\\> \\| \\[x\\](y) \\# z'
        >>> print(markdown_text("1. &lt; x"))
        1\. \&lt; x
    """
    line = " ".join(printable(str(text)).split())
    return _BEGINNING.sub(r"\1\\\2", _ENTITY.sub(r"\\&", _MARKUP.sub(r"\\\1", line)))


def fenced(text: str, language: str = "") -> str:
    """Return text as a fenced block of Markdown, with a fence that the text does not hold.

    Example:
        >>> fenced("a ``` b").startswith("````")
        True
    """
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def toml_text(table: Mapping[str, Any]) -> str:
    r"""Write a table of texts, numbers, booleans, lists and tables as TOML; null values are left out.

    Lists of tables become ``[[key]]``; tables within those are written inline.

    Example:
        >>> print(toml_text({"name": 'a "b"\n', "source": [{"name": "x", "years": {"to": 3}}]}))
        name = "a \"b\"\n"
        <BLANKLINE>
        [[source]]
        name = "x"
        years = { to = 3 }
        <BLANKLINE>
    """
    plain = {key: value for key, value in table.items() if not _is_nested(value)}
    blocks = [_pairs(plain)]
    for key, value in table.items():
        if _is_nested(value):
            single = isinstance(value, Mapping)
            head = f"[{toml_key(key)}]" if single else f"[[{toml_key(key)}]]"
            blocks += [f"{head}\n{_pairs(each)}" for each in ([value] if single else value)]
    return "\n".join(block for block in blocks if block)


def _is_nested(value: Any) -> bool:
    tables = isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping)
    return isinstance(value, Mapping) or bool(tables)


def _pairs(table: Mapping[str, Any]) -> str:
    return "".join(f"{toml_key(key)} = {_value(value)}\n"
                   for key, value in table.items() if value is not None)  # fmt: skip


def toml_key(key: str) -> str:
    """Return a key as TOML has it: in quotes where it must be.

    Example:
        >>> toml_key("klue"), toml_key("a b")
        ('klue', '"a b"')
    """
    return key if _BARE.fullmatch(key) else _string(key)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{toml_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    return _string(value) if isinstance(value, str) else json.dumps(value)


def _string(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL, and for halves of surrogate pairs, which it has none for.
    whole = text.encode("utf-8", "replace").decode()
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")
