"""OpenAI fine-tuning and batch requests; also the upload format of services that copied them.

Files are strict: no key beside the documented ones, so identity columns are not written. A fine-tuning file
needs at least ten lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.messages import constant
from medqa_kit.core.arrow.ragged import joined_lists
from medqa_kit.errors import FormattingError
from medqa_kit.training.conversations import Exchange
from medqa_kit.training.kinds import message_columns as columns
from medqa_kit.training.kinds import schema_parts as schemas
from medqa_kit.training.kinds.model import REQUIRED, RecordColumns, RecordKind, Setting, Settings

# What a batch request may carry along; None leaves a setting out.
_OPTIONAL = {
    name: Setting(None, type_) for name, type_ in (
        ("temperature", pa.float64()), ("top_p", pa.float64()), ("seed", pa.int64()),
        ("max_tokens", pa.int64()), ("max_completion_tokens", pa.int64()),
        ("reasoning_effort", pa.string()),
    )
}  # fmt: skip


def _chat(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {"messages": columns.without_reasoning(joined_lists(x.prompt, x.completion))}


def _dpo(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {
        "input": pa.StructArray.from_arrays([columns.without_reasoning(x.prompt)], ["messages"]),
        "preferred_output": columns.without_reasoning(x.completion),
        "non_preferred_output": columns.without_reasoning(x.rejected),
    }


def _dpo_canonical(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "prompt": row["input"]["messages"],
        "chosen": row["preferred_output"],
        "rejected": row["non_preferred_output"],
    }


def _batch(x: Exchange, table: pa.Table, settings: Settings) -> RecordColumns:
    if "id" not in table.column_names:
        raise FormattingError(
            "batch requests need an `id` column to become `custom_id`",
            found=", ".join(table.column_names),
            hint="results come back in any order and are joined on it",
        )
    rows, ids = table.num_rows, whole(table["id"]).cast(pa.string())
    if ids.null_count:
        raise FormattingError(
            "batch requests need an id each", found=f"{ids.null_count} nulls of {rows}",
            hint="results come back in any order and are joined on it",
        ).at(column="id")  # fmt: skip
    body = {
        "model": constant(settings["model"], rows),
        "messages": columns.without_reasoning(x.prompt),
    }
    for name, setting in _OPTIONAL.items():
        if settings[name] is not None:
            body[name] = pa.repeat(pa.scalar(settings[name], setting.type), rows)
    return {
        "custom_id": ids,
        "method": constant("POST", rows),
        "url": constant("/v1/chat/completions", rows),
        "body": pa.StructArray.from_arrays(list(body.values()), names=list(body)),
    }


_CALLS = ("tool_calls", "tool_call_id", "name")
_TRAINED = (*_CALLS, "weight")

_BODY = schemas.closed_schema(
    {
        "model": schemas.SOME_TEXT, "messages": schemas.thread_schema(carried=_CALLS),
        "temperature": {"type": "number"}, "top_p": {"type": "number"}, "seed": {"type": "integer"},
        "max_tokens": {"type": "integer"}, "max_completion_tokens": {"type": "integer"},
        "reasoning_effort": schemas.SOME_TEXT,
    },
    required=["model", "messages"],
)  # fmt: skip

OPENAI_KINDS = (
    RecordKind(
        "openai/chat", "chat fine-tuning; reasoning_content is no key it knows",
        "reply", _chat, schemas.row_schema({"messages": schemas.thread_schema(carried=_TRAINED)}, strict=True), columns.unchanged,
        strict=True, carried=_TRAINED, loss="assistant turns",
    ),
    RecordKind(
        "openai/dpo", "preference fine-tuning; exactly one message a reply, scores are left out",
        "preference", _dpo,
        schemas.row_schema({
            "input": schemas.closed_schema({"messages": schemas.thread_schema(carried=_CALLS)}),
            "preferred_output": schemas.reply_schema(most=1, carried=_CALLS),
            "non_preferred_output": schemas.reply_schema(most=1, carried=_CALLS),
        }, strict=True),
        _dpo_canonical, strict=True, holds="one reply", carried=_CALLS, loss="chosen against rejected",
    ),
    RecordKind(
        "openai/batch", "Batch API requests; the answer is left out, id becomes custom_id",
        "prompt", _batch,
        schemas.row_schema({
            "custom_id": schemas.SOME_TEXT, "method": {"const": "POST"},
            "url": {"const": "/v1/chat/completions"}, "body": _BODY,
        }, strict=True),
        lambda row: {"prompt": row["body"]["messages"]}, strict=True, carried=_CALLS,
        settings={"model": Setting(REQUIRED), **_OPTIONAL}, loss="none",
    ),
)  # fmt: skip
