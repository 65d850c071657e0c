"""Rows of a table in another order, as a shuffled or filtered ``Dataset`` shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arrow.picking import Picker
from medqa_kit.core.arrow.ragged import Ints, ranges

_MOST_ROWS = 65_536  # rows picked at a time: with more, each chunk is visited less often
_MOST_BYTES = 32 << 20
_DENSE = 3 / 4  # share of a stretch from which it is faster to read all its rows than to pick some


@dataclass(frozen=True)
class RowsInOrder:
    """The rows of a table that a shuffled, filtered or selected ``Dataset`` shows, in its order.

    ``datasets`` reads such rows one by one; here they are picked many at a time.

    Attributes:
        table: The whole table.
        places: ``int64[n]``: the rows of the table that are shown, in order.
    """

    table: pa.Table
    places: npt.NDArray[np.int64]

    def tables(self, *, multiple: int) -> Iterator[pa.Table]:
        """Read all rows in order, as many at a time as 32 MB hold: a multiple of some number."""
        pick, step = Picker(self.table), self._step(multiple)
        for start in range(0, len(self.places), step):
            yield pick(self.places[start : start + step])

    def stretches(self) -> Iterator[tuple[Ints, pa.Table]]:
        """Read all rows in the order of the table, each once, for callers to whom the order does not matter.

        Where nearly all rows of a stretch are shown, the whole stretch is read, without a copy.

        Returns:
            The places of rows in the table, and the rows.

        Example:
            >>> shuffled = RowsInOrder(pa.table({"n": [5, 6, 7]}), np.array([2, 0, 1]))
            >>> [(places.tolist(), rows["n"].to_pylist()) for places, rows in shuffled.stretches()]
            [([0, 1, 2], [5, 6, 7])]
        """
        shown = np.zeros(self.table.num_rows, np.bool_)
        shown[self.places] = True
        each, pick, step = np.flatnonzero(shown), Picker(self.table), self._step(1)
        for start in range(0, len(each), step):
            near = each[start : start + step]
            begin, size = int(near[0]), int(near[-1] - near[0]) + 1
            if len(near) >= _DENSE * size:
                yield np.arange(begin, begin + size), self.table.slice(begin, size)
            else:
                yield near, pick(near)

    def findings_shown(self, places: Ints, findings: pa.Table) -> pa.Table:
        """Return findings about rows of the table as findings about the rows that are shown.

        Args:
            places: The row of the table that each finding is about, in order.
            findings: A table with a column ``row``, which is numbered anew.

        Example:
            >>> twice = RowsInOrder(pa.table({"n": [5, 6, 7]}), np.array([2, 0, 2]))
            >>> findings = pa.table({"row": [0, 0], "code": ["big", "odd"]})
            >>> twice.findings_shown(np.array([2, 2]), findings)["row"].to_pylist()
            [0, 0, 2, 2]
        """
        marks = np.zeros(self.table.num_rows, np.bool_)
        marks[places] = True
        rows = np.flatnonzero(marks[self.places])
        begins, ends = (np.searchsorted(places, self.places[rows], side=side)
                        for side in ("left", "right"))  # fmt: skip
        taken = findings.take(pa.array(ranges(begins, ends - begins)))
        numbers = pa.array(np.repeat(rows, ends - begins), pa.int64())
        return taken.set_column(taken.column_names.index("row"), "row", numbers)

    def _step(self, multiple: int) -> int:
        row: int = self.table.nbytes // max(self.table.num_rows, 1) + 1
        return max(min(_MOST_BYTES // row, _MOST_ROWS) // multiple, 1) * multiple
