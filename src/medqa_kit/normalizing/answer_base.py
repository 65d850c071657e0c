"""Where the answers of a file count from: proved from all of its rows, never assumed.

Numbers that count from 1 where the layout says 0 give a wrong answer in every row, and most of them
are numbers of an option all the same. What gives them away is the whole file: no answer is the first
option, and some lie one past the last.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import Column, list_lengths, whole

CERTAIN = 1e-9
"""A file is refused where chance would leave one end of the range empty more rarely than this."""
DOUBTFUL = 1e-3
"""A file is warned of where chance would do so more rarely than this."""


@dataclass(frozen=True)
class AnswerPositions:
    """How often the answers of some rows stand where, counted as the layout says.

    Attributes:
        rows: Rows with a known answer and two options or more.
        first: Answers that are the first option.
        last: Answers that are the row's last option.
        before: Answers one before the first option, so no option at all.
        beyond: Answers one past the last option.
        outside: Answers further outside.
        never_first: Natural logarithm of the probability that no answer is the first option, were
            all options equally likely: the sum of ``log(1 - 1/k)``. It is that of the last too.
    """

    rows: int = 0
    first: int = 0
    last: int = 0
    before: int = 0
    beyond: int = 0
    outside: int = 0
    never_first: float = 0.0

    @classmethod
    def of(cls, position: Column, options: Column) -> AnswerPositions:
        """Count the answers of a batch.

        Args:
            position: Integers; 0 is the first option. Nulls do not count.
            options: ``list<string>[n]``.

        Example:
            >>> AnswerPositions.of(pa.array([0, 1, 2]), pa.array([["a", "b"]] * 3)).beyond
            1
        """
        lengths: npt.NDArray[np.int64] = list_lengths(whole(options))
        valid = np.asarray(pc.is_valid(whole(position)), bool) & (lengths > 1)
        places = np.asarray(pc.fill_null(whole(position).cast(pa.int64()), 0))[valid]
        sizes = lengths[valid]
        known = int(valid.sum())
        first, before = int((places == 0).sum()), int((places == -1).sum())
        last, beyond = int((places == sizes - 1).sum()), int((places == sizes).sum())
        far = int(((places < -1) | (places > sizes)).sum())
        return cls(known, first, last, before, beyond, far, float(np.log1p(-1 / sizes).sum()))

    def __add__(self, other: AnswerPositions) -> AnswerPositions:
        """Add the counts of two batches."""
        names = ("rows", "first", "last", "before", "beyond", "outside", "never_first")
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def shift(self) -> int:
        """By how much the file counts otherwise than the layout says: 1, -1, or 0 where it agrees.

        1 means that its numbers are one too large: no answer is the first option, while some lie
        one past the last, or so many rows were seen that chance cannot explain it.

        Example:
            >>> one_based = AnswerPositions.of(pa.array([1, 2, 4]), pa.array([list("abcd")] * 3))
            >>> one_based.shift
            1
        """
        never = math.exp(self.never_first) if self.rows else 1.0
        if not self.first and not self.before and (self.beyond or (never < CERTAIN and self.last)):
            return 1
        if not self.last and not self.beyond and (self.before or (never < CERTAIN and self.first)):
            return -1
        return 0

    @property
    def doubt(self) -> str:
        """What is odd without being proof, in words; empty where nothing is.

        Example:
            >>> counts = AnswerPositions.of(pa.array([1, 1] * 20), pa.array([list("abcd")] * 40))
            >>> counts.doubt
            'of 40 answers none is the first option and none the last'
        """
        if self.shift or not self.rows or math.exp(self.never_first) >= DOUBTFUL:
            return ""
        ends = [name for name, number in (("first", self.first), ("last", self.last)) if not number]
        if not ends:
            return ""
        return f"of {self.rows:,} answers none is the {' option and none the '.join(ends)}" + (
            " option" if len(ends) == 1 else ""
        )
