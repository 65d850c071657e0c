"""The stanzas, read by the real loaders of axolotl, LLaMA-Factory, NeMo and torchtune: nothing is trained.

They are installed by ``pip install --no-deps -r tests/building/output/loaders.txt``.
"""

from __future__ import annotations

import inspect
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml

from byte_tokenizer import byte_tokenizer
from every_record import SOURCES, EveryRecord, in_every_record
from medqa_kit.building.output.papers.stanzas import stanzas
from results import parquet_rows

LOADERS = ("axolotl", "llamafactory", "nemo", "torchtune")
pytestmark = [
    pytest.mark.trainer,
    pytest.mark.filterwarnings("ignore"),  # the loaders' own
    pytest.mark.skipif(
        any(find_spec(name) is None for name in LOADERS), reason="needs loaders.txt"
    ),
]

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
NOT_READ = {  # kinds that a trainer has no loader for, such as message lists on both sides
    "axolotl": {"compilation", "llama-factory/alpaca", "llama-factory/kto", "ms-swift/dpo", "nemo", "nemo/chat",
                "openai/batch", "openai/dpo", "trl/kto", "trl/preference/implicit",
                "trl/preference/implicit/standard", "trl/prompt-completion", "trl/prompt-only",
                "trl/prompt-only/standard"},
    "llama_factory": {"axolotl/segments", "ms-swift/dpo", "nemo/chat", "openai/batch", "openai/dpo", "trl/kto",
                      "trl/preference", "trl/preference/implicit", "trl/preference/implicit/standard",
                      "trl/prompt-completion", "trl/prompt-only", "trl/prompt-only/standard"},
    "nemo": {"alpaca", "axolotl/segments", "axolotl/dpo", "compilation", "llama-factory/alpaca", "llama-factory/dpo",
             "llama-factory/kto", "ms-swift/dpo", "openai/batch", "openai/dpo", "trl/kto",
             "trl/kto/standard", "trl/preference", "trl/preference/standard", "trl/preference/implicit",
             "trl/preference/implicit/standard", "trl/prompt-completion", "trl/prompt-completion/standard",
             "trl/prompt-only", "trl/prompt-only/standard", "sharegpt", "text", "trl/language-modeling"},
    "torchtune": {"axolotl/segments", "axolotl/dpo", "compilation", "llama-factory/alpaca", "llama-factory/dpo",
                  "llama-factory/kto", "ms-swift/dpo", "nemo/chat", "openai/batch", "openai/dpo", "trl/kto",
                  "trl/kto/standard", "trl/preference", "trl/preference/standard",
                  "trl/preference/implicit/standard", "trl/prompt-completion", "trl/prompt-only",
                  "trl/prompt-only/standard"},
}  # fmt: skip


@pytest.fixture(scope="module", params=SOURCES)
def every(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> EveryRecord:
    return in_every_record(request.param, tmp_path_factory.mktemp("every"))


@pytest.fixture
def result(every: EveryRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EveryRecord:
    """A result, in whose folder the test runs."""
    # The last: LLaMA-Factory names the releases it was trained with, of which nothing is used here.
    for name in (
        "HF_HUB_OFFLINE",
        "TRANSFORMERS_OFFLINE",
        "AXOLOTL_DO_NOT_TRACK",
        "DISABLE_VERSION_CHECK",
    ):
        monkeypatch.setenv(name, "1")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(every.out)
    return every


def told(result: EveryRecord, trainer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return what a trainer is told of each kind of record, as if the result had that alone."""
    manifest = json.loads((result.out / "manifest.json").read_text("utf-8"))
    unread = set()
    for name in result.names:
        files = stanzas(
            {**manifest, "formats": {result.folder(name): manifest["formats"][result.folder(name)]}}
        )
        text = files.get(f"stanzas/{trainer}.yaml")
        if text is None:
            unread.add(name)
        else:
            if script := files.get(f"stanzas/{trainer}.sh"):
                subprocess.run(["sh", "-c", script], check=True)
            yield name, yaml.safe_load(text)
    assert unread == NOT_READ[trainer] & set(result.names)


def test_axolotl_makes_tokens_of_the_rows(result: EveryRecord) -> None:
    from axolotl.utils.data.shared import load_dataset_with_config
    from axolotl.utils.data.wrappers import get_dataset_wrapper
    from axolotl.utils.dict import DictDefault
    from axolotl.utils.schemas.datasets import DPODataset, KTODataset, SFTDataset

    tokenizer = byte_tokenizer(CHATML)
    schemas = {"dpo": DPODataset, "kto": KTODataset, None: SFTDataset}
    for name, stanza in told(result, "axolotl"):
        rl = stanza.get("rl")
        for entry in stanza["datasets"] + stanza["test_datasets"]:
            known = schemas[rl].model_validate(entry)
            assert set(entry) <= set(schemas[rl].model_fields), name
            dataset = DictDefault(known.model_dump(exclude_none=True))
            config = DictDefault({**stanza, "datasets": [dataset], "sequence_len": 1 << 20})
            rows = load_dataset_with_config(dataset, False)
            assert len(rows) == len(parquet_rows(result.out, dataset.split, result.folder(name)))
            if rl is None:
                base, _, style = (
                    ("", "", "") if isinstance(dataset.type, dict) else dataset.type.partition(":")
                )
                examples, _ = get_dataset_wrapper(
                    dataset, tokenizer, config, base, rows, style or None
                )
                learnt = [
                    tokenizer.decode([i for i in row["labels"] if i != -100]) for row in examples
                ]
                assert len(learnt) == len(rows)
                assert all(text.strip() for text in learnt), name
            else:
                learnt = preferences(dataset, config, rows, tokenizer)
            for text, row in zip(learnt, rows, strict=True):
                assert reply(row) in text, name


def preferences(dataset: Any, config: Any, rows: Any, tokenizer: Any) -> list[str]:
    """Return the good replies as axolotl hands them to trl."""
    from axolotl.prompt_strategies.dpo import load as load_dpo
    from axolotl.prompt_strategies.kto import load as load_kto

    load = load_dpo if config.rl == "dpo" else load_kto
    kind = "user_defined.default" if isinstance(dataset.type, dict) else dataset.type
    loaded = load(kind, config, dataset_idx=0)
    change = loaded[0] if isinstance(loaded, tuple) else loaded
    more = {"tokenizer": tokenizer} if "tokenizer" in inspect.signature(change).parameters else {}
    pairs = [change(row, **more) for row in rows]
    assert all(row["prompt"] for row in pairs)
    if config.rl == "kto":
        return [row["completion"] for row in pairs if isinstance(row["label"], bool)]
    assert all(row["chosen"] != row["rejected"] for row in pairs)
    return [row["chosen"] for row in pairs]


def reply(row: dict[str, Any]) -> str:
    """Return the words that a row teaches, from any kind of record."""
    for column in ("completion", "chosen", "output", "text"):
        if isinstance(row.get(column), str):
            return str(row[column]).strip()
    for column in ("completion", "chosen", "messages", "conversations", "segments"):
        if value := row.get(column):
            last = value if isinstance(value, dict) else value[-1]
            text = last.get("content") or last.get("value") or last.get("text")
            return str(text).removesuffix("<end>").strip()
    raise AssertionError(row)


def test_torchtune_makes_messages_of_the_rows(result: EveryRecord) -> None:
    from torchtune.config._utils import _get_component_from_path
    from torchtune.data import validate_messages

    tokenizer = byte_tokenizer(CHATML)

    class Transform:
        max_seq_len = None

        def tokenize_messages(self, messages: Any, **_: Any) -> tuple[list[int], list[bool]]:
            validate_messages(messages)
            ids = [tokenizer.encode(message.text_content) for message in messages]
            masks = [
                [message.masked] * len(own) for message, own in zip(messages, ids, strict=True)
            ]
            return [*chain(*ids)], [*chain(*masks)]

        def __call__(self, sample: Any, inference: bool = False) -> Any:
            ids, mask = self.tokenize_messages(sample.pop("messages"))
            return {"tokens": ids, "mask": mask}

        def encode(self, text: str, **_: Any) -> list[int]:
            return list(tokenizer.encode(text))

    for name, stanza in told(result, "torchtune"):
        for key, split in (("dataset", "train"), ("dataset_val", "validation")):
            arguments = dict(stanza[key])
            examples = _get_component_from_path(arguments.pop("_component_"))(
                Transform(), **arguments
            )
            rows = parquet_rows(result.out, split, result.folder(name)).to_pylist()
            assert len(examples) == len(rows)
            for row, example in zip(
                rows, (examples[at] for at in range(len(examples))), strict=True
            ):
                labels = example.get("labels", example.get("chosen_labels"))
                assert reply(row) in tokenizer.decode([i for i in labels if i >= 0]), name


@pytest.fixture
def without_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if torchaudio was there: its name is imported where rows are read, and nothing else of it."""
    if find_spec("torchaudio") is None:
        module = ModuleType("torchaudio")
        module.__spec__ = ModuleSpec("torchaudio", None)
        monkeypatch.setitem(sys.modules, "torchaudio", module)


def test_llama_factory_aligns_the_rows(
    result: EveryRecord, tmp_path: Path, without_sound: None
) -> None:
    from llamafactory.data.loader import _load_single_dataset
    from llamafactory.data.parser import get_dataset_list
    from llamafactory.hparams import DataArguments, FinetuningArguments

    keys = {*DataArguments.__dataclass_fields__, *FinetuningArguments.__dataclass_fields__}
    data = SimpleNamespace(dataset_dir=".", preprocessing_num_workers=None, streaming=False, max_samples=None,
                           media_dir=".", overwrite_cache=True)  # fmt: skip
    for name, stanza in told(result, "llama_factory"):
        assert set(stanza) <= keys
        for key, split in (("dataset", "train"), ("eval_dataset", "validation")):
            (entry,) = get_dataset_list([stanza[key]], stanza["dataset_dir"])
            assert entry.ranking == (stanza["stage"] == "dpo"), "it refuses others"
            examples = _load_single_dataset(
                entry, SimpleNamespace(cache_dir=str(tmp_path / "cache"), hf_hub_token=None), data,
                SimpleNamespace(local_process_index=0, dataloader_num_workers=0),
            )  # fmt: skip
            rows = parquet_rows(result.out, split, result.folder(name)).to_pylist()
            assert len(examples) == len(rows)
            for row, example in zip(rows, examples, strict=True):
                assert example["_prompt"], f"{name}: a row was emptied"
                texts = [
                    part["content"].strip()
                    for part in (*example["_response"], example["_prompt"][-1])
                ]
                assert reply(row) in texts, name
                assert len(example["_response"]) == {"pt": 0, "sft": 1}.get(stanza["stage"], 2)


@pytest.fixture
def nemo_data(monkeypatch: pytest.MonkeyPatch) -> Any:
    """NeMo's own module of data sets, without what NeMo trains with: that is imported, and not used to read rows."""
    root = Path(next(iter(find_spec("nemo").submodule_search_locations)))  # type: ignore[union-attr, arg-type]
    for name in list(sys.modules):
        if name == "nemo" or name.startswith("nemo."):
            monkeypatch.delitem(sys.modules, name)

    def module(name: str, **names: Any) -> None:
        shell = ModuleType(name)
        shell.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        shell.__dict__.update(names)
        monkeypatch.setitem(sys.modules, name, shell)

    import torch.utils.data

    for name in ("nemo", "nemo.core", "nemo.collections", "nemo.collections.common", "nemo.collections.llm",
                 "nemo.collections.llm.gpt", "nemo.collections.llm.gpt.data", "nemo.lightning"):  # fmt: skip
        module(name)
    module("nemo.core.classes", Dataset=torch.utils.data.Dataset)
    module("nemo.collections.common.tokenizers", TokenizerSpec=object)
    module("nemo.collections.common.tokenizers.tokenizer_spec", TokenizerSpec=object)
    module("nemo.lightning.base", NEMO_DATASETS_CACHE=Path())
    module("nemo.utils", AppState=SimpleNamespace)
    yield import_module("nemo.collections.llm.gpt.data.core")
    for name in list(sys.modules):
        if name.startswith("nemo."):
            del sys.modules[name]


def test_nemo_makes_tokens_of_the_rows(result: EveryRecord, nemo_data: Any) -> None:
    tokenizer = byte_tokenizer(CHATML)
    asked = SimpleNamespace(tokenizer=tokenizer, eos_id=tokenizer.eos_token_id, bos_id=None, space_sensitive=True,
                            text_to_ids=tokenizer.encode)  # fmt: skip
    for name, stanza in told(result, "nemo"):
        root = Path(stanza["dataset_root"])
        for file, split in (("training", "train"), ("validation", "validation")):
            examples = nemo_data.create_sft_dataset(root / f"{file}.jsonl", asked, seq_length=1 << 20,
                                                **stanza["dataset_kwargs"])  # fmt: skip
            rows = parquet_rows(result.out, split, result.folder(name)).to_pylist()
            assert len(examples) == len(rows), name
            for row, example in zip(
                rows, (examples[at] for at in range(len(examples))), strict=True
            ):
                assert reply(row) in tokenizer.decode(example["input_ids"]), name
                if "answer_only_loss" in stanza["dataset_kwargs"]:
                    assert tokenizer.decode(example["answer_ids"]).strip() == reply(row), name
        shutil.rmtree(root)
