"""Compile kernels ahead that are otherwise compiled at the first call."""

from __future__ import annotations

import time

import pyarrow as pa

from medqa_kit.decontamination.exclusion import exclude
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.matching.kernels import kernels
from medqa_kit.splitting.deduplication import dedupe


def warm() -> float:
    """Run the compiled kernels once, so that later processes find them in the cache.

    Compiling takes seconds; reading what was compiled a fraction of one. Call it when an image is
    built, or before many workers start. Numba keeps its cache beside the package, or in
    ``NUMBA_CACHE_DIR``. Without Numba there is nothing to compile.

    Returns:
        Seconds it took.

    Example:
        >>> warm() >= 0
        True
    """
    start = time.perf_counter()
    if kernels().__name__.endswith("numba_kernels"):
        texts = [
            "Which vitamin prevents <b>scurvy</b>?",
            "괴혈병을 예방하는 비타민은? e\u0301",
            "តើវីតាមីនណា?",
        ]
        rows = pa.table({"id": ["a", "b", "c"], "family": ["a", "b", "c"], "question": texts})
        exclude(rows, Holdout.from_rows(rows, reason="warming up"))
        dedupe(pa.concat_tables([rows, rows]))
    return time.perf_counter() - start
