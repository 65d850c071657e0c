"""MedRescue: the compilation's second version, by the same rules."""

from __future__ import annotations

import pytest

import medqa_kit as mk
from medqa_kit.entries._shared.compilation import SPACES
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


def test_new_origins_are_tagged_and_have_no_family(hub) -> None:
    rows = list(mk.load("medrescue", split="train", origin="sample"))
    known = {f"source:{name}" for name in SPACES}
    new = [row for row in rows if row["tags"][0] not in known]
    assert {row["tags"][0] for row in new} == {
        "source:rescue_qa_dataset", "source:first_aid_qa_dataset"
    }  # fmt: skip
    assert {row["family"] for row in new} == {None}
    assert new[1]["context"] == "Pack it at the top.\nKeep it dry."


def test_answers_in_code_fences_stay_as_they_are(hub) -> None:
    rows = list(mk.load("medrescue", split="train", origin="sample"))
    assert rows[2]["answer"] == "```\nAt the top.\n```"
    assert rows[1]["question"] == rows[2]["question"]
    assert rows[1]["id"] != rows[2]["id"]


def test_rows_of_both_versions_are_made_alike(hub) -> None:
    first = {row["id"].rpartition("/")[2]: row
             for row in mk.load("medical_training_dataset", split="train", origin="sample")}  # fmt: skip
    second = {row["id"].rpartition("/")[2]: row
              for row in mk.load("medrescue", split="train", origin="sample")}  # fmt: skip
    shared = first.keys() & second.keys()
    assert len(shared) == 10
    for key in shared:
        same = {name: first[key][name] for name in ("question", "options", "answer", "rationale",
                                                    "context", "family", "tags")}  # fmt: skip
        assert same == {name: second[key][name] for name in same}


def test_whatever_the_file_is_called(hub) -> None:
    content = (SAMPLES / "medrescue" / "medrescue_dataset.json").read_bytes()
    hub.repo("ericrisco/medrescue").commit("d" * 40, {"any_name.json": content, "README.md": b"#"})
    with pytest.warns(mk.errors.FloatingRevisionWarning):
        assert mk.load("medrescue", split="train").num_rows == 13


def test_more_rows_than_the_card_lists() -> None:
    (part,) = mk.source("medrescue").parts
    assert part.rows == 86_667
    assert part.rows - mk.source("extreme_firstaid").rows == 85_026, (
        "what the card's table adds up to"
    )
    assert not part.exact, "nobody counted"


def test_the_first_version_is_its_parent(hub) -> None:
    (parent,) = mk.source("medrescue").derived_from
    assert parent.name == "medical_training_dataset"
    assert "medqa-usmle-test" in mk.source("medrescue").protected_by


def test_every_load_warns(hub) -> None:
    with pytest.warns(mk.errors.SafetyWarning, match="unsafe advice"):
        mk.load("medrescue", split="train", origin="sample")


def test_nothing_is_granted_for_the_new_origins() -> None:
    for name in ("first_aid_qa_dataset", "rescue_qa_dataset"):
        (claim,) = (c for c in mk.source("medrescue").license if c.applies_to == f"source:{name}")
        assert claim.license is None
    terms = mk.source("medrescue").terms
    assert (terms.commercial, terms.share_alike) == ("no", True)
    assert not terms.allows("redistribute")


def test_the_new_origins_have_claims_too(hub) -> None:
    spoken = {claim.applies_to for claim in mk.source("medrescue").license}
    assert {"source:first_aid_qa_dataset", "source:rescue_qa_dataset"} < spoken
