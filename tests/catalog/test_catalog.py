"""Reading the catalogue: filters, cards, licences."""

from __future__ import annotations

from dataclasses import replace

import pytest

import medqa_kit as mk
from medqa_kit.catalog.licenses import LICENSES, Terms, strictest


def names(**what) -> list[str]:
    return [source.name for source in mk.sources(**what)]


@pytest.mark.parametrize("name", [
    "kormedmqca", "KorMedMCQA", "kor-med-mcqa", "sean0042/KorMedMCQA", "another/KorMedMCQA",
    "https://huggingface.co/datasets/sean0042/KorMedMCQA",
])  # fmt: skip
def test_a_wrong_name_leads_to_the_right_one(name: str) -> None:
    with pytest.raises(mk.errors.UnknownSourceError, match="did you mean 'kormedmcqa'"):
        mk.source(name)


@pytest.mark.parametrize(("repository", "name"), [
    ("GBaker/MedQA-USMLE-4-options", "medqa_usmle"), ("HAERAE-HUB/KMMLU-HARD", "kmmlu_medical"),
    ("qiaojin/PubMedQA", "pubmedqa"),
])  # fmt: skip
def test_a_repository_leads_to_its_source(repository: str, name: str) -> None:
    with pytest.raises(LookupError, match=f"did you mean '{name}'"):
        mk.source(repository)


@pytest.mark.parametrize("kind", [None, 3, b"kormedmcqa", mk.source])
def test_a_name_is_text(kind: object) -> None:
    for verb in (mk.source, mk.holdout, mk.Holdout.named):
        with pytest.raises(mk.errors.ArgumentError, match="name= takes the name of a"):
            verb(kind)  # type: ignore[operator]


@pytest.mark.parametrize("argument", ["subset", "split"])
def test_a_subset_and_a_split_are_text(argument: str) -> None:
    with pytest.raises(mk.errors.ArgumentError, match=f"{argument}= takes a name or None"):
        mk.source("kormedmcqa").select(**{argument: 3})


@pytest.mark.parametrize(("make", "message"), [
    (lambda: mk.catalog.Claim("MITT", "a card"), "did you mean 'MIT'"),
    (lambda: mk.catalog.Part(None, "train", named_by="name"), "named_by= takes one of 3"),
    (lambda: mk.catalog.Reading(format="jsonlines"), "did you mean 'jsonl"),
    (lambda: replace(mk.source("klue").layout, extra="drop"), "extra= takes one of 2"),
    (lambda: mk.catalog.NoData("a model", access="weights"), "access= takes one of 3"),
    (lambda: mk.catalog.Terms(commercial="maybe"), "commercial= takes one of 4"),
    (lambda: mk.catalog.Terms().allows("profit"), "use= takes one of 5"),
])  # fmt: skip
def test_words_of_closed_sets_are_checked_when_a_value_is_made(make, message: str) -> None:
    with pytest.raises(mk.errors.ArgumentError, match=message):
        make()


def test_filters_narrow_down() -> None:
    assert "kormedmcqa" in names(language="ko", schema="qa", access="hub", use="research")
    assert "kormedmcqa" not in names(use="commercial")
    assert not set(names(access="no-data")) & {s.name for s in mk.sources() if s.parts}


@pytest.mark.parametrize(("what", "message"), [
    ({"use": "comercial"}, "did you mean 'commercial'"),
    ({"schema": "qas"}, "did you mean 'qa'"),
    ({"schema": mk.schemas.QA}, "schema= takes one of 7"),
    ({"access": "hubb"}, "did you mean 'hub'"),
    ({"language": "kr"}, "did you mean 'ko'"),
])  # fmt: skip
def test_a_filter_no_source_can_pass(what: dict, message: str) -> None:
    with pytest.raises(mk.errors.ArgumentError, match=message) as caught:
        mk.sources(**what)
    assert caught.value.expected


@pytest.mark.parametrize("use", ["research", "commercial", "redistribute", "derive", "train"])
def test_what_nobody_grants_is_a_no(use: str) -> None:
    for source in mk.sources(use=use):
        credible = [claim for claim in source.license if claim.credible]
        assert credible
        assert all(claim.license for claim in credible), f"{source.name}: a place without a grant"


def test_kormedmcqa_is_non_commercial_whatever_guides_say() -> None:
    source = mk.source("kormedmcqa")
    assert source.terms.commercial == "no"
    assert "MIT" in {claim.license for claim in source.license}
    for piece in ("CC-BY-NC-2.0", "contradict each other", "not credible", "2,045"):
        assert piece in source.show()


def test_a_claim_that_is_not_credible_neither_helps_nor_hurts() -> None:
    claims = (
        mk.catalog.Claim("CC-BY-4.0", "upstream card"),
        mk.catalog.Claim(None, "a guide", credible=False),
    )
    assert strictest(claims) == LICENSES["CC-BY-4.0"]
    assert strictest(()) == Terms()


def test_it_prints_as_a_table_and_as_html() -> None:
    listing = mk.sources(language="ko")
    text, html = repr(listing), listing._repr_html_()
    for source in listing:
        assert source.name in text
        assert source.name in html
    assert text.splitlines()[-1] == f"{len(listing)} sources"
    assert len(listing[:2]) == 2


def test_what_a_card_says_is_escaped() -> None:
    loud = replace(mk.source("klue"), title="<i>K", about="a\x1b[31m & b", quirks=("<script>",))
    text, html = loud.show(), loud._repr_html_()
    assert "\x1b" not in text + html
    assert "<i>K" not in html
    assert "&lt;script&gt;" in html
    assert "a\\x1b[31m &amp; b" in html


@pytest.mark.parametrize(("what", "message"), [
    ({"subset": "surgeon"}, "no subset 'surgeon'"),
    ({"split": "dev"}, "upstream's 'dev' is called 'validation' here"),
    ({"split": "tset"}, "did you mean 'test'"),
])  # fmt: skip
def test_a_part_that_is_not_there_names_those_that_are(what: dict, message: str) -> None:
    with pytest.raises(mk.errors.UnknownPartError, match=message):
        mk.source("kormedmcqa").select(**what)


def test_parts_by_name_only_are_named_or_absent() -> None:
    source = mk.source("kormedmcqa")
    assert "fewshot" not in {part.split for part in source.select()}
    assert "fewshot" not in {part.split for part in source.select("doctor")}
    assert [part.name for part in source.select("doctor", "fewshot")] == ["doctor/fewshot"]
    assert source.rows == 7469


def test_a_part_declared_twice_is_refused() -> None:
    source = mk.source("kormedmcqa")
    part = mk.catalog.Part(None, "train", 1)
    with pytest.raises(mk.errors.InvalidSourceError, match="declared twice"):
        mk.Source(name="a", title="A", about="A.", language=("en",), layout=source.layout,
                  parts=(part, part), license=source.license, citation=source.citation)  # fmt: skip
