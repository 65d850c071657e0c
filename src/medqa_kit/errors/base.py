"""The base of all errors: place, expected, found, hint."""

from __future__ import annotations

import copyreg
from collections.abc import Iterable
from typing import Any

_MOST_VALUES, _MOST_CHARACTERS = 3, 80
_MOST_OF_A_NAME, _MOST_OF_A_LINE = 1_000, 4_000  # an archive may hold names of 65,535 characters


_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code != 0x0A}
_TURNS = (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Separators of lines and paragraphs, and characters that change the direction of the text after them."""
_ESCAPED = _CONTROLS | {
    code: f"\\u{code:04x}" for code in (*_TURNS, *range(0xD800, 0xE000))
}  # halves of surrogate pairs


def printable(text: str) -> str:
    r"""Escape control characters, so that a message cannot move the cursor or change colours.

    Characters that change the direction of the text after them are escaped, too, and halves of surrogate pairs,
    which no terminal and no file accepts. Line breaks stay: the library writes messages of several lines.

    Example:
        >>> printable("a\x1b[31mb")
        'a\\x1b[31mb'
    """
    return text.translate(_ESCAPED)


def shorten(values: Iterable[object]) -> str:
    """Quote at most three values, each at most 80 characters long.

    Example:
        >>> shorten(["a", 2, None, 4.0])
        "'a', 2, None, … (4 in all)"
    """
    listed = list(values)
    shown = [
        text if len(text := _quoted(v)) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "…"
        for v in listed[:_MOST_VALUES]
    ]
    rest = f", … ({len(listed)} in all)" if len(listed) > _MOST_VALUES else ""
    return ", ".join(shown) + rest


def _quoted(value: object) -> str:
    if isinstance(value, (str, bytes)):
        return repr(value[: _MOST_CHARACTERS + 1])  # of a long text the beginning is enough
    try:
        return repr(value)
    except (RecursionError, ValueError):  # lists in lists in lists; more digits than Python writes
        return f"a value of type {type(value).__name__} that is too large to show"


class MedQAError(Exception):
    """Base of all errors of the library: catch this one to catch them all.

    Args:
        what: One sentence: what is wrong.
        expected: The value, or the layout, that was declared.
        found: The value, or the layout, that was found.
        hint: What to do next.
        source: Name of the catalogued source.
        part: ``subset/split`` of the source.
        file: File name, as upstream names it.
        row: Position of the row in that file, from 0; messages count from 1.
        spot: Where the row begins as a person counts, where that is known, such as ``line 7`` or
            ``row 9 of sheet 'Exam'``. Messages say it in place of ``row``.
        row_id: Id of the row, once rows have ids.
        column: Column name.

    Example:
        >>> print(MedQAError("the key is a letter", source="demo", column="key",
        ...                  expected="1 to 5", found="'A'", hint="declare letters=True"))
        source 'demo', column 'key': the key is a letter.
          expected: 1 to 5
          found:    'A'
        Hint: declare letters=True.
    """

    default_hint = ""

    def __init__(
        self,
        what: str,
        *,
        expected: str = "",
        found: str = "",
        hint: str = "",
        source: str | None = None,
        part: str | None = None,
        file: str | None = None,
        row: int | None = None,
        spot: str | None = None,
        row_id: str | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what, self.expected, self.found = what, expected, found
        self.hint = hint or self.default_hint
        self.source, self.part, self.file = source, part, file
        self.row, self.spot, self.row_id, self.column = row, spot, row_id, column

    def __str__(self) -> str:
        place = self.place
        lines = [f"{place}: {_sentence(self.what)}" if place else _sentence(self.what)]
        for name, text in (("expected", self.expected), ("found", self.found)):
            if text:
                lines.append(f"  {name + ':':<9} {text}".replace("\n", "\n" + " " * 12))
        if self.hint:
            lines.append(f"Hint: {_sentence(self.hint)}")
        whole = "\n".join(lines)
        return printable("\n".join(_cut(line, _MOST_OF_A_LINE) for line in whole.split("\n")))

    @property
    def place(self) -> str:
        """The place of the error, as far as known: source, part, file, row (counted from 1), id, column."""
        row = None if self.row is None else f"row {self.row + 1}"
        named = {"source": self.source, "part": self.part, "file": self.file}
        last = {"id": self.row_id, "column": self.column}
        words = (
            *(
                f"{name} {_cut(value, _MOST_OF_A_NAME)!r}"
                for name, value in named.items()
                if value is not None
            ),
            self.spot or row,
            *(
                f"{name} {_cut(value, _MOST_OF_A_NAME)!r}"
                for name, value in last.items()
                if value is not None
            ),
        )
        return ", ".join(filter(None, words))

    def at(self, **place: Any) -> MedQAError:
        """Add facts of the place that are not known yet (``source=``, ``file=``, ...), to this error itself.

        Code near the data knows the row, and code near the disk knows the file: each adds its part.
        """
        for name, value in place.items():
            if getattr(self, name) is None:
                setattr(self, name, value)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # Rebuilt without __init__, so that subclasses with other parameters can be pickled.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "…"


def _sentence(text: str) -> str:
    return text if not text or text[-1] in ".?!:" else text + "."
