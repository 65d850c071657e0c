"""medical-o1-reasoning-SFT: English by default, mixes by name, arrays read as arrays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

NAME = "medical_o1_reasoning_sft"


def sample(subset: str | None = None) -> list[dict]:
    return list(mk.load(NAME, subset=subset, split="train", origin="sample"))


def test_english_is_the_default_and_the_rest_wants_its_name(hub) -> None:
    assert [row["id"] for row in sample()] == [row["id"] for row in sample("en")]
    assert mk.source(NAME).subsets == ("en", "zh", "en_mix", "zh_mix")
    assert mk.source(NAME).rows == 19704


@pytest.mark.parametrize(("alone", "mix"), [("en", "en_mix"), ("zh", "zh_mix")])
def test_mixes_hold_the_medical_rows_again_and_others(hub, alone: str, mix: str) -> None:
    medical = {row["family"] for row in sample(alone)}
    mixed = {row["family"] for row in sample(mix)}
    assert mixed & medical
    assert mixed - medical
    assert not {row["id"] for row in sample(mix)} & {row["id"] for row in sample(alone)}


def test_each_subset_has_its_file_and_language(hub) -> None:
    languages = {s: {row["language"] for row in sample(s)} for s in mk.source(NAME).subsets}
    assert languages == {"en": {"en"}, "zh": {"zh"}, "en_mix": {"en"}, "zh_mix": {"zh"}}
    for subset in mk.source(NAME).subsets:
        chinese = {row["question"].isascii() for row in sample(subset)} == {False}
        assert chinese == subset.startswith("zh")


REPO, COMMIT = (
    "FreedomIntelligence/medical-o1-reasoning-SFT",
    "fc2c9e8a37b38f38da6d449564a8c350b244aef4",
)


def test_it_is_read_at_the_pinned_revision(hub) -> None:
    repo = hub.repo(REPO)
    repo.commit(COMMIT, SAMPLES / NAME)
    repo.commit("d" * 40, {"medical_o1_sft.json": b"[]"})  # what main holds now
    with pytest.warns(mk.errors.RowCountWarning, match="6 rows read, 19704"):
        assert len(mk.load(NAME, split="train")) == 6


def test_blanks_of_the_chain_of_thought_stay(hub) -> None:
    thoughts = [row["rationale"] for row in sample()]
    assert " Gums bleed when collagen is weak.\n\nCollagen needs vitamin C.\n" in thoughts


def test_questions_are_those_of_the_verifiable_set(hub) -> None:
    verifiable = mk.load("medical_o1_verifiable", split="train", origin="sample")
    shared = {row["family"] for row in sample()} & set(verifiable["family"])
    assert len(shared) == 5
    with_blank = next(row for row in sample() if row["question"].endswith(" "))
    assert with_blank["family"] in shared, "blanks at the end do not matter"


def test_the_korean_spelling_is_the_same_column(hub, tmp_path: Path) -> None:
    file = tmp_path / "medical_o1_sft.json"
    file.write_text(json.dumps([{"Question": "Q?", "Complex_Cot": "C", "Response": "R"}]))
    assert mk.load(NAME, subset="en", split="train", path=file)["rationale"][:] == ["C"]


def test_guides_to_other_columns_do_not_help(hub, tmp_path: Path) -> None:
    file = tmp_path / "medical_o1_sft.json"
    file.write_text(json.dumps([{"Question": "Q?", "reasoning": "C", "Response": "R"}]))
    with pytest.raises(mk.errors.SchemaMovedError, match="Complex_CoT"):
        mk.load(NAME, subset="en", split="train", path=file)


@pytest.mark.filterwarnings("error::medqa_kit.errors.RowCountWarning")
def test_counts_of_the_mixes_are_claims_and_the_others_were_counted(hub) -> None:
    hub.repo(REPO).commit(COMMIT, SAMPLES / NAME)
    with pytest.warns(mk.errors.RowCountWarning, match="3 rows read, 20171"):
        mk.load(NAME, subset="zh", split="train")
    for subset in ("en_mix", "zh_mix"):
        assert mk.load(NAME, subset=subset, split="train").num_rows  # a warning would be an error


def test_a_chain_or_a_reply_alone_makes_another_row(hub, tmp_path: Path) -> None:
    first = {"Question": "Q?", "Complex_CoT": "C", "Response": "R"}
    rows = [first, first | {"Complex_CoT": "D"}, first | {"Response": "S"}, first]
    file = tmp_path / "medical_o1_sft.json"
    file.write_text(json.dumps(rows))
    data = mk.load(NAME, subset="en", split="train", path=file)
    assert [row_id.endswith("~2") for row_id in data["id"]] == [False, False, False, True]
    assert len(set(data["id"])) == 4
    assert len(set(data["family"])) == 1


def test_text_by_a_model_has_its_makers_conditions() -> None:
    terms = mk.source(NAME).terms
    assert (terms.commercial, terms.redistribute) == ("conditional", "conditional")
    assert "Apache-2.0" in {claim.license for claim in mk.source(NAME).license}


def test_recipes_hold_out_the_exams_behind_it() -> None:
    assert {"medqa-usmle-test", "medmcqa-validation"} <= set(mk.source(NAME).protected_by)
