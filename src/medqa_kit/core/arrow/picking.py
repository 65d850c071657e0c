"""Rows picked out of a table by their places, in any order, however many chunks it has."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.columns import without_views
from medqa_kit.core.arrow.ragged import Ints


class Picker:
    """Picks rows of a table, each time another few.

    ``Table.take`` would copy all chunks into one first, every time; one slice a row, as ``datasets``
    does it, gives as many chunks as rows.

    Args:
        table: Where to pick from. It is looked at once.
    """

    def __init__(self, table: pa.Table) -> None:
        self._schema = without_views(table.schema.empty_table()).schema
        self._chunks = without_views(table).to_batches()
        self._ends = np.cumsum([len(chunk) for chunk in self._chunks]).astype(np.int64)

    def __call__(self, places: Ints) -> pa.Table:
        """Return the rows at these places, as one chunk.

        Example:
            >>> table = pa.table({"n": pa.chunked_array([[0, 1], [2], [3, 4]])})
            >>> Picker(table)(np.array([4, 0, 2])).to_pydict()
            {'n': [4, 0, 2]}
        """
        if not len(places):
            return self._schema.empty_table()
        if len(self._chunks) == 1:
            return pa.Table.from_batches([_taken(self._chunks[0], places)])
        order = None if (places[1:] >= places[:-1]).all() else np.argsort(places, kind="stable")
        sorted_places = places if order is None else places[order]
        chunk_of = np.searchsorted(self._ends, sorted_places, side="right")
        borders = [0, *(np.flatnonzero(np.diff(chunk_of)) + 1).tolist(), len(places)]
        pieces = []
        for begin, end in pairwise(borders):  # a chunk each, not a row
            chunk = self._chunks[chunk_of[begin]]
            near = sorted_places[begin:end] - (self._ends[chunk_of[begin]] - len(chunk))
            pieces.append(_taken(chunk, near))
        table = pa.Table.from_batches(pieces).combine_chunks()
        if order is None:
            return table
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        return table.take(pa.array(back))


def _taken(chunk: pa.RecordBatch, near: Ints) -> pa.RecordBatch:
    if near[-1] - near[0] == len(near) - 1 and (np.diff(near) == 1).all():
        return chunk.slice(near[0], len(near))
    return chunk.take(pa.array(near))
