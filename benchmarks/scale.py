"""Loading at the size of the largest sources: memory stays flat, speed near a bare copy.

``python benchmarks/scale.py [--rows 6200000] [--turns 800000]``

Makes invented rows in upstream's own layout (18 Parquet files of article parts; dialogues with long
think blocks), then, each in a process of its own so that peaks are its own:

- *copy*: Parquet to an Arrow file with pyarrow alone, no types checked, nothing normalised;
- *load*: ``mk.load(path=...)`` with a cold cache: checked, normalised, ids unique, into the cache.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import medqa_kit as mk

FILES, GROUP = 18, 20_000

COPY = """
import pyarrow as pa, pyarrow.parquet as pq
from pathlib import Path
files = sorted(Path({folder!r}).rglob("*.parquet"))
with pa.OSFile({out!r}, "wb") as sink, pa.ipc.new_stream(sink, pq.read_schema(files[0])) as writer:
    for file in files:
        for batch in pq.ParquetFile(file).iter_batches(10_000):
            writer.write_batch(batch)
"""
LOAD = """
import warnings, medqa_kit as mk
warnings.simplefilter("ignore")
import datasets
datasets.disable_progress_bars()
data = mk.load({name!r}, subset={subset!r}, split="train", path={folder!r}, cache_dir={out!r})
assert data.num_rows == {rows}, data.num_rows
"""
STREAM = """
import warnings, medqa_kit as mk
warnings.simplefilter("ignore")
next(iter(mk.load({name!r}, subset={subset!r}, split="train", path={folder!r}, streaming=True)))
"""
MEASURED = """
import re, time
from pathlib import Path
Path("/proc/self/clear_refs").write_text("5")
begin = time.perf_counter()
{code}
seconds = time.perf_counter() - begin
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 2**20
anonymous = int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 2**20
print(f"{{seconds}} {{peak}} {{anonymous}}")
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=6_200_000)
    parser.add_argument("--turns", type=int, default=800_000)
    chosen = parser.parse_args()
    print(f"{'source':22} {'rows':>10} {'what':7} {'seconds':>8} {'of copy':>8} {'peak GiB':>9}")
    with tempfile.TemporaryDirectory() as folder:
        measure("namuwiki", "namu", articles(Path(folder, "namu"), chosen.rows), chosen.rows)
    with tempfile.TemporaryDirectory() as folder:
        measure(
            "ii_medical_reasoning", None, dialogues(Path(folder, "ii"), chosen.turns), chosen.turns
        )


def measure(name: str, subset: str | None, folder: Path, rows: int) -> None:
    out = folder.parent
    words = {"folder": str(folder), "name": name, "subset": subset, "rows": rows}
    copy, copy_peak = run(COPY.format(out=str(out / "copy.arrow"), **words))
    (out / "copy.arrow").unlink()
    load, load_peak = run(LOAD.format(out=str(out / "cache"), **words))
    first, first_peak = run(STREAM.format(**words))
    for what, seconds, peak in (
        ("copy", copy, copy_peak),
        ("load", load, load_peak),
        ("1st row", first, first_peak),
    ):
        print(f"{name:22} {rows:10,} {what:7} {seconds:8.2f} {copy / seconds:7.2f}x {peak:9.2f}")


def run(code: str) -> tuple[float, float]:
    """Run code in a process of its own; give its seconds and its peak in GiB."""
    done = subprocess.run([sys.executable, "-c", MEASURED.format(code=code)], capture_output=True, text=True,
                          check=False)  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr)
    seconds, peak, _ = map(float, done.stdout.split()[-3:])
    return seconds, peak


def articles(folder: Path, rows: int) -> Path:
    """Write invented article parts as wisenut-nlp-team/namu lays them out."""
    (folder / "data").mkdir(parents=True)
    schema = mk.source("namuwiki").layout.raw
    text = (
        "'''비타민 C'''는 [[비타민]]의 하나이다.[* 각주] 부족하면 괴혈병이 생긴다고 알려져 있다.\n"
    )
    per_file = -(-rows // FILES)
    for number in range(FILES):
        ids = range(number * per_file, min(rows, (number + 1) * per_file))
        name = f"data/train-{number:05d}-of-{FILES:05d}-{number:016x}.parquet"
        with pq.ParquetWriter(folder / name, schema) as writer:
            for start in range(ids.start, ids.stop, GROUP):
                part = range(start, min(start + GROUP, ids.stop))
                writer.write_table(
                    pa.table(
                        {
                            "namespace": [0] * len(part),
                            "title": [f"항목 {i // 7}" for i in part],
                            "text": [f"{i}. {text * (2 + i % 5)}" for i in part],
                            "contributors": [["user"]] * len(part),
                            "id": [f"{i // 7}-{i % 7}" for i in part],
                        },
                        schema=schema,
                    )
                )
    return folder


def dialogues(folder: Path, rows: int) -> Path:
    """Write invented dialogues as II-Medical-Reasoning-SFT lays them out."""
    (folder / "data").mkdir(parents=True)
    schema = mk.source("ii_medical_reasoning").layout.raw
    thought = "The sailor ate no fruit for months, so vitamin C comes to mind. "
    starts = range(0, rows, 100_000)
    for number, start in enumerate(starts):
        part = range(start, min(start + 100_000, rows))
        messages = [
            [
                {"content": f"Case {i}: a sailor bleeds. Why?", "role": "user"},
                {
                    "content": f"<think>\n{thought * (20 + i % 20)}\n</think>\n\nScurvy.",
                    "role": "assistant",
                },
            ]
            for i in part
        ]
        table = pa.table(
            {
                "model": ["invented"] * len(part),
                "question": [f"Case {i}" for i in part],
                "problem": pa.nulls(len(part), pa.string()),
                "messages": messages,
            },
            schema=schema,
        )
        name = f"data/train-{number:05d}-of-{len(starts):05d}.parquet"
        pq.write_table(table, folder / name, row_group_size=GROUP)
    return folder


if __name__ == "__main__":
    main()
