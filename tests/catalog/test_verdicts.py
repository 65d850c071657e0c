"""What sources permit together: by hand, by law, and with the clauses behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import datasets
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.catalog.licenses import LICENSES, Claim
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.verdicts import USES
from medqa_kit.errors import ArgumentError, MedQAError

_GOLDEN = Path(__file__).parents[1] / "golden" / "license_combinations.txt"
_COMBINATIONS = [
    line.rsplit(None, 2)
    for line in _GOLDEN.read_text("utf-8").splitlines()
    if line[:1] not in ("#", "")
]
_LETTERS = {"y": "yes", "c": "conditional", "u": "unknown", "n": "no"}
_ANY = mk.source("kormedmcqa")


def _source(name: str, *licenses: str) -> Source:
    claims = tuple(Claim(None if each == "none" else each, "a card") for each in licenses)
    return replace(_ANY, name=name, license=claims, errata=())


def test_there_are_enough_combinations() -> None:
    assert len(_COMBINATIONS) >= 60
    used = {each.strip() for line, _, _ in _COMBINATIONS for each in line.split("+")}
    assert set(LICENSES) <= used


@pytest.mark.parametrize(("line", "answers", "duties"), _COMBINATIONS)
def test_a_combination_is_what_was_worked_out_by_hand(line: str, answers: str, duties: str) -> None:
    licenses = [each.strip() for each in line.split("+")]
    mix = mk.license([_source(f"source_{place}", each) for place, each in enumerate(licenses)])
    whole = mk.license([_source("one", *licenses)])
    for verdict in (mix, whole):
        assert verdict.uses == dict(
            zip(USES, (_LETTERS[letter] for letter in answers), strict=True)
        )
        assert bool(verdict.attribution) == ("a" in duties)
        assert bool(verdict.share_alike) == ("s" in duties)


_NAMES = st.lists(
    st.sampled_from(sorted(each.name for each in mk.sources())), min_size=1, max_size=6
)


@pytest.mark.slow
@given(_NAMES, _NAMES, st.randoms())
def test_order_grouping_and_repetition_make_no_difference(
    first: list[str], second: list[str], draw: object
) -> None:
    both = first + second
    mixed = [*both, *both[:1]]
    draw.shuffle(mixed)  # type: ignore[attr-defined]
    verdict = mk.license(both)
    assert mk.license(mixed) == verdict
    for use in USES:
        parts = [mk.license(part).uses[use] for part in (first, second)]
        assert verdict.uses[use] == min(parts, key=["no", "unknown", "conditional", "yes"].index)
        rest = [name for name in both if name not in verdict.without(use)]
        assert not rest or mk.license(rest).uses[use] == "yes"


def test_kormedmcqa_in_a_product_is_a_no_and_says_why() -> None:
    verdict = mk.license(["kormedmcqa", "medqa_usmle"])
    assert verdict.uses["commercial"] == "no"
    assert "kormedmcqa" in verdict.without("commercial")
    reasons = [
        clause.license
        for clause in verdict.clauses
        if clause.use == "commercial" and clause.source == "kormedmcqa"
    ]
    assert "CC-BY-NC-2.0" in reasons
    assert "CC-BY-NC-2.0" in str(verdict)
    assert ">licence</th>" in verdict._repr_html_()


def test_conditions_are_quoted_and_are_no_yes() -> None:
    verdict = mk.license([_source("a", "MIT"), _source("b", "model-output-terms")])
    assert verdict.uses["commercial"] == "conditional"
    assert [clause.source for clause in verdict.conditions("commercial")] == ["b"]
    assert verdict.without("commercial") == ("b",)


def test_a_claim_about_a_subset_counts_where_the_subset_is_used() -> None:
    whole, part = (
        mk.license(["kmmlu_medical"]),
        mk.license([("kmmlu_medical", mk.source("kmmlu_medical").parts[0].subset)]),
    )
    assert whole.uses["commercial"] == "no"
    assert part.uses["commercial"] != "no"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda t: t,
        datasets.Dataset,
        lambda t: datasets.Dataset(t).shuffle(seed=0),
        lambda t: t.to_pandas(),
    ],
)
def test_rows_say_which_sources_they_are_of(wrap: object) -> None:
    rows = pa.table({"source": ["kormedmcqa", "medqa_usmle"], "subset": ["doctor", None]})
    verdict = mk.license(wrap(rows))  # type: ignore[operator]
    assert verdict.sources == ("kormedmcqa", "medqa_usmle")


@pytest.mark.parametrize("asked", [mk.license, mk.attribution, mk.cite])
def test_rows_of_unknown_origin_get_no_answer(asked: Callable[[pa.Table], object]) -> None:
    rows = pa.table({"source": ["klue", None], "subset": ["nli", None]})
    with pytest.raises(ArgumentError, match="do not say where they are from"):
        asked(rows)


def test_demands_that_cannot_be_met_together_are_told() -> None:
    verdict = mk.license([_source("a", "CC-BY-SA-4.0"), _source("b", "CC-BY-NC-SA-4.0")])
    assert len(verdict.conflicts) == 1
    assert mk.license([_source("a", "CC-BY-SA-4.0"), _source("b", "GPL-3.0")]).conflicts == ()


def test_what_names_no_source_is_refused() -> None:
    for wrong in ([], 3, [3], pa.table({"text": ["a"]})):
        with pytest.raises(ArgumentError):
            mk.license(wrong)
    with pytest.raises(MedQAError, match="kormedmcqa"):
        mk.license(["kormedmqca"])
    with pytest.raises(ArgumentError, match="commercial"):
        mk.license(["kormedmcqa"]).without("comercial")  # type: ignore[arg-type]
