"""Keep the rows of some exam years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.holders import is_stream
from medqa_kit.errors import ArgumentError, EmptyDataError, SchemaError, shorten

Years: TypeAlias = range | frozenset[int]


def chosen_years(years: Iterable[int]) -> Years:
    """Read what was given as ``years=``, once: a generator can be read no second time.

    A range stays one, however long it is.

    Raises:
        ArgumentError: It is no collection of whole numbers.

    Example:
        >>> chosen_years(year for year in (2021, 2022))
        frozenset({2021, 2022})
    """
    given: Any = years  # whatever was passed, against its type
    if isinstance(given, range):
        return given
    listed = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else None
    if listed is None or not all(map(_whole_number, listed)):
        raise ArgumentError(
            "years= takes whole numbers",
            argument="years",
            expected="such as range(2012, 2022) or [2021]",
            found=shorten([given] if listed is None else listed),
            hint=f"years=[{given}] takes one year"
            if _whole_number(given)
            else "write the years as numbers, in a list",
        )
    return frozenset(int(year) for year in listed)


def _whole_number(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


@dataclass(frozen=True)
class InYears:
    """Kernel that keeps the rows of some years.

    Attributes:
        years: The years to keep.
    """

    years: range | tuple[int, ...]

    def __call__(self, table: pa.Table) -> pa.Table:
        """Keep rows whose ``year`` is one of ``years``; rows without a year go."""
        return table.filter(self.mask(table["year"]))

    def mask(self, year: pa.ChunkedArray) -> pa.ChunkedArray:
        """Find which years are among ``years``; few different ones are in the rows."""
        there = [value for value in pc.unique(year).to_pylist() if value is not None]
        return pc.is_in(year, value_set=pa.array([y for y in there if y in self.years], year.type))


def in_years(data: Any, years: Years, *, source: str) -> Any:
    """Keep the rows of some exam years.

    Args:
        data: ``Dataset`` or ``IterableDataset`` with a column ``year``.
        years: From :func:`chosen_years`.
        source: Name of the source, for the message.

    Raises:
        SchemaError: The rows have no year.
    """
    if "year" not in data.column_names:
        raise SchemaError("rows of this source have no year", source=source, column="year",
                          found=", ".join(data.column_names), hint="leave years= out")  # fmt: skip
    # A tuple in order pickles alike in every process, which a set does not.
    kernel = InYears(years if isinstance(years, range) else tuple(sorted(years)))
    if is_stream(data):
        arrow = data.with_format("arrow")
        return arrow.map(kernel, batched=True, features=data.features).with_format(None)
    kept = np.flatnonzero(kernel.mask(data.data.column("year")).to_numpy())
    return data.select(kept)


def refuse_yearless(loaded: Sequence[Any], *, source: str) -> None:
    """Refuse years of rows that have none at all; of a stream nobody knows before it is read.

    Args:
        loaded: ``Dataset`` or ``IterableDataset`` of each part.
        source: Name of the source, for the message.

    Raises:
        SchemaError: No row has a year.
    """
    tables = [data.data for data in loaded if not is_stream(data)]
    if len(tables) < len(loaded) or not any(len(table) for table in tables):
        return
    if all("year" in t.column_names and t["year"].null_count == len(t) for t in tables):
        raise SchemaError("no row that was asked for has a year", source=source, column="year",
                          expected="rows with a year", found="null in every row",
                          hint="leave years= out")  # fmt: skip


def refuse_no_row(loaded: Sequence[Any], years: Years, *, source: str) -> None:
    """Refuse years that leave no row at all: more likely a slip than a wish.

    Args:
        loaded: As in :func:`refuse_yearless`, with the rows of these years.
        years: From :func:`chosen_years`.
        source: Name of the source, for the message.

    Raises:
        EmptyDataError: All parts are empty.
    """
    if not any(is_stream(data) or len(data) for data in loaded):
        raise EmptyDataError(
            "no row is of these years", source=source, column="year",
            found=repr(years) if isinstance(years, range) else shorten(sorted(years)),
            expected="years the rows have",
            hint=f"mk.source({source!r}).show() says which years there are",
        )  # fmt: skip
