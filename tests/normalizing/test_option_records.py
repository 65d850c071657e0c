"""Options that have their marker beside them: in the order of the markers, one batch like many."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.core.text.option_labels import (
    marker_places,
    number_labels,
    option_number,
    option_numbers,
)
from medqa_kit.errors import AnswerError, ArgumentError, ValueTypeError
from medqa_kit.normalizing.option_lists import ordered_options

NAMES = {
    "letters": lambda place: "ABCDEFGHIJ"[place], "small": lambda place: "abcdefghij"[place],
    "from 1": lambda place: str(place + 1), "from 0": str, "option_a": lambda place: f"option_{'abcdefghij'[place]}",
}  # fmt: skip
KEYS = [
    ("key", "value"),
    ("label", "text"),
    ("id", "content"),
    ("letter", "option"),
    ("Key", "Text"),
]


@settings(max_examples=examples(100), deadline=None)
@given(st.data())
def test_objects_and_two_lists_are_the_options_in_the_order_of_their_markers(
    data: st.DataObject,
) -> None:
    rows: list[list[str]] = data.draw(
        st.lists(
            st.lists(st.sampled_from(["x", "y z", "5 mg"]), min_size=2, max_size=6), min_size=1, max_size=4
        )
    )  # fmt: skip
    key, value = data.draw(st.sampled_from(KEYS))
    objects, pairs = [], []
    for row in rows:  # each numbered in its own way
        name = NAMES[data.draw(st.sampled_from(sorted(NAMES)))]
        order = data.draw(st.permutations(range(len(row))))
        objects.append([{key: name(place), value: row[place], "right": False} for place in order])
        pairs.append({value: [row[p] for p in order], key: [name(p) for p in order]})
    for form in (pa.array(objects), pa.array(pairs), pa.array(objects, pa.large_list(pa.array(objects).type.value_type)),
                 pa.array(list(map(json.dumps, objects))), pa.array(list(map(repr, objects))),
                 pa.array(list(map(repr, pairs))), pa.array(list(map(json.dumps, pairs)))):  # fmt: skip
        assert ordered_options(form).to_pylist() == rows, form
        singly = [ordered_options(form.slice(i, 1)).to_pylist()[0] for i in range(len(form))]
        assert singly == rows


@pytest.mark.parametrize(("options", "read"), [
    ([{"text": "x", "is_correct": True}, {"text": "y", "is_correct": False}], ["x", "y"]),  # no marker
    ([{"key": "yes", "value": "x"}, {"key": "no", "value": "y"}], ["x", "y"]),  # none that orders
    ([{"key": None, "value": "x"}, {"key": "A", "value": "y"}], ["x", "y"]),
    ([{"key": "B", "value": "y"}, {"key": "A", "value": "x"}, {"key": "C", "value": None}], ["x", "y"]),
    ([], []), (None, None),
])  # fmt: skip
def test_rows_without_markers_keep_their_order(options: Any, read: Any) -> None:
    column = pa.array([[{"key": "A", "value": "u"}], options])
    if options and "text" in options[0]:
        column = pa.array([options])
    assert ordered_options(column).to_pylist()[-1] == read


def test_an_array_in_the_repr_of_a_dictionary_is_read() -> None:
    text = "{'text': array(['p', 'q'], dtype=object), 'label': array(['B', 'A'], dtype=object)}"
    assert ordered_options(pa.array([text])).to_pylist() == [["q", "p"]]


def test_what_holds_no_options_is_told() -> None:
    twice = [{"key": "A", "value": "x"}, {"key": "a", "value": "y"}]
    with pytest.raises(AnswerError, match="one letter") as crossed:
        ordered_options(pa.array([None, twice]))
    assert crossed.value.rows == [1]
    with pytest.raises(AnswerError, match="option is missing"):
        ordered_options(pa.array([[{"key": "A", "value": "x"}, {"key": "C", "value": "y"}]]))
    with pytest.raises(ValueTypeError, match="equally many") as uneven:
        ordered_options(pa.array([None, {"text": ["x", "y"], "label": ["A"]}]))
    assert uneven.value.rows == [1]
    for column in ([[["a"]]], [[{"foo": "A"}]], [{"foo": ["A"]}], [[{"text": {"en": "x"}}]]):
        with pytest.raises(ArgumentError, match="holds no options"):
            ordered_options(pa.array(column))
    with pytest.raises(ValueTypeError):
        ordered_options(pa.array(['[{"foo": "A"}]']))


LABELS = {
    "B": 1, " b ": 1, "(B)": 1, "B.": 1, "[b]": 1, "Ｂ": 1, "Ⓑ": 1, "②": 1, "⑵": 1, "❷": 1, "ㄴ": 1, "나": 1, "ខ": 1,
    "J": 9, "10번": None, "BC": None, "B or C": None, "": None, "²": None, "나중": None, "មិន": None, None: None,
}  # fmt: skip


def test_markers_of_every_kind_name_a_place_and_nothing_else_does() -> None:
    assert marker_places(pa.array(list(LABELS))).to_pylist() == list(LABELS.values())


def test_numbers_are_read_as_they_are_written() -> None:
    labels = {"3": 3, " 3 ": 3, "3.0": 3, "(3)": 3, "3)": 3, "3번": 3, "３": 3, "៣": 3, "-1": -1, "0": 0,
              "3.5": None, "3, 4": None, "three": None, "9" * 30: None, "": None, None: None}  # fmt: skip
    assert number_labels(pa.array(list(labels))).to_pylist() == list(labels.values())
    assert number_labels(pa.array(["3번", "(1번)", "0번", "3"]), first=0).to_pylist() == [
        2,
        0,
        -1,
        3,
    ]


@pytest.mark.parametrize("first", [0, 1])
def test_one_label_is_read_like_a_column_of_them(first: int) -> None:
    labels = [
        text for text in (*LABELS, "3", "３", "៣", "3.0", "4번", "-1", "K", "Z") if text is not None
    ]
    singly = [option_number(label, first) for label in labels]
    assert option_numbers(pa.array(labels), first).to_pylist() == singly
    assert {option_number("B", first), option_number("②", first), option_number("ខ", first)} == {
        first + 1
    }
    assert option_number("K", first) is None  # a name, rather than the eleventh option
