"""Khmer medical QA: originals, paraphrases, translation pairs, and one family for all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.entries.khmer_medical_qa import LAYOUT
from medqa_kit.loading.planner import SAMPLES

REPO = "khopilot/khmer-medical-qa"


def sample(**options: Any) -> list[dict[str, Any]]:
    return list(mk.load("khmer_medical_qa", split="train", origin="sample", **options))


def keys(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"].rpartition("/")[2] for row in rows]


def from_row(folder: Path, changes: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    row = {"index": 1, "question_en": "Q?", "response_en": "R.", "question_km": "ស?",
           "response_km": "ច។", "question_km_para": None, "response_km_para": None,
           "reasoning_summary_km": None, "tags": None}  # fmt: skip
    file = folder / "train-00000-of-00001.parquet"
    pq.write_table(pa.Table.from_pylist([row | changes], schema=LAYOUT.raw), file)
    return list(mk.load("khmer_medical_qa", split="train", path=file, **options))


def test_the_default_is_the_translation(hub) -> None:
    rows = sample()
    assert keys(rows) == ["0", "1", "2", "4", "5", "6", "7", "8", "9", "11"], "the index has gaps"
    assert rows == sample(choices={"variant": "original"})
    assert {row["language"] for row in rows} == {"km"}


def test_paraphrases_are_there_where_upstream_has_one_null_and_blank_alike(hub) -> None:
    rows = sample(choices={"variant": "paraphrase"})
    assert keys(rows) == ["0-para", "4-para", "7-para", "9-para"]
    assert rows[2]["question"] == "ទឹកប្រមាត់ផលិតដោយសរីរាង្គអ្វី?"
    assert rows[2]["answer"] == "ដោយថ្លើម។"
    assert rows[2]["rationale"] == "ថ្លើមផលិតទឹកប្រមាត់។", "the item's own summary"


@pytest.mark.parametrize("missing", [None, "", "  "])
def test_a_missing_paraphrase_makes_no_row(hub, tmp_path: Path, missing: str | None) -> None:
    changes = {"question_km_para": missing, "response_km_para": missing}
    assert len(from_row(tmp_path, changes, choices={"variant": "both"})) == 1


@pytest.mark.parametrize("missing", [None, ""])
def test_a_paraphrased_question_without_its_response_has_no_answer(
    hub, tmp_path: Path, missing: str | None
) -> None:
    rows = from_row(
        tmp_path,
        {"question_km_para": "ស២?", "response_km_para": missing},
        choices={"variant": "both"},
    )
    assert [row["answer"] for row in rows] == ["ច។", None]


def test_both_stand_in_turn_with_ids_of_their_own(hub) -> None:
    both = sample(choices={"variant": "both"})
    assert keys(both)[:5] == ["0", "0-para", "1", "2", "4"]
    assert len(set(keys(both))) == len(both) == 14
    alone = sample() + sample(choices={"variant": "paraphrase"})
    assert sorted(both, key=str) == sorted(alone, key=str)


def test_original_paraphrase_and_english_parent_are_one_family(hub) -> None:
    families: dict[str, set[str]] = {}
    for row in sample(choices={"variant": "both"}):
        families.setdefault(row["id"].removesuffix("-para"), set()).add(row["family"])
    assert all(len(members) == 1 for members in families.values())
    parents = mk.load("medical_o1_reasoning_sft", subset="en", split="train", origin="sample")
    shared = {f for members in families.values() for f in members} & set(parents["family"])
    assert len(shared) == 4
    assert shared & set(mk.load("medical_o1_verifiable", split="train", origin="sample")["family"])


def test_the_parallel_view_pairs_questions_and_responses(hub) -> None:
    rows = sample(view="parallel")
    assert keys(rows)[:4] == ["0-question", "0-response", "1-question", "1-response"]
    assert len(rows) == 20
    assert {(row["text_language"], row["translation_language"]) for row in rows} == {("en", "km")}
    assert rows[3]["text"] == "Lack of vitamin C, as in scurvy."
    assert rows[3]["translation"] == "កង្វះវីតាមីន C។"
    assert rows[2]["family"] == rows[3]["family"] == sample()[1]["family"]


def test_the_parallel_view_knows_the_variants(hub) -> None:
    rows = sample(view="parallel", choices={"variant": "paraphrase"})
    assert keys(rows)[:2] == ["0-para-question", "0-para-response"]
    assert len(sample(view="parallel", choices={"variant": "both"})) == len(rows) + 20 == 28


def test_the_raw_view_follows_the_variant(hub) -> None:
    rows = sample(view="raw", choices={"variant": "paraphrase"})
    assert keys(rows) == ["0-para", "4-para", "7-para", "9-para"]
    assert [row["index"] for row in rows] == [0, 4, 7, 9]


def test_the_augmented_subset_is_by_name_only(hub) -> None:
    assert {row["subset"] for row in sample()} == {"default"}
    assert mk.source("khmer_medical_qa").rows == 18756
    copies = sample(subset="complete_augmented")
    assert keys(copies) == ["0", "7", "9"]
    originals = {row["family"] for row in sample()}
    assert {row["family"] for row in copies} <= originals
    assert not {row["id"] for row in copies} & {row["id"] for row in sample()}
    assert len(mk.load("khmer_medical_qa", split="all", origin="sample")) == 10


def test_tags_stay_as_they_are(hub) -> None:
    tags = {key: row["tags"] for key, row in zip(keys(sample()), sample(), strict=True)}
    assert tags["0"] == ["reasoning_type:diagnosis", "evidence:history"]
    assert tags["7"] == ["diagnosis"], "not all are key:value"
    assert tags["5"] == []
    assert tags["6"] is None


def test_rows_without_a_khmer_letter_are_not_filtered(hub) -> None:
    row = next(row for row in sample() if row["id"].endswith("/6"))
    assert (row["question"], row["answer"], row["language"]) == ("pH?", "7", "km")


def test_rows_without_a_khmer_letter_can_be_filtered_and_seen(hub) -> None:
    data = mk.load("khmer_medical_qa", split="train", origin="sample")
    khmer, report = mk.InScript().run(data)
    assert [name.rpartition("/")[2] for name in report.ids()] == ["6"]
    assert keys(list(khmer)) == [key for key in keys(list(data)) if key != "6"]


def test_line_breaks_stay(hub) -> None:
    assert "\n" in next(row for row in sample() if row["id"].endswith("/9"))["answer"]


def test_it_floats_and_a_script_in_the_repository_does_not_matter(hub) -> None:
    folder = SAMPLES / "khmer_medical_qa"
    files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.parquet")}
    files["khmer_medical_qa.py"] = b"raise SystemExit"
    files["jsonl/train.jsonl"] = b"{}"
    hub.repo(REPO).commit("c" * 40, files)
    with pytest.warns(mk.errors.FloatingRevisionWarning):
        assert len(mk.load("khmer_medical_qa", split="train")) == 10
    with pytest.warns(mk.errors.FloatingRevisionWarning):
        assert len(mk.load("khmer_medical_qa", subset="complete_augmented", split="train")) == 3


def test_the_citation_is_not_the_placeholder() -> None:
    citation = mk.source("khmer_medical_qa").citation
    assert "Your Name" not in citation
    assert "author       = {{khopilot}}" in citation
    assert f"https://huggingface.co/datasets/{REPO}" in citation


@pytest.mark.slow
def test_original_and_paraphrase_are_never_split_apart(hub) -> None:
    data = mk.load("khmer_medical_qa", split="train", choices={"variant": "both"}, origin="sample")
    for seed in range(20):  # each by itself, 14 rows would be parted nearly always
        parts = mk.split(data, {"train": 0.5, "validation": 0.5}, seed=seed)
        sides = [{row["id"].removesuffix("-para") for row in part} for part in parts.values()]
        assert not sides[0] & sides[1]


@pytest.mark.parametrize(("subset", "count"), [("default", 18756), ("complete_augmented", None)])
def test_a_count_that_was_not_made_is_not_held_against_the_files(
    hub, subset: str, count: int | None
) -> None:
    (part,) = (p for p in mk.source("khmer_medical_qa").parts if p.subset == subset)
    assert (part.rows if part.exact else None) == count


def test_a_translation_by_a_model_names_its_source_and_conditions() -> None:
    source = mk.source("khmer_medical_qa")
    assert (source.terms.commercial, source.terms.redistribute) == ("conditional", "conditional")
    assert any("translated" in claim.note for claim in source.license)


def test_an_index_that_comes_twice_is_an_error(hub, tmp_path: Path) -> None:
    raw = pq.read_table(SAMPLES / "khmer_medical_qa" / "data" / "train-00000-of-00001.parquet")
    file = tmp_path / "train-00000-of-00001.parquet"
    pq.write_table(pa.concat_tables([raw, raw.slice(0, 1)]), file)
    with pytest.raises(mk.errors.DuplicateIdError):
        mk.load("khmer_medical_qa", split="train", path=file)


def test_a_summary_that_is_missing_is_null(hub, tmp_path: Path) -> None:
    assert from_row(tmp_path, {"reasoning_summary_km": ""})[0]["rationale"] is None


def test_recipes_hold_out_the_exams_behind_it() -> None:
    exams = mk.source("khmer_medical_qa").protected_by
    assert {"medqa-usmle-test", "medmcqa-validation"} <= set(exams)


def test_rows_with_line_breaks_are_one_line_each(hub, tmp_path: Path) -> None:
    recipe = {"name": "khmer", "source": [{"name": "khmer_medical_qa"}]}
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    splits = ("train", "validation")
    files = [file.read_text("utf-8") for file in result.path.glob("*_jsonl/*/part-*.jsonl")]
    assert files
    lines = [line for text in files for line in text.split("\n") if line]
    assert len(lines) == sum(result.manifest["totals"][split] for split in splits)
    replies = [json.loads(line)["completion"][0]["content"] for line in lines]
    assert any("\n" in reply for reply in replies)
