"""Write the Arrow files of a part in a thread, while the next rows are made."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from io import FileIO
from types import TracebackType
from typing import Self

import datasets
import pyarrow as pa
import xxhash
from datasets.arrow_writer import ArrowWriter

_READ = 1 << 18  # bytes read back at a time


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
        digests: XXH3 of each file as it was read back, by device and inode: a name may change yet.
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
        self.digests = dict[tuple[int, int], str]()
        self._room = memoryview(bytearray(_READ))
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
            self._written.close()

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
        self._read_back()

    def _open(self) -> None:
        path = self._path(len(self.lengths))
        self._bytes, self._digest = 0, xxhash.xxh3_128()
        self._file = pa.OSFile(path, "wb")
        self._written = FileIO(path)
        self._writer = ArrowWriter(
            features=self._features, stream=self._file, writer_batch_size=self._batch_rows
        )

    def _finish(self) -> None:
        rows, size = self._writer.finalize(close_stream=False)
        self._file.close()
        self._read_back()
        facts = os.fstat(self._written.fileno())
        self.digests[facts.st_dev, facts.st_ino] = self._digest.hexdigest()
        self._written.close()
        self.lengths.append(rows)
        self.size += size

    def _read_back(self) -> None:
        while count := self._written.readinto(self._room):
            self._digest.update(self._room[:count])
