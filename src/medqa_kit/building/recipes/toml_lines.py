"""Find the line of each key of a TOML file, which the parser does not tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from medqa_kit.building.recipes.declared_tables import Path
from medqa_kit.errors import shorten

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_WORD = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_LONG = re.compile(r'"""|' + "'''")
_SPOT = re.compile(r"\(at line (\d+), column (\d+)\)")
_SLIPS = (
    (r"[“”„‘’]", 'write straight quotes, " or \''),
    (r"^(?:Unescaped|Invalid hex|Escaped)", r"a text with \ in it, such as a path of Windows, stands in single quotes: 'C:\data'"),
    (r"^(?:Cannot (?:declare|overwrite|mutate)|Duplicate)", "each key and each [table] is written once: put their lines together; only [[source]] and [[format]] may stand there again"),
    (r"= *(?:True|False|None|null|nil)\b", "write true and false in small letters, and leave out a key that has no value"),
    (r"^(?:Illegal character '\\[rn]'|Unterminated)", "close the quotes of a text, on its line"),
    (r"^Invalid value.*\n\[|^Unclosed", "close the [ of the list above"),
    (r"^Expected '='|^Invalid statement", "a line is KEY = VALUE with a plain =, its key of Latin letters, digits, _ and -; or a [table]; or a remark behind #"),
    (r"= *\{", "a table in braces stands on one line, with commas between its keys and none at its end"),
    (r"^(?:Invalid value|Expected newline)", "write one KEY = VALUE on a line, a text in quotes, a number as 1000, 0.5 or 1e6"),
)  # fmt: skip
"""What is wrong with a line, by what the parser says or what stands there: the first that fits."""


class Line(NamedTuple):
    """A line of a recipe, or of one that it extends.

    Attributes:
        number: Counted from 1.
        file: Name of the file, where it is not the recipe's own.
    """

    number: int
    file: str = ""

    @property
    def said(self) -> str:
        """How messages name it."""
        return f"line {self.number} of {self.file!r}" if self.file else f"line {self.number}"


def toml_lines(text: str, file: str = "") -> dict[Path, Line]:
    r"""Return the line of each table and key; what stands in a long string is none.

    Args:
        text: What stands in a file.
        file: Its name, where it is not the recipe's own.

    Example:
        >>> toml_lines('name = "x"\n[[source]]\nname = "klue"')[("source", 0, "name")].said
        'line 3'
    """
    lines: dict[Path, Line] = {}
    tables: Counter[Path] = Counter()
    table: Path = ()
    for number, line in _outside_long_strings(text):
        if header := _HEADER.match(line):
            words = _words(header[2])
            if header[1] == "[[":
                table = (*words, tables[words])
                tables[words] += 1
            else:
                table = words
                if tables[words[:1]]:  # [source.where] belongs to the last [[source]]
                    table = (words[0], tables[words[:1]] - 1, *words[1:])
            lines.setdefault(table, Line(number, file))
        elif key := _KEY.match(line):
            words = _words(key[1])
            for length in range(1, len(words) + 1):  # a.b = 1 makes a table a
                lines.setdefault((*table, *words[:length]), Line(number, file))
    return lines


_END = "at end of document"  # what the parser says where a file ends too early


def syntax_slip(text: str, message: str) -> tuple[str, str]:
    r"""Say where a text is no TOML, and what to write instead; the parser names a place alone.

    Args:
        text: What stands in a file.
        message: What the parser says.

    Returns:
        The line, with what the parser says; and a remedy, empty where none is known.

    Example:
        >>> syntax_slip("seed = True", "Invalid value (at line 1, column 8)")[0]
        "line 1, 'seed = True': Invalid value (column 8)"
        >>> syntax_slip("seed = 1\nname = ", "Invalid value (at end of document)")[0]
        "line 2, 'name =': Invalid value (at end of document)"
    """
    spot, end = _SPOT.search(message), text.rstrip().count("\n") + 1
    number = int(spot[1]) if spot else end if _END in message else 0
    line = text.split("\n")[number - 1].strip() if number else ""
    quoted = shorten([line]).replace("\\\\", "\\")
    where = f"line {number}, {quoted}: " if number else ""
    said = _SPOT.sub(r"(column \2)", message)
    signs = f"{message}\n{line}"
    remedy = next((remedy for slip, remedy in _SLIPS if re.search(slip, signs)), "")
    return where + said, remedy


def line_of(path: Path, lines: Mapping[Path, Line]) -> Line | None:
    """Return the line of the innermost table or key on a path that has one.

    Example:
        >>> line_of(("mix", "floor", "language"), {("mix",): Line(3), ("mix", "floor"): Line(5)})
        Line(number=5, file='')
    """
    within = (path[:length] for length in range(len(path), 0, -1))
    return next((lines[part] for part in within if part in lines), None)


def _words(dotted: str) -> Path:
    return tuple(word.strip("\"'") for word in _WORD.findall(dotted))


def _outside_long_strings(text: str) -> Iterator[tuple[int, str]]:
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if not inside:
            yield number, line
        inside ^= len(_LONG.findall(line)) % 2 == 1
