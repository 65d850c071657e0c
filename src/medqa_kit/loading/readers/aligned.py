"""Turn tables of a file into declared batches, and set single rows aside whose values do not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import copy

import numpy as np
import pyarrow as pa

from medqa_kit.catalog.layouts import Layout
from medqa_kit.core.arrow.columns import is_text, uncastable
from medqa_kit.core.arrow.ragged import without_list_views
from medqa_kit.errors import EncodingError, ValueTypeError, shorten
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.align import align, matched
from medqa_kit.loading.readers.json_values import values_of_texts
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask

_TEXT = pa.string()


def aligned(
    table: pa.Table,
    file: File,
    start: int,
    task: ReadTask,
    *,
    rows: Sequence[int] | None = None,
    text: bool = False,
) -> Iterator[RawBatch]:
    """Align a table and cut it into batches.

    Args:
        table: Rows under the file's own names and types.
        file: Where they stand.
        start: Position of the first.
        task: What ``read`` was asked.
        rows: Positions of all of them, where they have gaps.
        text: As in :func:`medqa_kit.loading.readers.align.align`.
    """
    if not text:
        table, rows = _sound(table, file, start, task, rows)
    try:
        fit = align(_unwritten(table, task.layout), task.layout, text=text)
    except ValueTypeError as error:
        positions = _positions(table, start, rows)
        for bad in error.rows:
            record = table.slice(bad, 1).to_pylist()[0]
            own = copy(error)
            own.rows, own.found = [bad], shorten([record.get(error.column)])
            content = json.dumps(record, ensure_ascii=False, default=str)
            task.refuse(own, file=file, row=int(positions[bad]), content=content)
        good = np.delete(np.arange(table.num_rows), error.rows)
        yield from aligned(
            table.take(good), file, start, task, rows=positions[good].tolist(), text=text
        )
        return
    yield from task.batches(file, start, fit, rows=rows)


def _unwritten(table: pa.Table, layout: Layout) -> pa.Table:
    """Return a table whose lists and objects are no text, as they are where it went through CSV.

    Raises:
        SchemaMovedError: A column is missing, unknown, or there twice.
        ValueTypeError: A text writes none as declared; where no text of a column does, it stays as it is.
    """
    nested = [field for field in layout.raw if pa.types.is_nested(field.type)]
    if not nested or not any(is_text(kind) for kind in table.schema.types):
        return table
    names = matched(table.column_names, layout)
    for field in nested:
        name = names[field.name]
        if name is None or not is_text(table.schema.field(name).type):
            continue
        texts = table[name].to_pylist()
        flat = layout.read.flat.get(field.name)
        values, bad = values_of_texts(texts, field, extra=layout.extra == "ignore", flat=flat)
        if bad and len(bad) == sum(bool(text and text.strip()) for text in texts):
            continue
        if bad:
            raise ValueTypeError(
                "a text writes no value as declared", column=name, rows=bad, expected=str(field.type),
                found=shorten([texts[row] for row in bad]), hint="look at these rows; on_bad='drop' sets them aside",
            )  # fmt: skip
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.array(values, field.type))
    return table


def _positions(table: pa.Table, start: int, rows: Sequence[int] | None) -> np.ndarray:
    return np.arange(start, start + table.num_rows) if rows is None else np.asarray(rows)


def _sound(
    table: pa.Table, file: File, start: int, task: ReadTask, rows: Sequence[int] | None
) -> tuple[pa.Table, Sequence[int] | None]:
    """Return the rows all of whose text is UTF-8, in columns that can be cast; refuse the others.

    Formats with types of their own say that text is UTF-8, and nobody looks when it is written.
    """
    plain = pa.Table.from_arrays([_plain(column) for column in table.columns], table.column_names)
    bad = {row: n for n in plain.column_names for row in uncastable(plain[n], _TEXT, _valid)}
    if not bad:
        return plain, rows
    positions = _positions(table, start, rows)
    for row in sorted(bad):
        shown = {name: _escaped(plain[name].slice(row, 1)) for name in plain.column_names}
        error = EncodingError(
            "the text is not utf-8", column=bad[row], expected="text in utf-8",
            found=shorten([shown[bad[row]]]), hint="on_bad='drop' sets such rows aside",
        )  # fmt: skip
        content = json.dumps(shown, ensure_ascii=False, default=str)
        task.refuse(error, file=file, row=int(positions[row]), content=content)
    good = np.delete(np.arange(table.num_rows), sorted(bad))
    return plain.take(good), positions[good].tolist()


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column without dictionaries, maps and list views, whose casts Arrow refuses or bends."""
    type_ = column.type
    if pa.types.is_map(type_):
        return column.cast(
            pa.list_(pa.struct([("key", type_.key_type), ("value", type_.item_type)]))
        )
    if pa.types.is_dictionary(type_) and pa.types.is_string(type_.value_type):
        # As bytes: Arrow refuses to look up text that is none.
        chunks = [chunk.dictionary.view(pa.binary()).take(chunk.indices) for chunk in column.chunks]
        return pa.chunked_array([chunk.view(pa.string()) for chunk in chunks], pa.string())
    return without_list_views(column)


def _valid(column: pa.ChunkedArray, type_: pa.DataType) -> pa.ChunkedArray:
    """Raise if text of a column, at any depth, is not UTF-8.

    A few passes of NumPy take three quarters of the time, but wait for the interpreter lock between
    any two of them while another thread works; Arrow lets go of it.
    """
    column.validate(full=True)
    return column


def _escaped(column: pa.ChunkedArray) -> object:
    """Return the one value of a column to be read by a person."""
    try:
        return column.to_pylist()[0]
    except UnicodeDecodeError:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            (value,) = column.cast(pa.large_binary()).to_pylist()
            return value.decode(errors="backslashreplace")
        return f"a {column.type} with text that is not utf-8"
