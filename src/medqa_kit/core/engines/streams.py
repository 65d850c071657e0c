"""Streams of ``datasets`` as tables of the types they declare.

A stream that was shuffled, filtered or mapped row by row passes on single rows. ``datasets`` guesses the types
of each row, so that a null has another type than a text, and fails when it joins such rows to a table. Here the
rows get the types that the stream declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from medqa_kit.core.arrow.messages import is_json


def reads_tables(stream: Any) -> bool:
    """Check whether a stream passes on whole tables rather than single rows.

    Example:
        >>> import datasets
        >>> stream = datasets.Dataset.from_dict({"n": [1, 2]}).to_iterable_dataset()
        >>> reads_tables(stream), reads_tables(stream.filter(lambda row: row["n"] > 1))
        (True, False)
    """
    chain = getattr(stream, "_ex_iterable", None)  # there is no public name for this
    return getattr(chain, "iter_arrow", None) is not None


def stream_tables(stream: Any, size: int) -> Iterator[pa.Table]:
    """Read a stream in tables of so many rows.

    Example:
        >>> import datasets
        >>> stream = datasets.Dataset.from_dict({"n": [None, 2]}).to_iterable_dataset()
        >>> [table["n"].to_pylist() for table in stream_tables(stream.filter(lambda row: True), 8)]
        [[None, 2]]
    """
    if reads_tables(stream):
        yield from stream.with_format("arrow").iter(size)
        return
    for columns in stream.with_format(None).iter(size):
        yield table_of(columns, stream.features)


def table_of(columns: Mapping[str, list[Any]], features: Any) -> pa.Table:
    """Make a table of lists of values, with the types of ``features`` where a stream declares them."""
    values = dict(columns)
    if features is None:
        return pa.table(values)
    schema = features.arrow_schema
    stored = pa.schema([field.with_type(_stored(field.type)) for field in schema])
    if stored != schema:  # values that are decoded in the rows of a stream
        return pa.table(features.encode_batch(values), schema=stored).cast(schema)
    return pa.table(values, schema=schema)


def _stored(kind: pa.DataType) -> pa.DataType:
    """Return values kept as JSON, at any depth, in their stored form, of which Arrow can make an array."""
    if is_json(kind):
        return kind.storage_type
    if (
        isinstance(kind, (pa.ListType, pa.LargeListType))
        and _stored(kind.value_type) != kind.value_type
    ):
        return pa.list_(_stored(kind.value_type))
    if isinstance(kind, pa.StructType):
        return pa.struct([field.with_type(_stored(field.type)) for field in kind])
    return kind


@dataclass(frozen=True)
class OnColumns:
    """A function from table to table, for a ``map`` that passes lists of values.

    Attributes:
        work: From table to table.
        features: Those of the stream.
    """

    work: Callable[[pa.Table], pa.Table]
    features: Any

    def __call__(self, columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        """Return the columns of the result as lists."""
        result: dict[str, list[Any]] = self.work(table_of(columns, self.features)).to_pydict()
        return result
