"""Run a function over a table slice by slice, so that the memory it needs stays the same.

A slice is small enough for its strings to be contiguous (Arrow's ``string`` ends at 2 GiB) and
to stay in the processor's cache, which is also faster than one pass over the whole table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from medqa_kit.core.arguments import did_you_mean
from medqa_kit.core.arrow.columns import contiguous, positions
from medqa_kit.core.kernel import misfit_errors
from medqa_kit.errors import FormattingError, NullValueError, RowError

Render = Callable[[pa.RecordBatch], pa.RecordBatch]
Work = Callable[[pa.Table], pa.Table]

_ROWS, _BYTES = 16_384, 64 << 20


def slices(table: pa.Table, *, growth: int = 1) -> Iterator[tuple[int, pa.Table]]:
    """Cut a table into slices, each with its first row's position; an empty table is one slice."""
    step = _step(table, growth)
    for start in range(0, max(table.num_rows, 1), step):
        yield start, table.slice(start, step)


def by_slices(table: pa.Table, render: Render, *, growth: int = 1) -> pa.Table:
    """Run a function over a table slice by slice; errors name positions in the whole table.

    Args:
        table: Only the columns that the function reads.
        render: The function, from a contiguous batch to a batch.
        growth: How many times larger than its input a slice may become, such as the number of
            shots put before each row.

    Raises:
        RowError: An error of the class that the first bad slice raised, with the bad rows of all slices.
    """

    def work(piece: pa.Table) -> pa.Table:
        return pa.Table.from_batches([render(contiguous(piece))])

    with misfit_errors(render, table.schema):
        return by_tables(table, work, growth=growth)


def by_tables(table: pa.Table, work: Work, *, growth: int = 1) -> pa.Table:
    """Run :func:`by_slices` with a function from table to table, for kernels that read few columns."""
    done: list[pa.Table] = []
    failed: list[tuple[int, RowError]] = []
    for start, piece in slices(table, growth=growth):
        try:
            done += _worked(piece, work)
        except RowError as error:
            failed.append((start, error))
    if failed:
        raise _merged(failed)
    return pa.concat_tables(done)


def _worked(table: pa.Table, work: Work) -> list[pa.Table]:
    """Run the function over a slice; halve it where a few huge rows make the result larger than an array may be."""
    try:
        return [work(table)]
    except pa.ArrowCapacityError:
        if table.num_rows < 2:
            raise
    half = table.num_rows // 2
    done: list[pa.Table] = []
    for start, part in ((0, table.slice(0, half)), (half, table.slice(half))):
        try:
            done += _worked(part, work)
        except RowError as error:
            error.rows = [start + row for row in error.rows]
            raise
    return done


def _step(table: pa.Table, growth: int) -> int:
    if not table.num_rows:
        return _ROWS
    row = max(1, table.nbytes * growth // table.num_rows)
    return int(max(1, min(_ROWS, _BYTES // row)))


def _merged(failed: list[tuple[int, RowError]]) -> RowError:
    first = failed[0][1]
    same = [(s, e) for s, e in failed if type(e) is type(first) and e.what == first.what]
    first.rows = [start + row for start, error in same for row in error.rows]
    return first


def fail(
    batch: pa.RecordBatch, bad: pa.Array | np.ndarray, kind: type[RowError], what: str, **rest: Any
) -> None:
    """Raise ``kind`` for the rows where ``bad`` is true, naming the first by its id."""
    rows = np.flatnonzero(bad).tolist() if isinstance(bad, np.ndarray) else positions(bad)
    if rows:
        raise kind(what, rows=rows, row_id=_id(batch, rows[0]), **rest)


def _id(batch: pa.RecordBatch, row: int) -> str | None:
    if "id" not in batch.schema.names:
        return None
    value = batch.column("id")[row].as_py()
    return None if value is None else str(value)


def need(table: pa.Table, names: tuple[str, ...], *, purpose: str, hint: str) -> None:
    """Raise unless the table has the columns.

    Raises:
        FormattingError: Names the first missing column, and those there are.
    """
    for name in names:
        if name not in table.column_names:
            near = did_you_mean(name, table.column_names)
            raise FormattingError(f"{purpose} needs a column the table does not have", column=name,
                                  expected=", ".join(names), found=", ".join(table.column_names),
                                  hint=f"{near} {hint}" if near else hint)  # fmt: skip


def filled(batch: pa.RecordBatch, name: str, *, hint: str) -> pa.Array:
    """Return a string column of a batch; none of its values may be null.

    Raises:
        NullValueError: Some are.
    """
    column = as_text(batch.column(name), name)
    if column.null_count:
        fail(batch, column.is_null(), NullValueError, "a null cannot be put into a prompt",
             column=name, expected="text in every row", found="null", hint=hint)  # fmt: skip
    return column


def as_text(column: pa.Array, name: str) -> pa.Array:
    """Return a column as ``string``: text stays, integers and floats are written out.

    Raises:
        FormattingError: The column holds something else, such as lists.
    """
    type_ = column.type
    if pa.types.is_string(type_):
        return column
    if pa.types.is_dictionary(type_):
        return as_text(column.dictionary_decode(), name)
    written = (pa.types.is_large_string, pa.types.is_string_view, pa.types.is_integer,
               pa.types.is_floating, pa.types.is_null)  # fmt: skip
    if any(fits(type_) for fits in written):
        return column.cast(pa.string())
    raise FormattingError("the column cannot be written into a text", column=name,
                          expected="text or numbers", found=str(type_),
                          hint="join or cast the column first")  # fmt: skip
