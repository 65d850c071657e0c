"""Rows in memory-mapped files, worked on span by span, by the workers there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import datasets
import numpy as np
import pyarrow as pa

from medqa_kit.building.engines.workers import HERE, Workers
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.engines.dataset_rows import row_picker
from medqa_kit.core.threads import R

SPAN_ROWS = 4096
"""Rows that a worker is given at a time."""


@dataclass(frozen=True)
class RowSpan:
    """Rows of one part.

    Attributes:
        part: Number of the part.
        begin: Place of the first row in it.
        end: Place after the last.
    """

    part: int
    begin: int
    end: int


class WorkedRows(datasets.DatasetDict):
    """A ``DatasetDict`` of which the work on single rows is done by workers.

    All else is done as with any other, in this process. Workers are sent the names of files and places in
    them, no rows.
    """

    workers: Workers | None = None

    @classmethod
    def of(cls, parts: Mapping[str, datasets.Dataset], workers: Workers) -> datasets.DatasetDict:
        """Return the parts with workers; a plain ``DatasetDict`` where this process does the work.

        Args:
            parts: By name, in order.
            workers: What works.
        """
        if workers.local:
            return datasets.DatasetDict(parts)
        rows = cls(parts)
        rows.workers = workers
        return rows

    def over_tables(self, work: Callable[[pa.Table], R]) -> Iterator[R]:
        """Do work on spans of rows, and return the results in order.

        Raises:
            MedQAError: What the work raises.
        """
        parts = tuple(self.values())
        done = partial(_on_span, work, parts)
        if self.workers is None:
            yield from map(done, row_spans(parts))
        else:
            yield from self.workers.in_order(done, row_spans(parts))


def row_spans(parts: tuple[datasets.Dataset, ...]) -> Iterator[RowSpan]:
    """Divide parts into spans, in order.

    Example:
        >>> data = datasets.Dataset.from_dict({"n": range(5000)})
        >>> [(span.begin, span.end) for span in row_spans((data,))]
        [(0, 4096), (4096, 5000)]
    """
    for part, data in enumerate(parts):
        for begin in range(0, data.num_rows, SPAN_ROWS):
            yield RowSpan(part, begin, min(begin + SPAN_ROWS, data.num_rows))


def rows_of_span(parts: tuple[datasets.Dataset, ...], span: RowSpan) -> pa.Table:
    """Return the rows of a span."""
    return row_picker(parts[span.part])(np.arange(span.begin, span.end))


def _on_span(
    work: Callable[[pa.Table], Any], parts: tuple[datasets.Dataset, ...], span: RowSpan
) -> Any:
    return work(rows_of_span(parts, span))


def over_marked(
    work: Callable[[int, pa.Table], R],
    parts: Sequence[datasets.Dataset],
    marked: Mask,
    workers: Workers = HERE,
) -> Iterator[tuple[Ints, R]]:
    """Do work on the marked rows of parts, span by span, and return the results in order.

    Args:
        work: Is given the number of a part, and rows of it.
        parts: What holds the rows.
        marked: Marks rows of all parts, counted through.
        workers: What works.

    Returns:
        The places of the rows, counted through, and what the work returned for them. No span without a
        marked row is looked at.

    Raises:
        MedQAError: What the work raises.

    Example:
        >>> data = datasets.Dataset.from_dict({"n": [5, 6, 7]})
        >>> looked = over_marked(lambda _, rows: rows["n"].to_pylist(), [data], np.array([True, False, True]))
        >>> [(places.tolist(), numbers) for places, numbers in looked]
        [([0, 2], [5, 7])]
    """
    tasks, begins, begin = [], [], 0
    for span in row_spans(tuple(parts)):
        end = begin + span.end - span.begin
        if marked[begin:end].any():
            tasks.append(_MarkedSpan(span, marked[begin:end]))
            begins.append(begin)
        begin = end
    done = workers.in_order(partial(_on_marked, work, tuple(parts)), tasks)
    for first, task, result in zip(begins, tasks, done, strict=True):
        yield first + np.flatnonzero(task.marks), result


class _MarkedSpan(NamedTuple):
    """Rows of a span, and which of them are marked."""

    span: RowSpan
    marks: Mask


def _on_marked(
    work: Callable[[int, pa.Table], Any], parts: tuple[datasets.Dataset, ...], task: _MarkedSpan
) -> Any:
    span = task.span
    return work(span.part, row_picker(parts[span.part])(span.begin + np.flatnonzero(task.marks)))
