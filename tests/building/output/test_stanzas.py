"""What trainers are told: it names the files that are there, and a cache that is of these rows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
import yaml

import medqa_kit as mk
from every_record import SOURCES, in_every_record
from medqa_kit.building.output.papers.stanzas import stanzas
from results import json_rows, json_text

pytestmark = pytest.mark.slow

RECIPE = {"name": "exam", "source": [{"name": "kormedmcqa"}], "split": {"validation": 0.3}}
DATASET_INFO = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["file_name"],
        "additionalProperties": False,
        "properties": {
            "file_name": {"type": "string"},
            "formatting": {"enum": ["alpaca", "sharegpt"]},
            "ranking": {"type": "boolean"},
            "columns": {"type": "object", "additionalProperties": {"type": "string"},
                        "propertyNames": {"enum": ["prompt", "query", "response", "history", "messages",
                                                   "system", "tools", "chosen", "rejected", "kto_tag"]}},
            "tags": {"type": "object", "additionalProperties": {"type": "string"},
                     "propertyNames": {"enum": ["role_tag", "content_tag", "user_tag", "assistant_tag",
                                                "observation_tag", "function_tag", "system_tag"]}},
        },
    },
}  # fmt: skip
"""What LLaMA-Factory reads of an entry of ``dataset_info.json``."""


def closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required),
            "additionalProperties": False}  # fmt: skip


TEXT, FLAG = {"type": "string", "minLength": 1}, {"type": "boolean"}
CACHE = {"type": "string", "pattern": "^[.][.]/prepared/[0-9a-f]{12}$"}
DEFINED = closed(dict.fromkeys(
    ("field_instruction", "field_output", "format", "no_input_format", "field_prompt", "field_completion",
     "field_chosen", "field_rejected", "field_label"), TEXT))  # fmt: skip
AXOLOTL_ENTRY = closed({
    "path": {"type": "string", "pattern": "^[.]/"}, "split": TEXT, "type": {"anyOf": [TEXT, DEFINED]}, "field": TEXT,
    "field_messages": TEXT, "field_chosen": TEXT, "field_rejected": TEXT,
    "message_property_mappings": closed({"role": TEXT, "content": TEXT}, "role", "content"),
}, "path", "split", "type")  # fmt: skip
TORCHTUNE_ENTRY = closed({
    "_component_": {"enum": [f"torchtune.datasets.{name}_dataset" for name in (
        "chat", "alpaca", "text_completion", "instruct", "preference")]},
    "source": {"const": "parquet"}, "data_files": TEXT, "split": {"const": "train"}, "conversation_column": TEXT,
    "conversation_style": {"enum": ["openai", "sharegpt"]}, "train_on_input": FLAG, "column": TEXT,
    "column_map": closed({"input": TEXT, "output": TEXT}, "input", "output"),
}, "_component_", "source", "data_files", "split")  # fmt: skip
STANZAS = {
    "axolotl": closed({
        "rl": {"enum": ["dpo", "kto"]}, "train_on_inputs": FLAG, "remove_unused_columns": {"const": False},
        "datasets": {"type": "array", "items": AXOLOTL_ENTRY, "minItems": 1, "maxItems": 1},
        "test_datasets": {"type": "array", "items": AXOLOTL_ENTRY, "minItems": 1, "maxItems": 1},
        "dataset_prepared_path": CACHE,
    }, "datasets", "dataset_prepared_path"),
    "torchtune": closed({"dataset": TORCHTUNE_ENTRY, "dataset_val": TORCHTUNE_ENTRY, "output_dir": CACHE},
                        "dataset", "output_dir"),
    "nemo": closed({"dataset_root": CACHE, "dataset_kwargs": closed({
        "chat": FLAG, "use_hf_tokenizer_chat_template": FLAG, "prompt_template": {"const": "{input} {output}"},
        "label_key": TEXT, "answer_only_loss": FLAG,
    })}, "dataset_root", "dataset_kwargs"),
    "llama_factory": closed({
        "stage": {"enum": ["pt", "sft", "dpo", "kto"]}, "dataset_dir": {"const": "."}, "dataset": TEXT,
        "eval_dataset": TEXT, "tokenized_path": CACHE,
    }, "stage", "dataset_dir", "dataset", "tokenized_path"),
    "trl": closed({
        "dataset_name": {"type": "string", "pattern": "^[.]/"}, "dataset_train_split": TEXT, "dataset_test_split": TEXT,
        "env": closed({"HF_DATASETS_CACHE": CACHE}, "HF_DATASETS_CACHE"),
    }, "dataset_name", "dataset_train_split", "env"),
}  # fmt: skip
"""What may stand in each file, by what the trainers document."""


def build(tmp_path: Path, record: str, **rest: Any) -> Path:
    recipe = RECIPE | {"format": {"record": record}} | rest
    return mk.build(recipe, out=tmp_path / "out", origin="sample").path


def stanza(out: Path, name: str) -> Any:
    return yaml.safe_load((out / "stanzas" / f"{name}.yaml").read_text("utf-8"))


def digest12(out: Path) -> str:
    return json.loads((out / "manifest.json").read_text("utf-8"))["data_digest"][7:19]


@pytest.mark.parametrize(("record", "trainers"), [
    ("trl/messages", {"axolotl", "trl", "torchtune", "nemo", "llama_factory"}),
    ("trl/prompt-completion", {"trl"}),
    ("trl/prompt-completion/standard", {"axolotl", "trl", "torchtune", "llama_factory"}),
    ("alpaca", {"axolotl", "torchtune", "llama_factory"}),
    ("compilation", {"llama_factory"}),
    ("llama-factory/alpaca", {"llama_factory"}),
    ("sharegpt", {"axolotl", "torchtune", "llama_factory"}),
    ("text", {"axolotl", "trl", "torchtune", "megatron", "llama_factory"}),
    ("nemo", {"nemo", "torchtune", "llama_factory"}),
    ("nemo/chat", {"nemo"}),
])  # fmt: skip
def test_each_record_has_the_stanzas_of_the_trainers_that_read_it(
    hub, tmp_path: Path, record: str, trainers: set[str]
) -> None:
    out = build(tmp_path, record)
    files = {path.stem: path.read_text("utf-8") for path in (out / "stanzas").iterdir()}
    assert set(files) == trainers
    for text in files.values():
        assert f"../prepared/{digest12(out)}" in text
    assert (out / "dataset_info.json").exists() == ("llama_factory" in trainers)


def test_the_paths_lead_to_the_rows(hub, tmp_path: Path) -> None:
    out = build(tmp_path, "trl/messages")
    columns = set(pq.read_schema(next((out / "trl_messages" / "train").iterdir())).names)
    axolotl = stanza(out, "axolotl")
    (train,), (test,) = axolotl["datasets"], axolotl["test_datasets"]
    assert (out / train["path"] / train["split"]).is_dir()
    assert (test["split"], test["type"]) == ("validation", "chat_template")
    assert train["field_messages"] in columns
    for key in ("dataset", "dataset_val"):
        tune = stanza(out, "torchtune")[key]
        assert list(out.glob(tune["data_files"]))
        assert tune["conversation_column"] in columns
    listed = json.loads((out / "dataset_info.json").read_text("utf-8"))
    for entry in listed.values():
        folder = out / entry["file_name"]
        assert {path.suffix for path in folder.iterdir()} == {".parquet"}, "one kind of file"
        assert entry["columns"]["messages"] in columns


@pytest.mark.parametrize("key", SOURCES)
def test_each_kind_of_record_is_told_in_words_that_the_trainers_know(
    hub, tmp_path: Path, key: str
) -> None:
    every = in_every_record(key, tmp_path)
    manifest = json.loads((every.out / "manifest.json").read_text("utf-8"))
    for name in every.names:
        folder = every.folder(name)
        files = stanzas({**manifest, "formats": {folder: manifest["formats"][folder]}})
        schema = pq.read_schema(next((every.out / folder / "train").iterdir()))
        for trainer, shape in STANZAS.items():
            if text := files.get(f"stanzas/{trainer}.yaml"):
                jsonschema.validate(yaml.safe_load(text), shape)
        listed = json.loads(files.get("dataset_info.json", "{}"))
        jsonschema.validate(listed, DATASET_INFO)
        for entry in listed.values():
            assert {*entry["columns"].values()} <= {*schema.names}
        trainer = name.split("/")[0].replace("-", "_")
        assert trainer not in STANZAS or f"stanzas/{trainer}.yaml" in files, "its own records fit"


def test_a_trainer_gets_one_format_and_its_validation_apart(hub, tmp_path: Path) -> None:
    formats = [
        {"record": name}
        for name in ("trl/messages", "alpaca", "llama-factory/sharegpt", "axolotl/segments")
    ]
    formats[-1]["settings"] = {"eos": "<end>"}
    out = build(tmp_path, "", format=formats)
    listed = json.loads((out / "dataset_info.json").read_text("utf-8"))
    assert len(listed) == 6, "three of the formats, two splits each"
    factory = stanza(out, "llama_factory")
    assert factory["dataset"] == "exam_llama_factory_sharegpt_train"
    assert factory["eval_dataset"] == "exam_llama_factory_sharegpt_validation"
    assert stanza(out, "axolotl")["datasets"][0]["path"] == "./axolotl_segments"
    assert stanza(out, "trl")["dataset_name"] == "./trl_messages"
    assert "trl_messages/" in stanza(out, "torchtune")["dataset"]["data_files"]


@pytest.mark.parametrize(("reasoning", "lost"), [(None, True), ("before", False)])
def test_a_trainer_that_loses_rationales_says_so(
    hub, tmp_path: Path, reasoning: str | None, lost: bool
) -> None:
    form = {"record": "trl/messages", **({"reasoning": reasoning} if reasoning else {})}
    out = build(tmp_path, "", format=form, source=[{"name": "medical_o1_reasoning_sft"}])
    for name in ("llama_factory", "torchtune"):
        text = (out / "stanzas" / f"{name}.yaml").read_text("utf-8")
        assert ("does not read reasoning_content" in text) == lost


def test_scripts_put_the_shards_of_each_split_into_one_file(hub, tmp_path: Path) -> None:
    out = build(tmp_path, "", format={"record": "nemo", "shard": "1KB"})
    assert len(list((out / "nemo_jsonl" / "train").iterdir())) >= 1
    subprocess.run(["sh", "stanzas/nemo.sh"], cwd=out, check=True)
    root = out / stanza(out, "nemo")["dataset_root"]
    for split, file in (("train", "training"), ("validation", "validation")):
        assert (root / f"{file}.jsonl").read_bytes() == json_text(out, split, "nemo")
    assert not {*mk.verify(out).by("code")} - {"unchecked"}, (
        "what trainers prepare is no part of a result"
    )


@pytest.mark.skipif(shutil.which("zstd") is None, reason="the script runs the program zstd")
def test_scripts_unpack_lines_that_are_written_packed(hub, tmp_path: Path) -> None:
    form = {"record": "nemo", "shard": "1KB"}
    plain = json_text(build(tmp_path, "", format=form), "train", "nemo")
    out = build(tmp_path, "", format=form | {"write": ["parquet", "jsonl.zst"]})
    subprocess.run(["sh", "stanzas/nemo.sh"], cwd=out, check=True)
    assert (out / stanza(out, "nemo")["dataset_root"] / "training.jsonl").read_bytes() == plain
    texts = build(tmp_path, "text", format={"record": "text", "write": ["parquet", "jsonl.zst"]})
    assert "zstd -dcq text_jsonl_zst/train/*.jsonl.zst" in (texts / "stanzas/megatron.sh").read_text("utf-8")  # fmt: skip


MEGATRON = """
import argparse, json, pathlib
parser = argparse.ArgumentParser()
for name in ("input", "output-prefix", "tokenizer-type"):
    parser.add_argument(f"--{name}", required=True)
parser.add_argument("--json-keys", nargs="+")
parser.add_argument("--append-eod", action="store_true")
parser.add_argument("--workers", type=int, required=True)
told = parser.parse_args()
assert told.append_eod
texts = [json.loads(line)[key] for line in open(told.input, encoding="utf-8") for key in told.json_keys]
pathlib.Path(told.output_prefix + ".json").write_text(json.dumps(texts), "utf-8")
"""
"""Takes the arguments that Megatron's tool takes, and keeps what it would read."""


def test_a_script_for_megatron_reads_every_split(hub, tmp_path: Path) -> None:
    out = build(tmp_path, "text")
    (tmp_path / "Megatron-LM/tools").mkdir(parents=True)
    (tmp_path / "Megatron-LM/tools/preprocess_data.py").write_text(MEGATRON, "utf-8")
    words = ["sh", "stanzas/megatron.sh", "--tokenizer-type", "NullTokenizer"]
    known = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    unsaid = subprocess.run(words, cwd=out, env=known, capture_output=True, text=True, check=False)
    assert unsaid.returncode
    assert "name the folder of Megatron-LM" in unsaid.stderr
    subprocess.run(words, cwd=out, check=True, env=known | {"MEGATRON": str(tmp_path / "Megatron-LM")})  # fmt: skip
    assert not {*mk.verify(out).by("code")} - {"unchecked"}
    for split in ("train", "validation"):
        documents = json.loads(
            (tmp_path / "prepared" / digest12(out) / f"{split}.json").read_text("utf-8")
        )
        assert documents == [row["text"] for row in json_rows(out, split)]


def test_other_rows_have_another_cache_and_equal_rows_the_same(hub, tmp_path: Path) -> None:
    out = build(tmp_path, "trl/messages")
    before = digest12(out)
    assert digest12(build(tmp_path, "trl/messages")) == before
    gone = pq.read_table(next((out / "trl_messages" / "train").iterdir()))["id"][0].as_py()
    mk.retract(out, items=[gone])
    assert digest12(out) != before
    assert stanza(out, "axolotl")["dataset_prepared_path"] == f"../prepared/{digest12(out)}"
    assert not {*mk.verify(out).by("code")} - {"unchecked"}


@pytest.mark.parametrize(("record", "told"), [("trl/messages", True), ("trl/prompt-completion", False), ("text", False)])  # fmt: skip
def test_the_stanza_of_trl_says_where_the_loss_is(tmp_path: Path, record: str, told: bool) -> None:
    recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "subset": "doctor"}], "format": {"record": record}}  # fmt: skip
    built = mk.build(recipe, out=tmp_path / "out", origin="sample")
    assert ("assistant_only_loss" in (built.path / "stanzas/trl.yaml").read_text("utf-8")) == told


@pytest.mark.trainer
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_trl_reads_its_stanza_and_the_rows(hub, tmp_path: Path, monkeypatch) -> None:
    out = build(tmp_path, "trl/messages")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    from datasets import load_dataset
    from trl import ScriptArguments, SFTConfig, TrlParser

    monkeypatch.chdir(out)
    parser = TrlParser((ScriptArguments, SFTConfig))
    script, _ = parser.parse_args_and_config(
        args=["--config", "stanzas/trl.yaml", "--output_dir", str(tmp_path / "x"), "--use_cpu", "true",
              "--bf16", "false", "--report_to", "none"]
    )  # fmt: skip
    assert os.environ["HF_DATASETS_CACHE"] == f"../prepared/{digest12(out)}"
    data = load_dataset(
        script.dataset_name, name=script.dataset_config, cache_dir=str(tmp_path / "c")
    )
    assert data[script.dataset_train_split].column_names == ["id", "source", "family", "messages"]
    assert len(data[script.dataset_test_split])
