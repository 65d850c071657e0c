"""Containers of rows: open them, read them in batches bounded in rows and bytes, and return the same kind.

Verbs take any container that people use: an Arrow table, batch or reader, a ``datasets.Dataset``, ``DatasetDict`` or
stream, a data frame of pandas or Polars, a list of dicts, or what an engine holds (Ray Data, Spark).
:func:`opened` turns small containers into a table, and knows how to turn a table back into the same kind. The other
functions work on its result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

import pyarrow as pa

from medqa_kit.core.arrow.columns import compact, contiguous, refuse_namesakes, without_views
from medqa_kit.core.arrow.data_frames import column_of, frame_of_table, table_of_frame
from medqa_kit.core.engines.dataset_rows import known_columns, view_of
from medqa_kit.core.engines.known import EngineRows, engine_rows
from medqa_kit.core.engines.streams import stream_tables
from medqa_kit.core.progress import watched
from medqa_kit.core.threads import R, in_order
from medqa_kit.errors import ArgumentError, MedQAError, shorten

if TYPE_CHECKING:
    import datasets

Rows: TypeAlias = (
    "pa.Table | datasets.Dataset | datasets.DatasetDict | datasets.IterableDataset | EngineRows"
)
"""Rows as :func:`opened` returns them."""
RowsT = TypeVar("RowsT")
"""A container of rows; the verb returns the same kind."""

MOST_ROWS, MOST_BYTES = 16_384, 32 << 20

KINDS = (
    "pyarrow.Table, RecordBatch or RecordBatchReader, datasets.Dataset, DatasetDict, IterableDataset "
    "or IterableDatasetDict, a pandas or Polars DataFrame, a data set of Ray Data, a DataFrame of Spark, "
    "or a list of dicts"
)


@dataclass(frozen=True)
class Opened(Generic[RowsT]):
    """Rows in a form the library reads, and the way back.

    Attributes:
        rows: A table, an object of ``datasets``, or the rows of an engine.
        back: Turns such rows into the kind that was passed.
    """

    rows: Rows
    back: Callable[[Any], RowsT]


def opened(rows: RowsT) -> Opened[RowsT]:
    """Open a container of rows.

    Args:
        rows: See the module. A ``RecordBatchReader`` is read to its end.

    Raises:
        ArgumentError: It is no container that the library reads.
        SchemaError: Two columns have one name.

    Example:
        >>> table = opened([{"id": "a"}, {"id": "b", "year": 2024}])
        >>> table.rows["year"].to_pylist(), table.back(table.rows.slice(1))
        ([None, 2024], [{'id': 'b', 'year': 2024}])
    """
    anything: Any = rows
    if isinstance(anything, (pa.Table, pa.RecordBatch, pa.RecordBatchReader)):
        refuse_namesakes(anything.schema)
    if isinstance(anything, pa.Table) or is_of_datasets(anything):
        return Opened(anything, lambda inner: cast(RowsT, inner))
    if isinstance(anything, pa.RecordBatch):
        return Opened(pa.Table.from_batches([anything]), cast(Any, contiguous))
    if isinstance(anything, pa.RecordBatchReader):
        return Opened(anything.read_all(), lambda table: cast(RowsT, table.to_reader()))
    if isinstance(anything, EngineRows):  # opened before
        return Opened(anything, lambda inner: cast(RowsT, inner))
    if (in_engine := engine_rows(anything)) is not None:
        return Opened(in_engine, lambda inner: cast(RowsT, inner.frame))
    package, name = _package(anything), type(anything).__name__
    if package == "pandas" and name == "DataFrame":
        with _mixture_errors("the data frame makes no table"):
            table = table_of_frame(anything)
        return Opened(table, partial(frame_of_table, frame=anything, opened_as=table))
    if package == "polars" and name == "DataFrame":
        return Opened(anything.to_arrow(), _polars)
    if isinstance(anything, (list, tuple)) and all(isinstance(row, Mapping) for row in anything):
        kind = type(anything)
        return Opened(_from_dicts(anything), lambda table: cast(RowsT, kind(table.to_pylist())))
    raise ArgumentError(
        "these rows are in nothing that the library reads", argument="rows", expected=KINDS, found=_kind_of(anything),
        hint="mk.read(path) reads a file; a lazy frame is collected first; a dict of columns becomes a table by pa.table(columns)",
    )  # fmt: skip


def _kind_of(anything: Any) -> str:
    """Name the type of an object, and of the first value of a list that is no row."""
    kind = f"{type(anything).__module__}.{type(anything).__qualname__}".removeprefix("builtins.")
    values = anything if isinstance(anything, (list, tuple)) else ()
    others = (type(value).__name__ for value in values if not isinstance(value, Mapping))
    return next((f"a {kind} of {name}" for name in others), kind)


def is_of_datasets(rows: object) -> bool:
    """Check whether an object is a data set of ``datasets``, without importing that package."""
    names = ("Dataset", "DatasetDict", "IterableDataset", "IterableDatasetDict")
    kinds = (kind for kind in type(rows).__mro__ if kind.__name__ in names)
    return any(kind.__module__.split(".")[0] == "datasets" for kind in kinds)


def is_stream(rows: object) -> bool:
    """Check whether rows are a stream, whose number of rows is not known."""
    names = ("IterableDataset", "IterableDatasetDict")
    return any(kind.__name__ in names for kind in type(rows).__mro__)


def splits_of(rows: Any) -> Mapping[str, Any] | None:
    """Return the splits of a dict of data sets, ``None`` for a single one."""
    return rows if isinstance(rows, Mapping) else None


def batches(
    rows: Any, *, columns: Iterable[str] | None = None, verb: str | None = None
) -> Iterator[pa.RecordBatch]:
    """Read rows in order, in batches of at most 16,384 rows and, as far as rows allow, 32 MB.

    Each batch is contiguous, whatever the chunks of a table or the indices of a filtered or
    shuffled ``Dataset`` are.

    Args:
        rows: Anything :func:`opened` takes.
        columns: The columns to read; those that are absent are passed over; all by default.
        verb: The verb for the progress bar; without one no progress is shown.

    Raises:
        ArgumentError: It is no container of rows.

    Example:
        >>> [len(batch) for batch in batches(pa.table({"id": ["a"] * 18_000}))]
        [16384, 1616]
    """
    inner = opened(rows).rows
    wanted = None if columns is None else list(columns)
    read = (batch for table in _tables(inner, wanted) for batch in _bounded_batches(table))
    if verb is None:
        return read
    return watched(read, verb=verb, total=None if is_stream(inner) else count(inner))


def over_batches(
    function: Callable[[pa.RecordBatch], R],
    rows: Rows,
    *,
    threads: int | None,
    verb: str | None = None,
) -> Iterator[R]:
    """Return ``function(batch)`` for the batches of rows, in order.

    Args:
        function: Row-local and pure. Rows that an engine or worker processes hold are worked on there: the
            function is sent with its values, and only the results come back.
        rows: What :func:`opened` returned.
        threads: How many threads to use where this process does the work; see
            :func:`~medqa_kit.core.threads.in_order`.
        verb: The verb for the progress bar; without one no progress is shown.

    Example:
        >>> list(over_batches(len, pa.table({"id": ["a"] * 18_000}), threads=1))
        [16384, 1616]
    """
    over_tables = getattr(rows, "over_tables", None)
    if over_tables is not None:
        for results in over_tables(partial(_on_each, function)):
            yield from results
    else:
        yield from in_order(function, batches(rows, verb=verb), threads=threads)


def _on_each(function: Callable[[pa.RecordBatch], R], table: pa.Table) -> list[R]:
    return [function(compact(batch)) for batch in _bounded_batches(table)]


def _bounded_batches(table: pa.Table) -> Iterator[pa.RecordBatch]:
    for start in range(0, table.num_rows, MOST_ROWS):
        yield from bounded(without_views(table.slice(start, MOST_ROWS)))


def _tables(rows: Any, columns: list[str] | None) -> Iterator[pa.Table]:
    if isinstance(rows, pa.Table):
        yield known_columns(rows, columns)
    elif isinstance(rows, EngineRows):
        chosen = partial(known_columns, columns=columns)
        yield from rows.tables() if columns is None else rows.over_tables(chosen)
    elif (splits := splits_of(rows)) is not None:
        for split in splits.values():
            yield from _tables(split, columns)
    else:
        names = rows.column_names
        if columns is not None and names is not None:
            rows = rows.select_columns([name for name in columns if name in names])
        view = view_of(rows)
        if is_stream(rows):
            read = stream_tables(rows, MOST_ROWS)
        elif view is None:
            read = rows.with_format("arrow").iter(MOST_ROWS)
        else:
            read = view.tables(multiple=MOST_ROWS)
        for table in read:
            yield known_columns(table, columns)


def columns_of(rows: Rows) -> list[str] | None:
    """Return the names of the columns, if possible without reading rows; ``None`` where there are no rows.

    Args:
        rows: What :func:`opened` returned. Of a dict of splits, the columns that all splits with rows share.

    Example:
        >>> columns_of(pa.table({"id": ["a"]})), columns_of(pa.table({"id": []}))
        (['id'], None)
    """
    if (parts := splits_of(rows)) is not None:
        listed = [names for part in parts.values() if (names := columns_of(part)) is not None]
        return [name for name in listed[0] if all(name in other for other in listed)] if listed else None  # fmt: skip
    names, size = (getattr(rows, name, None) for name in ("column_names", "num_rows"))
    if isinstance(names, list) and isinstance(size, int):  # of a table, or of one Dataset
        return names if size else None
    first = next(batches(rows), None)
    return None if first is None else list(first.schema.names)


def bounded(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """Make a batch of a table; halve the table as long as it has too many bytes."""
    if table.num_rows > 1 and table.nbytes > MOST_BYTES:
        half = table.num_rows // 2
        yield from bounded(table.slice(0, half))
        yield from bounded(table.slice(half))
    else:
        yield contiguous(table)


def count(rows: Any) -> int:
    """Count rows; those of all splits of a dict of data sets. A stream is read to be counted.

    Example:
        >>> count(pa.table({"id": ["a", "b"]}))
        2
    """
    if (splits := splits_of(rows)) is not None:
        return sum(map(count, splits.values()))
    if is_stream(rows):
        return sum(batch.num_rows for batch in batches(rows))
    inner = opened(rows).rows
    return len(cast(Sized, inner))


def _package(value: object) -> str:
    return type(value).__module__.partition(".")[0]


def _from_dicts(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Make a table of dicts that may have different keys; a key that a row lacks is null."""
    listed = list(rows)
    names = dict.fromkeys(name for row in listed for name in row)
    strange = [name for name in names if not isinstance(name, str)]
    if strange or (listed and not names):
        raise ArgumentError(
            "the dicts make no table", argument="rows", expected="names of columns as the keys of each dict",
            found=shorten(strange) if strange else "dicts without keys", hint="write the names as texts",
        )  # fmt: skip
    with _mixture_errors("the dicts make no table"):
        return pa.table({name: column_of([row.get(name) for row in listed]) for name in names})


@contextmanager
def _mixture_errors(message: str) -> Iterator[None]:
    try:
        yield
    except MedQAError:  # some are also a ValueError
        raise
    except (pa.ArrowException, OverflowError, TypeError, ValueError) as error:
        raise ArgumentError(
            message, argument="rows", found=(str(error) or type(error).__name__).splitlines()[0],
            expected="values of one type in each column, numbers of 64 bits, and texts without half of a surrogate pair",
            hint="give each column values of one type",
        ) from error  # fmt: skip


def _polars(table: pa.Table) -> Any:
    import polars

    return polars.from_arrow(table)
