"""What a build costs beside a pipeline written by hand and a bare read and write of the same Parquet.

    python benchmarks/build.py --rows 100000 1000000 --processes 2

Rows are exam rows of some 660 bytes, six in a hundred with markup; past 200,000 they are sentences of those before in
other orders, with the options of one. The items of five tests are held out, and one row in 500 is such an item. Each way runs twice in a process of its
own, with the rows written before: once for its seconds of processor time and by the clock, and once for the peak of PSS and of
anonymous memory of it and its children, looked at ten times a second, which takes time itself. The stages of the build are those of
the log of the first.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bars.building import RECIPE
from exam_rows import exam_rows, kormedmcqa_file, kormedmcqa_tests, rearranged

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of <linux/prctl.h>
_STEP = 50_000  # rows made at a time
_LEAKED = 500  # one row in as many is an item of a test
_WRITTEN = 200_000  # the sentences of these are put together anew for those that follow
_WAYS = {
    "build": """
import warnings; warnings.simplefilter("ignore")
import medqa_kit as mk
if __name__ == "__main__":
    mk.build("{folder}/recipe.toml", out="{folder}/ours", cache_dir="{folder}/cache", log="{folder}/stages.log",
             quiet=True, processes={processes})
""",
    "by hand": """
import sys; sys.path.insert(0, "{here}")
from pathlib import Path
import datasets, pyarrow.parquet as pq
datasets.disable_progress_bars()
from bars.building import by_hand, word_runs
folder = Path("{folder}")
tests = sorted((folder / "exam").rglob("test-*.parquet"))
held = {{run for file in tests for text in pq.read_table(file)["question"].to_pylist() for run in word_runs(text)}}
by_hand(next((folder / "exam").rglob("train-*.parquet")), held, folder / "theirs")
""",
    "bare": """
import pyarrow.parquet as pq
from pathlib import Path
file = pq.ParquetFile(next(Path("{folder}/exam").rglob("train-*.parquet")))
with pq.ParquetWriter("{folder}/bare.parquet", file.schema_arrow) as writer:
    for group in range(file.num_row_groups):
        writer.write_table(file.read_row_group(group))
""",
}


_WRITES = ("ours", "cache", "theirs")  # folders of a way, which begins without them


class Spent(NamedTuple):
    """Seconds of processor time and by the clock."""

    cpu: float
    wall: float


class Peaks(NamedTuple):
    """Most memory at once, in megabytes."""

    pss: float
    anonymous: float


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, nargs="+", default=[100_000])
    asked.add_argument("--processes", type=int, default=1)
    asked.add_argument("--only", nargs="+", choices=list(_WAYS), default=list(_WAYS))
    given = asked.parse_args()
    with suppress(OSError, AttributeError):  # Linux: orphans of what it starts are its children
        ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}, "
          f"Arrow {pa.__version__}, {given.processes} processes\n")  # fmt: skip
    print("| rows | way | processor, s | clock, s | rows/s | PSS, MB | anonymous, MB |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for rows in given.rows:
        with tempfile.TemporaryDirectory(prefix="medqa_kit-build-") as folder:
            _compare(Path(folder), rows, given.processes, given.only)


def _compare(folder: Path, rows: int, processes: int, only: list[str]) -> None:
    _write_rows(folder, rows)
    spent, stages = {}, []
    for name in only:
        words = {"folder": folder, "here": Path(__file__).parent, "processes": processes}
        script = folder / "way.py"
        script.write_text(_WAYS[name].format(**words), "utf-8")
        spent[name] = _timed(script)
        log = (folder / "stages.log").read_text("utf-8") if name == "build" else ""
        for place in _WRITES:
            shutil.rmtree(folder / place, ignore_errors=True)
        peaks, (cpu, wall) = _watched(script), spent[name]
        print(f"| {rows:,} | {name} | {cpu:.1f} | {wall:.1f} | {rows / wall:,.0f} | {peaks.pss:,.0f} "
              f"| {peaks.anonymous:,.0f} |", flush=True)  # fmt: skip
        stages += log.splitlines()
    for line in stages:
        print("    " + line.partition(" ")[2])
    if "build" in spent:
        for name in spent.keys() - {"build"}:
            ours, other = spent["build"], spent[name]
            print(f"    build takes {ours.cpu / other.cpu:.2f} of the processor time of {name}, "
                  f"{ours.wall / other.wall:.2f} by the clock")  # fmt: skip


def _write_rows(folder: Path, rows: int) -> None:
    """Write rows and tests as KorMedMCQA lays them out, a few at a time: more than memory holds."""
    kormedmcqa_tests(folder / "exam")
    tests = pa.concat_tables(map(pq.read_table, sorted((folder / "exam").rglob("test-*.parquet"))))
    with ExitStack() as opened:
        writer: pq.ParquetWriter | None = None
        written: list[pa.Table] = []
        for at in range(0, rows, _STEP):
            count = min(_STEP, rows - at)
            if at < _WRITTEN:
                made = exam_rows(count, seed=at, prefix=f"row/{at}")
                step = pq.read_table(kormedmcqa_file(folder / "step", made))
                written.append(step)
            else:
                step = rearranged(pa.concat_tables(written), count, seed=at)
            step = _with_tests(step, tests, at)
            numbers = pa.array(range(at, at + step.num_rows))
            place = step.column_names.index("q_number")
            step = step.set_column(place, "q_number", numbers.cast(step.schema.field(place).type))
            if writer is None:
                file = folder / "exam" / "doctor" / "train-00000-of-00001.parquet"
                writer = opened.enter_context(pq.ParquetWriter(file, step.schema))
            writer.write_table(step, row_group_size=10_000)
    (folder / "recipe.toml").write_text(RECIPE.format(path=folder / "exam"), "utf-8")


def _with_tests(step: pa.Table, tests: pa.Table, first: int) -> pa.Table:
    """Put an item of a test in the place of one row in so many."""
    places = np.arange(step.num_rows)
    leaks = places % _LEAKED == _LEAKED // 2
    places[leaks] = step.num_rows + (first + places[leaks]) // _LEAKED % tests.num_rows
    for name in ("subject", "year"):  # by which a part is known
        own = step[name].take(pa.array(np.arange(tests.num_rows) % step.num_rows))
        tests = tests.set_column(tests.column_names.index(name), name, own)
    return pa.concat_tables([step, tests.select(step.column_names)]).take(pa.array(places))


def _timed(script: Path) -> Spent:
    begin, before = time.perf_counter(), os.times()
    _ended_well(subprocess.run([sys.executable, str(script)], check=False).returncode, script)
    wall = time.perf_counter() - begin
    with suppress(ChildProcessError):  # also what its worker processes took is added up then
        while True:
            os.wait()
    after = os.times()
    user, system = (after.children_user - before.children_user, after.children_system - before.children_system)  # fmt: skip
    return Spent(user + system, wall)


def _watched(script: Path) -> Peaks:
    """Run a script and look at the memory of it and its children as it goes."""
    peaks = Peaks(0.0, 0.0)
    with subprocess.Popen([sys.executable, str(script)]) as process:
        while process.poll() is None:
            sizes = [_memory(member) for member in _family(process.pid)]
            pss, anonymous = (sum(column) for column in zip(*sizes, strict=True))
            peaks = Peaks(max(peaks.pss, pss), max(peaks.anonymous, anonymous))
            time.sleep(0.1)
    _ended_well(process.returncode, script)
    return peaks


def _ended_well(code: int, script: Path) -> None:
    if code:
        sys.exit(f"{script} ended with {code}")


def _family(process: int) -> Iterator[int]:
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            yield from _family(child)


def _memory(process: int) -> tuple[float, float]:
    """Return PSS and anonymous memory in megabytes; nothing of a process that has just ended."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0, 0.0
    sizes = dict(re.findall(r"^(Pss|Anonymous):\s+(\d+) kB", text, re.MULTILINE))
    return int(sizes.get("Pss", 0)) / 1000, int(sizes.get("Anonymous", 0)) / 1000


if __name__ == "__main__":
    main()
