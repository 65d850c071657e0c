"""``apply``: the same kernels on whatever holds the data.

A kernel is a function from table to table that looks at each row by itself. That is all an engine
needs to know: it may cut the data into any batches, on any machine, and the rows come out equal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, TypeVar, cast

import pyarrow as pa

from medqa_kit.core.code_digest import identity
from medqa_kit.core.kernel import Kernel, Pipeline
from medqa_kit.errors import MedQAError

D = TypeVar("D")

BATCH_ROWS = 10_000
"""Rows a kernel is given at a time; small enough that a column never nears Arrow's 2 GiB limit."""


def apply(data: D, *kernels: Kernel) -> D:
    """Run kernels over data, batch by batch.

    Args:
        data: ``pyarrow.Table``, ``datasets.Dataset``, ``DatasetDict``, ``IterableDataset`` or
            ``IterableDatasetDict``.
        kernels: Functions from table to table; row-local, pure, picklable.

    Returns:
        The same kind of thing. A ``Dataset`` is written to the ordinary cache anew at each call:
        results are never looked up by the name of a function, so none can be stale.

    Raises:
        MedQAError: The data is of another kind; or what a kernel raises.

    Example:
        >>> from medqa_kit import apply
        >>> table = pa.table({"n": [1, 2, 3]})
        >>> apply(table, lambda t: t.filter(pa.compute.greater(t["n"], 1)))["n"].to_pylist()
        [2, 3]
    """
    if not kernels:
        return data
    pipeline = Pipeline(kernels)
    if isinstance(data, pa.Table):
        return cast(D, _on_table(data, pipeline))
    if (kind := type(data)).__module__.split(".")[0] == "datasets":
        return cast(D, _on_datasets(data, pipeline))
    raise MedQAError(
        f"apply() does not know {kind.__module__}.{kind.__qualname__}",
        expected="pyarrow.Table, datasets.Dataset, DatasetDict, IterableDataset, IterableDatasetDict",
        hint="pa.table(...) or datasets.Dataset.from_... makes one of these",
    )


def batches(table: pa.Table, *, rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
    """Cut a table into slices; an empty table is one empty slice."""
    for start in range(0, max(table.num_rows, 1), rows):
        yield table.slice(start, rows)


def _on_table(table: pa.Table, pipeline: Pipeline) -> pa.Table:
    return pa.concat_tables([pipeline(batch) for batch in batches(table)])


def _on_datasets(data: Any, pipeline: Pipeline) -> Any:
    import datasets

    if isinstance(data, (datasets.DatasetDict, datasets.IterableDatasetDict)):
        return type(data)({split: _on_datasets(one, pipeline) for split, one in data.items()})
    if isinstance(data, datasets.IterableDataset):
        return _on_iterable(data, pipeline)
    features = datasets.Features.from_arrow_schema(_schema_after(data.features, pipeline))
    if not len(data):  # map() would not run the kernel, and keep the old columns
        return datasets.Dataset(
            features.arrow_schema.empty_table(),
            info=datasets.DatasetInfo(features=features),
            split=data.split,
            fingerprint=_fingerprint(data, pipeline),
        )
    mapped = data.with_format("arrow").map(
        pipeline,
        batched=True,
        batch_size=BATCH_ROWS,
        remove_columns=[n for n in data.column_names if n not in features],
        features=features,
        load_from_cache_file=False,
        new_fingerprint=_fingerprint(data, pipeline),
    )
    return mapped.with_format(None)


def _on_iterable(data: Any, pipeline: Pipeline) -> Any:
    import datasets

    if data.features is None:
        raise MedQAError("the stream does not say which columns it has", expected="features",
                         hint="mk.load(..., streaming=True) does; else data.cast(features) first")  # fmt: skip
    features = datasets.Features.from_arrow_schema(_schema_after(data.features, pipeline))
    mapped = data.with_format("arrow").map(
        pipeline,
        batched=True,
        batch_size=BATCH_ROWS,
        remove_columns=[n for n in data.column_names if n not in features],
        features=features,
    )
    return mapped.with_format(None)


def _schema_after(features: Any, pipeline: Pipeline) -> pa.Schema:
    """Find the schema of the result: a kernel keeps its schema on an empty table."""
    return pipeline(features.arrow_schema.empty_table()).schema


def _fingerprint(data: Any, pipeline: Pipeline) -> str:
    """Name a result by what it is made of: other code, another name, for what comes after too."""
    return hashlib.sha256(f"{data._fingerprint}/{identity(pipeline)}".encode()).hexdigest()[:32]
