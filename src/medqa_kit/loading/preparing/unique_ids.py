"""Ids that stay unique within one part, however many rows it has."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.hashing import short_hashes
from medqa_kit.errors import DuplicateIdError


class UniqueIds:
    """Keeps ids unique within one part, in eight bytes a row.

    A source either promises unique keys, and then a repeat is an error; or its keys are hashes
    of the row, and then exact copies are told apart by ``~2``, ``~3``, in file order.

    Args:
        repeats: Whether repeats are expected.

    Attributes:
        repeated: Rows so far whose key had come before.
    """

    def __init__(self, *, repeats: bool) -> None:
        self._repeats = repeats
        self.repeated = 0
        self._runs: list[np.ndarray] = []  # sorted, each at least twice as long as the next
        self._counts: Counter[str] = Counter()

    @property
    def hashes(self) -> np.ndarray:
        """Hashes of all ids so far."""
        return np.concatenate(self._runs) if self._runs else np.empty(0, np.uint64)

    def settled(self, table: pa.Table) -> pa.Table:
        """Return the table with unique ids.

        Raises:
            DuplicateIdError: Keys repeat that were declared unique.
        """
        own = short_hashes(table["id"])
        ordered = np.sort(own)
        if not self._seen(ordered).any():
            self._remember(ordered)
            return table
        repeated = self._repeated(own)
        ids = table["id"].to_pylist()  # only batches with repeats come here
        bad = np.flatnonzero(repeated).tolist()
        if not self._repeats:
            raise DuplicateIdError(
                "the key occurs twice", rows=bad, column="id", row_id=ids[bad[0]],
                expected="upstream's key is unique", found=f"{len(bad)} repeats in one batch",
                hint='on_bad="drop" keeps the first of each and sets the others aside',
            )  # fmt: skip
        self._remember(np.sort(own[~repeated]))
        self.repeated += len(bad)
        for row in bad:
            self._counts[ids[row]] += 1
            ids[row] = f"{ids[row]}~{self._counts[ids[row]] + 1}"
        return table.set_column(table.column_names.index("id"), table.field("id"), pa.array(ids))

    def _repeated(self, own: np.ndarray) -> np.ndarray:
        """Find the rows whose key has come before, in earlier batches or in this one."""
        order = np.argsort(own, kind="stable")  # of equal keys the first in the file is the first
        repeated = np.zeros(len(own), bool)
        repeated[order] = self._seen(own[order])
        return repeated

    def _seen(self, ordered: np.ndarray) -> np.ndarray:
        """Find the sorted hashes that are remembered, or equal to the one before."""
        again = np.zeros(len(ordered), bool)
        again[1:] = ordered[1:] == ordered[:-1]
        for run in self._runs:  # looking up sorted values is several times faster
            again |= run.take(np.searchsorted(run, ordered), mode="clip") == ordered
        return again

    def _remember(self, ordered: np.ndarray) -> None:
        if not len(ordered):
            return
        self._runs.append(ordered)
        while len(self._runs) > 1 and 2 * len(self._runs[-1]) > len(self._runs[-2]):
            both = np.concatenate(self._runs[-2:])
            self._runs[-2:] = [np.sort(both, kind="stable")]  # which merges what is sorted
