"""MedXpertQA: options inside the question, ten letters, copies in the common form, pictures by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.RowCountWarning")
OPTIONS = dict(zip("ABCDEFGHIJ", "abcdefghij", strict=True))
CHOICES = "Answer Choices: " + " ".join(f"({letter}) {text}" for letter, text in OPTIONS.items())
ROW = {"id": "Text-3", "question": f"Which?\n{CHOICES}", "options": OPTIONS, "label": "J",
       "medical_task": "Diagnosis", "body_system": "Nervous", "question_type": "Reasoning"}  # fmt: skip
COPY = {"realidx": "Text-3", "question": f"Which?\n{CHOICES}", "options": OPTIONS, "answer_idx": "J",
        "answer": "j"}  # fmt: skip


def sample(subset: str = "Text", split: str = "test", **options: Any) -> list[dict[str, Any]]:
    return list(mk.load("medxpertqa", subset=subset, split=split, origin="sample", **options))


def from_lines(folder: Path, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    folder.mkdir(exist_ok=True)
    file = folder / "test.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return list(mk.load("medxpertqa", subset="Text", split="test", path=file))


def test_options_that_the_question_repeats_are_taken_off(tmp_path: Path) -> None:
    (row,) = from_lines(tmp_path, ROW)
    assert (row["question"], row["answer_index"], row["answer"]) == ("Which?", 9, "j")
    assert len(row["options"]) == 10
    assert sample()[2]["question"] == "Which dose is invented?\nTake the third smallest."
    assert not any("Answer Choices" in row["question"] for row in sample())


@pytest.mark.parametrize("question", [
    "Which?", f"Which?\n{CHOICES}!", "Which?\nAnswer Choices: (A) a (B) b", f"{CHOICES} Which?",
])  # fmt: skip
def test_a_question_that_does_not_end_by_its_own_options_stays(
    tmp_path: Path, question: str
) -> None:
    assert from_lines(tmp_path, ROW | {"question": question})[0]["question"] == question


def test_the_raw_view_has_the_question_as_it_is_sent() -> None:
    raw = mk.load("medxpertqa", subset="Text", split="test", origin="sample", view="raw")
    assert raw["question"][0].endswith("(J) Folate")


def test_a_copy_in_the_common_form_gives_the_same_id_and_item(tmp_path: Path) -> None:
    (own,), (copied,) = from_lines(tmp_path, ROW), from_lines(tmp_path / "copy", COPY)
    for name in ("id", "family", "question", "options", "answer_index", "answer"):
        assert own[name] == copied[name]
    assert copied["tags"] is None
    with pytest.raises(mk.errors.AnswerError, match="not the option it points to"):
        from_lines(tmp_path / "copy", COPY | {"answer": "a"})


def test_what_a_question_is_about_is_in_its_tags() -> None:
    assert sample()[0]["tags"] == ["Diagnosis", "Digestive", "Reasoning"]


def test_questions_about_pictures_are_by_name_and_keep_the_names_of_their_files() -> None:
    data = mk.load("medxpertqa", origin="sample")
    assert set(data) == {"test"}
    assert set(data["test"]["subset"]) == {"Text"}
    rows = sample("MM", keep=["images"])
    assert rows[0]["images"] == ["MM-1-a.jpeg", "MM-1-b.jpeg"]
    assert {len(row["options"]) for row in rows} == {5}


def test_all_of_it_is_for_evaluation_and_the_text_is_held_out() -> None:
    source = mk.source("medxpertqa")
    assert {part.name: part.rows for part in source.parts if part.evaluation} == {
        "Text/test": 2450, "MM/test": 2000,
    }  # fmt: skip
    assert source.protected_by == ("medxpertqa-text-test",)
    assert "train" not in source.splits


def test_one_state_of_the_hub_is_read(hub: Any) -> None:
    revision = "7e7c465a68eb2b866926bfa59c8c9d17a8daba65"
    hub.repo("TsinghuaC3I/MedXpertQA").commit(revision, SAMPLES / "medxpertqa", branch=None)
    assert mk.load("medxpertqa", subset="Text", split="test").num_rows == 8
