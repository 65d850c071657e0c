"""``apply``: the same kernels on whatever holds the rows.

A kernel is a function from table to table that looks at each row by itself. An engine needs to know
nothing else: it may cut the rows into any batches, on any machine, and the result is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import pyarrow as pa

from medqa_kit.core.arrow.columns import empty_rows
from medqa_kit.core.arrow.picking import Picker
from medqa_kit.core.arrow.row_order import RowsInOrder
from medqa_kit.core.code.digest import identity
from medqa_kit.core.code.files import code_files
from medqa_kit.core.engines.dataset_rows import view_of
from medqa_kit.core.engines.known import EngineRows
from medqa_kit.core.engines.streams import OnColumns, reads_tables, stream_tables
from medqa_kit.core.holders import Rows, RowsT, is_stream, opened, splits_of
from medqa_kit.core.judging import Judged, JudgingKernel, Tally
from medqa_kit.core.kernel import Kernel, Pipeline
from medqa_kit.core.progress import watched
from medqa_kit.core.report import Report
from medqa_kit.errors import ArgumentError

BATCH_ROWS = 10_000
"""Rows a kernel is given at a time; small enough that a column never nears Arrow's 2 GiB limit."""
_PLACE = "place"

_Work = Callable[[pa.Table], pa.Table]


def apply(rows: RowsT, *kernels: Kernel) -> RowsT:
    """Run kernels over rows, batch by batch.

    Args:
        rows: ``pyarrow.Table``, ``datasets.Dataset``, ``DatasetDict``, ``IterableDataset``,
            ``IterableDatasetDict``, a data frame of pandas or Polars, a list of dicts, a data set of Ray
            Data or a ``DataFrame`` of Spark.
        kernels: Functions from table to table; row-local, pure, picklable.

    Returns:
        The same kind of container. The result of a ``Dataset`` that lies in files is written to the cache of
        ``datasets`` again at each call: results are never looked up by the name of a function, so none can be
        stale. An engine runs the kernels on its workers, when rows are requested, and keeps their order.

    Raises:
        ArgumentError: A kernel is no function, the rows are in no container of this list, or a stream does not declare
            its columns.
        MedQAError: What a kernel raises.

    Warns:
        DroppedRowsWarning: A kernel drops rows because of what is in them: how many and why, once
            per kernel; on a stream once per batch, as rows are read, and on an engine in the logs of its workers.

    Example:
        >>> from medqa_kit import apply
        >>> table = pa.table({"n": [1, 2, 3]})
        >>> apply(table, lambda t: t.filter(pa.compute.greater(t["n"], 1)))["n"].to_pylist()
        [2, 3]
    """
    for kernel in kernels:
        if not callable(kernel):
            raise ArgumentError("apply() runs kernels, which are functions from table to table", argument="kernels",
                                expected="a kernel, such as mk.record(...)", found=type(kernel).__qualname__,
                                hint="pass the rows first, then the kernels: mk.apply(rows, mk.to_open())")  # fmt: skip
    if not kernels:
        return rows
    pipeline, source = Pipeline(kernels), opened(rows)
    if is_stream(source.rows) or isinstance(source.rows, EngineRows):
        return source.back(_applied(source.rows, pipeline, pipeline))
    tallies = [
        Tally(kernel.judge, verb=kernel.verb) if isinstance(kernel, JudgingKernel) else kernel
        for kernel in kernels
    ]
    new_rows = _applied(source.rows, Pipeline(tuple(tallies)), pipeline)
    for tally in tallies:
        if isinstance(tally, Tally):
            tally.warn()
    return source.back(new_rows)


def run(rows: RowsT, kernel: JudgingKernel) -> tuple[RowsT, Report]:
    """Run a judging kernel over rows, and report on the rows it drops.

    Args:
        rows: As in :func:`apply`. A stream is read once for the report, and again as it is used.
        kernel: The kernel.

    Returns:
        The rows that pass, in the same kind of container, and the report.
    """
    source, tally = opened(rows), Tally(kernel.judge, verb=kernel.verb)
    if isinstance(source.rows, EngineRows):
        quiet = _Quietly(kernel)
        for verdicts in source.rows.over_tables(quiet.verdicts):
            for size, verdict in verdicts:
                tally.add(size, verdict)
        return source.back(_applied(source.rows, quiet, kernel)), tally.report()
    work = Pipeline((tally,))  # tells what does not fit
    if is_stream(source.rows):
        splits = splits_of(source.rows)
        for stream in [source.rows] if splits is None else splits.values():
            for table in stream_tables(stream, BATCH_ROWS):
                work(table)
        return source.back(_applied(source.rows, _Quietly(kernel), kernel)), tally.report()
    return source.back(_applied(source.rows, work, kernel)), tally.report()


class _Quietly:
    """A judging kernel without its warnings, for rows that the report has counted already."""

    def __init__(self, kernel: JudgingKernel) -> None:
        self._kernel = kernel

    def __call__(self, table: pa.Table) -> pa.Table:
        return self._kernel.judge(table).rows

    def verdicts(self, table: pa.Table) -> list[tuple[int, Judged]]:
        """Judge a table piece by piece; return the size of each piece and its verdict without the rows."""
        judged = [(piece.num_rows, self._kernel.judge(piece)) for piece in _pieces(table)]
        return [
            (size, verdict._replace(rows=empty_rows(verdict.rows.schema)))
            for size, verdict in judged
        ]


def _applied(rows: Rows, work: _Work, kernel: Kernel) -> Any:
    """Run work on all batches; ``kernel`` is the kernel that the work runs, and gives results their name."""
    if isinstance(rows, pa.Table):
        pieces = watched(_pieces(rows), verb=_verb(kernel), total=rows.num_rows)
        return pa.concat_tables([work(piece) for piece in pieces])
    if isinstance(rows, EngineRows):
        return rows.mapped(partial(_in_pieces, work))
    return _on_datasets(rows, work, kernel)


def _verb(kernel: Kernel) -> str:
    """Return the verb that the progress bar shows for a kernel."""
    return str(getattr(kernel, "verb", "apply"))


def _in_pieces(work: _Work, table: pa.Table) -> pa.Table:
    return pa.concat_tables([work(piece) for piece in _pieces(table)])


def _pieces(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, max(table.num_rows, 1), BATCH_ROWS):  # an empty table is one empty piece
        yield table.slice(start, BATCH_ROWS)


def _on_datasets(rows: Any, work: _Work, kernel: Kernel) -> Any:
    import datasets

    if isinstance(rows, (datasets.DatasetDict, datasets.IterableDatasetDict)):
        parts = {split: _on_datasets(part, work, kernel) for split, part in rows.items()}
        return type(rows)(parts)
    if isinstance(rows, datasets.IterableDataset):
        return _on_iterable(rows, work, kernel)
    features = datasets.Features.from_arrow_schema(_schema_after(rows.features, kernel))
    if not len(rows):  # map() would keep the old columns without running the kernel
        return datasets.Dataset(
            features.arrow_schema.empty_table(),
            info=datasets.DatasetInfo(features=features),
            split=rows.split,
            fingerprint=_fingerprint(rows, kernel),
        )
    view, name = view_of(rows), _fingerprint(rows, kernel)
    if not rows.cache_files:
        return _in_memory(rows, view, work, features, name=name, verb=_verb(kernel))
    read, work = (rows, work) if view is None else _places_of(rows, view, work)
    mapped = read.with_format("arrow").map(
        work,
        batched=True,
        batch_size=BATCH_ROWS,
        remove_columns=[n for n in read.column_names if n not in features],
        features=features,
        load_from_cache_file=False,
        desc=_verb(kernel),
        new_fingerprint=name,
        cache_file_name=None if view is None else _file_beside(rows, f"cache-{name}.arrow"),
    )
    return mapped.with_format(None)


def _in_memory(
    rows: Any, view: RowsInOrder | None, work: _Work, features: Any, *, name: str, verb: str
) -> Any:
    """Run work on a ``Dataset`` that lies in memory; the result lies in memory, too."""
    import datasets
    from datasets.table import table_cast

    schema = features.arrow_schema
    tables = _pieces(rows.data.table) if view is None else view.tables(multiple=BATCH_ROWS)
    pieces = (piece for table in tables for piece in _pieces(table))
    results = [
        table_cast(work(piece), schema) for piece in watched(pieces, verb=verb, total=len(rows))
    ]
    info = rows.info.copy()
    info.features = features
    return datasets.Dataset(
        pa.concat_tables(results), info=info, split=rows.split, fingerprint=name
    )


def _places_of(rows: Any, view: RowsInOrder, work: _Work) -> tuple[Any, _Work]:
    """Return the places of a view as a ``Dataset``, and the same work as a function of these places."""
    import datasets

    info = rows.info.copy()
    info.features = None
    places = datasets.Dataset(pa.table({_PLACE: view.places}), info=info, split=rows.split)
    return places, _AtPlaces(work, Picker(view.table))


def _file_beside(rows: Any, name: str) -> str:
    """Return the file in which ``datasets`` would cache the result: beside that of the rows."""
    return str(Path(rows.cache_files[0]["filename"]).with_name(name))


class _AtPlaces:
    """Work on the rows at given places, which a filtered or shuffled ``Dataset`` reads slowly by itself."""

    def __init__(self, work: _Work, pick: Picker) -> None:
        self._work, self._pick = work, pick

    def __call__(self, table: pa.Table) -> pa.Table:
        return self._work(self._pick(table[_PLACE].to_numpy()))


def _on_iterable(rows: Any, work: _Work, kernel: Kernel) -> Any:
    import datasets

    if rows.features is None:
        raise ArgumentError(
            "the stream does not say which columns it has", argument="rows", expected="features",
            found="None", hint="mk.load(..., streaming=True) does; else rows.cast(features) first",
        )  # fmt: skip
    features = datasets.Features.from_arrow_schema(_schema_after(rows.features, kernel))
    tables = reads_tables(rows)
    mapped = rows.with_format("arrow" if tables else None).map(
        work if tables else OnColumns(work, rows.features),
        batched=True,
        batch_size=BATCH_ROWS,
        remove_columns=[n for n in rows.column_names if n not in features],
        features=features,
    )
    return mapped.with_format(None)


def _schema_after(features: Any, kernel: Kernel) -> pa.Schema:
    """Find the schema of the result: a kernel keeps its schema on an empty table."""
    return Pipeline((kernel,))(empty_rows(features.arrow_schema)).schema


def _fingerprint(rows: Any, kernel: Kernel) -> str:
    """Name a result by the rows and the code that make it, so that other code gives it another name.

    The code of the library is identified by its files, which are read once per process.
    """
    kernels = kernel.kernels if isinstance(kernel, Pipeline) else (kernel,)
    makers: list[Any] = [k if isinstance(k, FunctionType) else type(k) for k in kernels]
    ours = [code_files(maker) for maker in makers if maker.__module__.startswith("medqa_kit.")]
    known = frozenset[str]().union(*(files.modules for files in ours))
    code = [identity(kernel, known=known), *(files.digest for files in ours)]
    return hashlib.sha256(f"{rows._fingerprint}/{'/'.join(code)}".encode()).hexdigest()[:32]
