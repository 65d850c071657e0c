"""Near and exact copies within a data set, beside the packages that people use for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from dedupe import OTHERS, table, texts
from exam_rows import exam_rows
from measuring import Bar, least, rate, ratio

import medqa_kit as mk

_COMPARED = 10_000  # rows: the others take their time
_AIMS = {"datasketch": 20.0, "rensa": 1.0}


def bars(rows: int, folder: Path) -> Iterator[Bar]:
    """Measure one thread, and compare with datasketch and rensa as far as they are installed."""
    exam = exam_rows(rows)
    mk.dedupe(exam.slice(0, 1_000), threads=1)
    (near, _), (exact, _) = least(
        lambda: mk.dedupe(exam, threads=1), lambda: mk.dedupe(exam, near=None, threads=1), times=2
    )
    yield rate("near copies, one thread", rows, near, aim=50_000)
    yield rate("exact copies, one thread", rows, exact, aim=150_000)
    column = texts(_COMPARED)
    prose = table(column)
    for name, way in OTHERS.items():
        if find_spec(name) is not None:
            (ours, _), (theirs, _) = least(
                lambda: mk.dedupe(prose, threads=1), partial(way, column), times=2
            )
            yield ratio(
                f"near copies against {name}", ours, theirs, aim=_AIMS[name], sense="at least"
            )
