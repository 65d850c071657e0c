r"""Remove the markup of NamuWiki from its text.

A kernel one asks for: loading never edits text. The grammar is large and nests; what is handled
is listed at :class:`StripNamuMarkup`, and what is not stays visible rather than being guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import nonempty_text, whole_number
from medqa_kit.core.arrow.slices import need

# In order: what vanishes, what leaves its text, then marks at line starts.
_RULES: tuple[tuple[str, str], ...] = (
    (r"(?i)\[\[(?:파일|file|분류|category):[^\]\[]*\]\]", ""),  # files and categories
    (r"\[\[[^\]\[|]*\|([^\]\[]*)\]\]", r"\1"),  # piped links leave what is shown
    (r"\[\[([^\]\[|]*)\]\]", r"\1"),
    (r"(?i)\[(?:목차|tableofcontents|각주|footnote|include\([^\]]*\)|br|clearfix|date|age\([^\]]*\)|"
     r"dday\([^\]]*\)|youtube\([^\]]*\)|anchor\([^\]]*\))\]", ""),  # contents and macros
    (r"\[\*[^\[\]]*\]", ""),  # footnotes
    (r"'''((?s:.*?))'''", r"\1"),  # bold
    (r"''((?s:.*?))''", r"\1"),  # italic
    (r"~~[^~\n]*~~|--[^-\n]+--", ""),  # struck out
    (r"__([^_\n]+)__", r"\1"),  # underlined
    (r"\^\^([^^\n]+)\^\^|,,([^,\n]+),,", r"\1\2"),  # raised, lowered
    (r"(?m)^=+#? (.*?) #?=+[ \t]*$", r"\1"),  # headings
    (r"(?m)^##.*\n?", ""),  # comments
    (r"(?m)^-{4,9}[ \t]*\n?", ""),  # rules
)  # fmt: skip
# A block of triple braces without another inside; what may follow its opening goes with it.
_BLOCK = (
    r"(?i)\{\{\{(?:#!(?:folding|wiki|syntax)[^\n{}]*\n|#!html |[+-][1-5] |#[0-9a-z]+(?:,#[0-9a-z]+)? )?"
    r"((?:[^{}]|\{[^{]|\}[^}])*?)\}\}\}"
)


@dataclass(frozen=True)
class StripNamuMarkup:
    r"""Kernel that takes NamuWiki's markup off a text column.

    Gone without trace: links to files and categories, tables of contents, footnotes, the known
    macros, comments, struck-out text, rules. Leaving their text: links (the shown part), bold,
    italic, underlined, raised and lowered text, headings, triple-brace blocks. Tables stay.

    Attributes:
        column: The text column.
        depth: How deeply triple braces may nest; what is deeper stays as it is.

    Raises:
        ArgumentError: The column has no name, or the depth is below 0.
        FormattingError: When called: the table lacks the column.

    Example:
        >>> table = pa.table({"text": ["== 개요 ==\n'''위염'''은 [[위(장기)|위]]의 [[염증]]이다.[* 지어냄]"]})
        >>> StripNamuMarkup()(table)["text"].to_pylist()
        ['개요\n위염은 위의 염증이다.']
    """

    column: str = "text"
    depth: int = 4

    def __post_init__(self) -> None:
        nonempty_text("column", self.column)
        object.__setattr__(self, "depth", whole_number("depth", self.depth, least=0))

    def __call__(self, table: pa.Table) -> pa.Table:
        """Clean the column; all else is handed on."""
        need(table, (self.column,), purpose="taking markup off",
             hint="StripNamuMarkup(column=...) names the text column")  # fmt: skip
        text = table[self.column].cast(pa.large_string())
        for _ in range(self.depth):
            text = pc.replace_substring_regex(text, pattern=_BLOCK, replacement=r"\1")
        for _ in range(2):  # links stand in footnotes and footnotes in bold text
            for pattern, left in _RULES:
                text = pc.replace_substring_regex(text, pattern=pattern, replacement=left)
        place = table.column_names.index(self.column)
        return table.set_column(place, table.field(place), text.cast(table.field(place).type))
