"""Let functions that report on rows take a ``datasets.Dataset`` too, and give one back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pyarrow as pa

from medqa_kit.errors import FormattingError

D = TypeVar("D")

_ROWS = 16_384


def opened(data: D, *, purpose: str) -> tuple[pa.Table, Callable[[pa.Table], D]]:
    """Give the table behind data, and what turns a table back into the same kind of data.

    Args:
        data: ``pyarrow.Table`` or ``datasets.Dataset``; the latter stays on disk where it is.
        purpose: What it is for, to be named in the error.

    Raises:
        FormattingError: It is something else, such as a stream or several splits.

    Example:
        >>> table, back = opened(pa.table({"n": [1]}), purpose="lint()")
        >>> back(table) is table
        True
    """
    whole: Any = data
    if isinstance(whole, pa.Table):
        return whole, lambda table: table
    if _is(data, "Dataset"):
        return whole.with_format("arrow")[:], type(data)
    raise _unknown(data, purpose, expected="pyarrow.Table or datasets.Dataset")


def tables(data: Any, *, columns: tuple[str, ...], purpose: str) -> Iterator[pa.Table]:
    """Walk over a table, a ``datasets.Dataset`` or a stream, in tables that fit in memory.

    Args:
        data: What holds the rows.
        columns: The columns wanted, as far as they are there.
        purpose: What it is for, to be named in the error.

    Raises:
        FormattingError: It is something else, such as several splits.
    """
    if isinstance(data, pa.Table):
        yield data.select([n for n in columns if n in data.column_names])
        return
    if not _is(data, "Dataset", "IterableDataset"):
        raise _unknown(data, purpose, expected="pyarrow.Table, datasets.Dataset or IterableDataset")
    names = [n for n in columns if n in (data.column_names or columns)]
    yield from data.select_columns(names).with_format("arrow").iter(batch_size=_ROWS)


def _is(data: object, *names: str) -> bool:
    """Tell a class of ``datasets`` by name: the package is slow to import, and may be absent."""
    kind = type(data)
    return kind.__module__.split(".")[0] == "datasets" and kind.__name__ in names


def _unknown(data: object, purpose: str, *, expected: str) -> FormattingError:
    kind = type(data)
    if _is(data, "DatasetDict", "IterableDatasetDict"):
        hint = f"split by split: for name, rows in data.items(): {purpose.removesuffix('()')}(rows, ...)"
    elif _is(data, "IterableDataset"):
        hint = (
            "its report counts all rows, so load them without streaming; or "
            "mk.apply(stream, mk.record(...)), which checks rows as they pass and raises"
        )
    else:
        hint = "pa.Table.from_pylist(rows) makes a table of a list of rows"
    return FormattingError(
        f"{purpose} does not know {kind.__module__}.{kind.__qualname__}",
        expected=expected, hint=hint,
    )  # fmt: skip
