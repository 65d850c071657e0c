"""The first rows of some files, read as a layout says, where they can be read so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal

import pyarrow as pa

from medqa_kit.catalog.layouts import Layout
from medqa_kit.errors import MedQAError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.readers.read_task import Rejected

FIRST_ROWS = 1_000
"""How many rows of the first file are looked at."""


@dataclass(frozen=True, kw_only=True)
class FileTerms:
    """What a person says of their files, beside which parts they hold; see :func:`medqa_kit.load`.

    Attributes:
        columns: Declared column name to the name it has in the files.
        extra: What to do with columns that are not declared.
        encoding: Of text files; ``None`` takes the declared one.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    extra: Literal["refuse", "ignore"] = "refuse"
    encoding: str | None = None

    def of(self, layout: Layout) -> Layout:
        """Return a layout as these files have it."""
        names = {k: v for k, v in self.columns.items() if k in layout.raw.names}
        extra = layout.extra if self.extra == "refuse" else self.extra
        read = replace(layout.read, encoding=self.encoding) if self.encoding else layout.read
        return replace(layout.called(names), extra=extra, read=read)


def first_rows(
    layout: Layout, files: Sequence[File], *, terms: FileTerms | None = None
) -> pa.Table | None:
    """Return the first rows of some files as a layout declares them.

    Args:
        layout: The layout that the files may have.
        files: The first of them is read, and a list of its keys where the layout has one.
        terms: What a person says of them.

    Returns:
        At most :data:`FIRST_ROWS` rows with the columns of ``layout.raw``; ``None`` where they
        cannot be read with its format and columns, or where its ``tells`` says that they are of
        another layout.
    """
    try:
        first = _first_table(layout, files, terms or FileTerms())
    except MedQAError:
        return None
    return first if first is not None and (layout.tells is None or layout.tells(first)) else None


def why_unreadable(
    layout: Layout, file: File, *, terms: FileTerms, source: str
) -> MedQAError | None:
    """Return the error of reading a file as a layout declares it; ``None`` where it can be read."""
    try:
        _first_table(layout, [file], terms, source)
    except MedQAError as error:
        return error
    return None


def _first_table(
    layout: Layout, files: Sequence[File], terms: FileTerms, source: str = ""
) -> pa.Table | None:
    own = terms.of(layout)
    batches = read_files(
        files if own.read.among else files[:1],
        own,
        source=source,
        part="",
        batch_rows=FIRST_ROWS,
        reject=_passed_over,
    )
    first = next(islice(batches, 1), None)
    return None if first is None else first.table


def _passed_over(_: Rejected) -> None:
    """Pass over a record that cannot be read: loading speaks of it."""
