"""Rows written as JSON column by column are what Python writes row by row."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.core.arrow.json_rows import json_rows
from medqa_kit.core.json_text import json_line

_TEXTS = st.text(
    st.one_of(
        st.sampled_from('"\\\n\t\r\b\f\x00\x1f\x7f\x85\u2028\u2029각ា“é😀/'),
        st.characters(exclude_categories=["Cs"]),
    )
)
_MESSAGE = {"role": _TEXTS, "content": st.none() | _TEXTS, "weight": st.none() | st.integers(0, 9)}
_TYPES: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.string(), _TEXTS),
    (pa.large_string(), _TEXTS),
    (pa.string_view(), _TEXTS),
    (pa.dictionary(pa.int32(), pa.string()), _TEXTS),
    (pa.int8(), st.integers(-128, 127)),
    (pa.uint64(), st.integers(0, 2**64 - 1)),
    (pa.bool_(), st.booleans()),
    (pa.float64(), st.floats(allow_nan=False, allow_infinity=False)),
    (pa.float32(), st.floats(allow_nan=False, allow_infinity=False, width=32)),
    (pa.date32(), st.dates()),
    (pa.null(), st.none()),
    (pa.list_(pa.string()), st.lists(st.none() | _TEXTS, max_size=3)),
    (pa.large_list(pa.list_(pa.int32())), st.lists(st.none() | st.lists(st.integers(0, 9), max_size=2), max_size=2)),
    (pa.list_(pa.bool_(), 2), st.lists(st.none() | st.booleans(), min_size=2, max_size=2)),
    (pa.struct([]), st.just({})),
    (
        pa.list_(pa.struct([("role", pa.string()), ("content", pa.string()), ("weight", pa.int32())])),
        st.lists(st.none() | st.fixed_dictionaries(_MESSAGE), max_size=3),
    ),
    (
        pa.struct([("none first", pa.string()), ("dict", pa.struct([("a", pa.string())]))]),
        st.fixed_dictionaries(
            {"none first": st.none() | _TEXTS, "dict": st.none() | st.fixed_dictionaries({"a": st.none() | _TEXTS})}
        ),
    ),
]  # fmt: skip


def _lines(table: pa.Table) -> list[str]:
    return str(json_rows(table), "utf-8").split("\n")[:-1]


def _without_null(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_null(item) for name, item in value.items() if item is not None}
    return value


@st.composite
def _tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(0, 5))
    columns = draw(st.lists(st.tuples(_TEXTS, st.sampled_from(_TYPES)), min_size=1, max_size=4))
    arrays = {
        name: pa.array(draw(st.lists(st.none() | values, min_size=rows, max_size=rows)), kind)
        for name, (kind, values) in columns
    }
    return pa.table(arrays).slice(draw(st.integers(0, 2)))


@given(_tables())
def test_each_row_is_what_python_writes(table: pa.Table) -> None:
    rows = [{k: _without_null(v) for k, v in row.items()} for row in table.to_pylist()]
    assert _lines(table) == [json_line(row) for row in rows]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_lacks_are_refused_wherever_they_stand(number: float) -> None:
    for value in (number, [1.0, number], {"a": [number]}):
        with pytest.raises(ValueError, match="JSON compliant"):
            json_rows(pa.table({"x": [value]}))


def test_a_number_under_a_null_does_not_count() -> None:
    hidden = pa.array([1.0, float("nan")], mask=np.array([False, True]))
    assert _lines(pa.table({"x": hidden})) == ['{"x": 1.0}', '{"x": null}']


def test_dates_are_written_as_text_and_rows_without_columns_as_empty() -> None:
    dates = pa.table({"day": [datetime.date(2026, 11, 28)]})
    assert _lines(dates) == ['{"day": "2026-11-28"}']
    assert _lines(dates.select([])) == ["{}"] * dates.select([]).num_rows


def test_a_dict_without_keys_is_an_empty_one() -> None:
    empty = pa.array([{}, None], pa.struct([]))
    assert _lines(pa.table({"x": empty})) == ['{"x": {}}', '{"x": null}']


@pytest.mark.parametrize("value", [pd.Period("2024"), pd.Interval(0, 1)])
def test_a_column_of_a_type_of_pandas_is_told(value: Any) -> None:
    rows = pd.DataFrame({"id": ["a"], "when": [value]})
    with pytest.raises(mk.errors.SchemaError, match="astype"):
        list(mk.json_lines(rows))
