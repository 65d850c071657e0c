"""Small tables for people: as aligned text, and as HTML in which all text is escaped."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from itertools import accumulate
from typing import TypeVar, overload

from medqa_kit.errors import printable

ValueT = TypeVar("ValueT")

_MOST_CHARACTERS = 80
_NARROWEST = 6  # a column that is cut keeps so many characters
_READABLE = 16  # of a column that is not needed, or it is left out
_GAP = "  "
_columns: ContextVar[int | None] = ContextVar("columns", default=None)


@contextmanager
def fitted_tables(columns: int | None) -> Iterator[None]:
    r"""Cut the widest columns of text tables until they fit a terminal.

    Args:
        columns: Width of the terminal; ``None`` leaves tables as wide as they are.

    Example:
        >>> with fitted_tables(20):
        ...     print("\n".join(text_table([("name", "about"), ("klue", "eight tasks in Korean")])))
        name  about
        ────  ──────────────
        klue  eight tasks i…
    """
    before = _columns.set(columns)
    try:
        yield
    finally:
        _columns.reset(before)


def cell(value: object) -> str:
    r"""Return a value as the text of a table cell: short, printable, on one line.

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


def counted(number: int, noun: str) -> str:
    """Return a number with a noun, in the singular or the plural.

    Example:
        >>> counted(1, "row"), counted(1200, "row")
        ('1 row', '1,200 rows')
    """
    return f"{number:,} {noun}{'s' * (number != 1)}"


def text_width(text: str) -> int:
    """Return how many columns of a terminal a text takes: Hangul and Han take two.

    Example:
        >>> text_width("정답: A")
        7
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(letter) in ("Mn", "Cf") else
        2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )  # fmt: skip


def text_table(rows: Sequence[Sequence[str]], *, indent: str = "", whole: bool = True) -> list[str]:
    r"""Align cells in columns, the first row as the header; control characters are escaped.

    Args:
        rows: The cells.
        indent: Text before each line.
        whole: Whether to show all columns even if they do not fit; otherwise the last ones are left out, and
            the header counts them.

    Example:
        >>> print("\n".join(text_table([("name", "rows"), ("klue", "8")])))
        name  rows
        ────  ────
        klue  8
    """
    shown = [[printable(text) for text in row] for row in rows]
    widths = [max(map(text_width, column)) for column in zip(*shown, strict=True)]
    if (columns := _columns.get()) is not None:
        columns -= len(indent)
        if not whole and (left := _readable(widths, columns)) < len(widths):
            rest = f"(+{len(widths) - left} columns)"
            shown = [[*row[:left], "" if at else rest] for at, row in enumerate(shown)]
            widths = [*widths[:left], len(rest)]
        widths = _fitted(widths, columns)
    ruled = [shown[0], ["─" * width for width in widths], *shown[1:]]
    return [indent + _GAP.join(map(_padded, row, widths)).rstrip() for row in ruled]


def _readable(widths: list[int], columns: int) -> int:
    """Return how many of the first columns can be read side by side, and a count of the rest."""
    if sum(min(width, _READABLE) + len(_GAP) for width in widths) <= columns + len(_GAP):
        return len(widths)
    room = columns - len("(+99 columns)")
    ends = accumulate(min(width, _READABLE) + len(_GAP) for width in widths)
    return max(2, sum(end <= room for end in ends))


def _fitted(widths: list[int], columns: int) -> list[int]:
    """Cut the widest columns until the table fits; the first column, which names the row, is cut last."""
    fitted = list(widths)
    first = min(fitted[0], columns // 2)
    while sum(fitted) + len(_GAP) * (len(fitted) - 1) > columns and max(fitted) > _NARROWEST:
        spare = [width if at or width > first else 0 for at, width in enumerate(fitted)]
        spare = spare if max(spare) > _NARROWEST else fitted
        fitted[spare.index(max(spare))] -= 1
    return fitted


def _padded(text: str, width: int) -> str:
    if text_width(text) > width:
        while text_width(text) >= width:
            text = text[:-1]
        text += "…"
    return text + " " * (width - text_width(text))


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


class Listing(Sequence[ValueT]):
    """Values in order, which print as a table in a terminal and in a notebook.

    Args:
        values: The values.
        header: Names of the columns.
        cells: Function that returns the row of a value: one text per column.
        foot: Function that returns the last line of the text for all values.

    Example:
        >>> Listing([1, 2], header=("n", "square"), cells=lambda n: (str(n), str(n * n)),
        ...         foot=lambda values: f"{len(values)} numbers")
        n  square
        ─  ──────
        1  1
        2  4
        2 numbers
    """

    def __init__(
        self,
        values: Iterable[ValueT],
        *,
        header: Sequence[str],
        cells: Callable[[ValueT], Sequence[str]],
        foot: Callable[[Sequence[ValueT]], str],
    ) -> None:
        self._values, self._header = tuple(values), tuple(header)
        self._cells, self._foot = cells, foot

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, index: int) -> ValueT: ...
    @overload
    def __getitem__(self, index: slice) -> Listing[ValueT]: ...
    def __getitem__(self, index: int | slice) -> ValueT | Listing[ValueT]:
        if not isinstance(index, slice):
            return self._values[index]
        return Listing(self._values[index], header=self._header, cells=self._cells, foot=self._foot)

    def to_json(self) -> str:
        """Return the table as JSON: a list of objects, one a value, with the texts of its columns.

        Example:
            >>> Listing([2], header=("n", "square"), cells=lambda n: (str(n), str(n * n)), foot=str).to_json()
            '[{"n": "2", "square": "4"}]'
        """
        rows = [dict(zip(self._header, self._cells(value), strict=True)) for value in self._values]
        return json.dumps(rows, ensure_ascii=False)

    def __repr__(self) -> str:
        return "\n".join([*text_table(self._rows()), printable(self._foot(self))])

    def _repr_html_(self) -> str:
        foot = escape(printable(self._foot(self)))
        return f'<div style="overflow-x:auto">{html_table(self._rows())}</div><p>{foot}</p>'

    def _rows(self) -> list[Sequence[str]]:
        return [self._header, *map(self._cells, self._values)]
