"""Units of a result: rows that are written together, by one process, into files of their own.

Where units begin depends on the rows and their order alone, so whoever writes them, and however many do,
the files are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from medqa_kit.building.output.formats import Format
from medqa_kit.core.apply import BATCH_ROWS

BESIDE_TEXTS = 256
"""What a record has beside the texts of its row, more or less: keys, roles, words of a prompt."""

STEP_ROWS = 1024
"""Units begin at multiples of it."""

_MOST_BYTES = 128 << 20  # of the texts of a unit, so that several processes have something to do
_BATCH_BYTES = 32 << 20  # of the texts of a batch


@dataclass(frozen=True)
class RowUnit:
    """Rows that are written together.

    Attributes:
        number: Of the unit, through all splits.
        split: Where its rows go.
        borders: Places in the order of the split: where each batch begins, and the end.
    """

    number: int
    split: str
    borders: tuple[int, ...]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.borders[-1] - self.borders[0]


def unit_bytes(formats: Sequence[Format]) -> int:
    """Return the size of a unit: that of a file where files are to be small."""
    return min(_MOST_BYTES, *(form.shard for form in formats))


def planned_units(
    sizes: npt.NDArray[np.integer], split: str, *, most: int, first: int
) -> Iterator[RowUnit]:
    """Divide the rows of a split.

    Args:
        sizes: Integers, ``[n]``: bytes of each row, in the order of the split.
        split: Its name.
        most: Bytes of a unit, more or less.
        first: Number of the first unit.

    Example:
        >>> units = planned_units(np.full(3000, 100), "train", most=150_000, first=0)
        >>> [unit.borders for unit in units]
        [(0, 2048), (2048, 3000)]
    """
    if not len(sizes):
        return
    steps = np.arange(0, len(sizes), STEP_ROWS)
    of_steps = np.add.reduceat(sizes, steps, dtype=np.int64)
    owner = (np.cumsum(of_steps) - of_steps) // most
    begins = steps[np.flatnonzero(np.diff(owner, prepend=-1))]
    for number, (begin, end) in enumerate(pairwise([*begins.tolist(), len(sizes)]), first):
        yield RowUnit(number, split, tuple(_borders(sizes[begin:end], begin)))


def _borders(sizes: npt.NDArray[np.integer], first: int) -> Iterator[int]:
    """Cut a unit, which begins at a place, into batches of so many rows and, as far as rows allow, so many bytes."""
    before, begin = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]), 0
    while begin < len(sizes):  # one turn a batch
        yield first + begin
        full = int(np.searchsorted(before, before[begin] + _BATCH_BYTES, side="right")) - 1
        begin = min(len(sizes), begin + BATCH_ROWS, max(full, begin + 1))
    yield first + len(sizes)
