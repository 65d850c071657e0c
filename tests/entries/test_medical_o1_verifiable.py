"""medical-o1-verifiable-problem: upstream's spelling, copies, short answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

NAME = "medical_o1_verifiable"


def sample() -> list[dict]:
    return list(mk.load(NAME, split="train", origin="sample"))


def test_names_with_blanks_and_hyphens_are_upstreams(hub) -> None:
    raw = mk.load(NAME, split="train", origin="sample", view="raw")
    assert raw.column_names == ["id", "Open-ended Verifiable Question", "Ground-True Answer"]


def test_a_corrected_spelling_is_another_column(hub, tmp_path: Path) -> None:
    file = tmp_path / "medical_o1_verifiable_problem.json"
    row = {"Open-ended Verifiable Question": "Q?", "Ground-Truth Answer": "A"}
    file.write_text(json.dumps([row]))
    with pytest.raises(mk.errors.SchemaMovedError, match="Ground-True Answer"):
        mk.load(NAME, split="train", path=file)
    names = {"Ground-True Answer": "Ground-Truth Answer"}
    assert mk.load(NAME, split="train", path=file, columns=names)["answer"][:] == ["A"]


def test_copies_stay_and_have_ids_of_their_own(hub) -> None:
    bones = [row for row in sample() if "longest" in row["question"]]
    assert bones[1]["id"] == f"{bones[0]['id']}~2"
    assert len({row["id"] for row in bones}) == 3
    assert len({row["family"] for row in bones}) == 1, "three times one question"


def test_short_answers_are_answers(hub) -> None:
    assert "7" in [row["answer"] for row in sample()]
    assert {row["options"] for row in sample() if not row["options"]} == {None}
    assert {row["rationale"] for row in sample()} == {None}


def test_nothing_proves_which_exam_item_is_behind_a_row() -> None:
    parents = mk.source(NAME).derived_from
    assert [(parent.name, parent.key) for parent in parents] == [
        ("medqa_usmle", ""),
        ("medmcqa", ""),
    ]


@pytest.mark.filterwarnings("error::medqa_kit.errors.RowCountWarning")
def test_the_count_is_by_arithmetic_and_of_the_pinned_revision(hub) -> None:
    commit = "46d5175eb74fdef3516d51d52e8c40db04bbdf35"
    repo = hub.repo("FreedomIntelligence/medical-o1-verifiable-problem")
    repo.commit(commit, SAMPLES / NAME)
    repo.commit("d" * 40, {"medical_o1_verifiable_problem.json": b"[]"})  # what main holds now
    data = mk.load(NAME, split="train")  # a warning of the number of rows would be an error
    assert data.num_rows == 13
    assert mk.source(NAME).rows == 40644


def test_text_by_a_model_has_its_makers_conditions() -> None:
    terms = mk.source(NAME).terms
    assert (terms.commercial, terms.redistribute) == ("conditional", "conditional")
    assert "Apache-2.0" in {claim.license for claim in mk.source(NAME).license}


def test_recipes_hold_out_the_exams_it_was_made_of() -> None:
    assert mk.source(NAME).protected_by == (
        "medqa-usmle-test", "medmcqa-validation", "medmcqa-test",
    )  # fmt: skip


def test_another_answer_makes_another_row_whatever_the_order(hub, tmp_path: Path) -> None:
    file = tmp_path / "medical_o1_verifiable_problem.json"
    rows = [{"Open-ended Verifiable Question": "Q?", "Ground-True Answer": a} for a in "AB"]
    ids = []
    for ordered in (rows, rows[::-1]):
        file.write_text(json.dumps(ordered))
        data = mk.load(NAME, split="train", path=file)
        ids.append(dict(zip(data["answer"][:], data["id"][:], strict=True)))
        assert len(set(data["family"])) == 1
    assert ids[0] == ids[1]
