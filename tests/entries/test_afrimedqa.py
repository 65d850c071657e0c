"""AfriMed-QA: one file of three kinds, options written as text, N/A at any place, several right ones."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = [
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.RowCountWarning"),
]
ROW = {"sample_id": "x", "question_type": "mcq", "prompt": "", "question": "Which? ", "question_clean": "Which?",
       "answer_options": json.dumps({"option1": "a", "option2": "b", "option3": "c"}),
       "correct_answer": "option2", "answer_rationale": "why", "specialty": "S", "tier": "expert",
       "country": "NG", "gender": "Female", "split": "test"}  # fmt: skip


def sample(subset: str, split: str = "test", **options: Any) -> list[dict[str, Any]]:
    return list(mk.load("afrimedqa", subset=subset, split=split, origin="sample", **options))


def from_rows(folder: Path, *changes: dict[str, str]) -> list[dict[str, Any]]:
    file = folder / "afri_med_qa_15k_v2.5_phase_2_15275.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(ROW))
        writer.writeheader()
        writer.writerows(ROW | change for change in changes)
    return list(mk.load("afrimedqa", subset="mcq", split="test", path=file))


def options(**named: str) -> dict[str, str]:
    return {"answer_options": json.dumps(named)}


@pytest.mark.parametrize("nothing", ["N/A", "n/a", "NA", " None ", "", "null"])
def test_options_that_say_nothing_are_left_out_wherever_they_stand(
    tmp_path: Path, nothing: str
) -> None:
    (row,) = from_rows(tmp_path, options(option1=nothing, option2="b", option3="c"))
    assert (row["options"], row["answer_index"], row["answer"]) == (["b", "c"], 0, "b")
    with pytest.raises(mk.errors.AnswerError, match="not one of the options"):
        from_rows(tmp_path, options(option1="a", option2=nothing, option3="c"))


def test_options_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    (row,) = from_rows(tmp_path, options(option3="c", option2="b", option1="a"))
    assert (row["options"], row["answer"]) == (["a", "b", "c"], "b")


def test_several_right_options_are_no_answer_and_have_a_tag(tmp_path: Path) -> None:
    several, single = from_rows(tmp_path, {"correct_answer": "option1,option3"}, {"sample_id": "y"})
    assert (several["answer"], several["answer_index"]) == (None, None)
    assert "several right options" in several["tags"]
    assert "several right options" not in single["tags"]


@pytest.mark.parametrize("answer", ["b", "option9", "2"])
def test_an_answer_that_names_no_option_is_an_error(tmp_path: Path, answer: str) -> None:
    with pytest.raises(mk.errors.AnswerError, match="not one of the options"):
        from_rows(tmp_path, {"correct_answer": answer})


def test_the_kind_makes_the_subsets_and_a_column_the_splits() -> None:
    for subset, counts in {"mcq": (2, 4), "saq": (2, 1), "consumer_queries": (2, 1)}.items():
        assert tuple(len(sample(subset, split)) for split in ("train", "test")) == counts
    assert all(part.evaluation == (part.split == "test") for part in mk.source("afrimedqa").parts)


def test_the_cleaned_question_comes_first() -> None:
    assert sample("mcq")[2]["question"] == "Which is drawn?"
    assert sample("mcq", "train")[1]["question"] == "Which organ makes insulin?", "not cleaned"


def test_short_answers_and_questions_of_patients() -> None:
    (short,) = sample("saq")
    assert (short["answer"], short["options"]) == ("Press on the wound, and call for help.", None)
    (query,) = sample("consumer_queries")
    assert query["answer"] is None
    assert query["context"] == "Your friend felt feverish and fears she has malaria."


def test_what_a_question_is_about_and_whose_it_is_are_tags() -> None:
    assert sample("mcq", "train")[1]["tags"] == ["Endocrinology", "crowdsourced", "NG"]


def test_a_copy_in_the_common_form_has_the_ids_and_no_option_that_says_nothing(
    tmp_path: Path,
) -> None:
    copied = {"realidx": "x", "question": "Which?", "options": {"A": "N/A", "B": "b", "C": "c"},
              "answer_idx": "C", "answer": "c", "reason": "why"}  # fmt: skip
    file = tmp_path / "test.jsonl"
    file.write_text(json.dumps(copied) + "\n", "utf-8")
    (row,) = mk.load("afrimedqa", subset="mcq", split="test", path=file)
    assert (row["id"], row["options"], row["answer_index"]) == ("afrimedqa/mcq/x", ["b", "c"], 1)
    assert (row["answer"], row["rationale"]) == ("c", "why")


def test_the_stricter_of_two_claims_holds() -> None:
    terms = mk.source("afrimedqa").terms
    assert (terms.commercial, terms.share_alike) == ("no", True)


def test_one_state_of_the_open_copy_is_read(hub: Any) -> None:
    revision = "3b4382fa0bb51bfc026f5813021ab0ec7be9de8f"
    hub.repo("afrimedqa/afrimedqa_v2").commit(revision, SAMPLES / "afrimedqa", branch=None)
    assert mk.load("afrimedqa", subset="mcq", split="test").num_rows == 4


@pytest.mark.parametrize("other", [{"question_type": "multiple choice"}, {"question_type": ""},
                                   {"split": "Test"}, {"split": ""}])  # fmt: skip
def test_a_row_of_an_unknown_kind_or_split_does_not_vanish(
    tmp_path: Path, other: dict[str, str]
) -> None:
    with pytest.raises(mk.errors.LabelError, match=next(iter(other))):
        from_rows(tmp_path, {}, {"sample_id": "y"} | other)


def test_rows_of_other_kinds_and_splits_are_rows_of_other_parts(tmp_path: Path) -> None:
    others = [{"question_type": "SAQ"}, {"question_type": "consumer queries"}, {"split": "train"}]
    assert [row["question"] for row in from_rows(tmp_path, {}, *others)] == ["Which?"]
