"""An invented source for the tests, on a hub of ours, in every file format; and ways to read it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from hub import Hub

PIN, LATER = "1" * 40, "2" * 40
REPO = "demo/exam"
RAW = pa.schema(
    {
        "number": pa.int64(),
        "year": pa.int32(),
        "question": pa.string(),
        "a": pa.string(),
        "b": pa.string(),
        "key": pa.int64(),
    }
)
COLUMNS = mk.normalizing.Columns(
    take={"question": "question", "year": "year"},
    options=("a", "b"),
    index="key",
    first=1,
    key=("number",),
)


def demo(files: str = "{split}*.jsonl", **layout: Any) -> mk.Source:
    """The source, with files of another format or layout if need be."""
    return mk.Source(
        name="demo_exam",
        title="Demo exam",
        about="Invented questions.",
        language=("ko",),
        layout=mk.catalog.Layout(
            **{
                "at": mk.catalog.Hub(REPO, revision=PIN),
                "files": files,
                "raw": RAW,
                "schema": mk.schemas.QA,
                "normalize": COLUMNS,
                **layout,
            }
        ),
        parts=(mk.catalog.Part(None, "train"), mk.catalog.Part(None, "test", evaluation=True)),
        license=(mk.catalog.Claim("CC-BY-4.0", "invented for a test"),),
        citation="@misc{demo, title={Demo exam}, year={2024}}",
    )


def records(count: int = 6, start: int = 0) -> list[dict[str, Any]]:
    return [
        {"number": n, "year": 2020 + n % 4, "question": f"{n}은 짝수인가?", "a": "예", "b": "아니오",
         "key": 1 + n % 2}
        for n in range(start, start + count)
    ]  # fmt: skip


def table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], RAW)


def jsonl(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def array(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return json.dumps(list(rows), ensure_ascii=False).encode()


def csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pyarrow.csv.write_csv(table(rows), sink)
    return sink.getvalue()


def parquet(rows: Sequence[Mapping[str, Any]] | pa.Table, group: int = 1000) -> bytes:
    sink = io.BytesIO()
    content = rows if isinstance(rows, pa.Table) else table(rows)
    pq.write_table(content, sink, row_group_size=group)
    return sink.getvalue()


WRITERS: dict[str, Callable[[Sequence[Mapping[str, Any]]], bytes]] = {
    "jsonl": jsonl, "json": array, "csv": csv, "parquet": parquet,
}  # fmt: skip

DECOY = {"train.jsonl": b'{"number": "moved"}\n', "test.jsonl": b"", "README.md": b"later"}


def serve(hub: Hub, files: Mapping[str, bytes] | None = None) -> mk.Source:
    """Put files at the pinned commit, and later on others onto main, that nobody may read."""
    contents = files or {"train.jsonl": jsonl(records(6)), "test.jsonl": jsonl(records(4, 100))}
    hub.repo(REPO).commit(PIN, contents, branch=None).commit(LATER, DECOY)
    return demo()


def folder(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a folder."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def pinned(source: mk.Source, revision: str | None) -> mk.Source:
    """The source at another revision, or floating."""
    assert isinstance(source.layout, mk.catalog.Layout)
    return replace(
        source, layout=replace(source.layout, at=mk.catalog.Hub(REPO, revision=revision))
    )


Read = Callable[..., list[dict[str, Any]]]


def reading(streaming: bool) -> Read:
    """Load a source and give its rows: errors come at the load or, streaming, while reading."""

    def read(source: str | mk.Source, **arguments: Any) -> list[dict[str, Any]]:
        data = mk.load(source, streaming=streaming, **{"split": "train", **arguments})
        return list(mk.rows(data))

    return read


both_ways = pytest.mark.parametrize("read", [reading(False), reading(True)], ids=["map", "stream"])
