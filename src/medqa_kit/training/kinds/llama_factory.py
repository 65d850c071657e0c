"""LLaMA-Factory: rows plus a stanza of ``dataset_info.json``, without which columns are lost.

A row whose turns do not alternate, or whose output is no string, is emptied and later dropped
without a word. ``formatting: openai`` adds "detailed thinking off" to every system prompt, so the
stanzas here say ``sharegpt`` with tags for role and content. Reasoning is read inline only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.messages import constant
from medqa_kit.core.arrow.ragged import flat, joined_lists, nested
from medqa_kit.training.conversations import Exchange
from medqa_kit.training.kinds import message_columns as columns
from medqa_kit.training.kinds import schema_parts as schemas
from medqa_kit.training.kinds.model import RecordColumns, RecordKind, Settings

ROLE_TAGS = {
    "role_tag": "role", "content_tag": "content", "user_tag": "user",
    "assistant_tag": "assistant", "observation_tag": "tool", "function_tag": "function_call",
    "system_tag": "system",
}  # fmt: skip
"""Names of roles in the messages of this library, as tags of an entry of ``dataset_info.json``."""


def _alpaca(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    system, user = columns.single(x.prompt)
    return {
        "instruction": user,
        "input": constant("", len(user)),
        "output": columns.last_text(x.completion),
        "system": pc.fill_null(system, ""),
        "history": _history(columns.without_system(x.prompt)),
    }


def _history(turns: pa.ListArray) -> pa.ListArray:
    """Pair the turns before the last question: [[question, reply], ...]."""
    threads = flat(turns)
    pairs = np.maximum(threads.ends - threads.starts - 1, 0) // 2
    keep = threads.places < 2 * pairs[threads.parents]
    contents = pc.struct_field(threads.values, "content").filter(pa.array(keep))
    return nested(nested(contents, np.full(int(pairs.sum()), 2)), pairs)


def _alpaca_canonical(row: Mapping[str, Any]) -> Mapping[str, Any]:
    asked = "\n".join(text for text in (row["instruction"], row["input"]) if text)
    turns = [
        (role, said)
        for pair in row["history"]
        for role, said in zip(("user", "assistant"), pair, strict=True)
    ]
    led = [("system", row["system"])] if row["system"] else []
    thread = [*led, *turns, ("user", asked)]
    return {
        "prompt": [{"role": role, "content": content} for role, content in thread],
        "completion": [{"role": "assistant", "content": row["output"]}],
    }


def _sharegpt(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {"messages": columns.role_and_content(joined_lists(x.prompt, x.completion))}


def _kto(x: Exchange, table: pa.Table, settings: Settings) -> RecordColumns:
    return _sharegpt(x, table, settings) | {"kto_tag": x.label}


def _stanza(kind: str) -> Callable[[str, str], str]:
    def write(dataset: str, file: str) -> str:
        entry = {dataset: {"file_name": file, **LLAMA_FACTORY_ENTRIES[kind]}}
        return json.dumps(entry, ensure_ascii=False, indent=2)

    return write


LLAMA_FACTORY_ENTRIES: Mapping[str, Mapping[str, Any]] = {
    "llama-factory/alpaca": {"formatting": "alpaca", "columns": {
        "prompt": "instruction", "query": "input", "response": "output", "system": "system",
        "history": "history",
    }},
    "llama-factory/sharegpt": {
        "formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": ROLE_TAGS,
    },
    "llama-factory/dpo": {"formatting": "sharegpt", "ranking": True, "tags": ROLE_TAGS, "columns": {
        "messages": "messages", "chosen": "chosen", "rejected": "rejected",
    }},
    "llama-factory/kto": {"formatting": "sharegpt", "tags": ROLE_TAGS, "columns": {
        "messages": "messages", "kto_tag": "kto_tag",
    }},
}  # fmt: skip
"""What an entry of ``dataset_info.json`` says of the columns, by the kind of record."""

_PAIRS = {
    "type": "array",
    "items": {"type": "array", "items": schemas.SOME_TEXT, "minItems": 2, "maxItems": 2},
}

LLAMA_FACTORY_KINDS = (
    RecordKind(
        "llama-factory/alpaca", "instruction and output with system and history; no tool turns",
        "reply", _alpaca,
        schemas.row_schema({
            "instruction": schemas.SOME_TEXT, "input": schemas.ANY_TEXT, "output": schemas.SOME_TEXT,
            "system": schemas.ANY_TEXT, "history": _PAIRS,
        }),
        _alpaca_canonical, reasoning="think", holds="one reply", tools=False, loss="the output",
        stanza=_stanza("llama-factory/alpaca"),
    ),
    RecordKind(
        "llama-factory/sharegpt", "conversations; turns must alternate",
        "reply", _sharegpt, schemas.row_schema({"messages": schemas.thread_schema()}), columns.unchanged,
        reasoning="think", alternates=True, loss="assistant turns",
        stanza=_stanza("llama-factory/sharegpt"),
    ),
    RecordKind(
        "llama-factory/dpo", "preferences; scores are left out",
        "preference", columns.preference_columns,
        schemas.row_schema({
            "messages": schemas.thread_schema(), "chosen": schemas.message_schema("assistant"),
            "rejected": schemas.message_schema("assistant"),
        }),
        columns.preference_as_trl, reasoning="think", holds="one reply", alternates=True,
        loss="chosen against rejected",
        stanza=_stanza("llama-factory/dpo"),
    ),
    RecordKind(
        "llama-factory/kto", "replies labelled good or bad",
        "unpaired", _kto, schemas.row_schema({"messages": schemas.thread_schema(), "kto_tag": schemas.LABEL}),
        lambda row: {"messages": row["messages"]}, reasoning="think", alternates=True, loss="by label",
        stanza=_stanza("llama-factory/kto"),
    ),
)  # fmt: skip
