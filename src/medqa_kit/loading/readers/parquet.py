"""Parquet: only the declared columns are fetched, one row group after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.errors import FormatError
from medqa_kit.loading.files.file import File, open_random
from medqa_kit.loading.readers.align import matched
from medqa_kit.loading.readers.aligned import aligned
from medqa_kit.loading.readers.diagnose import HEAD, advice, refuse_impostor
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask

_MAGIC = b"PAR1"
_MOST_BYTES = 1 << 22  # of row groups read together, unpacked; one group may have more
_MOST_AHEAD = 1 << 26  # bytes of a row group fetched at once; larger ones are read page by page
_MOST_DECODED = 1 << 26  # bytes of a batch
_PROBE = 64  # rows, to see how large rows are


def read_parquet(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one file."""
    with open_random(file) as handle:
        try:
            metadata = pq.read_metadata(handle)
            # Of groups alone: Arrow ends the process where the metadata of a column is damaged.
            sizes = (metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
            largest = max(sizes, default=0)
            small = largest <= _MOST_AHEAD
            parquet = pq.ParquetFile(
                handle, metadata=metadata, page_checksum_verification=True,
                pre_buffer=small, buffer_size=0 if small else _MOST_BYTES,
            )  # fmt: skip
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise _not_parquet(handle, error) from error
        with parquet:
            yield from _batches(file, parquet, task)


def _batches(file: File, parquet: pq.ParquetFile, task: ReadTask) -> Iterator[RawBatch]:
    names = matched(parquet.schema_arrow.names, task.layout)
    wanted = [name for name in names.values() if name is not None]
    start, a_row = 0, 0.0  # bytes of a row, in memory
    for groups in _together(parquet.metadata, task.batch_rows):
        if start == 0:  # what a dictionary holds once may be large, and in every row
            probe = next(parquet.iter_batches(_PROBE, groups, wanted), None)
            a_row = probe.nbytes / probe.num_rows if probe else 0.0
        a_row = max(a_row, *(_row_bytes(parquet.metadata.row_group(i)) for i in groups))
        rows = max(1, min(task.batch_rows, int(_MOST_DECODED / max(a_row, 1))))
        for batch in parquet.iter_batches(rows, groups, wanted):
            a_row = max(a_row, batch.nbytes / batch.num_rows)
            yield from aligned(pa.Table.from_batches([batch]), file, start, task)
            start += batch.num_rows


def _row_bytes(group: pq.RowGroupMetaData) -> float:
    size: int = group.total_byte_size
    return float(size / max(group.num_rows, 1))


def _together(metadata: pq.FileMetaData, rows: int) -> Iterator[list[int]]:
    """Return row groups to read at a time: enough for a batch, but few bytes.

    So memory stays flat, and the first row of a large file elsewhere does not need all of it.
    """
    groups, count, size = list[int](), 0, 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        groups.append(number)
        count, size = count + group.num_rows, size + group.total_byte_size
        if count >= rows or size >= _MOST_BYTES:
            yield groups
            groups, count, size = [], 0, 0
    if groups:
        yield groups


def _not_parquet(handle: BinaryIO, error: Exception) -> FormatError:
    handle.seek(0)
    head = handle.read(HEAD)
    refuse_impostor(head)
    if head.startswith(_MAGIC):
        return FormatError(
            "the Parquet file is cut off or damaged",
            expected="a footer at its end",
            found=str(error),
            hint="fetch it again",
        )
    return FormatError(
        "this is not a Parquet file",
        expected="first bytes b'PAR1'",
        found=repr(head[:16]),
        hint=advice(head),
    )
