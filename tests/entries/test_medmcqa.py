"""MedMCQA: labels from 0, withheld test labels, explanations that say nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.entries.medmcqa import SOURCE
from medqa_kit.loading.planner import SAMPLES

ROW = {"id": "x", "question": "Which?", "opa": "a", "opb": "b", "opc": "c", "opd": "d", "cop": 1,
       "choice_type": "single", "exp": None, "subject_name": "S", "topic_name": None}  # fmt: skip


def sample(split: str, **options: Any) -> list[dict[str, Any]]:
    return list(mk.load("medmcqa", split=split, origin="sample", **options))


def from_row(folder: Path, **changes: Any) -> dict[str, Any]:
    file = folder / "train-00000-of-00001.parquet"
    pq.write_table(pa.Table.from_pylist([ROW | changes], schema=SOURCE.layout.raw), file)
    return mk.load("medmcqa", split="train", path=file)[0]


def test_labels_count_from_zero(hub, tmp_path: Path) -> None:
    assert from_row(tmp_path)["answer"] == "b"
    assert from_row(tmp_path, cop=0)["answer"] == "a"


@pytest.mark.parametrize("label", [4, -2])
def test_a_copy_that_counts_from_one_fails(hub, tmp_path: Path, label: int) -> None:
    file = tmp_path / "train-00000-of-00001.parquet"
    rows = [ROW | {"cop": label}, ROW | {"id": "y"}]  # whose options come next in memory
    pq.write_table(pa.Table.from_pylist(rows, schema=SOURCE.layout.raw), file)
    with pytest.raises(mk.errors.AnswerError, match="not one of the options") as error:
        mk.load("medmcqa", split="train", path=file)
    assert error.value.row == 0


def test_withheld_labels_are_null(hub) -> None:
    for row in sample("test"):
        assert (row["answer"], row["answer_index"]) == (None, None)
        assert len(row["options"]) == 4
    assert all(row["answer"] for row in sample("validation"))


def test_validation_is_what_is_reported(hub) -> None:
    assert {p.split for p in SOURCE.parts if p.evaluation} == {"validation", "test"}
    with pytest.warns(mk.errors.HoldoutWarning, match="5 rows"):
        mk.load("medmcqa", split="all", origin="sample")


@pytest.mark.parametrize("nothing", ["", " ", "None", None])
def test_an_explanation_that_says_nothing_is_null(hub, tmp_path: Path, nothing: str | None) -> None:
    assert from_row(tmp_path, exp=nothing)["rationale"] is None


def test_an_option_that_says_none_is_an_option(hub, tmp_path: Path) -> None:
    assert from_row(tmp_path, opb="None")["answer"] == "None"


def test_multi_has_one_right_option_all_the_same(hub) -> None:
    rows = sample("train", keep=["choice_type"])
    multi = [row for row in rows if row["choice_type"] == "multi"]
    assert multi
    assert all(isinstance(row["answer_index"], int) for row in multi)


def test_subject_and_topic_are_tags(hub) -> None:
    tags = [row["tags"] for row in sample("train")]
    assert tags[0] == ["Biochemistry", "Vitamins"]
    assert tags[1] == tags[4] == ["Anatomy"], "null and blank topics are left out"


def test_equal_stems_with_other_options_are_other_items(hub) -> None:
    scurvy = [row for row in sample("train") if row["question"].startswith("Scurvy")]
    assert len({row["family"] for row in scurvy}) == len(scurvy) == 2


def test_an_explanation_that_says_something_is_kept_as_it_is(hub, tmp_path: Path) -> None:
    text = "Ans. is 'b'.\n\nNone of the others. "
    assert from_row(tmp_path, exp=text)["rationale"] == text


def test_the_key_is_upstreams(hub, tmp_path: Path) -> None:
    assert from_row(tmp_path)["id"] == "medmcqa/x"
    file = tmp_path / "train-00000-of-00001.parquet"
    pq.write_table(pa.Table.from_pylist([ROW, ROW], schema=SOURCE.layout.raw), file)
    with pytest.raises(mk.errors.DuplicateIdError):
        mk.load("medmcqa", split="train", path=file)


@pytest.mark.parametrize(
    ("split", "counts"),
    [("train", "7 rows read, 182822"), ("validation", "3 rows read, 4183"),
     ("test", "2 rows read, 6150")],
)  # fmt: skip
def test_it_is_read_at_the_pinned_revision(hub, split: str, counts: str) -> None:
    repo = hub.repo("openlifescienceai/medmcqa")
    repo.commit("91c6572c454088bf71b679ad90aa8dffcd0d5868", SAMPLES / "medmcqa")
    repo.commit("d" * 40, {"README.md": b"moved"})  # what main holds now
    with pytest.warns(mk.errors.RowCountWarning, match=counts):
        mk.load("medmcqa", split=split)


def test_the_licence_of_the_code_is_not_the_items() -> None:
    assert [claim.license for claim in SOURCE.license if claim.credible] == ["Apache-2.0"]


def test_recipes_hold_out_what_is_reported() -> None:
    assert SOURCE.protected_by == ("medmcqa-validation", "medmcqa-test")
