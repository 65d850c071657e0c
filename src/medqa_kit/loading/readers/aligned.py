"""Tables as a file has them to batches as declared, setting aside single values that do not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import copy

import numpy as np
import pyarrow as pa

from medqa_kit.errors import ValueTypeError, shorten
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.align import align
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask


def aligned(
    table: pa.Table,
    file: File,
    start: int,
    task: ReadTask,
    *,
    rows: Sequence[int] | None = None,
    text: bool = False,
) -> Iterator[RawBatch]:
    """Align a table and cut it into batches.

    Args:
        table: Rows under the file's own names and types.
        file: Where they stand.
        start: Position of the first.
        task: What ``read`` was asked.
        rows: Positions of all of them, where they have gaps.
        text: As in :func:`medqa_kit.loading.readers.align.align`.
    """
    try:
        fit = align(table, task.layout, text=text)
    except ValueTypeError as error:
        positions = np.arange(start, start + table.num_rows) if rows is None else np.asarray(rows)
        for bad in error.rows:
            record = table.slice(bad, 1).to_pylist()[0]
            own = copy(error)
            own.rows, own.found = [bad], shorten([record[error.column]])
            content = json.dumps(record, ensure_ascii=False, default=str)
            task.refuse(own, file=file, row=int(positions[bad]), content=content)
        good = np.delete(np.arange(table.num_rows), error.rows)
        yield from aligned(
            table.take(good), file, start, task, rows=positions[good].tolist(), text=text
        )
        return
    yield from task.batches(file, start, fit, rows=rows)
