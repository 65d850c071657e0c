"""Pairs of equal rows, by one column or several, and the order of keys."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from medqa_kit.core.arrow.hashing import key_order
from medqa_kit.matching.components import equal_pairs

_ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2**64 - 1) | st.just(1)), max_size=12)


@given(_ROWS)
def test_each_row_is_paired_with_the_first_that_is_equal_in_all_columns(
    rows: list[tuple[int, int]],
) -> None:
    columns = np.array(rows, np.uint64).reshape(-1, 2)
    first, later = equal_pairs(columns[:, 0], columns[:, 1])
    expected = [(rows.index(row), at) for at, row in enumerate(rows) if rows.index(row) < at]
    assert list(zip(first.tolist(), later.tolist(), strict=True)) == expected


@given(
    st.lists(
        st.integers(0, 2**64 - 1) | st.integers(0, 5) | st.sampled_from([1 << 63, (1 << 63) + 1]),
        max_size=60,
    )
)
def test_equal_keys_stay_in_the_order_they_come(keys: list[int]) -> None:
    assert key_order(np.array(keys, np.uint64)).tolist() == sorted(
        range(len(keys)), key=keys.__getitem__
    )
