"""What trainers are told: it names the files that are there, and a cache that is of these rows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
import yaml

import medqa_kit as mk

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
    ("alpaca", {"axolotl", "torchtune", "llama_factory"}),
    ("sharegpt", {"axolotl", "torchtune", "llama_factory"}),
    ("text", {"axolotl", "trl", "torchtune", "megatron", "llama_factory"}),
    ("nemo", {"nemo"}),
])  # fmt: skip
def test_each_record_has_the_stanzas_of_the_trainers_that_read_it(
    hub, tmp_path: Path, record: str, trainers: set[str]
) -> None:
    out = build(tmp_path, record)
    files = {path.stem: path.read_text("utf-8") for path in (out / "stanzas").iterdir()}
    assert set(files) == trainers
    for text in files.values():
        assert f"prepared/{digest12(out)}" in text
    assert (out / "dataset_info.json").exists() == ("llama_factory" in trainers)


def test_the_paths_lead_to_the_rows(hub, tmp_path: Path) -> None:
    out = build(tmp_path, "trl/messages")
    columns = set(pq.read_schema(next((out / "trl_messages" / "train").iterdir())).names)
    axolotl = stanza(out, "axolotl")
    (train,), (test,) = axolotl["datasets"], axolotl["test_datasets"]
    assert (out / train["path"] / train["split"]).is_dir()
    assert (test["split"], test["type"]) == ("validation", "chat_template")
    assert train["field_messages"] in columns
    tune = stanza(out, "torchtune")["dataset"]
    assert list(out.glob(tune["data_files"]))
    assert tune["conversation_column"] in columns
    for part in stanza(out, "nemo")["data"].values():
        assert all(list(out.glob(name)) for name in part["file_names"])
    listed = json.loads((out / "dataset_info.json").read_text("utf-8"))
    jsonschema.validate(listed, DATASET_INFO)
    assert stanza(out, "llama_factory")["dataset"].split(", ") == list(listed)
    for entry in listed.values():
        folder = out / entry["file_name"]
        assert {path.suffix for path in folder.iterdir()} == {".parquet"}, "one kind of file"
        assert entry["columns"]["messages"] in columns


@pytest.mark.parametrize("record", ["alpaca", "sharegpt", "text"])
def test_dataset_info_names_columns_that_are_there(hub, tmp_path: Path, record: str) -> None:
    out = build(tmp_path, record)
    listed = json.loads((out / "dataset_info.json").read_text("utf-8"))
    jsonschema.validate(listed, DATASET_INFO)
    for entry in listed.values():
        schema = pq.read_schema(next((out / entry["file_name"]).iterdir()))
        assert {*entry["columns"].values()} <= {*schema.names}


def test_a_script_for_megatron_reads_every_split(hub, tmp_path: Path) -> None:
    out = build(tmp_path, "text")
    script = (out / "stanzas" / "megatron.sh").read_text("utf-8")
    assert script.startswith("#!/bin/sh\n")
    assert script.count("--json-keys text --append-eod") == 2
    assert all(f"text_jsonl/{split}/*.jsonl" in script for split in ("train", "validation"))


def test_other_rows_have_another_cache_and_equal_rows_the_same(hub, tmp_path: Path) -> None:
    out = build(tmp_path, "trl/messages")
    before = digest12(out)
    assert digest12(build(tmp_path, "trl/messages")) == before
    gone = pq.read_table(next((out / "trl_messages" / "train").iterdir()))["id"][0].as_py()
    mk.retract(out, items=[gone])
    assert digest12(out) != before
    assert stanza(out, "axolotl")["dataset_prepared_path"] == f"prepared/{digest12(out)}"
    assert not {*mk.verify(out).by("code")} - {"unchecked"}


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
    assert os.environ["HF_DATASETS_CACHE"] == f"prepared/{digest12(out)}"
    data = load_dataset(
        script.dataset_name, name=script.dataset_config, cache_dir=str(tmp_path / "c")
    )
    assert data[script.dataset_train_split].column_names == ["id", "source", "family", "messages"]
    assert len(data[script.dataset_test_split])
