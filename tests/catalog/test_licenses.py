"""What licence claims permit: of which parts they speak, and text that models wrote."""

from __future__ import annotations

from dataclasses import replace

import pytest

import medqa_kit as mk
from medqa_kit.catalog.licenses import Claim, strictest

MODEL_WRITTEN = {  # upstream says that a company's model wrote the text, or part of it
    "generator_models", "ii_medical_reasoning", "kbmc", "khmer_medical_qa", "ko_ultrafeedback",
    "koalpaca", "komep", "korean_textbooks", "kullm_v2", "medical_o1_reasoning_ko",
    "medical_o1_reasoning_sft", "medical_o1_verifiable", "medical_training_dataset", "medrescue",
    "open_korean_instructions", "ultrachat_200k",
}  # fmt: skip


def test_text_that_a_model_wrote_is_treated_alike_in_every_source() -> None:
    claiming = {
        s.name for s in mk.sources() if any(c.license == "model-output-terms" for c in s.license)
    }
    assert claiming >= MODEL_WRITTEN
    for name in claiming:
        assert mk.source(name).terms.commercial != "yes", name
        assert mk.source(name).terms.redistribute != "yes", name


@pytest.mark.parametrize("name", ["kbmc", "ultrachat_200k", "kullm_v2", "medical_o1_reasoning_sft"])
def test_a_tag_over_a_models_text_grants_no_more_than_the_models_terms(name: str) -> None:
    source = mk.source(name)
    assert source.terms.commercial == "conditional"
    assert "(contested)" not in str(mk.sources(use="commercial")).partition(name)[2].split("\n")[0]


def test_a_claim_on_single_subsets_counts_for_these_alone() -> None:
    kmmlu = mk.source("kmmlu_medical")
    assert kmmlu.terms.commercial == "yes"
    assert "kmmlu_medical" in [s.name for s in mk.sources(use="commercial")]
    for subset in ("pro", "redux"):
        assert strictest(kmmlu.claims_on(kmmlu.select(subset))).commercial == "no"
    assert strictest(kmmlu.claims_on(kmmlu.select("Health", "test"))).commercial == "yes"
    card = kmmlu.show()
    assert "commercial use: yes" in card
    assert "subsets pro, pro_medical, redux: commercial use: no" in card


def test_a_recipe_is_held_to_the_claims_on_the_parts_it_takes(tmp_path) -> None:
    def built(**source: object) -> mk.Build:
        recipe = {"name": "exams", "use": "commercial", "source": [{"name": "kmmlu_medical", **source}]}  # fmt: skip
        return mk.build(recipe, out=tmp_path / str(source), origin="sample")

    result = built(subset="Health")
    (account,) = result.manifest["sources"]
    assert account["terms"]["commercial"] == "yes"
    assert account["license"] == "CC-BY-ND-4.0"
    with pytest.raises(mk.errors.RecipeError, match="no licence known to us grants commercial"):
        built(subset="pro", split="test")


def test_a_claim_on_a_subset_that_is_not_declared_is_refused() -> None:
    source = mk.source("kmmlu_medical")
    with pytest.raises(mk.errors.InvalidSourceError, match="subsets that are not declared"):
        replace(source, license=(Claim("MIT", "a card", subsets=("Heath",)),))
