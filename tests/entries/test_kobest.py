"""KoBEST: five tasks with columns and labels of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.RowCountWarning")


def sample(subset: str, split: str = "train", **options: Any) -> list[dict[str, Any]]:
    return list(mk.load("kobest", subset=subset, split=split, origin="sample", **options))


def test_labels_are_named_as_upstreams_loader_named_them() -> None:
    assert [row["label"] for row in sample("boolq")] == ["True", "False"]
    assert [row["label"] for row in sample("wic")] == ["False", "True"]
    assert [row["label"] for row in sample("sentineg")] == ["positive", "negative"]


@pytest.mark.parametrize("subset", ["boolq", "sentineg", "wic"])
def test_a_label_without_a_name_is_an_error(tmp_path: Path, subset: str) -> None:
    raw = json.loads(
        (SAMPLES / "kobest" / subset / "test.jsonl").read_text("utf-8").splitlines()[0]
    )
    (tmp_path / "test.jsonl").write_text(json.dumps(raw | {"label": 2}) + "\n", "utf-8")
    with pytest.raises(mk.errors.LabelError, match="has no name"):
        mk.load("kobest", subset=subset, split="test", path=tmp_path / "test.jsonl")


def test_pairs_keep_their_order() -> None:
    row = sample("boolq")[0]
    assert row["text"].startswith("손 씻기는")
    assert row["text_pair"] == "손 씻기는 감염을 막는가?"
    wic = sample("wic", keep=["word"])[0]
    assert (wic["text"], wic["text_pair"]) == ("[눈]이 아파서 안과에 갔다.", "밤새 [눈]이 내렸다.")
    assert wic["word"] == "눈"


def test_copa_asks_for_cause_or_effect_of_its_premise() -> None:
    row = sample("copa")[0]
    assert (row["context"], row["question"]) == ("비가 왔다.", "결과")
    assert (row["options"], row["answer"]) == (["땅이 말랐다.", "땅이 젖었다."], "땅이 젖었다.")


def test_hellaswag_counts_its_endings_from_zero() -> None:
    assert sample("hellaswag")[0]["answer_index"] == 0
    assert sample("hellaswag", "test")[0]["answer"] == "면이 익는다."


def test_one_pair_about_two_words_is_two_rows(tmp_path: Path) -> None:
    pair = {"context_1": "[배]와 [말]", "context_2": "[말]과 [배]", "label": 1}
    lines = [pair | {"word": word} for word in ("배", "말")]
    file = tmp_path / "train.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    ids = mk.load("kobest", subset="wic", split="train", path=file)["id"][:]
    assert not any("~" in name for name in ids)


def test_sentences_before_they_were_negated_are_by_name_only() -> None:
    assert set(mk.load("kobest", subset="sentineg", origin="sample")) == {
        "train",
        "validation",
        "test",
    }
    (before,) = sample("sentineg", "test_originated")
    assert before["text"] == sample("sentineg")[0]["text"], "it is in train"


def test_each_subset_has_its_counts_and_its_test_is_held_out() -> None:
    source = mk.source("kobest")
    counts = {part.name: part.rows for part in source.parts}
    assert [counts[f"boolq/{split}"] for split in ("train", "validation", "test")] == [
        3665,
        700,
        1404,
    ]
    assert [counts[f"hellaswag/{split}"] for split in ("train", "validation", "test")] == [
        2029,
        500,
        500,
    ]
    items = {holdout.subset: holdout.items for holdout in source.holdouts}
    assert items == {part.subset: part.rows for part in source.parts if part.split == "test"}
    assert sum(items.values()) == 4561
    assert "lm_eval/kobest_copa" in {
        task for holdout in source.holdouts for task in holdout.protects
    }
    assert len(source.protected_by) == 5


def test_one_state_of_the_hub_is_read(hub: Any) -> None:
    revision = "a5ea15e3ac77ed694b79f6204eb31889a2ba989f"
    hub.repo("skt/kobest_v1").commit(revision, SAMPLES / "kobest", branch=None)
    assert mk.load("kobest", subset="copa", split="train").num_rows == 2
