"""The card of a result: ``load_dataset`` takes the folder as it is, and refuses one with other rows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest
import yaml
from datasets.exceptions import NonMatchingSplitsSizesError
from datasets.utils.metadata import MetadataConfigs
from huggingface_hub import DatasetCard

import medqa_kit as mk
from medqa_kit.building.output.papers.dataset_card import refuse_wrong_card
from results import json_rows, parquet_rows

pytestmark = pytest.mark.slow

RECIPE = {"name": "exam", "source": [{"name": "kormedmcqa"}], "split": {"validation": 0.3}}
SHAPES = ("trl/messages", "trl/prompt-completion", "alpaca", "sharegpt", "text", "openai/chat",
          "trl/prompt-completion/standard", "mlx-lm", "nemo")  # fmt: skip


def build(tmp_path: Path, record: str = "trl/messages", **rest: Any) -> Path:
    recipe = RECIPE | {"format": {"record": record}} | rest
    return mk.build(recipe, out=tmp_path / "out", origin="sample").path


def load(tmp_path: Path, out: Path, *names: str, **rest: Any) -> Any:
    return datasets.load_dataset(str(out), *names, cache_dir=str(tmp_path / "cache"), **rest)


def front(out: Path) -> dict[str, Any]:
    text = (out / "README.md").read_text("utf-8")
    return yaml.safe_load(text.split("---\n")[1])


def plain(value: Any) -> Any:
    """Leave out what is null inside messages, as JSON Lines do."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items() if each is not None}
    return value


@pytest.mark.parametrize("record", SHAPES)
def test_a_plain_load_gives_the_first_format_and_the_name_of_a_folder_the_others(
    hub, tmp_path: Path, record: str
) -> None:
    out = build(tmp_path, record)
    name = re.sub(r"\W", "_", record)
    data = load(tmp_path, out)
    files = {split: f"{out}/{name}_jsonl/{split}/*.jsonl" for split in data}
    lines = datasets.load_dataset("json", data_files=files, cache_dir=str(tmp_path / "cache"))
    assert load(tmp_path, out, name, split="train").to_list() == data["train"].to_list()
    assert list(data) == ["train", "validation"] == list(lines)
    for split in data:
        assert data[split].to_list() == parquet_rows(out, split).to_pylist()
        written = json_rows(out, split)
        assert [plain(row) for row in lines[split].to_list()] == [plain(row) for row in written]
        assert set(lines[split].column_names) == {key for row in written for key in row}
    gone = load(tmp_path, out, "dropped")
    assert gone["dropped"]["reason"][:] == ["held_out_exact", "held_out_near"]


def test_a_stream_gives_the_same_rows(hub, tmp_path: Path) -> None:
    out = build(tmp_path)
    for name in ((), ("trl_messages",)):
        rows = list(load(tmp_path, out, *name, streaming=True)["train"])
        assert rows == parquet_rows(out, "train").to_pylist()


def test_a_card_with_another_number_of_rows_is_refused(hub, tmp_path: Path) -> None:
    out = build(tmp_path)
    rows = len(parquet_rows(out, "train"))
    file = out / "README.md"
    text = file.read_text("utf-8")
    assert text.count(f"num_examples: {rows}\n") == 1
    file.write_text(text.replace(f"num_examples: {rows}\n", f"num_examples: {rows + 1}\n"), "utf-8")
    with pytest.raises(NonMatchingSplitsSizesError):
        load(tmp_path, out)
    assert mk.verify(out).by("code") == {"changed": 1}


def test_files_that_lost_a_row_are_refused(hub, tmp_path: Path) -> None:
    out = build(tmp_path)
    (file,) = (out / "trl_messages" / "train").iterdir()
    pq.write_table(pq.read_table(file).slice(1), file)
    with pytest.raises(NonMatchingSplitsSizesError):
        load(tmp_path, out)


def test_the_front_matter_is_of_the_lists_of_the_hub(hub, tmp_path: Path) -> None:
    facts = front(build(tmp_path))
    refuse_wrong_card(facts)
    assert (facts["license"], facts["license_link"]) == ("other", "LICENSES.md")
    assert (facts["language"], facts["size_categories"]) == (["ko"], ["n<1K"])
    assert facts["task_categories"] == ["question-answering", "text-generation"]
    assert facts["source_datasets"] == ["sean0042/KorMedMCQA"]
    card = DatasetCard.load(tmp_path / "out" / "README.md")
    configs = MetadataConfigs.from_dataset_card_data(card.data)
    assert configs.get_default_config_name() == "trl_messages"
    assert set(configs) == {"trl_messages", "dropped"}
    for key, value in {"license": "cc-by-nc-nd-9", "language": ["Korean"], "size_categories": ["1K"],
                       "task_categories": ["answering"], "configs": []}.items():  # fmt: skip
        with pytest.raises(mk.errors.AccountError, match=key):
            refuse_wrong_card(facts | {key: value})
    with pytest.raises(mk.errors.AccountError, match="license_link"):
        refuse_wrong_card({key: value for key, value in facts.items() if key != "license_link"})


def test_one_licence_of_all_sources_is_named(hub, tmp_path: Path) -> None:
    facts = front(build(tmp_path, source=[{"name": "medexqa", "split": "test"}], holdout={
        "without": list(mk.source("medexqa").protected_by)}))  # fmt: skip
    assert facts["license"] == "cc-by-nc-sa-4.0"
    assert "license_name" not in facts


def own_rows(tmp_path: Path, count: int = 20, **columns: Any) -> dict[str, Any]:
    """Write rows of one's own, none of which is left out, and return the source of a recipe that reads them."""
    rows = [
        {"id": f"r{n}", "question": f"What is remedy {n * 7919} given for in the ward of day {n * 31}?",
         "answer": f"For complaint {n * 104729}.", "language": "en"} | columns
        for n in range(count)
    ]  # fmt: skip
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return {"as": "own", "read": str(file), "schema": "qa", "license": "CC-BY-4.0"}


@pytest.mark.parametrize("validation", [0, 0.5])
@pytest.mark.parametrize("streaming", [False, True])
def test_every_config_of_the_card_loads_where_nothing_was_left_out(
    tmp_path: Path, validation: float, streaming: bool
) -> None:
    out = build(tmp_path, source=[own_rows(tmp_path)], split={"validation": validation})
    facts = front(out)
    assert [config["config_name"] for config in facts["configs"]] == ["trl_messages"]
    assert (
        "dropped"
        not in (out / "README.md").read_text("utf-8").split("```python")[1].split("```")[0]
    )
    for name in ((), *((config["config_name"],) for config in facts["configs"])):
        data = load(tmp_path, out, *name, streaming=streaming)
        assert sum(len(list(split)) for split in data.values()) == 20
    refuse_wrong_card(facts)


def test_a_split_without_rows_is_named_to_no_reader(tmp_path: Path) -> None:
    with pytest.warns(mk.errors.SplitWarning, match="train has no row"):
        out = build(tmp_path, source=[own_rows(tmp_path)], split={"validation": 0.999})
    assert json.loads((out / "manifest.json").read_text("utf-8"))["totals"]["train"] == 0
    assert {name: len(split) for name, split in load(tmp_path, out).items()} == {"validation": 20}
    assert not (out / "stanzas").exists()
    assert not (out / "dataset_info.json").exists()
    assert not mk.verify(out).findings.num_rows


def test_a_result_whose_validation_was_taken_out_loads(tmp_path: Path) -> None:
    out = build(tmp_path, source=[own_rows(tmp_path)], split={"validation": 0.3})
    gone = parquet_rows(out, "validation")["id"].to_pylist()
    mk.retract(out, items=gone)
    data = load(tmp_path, out)
    assert {name: len(split) for name, split in data.items()} == {"train": 20 - len(gone)}
    assert load(tmp_path, out, "dropped")["dropped"]["id"][:] == gone


def test_languages_are_named_as_the_hub_writes_them(tmp_path: Path) -> None:
    out = build(tmp_path, source=[own_rows(tmp_path, language="EN-us")])
    assert front(out)["language"] == ["en"]


@pytest.mark.parametrize(("about", "shown"), [
    ("- one", r"\- one"), ("1. one", r"1\. one"), ("--- two", r"\--- two"), ("&lt;b&gt;", r"\&lt;b\&gt;"),
    ("A & B; 1) so", "A & B; 1) so"),
])  # fmt: skip
def test_what_begins_like_markup_is_text(tmp_path: Path, about: str, shown: str) -> None:
    out = build(tmp_path, source=[own_rows(tmp_path)], about=about)
    lines = (out / "README.md").read_text("utf-8").split("# exam\n", 1)[1].splitlines()
    assert next(filter(None, lines)) == shown


def test_a_result_without_validation_has_one_split(hub, tmp_path: Path) -> None:
    out = build(tmp_path, split={"validation": 0})
    assert list(load(tmp_path, out)) == ["train"]


def test_text_of_others_is_shown_and_never_read(hub, tmp_path: Path) -> None:
    about = 'x\n---\nlicense: mit\n<script>alert(1)</script> | [a](javascript:b)\n# Title "q" {{y}}'
    out = build(tmp_path, about=about)
    assert front(out)["license"] == "other"
    text = (out / "README.md").read_text("utf-8")
    body = text.split("---\n", 2)[2]
    assert "<script>" not in re.sub(r"\\.", "", body)
    assert "](javascript" not in re.sub(r"\\.", "", body)
    assert [line for line in body.splitlines() if line.startswith("# ")] == ["# exam"]
    assert list(load(tmp_path, out)) == ["train", "validation"]


def test_checksums_list_every_file_but_themselves(hub, tmp_path: Path) -> None:
    out = build(tmp_path)
    listed = dict(line.split("  ")[::-1] for line in (out / "SHA256SUMS").read_text().splitlines())
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert set(listed) == files - {"SHA256SUMS"}
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert {
        name: facts["sha256"] for name, facts in manifest["files"].items()
    }.items() <= listed.items()
    (out / "SHA256SUMS").write_text("x")
    assert mk.verify(out).by("code") == {"changed": 1}
    (out / "SHA256SUMS").unlink()
    assert mk.verify(out).by("code") == {"absent": 1}
