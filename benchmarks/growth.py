"""Seconds and memory against rows, 100 k to 5 M: the held-out check and the near-dedupe.

    python benchmarks/growth.py                              # about five minutes on two cores
    python benchmarks/growth.py --plot docs/_static/growth.svg   # needs matplotlib

Each size runs in a process of its own, so that its peak memory is its own. Rows are invented and of
half prose of the field, see ``decontamination.py``. For the dedupe no two rows are the same by
repetition: each is six sentences drawn from a pool, one row in ten an earlier one less a sentence.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from decontamination import block, holdout_items, repeated
from exam_text import LANGUAGES, Writer
from gauntlet import held_table
from medqa_kit.decontamination.exclusion import search
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.splitting.deduplication import dedupe

SIZES = (100_000, 500_000, 1_000_000, 5_000_000)
SENTENCES, POOL, CHUNK = 6, 60_000, 250_000


def sentences() -> pa.Array:
    return pa.array([text for one in LANGUAGES for writer in [Writer(one, 7)]
                     for text in (writer.prose(1) for _ in range(POOL // 3))])  # fmt: skip


def different(rows: int) -> pa.Table:
    """Draw rows; one in ten is the row five before it without its last sentence."""
    pool, draw, tables = sentences(), np.random.default_rng(1), []
    for begin in range(0, rows, CHUNK):
        count = min(CHUNK, rows - begin)
        third = draw.integers(0, 3, count)[:, None] * (POOL // 3)  # one language a row
        which = third + draw.integers(0, POOL // 3, (count, SENTENCES))
        lengths = np.full(count, SENTENCES)
        copies = np.arange(9, count, 10)
        which[copies], lengths[copies] = which[copies - 5], SENTENCES - 1
        keep = np.arange(SENTENCES)[None, :] < lengths[:, None]
        ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        words = pa.ListArray.from_arrays(pa.array(ends), pool.take(pa.array(which[keep])))
        ids = pc.binary_join_element_wise(
            "r", pa.array(range(begin, begin + count)).cast("string"), "/"
        )
        tables.append(pa.table({"id": ids, "text": pc.binary_join(words, " ")}))
    return pa.concat_tables(tables)


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(what: str, rows: int) -> dict[str, float]:
    """Run one size; a hundred rows first, to compile."""
    if what == "holdout":
        held = holdout_items(5000)
        holdout = Holdout.from_rows(held_table(held), reason="benchmark")
        table, _ = block(held, "field")
        search(table.slice(0, 100), holdout)
        data = repeated(table, rows)
    else:
        data = different(rows)
        dedupe(data.slice(0, 100))
    before, start = memory(), time.perf_counter()
    if what == "holdout":
        extra = len(search(data, holdout, threads=2).findings) / rows
    else:
        extra = dedupe(data, threads=2)[1].counts["pairs compared"] / rows
    return {"rows": rows, "seconds": time.perf_counter() - start, "before": before,
            "peak": memory(), "a row": extra}  # fmt: skip


def plot(points: dict[str, list[dict[str, float]]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "growth"
    from matplotlib import pyplot as plt

    figure, (seconds, peak) = plt.subplots(1, 2, figsize=(8, 3.2))
    names = {"holdout": "check against 5,000 items", "dedupe": "near-dedupe"}
    for (what, found), mark in zip(points.items(), "os", strict=True):
        rows = [point["rows"] / 1e6 for point in found]
        seconds.plot(rows, [point["seconds"] for point in found], f"{mark}-", label=names[what])
        peak.plot(rows, [point["peak"] - point["before"] for point in found], f"{mark}-")
    seconds.set(xlabel="million rows", ylabel="seconds, two cores", xlim=0, ylim=0)
    peak.set(xlabel="million rows", ylabel="MB beside the data", xlim=0, ylim=0)
    seconds.legend(frameon=False)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(measure(chosen.one[0], int(chosen.one[1]))))
        return
    points: dict[str, list[dict[str, float]]] = {}
    for what in ("holdout", "dedupe"):
        for rows in SIZES:
            done = subprocess.run([sys.executable, __file__, "--one", what, str(rows)],
                                  check=True, capture_output=True, text=True)  # fmt: skip
            point = json.loads(done.stdout)
            points.setdefault(what, []).append(point)
            print(f"{what:8} {rows:>9,} rows {point['seconds']:7.1f} s {rows / point['seconds']:>9,.0f} rows/s  "
                  f"+{point['peak'] - point['before']:,.0f} MB  {point['a row']:.3f} "
                  f"{'matches' if what == 'holdout' else 'candidates'} a row", flush=True)  # fmt: skip
    if chosen.plot:
        plot(points, chosen.plot)


if __name__ == "__main__":
    main()
