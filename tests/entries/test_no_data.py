"""Entries people look for although there is nothing to load: the reason, and what to use instead."""

from __future__ import annotations

import re

import pytest

import medqa_kit as mk

# name -> access, a word of the reason, what its pointer names
ENTRIES = {
    "cameo": ("no-rows", "speech audio", "medqa_usmle"),
    "who_bec_pdf": ("no-rows", "PDF", "extreme_firstaid"),
    "ifrc_pdf": ("no-rows", "ICRC", "who_bec_pdf"),
    "korean_emr": ("no-data", "ethics board", "kormedmcqa"),
    "en_ko_hospital_corpus": ("no-data", "paper", "aihub_ko_en_parallel"),
    "korean_clinical_ner": ("no-data", "not released", "kbmc"),
    "km_bert": ("model", "weights", "kormedmcqa"),
    "medgemma": ("model", "gated weights", "medqa_usmle"),
    "generator_models": ("model", "none has rows", "medical_training_dataset"),
    "open_korean_corpora": ("no-rows", "README", "open_korean_instructions"),
    "aihub_health_docs": ("no-data", "without a number", "aihub_healthcare_qa"),
    "ko_en_extra": ("no-data", "no set could be identified", "aihub_ko_en_parallel"),
    "ko_news": ("no-data", "without naming a set", "korean_wikipedia"),
}


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("options", [{}, {"origin": "sample"}, {"streaming": True}])
def test_loading_says_why_not_and_where_to_go(name: str, options: dict[str, object]) -> None:
    _, reason, instead = ENTRIES[name]
    with pytest.raises(mk.errors.NoDataError, match=re.escape(reason)) as error:
        mk.load(name, **options)
    assert error.value.source == name
    assert instead in str(error.value), "say what to use instead"
    assert "\nHint: see " in str(error.value)


def test_every_entry_without_data_is_here() -> None:
    by_hand = {"aihub_emergency_dialogue", "aihub_medical_speech"}  # their layout is not known
    assert {s.name for s in mk.sources() if not s.parts} == set(ENTRIES) | by_hand


@pytest.mark.parametrize("name", ENTRIES)
def test_neither_lock_nor_build_makes_something_of_nothing(name: str, hub, tmp_path) -> None:
    with pytest.raises(mk.errors.NoDataError):
        mk.lock([name], tmp_path / "medqa.lock")
    recipe = {"name": "x", "source": [{"name": name}], "accept": [name]}
    if mk.source(name).terms.research == "yes":
        del recipe["accept"]
    with pytest.raises(mk.errors.NoDataError):
        mk.build(recipe, out=tmp_path / "made")
    assert not list(tmp_path.glob("m*"))
    assert not hub.requests


@pytest.mark.parametrize("name", ENTRIES)
def test_status_and_catalogue_tell_what_is_not_public_from_what_has_no_rows(name: str, hub) -> None:
    (status,) = (status for status in mk.status() if status.name == name)
    public = ENTRIES[name][0] != "no-data"
    assert (status.state, status.lockable) == ("holds no rows" if public else "not public", False)
    assert f"nothing to load ({ENTRIES[name][0]})" in mk.source(name).show()


def test_a_path_does_not_help(tmp_path) -> None:
    with pytest.raises(mk.errors.NoDataError):
        mk.load("cameo", path=tmp_path)


@pytest.mark.parametrize("name", ENTRIES)
def test_the_catalogue_says_so_before(name: str) -> None:
    source = mk.source(name)
    access, reason, _ = ENTRIES[name]
    assert source.access == access
    assert not source.parts
    assert source.schema is None
    assert source.how_to_get().startswith("There is nothing to load: ")
    assert reason in source.show()


@pytest.mark.parametrize("name", ENTRIES)
def test_what_is_named_instead_can_be_loaded(name: str) -> None:
    instead = ENTRIES[name][2]
    if name != "ifrc_pdf":  # its pointer goes to the book's other entry
        assert mk.source(instead).parts


def test_terms_of_what_cannot_be_loaded() -> None:
    commercial = {name: mk.source(name).terms.commercial for name in ENTRIES}
    assert commercial == {
        "cameo": "no", "who_bec_pdf": "no", "ifrc_pdf": "unknown", "korean_emr": "no",
        "en_ko_hospital_corpus": "unknown", "korean_clinical_ner": "unknown", "km_bert": "unknown",
        "medgemma": "conditional", "open_korean_corpora": "yes", "aihub_health_docs": "unknown",
        "ko_en_extra": "unknown", "ko_news": "unknown", "generator_models": "conditional",
    }  # fmt: skip
    alike = {name for name in ENTRIES if mk.source(name).terms.share_alike}
    assert alike == {"cameo", "who_bec_pdf", "open_korean_corpora"}


# What else there is to know of them; each is on the card.
KNOWN = {
    "cameo": ("'clinical case studies'", "eight languages", "arXiv preprint arXiv:2505.11051"),
    "who_bec_pdf": ("9789241513081", "no logos; translations carry a disclaimer", "10665/275635"),
    "ifrc_pdf": ("BEC/002", "most likely the same book", "only medrescue draws on it"),
    "korean_emr": ("under a data-use agreement", "38 million documents is a claim"),
    "en_ko_hospital_corpus": ("no repository, identifier or download was found",),
    "korean_clinical_ner": ("10.1186/s12911-020-01241-8",),
    "km_bert": ("described in three ways", "no licence file", "s41598-022-17806-8"),
    "medgemma": ("roles must alternate", "their text was not read"),
    "generator_models": ("GPT-4o-mini", "Gemma 3n", "Cohere", "Qwen2.5-1.5B", "SmolLM-1.7B"),
    "open_korean_corpora": ("academic use only", "no set is named there", "2012.15621"),
    "aihub_health_docs": ("no redistribution",),
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_card_says_what_is_known(name: str) -> None:
    for words in KNOWN[name]:
        assert words in mk.source(name).show()


def test_what_the_ifrc_book_really_is() -> None:
    source = mk.source("ifrc_pdf")
    assert "the link behind the name is an item of the ICRC shop" in source.how_to_get()
    assert [parent.name for parent in source.derived_from] == ["who_bec_pdf"]
    assert mk.source("who_bec_pdf").derived_from == ()


def test_medgemma_is_told_what_its_template_does() -> None:
    system = {"role": "system", "content": "S"}
    asked = {"role": "user", "content": "Q"}
    told = mk.render([system, asked], template="medgemma")
    assert told == "<bos><start_of_turn>user\nS\n\nQ<end_of_turn>\n"
    with pytest.raises(mk.errors.FormattingError, match="alternate"):
        mk.render([asked, asked], template="medgemma")
