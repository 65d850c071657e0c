"""How trainers read the columns of a record, and what their configuration must say about each.

Trainers go by columns, not by who named a record: one table a trainer, with the shapes it can read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from medqa_kit.building.output.formats import FileKind, Format
from medqa_kit.training.kinds.llama_factory import LLAMA_FACTORY_ENTRIES, ROLE_TAGS

Shape: TypeAlias = Literal[
    "messages", "turns", "nemo turns", "text", "alpaca", "alpaca with history", "compilation",
    "input and output", "prompt and completion", "segments", "preference beside messages",
    "preference of messages", "preference of strings", "preference of threads",
    "labelled messages", "labelled strings", "other",
]  # fmt: skip
"""What the columns of a record are to trainers that go by them."""

_SHAPES: Mapping[tuple[str, ...], tuple[Shape, Shape]] = {  # of strings, and of messages
    ("text",): ("text", "other"),
    ("messages",): ("other", "messages"),
    ("conversations",): ("other", "turns"),
    ("system", "conversations", "mask"): ("nemo turns", "other"),
    ("instruction", "input", "output"): ("alpaca", "other"),
    ("instruction", "input", "output", "system", "history"): ("alpaca with history", "other"),
    ("input", "context", "output", "source"): ("compilation", "other"),
    ("input", "output"): ("input and output", "other"),
    ("prompt", "completion"): ("prompt and completion", "other"),
    ("segments",): ("other", "segments"),
    ("messages", "chosen", "rejected"): ("other", "preference beside messages"),
    ("prompt", "chosen", "rejected"): ("preference of strings", "preference of messages"),
    ("chosen", "rejected"): ("other", "preference of threads"),
    ("messages", "kto_tag"): ("other", "labelled messages"),
    ("prompt", "completion", "label"): ("labelled strings", "other"),
}


_PRINTERS: Mapping[FileKind, str] = {"jsonl": "cat", "jsonl.zst": "zstd -dcq"}


@dataclass(frozen=True)
class WrittenFormat:
    """A format as trainers see it.

    Attributes:
        form: The format.
        splits: Names of its splits, train first.
        cache: Where a trainer may keep what it prepares.
        title: Name of the result.
    """

    form: Format
    splits: tuple[str, ...]
    cache: str
    title: str

    @property
    def shape(self) -> Shape:
        """What its columns are."""
        columns = self.form.kind.columns
        strings, messages = _SHAPES.get(columns, ("other", "other"))
        first = self.form.kind.schema["properties"][columns[0]]
        return messages if first.get("type") == "array" else strings

    def lines(self, split: str) -> str:
        """Return the words of a shell that print the JSON Lines of a split; none where there are none."""
        for kind, words in _PRINTERS.items():
            if folder := self.form.folders.get(kind):
                return f"{words} {folder}/{split}/*.{kind}"
        return ""

    def reasoning_note(self, trainer: str) -> list[str]:
        """Return lines that say what a trainer loses, if rationales stand in a field that it does not read."""
        if (self.form.reasoning or self.form.kind.reasoning) != "field":
            return []
        return [f"# {trainer} does not read reasoning_content: if there is any, write the format with",
                '# reasoning = "before", or as a record named after the trainer.']  # fmt: skip


AXOLOTL: Mapping[Shape, tuple[Sequence[str], Sequence[str]]] = {
    "messages": ((), ["type: chat_template", "field_messages: messages"]),
    "turns": ((), ["type: chat_template", "field_messages: conversations",
                   "message_property_mappings: {role: from, content: value}"]),
    "alpaca": ((), ["type: alpaca"]),
    "text": ((), ["type: completion", "field: text"]),
    "segments": (["train_on_inputs: false"], ["type: input_output"]),
    "prompt and completion": ((), [
        'type: {field_instruction: prompt, field_output: completion, format: "{instruction}", no_input_format: "{instruction}"}',
    ]),
    "preference beside messages": (["rl: dpo"], [
        "type: chat_template.default", "field_messages: messages", "field_chosen: chosen", "field_rejected: rejected",
    ]),
    "preference of messages": (["rl: dpo"], [
        "type: chat_template.default", "field_messages: prompt", "field_chosen: chosen", "field_rejected: rejected",
    ]),
    "preference of strings": (["rl: dpo"], [
        "type: {field_prompt: prompt, field_chosen: chosen, field_rejected: rejected}",
    ]),
    "labelled strings": (["rl: kto", "remove_unused_columns: false"], [
        "type: {field_prompt: prompt, field_completion: completion, field_label: label}",
    ]),
}  # fmt: skip
"""Keys of its file, and of an entry of ``datasets``."""

TORCHTUNE: Mapping[Shape, tuple[str, Sequence[str]]] = {
    "messages": ("chat_dataset", ["conversation_column: messages", "conversation_style: openai"]),
    "turns": ("chat_dataset", ["conversation_column: conversations", "conversation_style: sharegpt"]),
    "alpaca": ("alpaca_dataset", ["train_on_input: false"]),
    "text": ("text_completion_dataset", ["column: text"]),
    "input and output": ("instruct_dataset", []),
    "prompt and completion": ("instruct_dataset", ["column_map: {input: prompt, output: completion}"]),
    "preference of threads": ("preference_dataset", []),
}  # fmt: skip
"""The builder, and arguments of it."""

NEMO: Mapping[Shape, Sequence[str]] = {
    "messages": ["chat: true", "use_hf_tokenizer_chat_template: true"],
    "nemo turns": ["chat: true", "use_hf_tokenizer_chat_template: true"],
    "input and output": ['prompt_template: "{input} {output}"', "label_key: output", "answer_only_loss: true"],
}  # fmt: skip
"""Arguments of its data set."""

_TURN_TAGS = {**ROLE_TAGS, "role_tag": "from", "content_tag": "value", "user_tag": "human",
              "assistant_tag": "gpt"}  # fmt: skip
LLAMA_FACTORY: Mapping[Shape, Mapping[str, Any]] = {
    "messages": LLAMA_FACTORY_ENTRIES["llama-factory/sharegpt"],
    "turns": {"formatting": "sharegpt", "columns": {"messages": "conversations"}, "tags": _TURN_TAGS},
    "alpaca": {"formatting": "alpaca", "columns": {
        "prompt": "instruction", "query": "input", "response": "output",
    }},
    "alpaca with history": LLAMA_FACTORY_ENTRIES["llama-factory/alpaca"],
    "compilation": {"formatting": "alpaca", "columns": {
        "prompt": "input", "query": "context", "response": "output",
    }},
    "input and output": {"formatting": "alpaca", "columns": {"prompt": "input", "response": "output"}},
    "prompt and completion": {"formatting": "alpaca", "columns": {"prompt": "prompt", "response": "completion"}},
    "text": {"formatting": "alpaca", "columns": {"prompt": "text"}},
    "preference beside messages": LLAMA_FACTORY_ENTRIES["llama-factory/dpo"],
    "preference of strings": {"formatting": "alpaca", "ranking": True, "columns": {
        "prompt": "prompt", "chosen": "chosen", "rejected": "rejected",
    }},
    "labelled messages": LLAMA_FACTORY_ENTRIES["llama-factory/kto"],
    "labelled strings": {"formatting": "alpaca", "columns": {
        "prompt": "prompt", "response": "completion", "kto_tag": "label",
    }},
}  # fmt: skip
"""What stands in an entry of ``dataset_info.json``, beside the file."""

LLAMA_FACTORY_STAGES: Mapping[Shape, str] = {
    "text": "pt", "preference beside messages": "dpo", "preference of strings": "dpo",
    "labelled messages": "kto", "labelled strings": "kto",
}  # fmt: skip
"""The stages of training that read the others; the rest are read by ``sft``."""
