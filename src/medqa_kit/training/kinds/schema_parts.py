"""Pieces of JSON Schema that several kinds of record share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SOME_TEXT = {"type": "string", "pattern": r"\S"}
ANY_TEXT = {"type": "string"}
LABEL = {"type": "boolean"}


_CARRIED: Mapping[str, dict[str, Any]] = {
    "tool_calls": {"type": "array", "items": {"type": "object"}}, "tool_call_id": SOME_TEXT,
    "name": SOME_TEXT, "weight": {"enum": [0, 1]},
}  # fmt: skip


def message_schema(*roles: str, apart: bool = False, carried: Sequence[str] = ()) -> dict[str, Any]:
    """Schema of one message with one of the given roles; one that calls tools needs no content."""
    properties: dict[str, Any] = {"role": {"enum": list(roles)}, "content": SOME_TEXT}
    if apart:
        properties["reasoning_content"] = SOME_TEXT
    properties |= {name: _CARRIED[name] for name in carried}
    if "tool_calls" not in carried:
        return closed_schema(properties, required=["role", "content"])
    calls = {"properties": {"role": {"const": "assistant"}}, "required": ["tool_calls"]}
    schema = closed_schema(properties, required=["role"])
    return schema | {"anyOf": [{"required": ["content"]}, calls]}


def thread_schema(*, apart: bool = False, carried: Sequence[str] = ()) -> dict[str, Any]:
    """Schema of a conversation."""
    roles = ("system", "user", "assistant", "tool")
    return {
        "type": "array",
        "minItems": 1,
        "items": message_schema(*roles, apart=apart, carried=carried),
    }


def reply_schema(
    *, apart: bool = False, most: int | None = None, carried: Sequence[str] = ()
) -> dict[str, Any]:
    """Schema of a reply: messages of the assistant, and of the tools it calls."""
    schema = {
        "type": "array",
        "minItems": 1,
        "items": message_schema("assistant", "tool", apart=apart, carried=carried),
    }
    return schema | ({"maxItems": most} if most else {})


def closed_schema(
    properties: Mapping[str, Any], *, required: Sequence[str] | None = None
) -> dict[str, Any]:
    """Schema of an object with these properties and no others, all required by default."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


def row_schema(properties: Mapping[str, Any], *, strict: bool = False) -> dict[str, Any]:
    """Schema of a record; further plain columns may stand beside, unless the reader is strict."""
    schema = closed_schema(properties)
    if not strict:
        schema["properties"] = {"id": ANY_TEXT, **properties}
        schema["additionalProperties"] = {"not": {"type": ["array", "object"]}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
