"""Loading against bare ``load_dataset``; text files; archives of many small files.

Cold and warm loads are of 500,000 rows at least, whatever is asked for: of few rows, what a load costs
once would be compared.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
from exam_rows import exam_rows, kormedmcqa_file
from measuring import Bar, fresh, least, rate, ratio

import medqa_kit as mk
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.read_files import read_files

_LOADED = 500_000
_TREE = ("aihub_telemedicine_speech", "patient")


def bars(rows: int, folder: Path) -> Iterator[Bar]:
    """Compare cold and warm loads, streams, and archives of growing size."""
    yield from _loads(max(rows, _LOADED), folder)
    yield from _texts(folder)
    yield from _archives(folder)


def _loads(rows: int, folder: Path) -> Iterator[Bar]:
    some = exam_rows(20_000)
    table = pa.concat_tables([some] * (rows // len(some) + 1)).slice(0, rows)
    file = kormedmcqa_file(folder / "exam", table)

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


_READ = """
import sys, medqa_kit as mk
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.read_files import read_files
layout = mk.source("chinese_medical_dialogue").layout
rows = sum(len(batch.table) for batch in read_files([File("t.csv", {!r})], layout, source="", part=""))
print(dict(line.split(":", 1) for line in open("/proc/self/status"))["VmHWM"].split()[0])
"""


def _texts(folder: Path) -> Iterator[Bar]:
    """Read CSV in GB18030: how fast, and whether memory grows with the file (on Linux)."""
    draw, signs = random.Random(0), [chr(code) for code in range(0x4E00, 0x9000)]
    rows = [["".join(draw.choices(signs, k=length)) for length in (3, 8, 20, 60)]
            for _ in range(20_000)]  # fmt: skip
    files = {}
    for times in (8, 32):  # 30 and 120 MB
        files[times] = folder / f"texts{times}.csv"
        with files[times].open("w", encoding="gb18030", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["department", "title", "ask", "answer"])
            for _ in range(times):
                writer.writerows(rows)
    layout, large = mk.source("chinese_medical_dialogue").layout, files[32]
    (cost, count), *_ = least(lambda: sum(
        len(batch.table) for batch in read_files(
            [File(large.name, str(large))], layout, source="benchmark", part="texts")))  # fmt: skip
    assert count == 32 * len(rows)
    yield rate("CSV in GB18030", round(large.stat().st_size / 1e6), cost, aim=80, unit="MB/s")
    small, big = (float(fresh(_READ.format(str(file)))()) for file in files.values())
    yield Bar("peak memory of 120 MB of CSV against 30 MB", big / small, 1.1, "at most", "×")


def _archives(folder: Path) -> Iterator[Bar]:
    counts = (2_000, 8_000)
    trees = [_tree(folder / f"tree{count}", count) for count in counts]

    def read(tree: Path) -> int:
        stream = mk.load(_TREE[0], subset=_TREE[1], split="train", path=tree, streaming=True)
        return sum(1 for _ in stream)

    # In turns and several times: the smaller one takes a fifth of a second, which other work may double.
    few, many = least(*(partial(read, tree) for tree in trees), times=5)
    assert (few[1], many[1]) == counts
    yield ratio(
        "streaming a zip of 8,000 files against one of 2,000",
        many[0],
        few[0],
        aim=5,
        sense="at most",
    )


def _tree(tree: Path, count: int) -> Path:
    """Write a folder with a zip of as many small files."""
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
    return tree
