"""Excluding held-out items."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import regex
from exam_rows import exam_rows, holdout_items
from measuring import Bar, least, rate, ratio

import medqa_kit as mk

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from no_numba import without_numba

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")


def bars(rows: int, folder: Path) -> Iterator[Bar]:
    """Compare with the rule most peers use: shared sequences of 13 words, in Python."""
    table, held = exam_rows(rows), holdout_items(5_000)
    holdout = mk.Holdout.from_rows(held, reason="the exam of the benchmark")
    mk.exclude(table.slice(0, 1_000), holdout, threads=2)
    (ours, _), (theirs, _) = least(
        lambda: mk.exclude(table, holdout, threads=2), lambda: _by_words(table, held), times=2
    )
    yield rate("exclude, two threads, real-length rows", rows, ours, aim=140_000, clock="wall")
    # Half of what two threads should do: what a loaded machine leaves of the clock says little.
    yield rate("exclude, for a second of processor time", rows, ours, aim=70_000)
    yield ratio(
        "exclude against 13-word sequences in Python", ours, theirs, aim=1, sense="at least"
    )
    worst = exam_rows(min(rows, 20_000), style="exam")
    ((slow, _),) = least(lambda: mk.exclude(worst, holdout, threads=2), times=1)
    yield rate(
        "exclude, rows of the exam's own templates", worst.num_rows, slow, aim=20_000, clock="wall"
    )
    few = table.slice(0, min(rows, 20_000))
    with without_numba():
        ((slow, _),) = least(lambda: mk.exclude(few, holdout, threads=2), times=1)
    yield rate("exclude without numba", few.num_rows, slow, aim=15_000, clock="wall")
    yield rate(
        "exclude without numba, for a second of processor time", few.num_rows, slow, aim=7_500
    )


def _by_words(table: pa.Table, held: pa.Table) -> list[bool]:
    known = {gram for text in held["question"].to_pylist() for gram in _grams(text)}
    return [any(gram in known for gram in _grams(text)) for text in table["question"].to_pylist()]


def _grams(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return zip(*(words[start:] for start in range(13)), strict=False)
