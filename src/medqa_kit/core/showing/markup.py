"""HTML from values: all text is escaped; only values of :class:`Markup` are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from medqa_kit.errors import printable


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(
    name: str, *children: object, style: str = "", role: str = "", direction: str = ""
) -> Markup:
    """Return an element with its children; texts among them are escaped.

    Example:
        >>> element("p", "a <b> & ", element("em", "c"), role="note")
        '<p class="note">a &lt;b&gt; &amp; <em>c</em></p>'
    """
    attributes = "".join(
        f' {key}="{escape(value)}"'
        for key, value in (("class", role), ("style", style), ("dir", direction))
        if value
    )
    return Markup(f"<{name}{attributes}>{markup_of(children)}</{name}>")


def markup_of(children: Iterable[object]) -> Markup:
    """Return children one after the other."""
    return Markup("".join(child if isinstance(child, Markup) else escape(printable(str(child)))
                          for child in children))  # fmt: skip


def table(header: Sequence[object], rows: Iterable[Sequence[object]], *, words: int = 1) -> Markup:
    """Return a table that scrolls by itself where it is too wide.

    Args:
        header: The titles of the columns.
        rows: The cells.
        words: How many columns hold words; the others hold numbers, to the right.
    """
    head = element("tr", *(_cell("th", cell, place >= words) for place, cell in enumerate(header)))
    body = [element("tr", *(_cell("td", cell, place >= words) for place, cell in enumerate(row)))
            for row in rows]  # fmt: skip
    return element(
        "div", element("table", element("thead", head), element("tbody", *body)), role="wide"
    )


def _cell(name: str, cell: object, number: bool) -> Markup:
    if isinstance(cell, Markup) and cell.startswith("<td"):
        return cell
    text = f"{cell:,}" if isinstance(cell, int) else cell
    return element(name, text, role="number" if number else "")
