"""Loading: import time, cold and warm load against bare `load_dataset`, what digests cost in it, kernel
against row-wise map, and peak memory. Ratios of one run, so that machines can be compared.

    python benchmarks/loading.py            # about two minutes, 3 GB below the temporary folder
    python benchmarks/loading.py --rows 20000 --many 200000
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

OPTIONS = "ABCDE"
ROW_WISE = 20_000  # rows given to the row-wise map, whose time is scaled up


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--many", type=int, default=5_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="medqa_kit-bench-") as name:
        work = Path(name)
        os.environ.update(HF_HOME=str(work / "hf"), HF_DATASETS_DISABLE_PROGRESS_BARS="1",
                          HF_HUB_OFFLINE="1")  # fmt: skip
        print(
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {arguments.rows:,} rows, median of "
            f"{arguments.repeat}\n"
        )
        print(f"| {'what':58} | {'ours':>9} | {'theirs':>9} | {'ratio':>8} | target |")
        print(f"|{'-' * 60}|{'-' * 10}:|{'-' * 10}:|{'-' * 9}:|--------|")
        imports(arguments.repeat)
        loads(work, arguments.rows, arguments.repeat)
        digests(work, arguments.repeat)
        kernel(work, arguments.rows)
        memory(work, arguments.many)


def line(what: str, ours: float, theirs: float, ratio: float, target: str, unit: str = "s") -> None:
    print(
        f"| {what:58} | {ours:7.3f} {unit} | {theirs:7.3f} {unit} | {ratio:7.2f}x | {target} |",
        flush=True,
    )


def imports(repeat: int) -> None:
    ours, theirs = (
        min(timed(lambda m=module: run(f"import {m}")) for _ in range(repeat))
        for module in ("medqa_kit", "datasets")
    )
    nothing = min(timed(lambda: run("")) for _ in range(repeat))
    line(
        "import medqa_kit | import datasets (less Python's start)",
        ours - nothing,
        theirs - nothing,
        (ours - nothing) / (theirs - nothing),
        "<= 0.20",
    )


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def write_exam(file: Path, rows: int) -> None:
    """Rows like KorMedMCQA's: Korean stems of about 110 characters, five options, one file."""
    random = np.random.default_rng(0)
    syllables = random.integers(0xAC00, 0xD7A4, (5000, 3))
    known = pa.array(["".join(map(chr, s[: 2 + i % 2])) for i, s in enumerate(syllables)])

    def texts(low: int, high: int) -> pa.Array:
        counts = random.integers(low, high, rows)
        ends = np.cumsum(np.concatenate([[0], counts])).astype(np.int32)
        chosen = known.take(pa.array(random.integers(0, len(known), ends[-1])))
        return pc.binary_join(pa.ListArray.from_arrays(ends, chosen), " ")

    number = np.arange(rows)
    table = pa.table({
        "subject": pa.repeat("doctor", rows), "year": 2012 + number % 9, "period": 1 + number % 3,
        "q_number": number, "question": texts(15, 45), **{o: texts(1, 6) for o in OPTIONS},
        "answer": 1 + number % 5, "cot": pa.repeat("", rows),
    })  # fmt: skip
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file, row_group_size=10_000)


@contextmanager
def cache(work: Path) -> Iterator[str]:
    folder = tempfile.mkdtemp(dir=work)
    yield folder
    shutil.rmtree(folder)


def loads(work: Path, rows: int, repeat: int) -> None:
    import datasets

    import medqa_kit as mk

    warnings.simplefilter("ignore", mk.errors.MedQAWarning)
    file = work / "exam" / "doctor" / "train-00000-of-00001.parquet"
    write_exam(file, rows)

    def bare(folder: str) -> object:
        return datasets.load_dataset(
            "parquet", data_files=str(file), cache_dir=folder, split="train"
        )

    def ours(folder: str) -> object:
        return mk.load("kormedmcqa", subset="doctor", split="train", path=work / "exam",
                       cache_dir=folder)  # fmt: skip

    times: dict[str, list[float]] = {
        name: [] for name in ("cold", "cold bare", "warm", "warm bare")
    }
    for round_ in range(repeat + 1):  # the first one warms up and does not count
        with cache(work) as one, cache(work) as two:
            found = [timed(lambda c=c, f=f: c(f)) for c, f in
                     ((bare, one), (ours, two), (bare, one), (ours, two))]  # fmt: skip
        if round_:
            for name, seconds in zip(
                ("cold bare", "cold", "warm bare", "warm"), found, strict=True
            ):
                times[name].append(seconds)
    for name, target in (("cold", "<= 1.30"), ("warm", "<= 1.10")):
        mine, theirs = (statistics.median(times[key]) for key in (name, f"{name} bare"))
        line(f"{name} load, normalised | bare load_dataset", mine, theirs, mine / theirs, target)


def digests(work: Path, repeat: int) -> None:
    """What it costs to digest local files and prepared rows, of 100,000 rows in one file."""
    import medqa_kit as mk
    from medqa_kit.core import stored
    from medqa_kit.loading import plan
    from medqa_kit.loading.preparing import part_folder

    write_exam(work / "digests" / "doctor" / "train-00000-of-00001.parquet", 100_000)
    spent: list[float] = []

    def clocked(call: Callable[..., object]) -> Callable[..., object]:
        def clock(*arguments: object, **options: object) -> object:
            began = time.perf_counter()
            try:
                return call(*arguments, **options)
            finally:
                spent.append(time.perf_counter() - began)

        return clock

    plain = [(plan, "content_digests"), (part_folder, "seal"), (part_folder, "broken_seal")]
    before = [getattr(module, name) for module, name in plain]
    for module, name in plain:
        setattr(module, name, clocked(getattr(module, name)))
    times: dict[str, list[tuple[float, float]]] = {"cold": [], "warm": []}
    for round_ in range(repeat + 1):
        with cache(work) as folder:
            for seconds in times.values():
                spent.clear()
                stored._CHECKED.clear()  # as in a process of its own
                whole = timed(lambda c=folder: mk.load(
                    "kormedmcqa", subset="doctor", split="train", path=work / "digests", cache_dir=c))  # fmt: skip
                if round_:
                    seconds.append((sum(spent), whole))
    for (module, name), call in zip(plain, before, strict=True):
        setattr(module, name, call)
    for name, most, target in (("cold", None, "<= 0.05"), ("warm", 0.030, "<= 1.00")):
        mine = statistics.median(digested for digested, _ in times[name])
        theirs = most or statistics.median(whole for _, whole in times[name])
        than = "30 ms" if most else "all of it"
        line(
            f"digests of a {name} load of 100,000 rows | {than}",
            mine,
            theirs,
            mine / theirs,
            target,
        )


def kernel(work: Path, rows: int) -> None:
    import datasets
    import xxhash

    import medqa_kit as mk
    from medqa_kit.entries.kormedmcqa import PICTURES
    from medqa_kit.loading.normalizer import Normalizer

    source = mk.source("kormedmcqa")
    whole = Normalizer.of(source, source.select("doctor", "train")[0])
    raw = pq.read_table(work / "exam" / "doctor").select(whole.layout.raw.names)
    raw = raw.cast(whole.layout.raw)
    batches = [raw.slice(at, 10_000) for at in range(0, rows, 10_000)]
    ours = min(timed(lambda: [whole(batch) for batch in batches]) for _ in range(3))

    def by_row(row: dict) -> dict:
        options = [row[o] for o in OPTIONS]
        index = row["answer"] - 1
        if not 0 <= index < len(options) or not row["question"].strip():
            raise ValueError(row["q_number"])
        shared = "\x1f".join([row["question"].strip(), *(o.strip() for o in options)])
        named = any(word in row["question"] for word in PICTURES)
        return {
            "id": f"kormedmcqa/doctor/{row['year']}-{row['period']}-{row['q_number']}",
            "source": "kormedmcqa", "subset": "doctor", "split": "train", "language": "ko",
            "family": f"kormedmcqa:{xxhash.xxh3_64_hexdigest(shared.encode())}",
            "question": row["question"], "context": None, "options": options, "answer_index": index,
            "answer": options[index], "rationale": row["cot"].strip() or None, "year": row["year"],
            "tags": ["mentions_picture"] if named else None,
        }  # fmt: skip

    some = datasets.Dataset(raw.slice(0, min(rows, ROW_WISE)))
    features = datasets.Features.from_arrow_schema(whole(raw.slice(0, 1)).schema)
    mapped: list[datasets.Dataset] = []
    theirs = timed(lambda: mapped.append(
        some.map(by_row, remove_columns=raw.column_names, features=features,
                 load_from_cache_file=False))) * rows / len(some)  # fmt: skip
    same = mapped[0].with_format("arrow")[:100].to_pylist() == whole(raw.slice(0, 100)).to_pylist()
    assert same, "the two do not do the same"
    line(
        f"kernel alone | row-wise map (timed on {len(some):,} rows)",
        ours,
        theirs,
        theirs / ours,
        ">= 50 ",
    )


PEAK = """
import json, sys, time, warnings

def peak():  # of this process alone, in MiB; ru_maxrss counts that of the parent
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return int(status["VmHWM"].split()[0]) / 1024

warnings.simplefilter("ignore")
import medqa_kit as mk
import datasets
mk.load("kormedmcqa", subset="doctor", split="test", origin="sample")
before = peak()
began = time.perf_counter()
data = mk.load("kormedmcqa", subset="doctor", split="train", path=sys.argv[1], cache_dir=sys.argv[2])
print(json.dumps([len(data), before, peak(), time.perf_counter() - began]))
"""


def memory(work: Path, many: int) -> None:
    piece = work / "piece.parquet"
    write_exam(piece, 100_000)
    table = pq.read_table(piece, columns=["subject", "year", "period", "q_number", "question", *OPTIONS,
                                          "answer", "cot"])  # fmt: skip
    short = table.set_column(4, "question", pc.utf8_slice_codeunits(table["question"], 0, 30))
    for rows in (many // 5, many):
        file = work / "many" / "doctor" / "train-00000-of-00001.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(file, short.schema) as out:
            for at in range(0, rows, len(short)):
                some = short.slice(0, min(len(short), rows - at))
                number = pa.array(np.arange(at, at + len(some)))
                out.write_table(some.set_column(3, "q_number", number), row_group_size=10_000)
        with cache(work) as folder:
            done = subprocess.run([sys.executable, "-c", PEAK, str(work / "many"), folder], check=True,
                                  capture_output=True, text=True)  # fmt: skip
        made, before, peak, seconds = json.loads(done.stdout)
        assert made == rows
        line(
            f"peak memory of {rows:,} rows ({rows / seconds:,.0f} rows/s) | imports alone",
            peak / 1024,
            before / 1024,
            peak / before,
            "flat   ",
            "G",
        )
        file.unlink()


if __name__ == "__main__":
    main()
