"""Streams mixed: the rows that tables give, in the order of each set, evenly spread."""

from __future__ import annotations

from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.core.arrow.hashing import key_order
from medqa_kit.errors import ArgumentError, SchemaError


def _table(prefix: str, count: int) -> pa.Table:
    texts = ["가" * (n % 7 + 1) for n in range(count)]
    return pa.table(
        {"id": [f"{prefix}/{n}" for n in range(count)], "text": pa.array(texts, pa.string())}
    )


def _stream(table: pa.Table) -> datasets.IterableDataset:
    if not table.num_rows:
        return datasets.IterableDataset.from_generator(
            lambda: iter(()), features=datasets.Features.from_arrow_schema(table.schema)
        )
    return datasets.Dataset(table).to_iterable_dataset(num_shards=3 if table.num_rows > 3 else 1)


def _ids(rows: Any) -> list[str]:
    return [row["id"] for row in (rows.to_pylist() if isinstance(rows, pa.Table) else rows)]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=3),
    st.sampled_from(["rows", "chars"]),
    st.data(),
)
@pytest.mark.slow
def test_streams_give_the_rows_and_the_report_of_tables(
    sizes: list[int], by: Any, data: st.DataObject
) -> None:
    tables = {f"s{n}": _table(f"s{n}", size) for n, size in enumerate(sizes)}
    how = {"weights": {name: data.draw(st.integers(1, 5)) for name in tables}, "by": by, "seed": 3,
           "until": data.draw(st.sampled_from(["first", "last"])), "max_repeat": 10_000.0}  # fmt: skip
    rows, report = mk.mix(tables, **how)
    streamed, told = mk.mix({name: _stream(table) for name, table in tables.items()}, **how)
    assert isinstance(streamed, datasets.IterableDataset)
    ids = _ids(streamed)
    assert sorted(ids) == sorted(_ids(rows))
    assert (told.counts, told.rows, told.kept) == (report.counts, report.rows, report.kept)
    assert ids == _ids(streamed), "a second pass gives the same"


def test_each_set_keeps_its_order_and_is_spread_evenly() -> None:
    sets = {"a": _stream(_table("a", 9000)), "b": _stream(_table("b", 3000))}
    rows, report = mk.mix(sets, weights={"a": 3, "b": 1}, seed=0)
    listed = list(rows)
    assert [row["source"] for row in listed].count("b") == report.counts["b rows"] == 3000
    for name in "ab":
        own = [int(row["id"].split("/")[1]) for row in listed if row["source"] == name]
        assert own == sorted(own)
    marks = np.cumsum([row["source"] == "b" for row in listed])
    assert np.abs(marks - np.arange(1, len(marks) + 1) / 4).max() <= 1


def test_a_row_less_changes_no_other_choice() -> None:
    whole = _table("a", 400)
    sets = {"a": _stream(whole), "b": _stream(_table("b", 50))}
    first = set(_ids(mk.mix(sets, weights={"a": 1, "b": 1}, total=90, seed=1)[0]))
    gone = next(iter(sorted(name for name in first if name.startswith("a/"))))
    rest = whole.filter(pa.compute.not_equal(whole["id"], gone))
    second = set(
        _ids(mk.mix({**sets, "a": _stream(rest)}, weights={"a": 1, "b": 1}, total=90, seed=1)[0])
    )
    assert first - second == {gone}
    assert len(second - first) == 1


def test_an_empty_stream_duplicates_nothing() -> None:
    sets = {"a": _stream(_table("a", 12)), "none": _stream(_table("n", 0))}
    rows, report = mk.mix(sets, weights={"a": 1, "none": 0}, seed=0)
    assert sorted(_ids(rows)) == sorted(_table("a", 12)["id"].to_pylist())
    assert report.counts["none rows"] == 0
    with pytest.raises(ArgumentError, match="has no rows"):
        mk.mix(sets, weights={"a": 1, "none": 1}, seed=0)


def test_a_source_that_rows_say_stays() -> None:
    own = _table("a", 4).append_column("source", pa.array(["mine"] * 4))
    rows, _ = mk.mix({"a": _stream(own)}, seed=0)
    assert {row["source"] for row in rows} == {"mine"}


def test_what_is_no_stream_like_the_others_is_refused() -> None:
    stream = _stream(_table("a", 4))
    with pytest.raises(ArgumentError, match="different kinds"):
        mk.mix({"a": stream, "b": _table("b", 4)}, seed=0)
    with pytest.raises(SchemaError, match="different columns"):
        mk.mix({"a": stream, "b": _stream(_table("b", 4).rename_columns(["id", "words"]))}, seed=0)
    with pytest.raises(SchemaError, match="need an id"):
        mk.mix({"a": _stream(pa.table({"text": ["x"]}))}, seed=0)
    with pytest.raises(ArgumentError, match="dict of splits"):
        mk.mix({"a": datasets.IterableDatasetDict({"train": stream})}, seed=0)


def test_shuffled_and_filtered_sets_give_the_same_choice() -> None:
    data = datasets.Dataset(_table("a", 200))
    plain = mk.mix({"a": data, "b": datasets.Dataset(_table("b", 50))}, total=60, seed=2)[0]
    mixed = mk.mix({"a": data.shuffle(seed=7), "b": datasets.Dataset(_table("b", 60)).filter(
        lambda row: int(row["id"][2:]) < 50)}, total=60, seed=2)[0]  # fmt: skip
    assert _ids(mixed) == _ids(plain)


@given(
    st.lists(
        st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2, 1 << 63, (1 << 63) + 1]), max_size=60
    )
)
def test_keys_are_ordered_as_argsort_does(keys: list[int]) -> None:
    array = np.array(keys, np.uint64)
    assert key_order(array).tolist() == np.argsort(array, kind="stable").tolist()
