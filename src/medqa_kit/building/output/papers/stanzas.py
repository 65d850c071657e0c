"""Configurations with which trainers read a result: a file for each trainer that reads one of its formats.

Paths are relative to the folder of the result. Nothing is written into it. Several trainers keep prepared data under a name that
says nothing of its content, and take it however the rows change: here those names carry the digest of
the rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from medqa_kit.building.output.formats import Format
from medqa_kit.building.output.papers.attribution import Manifest
from medqa_kit.building.output.papers.trainer_readings import (
    AXOLOTL,
    LLAMA_FACTORY,
    LLAMA_FACTORY_STAGES,
    NEMO,
    TORCHTUNE,
    WrittenFormat,
)

_HEAD = "# Run in the folder of the result, or put its path before those below.\n"
_TRL_LOSS = (
    "# The loss is on every turn. assistant_only_loss: true puts it on replies alone, where the chat template",
    "# marks them by {% generation %}; the record trl/prompt-completion needs neither.",
)
_NEMO_FILES = {"train": "training", "validation": "validation"}


def stanzas(manifest: Manifest) -> dict[str, str]:
    """Return the files by name: those for which one of the formats fits.

    A trainer gets one format: the first whose record is named after it, else the first that it can read.
    Splits without rows are not named, and where there is nothing to train on, nothing is.

    Args:
        manifest: Of the result, with ``data_digest``.
    """
    formats = [
        WrittenFormat(
            Format.of_manifest(form), tuple(split for split, facts in form["splits"].items() if facts["records"]),
            cache_path(manifest), manifest["name"],
        )
        for form in manifest["formats"].values()
        if form["splits"]["train"]["records"]
    ]  # fmt: skip
    files = {
        "stanzas/axolotl.yaml": _of_one(formats, "axolotl", _axolotl),
        "stanzas/llama_factory.yaml": _of_one(formats, "llama-factory", _llama_factory),
        "stanzas/trl.yaml": _of_one(formats, "trl", _trl),
        "stanzas/torchtune.yaml": _of_one(formats, "torchtune", _torchtune),
        "stanzas/nemo.yaml": _of_one(formats, "nemo", _nemo),
        "stanzas/nemo.sh": _of_one(formats, "nemo", _nemo_script),
        "stanzas/megatron.sh": _of_one(formats, "text", _megatron),
    }
    files = {name: text if text.startswith("#!") else _HEAD + text
             for name, text in files.items() if text}  # fmt: skip
    entries = {name: entry for written in formats for name, entry in _dataset_info(written).items()}
    return files | ({"dataset_info.json": json.dumps(entries, indent=2) + "\n"} if entries else {})


def cache_path(manifest: Manifest) -> str:
    """Return a path for what trainers prepare from a result; another one where the rows are others.

    It is beside the folder of the result: what is in that is what was built, or it is no result any more.

    Example:
        >>> cache_path({"data_digest": "sha256:0123456789abcdef"})
        '../prepared/0123456789ab'
    """
    return f"../prepared/{manifest['data_digest'].partition(':')[2][:12]}"


def _of_one(
    formats: list[WrittenFormat], trainer: str, write: Callable[[WrittenFormat], str]
) -> str:
    """Return what is written of the format that suits a trainer best; nothing where none does."""
    order = sorted(formats, key=lambda written: written.form.record.split("/")[0] != trainer)
    return next((text for written in order if (text := write(written))), "")


def _axolotl(written: WrittenFormat) -> str:
    if written.shape not in AXOLOTL:
        return ""
    rules, lines = AXOLOTL[written.shape]
    blocks = [*rules]
    for at, split in enumerate(written.splits):
        entry = [f"path: ./{written.form.name}", f"split: {split}", *lines]
        key = "test_datasets" if at else "datasets"
        blocks.append(f"{key}:\n  - " + "\n    ".join(entry))
    return "\n".join([*blocks, f"dataset_prepared_path: {written.cache}"]) + "\n"


def _trl(written: WrittenFormat) -> str:
    if not written.form.record.startswith("trl/") and written.shape not in ("messages", "text"):
        return ""
    lines = [
        *(_TRL_LOSS if written.shape == "messages" else ()),
        f"dataset_name: ./{written.form.name}",
        f"dataset_train_split: {written.splits[0]}",
        *(f"dataset_test_split: {split}" for split in written.splits[1:2]),
        "env:",
        f"  HF_DATASETS_CACHE: {written.cache}",
    ]
    return "\n".join(lines) + "\n"


def _torchtune(written: WrittenFormat) -> str:
    if written.shape not in TORCHTUNE:
        return ""
    component, rest = TORCHTUNE[written.shape]
    lines = written.reasoning_note("torchtune")
    for at, split in enumerate(written.splits):
        entry = [f"_component_: torchtune.datasets.{component}", "source: parquet",
                 f"data_files: {written.form.name}/{split}/*.parquet", "split: train", *rest]  # fmt: skip
        lines += ["dataset_val:" if at else "dataset:", *(f"  {line}" for line in entry)]
    return "\n".join([*lines, f"output_dir: {written.cache}"]) + "\n"


def _nemo(written: WrittenFormat) -> str:
    if written.shape not in NEMO or not written.lines("train"):
        return ""
    lines = [
        "# stanzas/nemo.sh writes the files there. The keys are arguments of FineTuningDataModule (NeMo 2) and",
        "# of GPTSFTDatasetConfig (Megatron Bridge).",
        f"dataset_root: {written.cache}",
        "dataset_kwargs:",
        *(f"  {line}" for line in NEMO[written.shape]),
    ]
    return "\n".join(lines) + "\n"


def _nemo_script(written: WrittenFormat) -> str:
    if not _nemo(written):
        return ""
    return _script("NeMo reads one file a split, under a name of its own.", written, [
        f"{written.lines(split)} > {written.cache}/{_NEMO_FILES[split]}.jsonl"
        for split in written.splits
    ])  # fmt: skip


def _megatron(written: WrittenFormat) -> str:
    if written.shape != "text" or not written.lines("train"):
        return ""
    about = "Each row is a document, which ends with the token for it."
    return _script(about, written, [
        "# The words after the script go to Megatron: MEGATRON=/its/folder sh stanzas/megatron.sh --tokenizer-type ...",
        ': "${MEGATRON:?is to name the folder of Megatron-LM}"',
        *(
            f"{written.lines(split)} > {written.cache}/{split}.jsonl\n"
            f'python "$MEGATRON/tools/preprocess_data.py" --input {written.cache}/{split}.jsonl --json-keys text '
            f'--append-eod --output-prefix {written.cache}/{split} --workers "$(nproc)" "$@"'
            for split in written.splits
        ),
    ])  # fmt: skip


def _script(about: str, written: WrittenFormat, commands: list[str]) -> str:
    lines = ["#!/bin/sh", f"# Run in the folder of the result. {about}", "set -e", f"mkdir -p {written.cache}"]  # fmt: skip
    return "\n".join([*lines, *commands]) + "\n"


def _llama_factory(written: WrittenFormat) -> str:
    names = list(_dataset_info(written))
    if not names:
        return ""
    keys = zip(("dataset", "eval_dataset"), names, strict=False)
    lines = [
        *written.reasoning_note("LLaMA-Factory"),
        f"stage: {LLAMA_FACTORY_STAGES.get(written.shape, 'sft')}",
        "dataset_dir: .",
        *(f"{key}: {name}" for key, name in keys),
        f"tokenized_path: {written.cache}",
    ]
    return "\n".join(lines) + "\n"


def _dataset_info(written: WrittenFormat) -> Mapping[str, Any]:
    """Make the entries of ``dataset_info.json``: a folder holds one split in one kind of files."""
    entry = LLAMA_FACTORY.get(written.shape)
    if entry is None:
        return {}
    return {
        f"{written.title}_{written.form.name}_{split}": {
            "file_name": f"{written.form.name}/{split}",
            **entry,
        }
        for split in written.splits
    }
