"""Rows in an order of their own are read whichever way, and what is found in them is found in each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medqa_kit.core.arrow import row_order
from medqa_kit.core.arrow.row_order import RowsInOrder

NUMBERS = pa.table({"n": pa.chunked_array([range(4), range(4, 20), range(20, 23)])})
PLACES = st.lists(st.integers(0, len(NUMBERS) - 1), max_size=40) | st.permutations(range(23))


@given(PLACES, st.integers(1, 9))
def test_rows_are_read_in_order_in_multiples(places: Sequence[int], multiple: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_order, "_MOST_ROWS", 10)
        tables = list(RowsInOrder(NUMBERS, np.array(places, np.int64)).tables(multiple=multiple))
    assert [n for table in tables for n in table["n"].to_pylist()] == list(places)
    assert all(len(table) % multiple == 0 for table in tables[:-1])


@given(PLACES)
def test_stretches_hold_every_row_that_is_shown_once(places: Sequence[int]) -> None:
    shown = RowsInOrder(NUMBERS, np.array(places, np.int64))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_order, "_MOST_ROWS", 5)
        read = list(shown.stretches())
    for near, table in read:
        assert table["n"].to_pylist() == near.tolist()
        assert len(set(places) & set(near.tolist())) >= 0.75 * len(near)
    every = [n for near, _ in read for n in near.tolist()]
    assert every == sorted(set(every))
    assert set(every) >= set(places)


@given(PLACES, st.lists(st.integers(0, len(NUMBERS) - 1), max_size=12).map(sorted))
def test_what_is_found_in_a_row_is_found_wherever_it_is_shown(
    places: Sequence[int], found_in: list[int]
) -> None:
    findings = pa.table({
        "row": pa.array(range(len(found_in)), pa.int64()),
        "code": pa.array([f"{row}/{nth}" for nth, row in enumerate(found_in)], pa.string()),
    })  # fmt: skip
    shown = RowsInOrder(NUMBERS, np.array(places, np.int64))
    moved = shown.findings_shown(np.array(found_in, np.int64), findings)
    assert moved.to_pylist() == [
        {"row": at, "code": f"{row}/{nth}"}
        for at, row in enumerate(places)
        for nth, other in enumerate(found_in)
        if other == row
    ]
