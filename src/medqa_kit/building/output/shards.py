"""Rows as numbered files, cut by bytes: ``part-00000-of-00012.parquet``.

What is written depends on the rows and their order alone: they are grouped anew, so equal rows give
equal bytes however they come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.building.output.formats import FileKind
from medqa_kit.core.arrow.columns import contiguous
from medqa_kit.training.record_files import json_blocks

_STEP_ROWS = 1024  # rows whose size is measured together
_GROUP_BYTES = 32 << 20  # of a row group, in memory, at the most


class RowShards:
    """The files of one split, in each kind side by side, with the same rows in the same order.

    Args:
        folders: Where the files of each kind go; made when the first rows come.
        schema: Of all tables to come.
        shard: Bytes after which a file is closed and the next begun.
        lines: The columns that JSON Lines get; Parquet gets all.
        always: Whether to write one file without rows where none come.
    """

    def __init__(
        self,
        folders: Mapping[FileKind, Path],
        schema: pa.Schema,
        *,
        shard: int,
        lines: Sequence[str] | None = None,
        always: bool = False,
    ) -> None:
        self._schema, self._always = schema, always
        self._group_bytes = min(shard, _GROUP_BYTES)
        shown = schema.names if lines is None else lines
        self._series = [
            _Series(folder, kind, schema, shard, shown) for kind, folder in folders.items()
        ]
        self._waiting: list[pa.Table] = []
        self._group: list[pa.RecordBatch] = []
        self._group_size = 0  # in bytes
        self._threads: ThreadPoolExecutor | None = None
        self._begun: list[Future[None]] = []
        self.rows = 0
        """How many rows came."""

    @property
    def shards(self) -> dict[FileKind, int]:
        """How many files of each kind were written."""
        return {series.kind: len(series.files) for series in self._series}

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        if not table.num_rows:
            return
        self.rows += table.num_rows
        self._waiting.append(table.select(self._schema.names).cast(self._schema))
        if sum(map(len, self._waiting)) >= _STEP_ROWS:
            rows, self._waiting = pa.concat_tables(self._waiting), []
            whole = rows.num_rows - rows.num_rows % _STEP_ROWS
            for begin in range(0, whole, _STEP_ROWS):
                self._add(rows.slice(begin, _STEP_ROWS))
            if whole < rows.num_rows:
                self._waiting.append(rows.slice(whole))

    def finish(self) -> None:
        """Write what waits, and give the files the names that say how many there are."""
        if self._waiting:
            self._add(pa.concat_tables(self._waiting))
            self._waiting = []
        self._write_group()
        self._end_group()
        self._end_threads()
        for series in self._series:
            if not series.files and self._always:
                series.write(self._schema.empty_table())
            series.finish()

    def abandon(self) -> None:
        """Close what is open; the files are of no use."""
        self._end_threads()
        for series in self._series:
            series.close()

    def _add(self, table: pa.Table) -> None:
        self._group.append(contiguous(table))
        # As it would be sent: what a slice leaves out, or masks without a null, does not count.
        self._group_size += pa.ipc.get_record_batch_size(self._group[-1])
        if self._group_size >= self._group_bytes:
            self._write_group()

    def _write_group(self) -> None:
        """Begin to write a group: while a thread for each kind of file does, the rows of the next one come."""
        self._end_group()
        if self._group:
            table = pa.Table.from_batches(self._group)
            self._group, self._group_size = [], 0
            self._threads = self._threads or ThreadPoolExecutor(len(self._series))
            self._begun = [self._threads.submit(series.write, table) for series in self._series]

    def _end_group(self) -> None:
        """Wait until the group that was begun is written.

        Raises:
            OSError: It cannot be.
        """
        begun, self._begun = self._begun, []
        wait(begun)  # also for the other kind, where one fails
        for group in begun:
            group.result()

    def _end_threads(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None


class _Series:
    """The files of one kind."""

    def __init__(
        self, folder: Path, kind: FileKind, schema: pa.Schema, shard: int, lines: Sequence[str]
    ) -> None:
        self._folder, self.kind, self._schema = folder, kind, schema
        self._shard, self._lines = shard, list(lines)
        self._open: ExitStack | None = None
        self.files: list[Path] = []

    def write(self, table: pa.Table) -> None:
        if self._open is None:
            self._begin()
        if self.kind == "parquet":
            self._parquet.write_table(table, row_group_size=max(table.num_rows, 1))
        elif table.num_rows:
            for block in json_blocks(table.select(self._lines)):
                self._text.write(block)
        if self._raw.tell() >= self._shard:
            self.close()

    def _begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"part-{len(self.files):05d}.tmp"
        self.files.append(file)
        self._open = stack = ExitStack()
        self._raw = stack.enter_context(pa.OSFile(str(file), "wb"))
        if self.kind == "parquet":
            self._parquet = stack.enter_context(
                pq.ParquetWriter(self._raw, self._schema, compression="zstd")
            )
        else:
            self._text: Any = self._raw
            if self.kind == "jsonl.zst":
                packed = pa.CompressedOutputStream(cast(Any, self._raw), "zstd")
                self._text = stack.enter_context(packed)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def finish(self) -> None:
        self.close()
        names = shard_names(len(self.files), self.kind)
        for file, name in zip(self.files, names, strict=True):
            file.rename(file.with_name(name))


def shard_names(number: int, kind: FileKind = "parquet") -> Iterator[str]:
    """Return the names of that many files of a kind.

    Example:
        >>> list(shard_names(2))
        ['part-00000-of-00002.parquet', 'part-00001-of-00002.parquet']
    """
    return (f"part-{place:05d}-of-{number:05d}.{kind}" for place in range(number))
