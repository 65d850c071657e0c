"""A source as the Python text that makes it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import pyarrow as pa

_NAMES = {
    "double": "float64",
    "float": "float32",
    "halffloat": "float16",
    "bool": "bool_",
    "date32[day]": "date32",
}


def type_code(kind: pa.DataType) -> str:
    """Return the expression that makes an Arrow type.

    Example:
        >>> type_code(pa.list_(pa.struct({"a": pa.float64()})))
        'pa.list_(pa.struct({"a": pa.float64()}))'
    """
    if pa.types.is_struct(kind):
        inner = ", ".join(f'"{field.name}": {type_code(field.type)}' for field in kind)
        return f"pa.struct({{{inner}}})"
    if pa.types.is_large_list(kind):
        return f"pa.large_list({type_code(kind.value_type)})"
    if pa.types.is_list(kind):
        return f"pa.list_({type_code(kind.value_type)})"
    if pa.types.is_timestamp(kind):
        zone = f", tz={kind.tz!r}" if kind.tz else ""
        return f"pa.timestamp({kind.unit!r}{zone})"
    return f"pa.{_NAMES.get(str(kind), str(kind))}()"


def schema_code(schema: pa.Schema, indent: str) -> str:
    """Return the expression that makes an Arrow schema, a column a line.

    Args:
        schema: The schema.
        indent: What stands before each line of it.
    """
    lines = "".join(f"{indent}    {field.name!r}: {type_code(field.type)},\n" for field in schema)
    return f"pa.schema({{\n{lines}{indent}}})"


def value_code(value: Any) -> str:
    """Return the expression that makes a value of a dataclass, without what is as by default.

    Example:
        >>> from medqa_kit.catalog import Reading
        >>> value_code(Reading(format="jsonl", quote=None))
        "Reading(format='jsonl', quote=None)"
    """
    if not is_dataclass(value) or isinstance(value, type):
        return repr(value)
    plain = type(value)
    arguments = [
        f"{field.name}={getattr(value, field.name)!r}"
        for field in fields(value)
        if field.init and getattr(value, field.name) != _default(plain, field.name)
    ]
    return f"{plain.__name__}({', '.join(arguments)})"


def _default(kind: Any, name: str) -> Any:
    """Return what a field of a dataclass is by default."""
    (declared,) = (field for field in fields(kind) if field.name == name)
    return declared.default_factory() if callable(declared.default_factory) else declared.default
