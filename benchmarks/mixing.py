"""Mix: rows a second of ``mk.mix`` beside ``datasets.interleave_datasets`` on the same rows.

    python benchmarks/mixing.py                    # three million rows and one million

Both choose in shares of three to one until one set is used up. Seconds are of the processor: the clock of a
busy machine tells of its neighbours.
"""

from __future__ import annotations

import argparse
import time

import datasets
import numpy as np
import pyarrow as pa

from medqa_kit.splitting.mixes.mixing import mix


def table(name: str, rows: int) -> pa.Table:
    ids = np.char.add(f"{name}/", np.arange(rows).astype(str))
    text = "A question with its options, as long as those of an exam are on the average, or so."
    return pa.table({"id": pa.array(ids), "text": pa.repeat(text, rows)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=4_000_000)
    chosen = parser.parse_args()
    part = chosen.rows // 4
    sets = {"exam": table("exam", 3 * part), "talk": table("talk", part)}
    mix({name: rows.slice(0, 1000) for name, rows in sets.items()}, seed=0)  # imports
    for label, how in (("all rows", {}), ("a third", {"total": chosen.rows // 3})):
        start = time.process_time()
        rows, _ = mix(sets, weights={"exam": 3, "talk": 1}, seed=0, **how)
        seconds = time.process_time() - start
        print(
            f"mk.mix, {label:10} {rows.num_rows:>9,} rows {rows.num_rows / seconds:>11,.0f} rows/s",
            flush=True,
        )
    theirs = [datasets.Dataset(rows) for rows in sets.values()]
    start = time.process_time()
    mixed = datasets.interleave_datasets(theirs, probabilities=[0.75, 0.25], seed=0)
    chosen_rows = mixed.with_format("arrow")[:].num_rows
    seconds = time.process_time() - start
    print(f"interleave_datasets {chosen_rows:>9,} rows {chosen_rows / seconds:>11,.0f} rows/s")


if __name__ == "__main__":
    main()
