"""Python values to declared Arrow types, one by one, with a place for each that does not fit.

This is the slow way. Arrow's own readers go first; this one is asked what is wrong when they
fail, and reads the formats that Arrow does not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from medqa_kit.catalog.layouts import Layout
from medqa_kit.core.json_text import NotJson, RepeatedKeys
from medqa_kit.core.text.option_labels import option_number
from medqa_kit.errors import FormatError, MedQAError, SchemaMovedError, ValueTypeError, shorten
from medqa_kit.loading.readers.align import undeclared
from medqa_kit.normalizing.literals import literal_value

_WRITTEN = re.compile(r"\s*(?P<whole>-?[0-9]{1,20})(?P<more>\.[0-9]{0,20})?\s*", re.ASCII)
_EXACT = 2**53  # beyond, not every integer has a double


def typed(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Build a table of rows that :func:`fitted_row` let pass."""
    columns = [pa.array([row[field.name] for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def fitted_row(record: Mapping[str, Any], names: Mapping[str, str], layout: Layout
               ) -> dict[str, Any]:  # fmt: skip
    """Return a record under the declared names and as the declared types hold it.

    Args:
        record: Under the file's names.
        names: The file's name of each declared column.
        layout: What is declared.

    Raises:
        SchemaMovedError: The record has a key that is not declared.
        ValueTypeError: A value would have to be bent.
    """
    unknown = undeclared(record, names)
    if unknown and layout.extra == "refuse":
        raise SchemaMovedError(
            f"there is an undeclared column: {shorten(unknown)}",
            expected=", ".join(layout.raw.names),
            found=", ".join(record),
            hint="extra='ignore' leaves out what is not declared; keep= carries some along",
        )
    row = {}
    for field in layout.raw:
        try:
            row[field.name] = _fitted(
                _unbent(record.get(names[field.name]), field, layout),
                field.type,
                field.name,
                extra=layout.extra == "ignore",
            )
        except _MisfitError as misfit:
            path, expected, found = misfit.args
            raise ValueTypeError(
                f"{path} is of another type than declared",
                rows=[0],
                column=names[field.name],
                expected=f"{expected} ({field.type})",
                found=shorten([found]),
                hint="mend the value; on_bad='drop' sets such rows aside",
            ) from None
    return row


def values_of_texts(
    texts: Sequence[str | None], field: pa.Field, *, extra: bool, flat: str | None = None
) -> tuple[list[Any], list[int]]:
    """Read lists or objects that are written as text, as in files that went through CSV.

    Args:
        texts: One of each row.
        field: What is declared of them.
        extra: Whether objects may have further keys.
        flat: The field of the object that a bare text stands for, if any.

    Returns:
        The values, and the rows whose text writes none as declared: there, ``None`` stands.
    """
    values, misfits = list[Any](), list[int]()
    for row, text in enumerate(texts):  # each is a literal of its own
        try:
            values.append(_fitted(_whole(text, flat), field.type, field.name, extra=extra))
        except (_MisfitError, MedQAError):
            values.append(None)
            misfits.append(row)
    return values, misfits


def refuse_repeated(record: Mapping[str, Any], names: Collection[str], *, all_keys: bool) -> None:
    """Raise where a key stands twice in an object, so that nobody knows its value.

    Args:
        record: An object.
        names: Keys somebody asks for.
        all_keys: Whether other keys count too.

    Raises:
        FormatError: One does.
    """
    repeated = record.repeated if isinstance(record, RepeatedKeys) else frozenset[str]()
    doubtful = sorted(repeated if all_keys else repeated.intersection(names))
    if doubtful:
        raise FormatError(
            f"the key {doubtful[0]!r} stands twice in one object",
            expected="each key once",
            found=shorten(doubtful),
            hint="mend the file, or pass on_bad='drop' to set such records aside",
        )


def _unbent(value: Any, field: pa.Field, layout: Layout) -> Any:
    """Return a value in the form its column has where two forms say the same."""
    name, reading = field.name, layout.read
    if name in reading.flat and isinstance(value, str):
        return _whole(value, reading.flat[name])
    if name in reading.number_as_text and is_number(value):
        return str(value)
    first = layout.numbered_from(name)
    if first is not None and isinstance(value, str) and pa.types.is_integer(field.type):
        number = option_number(value, first)
        return value if number is None else number
    return value


def _whole(text: str | None, flat: str | None) -> Any:
    """Return the object that a bare text stands for; a text that writes an object stays, and so does a blank one."""
    if flat is None or not text or not text.strip() or isinstance(literal_value(text), dict):
        return text
    return {flat: text}


def is_number(value: Any) -> bool:
    """Check whether a value is a number that its digits say in full.

    Example:
        >>> [is_number(value) for value in (3, 6.5, True, "3", float("nan"), 1e22)]
        [True, True, False, False, False, False]
    """
    if isinstance(value, float):
        return math.isfinite(value) and "e" not in repr(value)
    return isinstance(value, int) and not isinstance(value, bool)


class _MisfitError(Exception):
    """A value does not fit: where, what was expected, what was found."""


def _fitted(value: Any, type_: pa.DataType, path: str, *, extra: bool) -> Any:
    """Return a value as the type holds it; ``path`` is its place, for the error."""
    t = pa.types
    if value is None:
        return None
    if isinstance(value, str) and t.is_nested(type_):
        if not value.strip():
            return None
        value = literal_value(value)
    if isinstance(value, NotJson):
        raise _MisfitError(path, "a number of JSON, within 1.8e308 and 4,300 digits", value)
    if t.is_list(type_) or t.is_large_list(type_):
        if not isinstance(value, list):
            raise _MisfitError(path, "a list", value)
        return [
            _fitted(v, type_.value_type, f"{path}[{i}]", extra=extra) for i, v in enumerate(value)
        ]
    if t.is_struct(type_):
        return _struct(value, type_, path, extra=extra)
    for is_kind, fit in _SCALARS:
        if is_kind(type_):
            return fit(value, type_, path)
    try:
        return pa.scalar(value, type_).as_py()
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise _MisfitError(path, str(type_), value) from None


def _struct(value: Any, type_: pa.DataType, path: str, *, extra: bool) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _MisfitError(path, "an object", value)
    names = [field.name for field in type_]
    refuse_repeated(value, names, all_keys=not extra)
    unknown = [key for key in value if key not in names]
    if unknown and not extra:
        raise _MisfitError(f"{path}.{unknown[0]}", f"only the keys {', '.join(names)}", unknown[0])
    return {field.name: _fitted(value.get(field.name), field.type, f"{path}.{field.name}",
                               extra=extra) for field in type_}  # fmt: skip


def _text(value: Any, type_: pa.DataType, path: str) -> str:
    if not isinstance(value, str):
        raise _MisfitError(path, "text", value)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _MisfitError(path, "text without half a surrogate pair", value) from None
    return value


def _number_of(value: Any) -> Any:
    """Return the number that a text writes, as files that went through CSV have it; what is none stays."""
    if not isinstance(value, str) or not (written := _WRITTEN.fullmatch(value)):
        return value
    return float(value) if written["more"] else int(written["whole"])


def _integer(value: Any, type_: pa.DataType, path: str) -> int:
    value = _number_of(value)
    # A longer float may stand for another number than the one that was written.
    whole = isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
    if isinstance(value, bool) or not (isinstance(value, int) or whole):
        raise _MisfitError(path, "a whole number", value)
    number = int(value)
    if pa.types.is_unsigned_integer(type_):
        low, high = 0, 2**type_.bit_width
    else:
        low, high = -(2 ** (type_.bit_width - 1)), 2 ** (type_.bit_width - 1)
    if not low <= number < high:
        raise _MisfitError(path, f"a number within {type_}", value)
    return number


def _float(value: Any, type_: pa.DataType, path: str) -> float:
    value = _number_of(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _MisfitError(path, "a number", value)
    if isinstance(value, int) and abs(value) > _EXACT:
        raise _MisfitError(path, "a number a double can hold exactly", value)
    if not math.isfinite(value):
        raise _MisfitError(path, "a finite number", value)
    if abs(value) > np.finfo(type_.to_pandas_dtype()).max:
        raise _MisfitError(path, f"a number within {type_}", value)
    return float(value)


def _bool(value: Any, type_: pa.DataType, path: str) -> bool:
    if not isinstance(value, bool):
        raise _MisfitError(path, "true or false", value)
    return value


_SCALARS: tuple[tuple[Callable[[pa.DataType], bool], Callable[..., Any]], ...] = (
    (pa.types.is_string, _text), (pa.types.is_large_string, _text),
    (pa.types.is_integer, _integer), (pa.types.is_floating, _float), (pa.types.is_boolean, _bool),
)  # fmt: skip
