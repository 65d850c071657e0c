"""MedQA: three layouts of one exam, whose letters must never meet."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning")
LAYOUTS = ("5_options", "4_options", "4_options_hf")
ROW = {"question": "Which?", "answer": "b", "options": dict(zip("ABCDE", "abcde", strict=True)),
       "meta_info": "step1", "answer_idx": "B"}  # fmt: skip


def sample(subset: str | None = None, split: str = "test", **options: Any) -> list[dict[str, Any]]:
    return list(mk.load("medqa_usmle", subset=subset, split=split, origin="sample", **options))


def from_row(folder: Path, subset: str | None = None, **changes: Any) -> list[dict[str, Any]]:
    file = folder / "test.jsonl"
    file.write_text(json.dumps(ROW | changes) + "\n", "utf-8")
    return list(mk.load("medqa_usmle", subset=subset, split="test", path=file))


def test_five_options_are_the_default_and_copies_want_their_name(hub) -> None:
    splits = mk.load("medqa_usmle", origin="sample")
    assert set(splits) == {"train", "validation", "test"}
    assert all(set(data["subset"]) == {"5_options"} for data in splits.values())
    assert {len(row["options"]) for row in sample()} == {5}
    for subset in LAYOUTS[1:]:
        assert {len(row["options"]) for row in sample(subset)} == {4}


def test_each_layout_is_read_at_its_own_repository_and_revision(hub) -> None:
    for repo, revision in {
        "truehealth/medqa": "e8fc5634288cca740bdd1c8c973f3f41b0171085",
        "GBaker/MedQA-USMLE-4-options": "0fb93dd23a7339b6dcd27e241cb9b5eca62d4d18",
        "GBaker/MedQA-USMLE-4-options-hf": "17af9355ef89fba60de966eabaeba797c695f86e",
    }.items():
        hub.repo(repo).commit(revision, SAMPLES / "medqa_usmle" / repo.replace("/", "+"))
    for subset in LAYOUTS:
        with pytest.warns(mk.errors.RowCountWarning) if subset == "5_options" else nullcontext():
            data = mk.load("medqa_usmle", subset=subset, split="test")
        assert len(data) == 4


def test_stems_and_right_texts_agree_over_layouts_and_letters_do_not(hub) -> None:
    families = {s: {row["family"]: row for row in sample(s)} for s in LAYOUTS}
    five, four, four_hf = (families[s] for s in LAYOUTS)
    assert five.keys() == four.keys() == four_hf.keys()
    moved = 0
    for family, row in five.items():
        for other in (four[family], four_hf[family]):
            assert other["answer"] == row["answer"]
            assert other["question"] == row["question"]
            assert set(other["options"]) < set(row["options"])
        moved += row["answer_index"] != four[family]["answer_index"]
    assert moved == 2


def test_ids_of_the_layouts_differ(hub) -> None:
    ids = [row["id"] for subset in LAYOUTS for row in sample(subset)]
    assert len(set(ids)) == len(ids)
    assert sample("4_options_hf")[0]["id"] == "sample:medqa_usmle/4_options_hf/test/test-00000"


def test_labels_of_the_hf_copy_count_from_zero(hub) -> None:
    raw = mk.load("medqa_usmle", subset="4_options_hf", split="train", origin="sample", view="raw")
    rows = sample("4_options_hf", "train")
    assert [row["answer_index"] for row in rows] == raw["label"][:]
    assert 0 in raw["label"][:]


def test_the_four_option_copy_has_no_validation(hub) -> None:
    without = mk.load("medqa_usmle", subset="4_options", origin="sample")
    assert set(without) == {"train", "test"}
    assert len(sample("4_options", "validation")) == 2, "the authors' files have it"
    assert len(sample("4_options_hf", "validation")) == 2


def test_the_answers_text_is_checked_against_its_letter(hub, tmp_path: Path) -> None:
    assert from_row(tmp_path)[0]["answer_index"] == 1
    with pytest.raises(mk.errors.AnswerError, match="not the option it points to"):
        from_row(tmp_path, answer="c")


def test_rows_with_other_letters_are_refused_not_bent(hub, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.NullValueError, match="an option is missing"):
        from_row(tmp_path, options=dict(zip("ABCD", "abcd", strict=True)))
    with pytest.raises(mk.errors.MedQAError, match="F"):
        from_row(tmp_path, options=dict(zip("ABCDEF", "abcdef", strict=True)))


def test_blanks_at_the_ends_of_a_stem_stay_and_do_not_split_its_family(hub, tmp_path: Path) -> None:
    padded = from_row(tmp_path, question=" Which? ")[0]
    assert padded["question"] == " Which? "
    (folder := tmp_path / "other").mkdir()
    assert padded["family"] == from_row(folder)[0]["family"]


def test_meta_info_is_free_text(hub) -> None:
    assert {tag for row in sample(split="train") for tag in row["tags"]} == {
        "step1", "step2&3", "step 1",
    }  # fmt: skip


def test_one_stem_with_other_options_is_another_row_of_the_family(hub) -> None:
    twins = [row for row in sample(split="train") if row["question"].startswith("Which of the")]
    assert len({row["id"] for row in twins}) == 2
    assert not any("~" in row["id"] for row in twins), "it is no copy"
    assert len({row["family"] for row in twins}) == 1


def test_the_official_tests_are_marked(hub) -> None:
    parts = mk.source("medqa_usmle").parts
    assert {part.name for part in parts if part.evaluation} == {f"{s}/test" for s in LAYOUTS}
    with pytest.warns(mk.errors.HoldoutWarning, match="official test"):
        mk.load("medqa_usmle", split="all", origin="sample")


def test_tags_on_copies_are_no_grant() -> None:
    source = mk.source("medqa_usmle")
    assert source.terms.commercial == "unknown"
    assert {c.license for c in source.license if not c.credible} == {"CC-BY-4.0", "CC-BY-SA-4.0"}


@pytest.mark.parametrize("order", ["EDCBA", "BADCE"])
def test_options_stand_in_the_order_of_their_letters(hub, tmp_path: Path, order: str) -> None:
    row = from_row(tmp_path, options={letter: letter.lower() for letter in order})[0]
    assert row["options"] == ["a", "b", "c", "d", "e"]
    assert (row["answer_index"], row["answer"]) == (1, "b")


def test_options_as_a_list_of_pairs_are_another_layout(hub, tmp_path: Path) -> None:
    pairs = [{"key": key, "value": value} for key, value in zip("ABCDE", "abcde", strict=True)]
    with pytest.raises(mk.errors.MedQAError, match="options") as error:
        from_row(tmp_path, options=pairs)
    assert "Hint:" in str(error.value)


def test_an_exact_copy_is_told_apart(hub, tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text(2 * (json.dumps(ROW) + "\n"), "utf-8")
    data = mk.load("medqa_usmle", subset="5_options", split="train", path=file)
    assert data[1]["id"] == f"{data[0]['id']}~2"
    assert data[0]["family"] == data[1]["family"]


@pytest.mark.filterwarnings("error::medqa_kit.errors.RowCountWarning")
def test_the_test_was_counted_and_the_rest_adds_up(hub) -> None:
    assert mk.source("medqa_usmle").rows == 12723
    hub.repo("truehealth/medqa").commit(
        "e8fc5634288cca740bdd1c8c973f3f41b0171085", SAMPLES / "medqa_usmle" / "truehealth+medqa"
    )
    # a warning would be an error
    assert mk.load("medqa_usmle", subset="5_options", split="train").num_rows
    for split, counted in (("validation", "2 rows read, 1272"), ("test", "4 rows read, 1273")):
        with pytest.warns(mk.errors.RowCountWarning, match=f"{counted} were counted"):
            mk.load("medqa_usmle", subset="5_options", split=split)


def test_a_stem_is_held_out_whatever_its_options(hub) -> None:
    exam = mk.load("medqa_usmle", subset="5_options", split="test", origin="sample")
    copies = mk.load("medqa_usmle", subset="4_options", split="test", origin="sample")
    clean, report = mk.exclude(copies, mk.Holdout.from_rows(exam, reason="reported"))
    assert clean.num_rows == 0
    assert report.dropped == copies.num_rows


def test_upstreams_name_of_the_validation_split_is_explained(hub) -> None:
    with pytest.raises(mk.errors.UnknownPartError, match="'dev' is called 'validation'"):
        sample(split="dev")


def test_every_place_that_was_searched_is_named() -> None:
    source = mk.source("medqa_usmle")
    silent = [claim.evidence.partition(":")[0] for claim in source.license if not claim.license]
    assert silent == ["truehealth/medqa at the pinned revision", "bigbio/med_qa"]
    assert not source.terms.allows("redistribute")
