"""Rows as JSON text, built column by column.

A row becomes one string through a few joins of whole columns; the bytes are those of
:func:`medqa_kit.core.json_text.json_line` for the same row as a dict.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any, TypeAlias, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import is_text, whole
from medqa_kit.core.arrow.messages import is_json
from medqa_kit.core.arrow.ragged import flat, is_list
from medqa_kit.core.json_text import json_line
from medqa_kit.errors import SchemaError

_TEXT = pa.large_string()
# Characters that must be escaped, for JSON or for readers of its lines, in UTF-8, and their escapes;
# backslash first.
_ESCAPES = tuple((mark, mark.encode(), escape) for mark, escape in {
    "\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f",
    **{chr(code): f"\\u{code:04x}" for code in range(32) if chr(code) not in "\n\t\r\b\f"},
    "\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029",
}.items())  # fmt: skip

# Texts to be joined one after the other: each a column of the same length, or the same for all rows.
_Pieces: TypeAlias = list[Any]


def json_rows(table: pa.Table) -> memoryview:
    r"""Return the rows of a batch as JSON Lines: a line a row, each with its line break.

    Keys of dicts inside a row are left out where they are null; columns that are null are kept.

    Args:
        table: Any columns, n rows. What JSON does not know (dates, bytes) is written as text.

    Returns:
        UTF-8.

    Raises:
        ValueError: A number is NaN or infinite.
        SchemaError: A column of a type that another package has defined, such as periods of pandas.

    Example:
        >>> message = {"role": "user", "content": 'a "b"\n', "name": None}
        >>> bytes(json_rows(pa.table({"id": ["d/1"], "messages": [[message]]})))
        b'{"id": "d/1", "messages": [{"role": "user", "content": "a \\"b\\"\\n"}]}\n'
    """
    pieces: _Pieces = ["" if table.num_columns else "{"]
    for name, column in zip(table.column_names, table.columns, strict=True):
        key = f"{', ' if len(pieces) > 1 else '{'}{json_line(name)}: "
        pieces += [key, *_value(whole(column))]
    return _bytes_of(_joined([*pieces, "}\n"], table.num_rows)).data


def _value(array: pa.Array) -> _Pieces:
    """Return the pieces of the JSON of each value; null is ``null``."""
    if not array.null_count:
        return _present(array)
    texts = _joined(_present(array), len(array))
    return [pc.if_else(pc.is_null(array), _text("null"), texts)]


def _present(array: pa.Array) -> _Pieces:
    """Return the pieces of the JSON of each value; where a value is null, its piece has no meaning."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _present(array.dictionary_decode())
    if is_text(kind):
        return ['"', _escaped(array.cast(_TEXT)), '"']
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return [array.cast(_TEXT)]
    if pa.types.is_struct(kind):
        return _object(array)
    if is_json(kind):  # a loop over values: they are written by the one function that writes JSON
        texts = array.storage.to_pylist()
        return [
            pa.array(
                [
                    None if text is None else json_line(_without_nulls(json.loads(text)))
                    for text in texts
                ],
                _TEXT,
            )
        ]
    if is_list(kind):
        parts = flat(array)
        lengths = parts.ends - parts.starts
        texts = _joined(_value(parts.values), len(parts.values))
        offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int64())
        return [
            "[",
            pc.binary_join(pa.LargeListArray.from_arrays(offsets, texts), _text(", ")),
            "]",
        ]
    return [_one_by_one(array)]


def _without_nulls(value: Any) -> Any:
    """Return a value without the keys of dicts that are null."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _object(array: pa.StructArray) -> _Pieces:
    """Return the pieces of a dict: its keys that are not null."""
    columns = array.flatten()  # with the nulls of the dict itself
    keys = [f"{json_line(array.type.field(i).name)}: " for i in range(len(columns))]
    fields = list(zip(keys, columns, strict=True))
    if not fields:
        return ["{}"]
    if not columns[0].null_count:  # each key after the first has a comma before it
        commas = ("", *repeat(", ", len(columns) - 1))
        return ["{", *chain(*(_field(c, *f) for c, f in zip(commas, fields, strict=True))), "}"]
    texts = _joined([*chain(*(_field(", ", *field) for field in fields))], len(array))
    return ["{", pc.utf8_slice_codeunits(texts, 2), "}"]


def _field(comma: str, key: str, column: pa.Array) -> _Pieces:
    """Return the pieces of a key and its value, nothing where the value is null."""
    pieces = [comma + key, *_present(column)]
    if not column.null_count:
        return pieces
    return [pc.if_else(pc.is_valid(column), _joined(pieces, len(column)), _text(""))]


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, _TEXT)


def _joined(pieces: _Pieces, rows: int) -> pa.Array:
    """Join pieces of each row; neighbours that are the same for all rows are joined first."""
    merged: _Pieces = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        elif not (isinstance(piece, str) and not piece):
            merged.append(piece)
    columns = [_text(piece) if isinstance(piece, str) else piece for piece in merged]
    if not any(isinstance(piece, pa.Array) for piece in columns):
        return pa.repeat(_text("".join(cast(Sequence[str], merged))), rows)
    if len(columns) == 1:
        return columns[0]
    return pc.binary_join_element_wise(*columns, _text(""), null_handling="replace")


def _escaped(texts: pa.Array) -> pa.Array:
    """Return texts in which characters are escaped that JSON, or readers of its lines, do not allow."""
    data = _bytes_of(texts)
    if not data.size:
        return texts
    every = data.tobytes()  # in bytes a search takes a tenth of the time
    control = int(np.count_nonzero(data < 32))
    for mark, code, escape in _ESCAPES:
        if code[0] < 32:
            number = int(np.count_nonzero(data == code[0])) if control else 0
            control -= number
            among = number > 0
        else:
            among = code[0] in every and (len(code) == 1 or _stands_in(data, code))
        if among:
            texts = pc.replace_substring(texts, mark, escape)
    return texts


def _stands_in(data: np.ndarray[Any, np.dtype[np.uint8]], code: bytes) -> bool:
    """Check whether a text holds a character whose first byte is rare in it."""
    at = np.flatnonzero(data[: len(data) - len(code) + 1] == code[0])
    for place, byte in enumerate(code[1:], start=1):
        at = at[data[at + place] == byte]
    return bool(len(at))


def _bytes_of(texts: pa.Array) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the bytes of all texts, as they lie in memory."""
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return np.empty(0, np.uint8)
    borders = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data, np.uint8)[borders[0] : borders[-1]]


def _one_by_one(array: pa.Array) -> pa.Array:
    """Return the JSON of values that Arrow writes in another way than Python, such as floats and dates.

    A loop over the distinct values where there are few, else over all: only Python writes the shortest
    text of a float that reads back as the same float.
    """
    if pa.types.is_null(array.type):
        return pa.repeat(_text("null"), len(array))
    if isinstance(array.type, pa.ExtensionType):  # periods and intervals of pandas
        raise SchemaError("JSON has nothing for a type of another package", expected="text, numbers, dates, lists or structs",
                          found=str(array.type), hint="turn the column into text first: frame[name].astype(str)")  # fmt: skip
    if pa.types.is_nested(array.type):
        return pa.array([json_line(value) for value in array.to_pylist()], _TEXT)
    coded = array.dictionary_encode()
    texts = pa.array([json_line(value) for value in coded.dictionary.to_pylist()], _TEXT)
    return texts.take(coded.indices)
