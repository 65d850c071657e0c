"""Reading straight from a hub: nothing is downloaded that is not read."""

from __future__ import annotations

import io
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub import Hub
from medqa_kit.catalog.layouts import Layout
from medqa_kit.catalog.places import LocalFiles
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.read_files import read_files

NAME, COMMIT = "demo-owner/demo", "d" * 40
RAW = pa.schema({"id": pa.int64(), "text": pa.string()})


def layout(raw: pa.Schema = RAW) -> Layout:
    return Layout(at=LocalFiles("x"), files="*", raw=raw, normalize=lambda table: table,
                  schema=pa.schema([]), extra="ignore")  # fmt: skip


def file(name: str, token: str | None = None) -> File:
    return File(name, f"hf://datasets/{NAME}@{COMMIT}/{name}", token=token)


@pytest.fixture
def table() -> pa.Table:
    words = random.Random(0)
    return pa.table({"id": range(24), "text": [words.randbytes(500_000).hex() for _ in range(24)]},
                    schema=RAW)  # fmt: skip


def test_the_first_rows_come_before_the_rest_is_fetched(hub: Hub, table: pa.Table) -> None:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=1, use_dictionary=False)
    size = len(sink.getvalue())
    hub.repo(NAME).commit(COMMIT, {"a.parquet": sink.getvalue()})
    stream = read_files([file("a.parquet")], layout(), source="demo", part="train", batch_rows=1)
    assert next(stream).table.to_pylist() == table.slice(0, 1).to_pylist()
    assert 0 < hub.bytes_sent("*/a.parquet") < size / 2
    assert sum(batch.table.num_rows for batch in stream) == 23


def test_columns_nobody_wants_stay_there(hub: Hub, table: pa.Table) -> None:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=24, use_dictionary=False)
    hub.repo(NAME).commit(COMMIT, {"a.parquet": sink.getvalue()})
    declared = layout(pa.schema({"id": pa.int64()}))
    (batch,) = read_files([file("a.parquet")], declared, source="demo", part="train")
    assert batch.table["id"].to_pylist() == list(range(24))
    assert 0 < hub.bytes_sent("*/a.parquet") < len(sink.getvalue()) / 2


def test_text_is_streamed(hub: Hub, table: pa.Table) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in table.to_pylist()).encode()
    hub.repo(NAME).commit(COMMIT, {"a.jsonl": lines})
    stream = read_files([file("a.jsonl")], layout(), source="demo", part="train", batch_rows=1)
    first = next(stream)
    assert first.place(0) == ("a.jsonl", 0)
    assert 0 < hub.bytes_sent("*/a.jsonl") < len(lines) * 0.75
    assert [first.table, *(batch.table for batch in stream)][-1]["id"].to_pylist() == [23]
