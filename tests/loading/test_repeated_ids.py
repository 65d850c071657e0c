"""Copies across sources and parts: either they share a family, or the source says why they cannot."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES
from sample_parts import raw_parts

Rows: TypeAlias = tuple[str, str | None, str | None]  # source, subset, split


@cache
def families(name: str, subset: str | None, split: str | None) -> frozenset[str]:
    """The families of some parts of an embedded sample."""
    values: set[str | None] = set()
    for plan, raw in raw_parts(name):
        if subset in (None, plan.part.subset) and split in (None, plan.part.split):
            rows = plan.kernel(raw)
            values |= set(rows["family"].to_pylist()) if "family" in rows.column_names else set()
    return frozenset(value for value in values if value)


# The second holds copies of the first. Copies across sources that lineage keys prove are in
# test_sources.py too, for every source.
COPIES: dict[str, tuple[Rows, Rows]] = {
    "few-shot rows of validation": (("kormedmcqa", None, "validation"), ("kormedmcqa", None, "fewshot")),
    "items with other traces": (("kormedmcqa", None, None), ("medical_reasoning_kormedmcqa", None, None)),
    "five options and four": (("medqa_usmle", "5_options", "test"), ("medqa_usmle", "4_options", "test")),
    "four options, laid out for a harness": (
        ("medqa_usmle", "5_options", "test"), ("medqa_usmle", "4_options_hf", "test")),
    "questions and their reasoning": (
        ("medical_o1_verifiable", None, None), ("medical_o1_reasoning_sft", None, None)),
    "English and its Khmer translation": (
        ("medical_o1_reasoning_sft", None, None), ("khmer_medical_qa", None, None)),
    "three generations of one question": (
        ("medical_o1_verifiable", None, None), ("khmer_medical_qa", None, None)),
    "instructions, formatted": (("koalpaca", None, None), ("open_korean_instructions", None, None)),
    "two versions of the compilation": (
        ("medical_training_dataset", None, None), ("medrescue", None, None)),
    "the sample of a department": (
        ("chinese_medical_dialogue", "内科", None), ("chinese_medical_dialogue", "sample", None)),
    "all departments in one file": (
        ("chinese_medical_dialogue", "内科", None), ("chinese_medical_dialogue", "hub", None)),
    "prompts answered twice": (("ultrachat_200k", None, "train"), ("ultrachat_200k", None, "train_gen")),
    "test prompts answered twice": (("ultrachat_200k", None, "test"), ("ultrachat_200k", None, "test_gen")),
    "two dumps of Wikipedia": (
        ("korean_wikipedia", "20231101.ko", None), ("korean_wikipedia", "lcw99-20240501", None)),
    "a selection of hard items": (("kmmlu_medical", "Health", "test"), ("kmmlu_medical", "hard", None)),
    "a corrected selection": (("kmmlu_medical", "Health", "test"), ("kmmlu_medical", "redux", None)),
}  # fmt: skip
COMPLETE = {"few-shot rows of validation", "five options and four", "four options, laid out for a harness",
            "items with other traces", "prompts answered twice", "test prompts answered twice",
            "the sample of a department", "a selection of hard items"}  # fmt: skip


@pytest.mark.parametrize("pair", COPIES)
def test_copies_share_a_family(pair: str) -> None:
    origin, copy = COPIES[pair]
    assert families(*origin) & families(*copy)
    if pair in COMPLETE:
        assert families(*copy) <= families(*origin), "all of them are copies"


# Source, what it shares rows with, and what its card says of that.
UNPROVEN = [
    ("medical_o1_verifiable", "medqa_usmle", "no mapping to the exam item is published"),
    ("medical_o1_verifiable", "medmcqa", "medmcqa: training items rewritten into open questions, not provable"),
    ("medical_o1_reasoning_ko", "medical_o1_reasoning_sft", "nothing proves which English row is behind a row"),
    ("chugyouk_collection", "medqa_usmle", "Nothing proves which row is which English item"),
    ("ii_medical_reasoning", "medqa_usmle", "Which row is which is not marked"),
    ("kullm_v2", "open_korean_instructions", "nothing proves it row by row"),
    ("koalpaca", "kullm_v2", "nothing proves row by row which are the same"),
    ("korean_textbooks", "kmmlu_medical", "nothing proves which repeat an item of MMLU or KMMLU"),
    ("korean_textbooks", "korean_wikipedia", "in ko_wikidata an article of korean_wikipedia"),
    ("oscar_ko", "korean_wikipedia", "nothing proves it row by row"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "other", "words"), UNPROVEN, ids=[f"{u[0]}-{u[1]}" for u in UNPROVEN]
)
def test_what_cannot_be_proved_is_said_and_not_guessed(name: str, other: str, words: str) -> None:
    assert words in mk.source(name).show()
    assert not families(name, None, None) & families(other, None, None)


def test_parents_without_a_key_are_called_unprovable() -> None:
    for source in mk.sources():
        for parent in source.derived_from:
            sentence = f"{parent.name}: {parent.how}"
            proof = f"proved by {parent.key}" if parent.key else "not provable row by row"
            assert f"{sentence}, {proof}" in source.show()


def test_the_open_twin_and_the_sets_of_ai_hub_are_one_family(hub, tmp_path: Path) -> None:
    label = next((SAMPLES / "aihub_essential_medical").rglob("응급의학과_301.json"))
    row = json.loads(label.read_text("utf-8-sig"))
    folder = tmp_path / "data"
    folder.mkdir()
    with (folder / "medqa_kr_en_full.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*row, "question_translated", "answer_translated"])
        writer.writeheader()
        writer.writerow(
            {**row, "qa_id": 9, "question_translated": "x\n1) a\n2) b", "answer_translated": "2) b"}
        )
    with pytest.warns(mk.errors.LicenseWarning):
        twin = mk.load("komedqa", split="train", path=tmp_path)
    whole = mk.load(
        "aihub_essential_medical", subset="questions", split="validation", origin="sample"
    )
    assert twin["family"][0] in set(whole["family"])


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
def test_a_selection_from_the_preferences_is_found_exactly(hub, tmp_path: Path) -> None:
    sample = next((SAMPLES / "ko_ultrafeedback" / "data").glob("train-*.parquet"))
    (tmp_path / "data").mkdir()
    pq.write_table(pq.read_table(sample).slice(2, 3), tmp_path / "data" / "train-0.parquet")
    less, more = (
        mk.load("ko_ultrafeedback", split="train", path=path, on_bad="drop")
        for path in (tmp_path, sample)
    )
    assert set(less["id"]) < set(more["id"])
    assert set(less["family"]) < set(more["family"])
