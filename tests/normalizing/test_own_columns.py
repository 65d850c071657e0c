"""Rows of one's own: options in every form, answers named in every way, and proved where it can be."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.errors import AnswerError, ArgumentError
from medqa_kit.normalizing.own_columns import OwnColumns, answer_places, base_of, options_of_columns

OPTIONS = [["x", "y", "z"], ["u", "v", "w"]]


@pytest.mark.parametrize("raw", [
    pa.table({"a": ["x", "u"], "b": ["y", "v"], "c": ["z", "w"]}),
    pa.table({"options": OPTIONS}),
    pa.table({"options": [dict(zip("ABC", row, strict=True)) for row in OPTIONS]}),
    pa.table({"options": pa.array(OPTIONS, pa.large_list(pa.large_string()))}),
])  # fmt: skip
def test_options_in_every_form(raw: pa.Table) -> None:
    columns = ("a", "b", "c") if "a" in raw.column_names else "options"
    assert options_of_columns(raw, columns).to_pylist() == OPTIONS


def test_a_missing_last_option_is_none_and_one_before_is_an_error() -> None:
    short = pa.table({"a": ["x", "u"], "b": ["y", "v"], "c": [None, " "]})
    assert options_of_columns(short, ("a", "b", "c")).to_pylist() == [["x", "y"], ["u", "v"]]
    with pytest.raises(AnswerError, match="option is missing") as caught:
        options_of_columns(pa.table({"a": ["x", None], "b": ["y", "v"]}), ("a", "b"))
    assert caught.value.rows == [1]
    with pytest.raises(ArgumentError, match="holds no options"):
        options_of_columns(pa.table({"options": [3]}), "options")


@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(st.integers(0, 2), min_size=1, max_size=8), st.sampled_from([0, 1, "letter", "text"])
)
def test_every_base_names_the_same_option(places: list[int], base: object) -> None:
    lists = pa.array([["x", "y", "z"]] * len(places))
    labels = {0: places, 1: [p + 1 for p in places], "letter": ["abc"[p] for p in places],
              "text": ["xyz"[p] for p in places]}[base]  # type: ignore[index]  # fmt: skip
    label = pa.array(labels)
    assert answer_places(label, lists, base).to_pylist() == places  # type: ignore[arg-type]
    assert base_of(label, lists) in (base, None)
    if base in ("letter", "text") or {0, 2} <= set(places):
        assert base_of(label, lists) == base


@pytest.mark.parametrize(("labels", "base"), [
    (["1", "3"], 1), ([" 0", "2"], 0), ([1, 2], None), (["A", "B"], "letter"), (["y", "z"], "text"),
    (["4"], None), ([None], None), ([0, 3], None), (["①"], "letter"), ([0.0, None, 2.0], 0), (["1.0", "3.0"], 1),
    ([0.0, 1.5], None), (["9" * 30], None), (["1번", "3번"], 1), (["(A)", "b.", "③"], "letter"), (["ㄱ", "나", "គ"], "letter"),
    (["A. x", "(C) z", "② y"], "letter"), (["A. y"], None), (["A, B"], None), (["A", "D"], None),
])  # fmt: skip
def test_what_rows_prove(labels: list[object], base: object) -> None:
    assert base_of(pa.array(labels), pa.array([["x", "y", "z"]] * len(labels))) == base


def test_labels_that_are_options_and_markers_of_a_script_alike_are_options() -> None:
    lists = pa.array([["가", "다", "나"]] * 2)
    assert base_of(pa.array(["나", "가"]), lists) == "text"
    assert (
        base_of(pa.array(["B"]), pa.array([["B", "A"]])) is None
    )  # a letter, or what the option says


def test_a_marker_with_the_words_of_another_option_names_none() -> None:
    lists = pa.array([["x", "y: z", "u"]] * 5)
    labels = pa.array(["B. y: z", "B) y:  z ", "B. u", "A: x", "C.u"])
    assert answer_places(labels, lists, "letter").to_pylist() == [1, None, None, 0, 2]


def test_blanks_around_a_text_do_not_count_where_it_is_no_option_as_it_stands() -> None:
    lists = pa.array([["x ", "x", "y"], ["x ", " x", "y"], ["u", "v ", None]])
    assert answer_places(pa.array(["x", "x", " v"]), lists, "text").to_pylist() == [1, None, 1]


def test_labels_that_are_options_and_numbers_alike_are_options() -> None:
    lists = pa.array([["1.0", "0.5", "2.0"]] * 2)
    assert base_of(pa.array(["1.0", "2.0"]), lists) == "text"


@pytest.mark.parametrize("labels", [[0.0, 1.5], ["0", "1.5"], ["0", "9" * 30]])
def test_a_broken_number_names_no_option(labels: list[object]) -> None:
    assert answer_places(pa.array(labels), pa.array(OPTIONS), 0).to_pylist() == [0, None]


def test_a_label_of_no_option_is_an_error_of_its_row() -> None:
    raw = pa.table({"q": ["Why?", "How?"], "o": [["x", "y"], ["u", "v"]], "k": ["A", "C"]})
    kernel = OwnColumns(take={"question": "q"}, options="o", answer="k", base="letter")
    with pytest.raises(AnswerError, match="not one of the options") as caught:
        kernel(raw)
    assert caught.value.rows == [1]
    rows = kernel(raw.slice(0, 1)).to_pylist()[0]
    assert (rows["answer_index"], rows["answer"]) == (0, "x")


def test_ids_are_the_key_or_what_the_row_says() -> None:
    raw = pa.table({"n": [7, 8], "q": ["Why?", "Why?"], "o": [["x", "y"], ["x", "z"]]})
    assert OwnColumns(take={"question": "q"}, key="n")(raw)["id"].to_pylist() == ["7", "8"]
    hashed = OwnColumns(take={"question": "q"}, options="o")(raw)["id"].to_pylist()
    assert len(set(hashed)) == 2
    assert (
        OwnColumns(take={"question": "q"}, options="o")(raw.slice(1))["id"].to_pylist()
        == hashed[1:]
    )
