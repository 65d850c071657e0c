"""Bring the columns of a file to those that a source declares: by name, and without loss.

Nothing is guessed: a column that is not declared, or a type that would have to be bent, is an
error that says what upstream has now. Where names and types already agree nothing is copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as t

from medqa_kit.catalog.layouts import Layout
from medqa_kit.core.arrow.columns import uncastable, whole
from medqa_kit.core.arrow.ragged import is_list
from medqa_kit.core.text.option_labels import option_numbers
from medqa_kit.errors import SchemaMovedError, ValueTypeError, shorten
from medqa_kit.loading.readers.column_names import is_index, plain_name, renaming

REVISION = "upstream may have changed: pass revision= for the state that was catalogued, or "
"""Begins hints that hold for files of a hub only; see :func:`hint_for_files`."""

RENAMED = "columns={declared: theirs} where only names differ"
_OTHERS = "extra='ignore' to leave out what is not declared (keep= carries some along)"
_FLAT = "pass a copy with the objects whole: json_normalize and Dataset.flatten part them, to_json(orient='records') and to_parquet of the rows do not"
_Cast = Callable[[pa.ChunkedArray, pa.DataType], pa.ChunkedArray]
_WHOLE = r"^(-?[0-9]+)\.0*$"
_LONG = r"^-?[0-9]{16,}$"
_EXACT = 2.0**53  # beyond, not every whole number has a double


def align(table: pa.Table, layout: Layout, *, text: bool = False) -> pa.Table:
    """Return a file's table the columns and types of ``layout.raw``.

    Args:
        table: Rows of the file, under the file's own names and types.
        layout: What is declared.
        text: Whether the file has no types of its own (CSV): then ``"3"`` may become 3, and an
            empty field becomes null in columns that are not text.

    Returns:
        A table with exactly the schema ``layout.raw``. Its columns are the given ones wherever
        the type agrees.

    Raises:
        SchemaMovedError: A column is missing, unknown, there twice, or of a type from which the
            declared one cannot be had without loss.
        ValueTypeError: Single values cannot; ``rows`` holds their positions.

    Example:
        >>> layout = Layout(at=None, files="", raw=pa.schema({"n": pa.int64()}),
        ...                 normalize=None, schema=None)
        >>> align(pa.table({"N": pa.array([3], pa.int8())}), layout).schema
        n: int64
    """
    if table.schema.equals(layout.raw) and not layout.renamed:
        columns = table.columns
    else:
        names = matched(table.column_names, layout)
        columns = [
            _column(
                table, names[f.name], f, text=text, extra=layout.extra == "ignore",
                digits=f.name in layout.read.number_as_text, first=layout.numbered_from(f.name),
            )
            for f in layout.raw
        ]  # fmt: skip
    for field, column in zip(layout.raw, columns, strict=True):
        if has_float(field.type):
            _cast(column, field.type, field.name, _finite)
    return pa.Table.from_arrays(columns, schema=layout.raw)


def matched(names_there: Sequence[str], layout: Layout) -> dict[str, str | None]:
    """Find under which name a file has each declared column, ``None`` for absent optional ones.

    The declared name itself comes first, then another case of it, then the declared aliases, of
    which ``*`` is the only column of a file; a name the user gave comes alone.

    Raises:
        SchemaMovedError: A column is missing, unknown, there twice, or an object whose values stand in columns of
            their own.

    Example:
        >>> layout = Layout(at=None, files="", raw=pa.schema({"ask": pa.string()}),
        ...                 normalize=None, schema=None, aliases={"ask": ("question",)})
        >>> matched(["Question"], layout)
        {'ask': 'Question'}
    """
    if len(set(names_there)) < len(names_there):
        twice = [name for name in dict.fromkeys(names_there) if names_there.count(name) > 1]
        raise _moved(f"there are two columns of the name {twice[0]!r}", layout, names_there,
                     "call each column otherwise")  # fmt: skip
    names = {declared: _spelled(declared, names_there, layout) for declared in layout.raw.names}
    missing = [d for d, f in names.items() if f is None and d not in layout.optional]
    unknown = undeclared(names_there, names)
    nested = [f.name for f in layout.raw if t.is_nested(f.type) and names[f.name] is None]
    if flat := [name for name in unknown if name.partition(".")[0] in nested]:
        raise _moved(
            f"each value of an object stands in a column of its own: {shorten(flat)}",
            layout,
            names_there,
            _FLAT,
        )
    if missing:
        said = {d: f for d in layout.renamed if (f := names.get(d)) is not None}
        paste = renaming(missing, unknown, said)
        absent = shorten([layout.renamed.get(d, d) for d in missing])
        raise _moved(f"columns are missing: {absent}", layout, names_there,
                     REVISION + (f"{paste} if these are they" if paste else RENAMED))  # fmt: skip
    if unknown and layout.extra == "refuse":
        raise _moved(
            f"columns are not declared: {shorten(unknown)}", layout, names_there, REVISION + _OTHERS
        )
    return names


def undeclared(names_there: Iterable[str], names: Mapping[str, str | None]) -> list[str]:
    """Return the columns of a file that are neither declared nor an index that pandas wrote along.

    Args:
        names_there: Names of all columns.
        names: The file's name of each declared column.
    """
    return [name for name in names_there if name not in names.values() and not is_index(name)]


def hint_for_files(hint: str) -> str:
    """Return a hint about columns as it holds for files that are as they are: none of a hub.

    Example:
        >>> hint_for_files(REVISION + RENAMED)
        'pass files that have the declared columns'
    """
    if not hint.startswith(REVISION):
        return hint
    rest = hint.removeprefix(REVISION)
    return "pass files that have the declared columns" if rest == RENAMED else f"pass {rest}"


def _spelled(declared: str, names_there: Sequence[str], layout: Layout) -> str | None:
    if declared in layout.renamed:  # a user's word counts alone
        spellings, others = [layout.renamed[declared]], list(names_there)
    else:
        spellings = [declared, *layout.aliases.get(declared, ())]
        others = [name for name in names_there if name not in layout.raw.names]
    if spellings[0] in names_there:
        return spellings[0]
    if "*" in spellings and len(names_there) == 1:
        return names_there[0]
    plain = {plain_name(name): name for name in reversed(others)}
    return next((plain[p] for p in map(plain_name, spellings) if p in plain), None)


def _moved(what: str, layout: Layout, found: Sequence[str], hint: str) -> SchemaMovedError:
    optional = f" (may be absent: {', '.join(layout.optional)})" if layout.optional else ""
    return SchemaMovedError(
        what,
        expected=", ".join(layout.raw.names) + optional,
        found=", ".join(_shown(name) for name in found) or "no columns",
        hint=hint,
    )


def _shown(name: str) -> str:
    """Return a name, in quotation marks where something of it cannot be seen."""
    return name[:80] if name and plain_name(name) == name.casefold() else repr(name[:80])


def _column(
    table: pa.Table,
    name: str | None,
    field: pa.Field,
    *,
    text: bool,
    extra: bool,
    digits: bool,
    first: int | None,
) -> pa.ChunkedArray:
    if name is None:
        return pa.chunked_array([pa.nulls(table.num_rows, field.type)], type=field.type)
    column = table[name]
    if column.type == field.type:
        return column
    if digits and t.is_integer(column.type):
        return pc.cast(column, field.type)
    if t.is_dictionary(column.type) and _is(column.type.value_type, _TEXTS):
        column = column.cast(column.type.value_type)
    numbered = first is not None and t.is_integer(field.type) and _is(column.type, _TEXTS)
    if numbered:
        column = letters_as_numbers(column, first or 0)
    parse = numbered or (
        text and _is(column.type, _TEXTS) and _is(field.type, (*_NUMBERS, t.is_boolean))
    )
    if not parse and _is(column.type, _TEXTS) and _is(field.type, _NUMBERS):
        with suppress(pa.ArrowInvalid):  # all are numbers, as in files that went through CSV
            return _parsed(column, field.type)
    if not parse and not _lossless(column.type, field.type, extra=extra):
        raise SchemaMovedError(
            "the type is another than declared",
            column=name,
            hint=REVISION + RENAMED,
            expected=str(field.type),
            found=str(column.type),
        )
    decimal = _is(column.type, _DECIMALS)
    cast = _parsed if parse else _exactly if decimal else pc.cast
    return _cast(column, field.type, name, cast)


def letters_as_numbers(column: pa.ChunkedArray, first: int) -> pa.ChunkedArray:
    """Write the marker of an option as its number; what names no option stays.

    Args:
        column: ``string[n]``.
        first: The number of the first option.

    Example:
        >>> letters_as_numbers(pa.chunked_array([["A", " c ", "②", "2번", "x y", None]]), 1).to_pylist()
        ['1', '3', '2', '2', 'x y', None]
    """
    trimmed = whole(pc.utf8_trim_whitespace(column))
    numbers = option_numbers(trimmed, first)
    return pa.chunked_array([pc.coalesce(numbers.cast(trimmed.type), trimmed)])


def _cast(column: pa.ChunkedArray, type_: pa.DataType, name: str, cast: _Cast) -> pa.ChunkedArray:
    try:
        return cast(column, type_)
    except pa.ArrowInvalid:
        own = column.take(pa.array(range(len(column))))
        rows = uncastable(own, type_, cast)
        if not rows:  # of a slice of lists Arrow casts what lies outside, too
            return cast(own, type_)
        raise ValueTypeError(
            "values are of another type than declared",
            column=name, rows=rows, expected=str(type_),
            found=shorten(own.take(pa.array(rows)).to_pylist()),
            hint="look at these rows; on_bad='drop' sets them aside",
        ) from None  # fmt: skip


def _parsed(column: pa.ChunkedArray, type_: pa.DataType) -> pa.ChunkedArray:
    """Read numbers and truth values from text; pandas writes integers with gaps as ``3.0``."""
    trimmed = pc.utf8_trim_whitespace(column)
    if t.is_integer(type_):
        trimmed = pc.replace_substring_regex(trimmed, pattern=_WHOLE, replacement=r"\1")
    blank = pc.equal(trimmed, "")
    numbers = pc.cast(pc.if_else(blank, pa.scalar(None, trimmed.type), trimmed), type_)
    if t.is_floating(type_):
        long = pc.match_substring_regex(trimmed, pattern=_LONG)
        if pc.any(pc.and_(long, pc.greater_equal(pc.abs(numbers), _EXACT))).as_py():
            raise pa.ArrowInvalid("a whole number that no double holds")
    return numbers


def _exactly(column: pa.ChunkedArray, type_: pa.DataType) -> pa.ChunkedArray:
    """Read decimal numbers as numbers that are written with the same digits."""
    numbers = pc.cast(column, type_)
    if t.is_floating(type_) and not pc.cast(numbers, column.type).equals(column):
        raise pa.ArrowInvalid("a decimal number that no double holds")
    return numbers


def _finite(column: pa.ChunkedArray, type_: pa.DataType) -> pa.ChunkedArray:
    """Check that floats are numbers: no NaN, not infinite."""
    for chunk in column.chunks:
        for leaf in float_leaves(chunk):
            if not pc.all(pc.is_finite(leaf), min_count=0).as_py():
                raise pa.ArrowInvalid(f"{type_} without end, or no number")
    return column


def has_float(type_: pa.DataType) -> bool:
    """Check whether a type holds floats at any depth."""
    fields = [type_.field(i) for i in range(type_.num_fields)]
    return bool(t.is_floating(type_)) or any(has_float(field.type) for field in fields)


def float_leaves(array: pa.Array) -> Iterator[pa.Array]:
    """Return the floats of an array, at any depth, as flat arrays."""
    if t.is_floating(array.type):
        yield array
    elif t.is_struct(array.type):
        for part in array.flatten():
            yield from float_leaves(part)
    elif is_list(array.type):
        yield from float_leaves(array.flatten())


def _lossless(type_there: pa.DataType, declared: pa.DataType, *, extra: bool) -> bool:
    """Check whether Arrow's checked cast turns one type into the other without bending values."""
    if type_there == declared or t.is_null(type_there):
        return True
    if t.is_dictionary(type_there):
        return _lossless(type_there.value_type, declared, extra=extra)
    if is_list(type_there) and is_list(declared):
        return _lossless(type_there.value_type, declared.value_type, extra=extra)
    if t.is_struct(type_there) and t.is_struct(declared):
        return _lossless_struct(type_there, declared, extra=extra)
    if t.is_floating(type_there) and t.is_floating(declared):
        return bool(type_there.bit_width <= declared.bit_width)
    if t.is_timestamp(type_there) and t.is_timestamp(declared):
        return bool(type_there.tz == declared.tz)
    if _is(type_there, _DECIMALS) and _is(declared, _NUMBERS):
        return True
    return any(_is(type_there, kind) and _is(declared, kind) for kind in (_TEXTS, _NUMBERS))


def _lossless_struct(type_there: pa.StructType, declared: pa.StructType, *, extra: bool) -> bool:
    theirs, ours = ({field.name: field.type for field in type_} for type_ in (type_there, declared))
    if len(theirs) < type_there.num_fields or not (extra or theirs.keys() <= ours.keys()):
        return False
    return all(_lossless(theirs[name], ours[name], extra=extra) for name in theirs.keys() & ours)


_TEXTS = (t.is_string, t.is_large_string, t.is_string_view)
_NUMBERS = (t.is_integer, t.is_floating)
_DECIMALS = (t.is_decimal,)


def _is(type_: pa.DataType, kinds: tuple[Callable[[pa.DataType], bool], ...]) -> bool:
    return any(kind(type_) for kind in kinds)
