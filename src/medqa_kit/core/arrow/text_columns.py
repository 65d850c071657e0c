"""Read the texts of a column of texts, lists of texts or messages, and put changed texts back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import reads_as_text, whole
from medqa_kit.core.arrow.ragged import Ints, cast_lists, flat, is_list, relist
from medqa_kit.core.arrow.slices import need
from medqa_kit.errors import ArgumentError

NO_TEXTS = {
    "id", "source", "subset", "split", "language", "family", "revision", "tags", "label", "domain", "url",
    "text_language", "translation_language",
}  # fmt: skip
"""Columns with names and categories of rows, not with text that a person reads."""


def text_columns(table: pa.Table, names: Sequence[str] | None, *, purpose: str) -> list[str]:
    """Return the columns to look at: those named, or all that hold texts a person wrote.

    Raises:
        ArgumentError: A list names none: nothing would be looked at, and nothing said.
        FormattingError: One that is named is not there.

    Example:
        >>> text_columns(pa.table({"id": ["a"], "options": [["b"]], "tags": [["c"]], "year": [1]}), None, purpose="x")
        ['options']
    """
    if names is None:
        return [f.name for f in table.schema if f.name not in NO_TEXTS and _holds_text(f.type)]
    if not names:
        raise ArgumentError("columns= names no column", argument="columns", expected="a name at least, or None",
                            found="an empty list", hint="columns=None takes all texts")  # fmt: skip
    need(table, tuple(names), purpose=purpose, hint="columns=None takes all texts")
    return list(names)


def measured_columns(table: pa.Table) -> list[str]:
    """Return the columns by which the length of rows is measured, without pieces of a text that is a column itself.

    Example:
        >>> measured_columns(pa.table({"id": ["a"], "text": ["b c"], "tokens": [["b", "c"]]}))
        ['text']
    """
    names = text_columns(table, None, purpose="measuring texts")
    return [name for name in names if name != "tokens" or "text" not in names]


def texts_of(table: pa.Table, name: str) -> pa.Array:
    """Return the texts of a column, those of lists and messages end to end.

    Returns:
        ``large_string[m]``: one a row, or one an element of a list.

    Example:
        >>> texts_of(pa.table({"options": [["a", "b"], ["c"]]}), "options").to_pylist()
        ['a', 'b', 'c']
    """
    column = whole(table[name])
    if is_list(column.type):
        column = flat(column).values
        if pa.types.is_struct(column.type):
            column = pc.struct_field(column, "content")
    return column.cast(pa.large_string())


def rows_of_texts(table: pa.Table, name: str, places: Ints) -> Ints:
    """Return the row of each of some texts of :func:`texts_of`.

    Example:
        >>> import numpy as np
        >>> rows_of_texts(pa.table({"options": [["a", "b"], ["c"]]}), "options", np.array([1, 2])).tolist()
        [0, 1]
    """
    column = whole(table[name])
    return flat(column).rows(places) if is_list(column.type) else places


def characters(table: pa.Table) -> Ints:
    """Count the characters of all texts of each row.

    Example:
        >>> characters(pa.table({"question": ["ab", None], "options": [["c", "de"], []]})).tolist()
        [5, 0]
    """
    return _summed(table, measured_columns(table), pc.utf8_length)


def text_bytes(table: pa.Table) -> Ints:
    """Count the bytes of all texts of each row, as UTF-8.

    Example:
        >>> text_bytes(pa.table({"question": ["ab", None], "options": [["각", "de"], []]})).tolist()
        [7, 0]
    """
    return _summed(table, text_columns(table, None, purpose="measuring texts"), pc.binary_length)


def _summed(
    table: pa.Table, columns: Sequence[str], length: Callable[[pa.Array], pa.Array]
) -> Ints:
    sizes: Ints = np.zeros(table.num_rows, np.int64)
    for name in columns:
        lengths = pc.fill_null(length(texts_of(table, name)), 0).to_numpy()
        np.add.at(sizes, rows_of_texts(table, name, np.arange(len(lengths))), lengths)
    return sizes


def with_texts(table: pa.Table, name: str, texts: pa.Array) -> pa.Table:
    """Put other texts into a column; its type stays.

    Args:
        table: The table.
        name: The column.
        texts: As many as :func:`texts_of` returns.

    Example:
        >>> table = pa.table({"options": [["a", "b"], ["c"]]})
        >>> with_texts(table, "options", pa.array(["x", "y", "z"]))["options"].to_pylist()
        [['x', 'y'], ['z']]
    """
    column = whole(table[name])
    if is_list(column.type):
        values = flat(column).values
        if pa.types.is_struct(values.type):
            texts = _messages(values, texts)
        column = cast_lists(relist(column, texts.cast(column.type.value_type)), column.type)
    else:
        column = texts.cast(column.type)
    return table.set_column(table.column_names.index(name), table.schema.field(name), column)


def _messages(values: pa.StructArray, contents: pa.Array) -> pa.Array:
    fields = [contents.cast(field.type) if field.name == "content" else pc.struct_field(values, field.name)
              for field in values.type]  # fmt: skip
    return pa.StructArray.from_arrays(fields, fields=list(values.type), mask=values.is_null())


def _holds_text(kind: pa.DataType) -> bool:
    if is_list(kind):
        kind = kind.value_type
        if pa.types.is_struct(kind):
            return any(field.name == "content" and reads_as_text(field.type) for field in kind)
    return reads_as_text(kind)
