"""The kinds of things that hold rows, each made of a table with a column ``id``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import datasets
import numpy as np
import pandas
import polars
import pyarrow as pa

from medqa_kit.core.holders import batches

KINDS: dict[str, Callable[[pa.Table], Any]] = {
    "table": lambda table: table,
    "sliced": lambda table: pa.concat_tables([table.slice(0, 3), table]).slice(3),
    "chunked": lambda table: pa.concat_tables([table.slice(0, 5), table.slice(5)]),
    "views": lambda table: table.set_column(
        table.column_names.index("id"), "id", table["id"].cast(pa.string_view())
    ),
    "reader": lambda table: table.to_reader(),
    "dataset": datasets.Dataset,
    "selected": lambda table: datasets.Dataset(table).select(range(table.num_rows)),
    "shuffled": lambda table: datasets.Dataset(table.take(pa.array(_turned(table)))).select(
        np.argsort(_turned(table))
    ),
    "splits": lambda table: datasets.DatasetDict(
        a=datasets.Dataset(table.slice(0, 7)), b=datasets.Dataset(table.slice(7))
    ),
    "stream": lambda table: datasets.Dataset(table).to_iterable_dataset(),
    "filtered stream": lambda table: datasets.Dataset(table).to_iterable_dataset().filter(_yes),
    "pandas": lambda table: table.to_pandas(),
    "pandas on Arrow": lambda table: table.to_pandas(types_mapper=pandas.ArrowDtype),
    "polars": polars.from_arrow,
    "dicts": lambda table: table.to_pylist(),
}


def _yes(row: dict[str, Any]) -> bool:
    return True


def _turned(table: pa.Table) -> Any:
    return np.random.default_rng(1).permutation(table.num_rows)


def rows_in(rows: Any) -> list[dict[str, Any]]:
    """Return the rows as dicts, whatever holds them."""
    return [row for batch in batches(rows) for row in batch.to_pylist()]
