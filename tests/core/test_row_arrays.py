"""Arrays with values of every row are filled step by step, and say the same as if they were filled at once."""

from __future__ import annotations

import numpy as np

from medqa_kit.core.arrow.row_arrays import (
    changed_rows,
    edge_places,
    row_numbers,
    value_places,
    values_at,
)

ROWS = 2_200_000  # more than two steps


def test_numbers_and_changes_of_many_rows() -> None:
    numbers = row_numbers(ROWS)
    assert np.array_equal(numbers, np.arange(ROWS))
    changed = np.array([1, (1 << 20) - 1, 1 << 20, ROWS - 1])
    numbers[changed] = 0
    assert changed_rows(numbers).tolist() == changed.tolist()


def test_places_of_many_rows() -> None:
    values = np.random.default_rng(1).random(ROWS)
    edges = np.array([0.2, 0.2, 0.9])
    assert np.array_equal(edge_places(edges, values), np.searchsorted(edges, values, side="right"))


def test_values_at_many_places() -> None:
    values = np.arange(ROWS, dtype=np.int32) % 7
    places = value_places(values, 3)
    assert np.array_equal(places, np.flatnonzero(values == 3))
    order = np.random.default_rng(1).permutation(ROWS)
    taken = values_at(values, order)
    assert taken.dtype == np.int32
    assert np.array_equal(taken, values[order])
