"""Near-dedupe: rows a second beside datasketch and rensa on the same rows; see ``growth.py`` for more rows.

    python benchmarks/dedupe.py                    # 40,000 rows, and the others as far as they are installed

They are no dependencies: install them into an environment of its own to compare.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from exam_text import LANGUAGES, Writer
from medqa_kit.matching.letters import letters_of
from medqa_kit.schemas import TEXT, conform
from medqa_kit.splitting.deduplication import dedupe
from no_numba import without_numba


def texts(rows: int) -> list[str]:
    """Write prose, one row in ten a copy of an earlier one with a few words changed."""
    draw, writers = random.Random(1), [Writer(language, 7) for language in LANGUAGES]
    found: list[str] = []
    for i in range(rows):
        if i % 10 == 9:
            words = draw.choice(found).split(" ")
            words[draw.randrange(len(words))] = writers[i % 3].prose(1, medical=0).split(" ")[0]
            found.append(" ".join(words))
        else:
            found.append(writers[i % 3].prose(5))
    return found


def table(column: list[str]) -> pa.Table:
    ids = [f"r/{i}" for i in range(len(column))]
    return conform(pa.table({"id": ids, "source": ["demo"] * len(ids), "split": ["train"] * len(ids),
                             "text": column}), TEXT)  # fmt: skip


def by_datasketch(column: list[str]) -> int:
    """Do the same with datasketch: shingles of five letters, 128 functions, threshold .8."""
    from datasketch import MinHash, MinHashLSH

    index, dropped = MinHashLSH(threshold=0.8, num_perm=128), 0
    for i, text in enumerate(column):
        plain = letters_of(text)
        sketch = MinHash(num_perm=128)
        sketch.update_batch([plain[j : j + 5].encode() for j in range(max(len(plain) - 4, 1))])
        if index.query(sketch):
            dropped += 1
        else:
            index.insert(str(i), sketch)
    return dropped


def by_rensa(column: list[str]) -> int:
    """Do the same with rensa, all sketches in one call and one pass over them."""
    from rensa import RMinHash, RMinHashLSH

    plain = [letters_of(text) for text in column]
    shingles = [[text[j : j + 5] for j in range(max(len(text) - 4, 1))] for text in plain]
    sketches = RMinHash.digest_matrix_from_token_sets(shingles, num_perm=128, seed=1)
    index = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
    return sum(index.query_duplicate_flags_matrix_one_shot(sketches))


def ours(column: list[str], **how: object) -> float:
    rows = table(column)
    start = time.perf_counter()
    _, report = dedupe(rows, **how)  # type: ignore[arg-type]
    speed = len(column) / (time.perf_counter() - start)
    print(f"medqa_kit {how!s:40} {len(column):>8,} rows {speed:>9,.0f} rows/s  "
          f"dropped {report.dropped:,}  " + ", ".join(f"{name} {number / len(column):.3f} a row" for name, number in report.counts.items()),
          flush=True)  # fmt: skip
    return speed


OTHERS = {"datasketch": by_datasketch, "rensa": by_rensa}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=40_000)
    chosen = parser.parse_args()
    ours(texts(100))  # compiles
    column = texts(chosen.rows)
    fast = ours(column, threads=1)
    ours(column, threads=2)
    with without_numba():
        ours(column[:10_000])
    some = column[:10_000]
    for name, way in OTHERS.items():
        if find_spec(name) is None:
            print(f"{name} is not installed: not compared")
            continue
        start = time.perf_counter()
        dropped = way(some)
        speed = len(some) / (time.perf_counter() - start)
        print(f"{name} {len(some):,} rows {speed:,.0f} rows/s, dropped {dropped:,}; "
              f"ours on one thread: {fast / speed:.1f} times as fast")  # fmt: skip


if __name__ == "__main__":
    main()
