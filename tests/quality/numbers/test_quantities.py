"""Figures of many texts at once are those of each by itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.quality.numbers import quantities as module
from medqa_kit.quality.numbers.plain_form import plain
from medqa_kit.quality.numbers.quantities import plainly_equal, quantities

PARTS = ("5", "12 mg", "1,500", "0.25", "시간", "30분", "1만 5천", "2 h 5 min", "120/80 mmhg", " ", "-", ".", ",", "\0", "b", "covid-", "\n",
         " and ", "2-4 kg/day", "per day", "គ្រាប់", "가")  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS), max_size=6).map("".join).map(plain)


@settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(st.tuples(TEXTS, TEXTS) | TEXTS.map(lambda text: (text, text)), max_size=8),
    st.integers(1, 4),
)
def test_pairs_are_equal_as_their_figures_say(pairs: list[tuple[str, str]], together: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_TOGETHER", together)
        seen = plainly_equal([text for text, _ in pairs], [other for _, other in pairs]).tolist()
    for (text, other), equal in zip(pairs, seen, strict=True):
        keys, others = (
            sorted(figure.key for figure in quantities(side).figures) for side in (text, other)
        )
        assert not equal or keys == others


@given(TEXTS, TEXTS)
def test_a_text_is_read_alike_wherever_it_stands(text: str, other: str) -> None:
    alone = quantities(text)
    assert quantities(text, placed=False).figures == alone.figures
    joined = quantities(f"{text}\0{other}")
    assert joined.figures[: len(alone.figures)] == alone.figures
    assert joined.figures[len(alone.figures) :] == quantities(other).figures


def test_plain_sentences_are_seen_at_once() -> None:
    assert plainly_equal(
        ["give 5 mg for 3 days", "5 mg", "give 5 mg", "no figure", "vitamin b12, 5 mg"],
        ["3일간 5 mg", "6 mg", "5 mg 5 mg", "none", "vitamin b12, 5 mg"],
    ).tolist() == [True, False, False, True, False]
