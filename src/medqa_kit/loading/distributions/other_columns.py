"""Columns of files that a source does not declare, declared with the types they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from medqa_kit.catalog.layouts import Layout
from medqa_kit.errors import LeftOutWarning, MedQAError, shorten
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.loading.files.file import File
from medqa_kit.loading.first_look import column_names, first_look
from medqa_kit.loading.readers.column_names import is_index


def warn_of_index(files: Sequence[File], layout: Layout, *, source: str, part: str) -> None:
    """Say which columns of the first file are row numbers that pandas wrote along; they are left out."""
    if layout.read.format in ("json-tree", "xlsx"):
        return
    try:
        names = column_names(files[0], encoding=layout.read.encoding)
    except (MedQAError, OSError, ValueError):  # reading says what is wrong
        return
    index = [name for name in names if is_index(name) and name not in layout.raw.names]
    if index:
        warn_at_caller(
            f"{source}, part {part}: {shorten(index)} in {files[0].name!r} is left out: the row numbers "
            "that pandas wrote along",
            LeftOutWarning,
        )


def with_columns(layout: Layout, names: Sequence[str], files: Sequence[File]) -> Layout:
    """Return a layout that also declares some columns of files, as they may or may not be there.

    Args:
        layout: The layout of the files.
        names: Columns that it does not declare; those the files do not have either are left out.
        files: The first of them is looked at.
    """
    if not files:
        return layout
    _, head = first_look(files[0], encoding=layout.read.encoding)
    new = [name for name in names if name in head.column_names and name not in layout.raw.names]
    fields = [head.schema.field(name) for name in new]
    raw = pa.schema(
        [
            *layout.raw,
            *(f.with_type(pa.string()) if pa.types.is_null(f.type) else f for f in fields),
        ],
        metadata=layout.raw.metadata,
    )
    return replace(layout, raw=raw, optional=(*layout.optional, *new))
