"""The Latin terms of a text are counted, and those its translation loses are named."""

from __future__ import annotations

from collections.abc import Callable

import datasets
import pyarrow as pa
import pytest

import medqa_kit as mk
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.quality.term_report import latin_terms

_ROWS = pa.table({
    "id": ["a", "b", "c", "d", "e"],
    "en": ["Give aspirin 300 mg for MI.", "HbA1c and eGFR fell.", "Rest is best.", None, "An ECG is next."],
    "km": ["ឱ្យ Aspirin ៣០០ mg សម្រាប់ MI", "HbA1c ថយចុះ", "សម្រាក", "ECG", None],
})  # fmt: skip


@pytest.mark.parametrize("wrap", [lambda t: t, datasets.Dataset, lambda t: datasets.Dataset(t).to_iterable_dataset(),
                                  lambda t: t.to_pandas(), lambda t: t.to_pylist()])  # fmt: skip
def test_terms_are_counted_over_all_rows(wrap: Callable[[pa.Table], object]) -> None:
    report = mk.term_report(wrap(_ROWS), source="en", target="km")
    assert report.counts == {"terms": 4, "kept": 3, "share": 0.75}
    assert report.findings.select(["row", "id", "code", "detail", "terms", "lost"]).to_pylist() == [
        {"row": 1, "id": "b", "code": "term_lost", "detail": "eGFR", "terms": 2, "lost": 1}
    ]
    assert report.kept == 5


@pytest.mark.parametrize(("text", "terms"), [
    ("Do NOT give IT to ALL: amoxicillin, Amoxicillin.", ["amoxicillin"]),
    ("5 mg of heparin IV", ["heparin", "IV"]),
    ("COPD와 SpO2 확인, wheezing 청진", ["COPD", "SpO2", "wheezing"]),
    ("위내시경(gastroscopy)을 한다", ["gastroscopy"]),
    ("A 45-year-old man with type 2 diabetes", []),
    ("비타민 C를 먹는다", []),
])  # fmt: skip
def test_terms_are_drugs_and_abbreviations_and_latin_words_in_other_scripts(
    text: str, terms: list[str]
) -> None:
    assert latin_terms(text) == terms


def test_a_term_within_another_word_is_not_kept() -> None:
    rows = [{"a": "MRI first.", "b": "mrinal"}, {"a": "MRI first.", "b": "mri를 찍는다"}]
    assert mk.term_report(rows, source="a", target="b").findings["row"].to_pylist() == [0]


def test_rows_without_terms_lose_none() -> None:
    assert (
        mk.term_report([{"a": "쉰다", "b": "rest"}], source="a", target="b").counts["share"] == 1.0
    )


def test_wrong_columns_are_refused() -> None:
    with pytest.raises(FormattingError, match="ko"):
        mk.term_report(_ROWS, source="en", target="ko")
    with pytest.raises(ArgumentError):
        mk.term_report(_ROWS, source="", target="km")
