"""What trainers must be told to read a result, a file for each that can read one of its formats.

Paths are relative to the folder of the result. Several trainers keep prepared data under a name that
says nothing of its content, and take it however the rows change: here those names carry the digest of
the rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from medqa_kit.building.output.formats import Format
from medqa_kit.building.output.papers.attribution import Manifest

Shape: TypeAlias = Literal["messages", "turns", "alpaca", "text", "completion", "other"]
"""What the columns of a record are to trainers that go by them."""

_SHAPES: Mapping[tuple[str, ...], Shape] = {
    ("messages",): "messages", ("conversations",): "turns", ("text",): "text",
    ("instruction", "input", "output"): "alpaca", ("prompt", "completion"): "completion",
}  # fmt: skip
_TAGS = {"role_tag": "role", "content_tag": "content", "user_tag": "user",
         "assistant_tag": "assistant", "system_tag": "system"}  # fmt: skip
_SHARED = {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"}


@dataclass(frozen=True)
class _Written:
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
        return _SHAPES.get(self.form.kind.columns, "other")

    def lines(self, split: str) -> str | None:
        """Return where the JSON Lines of a split are, if there are any."""
        folder = self.form.folders.get("jsonl")
        return None if folder is None else f"{folder}/{split}"


def stanzas(manifest: Manifest) -> dict[str, str]:
    """Return the files by name: those for which one of the formats fits.

    Args:
        manifest: Of the result, with ``data_digest``.
    """
    formats = [
        _Written(
            Format.of_manifest(told), tuple(told["splits"]),
            cache_path(manifest), manifest["name"],
        )
        for told in manifest["formats"].values()
    ]  # fmt: skip
    listed = {name: entry for written in formats for name, entry in _llama_factory(written)}
    files = {
        "stanzas/axolotl.yaml": _first(formats, _axolotl),
        "stanzas/trl.yaml": _first(formats, _trl),
        "stanzas/torchtune.yaml": _first(formats, _torchtune),
        "stanzas/nemo.yaml": _first(formats, _nemo),
        "stanzas/megatron.sh": _first(formats, _megatron),
    }
    if listed:
        files["dataset_info.json"] = json.dumps(listed, indent=2) + "\n"
        files["stanzas/llama_factory.yaml"] = (
            f"dataset_dir: .\ndataset: {', '.join(listed)}\ntokenized_path: {cache_path(manifest)}\n"
        )
    head = "# Run in the folder of the result, or put its path before those below.\n"
    return {name: text if name.endswith(".json") or text.startswith("#!") else head + text
            for name, text in files.items() if text}  # fmt: skip


def cache_path(manifest: Manifest) -> str:
    """Return a path for what trainers prepare from a result; another one where the rows are others.

    Example:
        >>> cache_path({"data_digest": "sha256:0123456789abcdef"})
        'prepared/0123456789ab'
    """
    return f"prepared/{manifest['data_digest'].partition(':')[2][:12]}"


def _first(formats: list[_Written], write: Any) -> str:
    """Return what is written of the first format that fits; nothing where none does."""
    return next((text for written in formats if (text := write(written))), "")


def _axolotl(written: _Written) -> str:
    name = written.form.name
    kinds = {
        "messages": ["type: chat_template", "field_messages: messages"],
        "turns": ["type: chat_template", "field_messages: conversations",
                  "message_property_mappings: {role: from, content: value}"],
        "alpaca": ["type: alpaca"],
        "text": ["type: completion", "field: text"],
    }  # fmt: skip
    if written.shape not in kinds:
        return ""
    tested = [("test_datasets", split) for split in written.splits[1:]]
    blocks = []
    for key, split in [("datasets", written.splits[0]), *tested]:
        entry = [f"path: ./{name}", f"split: {split}", *kinds[written.shape]]
        blocks.append(f"{key}:\n  - " + "\n    ".join(entry))
    return "\n".join([*blocks, f"dataset_prepared_path: {written.cache}"]) + "\n"


def _trl(written: _Written) -> str:
    if not written.form.record.startswith("trl/") and written.shape not in ("messages", "text"):
        return ""
    lines = [
        f"dataset_name: ./{written.form.name}",
        f"dataset_train_split: {written.splits[0]}",
        *(f"dataset_test_split: {split}" for split in written.splits[1:2]),
        "env:",
        f"  HF_DATASETS_CACHE: {written.cache}",
    ]
    return "\n".join(lines) + "\n"


def _torchtune(written: _Written) -> str:
    kinds = {
        "messages": (
            "chat_dataset",
            ["conversation_column: messages", "conversation_style: openai"],
        ),
        "turns": (
            "chat_dataset",
            ["conversation_column: conversations", "conversation_style: sharegpt"],
        ),
        "alpaca": ("alpaca_dataset", []),
        "text": ("text_completion_dataset", ["column: text"]),
    }
    if written.shape not in kinds:
        return ""
    component, rest = kinds[written.shape]
    entry = [f"_component_: torchtune.datasets.{component}", "source: parquet",
             f"data_files: {written.form.name}/{written.splits[0]}/*.parquet", "split: train", *rest]  # fmt: skip
    lines = ["dataset:", *(f"  {line}" for line in entry), f"output_dir: {written.cache}"]
    return "\n".join(lines) + "\n"


def _nemo(written: _Written) -> str:
    chat = written.shape == "messages" or written.form.record == "nemo"
    if not chat or written.lines("train") is None:
        return ""
    names = {"train": "train_ds", "validation": "validation_ds"}
    blocks = ["data:"]
    for split in written.splits:
        blocks += [f"  {names[split]}:", f"    file_names: [{written.lines(split)}/*.jsonl]",
                   f"    index_mapping_dir: {written.cache}"]  # fmt: skip
        if written.shape == "messages":
            blocks += ["    chat: true"]
    return "\n".join(blocks) + "\n"


def _megatron(written: _Written) -> str:
    if written.shape != "text" or written.lines("train") is None:
        return ""
    lines = ["#!/bin/sh", "# Run in the folder of the result. Each row is a document, which ends with the token for it.",
             f"mkdir -p {written.cache}"]  # fmt: skip
    lines += [
        f"cat {written.lines(split)}/*.jsonl > {written.cache}/{split}.jsonl\n"
        f"python tools/preprocess_data.py --input {written.cache}/{split}.jsonl --json-keys text --append-eod "
        f'--output-prefix {written.cache}/{split} --workers "$(nproc)" "$@"'
        for split in written.splits
    ]
    return "\n".join(lines) + "\n"


def _llama_factory(written: _Written) -> Iterator[tuple[str, dict[str, Any]]]:
    """Make the entries of ``dataset_info.json``: a folder holds one split in one kind of files."""
    entries: Mapping[str, dict[str, Any]] = {
        "alpaca": {"formatting": "alpaca",
                   "columns": {"prompt": "instruction", "query": "input", "response": "output"}},
        "messages": {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": _TAGS},
        "turns": {"formatting": "sharegpt", "columns": {"messages": "conversations"}, "tags": _SHARED},
        "text": {"formatting": "alpaca", "columns": {"prompt": "text"}},
    }  # fmt: skip
    if entry := entries.get(written.shape):
        for split in written.splits:
            name = f"{written.title}_{written.form.name}_{split}"
            yield name, {"file_name": f"{written.form.name}/{split}", **entry}
