"""Holdouts of a recipe whose sources are files: their items come from these files, read as they are said to be."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning"),
]

CALLED = {"question": "문제", "cop": "정답"}


def words(seed: str, count: int) -> str:
    drawn = random.Random(seed)
    return " ".join("".join(drawn.choices("abcdefghijklmnop", k=6)) for _ in range(count))


def write_rows(file: Path, count: int, tag: str, columns: dict[str, str], *, right: int | None = None) -> Path:  # fmt: skip
    rows = [
        {"id": f"{tag}-{row}", "question": words(f"{tag} {row}", 20), "opa": words(f"a {tag} {row}", 3),
         "opb": words(f"b {tag} {row}", 3), "opc": words(f"c {tag} {row}", 3), "opd": words(f"d {tag} {row}", 3), "cop": row % 4 if right is None else right,
         "choice_type": "single", "exp": None, "subject_name": "Anatomy", "topic_name": None}
        for row in range(count)
    ]  # fmt: skip
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = ({columns.get(name, name): value for name, value in row.items()} for row in rows)
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return file


def recipe_of(path: Path, **words: Any) -> dict[str, Any]:
    entry = {"name": "medmcqa", "path": str(path), **words}
    return {"name": "demo", "split": {"validation": 0}, "source": [entry]}


@pytest.mark.parametrize("columns", [CALLED, {}], ids=["renamed", "as declared"])
def test_items_are_read_under_the_names_that_the_source_says(tmp_path: Path, columns: dict[str, str]) -> None:  # fmt: skip
    exam = tmp_path / "exam"
    write_rows(exam / "train.jsonl", 6, "train", CALLED)
    write_rows(exam / "validation.jsonl", 5, "validation", columns)
    write_rows(exam / "test.jsonl", 5, "test", columns, right=-1)
    recipe = recipe_of(exam, columns=CALLED)
    built = mk.build(recipe, out=tmp_path / "out")
    assert built.manifest["totals"]["train"] == 6
    assert {each["name"]: each["items"] for each in built.manifest["holdouts"]} == {
        "medmcqa-validation": 5, "medmcqa-test": 5}  # fmt: skip
    assert not mk.verify(built.path).findings.num_rows
    assert not mk.plan(recipe).problems.num_rows


def test_files_without_the_items_are_told_with_what_a_recipe_can_say(tmp_path: Path) -> None:
    train = write_rows(tmp_path / "train.jsonl", 6, "train", {})
    with pytest.raises(mk.errors.WrongFilesError) as error:
        mk.build(recipe_of(train), out=tmp_path / "out")
    assert "medmcqa-validation" in str(error.value.hint)
    assert 'items = ["file:FILE"]' in str(error.value.hint)
    saved = tmp_path / "saved"
    names = ("medmcqa-validation", "medmcqa-test")
    for name in names:
        split = name.removeprefix("medmcqa-")
        file = write_rows(tmp_path / f"{split}.jsonl", 5, split, {}, right=-1 if split == "test" else None)  # fmt: skip
        mk.Holdout.named(name, path=file, partial=True).save(saved / name)
    holdout = {"items": [f"file:{saved / name}" for name in names], "without": list(names)}
    built = mk.build(recipe_of(train) | {"holdout": holdout}, out=tmp_path / "out")
    assert built.manifest["totals"]["train"] == 6


def test_other_items_of_the_same_number_are_told_as_what_differs(tmp_path: Path) -> None:
    exam, folders = tmp_path / "exam", []
    for tag in ("one", "two", "two"):
        write_rows(exam / "train.jsonl", 6, "train", {})
        write_rows(exam / "validation.jsonl", 5, f"validation {tag}", {})
        write_rows(exam / "test.jsonl", 5, "test", {}, right=-1)
        folders.append(mk.build(recipe_of(exam), out=tmp_path / f"out{len(folders)}").path)
    changed = mk.diff(*folders[:2]).inputs.to_pylist()
    assert [row["name"] for row in changed] == ["holdout medmcqa-validation"]
    assert json.loads(changed[0]["before"]).keys() == json.loads(changed[0]["after"]).keys() == {"content"}  # fmt: skip
    assert not mk.diff(*folders[1:]).inputs.num_rows
