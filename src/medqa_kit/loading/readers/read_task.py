"""The task of a reader, and its two results: batches, and records set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from medqa_kit.catalog.layouts import Layout
from medqa_kit.errors import EncodingError, MedQAError, SchemaMovedError, ValueTypeError
from medqa_kit.loading.files.file import File

_MOST_CONTENT = 1 << 20
_REASONS = ((EncodingError, "encoding"), (SchemaMovedError, "undeclared_column"),
            (ValueTypeError, ValueTypeError.reason))  # fmt: skip


@dataclass(frozen=True)
class RawBatch:
    """Some rows of a part, with the columns and types of ``layout.raw``.

    Attributes:
        file: The file of the first row.
        start: Its position in that file, from 0.
        table: The rows.
        places: File name and position of each row, where the rows do not simply follow one
            another: records between them were set aside, or each has a file of its own.
    """

    file: File
    start: int
    table: pa.Table
    places: Sequence[tuple[str, int]] | None = None

    def place(self, row: int) -> tuple[str, int]:
        """Find where a row of the table stands: file name, and position there from 0."""
        return (self.file.name, self.start + row) if self.places is None else self.places[row]


@dataclass(frozen=True)
class Rejected:
    """A record that could not be read, or holds a value of another type than declared.

    Attributes:
        file: Name of the file.
        row: Position among the file's records, from 0.
        reason: Stable code under which reports count: ``broken_record``, ``undeclared_column``,
            ``encoding`` or ``value_type``.
        message: The message of the error that it would be without ``on_bad="drop"``.
        content: The text of the record in the file, cut after one mebibyte; a row of a typed format as JSON.
    """

    file: str
    row: int
    reason: str
    message: str
    content: str


@dataclass(frozen=True)
class ReadTask:
    """What ``read`` was asked; see there."""

    layout: Layout
    source: str
    part: str
    batch_rows: int
    reject: Callable[[Rejected], None] | None

    def refuse(self, error: MedQAError, *, file: File, row: int, content: bytes | str) -> None:
        """Raise the error, or report the record it is about and go on."""
        error.at(source=self.source, part=self.part, file=file.name, row=row)
        if self.reject is None:
            raise error
        reason = next((code for kind, code in _REASONS if isinstance(error, kind)), "broken_record")
        if isinstance(content, bytes):
            content = content.decode(errors="backslashreplace")
        if len(content) > _MOST_CONTENT:
            content = f"{content[:_MOST_CONTENT]} … (cut: {len(content)} characters in all)"
        self.reject(Rejected(file.name, row, reason, str(error), content))

    def batches(
        self, file: File, start: int, table: pa.Table, *, rows: Sequence[int] | None = None
    ) -> Iterator[RawBatch]:
        """Cut a table into batches of at most ``batch_rows``.

        Args:
            file: The file of the rows.
            start: Position of the first.
            table: The rows, aligned.
            rows: Positions of all of them in the file, where they have gaps.
        """
        for at in range(0, table.num_rows, self.batch_rows):
            piece = table.slice(at, self.batch_rows)
            if rows is None:
                yield RawBatch(file, start + at, piece)
            else:
                own = [(file.name, row) for row in rows[at : at + self.batch_rows]]
                yield RawBatch(file, own[0][1], piece, own)
