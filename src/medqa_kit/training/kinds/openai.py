"""OpenAI fine-tuning and batch requests; also the upload format of services that copied them.

Files are strict: no key beside the documented ones, so ids are not written. A fine-tuning file
needs at least ten lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from medqa_kit.core.columns import whole
from medqa_kit.core.messages import MESSAGES, constant
from medqa_kit.core.ragged import joined
from medqa_kit.errors import FormattingError
from medqa_kit.training.conversations import Exchange
from medqa_kit.training.kinds import schema_parts as shapes
from medqa_kit.training.kinds.model import REQUIRED, Columns, RecordKind, Settings
from medqa_kit.training.kinds.trl import same

# What a batch request may carry along; None leaves a setting out.
_OPTIONAL = {
    "temperature": pa.float64(), "top_p": pa.float64(), "seed": pa.int64(),
    "max_tokens": pa.int64(), "max_completion_tokens": pa.int64(), "reasoning_effort": pa.string(),
}  # fmt: skip


def _chat(x: Exchange, _: pa.Table, __: Settings) -> Columns:
    return {"messages": shapes.plain(joined(x.prompt, x.completion))}


def _dpo(x: Exchange, _: pa.Table, __: Settings) -> Columns:
    field = pa.field("messages", MESSAGES)
    return {
        "input": pa.StructArray.from_arrays([shapes.plain(x.prompt)], fields=[field]),
        "preferred_output": shapes.plain(x.completion),
        "non_preferred_output": shapes.plain(x.rejected),
    }


def _dpo_canonical(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "prompt": row["input"]["messages"],
        "chosen": row["preferred_output"],
        "rejected": row["non_preferred_output"],
    }


def _batch(x: Exchange, table: pa.Table, settings: Settings) -> Columns:
    if "id" not in table.column_names:
        raise FormattingError(
            "batch requests need an `id` column to become `custom_id`",
            found=", ".join(table.column_names),
            hint="results come back in any order and are joined on it",
        )
    rows = table.num_rows
    body = {"model": constant(settings["model"], rows), "messages": shapes.plain(x.prompt)}
    for name, type_ in _OPTIONAL.items():
        if settings[name] is not None:
            body[name] = pa.repeat(pa.scalar(settings[name], type_), rows)
    return {
        "custom_id": whole(table["id"]),
        "method": constant("POST", rows),
        "url": constant("/v1/chat/completions", rows),
        "body": pa.StructArray.from_arrays(list(body.values()), names=list(body)),
    }


_BODY = shapes.closed(
    {
        "model": shapes.TEXT, "messages": shapes.messages(),
        "temperature": {"type": "number"}, "top_p": {"type": "number"}, "seed": {"type": "integer"},
        "max_tokens": {"type": "integer"}, "max_completion_tokens": {"type": "integer"},
        "reasoning_effort": shapes.TEXT,
    },
    required=["model", "messages"],
)  # fmt: skip

KINDS = (
    RecordKind(
        "openai/chat", "chat fine-tuning; reasoning_content is no key it knows",
        "reply", _chat, shapes.row({"messages": shapes.messages()}, identified=False), same,
        identified=False, loss="assistant turns",
    ),
    RecordKind(
        "openai/dpo", "preference fine-tuning; exactly one message a reply, scores are left out",
        "preference", _dpo,
        shapes.row({
            "input": shapes.closed({"messages": shapes.messages()}),
            "preferred_output": shapes.reply(most=1),
            "non_preferred_output": shapes.reply(most=1),
        }, identified=False),
        _dpo_canonical, identified=False, holds="one reply", loss="chosen against rejected",
    ),
    RecordKind(
        "openai/batch", "Batch API requests; the answer is left out, id becomes custom_id",
        "prompt", _batch,
        shapes.row({
            "custom_id": shapes.TEXT, "method": {"const": "POST"},
            "url": {"const": "/v1/chat/completions"}, "body": _BODY,
        }, identified=False),
        lambda row: {"prompt": row["body"]["messages"]}, identified=False,
        settings={"model": REQUIRED, **dict.fromkeys(_OPTIONAL)}, loss="none",
    ),
)  # fmt: skip
