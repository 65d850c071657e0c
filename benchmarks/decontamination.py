"""Held-out check: rows a second, memory, and recall beside the rules peers use, on the same rows.

    python benchmarks/decontamination.py                  # 100,000 rows against 5,000 items
    python benchmarks/decontamination.py --rows 1000000 --kernel numpy

The rows are invented (see tests/exam_text.py), and of three kinds: ``town`` is general prose,
``field`` is half prose of the field, in the exam's own small vocabulary, ``exam`` is items of other
years from the same templates: the worst case. One row in a hundred is an edited or embedded copy of
a held-out item. In ``exam``, rows that only repeat an item's template and options count as wrong.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pyarrow as pa
import regex

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from exam_text import LANGUAGES, Item, Writer, items
from gauntlet import EDITED, FAITHFUL, held_table, planted
from medqa_kit.decontamination.exclusion import search
from medqa_kit.decontamination.findings import dropped_rows
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.schemas import QA, conform
from no_numba import without_numba

BLOCK = 20_000  # rows written; more rows are this block again with other ids


def holdout_items(count: int) -> list[Item]:
    return [item for one in LANGUAGES for item in items(one, count // 3, seed=1)]


def block(held: list[Item], corpus: str) -> tuple[pa.Table, set[str]]:
    """Write rows; give them and the ids of those that are contaminated."""
    medical = {"town": 0.0, "field": 0.5, "exam": 0.0}[corpus]
    rows = []
    for n, language in enumerate(LANGUAGES):
        writer = Writer(language, 1000 + n)
        for i in range(BLOCK // 3):
            if corpus != "exam" or i % 2:
                rows.append({"question": writer.prose(5, medical=medical)})
            else:
                item = writer.item("x")
                rows.append({"question": item.stem, "options": list(item.options)})
    tables = [pa.Table.from_pylist(rows, pa.schema([QA.field("question"), QA.field("options")]))]
    kinds = [EDITED["particles edited"], EDITED["15 % of words replaced"], EDITED["one typo in ten letters"],
             FAITHFUL["exact"], FAITHFUL["in a rationale"]]  # fmt: skip
    per = BLOCK // 500
    for k, disguise in enumerate(kinds):
        table, _ = planted(held[k::7][:per], disguise, seed=k)
        tables.append(table.select(["question", "options", "rationale"]))
    table = pa.concat_tables(tables, promote_options="default")
    planted_rows = sum(len(t) for t in tables[1:])
    ids = [f"r/{i}" for i in range(len(table))]
    table = table.append_column("id", pa.array(ids))
    table = table.append_column("source", pa.array(["demo"] * len(ids)))
    table = table.append_column("split", pa.array(["train"] * len(ids)))
    return conform(table, QA), set(ids[-planted_rows:])


def repeated(table: pa.Table, rows: int) -> pa.Table:
    times = -(-rows // len(table))
    return pa.concat_tables([table] * times).slice(0, rows)


_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")


def word_grams(text: str, n: int) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return zip(*(words[i:] for i in range(n)), strict=False)


def word_rule(table: pa.Table, held: list[Item], n: int) -> set[str]:
    """Flag rows that share any run of n words with an item: GPT-3, lm-evaluation-harness."""
    known = {g for item in held for g in word_grams(" ".join([item.stem, *item.options]), n)}
    flagged = set()
    for row in table.select(["id", "question", "options", "rationale"]).to_pylist():
        text = " ".join([row["question"], *(row["options"] or []), row["rationale"] or ""])
        if any(g in known for g in word_grams(text, n)):
            flagged.add(row["id"])
    return flagged


def timed(name: str, rows: int, run: Callable[[], set[str]], bad: set[str]) -> float:
    start = time.perf_counter()
    flagged = run()
    speed = rows / (time.perf_counter() - start)
    right = len(flagged & bad)
    print(f"{name:34} {speed:>9,.0f} rows/s  recall {right / len(bad):.3f}  "
          f"precision {right / max(len(flagged), 1):.3f}  flagged {len(flagged):,}")  # fmt: skip
    return speed


def compare(table: pa.Table, bad: set[str], held: list[Item], holdout: Holdout) -> None:
    def ours(threads: int) -> Callable[[], set[str]]:
        return lambda: set(dropped_rows(search(table, holdout, threads=threads))["id"].to_pylist())

    search(table.slice(0, 10), holdout)  # compiles
    n = len(table)
    one = timed("medqa_kit, numba, 1 thread", n, ours(1), bad)
    timed("medqa_kit, numba, 2 threads", n, ours(2), bad)
    with without_numba():
        timed("medqa_kit, numpy, 2 threads", n, ours(2), bad)
    for words in (13, 8):
        theirs = timed(f"any shared {words}-word run", n,
                       lambda words=words: word_rule(table, held, words), bad)  # fmt: skip
        print(f"{'':34} {one / theirs:>9.1f} times slower than ours on one thread")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=0, help="rows of a speed run of ours alone")
    parser.add_argument("--corpus", choices=("town", "field", "exam"))
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--kernel", choices=("numba", "numpy"), default="numba")
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    held = holdout_items(chosen.items)
    start = time.perf_counter()
    holdout = Holdout.from_rows(held_table(held), reason="benchmark")
    size = holdout.index.nbytes / 1e6
    print(
        f"{len(holdout):,} items: index {size:.1f} MB, made in {time.perf_counter() - start:.1f} s"
    )
    if not chosen.rows:
        for corpus in [chosen.corpus] if chosen.corpus else ["town", "field", "exam"]:
            table, bad = block(held, corpus)
            letters = table["question"].nbytes / len(table)
            print(f"\n{corpus}: {len(table):,} rows, {len(bad)} of them contaminated, "
                  f"{letters:.0f} bytes of question")  # fmt: skip
            compare(table, bad, held, holdout)
        return
    table, _ = block(held, chosen.corpus or "field")
    with without_numba() if chosen.kernel == "numpy" else nullcontext():
        speed(table, holdout, chosen.rows, chosen.threads)


def speed(table: pa.Table, holdout: Holdout, rows: int, threads: int) -> None:
    search(table.slice(0, 10), holdout)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    search(repeated(table, rows), holdout, threads=threads)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows:>9,} rows  {seconds:7.1f} s  {rows / seconds:>9,.0f} rows/s  "
          f"peak {peak:,.0f} MB (+{peak - before:,.0f})")  # fmt: skip


if __name__ == "__main__":
    main()
