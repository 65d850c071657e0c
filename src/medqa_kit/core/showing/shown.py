"""Results as text for a terminal and HTML for a notebook, both made of one list of blocks.

The HTML sets no colours, so that it can be read in dark and in light notebooks.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import fields
from html import escape
from typing import Any, TypeAlias

from medqa_kit.core.tables import html_table, text_table
from medqa_kit.errors import printable


class PlainText(str):
    r"""Text of several lines that a prompt and a notebook show as it is.

    Example:
        >>> PlainText("pyarrow 26\npython 3.11")
        pyarrow 26
        python 3.11
        >>> PlainText("a < b")._repr_html_()
        '<pre>a &lt; b</pre>'
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return printable(self)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(printable(self))}</pre>"


Block: TypeAlias = str | Sequence[Sequence[str]]
"""A sentence, text whose lines matter (:class:`PlainText`), or a table with its header."""


class Shown:
    """A result that prints as text and shows as HTML, both made of its blocks; the first block is the headline.

    A table with a header and no rows is left out.
    """

    __slots__ = ()

    @abstractmethod
    def _blocks(self) -> Iterable[Block]:
        """Return the blocks from the top."""

    def __str__(self) -> str:
        return text_of(self._blocks())

    def __repr__(self) -> str:
        return text_of(self._blocks())

    def _repr_html_(self) -> str:
        return html_of(self._blocks())


def field_table(kernel: Any) -> Block:
    """Return the fields of a kernel as a table.

    Args:
        kernel: A dataclass.

    Example:
        >>> from dataclasses import make_dataclass
        >>> field_table(make_dataclass("Halve", [("least", int)])(least=2))
        [('setting', 'value'), ('least', '2')]
    """
    values = [(field.name, repr(getattr(kernel, field.name))) for field in fields(kernel)]
    return [("setting", "value"), *values]


def text_of(blocks: Iterable[Block]) -> str:
    """Return blocks as text, one below the other.

    Example:
        >>> print(text_of(["two rows", [("id", "rows"), ("a", "2")], "note: few"]))
        two rows
        id  rows
        ──  ────
        a   2
        note: few
    """
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, str):
            lines.append(printable(block))
        elif len(block) > 1:
            lines += text_table(block)
    return "\n".join(lines)


def html_of(blocks: Iterable[Block]) -> str:
    """Return blocks as HTML, the first in bold; all text is escaped, and wide tables scroll by themselves.

    Example:
        >>> html_of(["a < b", [("id",), ("c",)]])[:22]
        '<p><b>a &lt; b</b></p>'
    """
    shown = []
    for place, block in enumerate(blocks):
        if isinstance(block, PlainText):
            shown.append(block._repr_html_())
        elif isinstance(block, str):
            text = escape(printable(block))
            shown.append(f"<p>{text}</p>" if place else f"<p><b>{text}</b></p>")
        elif len(block) > 1:
            shown.append(f'<div style="overflow-x:auto">{html_table(block)}</div>')
    return "".join(shown)
