"""Alpaca, ShareGPT, ms-swift, mlx-lm, NeMo, plain text and the compilation's own columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.messages import constant, text
from medqa_kit.core.arrow.ragged import joined_lists
from medqa_kit.training.chat import user_text
from medqa_kit.training.conversations import Exchange, kind_of
from medqa_kit.training.kinds import message_columns as columns
from medqa_kit.training.kinds import schema_parts as schemas
from medqa_kit.training.kinds.model import RecordColumns, RecordKind, Setting, Settings

_SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt", "tool": "tool"}
_NEMO = {"system": "System", "user": "User", "assistant": "Assistant"}


def _alpaca(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    instruction = columns.prompt_text(x)
    return {
        "instruction": instruction,
        "input": constant("", len(instruction)),
        "output": columns.last_text(x.completion),
    }


def _asked_and_said(asked_: str, said: str) -> Mapping[str, Any]:
    return {
        "prompt": [{"role": "user", "content": asked_}],
        "completion": [{"role": "assistant", "content": said}],
    }


def _alpaca_canonical(row: Mapping[str, Any]) -> Mapping[str, Any]:
    parts = [part for part in (row["instruction"], row["input"]) if part]
    return _asked_and_said("\n".join(parts), row["output"])


def _sharegpt(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    thread = joined_lists(x.prompt, x.completion)
    return {"conversations": columns.renamed(thread, ("from", "value"), _SHAREGPT)}


def _sharegpt_canonical(row: Mapping[str, Any]) -> Mapping[str, Any]:
    roles = {word: role for role, word in _SHAREGPT.items()}
    turns = [{"role": roles[t["from"]], "content": t["value"]} for t in row["conversations"]]
    return {"messages": turns}


def _messages(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {"messages": columns.role_and_content(joined_lists(x.prompt, x.completion))}


def _swift_dpo(x: Exchange, table: pa.Table, settings: Settings) -> RecordColumns:
    return _messages(x, table, settings) | {"rejected_response": columns.last_text(x.rejected)}


def _swift_dpo_canonical(row: Mapping[str, Any]) -> Mapping[str, Any]:
    *prompt, chosen = row["messages"]
    rejected = {"role": "assistant", "content": row["rejected_response"]}
    return {"prompt": prompt, "chosen": [chosen], "rejected": [rejected]}


def _nemo(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {"input": columns.prompt_text(x), "output": columns.last_text(x.completion)}


def _nemo_chat(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    system = columns.single(x.prompt).system
    thread = joined_lists(columns.without_system(x.prompt), x.completion)
    return {
        "system": pc.fill_null(system, ""),
        "conversations": columns.renamed(thread, ("from", "value"), _NEMO),
        "mask": constant("User", len(system)),
    }


def _nemo_chat_canonical(row: Mapping[str, Any]) -> Mapping[str, Any]:
    roles = {word: role for role, word in _NEMO.items()}
    turns = [{"role": roles[t["from"]], "content": t["value"]} for t in row["conversations"]]
    led = [{"role": "system", "content": row["system"]}] if row["system"] else []
    return {"messages": [*led, *turns]}


def _text(x: Exchange, _: pa.Table, settings: Settings) -> RecordColumns:
    if x.text is not None:
        return {"text": x.text}
    said = columns.last_text(x.completion)
    return {
        "text": pc.binary_join_element_wise(columns.prompt_text(x), said, settings["separator"])
    }


def _compilation(x: Exchange, table: pa.Table, _: Settings) -> RecordColumns:
    context, question = constant(None, table.num_rows), columns.prompt_text(x)
    if kind_of(table.schema) == "qa":  # the only kind that knows its context apart
        system = columns.single(x.prompt).system
        question = columns.under(system, user_text(table.drop_columns(_present(table, "context"))))
        if "context" in table.column_names:
            context = text(table, "context")
    source = "source" if "source" in table.column_names else None
    return {
        "input": question,
        "context": pc.fill_null(context, ""),
        "output": columns.last_text(x.completion),
        "source": text(table, source) if source else constant("", table.num_rows),
    }


def _present(table: pa.Table, *names: str) -> list[str]:
    return [name for name in names if name in table.column_names]


def _compilation_canonical(row: Mapping[str, Any]) -> Mapping[str, Any]:
    parts = [part for part in (row["context"], row["input"]) if part]
    return _asked_and_said("\n\n".join(parts), row["output"])


def _turn(words: Mapping[str, str]) -> dict[str, Any]:
    return schemas.closed_schema(
        {"from": {"enum": list(words.values())}, "value": schemas.SOME_TEXT}
    )


def _turns(words: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "array", "minItems": 2, "items": _turn(words)}


OTHER_KINDS = (
    RecordKind(
        "alpaca", "instruction, input, output; system text is put before the instruction, the rest "
        "of a conversation does not fit",
        "reply", _alpaca,
        schemas.row_schema({"instruction": schemas.SOME_TEXT, "input": schemas.ANY_TEXT, "output": schemas.SOME_TEXT}),
        _alpaca_canonical, holds="single", reasoning="before", loss="the output",
    ),
    RecordKind(
        "sharegpt", "conversations of from and value; TRL and others do not map human and gpt",
        "reply", _sharegpt, schemas.row_schema({"conversations": _turns(_SHAREGPT)}), _sharegpt_canonical,
        reasoning="think", loss="as the trainer decides",
    ),
    RecordKind(
        "ms-swift", "messages; its converter deletes reasoning_content, so reasoning is inline",
        "reply", _messages, schemas.row_schema({"messages": schemas.thread_schema()}), columns.unchanged,
        reasoning="think", loss="assistant turns",
    ),
    RecordKind(
        "ms-swift/dpo", "messages that end in the chosen reply, and rejected_response",
        "preference", _swift_dpo,
        schemas.row_schema({"messages": schemas.thread_schema(), "rejected_response": schemas.SOME_TEXT}),
        _swift_dpo_canonical, reasoning="think", holds="one reply", loss="chosen against rejected",
    ),
    RecordKind(
        "mlx-lm", "messages, in train.jsonl, valid.jsonl and test.jsonl; --mask-prompt keeps the "
        "loss on the last turn; rows over 2,048 tokens are cut",
        "reply", _messages, schemas.row_schema({"messages": schemas.thread_schema()}), columns.unchanged,
        loss="everything, or the last turn with --mask-prompt",
    ),
    RecordKind(
        "nemo", 'input and output for prompt_template="{input} {output}"; outer blanks are lost',
        "reply", _nemo, schemas.row_schema({"input": schemas.SOME_TEXT, "output": schemas.SOME_TEXT}),
        lambda row: _asked_and_said(row["input"], row["output"]),
        holds="single", loss="the output with answer_only_loss",
    ),
    RecordKind(
        "nemo/chat", "conversations with a mask; no tool turns. Keep rows within the sequence length: "
        "where all replies are cut off, the loss falls on the prompt",
        "reply", _nemo_chat,
        schemas.row_schema({
            "system": schemas.ANY_TEXT, "conversations": _turns(_NEMO), "mask": {"const": "User"},
        }),
        _nemo_chat_canonical, tools=False, loss="what is not masked",
    ),
    RecordKind(
        "text", "plain text; prompt and reply run together",
        "text", _text, schemas.row_schema({"text": schemas.SOME_TEXT}), columns.unchanged,
        holds="single", reasoning="before", settings={"separator": Setting("\n\n")}, loss="the whole text",
    ),
    RecordKind(
        "compilation", "input, context, output, source; several trainers drop `context` when they "
        "guess columns, so convert to their own records instead of feeding them this",
        "reply", _compilation,
        schemas.row_schema({
            "input": schemas.SOME_TEXT, "context": schemas.ANY_TEXT, "output": schemas.SOME_TEXT,
            "source": schemas.ANY_TEXT,
        }),
        _compilation_canonical, holds="single", reasoning="before", loss="the output",
    ),
)  # fmt: skip
