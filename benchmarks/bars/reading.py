"""Loading against bare ``load_dataset``; text files; archives of many small files."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
from exam_rows import exam_rows, kormedmcqa_file
from measuring import Bar, least, once, ratio

import medqa_kit as mk

_TREE = ("aihub_telemedicine_speech", "patient")


def bars(rows: int, folder: Path) -> Iterator[Bar]:
    """Compare cold and warm loads, streams, and archives of growing size."""
    yield from _loads(rows, folder)
    yield from _archives(folder)


def _loads(rows: int, folder: Path) -> Iterator[Bar]:
    file = kormedmcqa_file(folder / "exam", exam_rows(rows))

    def bare(cache: Path, **more: Any) -> Any:
        return datasets.load_dataset(
            "parquet", data_files=str(file), split="train", cache_dir=str(cache), **more
        )

    def ours(cache: Path, **more: Any) -> Any:
        return mk.load(
            "kormedmcqa", subset="doctor", split="train", path=file, cache_dir=cache, **more
        )

    def cold(load: Any, name: str) -> Any:
        shutil.rmtree(folder / name, ignore_errors=True)
        return load(folder / name)

    def streamed(load: Any) -> int:
        batches = load(folder / "none", streaming=True).with_format("arrow").iter(10_000)
        return sum(len(batch) for batch in batches)

    (mine, _), (theirs, _) = least(lambda: cold(ours, "ours"), lambda: cold(bare, "bare"), times=4)
    yield ratio("cold load against load_dataset", mine, theirs, aim=1.7, sense="at most")
    yield ratio(
        "cold load against load_dataset", mine, theirs, aim=1.3, sense="at most", clock="wall"
    )
    (mine, _), (theirs, _) = least(
        lambda: ours(folder / "ours"), lambda: bare(folder / "bare"), times=4
    )
    yield Bar(
        "warm load takes longer by", mine.wall - theirs.wall, 0.03, "at most", "s", mine, theirs
    )
    (mine, one), (theirs, other) = least(lambda: streamed(ours), lambda: streamed(bare))
    assert one == other == rows
    yield ratio("streamed batches against load_dataset", mine, theirs, aim=0.5, sense="at least")


def _archives(folder: Path) -> Iterator[Bar]:
    costs = []
    for count in (2_000, 8_000):
        tree = folder / f"tree{count}"
        (tree / "Training").mkdir(parents=True)
        with zipfile.ZipFile(
            tree / "Training" / "[T]라벨링데이터.zip", "w", zipfile.ZIP_DEFLATED
        ) as archive:
            for number in range(count):
                name = f"P{number:06d}"
                content = {
                    "전사정보": {"LabelText": f"{number}일 전부터 목이 따끔거려요."},
                    "파일정보": {"FileName": name},
                }
                archive.writestr(
                    f"medsub/환자/P001/{name}.json", json.dumps(content, ensure_ascii=False)
                )
        stream = mk.load(_TREE[0], subset=_TREE[1], split="train", path=tree, streaming=True)
        cost, read = once(lambda: sum(1 for _ in stream))  # noqa: B023  # run at once
        assert read == count
        costs.append(cost)
    yield ratio(
        "streaming a zip of 8,000 files against one of 2,000",
        costs[1],
        costs[0],
        aim=5,
        sense="at most",
    )
