"""Symptom to diagnosis: declared labels, repeated texts, the question view."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import medqa_kit as mk
from medqa_kit.entries.symptom_to_diagnosis import LABELS
from medqa_kit.loading.planner import SAMPLES


def test_labels_are_the_22_declared(hub) -> None:
    assert len(set(LABELS)) == 22
    for split in ("train", "test"):
        data = mk.load("symptom_to_diagnosis", split=split, origin="sample")
        assert set(data["label"]) <= set(LABELS)


@pytest.mark.parametrize("view", ["normalized", "qa"])
@pytest.mark.parametrize("label", ["acne", "Migraine", ""])
def test_another_label_is_refused(hub, tmp_path: Path, label: str, view: str) -> None:
    rows = [{"output_text": text, "input_text": "It aches."} for text in ("migraine", label)]
    (tmp_path / "train.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(mk.errors.LabelError) as error:
        mk.load("symptom_to_diagnosis", split="train", path=tmp_path, view=view)
    assert error.value.row == 1


def test_a_repeated_text_keeps_both_rows_in_one_family(hub) -> None:
    data = mk.load("symptom_to_diagnosis", split="train", origin="sample")
    first, second = data[0], data[4]
    assert first["text"] == second["text"]
    assert second["id"] == f"{first['id']}~2"
    assert second["family"] == first["family"]
    assert len(set(data["family"])) == data.num_rows - 1


def test_texts_keep_their_blanks_and_the_family_does_not_see_them(hub, tmp_path: Path) -> None:
    rows = [{"output_text": "migraine", "input_text": text} for text in ("It aches. ", "It aches.")]
    (tmp_path / "test.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    data = mk.load("symptom_to_diagnosis", split="test", path=tmp_path)
    assert data["text"][:] == ["It aches. ", "It aches."]
    assert data[0]["family"] == data[1]["family"]


def test_the_question_view_pairs_text_and_label(hub) -> None:
    rows = mk.load("symptom_to_diagnosis", split="train", origin="sample", view="qa")
    labeled = mk.load("symptom_to_diagnosis", split="train", origin="sample")
    assert rows["question"][:] == labeled["text"][:]
    assert rows["answer"][:] == labeled["label"][:]
    assert rows["id"][:] == labeled["id"][:]
    assert set(rows["options"]) == {None}


def test_test_is_marked_as_a_benchmark(hub) -> None:
    with pytest.warns(mk.errors.HoldoutWarning, match="3 rows of the official test"):
        mk.load("symptom_to_diagnosis", split="all", origin="sample")


@pytest.mark.parametrize(
    ("split", "counts"), [("train", "10 rows read, 853"), ("test", "3 rows read, 212")]
)
def test_both_splits_are_read_at_the_pinned_revision(hub, split: str, counts: str) -> None:
    repo = hub.repo("gretelai/symptom_to_diagnosis")
    repo.commit("722cfb0e11f8ae37339c7f573b5e10429b94df49", SAMPLES / "symptom_to_diagnosis")
    repo.commit("d" * 40, {"README.md": b"moved"})  # what main holds now
    with pytest.warns(mk.errors.RowCountWarning, match=counts):
        mk.load("symptom_to_diagnosis", split=split)


def test_the_label_comes_first_and_is_not_the_text(hub) -> None:
    raw = mk.load("symptom_to_diagnosis", split="train", origin="sample", view="raw")
    assert raw.column_names == ["id", "output_text", "input_text"]
    data = mk.load("symptom_to_diagnosis", split="train", origin="sample")
    assert (data["label"][:], data["text"][:]) == (raw["output_text"][:], raw["input_text"][:])


def test_the_tag_on_the_hub_grants_use() -> None:
    terms = mk.source("symptom_to_diagnosis").terms
    assert (terms.commercial, terms.attribution) == ("yes", True)
