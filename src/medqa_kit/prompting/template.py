"""Templates: text with named gaps, compiled to one columnar join.

The grammar is that of ``str.format``, less everything that computes: ``{name}`` is replaced by the
row's value, ``{{`` and ``}}`` are braces. ``{name:before|after}`` stands for an optional part:
before, value and after where the row has a value, nothing where it is null or blank. What the *data* holds
is never read as a template: a value goes in once, as it is.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import did_you_mean, instance
from medqa_kit.core.arrow.columns import blank, positions
from medqa_kit.core.arrow.slices import as_text, by_slices
from medqa_kit.errors import ArgumentError, FormattingError, NullValueError

TemplatePart: TypeAlias = str | Any  # Any: an Arrow array, whose types cover little
Filling: TypeAlias = (
    TemplatePart | tuple[TemplatePart, ...]
)  # what goes into a gap; a tuple is spliced in, part by part

_HINT = "write {{ and }} for braces, {column} for a gap, {column:before|after} for an optional one"


@dataclass(frozen=True)
class _Gap:
    """One ``{name}`` or ``{name:before|after}``."""

    name: str
    optional: bool
    before: str
    after: str


@dataclass(frozen=True)
class Template:
    r"""A text with named gaps, filled column-wise.

    Args:
        text: For example ``"{question}\n{options}\n정답:"``. A gap names a column of the table or a
            part the prompt kernel adds, such as ``options`` (the lines with their markers).

    Raises:
        ArgumentError: The text is not a template: unbalanced braces, ``{}``, ``{0}``,
            ``{a.b}``, ``{a!r}``, or lone surrogates.

    Example:
        >>> table = pa.table({"question": ["What is {x}?", "Why?"], "context": [None, "Some."]})
        >>> Template("{context:Given: |\n}Q: {question}\nA:").fill(table).to_pylist()
        ['Q: What is {x}?\nA:', 'Given: Some.\nQ: Why?\nA:']
    """

    text: str
    _pieces: tuple[str | _Gap, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        instance("text", self.text, str, expected="text", hint="write it in quotes")
        object.__setattr__(self, "_pieces", _parse(self.text))

    @property
    def names(self) -> tuple[str, ...]:
        """The gaps, in order, each once."""
        return tuple(dict.fromkeys(p.name for p in self._pieces if isinstance(p, _Gap)))

    def fill(self, table: pa.Table) -> pa.ChunkedArray:
        """Fill the gaps from the columns of a table.

        Args:
            table: Has a column for each gap.

        Returns:
            ``string[n]``, no nulls.

        Raises:
            FormattingError: The table lacks a column.
            NullValueError: A value is null, and its gap is not an optional one.
        """
        self.check(table.column_names)
        used = table.select([n for n in table.column_names if n in {*self.names, "id"}])
        if not used.num_columns:
            return pa.chunked_array([pa.repeat(self.fixed, table.num_rows)])

        def render(batch: pa.RecordBatch) -> pa.RecordBatch:
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            filled = self.join(columns, rows=batch.num_rows)
            return pa.RecordBatch.from_arrays([filled], names=["text"])

        return by_slices(used, render)["text"]

    @property
    def fixed(self) -> str:
        """The text between the gaps: the whole text of a template without gaps."""
        return "".join(p for p in self._pieces if isinstance(p, str))

    def check(self, known: Sequence[str]) -> None:
        """Raise unless every gap is known.

        Raises:
            FormattingError: Names the first unknown gap, and what is nearest to it.
        """
        for name in self.names:
            if name not in known:
                near = did_you_mean(f"{{{name}}}", [f"{{{column}}}" for column in known])
                raise FormattingError("the template names an unknown column", column=name,
                                      expected="one of " + ", ".join(known),
                                      found=f"{{{name}}}", hint=near or _HINT)  # fmt: skip

    def join(
        self,
        values: Mapping[str, Filling],
        *,
        rows: int,
        null: Literal["raise", "null"] = "raise",
    ) -> pa.Array:
        """Fill the gaps from arrays: the one place where text and data meet.

        Args:
            values: What goes into each gap; text and numbers.
            rows: How many rows there are, for templates without gaps.
            null: What a null in a gap that is not optional does: raise, or make the row null.

        Returns:
            ``string[rows]``.

        Raises:
            NullValueError: A value is null, its gap is not optional, and ``null="raise"``.
        """
        self.check(list(values))
        parts: list[TemplatePart] = []
        for piece in self._pieces:
            if isinstance(piece, str):
                parts.append(piece)
                continue
            for part in _filling(piece, values[piece.name]):
                if isinstance(part, pa.Array) and part.null_count and null == "raise":
                    raise NullValueError("a null cannot be put into a prompt", column=piece.name,
                                         rows=positions(part.is_null()), expected="text",
                                         found="null", hint=f"{{{piece.name}:before|after}} leaves "
                                         "the gap out where the value is null")  # fmt: skip
                parts.append(part)
        return concat(parts, rows=rows)


def concat(parts: Sequence[TemplatePart], *, rows: int) -> pa.Array:
    """Join texts and columns row by row; null where any part is null.

    Example:
        >>> concat(["a", pa.array(["b", None]), "c"], rows=2).to_pylist()
        ['abc', None]
    """
    merged: list[TemplatePart] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif not (isinstance(part, str) and not part):
            merged.append(part)
    if all(isinstance(part, str) for part in merged):
        return pa.repeat(pa.scalar("".join(merged), pa.string()), rows)
    if len(merged) == 1:
        return merged[0]
    scalars = [pa.scalar(p, pa.string()) if isinstance(p, str) else p for p in merged]
    return pc.binary_join_element_wise(*scalars, "")


def _filling(gap: _Gap, value: Filling) -> tuple[TemplatePart, ...]:
    if isinstance(value, tuple):
        return value
    column = value if isinstance(value, str) else as_text(value, gap.name)
    if not gap.optional:
        return (column,)
    if isinstance(column, str):
        return (gap.before, column, gap.after)
    framed = concat([gap.before, column, gap.after], rows=len(column))
    missing = blank(column)
    return (pc.if_else(missing, "", framed) if pc.any(missing).as_py() else framed,)


def _parse(source: str) -> tuple[str | _Gap, ...]:
    try:
        source.encode()
        parsed = list(string.Formatter().parse(source))
    except UnicodeEncodeError as error:
        raise _no_template(
            "it holds a lone surrogate", ascii(source)[:80], expected="text that can be written as UTF-8",
            hint="write the character itself, not half of it",
        ) from error  # fmt: skip
    except ValueError as error:
        raise _no_template(
            "its braces do not match", str(error), expected="{name}, {{ or }}"
        ) from error
    pieces: list[str | _Gap] = []
    for literal, name, spec, conversion in parsed:
        if literal:
            pieces.append(literal)
        if name is not None:
            pieces.append(_gap(name, spec or "", conversion))
    return tuple(pieces)


def _gap(name: str, spec: str, conversion: str | None) -> _Gap:
    shown = (
        "{" + name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "") + "}"
    )
    if not name or name.isdecimal() or set(name) & set(".[]{}") or conversion:
        raise _no_template("a gap is not the name of a column", shown)
    if (spec and spec.count("|") != 1) or set(spec) & set("{}"):
        raise _no_template("a gap asks for a number format", shown)
    before, _, after = spec.partition("|")
    return _Gap(name, bool(spec), before, after)


def _no_template(
    why: str, wrong: str, *, expected: str = "{name} or {name:before|after}", hint: str = _HINT
) -> ArgumentError:
    return ArgumentError(f"the text is not a template: {why}", argument="text", expected=expected,
                         found=wrong, hint=hint)  # fmt: skip
