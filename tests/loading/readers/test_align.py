"""A file's columns and types to the declared ones, and what is refused on the way."""

from __future__ import annotations

import datetime
import unicodedata
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medqa_kit.catalog.layouts import Layout
from medqa_kit.catalog.places import LocalFiles
from medqa_kit.core.answer_number import AnswerNumber
from medqa_kit.errors import SchemaMovedError, ValueTypeError
from medqa_kit.loading.readers.align import align, matched

MESSAGE = pa.struct([("role", pa.string()), ("content", pa.string())])


def layout(raw: dict[str, pa.DataType], **rest: Any) -> Layout:
    return Layout(
        at=LocalFiles("x"),
        files="*",
        raw=pa.schema(raw),
        normalize=lambda table: table,
        schema=pa.schema([]),
        **rest,
    )


def aligned(
    values: list[Any], stored: pa.DataType, declared: pa.DataType, **rest: Any
) -> list[Any]:
    table = align(pa.table({"c": pa.array(values, stored)}), layout({"c": declared}), **rest)
    assert table.schema == pa.schema({"c": declared})
    table.validate(full=True)
    return table["c"].to_pylist()


def test_a_table_that_agrees_is_not_copied() -> None:
    table = pa.table({"b": ["x"], "a": [1]})
    same = align(table, layout({"b": pa.string(), "a": pa.int64()}))
    turned = align(table, layout({"a": pa.int64(), "b": pa.string()}))
    address = table["b"].chunk(0).buffers()[2].address
    assert same["b"].chunk(0).buffers()[2].address == address
    assert turned["b"].chunk(0).buffers()[2].address == address
    assert turned.column_names == ["a", "b"]


def test_metadata_and_nullability_of_the_file_do_not_matter() -> None:
    theirs = pa.schema([pa.field("a", pa.int64(), nullable=False)], metadata={"pandas": "{}"})
    declared = layout({"a": pa.int64()})
    aligned_table = align(pa.table({"a": [1]}, schema=theirs), declared)
    assert aligned_table.schema.equals(declared.raw, check_metadata=True)


def test_names_are_matched_exactly_then_by_case_then_by_alias() -> None:
    declared = layout({"ask": pa.string(), "A": pa.string(), "a": pa.string()},
                      aliases={"ask": ("question",)}, extra="ignore")  # fmt: skip
    assert matched(["ask", "Ask", "A", "a", "question"], declared) == {
        "ask": "ask",
        "A": "A",
        "a": "a",
    }
    assert matched(["ASK", "A", "a", "question"], declared)["ask"] == "ASK"
    assert matched(["Question", "a", "A"], declared)["ask"] == "Question"
    with pytest.raises(SchemaMovedError, match="missing: 'a'"):
        matched(["ask", "A"], declared)


def test_a_star_is_the_only_column_of_a_file() -> None:
    declared = layout({"q": pa.string()}, aliases={"q": ("*",)})
    assert matched(["passage"], declared) == {"q": "passage"}
    assert matched(["Q"], declared) == {"q": "Q"}
    for names in (["passage", "score"], []):
        with pytest.raises(SchemaMovedError, match="missing: 'q'"):
            matched(names, declared)
    with pytest.raises(SchemaMovedError, match="missing: '글'"):
        matched(["passage"], declared.called({"q": "글"}))


def test_names_a_user_gives_are_aliases() -> None:
    declared = layout({"prompt": pa.string(), "chosen": pa.string()}).called({"prompt": "질문"})
    assert align(pa.table({"chosen": ["x"], "질문": ["y"]}), declared).to_pylist() == [
        {"prompt": "y", "chosen": "x"}
    ]


def test_a_missing_column_is_told_with_expectation_finding_and_hint() -> None:
    with pytest.raises(SchemaMovedError) as caught:
        align(pa.table({"q": ["x"]}), layout({"q": pa.string(), "answer": pa.string(),
                                              "why": pa.string()}, optional=("why",)))  # fmt: skip
    assert str(caught.value) == (
        "columns are missing: 'answer'.\n"
        "  expected: q, answer, why (may be absent: why)\n"
        "  found:    q\n"
        "Hint: upstream may have changed: pass revision= for the state that was catalogued, or "
        "columns={declared: theirs} where only names differ."
    )


def test_an_optional_column_is_null_when_absent() -> None:
    declared = layout({"q": pa.string(), "m": pa.list_(MESSAGE)}, optional=("m",))
    assert align(pa.table({"q": ["x"]}), declared).to_pylist() == [{"q": "x", "m": None}]


def test_undeclared_columns_are_refused_or_left_out() -> None:
    table = pa.table({"q": ["x"], "split": [0]})
    with pytest.raises(SchemaMovedError, match="not declared: 'split'") as caught:
        align(table, layout({"q": pa.string()}))
    assert "extra='ignore'" in caught.value.hint
    assert align(table, layout({"q": pa.string()}, extra="ignore")).column_names == ["q"]


def test_two_columns_of_one_name_are_refused() -> None:
    table = pa.Table.from_arrays([pa.array(["x"]), pa.array(["y"])], names=["q", "q"])
    with pytest.raises(SchemaMovedError, match="two columns of the name 'q'"):
        align(table, layout({"q": pa.string()}, extra="ignore"))


@pytest.mark.parametrize(
    ("values", "stored", "declared"),
    [
        ([1, None], pa.int32(), pa.int64()),
        ([300], pa.int64(), pa.int16()),
        ([2**53], pa.int64(), pa.float64()),
        ([3.0, None], pa.float64(), pa.int64()),
        ([0.5], pa.float32(), pa.float64()),
        (["가", None], pa.large_string(), pa.string()),
        (["가"], pa.string_view(), pa.string()),
        (["가", "가", None], pa.dictionary(pa.int32(), pa.string()), pa.string()),
        ([None, None], pa.null(), pa.string()),
        ([None], pa.null(), pa.list_(MESSAGE)),
        ([["a"], None], pa.large_list(pa.large_string()), pa.list_(pa.string())),
        ([[], None], pa.list_(pa.null()), pa.list_(pa.string())),
        ([["a", "b"]], pa.list_(pa.string(), 2), pa.list_(pa.string())),
        ([{"A": 1}], pa.struct({"A": pa.int32()}), pa.struct({"A": pa.int64()})),
        ([[1.0]], pa.list_(pa.float64()), pa.list_(pa.int32())),
    ],
    ids=str,
)
def test_types_that_hold_the_same_values_are_cast(
    values: list[Any], stored: pa.DataType, declared: pa.DataType
) -> None:
    assert aligned(values, stored, declared) == values


def test_struct_fields_are_matched_by_name() -> None:
    theirs = pa.list_(pa.struct([("content", pa.large_string()), ("role", pa.string())]))
    turns = [[{"content": "c", "role": "r"}], None, []]
    assert aligned(turns, theirs, pa.list_(MESSAGE)) == [[{"role": "r", "content": "c"}], None, []]


def test_a_missing_struct_field_is_null_and_an_undeclared_one_is_refused() -> None:
    less = pa.struct([("role", pa.string())])
    assert aligned([{"role": "r"}], less, MESSAGE) == [{"role": "r", "content": None}]
    more = pa.table({"c": pa.array([{"role": "r", "content": "c", "state": "s"}])})
    with pytest.raises(SchemaMovedError, match="column 'c'"):
        align(more, layout({"c": MESSAGE}))
    kept = align(more, layout({"c": MESSAGE}, extra="ignore"))
    assert kept.to_pylist() == [{"c": {"role": "r", "content": "c"}}]


def test_hyphenated_struct_keys_keep_their_names() -> None:
    labels = pa.struct([("label", pa.float64()), ("real-label", pa.float64()),
                        ("binary-label", pa.int64())])  # fmt: skip
    theirs = pa.struct([("binary-label", pa.int32()), ("label", pa.float64()),
                        ("real-label", pa.float64())])  # fmt: skip
    row = {"label": 3.7, "real-label": 3.71, "binary-label": 1}
    assert aligned([row], theirs, labels) == [row]


@pytest.mark.parametrize(
    ("values", "stored", "declared"),
    [
        (["three"], pa.string(), pa.int64()),
        ([3], pa.int64(), pa.string()),
        ([True], pa.bool_(), pa.int64()),
        ([1], pa.int64(), pa.bool_()),
        ([0.1], pa.float64(), pa.float32()),
        ([datetime.datetime(2024, 1, 5)], pa.timestamp("s"), pa.string()),
        (["x"], pa.string(), pa.list_(pa.string())),
        ([["x"]], pa.list_(pa.string()), pa.string()),
        ([["3"]], pa.list_(pa.string()), pa.list_(pa.int64())),
        ([b"x"], pa.binary(), pa.string()),
    ],
    ids=str,
)
def test_types_that_would_have_to_be_bent_are_refused(
    values: list[Any], stored: pa.DataType, declared: pa.DataType
) -> None:
    with pytest.raises(SchemaMovedError) as caught:
        aligned(values, stored, declared)
    text = str(caught.value)
    assert "column 'c'" in text
    assert f"expected: {declared}" in text
    assert f"found:    {stored}" in text
    assert "Hint:" in text


@pytest.mark.parametrize(
    ("values", "stored", "declared", "bad"),
    [
        ([1.0, 2.5, 3.0, float("nan")], pa.float64(), pa.int64(), [1, 3]),
        ([1, 300, -300], pa.int64(), pa.int8(), [1, 2]),
        ([1, 2**53 + 1], pa.int64(), pa.float64(), [1]),
        ([[1.0], [1.0, 0.5]], pa.list_(pa.float64()), pa.list_(pa.int32()), [1]),
    ],
    ids=str,
)
def test_single_values_that_do_not_fit_are_named(
    values: list[Any], stored: pa.DataType, declared: pa.DataType, bad: list[int]
) -> None:
    with pytest.raises(ValueTypeError) as caught:
        aligned(values, stored, declared)
    assert caught.value.rows == bad
    assert caught.value.column == "c"
    assert caught.value.reason == "value_type"
    assert repr(values[bad[0]])[:4] in caught.value.found


def test_a_slice_answers_for_its_own_values_only() -> None:
    table = pa.table({"c": pa.array([[1.0], [0.5], [2.0]])})
    declared = layout({"c": pa.list_(pa.int32())})
    assert align(table.slice(0, 1), declared).to_pylist() == [{"c": [1]}]
    with pytest.raises(ValueTypeError) as caught:
        align(table.slice(1), declared)
    assert caught.value.rows == [0]


def test_text_is_parsed_for_formats_without_types_only() -> None:
    texts = ["3", " -4 ", "5.0", "", "9007199254740993", "6."]
    numbers = [3, -4, 5, None, 9007199254740993, 6]
    assert aligned(texts, pa.string(), pa.int64(), text=True) == numbers
    assert aligned(["0.5", "", "1e3"], pa.string(), pa.float64(), text=True) == [0.5, None, 1000]
    assert aligned(["True", "false", ""], pa.string(), pa.bool_(), text=True) == [True, False, None]
    assert aligned(["", "NA", "007"], pa.string(), pa.string(), text=True) == ["", "NA", "007"]
    with pytest.raises(ValueTypeError) as caught:
        aligned(["1", "B", "2.5", "1e2"], pa.string(), pa.int64(), text=True)
    assert caught.value.rows == [1, 2, 3]
    with pytest.raises(SchemaMovedError):
        aligned(["[]"], pa.string(), pa.list_(pa.string()), text=True)


@given(st.lists(st.one_of(st.none(), st.integers(-200, 200).map(float), st.floats(width=32))))
def test_bad_positions_are_exactly_the_values_that_are_not_whole(
    values: list[float | None],
) -> None:
    bad = [i for i, v in enumerate(values)
           if not (v is None or (v.is_integer() and -128 <= v < 128))]  # fmt: skip
    if not bad:
        assert aligned(values, pa.float64(), pa.int8()) == values
        return
    with pytest.raises(ValueTypeError) as caught:
        aligned(values, pa.float64(), pa.int8())
    assert caught.value.rows == bad


@pytest.mark.parametrize(
    "name", ["Unnamed: 0", "unnamed: 0", "Unnamed: 0_level_0", "__index_level_0__", ""]
)
def test_row_numbers_that_pandas_wrote_along_are_left_out(name: str) -> None:
    assert align(pa.table({name: [0], "q": ["x"]}), layout({"q": pa.string()})).to_pylist() == [
        {"q": "x"}
    ]


@pytest.mark.parametrize(
    "name", ["질문", unicodedata.normalize("NFD", "질문"), " 질문 ", "\ufeff질문"]
)
def test_what_nobody_sees_of_a_name_does_not_count(name: str) -> None:
    assert align(pa.table({name: ["x"]}), layout({"질문": pa.string()})).to_pylist() == [
        {"질문": "x"}
    ]


def test_a_missing_column_comes_with_the_columns_to_paste() -> None:
    declared = layout({"question": pa.string(), "answer": pa.string(), "year": pa.int64()})
    with pytest.raises(SchemaMovedError) as caught:
        align(pa.table({"Answers": ["x"], "prompt ": ["y"], "year": [1]}), declared)
    assert 'columns={"question": "prompt ", "answer": "Answers"}' in caught.value.hint
    assert "'prompt '" in caught.value.found, "a blank at an end is seen"


def numbered(first: int = 1) -> Layout:
    gold = AnswerNumber(column="n", first=first, options=("a", "b"))
    return replace(layout({"n": pa.int64()}), gold=gold)


@pytest.mark.parametrize(
    "texts", [["B", "A", None], ["b", "a ", None], ["2", "1", None], ["2.0", "A", None]]
)
def test_the_number_of_an_option_may_be_its_letter_or_text(texts: list[str]) -> None:
    table = pa.table({"n": texts})
    assert align(table, numbered(1))["n"].to_pylist() == [2, 1, None]
    other = pa.table({"n": pa.array(texts).dictionary_encode()})
    assert align(other, numbered(1))["n"].to_pylist() == [2, 1, None]


def test_other_numbers_and_other_texts_are_not_bent() -> None:
    with pytest.raises(SchemaMovedError):
        align(pa.table({"n": ["B"]}), layout({"n": pa.int64()}))
    with pytest.raises(ValueTypeError):
        align(pa.table({"n": ["B", "both"]}), numbered())
