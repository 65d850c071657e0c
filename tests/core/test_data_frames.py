"""Data frames make the tables that Arrow makes of them, faster."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from medqa_kit.core.arrow.data_frames import table_of_frame
from medqa_kit.errors import SchemaError

COLUMNS: dict[str, list[Any]] = {
    "lists": [["x", "y"], None],
    "arrays": [np.array(["x", "y"], object), np.array(["괴"])],
    "nulls within": [["x", None, float("nan")], float("nan")],
    "nothing first": [None, ["x"]],
    "an empty list first": [[], ["x"]],
    "tuples": [("x",), ("y",)],
    "numbers": [[1], [2]],
    "dicts": [[{"role": "user"}], []],
    "objects of one kind": ["x", None],
}


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("alone", [True, False])
def test_a_table_is_that_of_arrow(kind: str, alone: bool) -> None:
    frame = pd.DataFrame({"n": [1, 2], "column": COLUMNS[kind], "c": pd.Categorical(["u", "v"])})
    frame = frame[["column"]] if alone else frame
    expected = pa.Table.from_pandas(frame, preserve_index=False)
    table = table_of_frame(frame)
    assert table.schema == expected.schema
    assert table.equals(expected)
    assert table.to_pandas().dtypes.equals(expected.to_pandas().dtypes)


def test_texts_and_numbers_in_one_column_are_refused() -> None:
    with pytest.raises(pa.ArrowException):
        table_of_frame(pd.DataFrame({"n": [1, 2], "column": [["x"], [1]]}))


def test_names_that_come_twice_are_refused() -> None:
    with pytest.raises(SchemaError, match="column 'a': two columns have one name"):
        table_of_frame(pd.DataFrame([[["x"], ["y"]]], columns=["a", "a"]))
