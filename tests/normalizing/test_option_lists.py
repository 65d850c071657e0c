"""Options in every form that files have them in: one reading, and nothing guessed."""

from __future__ import annotations

import json
import string
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.errors import AnswerError, ArgumentError, ValueTypeError
from medqa_kit.normalizing import Columns
from medqa_kit.normalizing.option_lists import option_columns, ordered_options, roomy_struct

NAMES = {
    "letters": lambda place: string.ascii_uppercase[place],
    "small letters": lambda place: string.ascii_lowercase[place],
    "option_A": lambda place: f"option_{string.ascii_uppercase[place]}",
    "option1": lambda place: f"option{place + 1}",
    "from 0": str,
    "opa": lambda place: f"op{string.ascii_lowercase[place]}",
}
PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=12).map(
    str.strip).filter(bool)  # fmt: skip


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_every_form_of_the_same_options_is_the_same_list(data: st.DataObject) -> None:
    options = data.draw(st.lists(PRINTABLE, min_size=2, max_size=10))
    name = NAMES[data.draw(st.sampled_from(sorted(NAMES)))]
    named = {name(place): option for place, option in enumerate(options)}
    mixed = {key: named[key] for key in data.draw(st.permutations(list(named)))}
    forms: list[Any] = [
        pa.array([options]),
        pa.array([mixed]),
        pa.array([mixed | {name(len(options)): None}]),
        pa.array([repr(mixed)]), pa.array([json.dumps(mixed)]), pa.array([repr(options)]),
        pa.array([json.dumps(options, ensure_ascii=False)]), pa.array([str(np.array(options, object))]),
    ]  # fmt: skip
    for form in forms:
        assert ordered_options(form).to_pylist() == [options], form


@pytest.mark.parametrize(("text", "options"), [
    ('{"A": 0.10, "B": 7, "C": true}', ["0.10", "7", "True"]),
    ("{'A': 0.10, 'B': -7, 'C': nan}", ["0.10", "-7"]),
    ('{"A": "x", "B": "y", "C": null, "D": " "}', ["x", "y"]),
    ("('x', 'y')", ["x", "y"]),
    ("['it''s' 'one']", ["it", "s", "one"]),  # three texts to NumPy, since nothing joins them
    ('["it\'s", \'a "word"\']', ["it's", 'a "word"']),
    ("{'yes': 'x', 'no': 'y'}", ["x", "y"]),
    ("  ", None), (None, None), ("{}", None), ("[]", None),
])  # fmt: skip
def test_what_a_text_writes(text: str | None, options: list[str] | None) -> None:
    assert ordered_options(pa.array([text], pa.string())).to_pylist() == [options]


@pytest.mark.parametrize("text", [
    "A. x B. y", "x|y", "{'A': open('x')}", "{'A': ['x']}", '{"A": {"B": "x"}}', "{'A', 'B'}", "3",
    "['x' 'y', 'z']", "{**{}}", "[" * 5000, '"x"', "['x', b'y']", "lambda: 0",
    "[{'key': 'A', 'value': 'x'}, {'key': 'B', 'value': ['y']}]", "{'text': ['x', ['y']]}", "[{'value': 'x'}, 'y']",
])  # fmt: skip
def test_what_is_no_literal_of_options_is_an_error_of_its_row(text: str) -> None:
    with pytest.raises(ValueTypeError, match="no dictionary and no list") as caught:
        ordered_options(pa.array(["['x', 'y']", text]))
    assert caught.value.rows == [1]


@pytest.mark.parametrize("column", [
    pa.array([{"A": "x", "B": None, "C": "z"}]), pa.array(["{'A': 'x', 'C': 'z'}"]),
    pa.array([["x", None, "z"]]), pa.array(['{"option2": "y"}']), pa.array(['["x", "", "z"]']),
])  # fmt: skip
def test_an_option_before_the_last_that_is_missing_is_an_error(column: pa.Array) -> None:
    with pytest.raises(AnswerError, match="an option is missing"):
        ordered_options(column)


@pytest.mark.parametrize(
    "text", ['{"A": "x", "A": "y"}', "{'A': 'x', 'option_A': 'y'}", "{'yes': 'x', 'yes': 'y'}"]
)
def test_two_options_of_one_letter_are_an_error(text: str) -> None:
    with pytest.raises(AnswerError, match="two options have one letter"):
        ordered_options(pa.array([text]))


@pytest.mark.parametrize("value", [
    {"text": [["x"], ["y"]]}, {"text": [{"a": "x"}], "label": ["A"]}, [{"value": ["x"]}], {"A": ["x"]}, 3,
])  # fmt: skip
def test_columns_without_a_text_for_each_option_hold_none(value: Any) -> None:
    with pytest.raises(ArgumentError, match="holds no options"):
        ordered_options(pa.array([value]))


def test_a_batch_reads_like_its_rows() -> None:
    column = pa.array([{"B": "y", "A": "x"}, None, {"A": "u", "B": "v"}])
    assert ordered_options(column).to_pylist() == [["x", "y"], None, ["u", "v"]]
    assert ordered_options(column.slice(2)).to_pylist() == [["u", "v"]]
    assert ordered_options(column.slice(0, 0)).type == pa.list_(pa.string())


@pytest.mark.parametrize("others", [[], [["u", None]], [["u", "v"]], [None]])
def test_what_a_list_holds_does_not_depend_on_other_rows(others: list[Any]) -> None:
    column = pa.array([["x", "y", ""], *others], pa.list_(pa.string()))
    assert ordered_options(column).to_pylist()[0] == ["x", "y"]


def test_a_column_of_nulls_has_no_options() -> None:
    assert ordered_options(pa.nulls(2)).to_pylist() == [None, None]


def test_a_struct_gets_room_for_letters_that_come_later() -> None:
    names = [field.name for field in roomy_struct(pa.struct({"B": pa.string(), "A": pa.string()}))]
    assert sorted(names) == list(string.ascii_uppercase)
    numbered = roomy_struct(pa.struct({"option1": pa.string()}))
    assert numbered.field(4).name == "option5"
    other = pa.struct({"yes": pa.string(), "no": pa.string()})
    assert roomy_struct(other) == other


@pytest.mark.parametrize("options", [
    [{"A": "x", "B": "y", "C": None}] * 2, ["{'B': 'y', 'A': 'x'}"] * 2, [["x", "y"]] * 2,
])  # fmt: skip
def test_declared_columns_take_every_form_and_give_one_id(options: list[Any]) -> None:
    kernel = Columns(take={"question": "q"}, options="o", letter="k", content=("q", "o"))
    rows = kernel(pa.table({"q": ["Which?"] * 2, "o": options, "k": ["B", "A"]})).to_pylist()
    assert [(row["options"], row["answer"]) for row in rows] == [
        (["x", "y"], "y"),
        (["x", "y"], "x"),
    ]
    expected = Columns(take={}, options="o", content=("q", "o"))(
        pa.table({"q": ["Which?"], "o": [["x", "y"]]})
    )
    assert {row["id"] for row in rows} == set(expected["id"].to_pylist())


SCRIPTS = {
    "circled": "①②③", "syllables": "가나다", "jamo": "ㄱㄴㄷ", "khmer": "កខគ", "wide": "ＡＢＣ",
    "counted": ["1번", "2번", "3번"], "worded": ["보기1", "보기2", "보기3"], "brackets": ["(가)", "(나)", "(다)"],
    "stops": ["①.", "②.", "③."], "numbers of words": ["선택지 1", "선택지 2", "선택지 3"],
}  # fmt: skip


@pytest.mark.parametrize("names", SCRIPTS.values(), ids=SCRIPTS)
def test_names_in_any_script_put_options_in_their_order(names: Sequence[str]) -> None:
    """The answer names them by these: in the order of the file, ``나`` would be another option."""
    named = dict(zip(names, ["x", "y", "z"], strict=True))
    turned = {name: named[name] for name in (names[2], names[0], names[1])}
    records = [{"key": name, "value": text} for name, text in turned.items()]
    columns: list[Any] = [
        [turned], [repr(turned)], [json.dumps(turned)], [records], [json.dumps(records)],
        [{"text": list(turned.values()), "label": list(turned)}],
    ]  # fmt: skip
    for column in columns:
        assert ordered_options(pa.array(column)).to_pylist() == [["x", "y", "z"]], column
    assert option_columns([*turned, "question"]) == tuple(names)


def test_names_that_only_look_like_letters_are_none() -> None:
    kelvin = "\u212a"  # the same as K but for case
    assert option_columns([kelvin, "A", "B"]) == ("A", "B")
    assert ordered_options(pa.array([{kelvin: "x", "A": "y"}])).to_pylist() == [["x", "y"]]
