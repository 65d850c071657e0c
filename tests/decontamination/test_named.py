"""Holdouts of the catalogue, made from its rows or from rows one has."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from exam_text import items
from gauntlet import held_table
from medqa_kit.decontamination.exclusion import Excluding
from medqa_kit.errors import ArgumentError, EmptyDataError
from medqa_kit.loading.planner import SAMPLES

ITEMS = [item for language in ("ko", "km", "en") for item in items(language, 30, seed=1)]


@pytest.mark.parametrize("name", [holdout.name for holdout in mk.holdouts()])
@pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
@pytest.mark.slow
def test_each_can_be_made(name: str) -> None:
    holdout = mk.Holdout.named(name, origin="sample")
    declared = mk.holdout(name)
    assert len(holdout) > 0
    assert holdout.purposes[0].name == name
    assert (holdout.reason, holdout.protects) == (declared.reason, declared.protects)


def test_a_part_of_a_test_warns() -> None:
    with pytest.warns(mk.errors.HoldoutWarning, match="2,045 rows of the official test") as caught:
        mk.Holdout.named("kormedmcqa-2024", origin="sample")
    assert caught[0].filename == __file__, "it names the line that asks"


def test_rows_that_are_not_all_of_them_warn() -> None:
    with pytest.warns(
        mk.errors.HoldoutWarning, match="3,009 rows were counted upstream, 90 were given"
    ):
        mk.Holdout.named("kormedmcqa-official-test", rows=held_table(ITEMS))


FEW = SAMPLES / "kormedmcqa"


def test_files_that_lack_rows_are_no_holdout() -> None:
    with pytest.raises(EmptyDataError, match=r"12 of 3,009 rows") as caught:
        mk.Holdout.named("kormedmcqa-official-test", path=FEW)
    assert "partial=True" in caught.value.hint


def test_unless_it_is_said_and_then_the_holdout_says_so() -> None:
    with pytest.warns(mk.errors.HoldoutWarning, match="what is missing is not held out"):
        holdout = mk.Holdout.named("kormedmcqa-official-test", path=FEW, partial=True)
    assert len(holdout) == 12
    assert holdout.reason.endswith("; 12 of its 3,009 rows")


def test_partial_is_yes_or_no() -> None:
    with pytest.raises(mk.errors.ArgumentError, match="partial"):
        mk.Holdout.named("kormedmcqa-official-test", path=FEW, partial="yes")


@pytest.mark.slow
def test_a_build_says_of_which_holdouts_rows_are_missing(tmp_path: Path) -> None:
    recipe = {
        "name": "few",
        "source": [{"name": "kormedmcqa", "subset": "doctor", "path": str(FEW)}],
    }
    manifest = mk.build(recipe, out=tmp_path / "made").manifest
    assert any(
        "3,009 rows were counted upstream, 12 were given" in note for note in manifest["notes"]
    )


def test_all_rows_of_a_whole_test_do_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", mk.errors.HoldoutWarning)
        mk.Holdout.named("kormedmcqa-official-test", origin="sample")


@pytest.mark.parametrize(("name", "first"), [
    ("kormedmcqa", "kormedmcqa-official-test"),
    ("KorMedMCQA", "kormedmcqa-official-test"),
    ("sean0042/KorMedMCQA", "kormedmcqa-official-test"),
    ("medical_reasoning_kormedmcqa", "kormedmcqa-official-test"),
    ("medqa_usmle", "medqa-usmle-test"),
    ("kormedmcqa-2042", "kormedmcqa-2024"),
    ("kormedlawqa-test", "kormedlawqa-all"),
    ("pubmedqa-test", "pubmedqa-official-test"),
])  # fmt: skip
def test_a_wrong_name_leads_to_the_right_one(name: str, first: str) -> None:
    for verb in (mk.Holdout.named, mk.holdout):
        with pytest.raises(mk.errors.UnknownSourceError, match=f"Hint: did you mean '{first}'"):
            verb(name)


def test_a_name_like_no_other_leads_to_the_list() -> None:
    with pytest.raises(mk.errors.UnknownSourceError, match=r"mk\.holdouts\(\) lists them"):
        mk.holdout("§")


@pytest.mark.parametrize("no_holdout", ["kormedmcqa-official-test", 5, None])
@pytest.mark.parametrize("verb", [mk.exclude, mk.search, mk.check])
def test_the_name_of_a_holdout_is_none(verb: Any, no_holdout: Any) -> None:
    rows = [{"id": "a", "question": "Why?"}]
    with pytest.raises(ArgumentError, match=r"mk\.Holdout\.named"):
        verb(rows, no_holdout)
    with pytest.raises(ArgumentError, match="holdout="):
        Excluding(no_holdout)
