"""The seven schemas as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from medqa_kit.schemas.definitions import describe, refuse_no_schema, required, schema_name

_JSON_TYPES: Mapping[pa.DataType, str] = {
    pa.string(): "string", pa.int32(): "integer", pa.float64(): "number",
}  # fmt: skip


def json_schema(schema: pa.Schema) -> dict[str, Any]:
    """Export one of the seven schemas as JSON Schema, draft 2020-12, for one row.

    Args:
        schema: One of the seven.

    Returns:
        A JSON-serialisable dict. A row has all columns and no other; a column that is not required may be null.

    Raises:
        ArgumentError: It is no schema.
        SchemaError: It is none of the seven.

    Example:
        >>> from medqa_kit.schemas import TEXT
        >>> json_schema(TEXT)["properties"]["title"]["type"]
        ['string', 'null']
    """
    refuse_no_schema(schema)
    name = schema_name(schema)
    needed = set(required(schema))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"medqa_kit {name} row",
        "type": "object",
        "properties": {
            f.name: _json_type(f.type, null=f.name not in needed) | {"description": describe(f)}
            for f in schema
        },
        "required": schema.names,
        "additionalProperties": False,
    }


def _json_type(type_: pa.DataType, *, null: bool) -> dict[str, Any]:
    if pa.types.is_list(type_):
        schema: dict[str, Any] = {
            "type": "array",
            "items": _json_type(type_.value_type, null=False),
        }
    elif pa.types.is_struct(type_):
        names = [f.name for f in type_]
        schema = {
            "type": "object",
            "properties": {f.name: _json_type(f.type, null=False) for f in type_},
            "required": names,
            "additionalProperties": False,
        }
    else:
        schema = {"type": _JSON_TYPES[type_]}
    return schema | {"type": [schema["type"], "null"]} if null else schema
