"""A share of a script means what its definition says, and a card's figure only one of them."""

from __future__ import annotations

import random
import time
import unicodedata

import datasets
import pyarrow as pa
import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.errors import ArgumentError, FormattingError
from medqa_kit.quality.allowed_words import without_allowed_words
from medqa_kit.quality.script_counts import SCRIPTS, script_counts

_PATTERNS = {
    "khmer": r"[\u1780-\u17FF]", "hangul": r"[\u1100-\u11FF\u3130-\u318F\uAC00-\uD7A3]",
    "latin": r"\p{Latin}", "han": r"\p{Han}", "kana": r"[\p{Hiragana}\p{Katakana}]", "thai": r"\p{Thai}",
    "cyrillic": r"\p{Cyrillic}", "arabic": r"\p{Arabic}",
}  # fmt: skip


# The first and the last of each script, and what stands beside them.
_SIGNS = "\u177f\u1780\u17ff\u1800\u10ff\u1100\u11ff\u1200\u312f\u3130\u318f\u3190\uabff가힣\ud7a4aZéı漢㐀ひゟカヿไฯЖӿعۿ1 "


@given(st.lists(st.text(st.sampled_from(_SIGNS) | st.characters(exclude_categories=["Cs"])), max_size=6))  # fmt: skip
@example([_SIGNS, _SIGNS[::-1]])
def test_the_counts_are_those_of_the_regular_expressions(texts: list[str]) -> None:
    counts = script_counts(pa.array(texts, pa.string()))
    for script in SCRIPTS:
        expected = [len(regex.findall(_PATTERNS[script], text)) for text in texts]
        assert counts.of(script).tolist() == expected
    assert counts.lengths.tolist() == [len(text) for text in texts]


@given(st.lists(st.text(alphabet="កខ가a 1", max_size=9), max_size=9), st.integers(0, 9))
def test_counts_do_not_depend_on_chunks(texts: list[str], cut: int) -> None:
    whole = script_counts(pa.array(texts, pa.string()))
    parts = script_counts(
        pa.chunked_array([pa.array(texts[:cut], pa.string()), pa.array(texts[cut:], pa.string())])
    )
    assert whole.counts.tolist() == parts.counts.tolist()


def test_decomposed_hangul_counts_as_hangul() -> None:
    counts = script_counts(pa.array([unicodedata.normalize("NFD", "두통")]))
    assert counts.of("hangul").tolist() == counts.letters.tolist() == [5]


@pytest.mark.parametrize(
    "word",
    ["mg", "mmHg", "kg", "mL", "amoxicillin", "Ciprofloxacin", "metformin", "atorvastatin", "MRI", "HIV", "HbA1c",
     "COPD", "pH", "ECG", "paracetamol", "omeprazole", "propranolol", "losartan", "rituximab", "X", "CT", "IU"],
)  # fmt: skip
def test_drugs_units_and_abbreviations_are_allowed(word: str) -> None:
    left = without_allowed_words(pa.array([f"លេប {word} ២ដង", word], pa.large_string()))
    assert not regex.search(r"\p{Latin}", "".join(left.to_pylist()))


@pytest.mark.parametrize("word", ["patient", "Which", "the", "treatment", "fever", "diagnosis", "imagine", "milligramme dose"])  # fmt: skip
def test_other_words_are_not(word: str) -> None:
    left = without_allowed_words(pa.array([f"លេប {word} ២ដង"], pa.large_string())).to_pylist()[0]
    assert len(regex.findall(r"\p{Latin}", left)) >= 4 or word == "the"


KHMER, ENGLISH = "អ្នកជំងឺគ្រុនក្តៅរយៈពេលបីថ្ងៃ", "the patient had a fever for three days"


def _card_like() -> pa.Table:
    """Invented rows of which 94.6 % are half Khmer at the least, as a card counted them."""
    rows = [KHMER + " " + ENGLISH[: 3 * (n % 10)] for n in range(946)] + [ENGLISH] * 54
    return pa.table({"id": [str(n) for n in range(1000)], "question": rows})


def test_a_card_figure_is_reproduced_by_one_definition_and_disputed_by_others() -> None:
    report = mk.script_report(_card_like(), columns=["question"])
    assert report.counts["relaxed"] == pytest.approx(0.946)
    assert report.counts["strict"] < 0.6
    assert report.counts["pure"] < report.counts["strict"]
    assert report.counts["without_a_letter"] == 54
    assert report.by("code")["no_letter"] == 54
    assert report.kept == 1000


def test_texts_of_another_script_without_latin_letters_fail_too() -> None:
    report = mk.script_report([{"question": "한국어"}, {"question": "12"}, {"question": "ខ្មែរ"}])
    assert report.counts["texts"] == 2
    assert report.counts["relaxed"] == report.counts["pure"] == 0.5
    assert report.counts["question.hangul"] == pytest.approx(3 / 8)


def test_lists_messages_and_every_container_give_the_same() -> None:
    table = pa.table({"id": ["a", "b"], "options": [["ក", "yes"], ["ខ"]],
                      "messages": [[{"role": "user", "content": KHMER}], [{"role": "user", "content": ENGLISH}]]})  # fmt: skip
    wraps = [
        lambda t: t,
        datasets.Dataset,
        lambda t: datasets.Dataset(t).to_iterable_dataset(),
        lambda t: t.to_pylist(),
    ]
    reports = [mk.script_report(wrap(table)) for wrap in wraps]
    assert len({report.to_json() for report in reports}) == 1
    assert reports[0].findings.select(["id", "column"]).to_pylist() == [
        {"id": "a", "column": "options"}, {"id": "b", "column": "messages"},
    ]  # fmt: skip


def test_wrong_words_are_refused() -> None:
    with pytest.raises(ArgumentError, match="khmer"):
        mk.script_report([{"question": "a"}], script="kmer")
    with pytest.raises(FormattingError, match="questions"):
        mk.script_report([{"question": "a"}], columns=["questions"])
    assert mk.script_report([{"question": "aé"}], script="latin").counts["pure"] == 1.0


@pytest.mark.slow
def test_the_counts_are_four_times_as_fast_as_regular_expressions() -> None:
    draw = random.Random(0)
    texts = ["".join(draw.choices("កខគឃងចឆជឈញតថ្ាិីុ  abc។", k=300)) for _ in range(6000)]
    column, patterns = pa.array(texts), [regex.compile(p) for p in _PATTERNS.values()]
    script_counts(column)

    def seconds(work) -> float:
        times = []
        for _ in range(3):
            start = time.process_time()  # however busy the machine is
            work()
            times.append(time.process_time() - start)
        return min(times)

    ours = seconds(lambda: script_counts(column))
    theirs = seconds(lambda: [[len(p.findall(text)) for p in patterns[:2]] for text in texts])
    assert theirs >= 4 * ours, (
        f"two scripts by findall {theirs:.3f} s, all by the table {ours:.3f} s"
    )
