"""axolotl: rows plus a ``datasets:`` stanza of the yaml, which alone decides how they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import joined_lists, nested
from medqa_kit.quality.reasoning import END_OF_TURN
from medqa_kit.training.conversations import Exchange
from medqa_kit.training.kinds import message_columns as columns
from medqa_kit.training.kinds import schema_parts as schemas
from medqa_kit.training.kinds.model import REQUIRED, RecordColumns, RecordKind, Setting, Settings

_SEGMENT = pa.struct([("label", pa.bool_()), ("text", pa.string())])


def _chat(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {"messages": joined_lists(x.prompt, x.completion)}


def _segments(x: Exchange, _: pa.Table, settings: Settings) -> RecordColumns:
    """Two segments a row: what was asked (no loss), what is said and the end mark (loss)."""
    prompt = columns.prompt_text(x)
    said = pc.binary_join_element_wise(
        settings["separator"], columns.last_text(x.completion), settings["eos"], ""
    )
    rows = len(prompt)
    order = np.arange(2 * rows).reshape(2, rows).T.ravel()
    texts = pa.concat_arrays([prompt, said]).take(pa.array(order))
    labels = pa.array(np.tile([False, True], rows))
    struct = pa.StructArray.from_arrays([labels, texts], fields=list(_SEGMENT))
    return {"segments": nested(struct, np.full(rows, 2))}


def _segments_canonical(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Split before the first segment that is trained; the end mark of those is what the record adds to the text."""
    texts = [_without_end(s["text"]) if s["label"] else s["text"] for s in row["segments"]]
    first = next((i for i, s in enumerate(row["segments"]) if s["label"]), len(texts))
    return {"prompt": "".join(texts[:first]), "completion": "".join(texts[first:])}


def _without_end(said: str) -> str:
    mark = next((mark for mark in END_OF_TURN if said.lower().endswith(mark)), "")
    return said[: len(said) - len(mark)]


def _stanza(*lines: str) -> Callable[[str, str], str]:
    def write(_: str, file: str) -> str:
        head = ["datasets:", f"  - path: {file}", "    ds_type: json"]
        return "\n".join([*head, *(f"    {line}" for line in lines)]) + "\n"

    return write


_CHAT = (
    "type: chat_template", "field_messages: messages", "message_property_mappings:",
    "  role: role", "  content: content", 'roles_to_train: ["assistant"]', "train_on_eos: turn",
)  # fmt: skip
_ONE = schemas.message_schema("assistant")
_SEGMENTS = {
    "type": "array", "minItems": 1,
    "items": schemas.closed_schema({"label": schemas.LABEL, "text": {"type": "string", "minLength": 1}}),
}  # fmt: skip

AXOLOTL_KINDS = (
    RecordKind(
        "axolotl/chat", "type chat_template; reasoning_content is read where the template knows it",
        "reply", _chat, schemas.row_schema({"messages": schemas.thread_schema(apart=True)}), columns.unchanged,
        reasoning="field", apart=True, loss="assistant turns", stanza=_stanza(*_CHAT),
    ),
    RecordKind(
        "axolotl/segments", "type input_output: text as it is, no template and no tokens added, so "
        "the end mark is a setting",
        "reply", _segments, schemas.row_schema({"segments": _SEGMENTS}), _segments_canonical,
        holds="single", cut=True, settings={"eos": Setting(REQUIRED), "separator": Setting("\n\n")}, loss="segments labelled true",
        stanza=lambda dataset, file: _stanza("type: input_output")(dataset, file)
        + "train_on_inputs: false\n",
    ),
    RecordKind(
        "axolotl/dpo", "type chat_template.default; one message a reply, scores are left out",
        "preference", columns.preference_columns,
        schemas.row_schema({"messages": schemas.thread_schema(), "chosen": _ONE, "rejected": _ONE}),
        columns.preference_as_trl, holds="one reply", loss="chosen against rejected",
        stanza=lambda dataset, file: "rl: dpo\n" + _stanza(
            "type: chat_template.default", "field_messages: messages", "field_chosen: chosen",
            "field_rejected: rejected",
        )(dataset, file),
    ),
)  # fmt: skip
