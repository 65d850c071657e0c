"""What all AI-Hub sets share: who may have them and on which terms, and that a guide says less."""

from __future__ import annotations

import pytest

import medqa_kit as mk

NUMBERS = {
    "aihub_healthcare_qa": 71762,
    "aihub_essential_medical": 71875,
    "aihub_professional_medical": 71874,
    "aihub_telemedicine_speech": 208,
    "aihub_ko_en_parallel": 111,
    "aihub_medical_speech": 566,
    "aihub_emergency_dialogue": 71433,
}
SECURE = {71874, 71875, 566, 71433}
ALL = pytest.mark.parametrize("name", NUMBERS)


@ALL
def test_steps_begin_with_account_and_approval(name: str) -> None:
    account, approval, *_ = [
        line for line in mk.source(name).how_to_get().splitlines() if line[:1].isdigit()
    ]
    assert account.startswith("1. Make an account at https://www.aihub.or.kr")
    assert "Korean nationals only" in account
    assert approval.startswith(f"2. Ask for set {NUMBERS[name]} ")
    assert "wait for the approval" in approval


@ALL
def test_steps_end_with_the_folder_expected_and_the_terms(name: str) -> None:
    steps = mk.source(name).how_to_get().splitlines()
    (load,) = [line for line in steps if "mk.load(" in line and line[:1].isdigit()]
    assert f'mk.load("{name}", path=...), where path is the folder' in load
    terms = steps[steps.index(load) + 1]
    for word in ("approved account and purpose", "Korean nationals only", "no redistribution"):
        assert word in terms


@ALL
def test_four_sets_are_only_in_the_secure_area(name: str) -> None:
    steps = mk.source(name).how_to_get()
    assert ("secure area" in steps) == (NUMBERS[name] in SECURE)
    assert ("Download it" in steps) == (NUMBERS[name] not in SECURE)


@ALL
def test_nothing_may_be_passed_on_and_commerce_has_conditions(name: str) -> None:
    source = mk.source(name)
    assert [claim.license for claim in source.license] == ["AI-Hub-terms"]
    assert f"set {NUMBERS[name]}" in source.license[0].evidence
    assert "Korean nationals only" in source.license[0].note
    terms = source.terms
    assert (terms.redistribute, terms.derive, terms.commercial) == ("no", "no", "conditional")


@ALL
def test_the_number_a_guide_leaves_out_is_given(name: str) -> None:
    source = mk.source(name)
    assert f"dataSetSn={NUMBERS[name]}" in source.how_to_get()
    assert f"dataSetSn={NUMBERS[name]}" in source.citation
