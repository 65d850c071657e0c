"""Rows picked by their places are those that Arrow takes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from medqa_kit.core.arrow.columns import without_views
from medqa_kit.core.arrow.picking import Picker

TEXTS = st.text("a괴é😀 ", max_size=3)
LISTS = st.lists(st.lists(TEXTS, max_size=3), min_size=1, max_size=9)
GAPS = st.lists(st.none() | st.lists(st.none() | TEXTS, max_size=3), min_size=1, max_size=9)


def picked(column: pa.ChunkedArray, places: list[int]) -> pa.ChunkedArray:
    table = Picker(pa.table({"n": column}))(np.array(places, np.int64))
    assert table.num_rows == len(places)
    return table["n"]


class TestPicker:
    @given(lists=LISTS | GAPS, cut=st.integers(0, 9), more=LISTS, data=st.data())
    def test_lists_of_texts(
        self, lists: list[list[str]], cut: int, more: list[list[str]], data: st.DataObject
    ) -> None:
        array = pa.array([["x"], *lists], pa.list_(pa.string())).slice(min(cut, len(lists)))
        for column in (
            pa.chunked_array([array]),
            pa.chunked_array([array, pa.array(more, array.type)]),
        ):
            places = data.draw(st.lists(st.integers(0, len(column) - 1), max_size=12))
            rows = picked(column, places)
            assert rows.to_pylist() == [column[place].as_py() for place in places]
            rows.validate(full=True)

    @given(data=st.data())
    def test_other_lists_are_left_to_arrow(self, data: st.DataObject) -> None:
        numbers = pa.chunked_array([pa.array([[1, 2], None, [], [3]])])
        places = data.draw(st.lists(st.integers(0, 3), max_size=6))
        for type_ in (pa.list_(pa.int8()), pa.large_list(pa.int64()), pa.list_(pa.large_string())):
            column = numbers.cast(type_)
            assert picked(column, places).to_pylist() == [column[n].as_py() for n in places]

    def test_the_names_of_types_stay(self) -> None:
        type_ = pa.list_(pa.field("choice", pa.string(), nullable=False))
        table = without_views(pa.table({"n": pa.array([["a"], ["b"], ["c"]], type_)}))
        assert Picker(table)(np.array([2, 0])).schema == table.schema

    @given(
        st.sampled_from([["a", "a", "a"], ["ab", "cd", "ab"], ["a", "bb", "a"], ["", "", ""], ["a", None, "a"]]),
        st.lists(st.lists(st.integers(0, 2), max_size=9), max_size=4),
    )  # fmt: skip
    def test_values_that_come_again(self, values: list[str | None], picks: list[list[int]]) -> None:
        for type_ in (pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())):
            for column in (pa.array(values, type_), pa.nulls(3, type_)):
                pick = Picker(pa.table({"n": column}))
                for places in picks:
                    rows = pick(np.array(places, np.int64))["n"]
                    rows.validate(full=True)
                    assert rows.to_pylist() == [column[place].as_py() for place in places]

    @given(
        chunks=st.lists(LISTS, min_size=2, max_size=5),
        picks=st.data(),
    )
    def test_picks_in_any_order_one_after_the_other(
        self, chunks: list[list[list[str]]], picks: st.DataObject
    ) -> None:
        column = pa.chunked_array([pa.array(chunk, pa.list_(pa.string())) for chunk in chunks])
        table = pa.table({"n": column, "same": pa.repeat("괴", len(column))})
        pick, places = Picker(table), st.integers(0, len(column) - 1)
        for _ in range(6):  # chunks are prepared, left and come again
            order = picks.draw(st.lists(places, max_size=12))
            order = sorted(order) if picks.draw(st.booleans()) else order
            rows = pick(np.array(order, np.int64))
            assert rows.to_pylist() == table.take(pa.array(order, pa.int64())).to_pylist()
            rows.validate(full=True)
