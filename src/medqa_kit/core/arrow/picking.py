"""Pick rows of a table by their places, in any order, without joining its chunks first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arrow.byte_scans import byte_block
from medqa_kit.core.arrow.columns import empty_rows, without_views
from medqa_kit.core.arrow.ragged import Ints

_Bounds = npt.NDArray[np.int32]
_ROOM = 4  # places for the size of a text, for each text
_PREPARED_ROWS = 4 << 20  # of all chunks, some 40 bytes each: more are picked without it
_SHARE = 8  # to prepare a chunk takes about as long as it saves for an eighth of its rows


class Picker:
    """Picks a few rows of a table, again and again.

    ``Table.take`` would copy all chunks into one first, every time; one slice a row, as ``datasets``
    does it, gives as many chunks as rows.

    Args:
        table: Where to pick from. It is looked at once.
    """

    def __init__(self, table: pa.Table) -> None:
        self._schema = without_views(empty_rows(table.schema)).schema
        self._chunks = [_Chunk(batch) for batch in without_views(table).to_batches()]
        self._ends = np.cumsum([len(chunk.batch) for chunk in self._chunks]).astype(np.int64)
        self._prepared: set[int] = set()
        self._most = max(1, _PREPARED_ROWS * len(self._chunks) // max(table.num_rows, 1))

    def __call__(self, places: Ints) -> pa.Table:
        """Return the rows at these places, as one chunk.

        Example:
            >>> table = pa.table({"n": pa.chunked_array([[0, 1], [2], [3, 4]])})
            >>> Picker(table)(np.array([4, 0, 2])).to_pydict()
            {'n': [4, 0, 2]}
        """
        if not len(places):
            return empty_rows(self._schema)
        if len(self._chunks) == 1:
            return pa.Table.from_batches([self._picked(0, places)])
        order = None if (places[1:] >= places[:-1]).all() else np.argsort(places, kind="stable")
        sorted_places = places if order is None else places[order]
        chunk_of = np.searchsorted(self._ends, sorted_places, side="right")
        borders = [0, *(np.flatnonzero(np.diff(chunk_of)) + 1).tolist(), len(places)]
        pieces = []
        for begin, end in pairwise(borders):  # a chunk each, not a row
            number = int(chunk_of[begin])
            first = self._ends[number] - len(self._chunks[number].batch)
            pieces.append(self._picked(number, sorted_places[begin:end] - first))
            if order is None and end < len(places):
                self._chunks[number].leave()
                self._prepared.discard(number)
        table = pa.Table.from_batches(pieces).combine_chunks()
        if order is None:
            return table
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        return table.take(pa.array(back))

    def _picked(self, number: int, near: Ints) -> pa.RecordBatch:
        chunk = self._chunks[number]
        if len(self._prepared) < self._most and chunk.prepare(near):
            self._prepared.add(number)
        return chunk.picked(near)


class _Chunk:
    """Rows next to each other, of which some are picked."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch
        self._columns: tuple[_Repeated | _TextLists | pa.Array, ...] | None = None
        self._asked = 0

    def prepare(self, near: Ints) -> bool:
        """Prepare the columns as soon as that saves time; return whether they are prepared."""
        self._asked += 0 if _are_one_run(near) else len(near)
        if self._columns is not None or self._asked * _SHARE < len(self.batch):
            return False
        columns = self.batch.columns
        self._columns = tuple(
            _Repeated.of(column) or _TextLists.of(column) or column for column in columns
        )
        return True

    def leave(self) -> None:
        """Keep nothing but the rows."""
        self._columns, self._asked = None, 0

    def picked(self, near: Ints) -> pa.RecordBatch:
        if _are_one_run(near):
            return self.batch.slice(near[0], len(near))
        indices, columns = pa.array(near), self._columns
        arrays = [
            column.take(indices) if isinstance(column, pa.Array) else column.picked(near)
            for column in (self.batch.columns if columns is None else columns)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.batch.schema)


def _are_one_run(near: Ints) -> bool:
    return bool(near[-1] - near[0] == len(near) - 1 and (np.diff(near) == 1).all())


class _Repeated:
    """A column in which all values are equal, such as the source: no row needs to be looked up."""

    def __init__(self, column: pa.Array) -> None:
        self._repeated = column.slice(0, 1)

    @classmethod
    def of(cls, column: pa.Array) -> _Repeated | None:
        """Return such a column for texts that are all equal, or for nulls; ``None`` for others."""
        if column.null_count == len(column):
            return cls(column)
        text = pa.types.is_string(column.type)
        if not text or column.null_count or column[0] != column[len(column) - 1]:
            return None
        bounds, letters = byte_block(column)
        size = bounds[1]
        same = (np.diff(bounds) == size).all() and (
            letters[size:] == letters[: len(letters) - size]
        ).all()
        return cls(column) if same else None

    def picked(self, near: Ints) -> pa.Array:
        """Return the value, once for each place."""
        if len(self._repeated) < len(near):
            self._repeated = self._repeated.take(pa.array(np.zeros(len(near), np.int64)))
        return self._repeated.slice(0, len(near))


class _TextLists:
    """Lists of texts, picked as one text per row, since the texts of a list lie next to each other.

    Arrow picks each text by itself, which takes three times as long.
    """

    def __init__(self, lists: pa.ListArray) -> None:
        values, ends = lists.values, _bounds(lists)
        letters = _bounds(values)
        whole_rows = [None, pa.py_buffer(letters[ends]), values.buffers()[2]]
        self._rows = pa.Array.from_buffers(pa.binary(), len(lists), whole_rows)
        self._type, self._counts = lists.type, np.diff(ends)
        # Lengths of the texts of each row, side by side; zeros fill rows with fewer texts.
        self._places = np.arange(self._counts.max())
        self._even = len(self._places) * len(lists) == ends[-1] - ends[0]
        sizes = np.diff(letters[ends[0] : ends[-1] + 1])
        if self._even:
            self._sizes = sizes.reshape(len(lists), -1)
        else:
            self._sizes = np.zeros((len(lists), len(self._places)), np.int32)
            self._sizes[self._places < self._counts[:, None]] = sizes

    @classmethod
    def of(cls, column: pa.Array) -> _TextLists | None:
        """Return the lists of a column, or ``None`` if it holds something else, nulls, or a few lists much longer than others."""
        plain = pa.types.is_list(column.type) and pa.types.is_string(column.type.value_type)
        if not plain or column.null_count or column.values.null_count or not len(column.values):
            return None
        ends = _bounds(column)
        room = int(np.diff(ends).max()) * len(column)
        return cls(column) if 0 < room <= _ROOM * int(ends[-1] - ends[0]) else None

    def picked(self, near: Ints) -> pa.ListArray:
        """Return the lists at these places."""
        texts = self._rows.take(pa.array(near)).buffers()[2]
        counts, sizes = self._counts.take(near), self._sizes.take(near, axis=0)
        letters = _summed(sizes.ravel() if self._even else sizes[self._places < counts[:, None]])
        buffers = [None, pa.py_buffer(letters), texts]
        values = pa.Array.from_buffers(self._type.value_type, len(letters) - 1, buffers)
        return pa.ListArray.from_arrays(pa.array(_summed(counts)), values, type=self._type)


def _bounds(array: pa.Array) -> _Bounds:
    """Return where each list or text begins and ends: ``int32[n + 1]``."""
    return np.frombuffer(array.buffers()[1], np.int32, len(array) + 1, array.offset * 4)


def _summed(sizes: _Bounds) -> _Bounds:
    ends = np.zeros(len(sizes) + 1, np.int32)
    np.cumsum(sizes, out=ends[1:])
    return ends
