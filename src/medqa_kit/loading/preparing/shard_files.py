"""The Arrow files of a part, written in a thread of their own while the next rows are made."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

import datasets
import pyarrow as pa
from datasets.arrow_writer import ArrowWriter


class ShardFiles:
    """Writes tables as ``datasets`` does, into a file opened by Arrow, which needs no interpreter lock.

    One table is written while the next is made; memory holds no more.

    Args:
        features: Columns and types of all tables.
        path: From the number of a file to its path.
        most_bytes: A file is ended once its tables have more.
        batch_rows: Rows in a record batch.

    Attributes:
        lengths: Rows of each file.
        size: Bytes of all tables in memory.
    """

    def __init__(
        self,
        features: datasets.Features,
        path: Callable[[int], str],
        *,
        most_bytes: int,
        batch_rows: int,
    ) -> None:
        self.lengths, self.size = list[int](), 0
        self._features, self._path = features, path
        self._most_bytes, self._batch_rows = most_bytes, batch_rows
        self._thread, self._pending = ThreadPoolExecutor(1), Future[None]()
        self._pending.set_result(None)
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the last file; after an error, only let go of it."""
        self._thread.shutdown()
        try:
            if kind is None:
                self._pending.result()
                self._finish()
        finally:
            self._file.close()

    def add(self, table: pa.Table) -> None:
        """Write one more table, as soon as the one before is written; its errors are raised then."""
        self._pending.result()
        self._pending = self._thread.submit(self._write, table)

    def _write(self, table: pa.Table) -> None:
        if self._bytes > self._most_bytes:
            self._finish()
            self._open()
        self._bytes += table.nbytes
        if table.num_rows == 1:  # collected until they make a record batch
            self._writer.write_row(table)
        else:
            self._writer.write_table(table)

    def _open(self) -> None:
        self._bytes = 0
        self._file = pa.OSFile(self._path(len(self.lengths)), "wb")
        self._writer = ArrowWriter(
            features=self._features, stream=self._file, writer_batch_size=self._batch_rows
        )

    def _finish(self) -> None:
        rows, size = self._writer.finalize(close_stream=False)
        self._file.close()
        self.lengths.append(rows)
        self.size += size
