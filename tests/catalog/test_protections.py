"""What sources say of their own benchmarks, and who is protected by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import medqa_kit as mk
from medqa_kit.catalog import Protection, protecting
from medqa_kit.errors import InvalidSourceError

EXAM: dict[str, Any] = {"split": "test", "reason": "we report it"}


def with_holdouts(*holdouts: Any) -> mk.Source:
    return replace(mk.source("kormedmcqa"), holdouts=holdouts)


def test_all_are_listed_as_text_and_html() -> None:
    listed = mk.holdouts()
    assert [holdout.name for holdout in listed] == [
        holdout.name for source in mk.sources() for holdout in source.holdouts
    ]
    text, html = repr(listed), listed._repr_html_()
    for holdout in listed:
        assert holdout.source in mk.sources()[0].name or holdout == mk.holdout(holdout.name)
        for word in (holdout.name, holdout.source, holdout.rows):
            assert word in text
            assert f">{word}<" in html
    assert text.splitlines()[-1].startswith(f"{len(listed)} holdouts")
    assert [holdout.name for holdout in listed[:2]] == [holdout.name for holdout in listed][:2]


def test_one_shows_what_it_holds_and_what_it_leaves_in() -> None:
    shown = mk.holdout("kormedmcqa-2024").show()
    for words in ("test, 2024 of kormedmcqa: 964 items", "in recipes that name it", "2,045 rows"):
        assert words in shown
    html = mk.holdout("kormedmcqa-official-test")._repr_html_()
    assert "in recipes by default" in html
    assert "<li>lm_eval/kormedmcqa</li>" in html


def test_each_holds_rows_of_the_benchmark_it_is_named_for() -> None:
    for holdout in mk.holdouts():
        parts = mk.source(holdout.source).select(holdout.subset, holdout.split)
        counted = sum(part.rows or 0 for part in parts)
        assert holdout.items is None or holdout.years or holdout.items == counted, holdout.name
        assert holdout.name.endswith(("-test", "-validation", "-all", "-labeled")) or holdout.years


def test_a_source_says_which_holdouts_protect_it_and_what_descends_from_it() -> None:
    for name in ("kormedmcqa", "medical_reasoning_kormedmcqa"):
        assert mk.source(name).protected_by == ("kormedmcqa-official-test",)
        assert "holdout kormedmcqa-official-test" in mk.source(name).show()
    assert mk.source("kbmc").protected_by == ()


def test_descendants_are_protected_through_all_generations() -> None:
    assert protecting("khmer_medical_qa") == (
        "medqa-usmle-test", "medmcqa-validation", "medmcqa-test",
    )  # fmt: skip
    assert protecting("wiki_medical_terms") == ()


def test_what_is_catalogued_and_what_is_declared_are_protected_alike() -> None:
    for source in mk.sources():
        assert protecting(source.name) == protecting(source) == source.protected_by


def test_a_source_of_ones_own_inherits_from_its_parents() -> None:
    parents = (
        mk.catalog.Parent("pubmedqa", "rewritten"),
        mk.catalog.Parent("x", "", catalogued=False),
    )
    own = replace(
        with_holdouts(Protection("own-test", **EXAM), Protection("own-extra", **EXAM, default=False)),
        name="own", derived_from=parents, errata=(),
    )  # fmt: skip
    assert protecting(own) == ("own-test", "pubmedqa-labeled")
    assert own.protected_by == ("own-test",), "the catalogue has not seen it"
    assert [holdout.source for holdout in own.holdouts] == ["own", "own"]


def test_a_parent_that_is_not_there_is_an_error() -> None:
    orphan = replace(mk.source("klue"), derived_from=(mk.catalog.Parent("gone", "copied"),))
    with pytest.raises(InvalidSourceError, match=r"parent 'gone'(.|\n)*catalogued=False"):
        protecting(orphan)


@pytest.mark.parametrize(("changed", "message"), [
    ({"split": "dev"}, r"holds no part(.|\n)*doctor/test"),
    ({"subset": "surgeon"}, "holds no part"),
    ({"protects": "lm_eval/kormedmcqa"}, "protects= of the holdout 'demo-test' is malformed"),
    ({"protects": ("kormedmcqa",)}, "protects= of"),
    ({"protects": ("lm_eval/kormedmcqa@3.0",)}, "without a version"),
    ({"protects": ("lm_eval/",)}, "protects= of"),
    ({"protects": ["lm_eval/kormedmcqa"]}, "protects= of"),
    ({"protects": (3,)}, "protects= of"),
    ({"years": 2024}, "years= of"),
    ({"years": ()}, "years= of"),
    ({"years": ("2024",)}, "years= of"),
    ({"items": 0}, "items= of"),
    ({"items": "964"}, "items= of"),
    ({"reason": " "}, "reason= of"),
    ({"default": "yes"}, "default= of"),
])  # fmt: skip
def test_a_malformed_holdout_is_an_invalid_source(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidSourceError, match=message) as error:
        with_holdouts(Protection("demo-test", **{**EXAM, **changed}))
    assert error.value.source == "kormedmcqa"


@pytest.mark.parametrize("name", ["", " demo", None, 3])
def test_a_holdout_needs_a_name(name: Any) -> None:
    with pytest.raises(InvalidSourceError, match="name= of"):
        with_holdouts(Protection(name, **EXAM))


def test_one_name_for_two_holdouts_is_an_invalid_source() -> None:
    with pytest.raises(InvalidSourceError, match="two holdouts have one name"):
        with_holdouts(Protection("demo", **EXAM), Protection("demo", **EXAM, default=False))


@pytest.mark.parametrize("holdouts", [[Protection("demo", **EXAM)], ("demo",), "demo"])
def test_holdouts_are_a_tuple_of_protections(holdouts: Any) -> None:
    with pytest.raises(InvalidSourceError, match="tuple of Protection"):
        replace(mk.source("kormedmcqa"), holdouts=holdouts)


def test_a_source_without_rows_has_nothing_to_hold_out() -> None:
    nothing = mk.source("medgemma")
    with pytest.raises(InvalidSourceError, match=r"holds no part(.|\n)*a source with parts"):
        replace(nothing, holdouts=(Protection("demo", **EXAM),))
