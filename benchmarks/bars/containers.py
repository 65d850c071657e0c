"""Every verb on the containers people have against the same verb on a fresh table.

What a verb gives back is in the same container, so the time to fill it counts: a ``Dataset`` is
written, a data frame converted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
from exam_rows import exam_rows, holdout_items
from measuring import Bar, least, ratio

import medqa_kit as mk


def bars(rows: int, folder: Path) -> Iterator[Bar]:
    """Compare shuffled and filtered data sets, streams and data frames with a table."""
    table = exam_rows(rows)
    data = datasets.Dataset(table)
    holdout = mk.Holdout.from_rows(holdout_items(2_000), reason="the exam of the benchmark")
    shuffled, filtered = data.shuffle(seed=0), data.select([n for n in range(rows) if n % 50])
    containers: dict[str, Any] = {
        "shuffled": shuffled, "filtered": filtered, "pandas": table.to_pandas(),
        "a stream": data.to_iterable_dataset(),
    }  # fmt: skip
    record = mk.record("trl/prompt-completion")
    verbs: dict[str, Callable[[Any], Any]] = {
        "exclude": lambda given: mk.exclude(given, holdout),
        "dedupe": mk.dedupe,
        "split": lambda given: mk.split(given, {"train": 0.9, "test": 0.1}, seed=0),
        "apply": lambda given: _whole(mk.apply(given, record)),
        "lint": lambda given: mk.lint(given, on_bad="keep"),
    }
    for verb, run in verbs.items():
        kinds = {
            k: v
            for k, v in containers.items()
            if not (k == "a stream" and verb in ("dedupe", "split"))
        }
        ways = [partial(run, table), *(partial(run, given) for given in kinds.values())]
        # Those that take a tenth of a second are told apart by more turns.
        plain, *others = least(*ways, times=8 if verb in ("apply", "lint") else 2)
        for kind, other in zip(kinds, others, strict=True):
            yield ratio(
                f"{verb} on {kind} against a table", other[0], plain[0], aim=1.5, sense="at most"
            )


def _whole(rows: Any) -> Any:
    """Read a result that is made when it is asked for."""
    if isinstance(rows, datasets.IterableDataset):
        for _ in rows.with_format("arrow").iter(10_000):
            pass
    return rows if isinstance(rows, pa.Table) else None
