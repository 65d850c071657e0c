"""Small tables for people: aligned text, and HTML in which all text is escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape

from medqa_kit.errors import printable

_MOST_CHARACTERS = 80


def cell(value: object) -> str:
    r"""Return a value as it stands in a table: short, printable, on one line.

    Example:
        >>> cell("a\n b"), cell(0.123), cell(1200), cell(None)
        ('a b', '0.12', '1,200', '')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = printable(" ".join(str(value).split()))
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"


def text_width(text: str) -> int:
    """Return how many columns of a terminal a text takes: Hangul and Han take two.

    Example:
        >>> text_width("정답: A")
        7
    """
    return sum(
        0 if unicodedata.category(letter) in ("Mn", "Cf") else
        2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )  # fmt: skip


def text_table(rows: Sequence[Sequence[str]]) -> list[str]:
    r"""Align cells in columns, the first row as the header.

    Example:
        >>> print("\n".join(text_table([("name", "rows"), ("klue", "8")])))
        name  rows
        ────  ────
        klue  8
    """
    widths = [max(map(text_width, column)) for column in zip(*rows, strict=True)]
    ruled = [rows[0], ["─" * width for width in widths], *rows[1:]]
    return [
        "  ".join(
            text + " " * (width - text_width(text)) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in ruled
    ]


def html_table(rows: Sequence[Sequence[str]]) -> str:
    """Return cells as an HTML table, the first row as the header; all text is escaped.

    Example:
        >>> '&lt;b&gt;</td>' in html_table([("name",), ("<b>",)])
        True
    """
    head = _html_row(rows[0], "th")
    body = "".join(_html_row(row, "td") for row in rows[1:])
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def _html_row(row: Sequence[str], tag: str) -> str:
    cells = (f'<{tag} style="text-align:left">{escape(printable(text))}</{tag}>' for text in row)
    return f"<tr>{''.join(cells)}</tr>"
