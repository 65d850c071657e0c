"""Texts of rows: every row keeps its place, whatever is null in it, and every text type is read."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
import pytest

from medqa_kit.core.holders import batches
from medqa_kit.decontamination.exclusion import exclude
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.errors import SchemaError
from medqa_kit.matching.row_texts import options, row_texts, stems, year_column
from medqa_kit.splitting.deduplication import dedupe

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.FamilyWarning")

STEM = "Which vitamin prevents scurvy in sailors who eat no fresh fruit for months?"
OPTIONS = ["Retinol", "Thiamine", "Ascorbic acid", "Cholecalciferol"]
TEXT = " ".join([STEM, *OPTIONS])


def test_a_row_without_text_keeps_its_place() -> None:
    nothing = {"id": "b", "question": None, "context": None, "options": None}
    rows = [{"id": "a", "question": "Why?", "context": "x", "options": ["y"]}, nothing]
    batch = pa.RecordBatch.from_pylist([rows[1], rows[0], rows[1]], schema=pa.schema(
        {"id": pa.string(), "question": pa.string(), "context": pa.string(), "options": pa.list_(pa.string())}))  # fmt: skip
    assert [bool(text) for text in row_texts(batch).to_pylist()] == [False, True, False]


@pytest.mark.parametrize("type_", [
    pa.list_(pa.string()), pa.large_list(pa.string_view()), pa.list_view(pa.string()),
    pa.large_list_view(pa.large_string()), pa.list_(pa.string(), 2),
], ids=str)  # fmt: skip
@pytest.mark.parametrize("begin", [0, 1, 2])
def test_lists_of_every_layout_are_read(type_: pa.DataType, begin: int) -> None:
    column = pa.array([["x", "y"], None, ["z", None]], type_)[begin:]
    batch = pa.record_batch({"question": ["q"] * len(column), "options": column})
    assert options(batch).to_pylist() == [["x", "y"], [], ["z", ""]][begin:]
    assert row_texts(batch).to_pylist() == ["q \nx \ny", "q \n", "q \nz \n"][begin:]


@pytest.mark.parametrize("begin", [0, 1, 2])
def test_maps_and_json_are_read(begin: int) -> None:
    pairs = pa.array([[("a", "x")], None, [("b", "y")]], pa.map_(pa.string(), pa.string()))
    assert row_texts(pa.record_batch({"m": pairs[begin:]})).to_pylist() == [
        "a \nx", "", "b \ny"][begin:]  # fmt: skip
    stored = pa.array(['"\\ud55c\\uad6d"', None, '[{"type": "text", "text": "x\\ny"}, 3, null]'])
    values = pa.ExtensionArray.from_storage(pa.json_(), stored)
    assert row_texts(pa.record_batch({"j": values[begin:]})).to_pylist() == [
        "한국", "", "text \nx\ny"][begin:]  # fmt: skip


def _json(text: str) -> pa.Array:
    return pa.ExtensionArray.from_storage(pa.json_(), pa.array([f'[{{"text": "{text}"}}]']))


@pytest.mark.parametrize("column", [
    _json(TEXT), pa.array([TEXT]).dictionary_encode(), pa.array([TEXT], pa.string_view()),
    pa.array([[("k", TEXT)]], pa.map_(pa.string(), pa.string())),
    pa.array([[STEM, *OPTIONS]], pa.list_(pa.string(), 5)),
    pa.array([[STEM, *OPTIONS]], pa.list_view(pa.string())),
], ids=lambda column: str(column.type))  # fmt: skip
def test_an_item_is_found_in_every_text_type(column: pa.Array) -> None:
    exam = pa.table({"id": ["e/1"], "question": [STEM], "options": [OPTIONS]})
    data = pa.table({"id": ["a"], "note": ["none"], "other": column})
    holdout = Holdout.from_rows(exam, reason="x")
    assert exclude(data, holdout)[1].findings["held_id"].to_pylist() == ["e/1"]
    twice = pa.concat_tables([data, data])
    assert dedupe(twice)[0].schema == data.schema
    assert dedupe(twice)[1].by("code") == {"exact": 1}


def test_views_of_strings_are_read_in_whole_batches() -> None:
    """Arrow says of each slice of views that it is as large as the whole."""
    text = "Lorem ipsum dolor sit amet. " * 40
    table = pa.table({"id": ["a"] * 40_000, "text": pa.array([text] * 40_000, pa.string_view())})
    assert [len(batch) for batch in batches(table)] == [16_384] * 2 + [7_232]
    exam = pa.table({"id": ["e/1"], "question": [STEM], "options": [OPTIONS]})
    row = pa.table({"id": ["b"], "text": pa.array([TEXT], pa.string_view())})
    clean, _ = exclude(
        pa.concat_tables([row, table.slice(0, 9)]), Holdout.from_rows(exam, reason="x")
    )
    assert clean.equals(table.slice(0, 9))


@pytest.mark.parametrize("messages", [
    [[{"from": "human", "value": TEXT}]], [[TEXT]], [TEXT], [[{"role": "user", "content": [{"text": TEXT}]}]],
])  # fmt: skip
def test_messages_of_other_layouts_are_searched(messages: list[object]) -> None:
    batch = pa.record_batch({"messages": messages})
    assert TEXT in stems(batch)[0].as_py()


def test_columns_of_our_names_with_other_types_do_no_harm() -> None:
    exam = pa.table({"id": ["e/1"], "question": [STEM], "options": [OPTIONS]})
    data = pa.table({"id": [{"$oid": "x"}], "source": [["a"]], "family": [b"\xff"],
                     "year": ["spring"], "text": [TEXT]})  # fmt: skip
    _, report = exclude(data, Holdout.from_rows(exam, reason="x"))
    assert report.findings.select(["id", "source", "year"]).to_pylist() == [
        {"id": "#0", "source": None, "year": None}]  # fmt: skip


def test_years_are_read_from_numbers_and_from_text() -> None:
    for years in ([2024, None], [2024.0, float("nan")], ["2024", "2024-2"], [" 2024 ", ""]):
        assert year_column(pa.record_batch({"year": years})).to_pylist() == [2024, None]
    assert year_column(pa.record_batch({"id": ["a"]})).to_pylist() == [None]


def test_two_columns_of_one_name_are_refused() -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    with pytest.raises(SchemaError, match="two columns have one name"):
        row_texts(table.to_batches()[0])


@pytest.mark.parametrize("options", [[[], []], [[None], []], [[b"a"], []], [[{"n": 1}], None]])
def test_lists_in_which_no_option_can_be_read_are_none(options: list[Any]) -> None:
    rows = [{"id": "a", "question": "Why is the sky blue?", "options": options[0], "family": "a"},
            {"id": "b", "question": "Where do birds go?", "options": options[1], "family": "b"}]  # fmt: skip
    exam = Holdout.from_rows(rows, reason="a test")
    assert exclude(rows, exam)[1].by("code") == {"exact": 2}
    assert exclude([rows[1]], Holdout.from_rows([rows[0]], reason="a test"))[1].dropped == 0
    assert len(dedupe(rows)[0]) == len(dedupe(rows, on="item")[0]) == 2


@pytest.mark.parametrize(("numbers", "others"), [
    ([64, 80, 95], [64, 80, 59]), ([0.5, 0.25], [0.5, 0.75]),
    ([datetime.date(2024, 2, 1)], [datetime.date(2020, 1, 5)]), ([True, True], [True, False]),
])  # fmt: skip
def test_options_may_be_numbers(numbers: list[Any], others: list[Any]) -> None:
    asked = {
        "id": "a",
        "question": "What is the answer to this one?",
        "options": numbers,
        "family": "a",
    }
    other = asked | {"id": "b", "family": "b", "options": others}
    exam = Holdout.from_rows([asked], reason="a test")
    again = asked | {"options": [str(number) for number in reversed(numbers)]}
    assert exclude([asked, other], exam)[1].ids("exact") == ["a"]
    assert exclude([again], exam)[1].ids("exact") == ["a"]
    as_text = [
        row | {"options": [str(number) for number in row["options"]]} for row in (asked, other)
    ]
    assert dedupe([asked, other])[1].counts == dedupe(as_text)[1].counts
