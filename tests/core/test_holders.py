"""Whatever holds rows: opened, read in bounded batches, chosen from, given back."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable
from typing import Any

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.core import holders
from medqa_kit.core.holders import MOST_ROWS, batches, count, opened
from medqa_kit.core.selection import choose, picked_rows
from medqa_kit.errors import ArgumentError, SchemaError
from row_kinds import KINDS

TABLE = pa.table({"id": [f"r{i}" for i in range(18_000)], "n": range(18_000)})


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_gives_its_rows_and_is_given_back(name: str) -> None:
    keep = np.arange(TABLE.num_rows) % 3 > 0
    rows = KINDS[name](TABLE)
    source = opened(rows)
    assert count(source.rows) == TABLE.num_rows
    sizes = [batch.num_rows for batch in batches(source.rows)]
    assert sum(sizes) == TABLE.num_rows
    assert max(sizes) <= MOST_ROWS
    kept = source.back(choose(source.rows, keep))
    assert type(kept) is type(rows)
    ids = [row["id"] for batch in batches(kept) for row in batch.to_pylist()]
    assert ids == TABLE.filter(pa.array(keep))["id"].to_pylist()
    places = np.array([0, 8, 9_000, 17_999])
    picked = [
        row["n"]
        for batch in picked_rows(opened(KINDS[name](TABLE)).rows, places)
        for row in batch.to_pylist()
    ]
    assert picked == places.tolist()


def test_a_view_is_read_in_whole_batches() -> None:
    view = datasets.Dataset(TABLE).shuffle(seed=1)
    assert [batch.num_rows for batch in batches(view)] == [16_384, 1_616]


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.data())
def test_a_view_is_read_as_its_rows_say(sizes: list[int], data: st.DataObject) -> None:
    chunks = [
        pa.table({"n": pa.array(range(size)), "text": [["가" * n] for n in range(size)]})
        for size in sizes
    ]
    whole = datasets.Dataset(pa.concat_tables(chunks))
    places = data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=20))
    view = whole.select(places)
    assert [row for batch in batches(view) for row in batch.to_pylist()] == list(view)
    rows = mk.apply(view, _Doubled())
    assert list(rows) == [{**row, "n": 2 * row["n"]} for row in view]


class _Doubled:
    def __call__(self, table: pa.Table) -> pa.Table:
        return table.set_column(0, "n", pc.multiply(table["n"], 2))


def test_no_verb_picks_the_rows_of_a_view_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("datasets picks row by row")

    exam = mk.load("kormedmcqa", subset="doctor", split="train", origin="sample")
    holdout = mk.Holdout.from_rows(exam.select([0]), reason="a test")
    view = datasets.concatenate_datasets([exam] * 3).shuffle(seed=0)
    monkeypatch.setattr("datasets.table.IndexedTableMixin.fast_gather", refused)
    mk.exclude(view, holdout)
    mk.search(view, holdout)
    mk.lint(view, on_bad="keep")
    mk.dedupe(view)
    mk.split(view, {"train": 0.5, "test": 0.5}, seed=0)
    mk.apply(view, mk.record("trl/prompt-completion"))
    list(mk.json_lines(view))


def test_batches_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holders, "MOST_BYTES", 1 << 16)
    table = pa.table({"text": ["x" * 10_000] * 100})
    assert max(batch.nbytes for batch in batches(table)) <= 1 << 16


def test_lists_that_a_verb_makes_stay_arrows_in_a_data_frame() -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "tags": [["x"], None]})

    def asked(table: pa.Table) -> pa.Table:
        turns = pa.array([[{"role": "user", "content": name}] for name in table["id"].to_pylist()],
                         pa.list_(pa.struct({"role": pa.string(), "content": pa.string()})))  # fmt: skip
        return table.append_column("messages", turns).select(["messages", "tags", "id"])

    rows = mk.apply(frame, asked)
    assert list(rows.columns) == ["messages", "tags", "id"]
    assert rows["messages"].tolist() == [[{"role": "user", "content": name}] for name in "ab"]
    assert isinstance(rows["messages"].dtype, pd.ArrowDtype)
    assert rows["tags"].dtype == frame["tags"].dtype == object
    assert len(mk.apply(frame, lambda table: asked(table).select(["messages"]))) == 2


def test_columns_of_a_data_frame_on_arrow_stay_there() -> None:
    table = pa.table(
        {"id": ["a", "b"], "tags": [["x"], None], "n": pa.array([None, 2], pa.int32())}
    )
    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    records = mk.apply(frame, lambda rows: rows.slice(1))
    assert records.dtypes.equals(frame.dtypes)
    assert records.to_dict("list") == frame.iloc[1:].to_dict("list")
    mixed = frame.assign(kind=pd.Categorical(["u", "v"]))
    assert mk.apply(mixed, lambda rows: rows.slice(1)).dtypes.equals(mixed.dtypes)


def test_a_data_frame_of_which_nothing_goes_keeps_its_types() -> None:
    frame = pd.DataFrame(
        {"id": ["a", "b"], "text": ["x", "y"], "year": np.array([2020, 2021], np.int16)},
        index=[7, 9],
    )
    same, _ = mk.lint(frame, on_bad="keep")
    assert same.index.tolist() == [0, 1]
    assert same.dtypes.equals(frame.dtypes)
    same.loc[0, "id"] = "c"
    assert frame["id"].tolist() == ["a", "b"]


def test_dicts_with_different_keys_are_rows_of_one_table() -> None:
    table = opened([{"id": "a"}, {"id": "b", "year": 2024}]).rows
    assert table.to_pylist() == [{"id": "a", "year": None}, {"id": "b", "year": 2024}]


@pytest.mark.parametrize("rows", [
    3, "rows.jsonl", {"id": ["a"]}, [1, 2], None, pd.Series(["a"], name="id"), pl.Series("id", ["a"]),
    pl.LazyFrame({"id": ["a"]}),
])  # fmt: skip
def test_what_holds_no_rows_is_refused(rows: object) -> None:
    with pytest.raises(ArgumentError, match="in nothing that the library reads"):
        opened(rows)


@pytest.mark.parametrize("value", [
    2**70, "a\ud800", object(), np.datetime64("2024-01-01"), np.array(3), [1, "a"],
])  # fmt: skip
@pytest.mark.parametrize("frame", [list, pd.DataFrame])
def test_values_that_no_column_holds_are_refused(
    value: Any, frame: Callable[[list[dict[str, Any]]], Any]
) -> None:
    rows = frame([{"id": "a", "v": value}, {"id": "b", "v": ["text"]}])
    with pytest.raises(ArgumentError, match="no table"):
        opened(rows)


@pytest.mark.parametrize("rows", [
    [{}, {}], [{1: "a", "id": "x"}], [{None: "a"}], [{"\ud800": "a", "id": "x"}], ({},),
], ids=str)  # fmt: skip
def test_dicts_whose_keys_name_no_columns_are_refused(rows: Any) -> None:
    with pytest.raises(ArgumentError, match="the dicts make no table"):
        opened(rows)


def test_a_stream_is_chosen_from_by_its_ids() -> None:
    repeated = datasets.Dataset(pa.table({"id": ["a", "a"]})).to_iterable_dataset()
    with pytest.raises(ArgumentError, match="cannot be told apart"):
        choose(repeated, np.array([True, False]))


@settings(max_examples=examples(50), deadline=None)
@given(st.lists(st.integers(1, 9), max_size=6), st.data())
def test_choosing_is_filtering_whatever_the_chunks(sizes: list[int], data: st.DataObject) -> None:
    total = sum(sizes)
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=total, max_size=total)), bool)
    bounds = np.cumsum([0, *sizes])
    column = pa.chunked_array([pa.array(range(a, b), pa.int64()) for a, b in itertools.pairwise(bounds)],
                              pa.int64())  # fmt: skip
    table = pa.table({"n": column})
    assert choose(table, keep)["n"].to_pylist() == np.flatnonzero(keep).tolist()


@pytest.mark.slow
def test_many_chosen_rows_are_those_of_a_selection() -> None:
    size = (1 << 20) + 5_000
    data = datasets.Dataset(pa.table({"n": np.arange(size)}))
    keep = np.arange(size) % 1_001 > 0
    kept, others = choose(data, keep), choose(data, np.roll(keep, 1))
    assert kept.num_rows == int(keep.sum())
    assert kept[:3]["n"] == [1, 2, 3]
    assert kept[-1]["n"] == size - 1
    assert (kept.with_format("numpy")["n"][:] == np.flatnonzero(keep)).all()
    assert len({rows._fingerprint for rows in (data, kept, others)}) == 3
    again = pickle.loads(pickle.dumps(kept.select(range(2_000, 2_003))))
    assert again["n"][:] == kept[2_000:2_003]["n"]
    assert kept.with_format("arrow").select([5])["n"].to_pylist() == kept.select([5])["n"][:]
    assert choose(kept, np.arange(kept.num_rows) == 1_000)["n"][:] == [kept[1_000]["n"]]
    assert choose(data.with_format("numpy"), keep).format["type"] == "numpy"


@pytest.mark.parametrize(
    "rows",
    [
        pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["id", "id"]),
        pa.RecordBatch.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["id", "id"]),
        pd.DataFrame([["a", "b"]], columns=["id", "id"]),
    ],
)
def test_two_columns_of_one_name_are_told(rows: object) -> None:
    with pytest.raises(SchemaError, match="column 'id'"):
        opened(rows)
    with pytest.raises(SchemaError, match="column 'id'"):
        mk.option_balance(rows)
