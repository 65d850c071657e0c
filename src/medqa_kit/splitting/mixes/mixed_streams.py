"""Mix streams: chosen rows keep the order of their sets and are evenly spread, without reading all into memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.columns import empty_rows
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.holders import batches
from medqa_kit.core.selection import picked_rows

if TYPE_CHECKING:
    import datasets

_STEP_ROWS = 4096


def first_schemas(streams: Mapping[str, Any]) -> dict[str, pa.Schema | None]:
    """Return the columns of the first rows of each stream; ``None`` of one without rows."""
    firsts = {name: next(iter(batches(stream)), None) for name, stream in streams.items()}
    return {name: None if first is None else first.schema for name, first in firsts.items()}


def mixed_stream(
    streams: Mapping[str, Any], places: Sequence[Ints], schema: pa.Schema
) -> datasets.IterableDataset:
    """Return a stream of chosen rows: those of each set in its order, evenly spread over the whole.

    A row that is taken again comes in a further pass over its set. No more is held than a few thousand rows
    and a byte or two for each row of the mix.

    Args:
        streams: The sets by name.
        places: Of the rows taken of each set, as often as they are taken.
        schema: Columns of all sets.
    """
    import datasets

    said = schema if "source" in schema.names else schema.append(pa.field("source", pa.string()))
    return datasets.IterableDataset.from_generator(
        partial(_rows, streams, tuple(places), said),
        features=datasets.Features.from_arrow_schema(said),
    )


def _rows(
    streams: Mapping[str, Any], places: Sequence[Ints], schema: pa.Schema
) -> Iterator[dict[str, Any]]:
    readers = [_Reader(_named(stream, name, at, schema), schema)
               for (name, stream), at in zip(streams.items(), places, strict=True)]  # fmt: skip
    order = _spread([len(at) for at in places])
    for begin in range(0, len(order), _STEP_ROWS):
        owners = order[begin : begin + _STEP_ROWS]
        tables = [reader.read(int((owners == at).sum())) for at, reader in enumerate(readers)]
        back = np.empty(len(owners), np.int64)
        back[np.argsort(owners, kind="stable")] = np.arange(len(owners))
        yield from pa.concat_tables(tables).take(pa.array(back)).to_pylist()  # what a stream gives


def _spread(amounts: Sequence[int]) -> Ints:
    """Return whose each row of the mix is: those of each set at even distances.

    Example:
        >>> _spread([4, 2]).tolist()
        [0, 1, 0, 0, 1, 0]
    """
    times = [(np.arange(amount) + 0.5) / max(amount, 1) for amount in amounts]
    owners = np.repeat(np.arange(len(amounts)), amounts)
    return owners[np.argsort(np.concatenate(times), kind="stable")] if times else owners


def _named(stream: Any, name: str, at: Ints, schema: pa.Schema) -> Iterator[pa.Table]:
    """Read the rows taken of a stream, pass by pass."""
    times = np.bincount(at) if len(at) else np.zeros(0, np.int64)
    for turn in range(int(times.max(initial=0))):
        for batch in picked_rows(stream, np.flatnonzero(times > turn)):
            table = pa.Table.from_batches([batch])
            if "source" not in table.column_names:
                table = table.append_column("source", pa.repeat(pa.scalar(name, pa.string()), len(batch)))  # fmt: skip
            yield table.select(schema.names).cast(schema)


class _Reader:
    """Gives so many rows at a time of tables that come one after the other."""

    def __init__(self, tables: Iterator[pa.Table], schema: pa.Schema) -> None:
        self._tables, self._rest = tables, empty_rows(schema)

    def read(self, most: int) -> pa.Table:
        """Return the next rows: as many as asked for, or as there are."""
        parts, lacking = [self._rest.slice(0, most)], most - self._rest.num_rows
        self._rest = self._rest.slice(most)
        while lacking > 0 and (table := next(self._tables, None)) is not None:
            parts.append(table.slice(0, lacking))
            self._rest = table.slice(lacking)
            lacking -= table.num_rows
        return pa.concat_tables(parts)
