"""Where the answer of a reply begins and ends."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from medqa_kit.quality.reasoning import (
    END_OF_TURN,
    REASONING_MARKS,
    answer_span,
    lowered,
    without_asides,
)


@pytest.mark.parametrize(("open_", "close"), REASONING_MARKS)
def test_reasoning_between_marks_is_passed_over(open_: str, close: str) -> None:
    for change in (str.lower, str.upper):
        reply = change(f"{open_}first this, then that{close}") + "B"
        span = answer_span(reply)
        assert span is not None
        assert reply[span.start : span.end] == "B"
        assert answer_span(change(f"{open_}first this")) is None
        assert answer_span(f"{reply}{open_}again") is None


@pytest.mark.parametrize("mark", END_OF_TURN)
def test_nothing_behind_a_control_token_is_read(mark: str) -> None:
    span = answer_span(f"B{mark}A")
    assert span is not None
    assert span == (0, 1)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("B", "B"),
        ("", ""),
        ("A < B and C > D", "A < B and C > D"),
        ("<b>B</b>", "<b>B</b>"),
        ("analysisWe think.assistantfinalB", "B"),
        ("analysisWe think", None),
        ("Analysis of the case: B", "Analysis of the case: B"),
        ("분석: 길다.\n\nB", "B"),
        ("분석: 길다.", None),
        ("분석 결과 정답은 B", "분석 결과 정답은 B"),
        ("[분석]\n길다.\n[답변]\nB", "\n[답변]\nB"),
        ("<scratchpad>A", None),
        ("B\n\n질문: 다음은?\n정답: A", "B\n"),
        ("질문: 다음은?\n정답: A", "질문: 다음은?\n정답: A"),
        ("B\nUser: and A?", "B"),
    ],
)
def test_headings_tags_and_what_follows(reply: str, answer: str | None) -> None:
    span = answer_span(reply)
    assert (None if span is None else reply[span.start : span.end]) == answer


@given(
    st.lists(
        st.sampled_from(["<x>", "</x>", "<b>", "</b>", "<answer>", "</answer>", "A", " ", "\n"])
    )
)
def test_asides_are_blanked_in_place(pieces: list[str]) -> None:
    text = "".join(pieces)
    seen = without_asides(text)
    assert len(seen) == len(text)
    assert all(new in (old, " ") for new, old in zip(seen, text, strict=True))
    if "</x>" not in text:
        assert seen == text


def test_an_aside_of_a_name_of_its_own_goes_and_markup_stays() -> None:
    assert without_asides("<n>A</n>B<i>C</i>") == " " * 8 + "B<i>C</i>"
    assert without_asides("<n>A<m>x</m></n>B") == " " * 16 + "B"
    assert without_asides("<n>A</m>B") == "<n>A</m>B"


@given(st.text(st.sampled_from("aAİIßẞÅﬁ가") | st.characters(exclude_categories=["Cs"])))
@example("İA")
def test_small_letters_stand_where_the_letters_stood(text: str) -> None:
    assert len(lowered(text)) == len(text)
