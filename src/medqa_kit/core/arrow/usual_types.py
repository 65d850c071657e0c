"""Columns in the types that the library reads: texts as strings, lists with offsets, no dictionaries."""

from __future__ import annotations

import pyarrow as pa

from medqa_kit.core.arrow.columns import is_text, whole
from medqa_kit.core.arrow.messages import (
    MESSAGE_LISTS,
    has_texts_of_json,
    is_json_list,
    messages_of_json,
    with_texts_of_json,
)
from medqa_kit.core.arrow.ragged import is_list, without_list_views


def in_usual_types(table: pa.Table) -> pa.Table:
    """Return a table whose texts are ``string``, whose lists are ``list``, and that has no dictionaries and no maps, at any depth.

    Data frames bring large strings, views and dictionaries with the same values, and ``datasets`` brings messages
    as JSON.

    Args:
        table: A table of the size of a batch, since the strings of a column may take two gigabytes at the most.

    Example:
        >>> table = pa.table({"a": pa.array(["x"]).dictionary_encode(), "b": pa.array([["y"]], pa.large_list(pa.large_string()))})
        >>> [str(kind) for kind in in_usual_types(table).schema.types]
        ['string', 'list<item: string>']
    """
    for i, field in enumerate(table.schema):
        if field.name in MESSAGE_LISTS and has_texts_of_json(field.type):
            read = with_texts_of_json(table.column(i))
            field = field.with_type(read.type)
            table = table.set_column(i, field, read)
        if field.name in MESSAGE_LISTS and is_json_list(field.type):
            table = table.set_column(i, field.name, messages_of_json(table.column(i)))
        elif _usual(field.type) != field.type:
            column = without_list_views(whole(table.column(i)))
            kind = _usual(column.type)
            table = table.set_column(i, field.with_type(kind), column.cast(kind))
    return table


def _usual(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _usual(kind.value_type)
    if is_text(kind):
        return pa.string()
    if is_list(kind):
        return pa.list_(kind.value_field.with_type(_usual(kind.value_type)))
    if isinstance(kind, pa.MapType):
        parts = [("key", _usual(kind.key_type)), ("value", _usual(kind.item_type))]
        return pa.list_(pa.struct(parts))
    if isinstance(kind, pa.StructType):
        return pa.struct([field.with_type(_usual(field.type)) for field in kind])
    return kind
