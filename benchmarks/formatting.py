"""How fast questions become prompts, against the ways people do it today.

    python benchmarks/formatting.py [ROWS]

Everything is measured in one run on one machine: trust the ratios, not the seconds. The row-wise
``map`` is timed on 20,000 rows and scaled. All ways but the last ones give the same text, which is
checked. Every ``Dataset.map`` writes its cache file, as it does in use.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa

from medqa_kit.evaluation.formats import FORMATS, harness
from medqa_kit.prompting.fewshot import few_shot
from medqa_kit.prompting.prompts import prompt
from medqa_kit.prompting.shuffle import shuffle_options

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROW_WISE = 20_000
BATCH = 10_000  # what mk.apply gives a kernel
TEMPLATE = "{question}\n{options}\n정답:"


def questions(rows: int, options: int) -> pa.Table:
    """Invented exam items, some 120 characters of Korean and English each."""
    number = [str(i) for i in range(rows)]
    stems = [
        f"{20 + i % 70}세 환자가 {i} 시간 전부터 흉통을 호소하였다. 먼저 시행할 검사는? Case {i}"
        for i in range(rows)
    ]
    texts = pa.array([f"가상 검사 {i} test" for i in range(options * rows)])
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * options)
    return pa.table({
        "id": pa.array(number),
        "question": pa.array(stems),
        "context": pa.nulls(rows, pa.string()),
        "options": pa.ListArray.from_arrays(offsets, texts),
        "answer_index": pa.array(np.arange(rows) % options, pa.int32()),
        "answer": pa.array(np.array(["yes", "no", "maybe"])[np.arange(rows) % 3]),
        "contexts": pa.ListArray.from_arrays(
            pa.array(np.arange(rows + 1, dtype=np.int32) * 2),
            pa.array([f"Forty volunteers of group {i} were studied." for i in range(2 * rows)]),
        ),
        "labels": pa.ListArray.from_arrays(
            pa.array(np.arange(rows + 1, dtype=np.int32) * 2),
            pa.array(["BACKGROUND", "RESULTS"] * rows),
        ),
    })  # fmt: skip


def row_wise(row: dict[str, Any]) -> dict[str, Any]:
    options = "\n".join(f"{m}. {o}" for m, o in zip("ABCDE", row["options"], strict=True))
    return {
        "prompt": f"{row['question']}\n{options}\n정답:",
        "target": "ABCDE"[row["answer_index"]],
    }


def batched(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    prompts = []
    for question, options in zip(rows["question"], rows["options"], strict=True):
        lines = "\n".join(f"{m}. {o}" for m, o in zip("ABCDE", options, strict=True))
        prompts.append(f"{question}\n{lines}\n정답:")
    return {"prompt": prompts, "target": ["ABCDE"[i] for i in rows["answer_index"]]}


def peak() -> float:
    """Megabytes of resident memory at the highest point so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass
class Taken:
    """Seconds by the clock, and of the processor: the latter suffers less from neighbours."""

    clock: float
    cpu: float
    result: Any


def timed(run: Callable[[], Any], *, times: int = 1) -> Taken:
    """The best of several runs."""
    runs = []
    for _ in range(times):
        clock, cpu = time.perf_counter(), time.process_time()
        result = run()
        runs.append(Taken(time.perf_counter() - clock, time.process_time() - cpu, result))
    return min(runs, key=lambda taken: taken.cpu)


def on_arrow(dataset: Any, kernel: Any) -> Any:
    return dataset.with_format("arrow").map(
        kernel, batched=True, batch_size=BATCH, remove_columns=dataset.column_names,
        new_fingerprint=f"run{time.perf_counter_ns()}",
    )  # fmt: skip


def stored(table: pa.Table, folder: Path) -> Any:
    """A dataset on disk, memory-mapped, as load() gives it."""
    datasets.Dataset(table).save_to_disk(str(folder))
    return datasets.load_from_disk(str(folder))


def main() -> None:
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        five = stored(questions(ROWS, 5), folder / "five")
        four = stored(questions(ROWS, 4), folder / "four")
        kernel = prompt(language="ko", template=TEMPLATE)

        few = five.select(range(min(ROW_WISE, ROWS)))
        used = ["question", "options", "answer_index"]
        slow = timed(lambda: few.select_columns(used).map(row_wise, remove_columns=used))
        expected, share = slow.result, ROWS / len(few)
        python = timed(
            lambda: five.select_columns(used).map(
                batched, batched=True, remove_columns=used,
                new_fingerprint=f"run{time.perf_counter_ns()}",
            ),
            times=2,
        )  # fmt: skip
        on_arrow(five.select(range(min(50_000, ROWS))), kernel)
        ours = timed(lambda: on_arrow(five, kernel), times=5)
        mine = ours.result.with_format(None)
        assert mine.select(range(len(few)))["prompt"][:] == expected["prompt"][:]
        assert mine[-1]["prompt"] == python.result[-1]["prompt"]
        bare = timed(lambda: kernel(five.data.table), times=3)

        print(
            f"{ROWS:,} rows of five options; row-wise map timed on {len(few):,} rows and scaled\n"
        )
        print(f"{'way':52}{'clock s':>9}{'ratio':>8}{'cpu s':>9}{'ratio':>8}")
        for way, one, scale in (
            ("Dataset.map, row by row, f-string (scaled)", slow, share),
            ("Dataset.map, batched Python", python, 1),
            (f"Dataset.map on Arrow, prompt(), batches of {BATCH:,}", ours, 1),
            ("prompt() on the table", bare, 1),
        ):
            clock, cpu = one.clock * scale, one.cpu * scale
            print(f"{way:52}{clock:9.2f}{slow.clock * share / clock:7.1f}x"
                  f"{cpu:9.2f}{slow.cpu * share / cpu:7.1f}x")  # fmt: skip
        print(f"\nprompt() in Dataset.map against batched Python: {python.clock / ours.clock:.1f}x by the "
              f"clock, {python.cpu / ours.cpu:.1f}x of the processor (wanted 6x)\n")  # fmt: skip

        print("other kernels, each beside a run of prompt() on the same dataset, best of three")
        print(f"{'Dataset.map on Arrow':46}{'clock s':>9}{'ratio':>8}{'cpu s':>9}{'ratio':>8}")
        before = peak()
        beside: dict[str, tuple[Any, Any]] = {
            f"harness({n})": (four if FORMATS[n].options == 4 else five, harness(n))
            for n in sorted(FORMATS)
        }
        pool = questions(205, 5).slice(0, 200)
        pool = pool.set_column(0, "id", pa.array([f"p{i}" for i in range(200)]))
        beside |= {
            "harness(kormedmcqa), chat multiturn": (
                five, harness("lm_eval/kormedmcqa@3.0", chat="multiturn")),
            "shuffle_options()": (five, shuffle_options()),
            "few_shot(pool of 200, k=3, fixed)": (five, few_shot(pool, k=3)),
            "few_shot(pool of 200, k=3, per-row)": (five, few_shot(pool, k=3, mode="per-row")),
        }  # fmt: skip
        for label, (data, one) in beside.items():
            runs = [(timed(lambda d=data, k=one: on_arrow(d, k)),
                     timed(lambda d=data: on_arrow(d, kernel))) for _ in range(3)]  # fmt: skip
            data.cleanup_cache_files()  # gigabytes a run at full size
            taken, plain = (min((r[i] for r in runs), key=lambda t: t.cpu) for i in (0, 1))
            print(f"{label:46}{taken.clock:9.2f}{taken.clock / plain.clock:7.2f}x"
                  f"{taken.cpu:9.2f}{taken.cpu / plain.cpu:7.2f}x")  # fmt: skip
        print(f"\npeak memory over these: {before:.0f} MB before, {peak():.0f} MB after")


if __name__ == "__main__":
    main()
