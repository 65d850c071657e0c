"""Where answers count from: off by one is seen, skewed answers are not taken for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.core.answer_number import AnswerNumber
from medqa_kit.normalizing.answer_base import AnswerPositions


def positions(places: list[int] | np.ndarray, width: int = 4) -> AnswerPositions:
    options = pa.array([list("abcdefgh")[:width]] * len(places), pa.list_(pa.string()))
    return AnswerPositions.of(pa.array(places, pa.int64()), options)


@settings(max_examples=examples(200), deadline=None)
@given(
    st.integers(2, 6), st.integers(1, 400), st.integers(0, 2**32 - 1), st.sampled_from([-1, 0, 1])
)
def test_a_shift_is_never_seen_where_both_ends_occur(
    width: int, rows: int, seed: int, shift: int
) -> None:
    true = np.random.default_rng(seed).integers(0, width, rows)
    counts = positions(true + shift, width)
    both = {0, width - 1} <= set(true.tolist())
    if both:
        assert counts.shift == shift
    else:
        assert counts.shift in (0, shift)


@pytest.mark.parametrize(("places", "shift"), [
    ([1, 2, 3, 4], 1), ([-1, 0, 1, 2], -1), ([0, 1, 2, 3], 0), ([1, 2, 3], 0), ([0, 4], 0),
    ([1, 2, 3] * 100, 1), ([0, 1, 2] * 100, 0), ([-1, 0, 1] * 100, -1), ([1, 2] * 100, 0), ([9, 9], 0), ([-1, 2, 3], 0),
])  # fmt: skip
def test_what_gives_a_file_away(places: list[int], shift: int) -> None:
    assert positions(places).shift == shift


@pytest.mark.parametrize(("explanation", "letter"), [
    ("Ans. is 'c' i.e., collagen", "C"), ("Answer: (B)", "B"), ("answer is \"D\".", "D"), ("정답은 [A]", "A"),
    ("Ans. is a vitamin", None), ("The answer of A is B", None), (None, None), ("option 'c'", None),
])  # fmt: skip
def test_explanations_that_name_a_letter(explanation: str | None, letter: str | None) -> None:
    raw = pa.table({"a": ["x"], "b": ["x"], "c": ["x"], "d": ["x"], "key": [3],
                    "why": pa.array([explanation], pa.string())})  # fmt: skip
    gold = AnswerNumber(column="key", first=0, options=("a", "b", "c", "d"), explanation="why")
    counts = AnswerPositions.of_raw(raw, gold)
    named = (counts.agreeing, counts.after)
    assert named == {None: (0, 0), "D": (1, 0), "C": (0, 1)}.get(letter, (0, 0))
    assert counts.shift == (1 if letter == "C" else 0)


def test_withheld_answers_and_what_is_no_number_do_not_count() -> None:
    raw = pa.table({"options": [["x", "y"]] * 4, "key": ["1", "-1", "B", None]})
    counts = AnswerPositions.of_raw(
        raw, AnswerNumber(column="key", first=1, options="options", withheld=("-1",))
    )
    assert (counts.rows, counts.first, counts.before) == (1, 1, 0)


@pytest.mark.parametrize("options", [
    [["x", "y"]] * 3, [{"A": "x", "B": "y", "C": None}] * 3, ["{'A': 'x', 'B': 'y'}"] * 3,
    ["['x' 'y']", '["x", "y"]', "x or y"], ["{'A': 'x', 'a': 'y'}", "['x', 'y']", "['x', 'y']"],
])  # fmt: skip
def test_options_in_every_form_count(options: list[Any]) -> None:
    raw = pa.table({"options": options, "key": [1, 2, 2]})
    counts = AnswerPositions.of_raw(raw, AnswerNumber(column="key", first=0, options="options"))
    assert counts.shift == 1


def test_what_holds_no_options_counts_nothing() -> None:
    raw = pa.table({"options": [1, 2], "key": [1, 2]})
    gold = AnswerNumber(column="key", first=0, options="options")
    assert AnswerPositions.of_raw(raw, gold).rows == 0


def test_an_empty_end_is_doubtful() -> None:
    assert positions([0, 1, 2] * 10).doubt == "of 30 answers none is the last option"
    assert positions([1, 2] * 20).doubt
    assert not positions([0, 1, 2, 3] * 10).doubt
    assert not positions([1, 2, 3]).doubt


@given(st.lists(st.integers(-1, 4), max_size=30), st.integers(0, 30))
def test_counts_add_up(places: list[int], cut: int) -> None:
    whole, parts = positions(places), positions(places[:cut]) + positions(places[cut:])
    assert (whole.rows, whole.first, whole.last, whole.beyond) == (
        parts.rows,
        parts.first,
        parts.last,
        parts.beyond,
    )
    assert whole.never_first == pytest.approx(parts.never_first)


def test_rows_of_their_own_number_of_options() -> None:
    options = pa.array([["a", "b"], ["a", "b", "c"], None, ["a"], ["a", "b"]])
    counts = AnswerPositions.of(pa.array([2, 3, 0, 0, None]), options)
    assert (counts.rows, counts.beyond, counts.first) == (2, 2, 0)
    assert counts.shift == 1
