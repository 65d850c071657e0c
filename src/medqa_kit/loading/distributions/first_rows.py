"""The first rows of some files, read as a layout says, where they can be read so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import pyarrow as pa

from medqa_kit.catalog.layouts import Layout
from medqa_kit.errors import MedQAError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.readers.read_task import Rejected

FIRST_ROWS = 1_000
"""How many rows of the first file are looked at."""


def first_rows(
    layout: Layout, files: Sequence[File], *, columns: Mapping[str, str] | None = None
) -> pa.Table | None:
    """Return the first rows of some files as a layout declares them.

    Args:
        layout: The layout that the files may have.
        files: The first of them is read, and a list of its keys where the layout has one.
        columns: What the user calls columns; see :func:`medqa_kit.load`.

    Returns:
        At most :data:`FIRST_ROWS` rows with the columns of ``layout.raw``; ``None`` where they
        cannot be read with its format and columns, or where its ``tells`` says that they are of
        another layout.
    """
    own = layout.called({k: v for k, v in (columns or {}).items() if k in layout.raw.names})
    batches = read_files(
        files if own.read.among else files[:1],
        own,
        source="",
        part="",
        batch_rows=FIRST_ROWS,
        reject=_passed_over,
    )
    try:
        first = next(islice(batches, 1), None)
    except MedQAError:
        return None
    fits = first is not None and (layout.tells is None or layout.tells(first.table))
    return first.table if first is not None and fits else None


def _passed_over(_: Rejected) -> None:
    """Pass over a record that cannot be read: loading speaks of it."""
