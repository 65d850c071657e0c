"""What Ray Data and Spark cost on one machine, beside the same verbs on a table.

    python benchmarks/engines.py --rows 200000

Seconds by the clock, each with the engine warm; its start stands apart. The rows that come out are
counted on every way, so no lazy one gets off lightly.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from exam_rows import exam_rows, holdout_items

import medqa_kit as mk

_PARTS = 8


class Way(NamedTuple):
    """A way to hold rows, the seconds its start took, and how to read them and to count them."""

    name: str
    start: float
    read: Callable[[], Any]
    count: Callable[[Any], int]


def ways(folder: Path) -> Iterator[Way]:
    """Start one engine after the other."""
    yield Way("table", 0.0, lambda: pq.read_table(folder), len)
    begin = time.perf_counter()
    import ray
    import ray.data

    ray.init(num_cpus=2, object_store_memory=300 << 20, include_dashboard=False, log_to_driver=False,
             logging_level="ERROR")  # fmt: skip
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield Way("Ray Data", time.perf_counter() - begin, lambda: ray.data.read_parquet(str(folder)),
              lambda held: held.materialize().count())  # fmt: skip
    ray.shutdown()
    begin = time.perf_counter()
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]").config("spark.driver.memory", "1g")
        .config("spark.ui.enabled", "false").config("spark.log.level", "ERROR").getOrCreate()
    )  # fmt: skip
    yield Way("Spark", time.perf_counter() - begin, lambda: session.read.parquet(str(folder)),
              lambda held: held.toArrow().num_rows)  # fmt: skip
    session.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    count = parser.parse_args().rows
    warnings.simplefilter("ignore")
    holdout = mk.Holdout.from_rows(holdout_items(1000), reason="benchmark")
    kernel = mk.record("trl/prompt-completion")
    work: dict[str, Callable[[Any], Any]] = {
        "read alone": lambda rows: rows,
        "apply(record)": lambda rows: mk.apply(rows, kernel),
        "exclude": lambda rows: mk.exclude(rows, holdout)[0],
        "dedupe, exact": lambda rows: mk.dedupe(rows, near=None)[0],
        "dedupe, near": lambda rows: mk.dedupe(rows)[0],
    }
    with tempfile.TemporaryDirectory(prefix="medqa_kit-engines-") as folder:
        table, step = exam_rows(count), -(-count // _PARTS)
        for part in range(_PARTS):
            pq.write_table(table.slice(part * step, step), f"{folder}/{part}.parquet")
        del table
        pa.default_memory_pool().release_unused()
        print(f"{count:,} rows, seconds by the clock, load {os.getloadavg()[0]:.1f}\n")
        print(f"| way | start | {' | '.join(work)} |\n| --- |{' ---: |' * (len(work) + 1)}")
        counts: list[list[int]] = []
        for way in ways(Path(folder)):
            way.count(work["apply(record)"](way.read()))  # warm
            seconds, left = [], []
            for do in work.values():
                begin = time.perf_counter()
                left.append(way.count(do(way.read())))
                seconds.append(time.perf_counter() - begin)
            print(f"| {way.name} | {way.start:.1f} | {' | '.join(f'{s:.1f}' for s in seconds)} |", flush=True)  # fmt: skip
            counts.append(left)
            assert left == counts[0], counts


if __name__ == "__main__":
    main()
