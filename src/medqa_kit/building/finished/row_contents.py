"""A hash of the content of each row of a result, independent of its file, its order and other rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.finished.row_places import FinishedResult
from medqa_kit.building.output.formats import ENTRY, TRACE
from medqa_kit.building.output.written_rows import CHOSEN, REJECTED, WrittenRows
from medqa_kit.core.arrow.columns import Column, whole
from medqa_kit.core.arrow.hashing import hashes, scattered
from medqa_kit.loading.content_hash import row_text

_FIELD, _IS = "\x1e", "="
_HALF = f"({CHOSEN}|{REJECTED})$"

CONTENTS = pa.schema(
    {"id": pa.string(), "source": pa.string(), "split": pa.string(), "content": pa.uint64()}
)
"""A row of a result: its id with ``#2`` and so on for further copies, its split, and a hash of its records."""


def row_contents(result: FinishedResult, formats: Sequence[str]) -> pa.Table:
    """Hash the records that the rows of a result have in some formats.

    A field that is null counts as one that is not there, since a source more may add fields to all rows.

    Args:
        result: The result.
        formats: Names of formats; of none, the rows are those of the first, and contents are 0.

    Returns:
        A table with the schema :data:`CONTENTS`, a row for each row and copy: train first.

    Raises:
        FormatError: A file is absent, cut or damaged.
    """
    named = {rows.form.name: rows for rows in result.formats}
    first, *others = [named[name] for name in formats] or [result.formats[0]]
    tables = [_hashed(result, first, hashed=bool(formats))]
    tables += [_hashed(result, rows, hashed=True) for rows in others]
    ids = pa.chunked_array([chunk for table in tables for chunk in table["id"].chunks], pa.string())
    encoded = whole(ids).dictionary_encode()
    sums = np.zeros(len(encoded.dictionary), np.uint64)
    np.add.at(sums, encoded.indices.to_numpy(), np.concatenate([table["content"].to_numpy() for table in tables]))  # fmt: skip
    _, places = np.unique(encoded.indices.to_numpy()[: tables[0].num_rows], return_index=True)
    rows = tables[0].take(pa.array(places))  # the first record of each row, in their order
    return rows.set_column(3, "content", pa.array(sums[: len(places)]))


def _hashed(result: FinishedResult, rows: WrittenRows, *, hashed: bool) -> pa.Table:
    """Return the records of a format, under the ids of their rows: the halves of a preference have one id."""
    tables = [CONTENTS.empty_table()]
    for split in rows.splits:
        for path, table in result.columns(rows, split, None if hashed else TRACE):
            with result.whole_file(path):
                ids, source = (table[name].cast(pa.string()) for name in TRACE[:2])
            half = rows.form.kind.needs == "unpaired"
            plain = pc.replace_substring_regex(ids, _HALF, "") if half else ids
            contents = np.zeros(table.num_rows, np.uint64)
            if hashed:
                contents = scattered(
                    hashes(_said(table)) ^ scattered(hashes(pa.array([rows.form.name])))[0]
                )
            tables.append(pa.table([plain, source, pa.repeat(split, table.num_rows), pa.array(contents)], schema=CONTENTS))  # fmt: skip
    return pa.concat_tables(tables)


def _said(table: pa.Table) -> Column:
    """Write what a record says, and not whose it is."""
    names = sorted({*table.column_names} - {*TRACE, ENTRY})
    return _together([_field(name, table[name]) for name in names])


def _field(name: str, column: Column) -> Column:
    array = whole(column)
    text = pc.binary_join_element_wise(name, row_text(_in_words(array)), _IS)
    return pc.if_else(array.is_valid(), text, None)


def _in_words(array: pa.Array) -> pa.Array:
    """Write the structs in a column as text, without the fields that are null."""
    if pa.types.is_list(array.type) and pa.types.is_nested(array.type.value_type):
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy()
        offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
        return pa.ListArray.from_arrays(offsets, _in_words(array.flatten()))
    if pa.types.is_struct(array.type):
        parts = zip(array.type, array.flatten(), strict=True)
        ordered = sorted(parts, key=lambda part: part[0].name)
        return _together([_field(field.name, part) for field, part in ordered])
    return array


def _together(fields: Sequence[Column]) -> Column:
    return pc.binary_join_element_wise(*fields, _FIELD, null_handling="skip")
