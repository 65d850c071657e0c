"""Rows of a ``datasets.Dataset`` picked by their places, also where it shows only some rows of its table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arrow.picking import Picker
from medqa_kit.core.arrow.row_order import RowsInOrder

if TYPE_CHECKING:
    import datasets


def known_columns(table: pa.Table, columns: list[str] | None) -> pa.Table:
    """Select those of some columns that a table has; all columns for ``None``.

    Example:
        >>> known_columns(pa.table({"id": ["a"], "year": [2024]}), ["year", "url"]).column_names
        ['year']
    """
    names = table.column_names
    return table if columns is None else table.select([name for name in columns if name in names])


def view_of(rows: Any) -> RowsInOrder | None:
    """Return the rows that a shuffled or filtered ``Dataset`` shows; ``None`` where it shows its whole table."""
    indices = getattr(rows, "_indices", None)  # there is no public name for this
    if indices is None:
        return None
    return RowsInOrder(rows.data.table, indices.table.column(0).to_numpy().view(np.int64))


class RowPicker:
    """Picks rows of a ``Dataset`` by their places, also where it shows only some rows of its table.

    Args:
        data: The ``Dataset``, which must not change.
        columns: Those to pick; all by default.

    Example:
        >>> import datasets
        >>> data = datasets.Dataset.from_dict({"n": [5, 6, 7, 8]}).select([3, 0, 1])
        >>> RowPicker(data)(np.array([2, 0])).to_pydict()
        {'n': [6, 8]}
    """

    def __init__(self, data: datasets.Dataset, columns: Iterable[str] | None = None) -> None:
        view = view_of(data)
        table = data.data.table if view is None else view.table
        self._pick = Picker(known_columns(table, None if columns is None else list(columns)))
        self._shown = None if view is None else view.places

    def __call__(self, places: npt.NDArray[np.int64]) -> pa.Table:
        """Return the rows at these places, in this order."""
        return self._pick(places if self._shown is None else self._shown[places])


_PICKERS: WeakKeyDictionary[Any, RowPicker] = WeakKeyDictionary()


def row_picker(data: datasets.Dataset) -> RowPicker:
    """Return the picker of whole rows of a ``Dataset``: one for each data set, shared by all threads.

    Example:
        >>> import datasets
        >>> data = datasets.Dataset.from_dict({"n": [5, 6]})
        >>> row_picker(data) is row_picker(data)
        True
    """
    pick = _PICKERS.get(data)
    return _PICKERS.setdefault(data, RowPicker(data)) if pick is None else pick


def stored_batches(data: datasets.Dataset) -> Iterator[pa.RecordBatch]:
    """Read all rows in order, as they lie in the files of a ``Dataset``: what is not looked at is not read from disk.

    Of a data set that shows only some rows of its table these are copied.

    Example:
        >>> import datasets
        >>> data = datasets.Dataset.from_dict({"n": [5, 6, 7]})
        >>> [[batch["n"].to_pylist() for batch in stored_batches(rows)] for rows in (data, data.select([2, 0]))]
        [[[5, 6, 7]], [[7, 5]]]
    """
    view = view_of(data)
    tables = [data.data.table] if view is None else view.tables(multiple=1)
    return (batch for table in tables for batch in table.to_batches())
