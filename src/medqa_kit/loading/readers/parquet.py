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
from medqa_kit.loading.readers.diagnose import HEAD, refuse_impostor
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask

_MAGIC = b"PAR1"
_MOST_BYTES = 1 << 22  # of row groups read together, unpacked; one group may have more


def read_parquet(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one file."""
    with open_random(file) as handle:
        try:
            parquet = pq.ParquetFile(handle, pre_buffer=True, page_checksum_verification=True)
        except pa.ArrowInvalid as error:
            raise _not_parquet(handle, error) from error
        with parquet:
            yield from _batches(file, parquet, task)


def _batches(file: File, parquet: pq.ParquetFile, task: ReadTask) -> Iterator[RawBatch]:
    names = matched(parquet.schema_arrow.names, task.layout)
    wanted = [name for name in names.values() if name is not None]
    start = 0
    for groups in _together(parquet.metadata, task.batch_rows):
        for batch in parquet.iter_batches(task.batch_rows, groups, wanted):
            yield from aligned(pa.Table.from_batches([batch]), file, start, task)
            start += batch.num_rows


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


def _not_parquet(handle: BinaryIO, error: pa.ArrowInvalid) -> FormatError:
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
        hint="fetch it again, or declare its format",
    )
