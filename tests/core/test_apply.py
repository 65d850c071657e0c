"""One kernel, every engine: the same rows whatever holds the data and however it is cut."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from demo import demo, folder, jsonl, records
from hub import Hub
from laws import examples
from medqa_kit.core import apply as engines
from medqa_kit.core.apply import run
from medqa_kit.core.holders import batches
from medqa_kit.core.judging import Judged, findings_of, rows_that_go_on
from row_kinds import rows_in

TABLE = pa.table(
    {
        "n": pa.array([*range(23), None], pa.int64()),
        "text": [f"글 {i}" for i in range(24)],
        "tags": [["가"] * (i % 3) or None for i in range(24)],
    }
)


def add(table: pa.Table) -> pa.Table:
    """Another column, in front."""
    return table.add_column(0, "twice", pc.multiply(table["n"], 2))


def drop(table: pa.Table) -> pa.Table:
    """Fewer columns, in another order."""
    return table.select(["text", "n"])


def keep_even(table: pa.Table) -> pa.Table:
    """Fewer rows; of some batches none."""
    even = pc.equal(pc.bit_wise_and(table["n"], 1), 0)
    return table.filter(pc.fill_null(even, False))


def keep_none(table: pa.Table) -> pa.Table:
    return table.filter(pa.array([False] * table.num_rows, pa.bool_()))


def twice(table: pa.Table) -> pa.Table:
    """More rows."""
    return table.take(pa.array(np.repeat(np.arange(table.num_rows), 2)))


def retype(table: pa.Table) -> pa.Table:
    """The same name, another type."""
    at = table.column_names.index("n")
    return table.set_column(at, "n", table["n"].cast(pa.string()))


KERNELS = (add, drop, keep_even, keep_none, twice, retype)
CHAINS = (*((kernel,) for kernel in KERNELS), (add, keep_even, drop), (twice, keep_even, retype))
chains = pytest.mark.parametrize("kernels", CHAINS, ids=lambda c: "-".join(k.__name__ for k in c))


def all_at_once(table: pa.Table, kernels: tuple[mk.catalog.Kernel, ...]) -> pa.Table:
    for kernel in kernels:
        table = kernel(table)
    return table


def wrapped(table: pa.Table) -> dict[str, Any]:
    """The table in everything that apply knows."""
    data = datasets.Dataset(table)
    shuffled = datasets.concatenate_datasets([data.select([5]), data])  # has an index map
    return {
        "table": table,
        "chunked": pa.concat_tables([table.slice(0, 7), table.slice(7)]),
        "dataset": data,
        "selected": shuffled.select(range(1, len(table) + 1)) if len(table) > 5 else data,
        "dict": datasets.DatasetDict({"train": data})["train"],
        "iterable": stream(table),
    }


def stream(table: pa.Table, shards: int = 1) -> datasets.IterableDataset:
    if len(table):
        return datasets.Dataset(table).to_iterable_dataset(num_shards=min(shards, len(table)))
    nulls = pa.table([pa.nulls(1, field.type) for field in table.schema], table.column_names)
    return datasets.Dataset(nulls).to_iterable_dataset().take(0)


def content(data: Any) -> list[dict[str, Any]]:
    return list(mk.rows(data))


@chains
def test_the_same_rows_everywhere(
    hub: Hub, kernels: tuple[mk.catalog.Kernel, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BATCH_ROWS", 5)
    expected = all_at_once(TABLE, kernels)
    for kind, data in wrapped(TABLE).items():
        rows = mk.apply(data, *kernels)
        assert type(rows) is type(data), kind
        assert content(rows) == expected.to_pylist(), kind
        assert list(rows.column_names) == expected.column_names, kind
        if not isinstance(rows, pa.Table):
            assert rows.features.arrow_schema.types == expected.schema.types, kind


@pytest.mark.parametrize("streaming", [False, True])
def test_dicts_of_splits(hub: Hub, tmp_path: Path, streaming: bool) -> None:
    files = {"train.jsonl": jsonl(records(6)), "test.jsonl": jsonl(records(4))}
    data = mk.load(demo(), path=folder(tmp_path / "data", files), streaming=streaming)
    splits = mk.apply(data, first_two)
    assert type(splits) is type(data)
    assert {split: len(content(part)) for split, part in splits.items()} == {"train": 2, "test": 2}
    assert content(splits["train"])[0]["options"] == ["예", "아니오"]


def first_two(table: pa.Table) -> pa.Table:
    key = pc.cast(pc.replace_substring(table["id"], "demo_exam/", ""), pa.int64())
    return table.filter(pc.less(key, 2))


@chains
def test_empty_data_keeps_the_schema_a_kernel_gives(
    hub: Hub, kernels: tuple[mk.catalog.Kernel, ...]
) -> None:
    empty = TABLE.slice(0, 0)
    expected = all_at_once(empty, kernels).schema
    for kind, data in wrapped(empty).items():
        rows = mk.apply(data, *kernels)
        assert type(rows) is type(data), kind
        assert content(rows) == []
        assert list(rows.column_names) == expected.names, kind
        schema = rows.schema if isinstance(rows, pa.Table) else rows.features.arrow_schema
        assert schema.types == expected.types, kind


@pytest.mark.slow
@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(st.none() | st.integers(-9, 9), st.text(max_size=3)), max_size=30),
    batch=st.integers(1, 12),
    kernels=st.sampled_from(CHAINS),
    shards=st.integers(1, 4),
)
def test_batches_do_not_matter(
    hub: Hub, rows: list[tuple[int | None, str]], batch: int, kernels: Any, shards: int
) -> None:
    schema = pa.schema({"n": pa.int64(), "text": pa.string()})
    table = pa.Table.from_pylist([{"n": n, "text": text} for n, text in rows], schema)
    expected = all_at_once(table, kernels).to_pylist()
    before = table.to_pylist()
    was, engines.BATCH_ROWS = engines.BATCH_ROWS, batch
    try:
        assert mk.apply(table, *kernels).to_pylist() == expected
        data = datasets.Dataset(table)
        assert content(mk.apply(data, *kernels)) == expected
        assert content(mk.apply(stream(table, shards), *kernels)) == expected
    finally:
        engines.BATCH_ROWS = was
    assert table.to_pylist() == before


def test_no_kernel_gives_the_data_itself() -> None:
    assert mk.apply(TABLE) is TABLE


def test_what_apply_does_not_know() -> None:
    with pytest.raises(
        mk.errors.ArgumentError, match=r"nothing that the library reads(.|\n)*found: +a list of int"
    ):
        mk.apply([1, 2], add)


def test_a_stream_without_columns_is_refused(hub: Hub) -> None:
    unknown = datasets.IterableDataset.from_generator(lambda: iter([{"n": 1}]))
    with pytest.raises(mk.MedQAError, match="does not say which columns"):
        mk.apply(unknown, add)


GAPS = pa.table({
    "id": [f"r{n}" for n in range(9)], "text": ["x", None, "y"] * 3, "n": pa.array([None, 2, None] * 3, pa.int32()),
    "tags": pa.array([[], None, ["t"]] * 3, pa.list_(pa.string())),
})  # fmt: skip


def kept(row: dict[str, Any]) -> bool:
    return bool(row["id"] != "r4")


@pytest.mark.parametrize("size", [2, 10_000])
@pytest.mark.parametrize(
    "make",
    [
        lambda rows: rows.filter(kept),
        lambda rows: rows.shuffle(seed=1, buffer_size=4),
        lambda rows: rows.skip(2).take(5),
        lambda rows: rows.map(lambda row: row).cast(datasets.Features.from_arrow_schema(GAPS.schema)),
        lambda rows: rows.shuffle(seed=1).filter(kept, batched=False).skip(1),
    ],
)  # fmt: skip
def test_streams_that_hand_on_single_rows_keep_their_types(
    make: Any, size: int, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BATCH_ROWS", size)
    rows = make(datasets.Dataset(GAPS).to_iterable_dataset(num_shards=2))
    records = mk.apply(
        rows,
        lambda table: table.append_column("m", table["n"]),
        lambda table: table.drop_columns("n"),
    )
    expected = [{k: row[k] for k in ("id", "text", "tags")} | {"m": row["n"]} for row in rows]
    assert len(expected) >= 5
    assert [dict(row) for row in records] == expected
    assert records.features.arrow_schema.field("m").type == pa.int32()
    again = mk.apply(records.filter(kept), lambda table: table.select(["id", "m"]))
    assert [row["m"] for row in again] == [row["m"] for row in expected if kept(row)]
    for table in batches(rows):
        assert table.schema.types == GAPS.schema.types


def test_errors_of_kernels_come_as_they_are(hub: Hub) -> None:
    for data in wrapped(TABLE).values():
        with pytest.raises(mk.errors.LabelError, match="strange") as caught:
            content(mk.apply(data, strange))
        assert caught.value.rows == [1]


def strange(table: pa.Table) -> pa.Table:
    if table.num_rows:
        raise mk.errors.LabelError("strange", rows=[1])
    return table


# -- stale results


def test_a_changed_body_gives_changed_rows_downstream_too(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder(tmp_path / "site", {"plugin_kernel.py": b""}) / "plugin_kernel.py"
    monkeypatch.syspath_prepend(file.parent)
    data = mk.load(
        demo(), split="train", path=folder(tmp_path / "d", {"train.jsonl": jsonl(records())})
    )

    def use(number: str) -> list[int]:
        file.write_text(
            "import pyarrow as pa\n"
            f"def inner(): return {number}\n"
            "def kernel(table): return pa.table({'n': pa.array([inner()] * table.num_rows, pa.int64())})\n"
        )
        sys.modules.pop("plugin_kernel", None)
        importlib.invalidate_caches()
        applied = mk.apply(data, importlib.import_module("plugin_kernel").kernel)
        return applied.map(plus_one)["n"][:]

    assert use("1") == [2] * 6
    assert use("22") == [23] * 6
    assert use("333") == [334] * 6


def plus_one(row: dict[str, int]) -> dict[str, int]:
    return {"n": row["n"] + 1}


def test_what_a_kernel_holds_counts(hub: Hub, tmp_path: Path) -> None:
    data = mk.load(
        demo(), split="train", path=folder(tmp_path / "d", {"train.jsonl": jsonl(records())})
    )

    def over(limit: int) -> mk.catalog.Kernel:
        return lambda table: table.filter(pc.greater(table["year"], limit))

    results = [mk.apply(data, over(limit)) for limit in (2020, 2021, 2020)]
    assert [len(result) for result in results] == [4, 2, 4]
    assert results[0]._fingerprint == results[2]._fingerprint != results[1]._fingerprint


@dataclass(frozen=True)
class Since:
    """A kernel that remembers the sizes of the tables it has seen."""

    year: int

    @cached_property
    def sizes(self) -> list[int]:
        return []

    def __call__(self, table: pa.Table) -> pa.Table:
        self.sizes.append(table.num_rows)
        return table.filter(pc.greater(table["year"], self.year))


def test_what_a_kernel_remembers_while_it_works_does_not_count(hub: Hub, tmp_path: Path) -> None:
    data = mk.load(
        demo(), split="train", path=folder(tmp_path / "d", {"train.jsonl": jsonl(records())})
    )
    kernel = Since(2020)
    results = [mk.apply(data, kernel), mk.apply(data, kernel), mk.apply(data, Since(2021))]
    assert [len(result) for result in results] == [4, 4, 2]
    assert results[0]._fingerprint == results[1]._fingerprint != results[2]._fingerprint


def test_results_of_before_stay_when_a_kernel_is_applied_again(hub: Hub, tmp_path: Path) -> None:
    data = mk.load(
        demo(), split="train", path=folder(tmp_path / "d", {"train.jsonl": jsonl(records())})
    )
    first = mk.apply(data, first_two)
    rows = content(first)
    two = mk.apply(data, first_two)
    assert content(first) == rows == content(two)


@dataclass(frozen=True)
class Positive:
    """Keeps positive numbers, and says which rows are not."""

    verb = "positive"

    def judge(self, table: pa.Table) -> Judged:
        good = np.asarray(pc.greater(table["n"].combine_chunks(), 0), bool)
        bad = np.flatnonzero(~good)
        return Judged(
            table.filter(pa.array(good)),
            int(good.sum()),
            findings_of(table, bad, ["low"] * len(bad)),
        )

    def __call__(self, table: pa.Table) -> pa.Table:
        return rows_that_go_on(self, table)


def shuffled(table: pa.Table) -> datasets.Dataset:
    return datasets.Dataset(table).shuffle(seed=3)


HOLDERS: dict[str, Callable[[pa.Table], Any]] = {
    "table": lambda table: table,
    "chunked": lambda table: pa.concat_tables([table.slice(0, 7), table.slice(7)]),
    "dataset": datasets.Dataset,
    "shuffled": shuffled,
    "filtered": lambda table: shuffled(table).filter(lambda n: n < 9_000, input_columns="n"),
    "stream": lambda table: datasets.Dataset(table).to_iterable_dataset(),
    "splits": lambda table: datasets.DatasetDict({split: datasets.Dataset(table) for split in "ab"}),
    "streams": lambda table: datasets.IterableDatasetDict(
        {split: datasets.Dataset(table).to_iterable_dataset() for split in "ab"}
    ),
    "pandas": pa.Table.to_pandas,
    "polars": polars.from_arrow,
    "dicts": pa.Table.to_pylist,
}  # fmt: skip


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.slow
def test_a_judging_kernel_counts_and_lists_what_it_drops(name: str, hub: Hub) -> None:
    many = pa.table({"id": [f"r{i}" for i in range(25_000)], "n": np.arange(25_000) % 10_000 - 1})
    rows = HOLDERS[name](many)
    before = rows_in(rows)
    good = [row for row in before if row["n"] > 0]
    kept, report = run(rows, Positive())
    assert type(kept) is type(rows)
    assert rows_in(kept) == good
    assert (report.rows, report.kept) == (len(before), len(good))
    assert [before[at]["id"] for at in report.findings["row"].to_pylist()] == [
        row["id"] for row in before if row["n"] <= 0
    ]
    with pytest.warns(mk.errors.DroppedRowsWarning, match="positive drops"):
        assert rows_in(mk.apply(rows, Positive())) == good


def test_what_is_made_of_rows_in_memory_is_in_memory(hub: Hub) -> None:
    record = mk.record("trl/prompt-completion")
    stored = mk.load("kormedmcqa", subset="doctor", split="train", origin="sample")
    loose = datasets.Dataset(stored.data.table)
    for rows, same in ((stored, loose), (stored.shuffle(seed=1), loose.shuffle(seed=1))):
        written, records = mk.apply(rows, record), mk.apply(same, record)
        assert written.cache_files
        assert not records.cache_files
        assert records.to_list() == written.to_list()
        assert records.features == written.features
        assert records.split == same.split


@pytest.mark.parametrize("kernel", ["alpaca", {"a": 1}, [{"id": "b"}], None, TABLE])
def test_what_is_no_kernel_is_told(kernel: Any) -> None:
    with pytest.raises(mk.errors.ArgumentError, match="kernels") as error:
        mk.apply(TABLE, kernel)
    assert type(kernel).__qualname__ in str(error.value)
