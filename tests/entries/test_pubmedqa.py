"""PubMedQA: three layouts, three decisions, a benchmark that is called train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.entries.pubmedqa import LAYOUT, SOURCE
from medqa_kit.loading.planner import SAMPLES

ROW = {"pubid": 7, "question": "Does it?", "context": {"contexts": ["a", "b"], "labels": ["X", "Y"],
       "meshes": ["M"], "reasoning_required_pred": ["yes"], "reasoning_free_pred": ["no"]},
       "long_answer": "It does.", "final_decision": "yes"}  # fmt: skip


def sample(subset: str | None = None, **options: Any) -> list[dict[str, Any]]:
    return list(mk.load("pubmedqa", subset=subset, split="train", origin="sample", **options))


def from_table(folder: Path, table: pa.Table, subset: str = "pqa_labeled") -> list[dict[str, Any]]:
    file = folder / "train-00000-of-00001.parquet"
    pq.write_table(table, file)
    return list(mk.load("pubmedqa", subset=subset, split="train", path=file))


def row(**changes: Any) -> pa.Table:
    return pa.Table.from_pylist([ROW | changes], schema=LAYOUT.raw)


def test_only_the_labels_of_people_come_without_a_name(hub) -> None:
    assert {row["subset"] for row in sample()} == {"pqa_labeled"}
    assert len(sample("pqa_artificial")) == 4
    assert SOURCE.rows == 1000


def test_a_benchmark_that_is_called_train_is_marked() -> None:
    assert [part.name for part in SOURCE.parts if part.evaluation] == [
        "pqa_labeled/train", "pqa_labeled/test",
    ]  # fmt: skip


def test_without_a_decision_there_is_no_answer(hub) -> None:
    for row in sample("pqa_unlabeled"):
        assert (row["answer"], row["answer_index"]) == (None, None)
        assert row["options"] == ["yes", "no", "maybe"]


def test_a_labeled_file_must_have_decisions(hub, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.SchemaMovedError, match="final_decision"):
        from_table(tmp_path, row().drop_columns(["final_decision"]))


@pytest.mark.parametrize(("decision", "index"), [("yes", 0), ("no", 1), ("maybe", 2)])
def test_decisions_are_options(hub, tmp_path: Path, decision: str, index: int) -> None:
    (item,) = from_table(tmp_path, row(final_decision=decision))
    assert (item["answer_index"], item["answer"]) == (index, decision)


@pytest.mark.parametrize("decision", ["Yes", "unknown", ""])
def test_another_decision_is_refused(hub, tmp_path: Path, decision: str) -> None:
    with pytest.raises(mk.errors.LabelError, match="final_decision"):
        from_table(tmp_path, row(final_decision=decision))


def test_sections_are_joined_and_can_be_carried_along(hub) -> None:
    item = sample(keep=["context"])[0]
    assert item["context"] == "Caries is common.\nWe followed 200 children."
    assert item["raw_context"]["labels"] == ["BACKGROUND", "METHODS"]
    assert item["tags"] == ["Child", "Dental Caries"]


def test_the_conclusion_is_the_rationale_not_the_context(hub) -> None:
    item = sample()[0]
    assert item["rationale"] == "Regular brushing went with less caries."
    assert item["rationale"] not in item["context"]


def test_predictions_are_in_the_labeled_part_only(hub) -> None:
    labeled, artificial = (sample(s, view="raw")[0] for s in ("pqa_labeled", "pqa_artificial"))
    assert labeled["context"]["reasoning_required_pred"] == ["yes", "yes"]
    assert artificial["context"]["reasoning_required_pred"] is None


def test_the_key_is_the_articles(hub) -> None:
    assert sample()[0]["id"] == "sample:pubmedqa/pqa_labeled/1000"
    where = {"origin": "sample"}
    ids = [
        row["id"] for part in SOURCE.parts
        for row in mk.load("pubmedqa", subset=part.subset, split=part.split, **where)
    ]  # fmt: skip
    assert len(set(ids)) == len(ids)


def test_recipes_hold_out_all_that_is_reported() -> None:
    assert SOURCE.protected_by == ("pubmedqa-labeled",)
    (holdout,) = (row for row in mk.holdouts() if row.name == "pubmedqa-labeled")
    assert (holdout.subset, holdout.items) == ("pqa_labeled", 1000)


@pytest.mark.parametrize(
    "part", [part for part in SOURCE.parts if part.split == "train"], ids=lambda part: part.subset
)
def test_it_is_read_at_the_pinned_revision(hub, part: mk.catalog.Part) -> None:
    repo = hub.repo("qiaojin/PubMedQA")
    repo.commit("9001f2853fb87cab8d220904e0de81ac6973b318", SAMPLES / "pubmedqa")
    repo.commit("d" * 40, {"README.md": b"moved"})  # what main holds now
    with pytest.warns(mk.errors.RowCountWarning, match=f"rows read, {part.rows} were counted"):
        mk.load("pubmedqa", subset=part.subset, split="train")
