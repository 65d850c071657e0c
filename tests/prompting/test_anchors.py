"""A fast look first must not hide what the whole pattern finds."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from medqa_kit.prompting.anchors import NAMES_OTHERS, names_others

_LED = ["", "both ", "Either ", "options ", "보기 ", "ជម្រើស", "only "]
_LABELS = ["A", "(b)", "③", "ក", "1", "2번", "(3)", "A번"]
_JOINED = [", ", " and ", "와 ", " 및 ", "및", "និង", " ឬ ", "~", "–", "번, ", " nor ", "/"]
_TAILS = [
    "",
    " only",
    "만",
    " 모두 옳다",
    " are correct",
    "를 제외",
    " 빼고",
    " except C",
    "ប៉ុណ្ណោះ",
    ".",
]
_WHOLE = [
    "All of the above", "none are right", "More than one of these", "위의 모두", "앞의 것 모두", "상기 내용 중 없음", "둘 다 옳다", "해당 없음", "위 둘 다", "상기 중 2개 이상", "Not listed", "the first two", "គ្មានទេ",
    "옳은 것이 없다", "ចម្លើយទាំងអស់", "គ្មានចម្លើយ", "Everything except B", "any but option A", "same as ②", "លើកលែងតែ ខ", "A를 제외",
    "모두 아님", "There is no correct answer", "No answer is correct", "At least two of the above", "Most of these",
    "위염", "Gastritis", "A형 간염", "Vitamin B", "가", "나열된 것 모두",
]  # fmt: skip


def _texts() -> st.SearchStrategy[str]:
    parts = [
        st.sampled_from(words)
        for words in (["", "- ", "“"], _LED, _LABELS, _JOINED, _LABELS, _TAILS)
    ]
    single = [st.sampled_from(words) for words in (_LED, _LABELS, _TAILS)]
    return st.one_of(
        st.tuples(*parts).map("".join), st.tuples(*single).map("".join), st.sampled_from(_WHOLE), st.text(max_size=12),
        st.tuples(st.sampled_from(_WHOLE), st.text(max_size=4)).map("".join),
    )  # fmt: skip


@pytest.mark.slow
@given(st.lists(st.one_of(_texts(), st.none()), max_size=8))
@example(_WHOLE)
def test_the_fast_look_finds_all_that_the_whole_pattern_does(texts: list[str | None]) -> None:
    column = pa.array(texts, pa.string())
    expected = pc.fill_null(pc.match_substring_regex(column, NAMES_OTHERS), False).to_pylist()
    assert names_others(column).tolist() == expected


def test_some_of_the_others_and_none_of_them_are_named() -> None:
    named = ["모두 아님", "모두 아닙니다", "No correct answer", "There is no correct answer", "No answer is correct",
             "Two of the above", "At least two of the above", "Only two of these", "Most of the above"]  # fmt: skip
    others = ["No treatment", "Two of three doses", "No answer from the patient is expected now", "One of the ribs",
              "Most of the patients", "Some of the drugs listed lower it", "Two tablets", "전부하 감소"]  # fmt: skip
    assert names_others(pa.array(named)).all()
    assert not names_others(pa.array(others)).any()
