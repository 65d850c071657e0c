"""Columns of files that a source does not declare, declared with the types they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.catalog.layouts import Layout
from medqa_kit.errors import LeftOutWarning, MedQAError, MissingValueWarning, shorten
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.loading.files.file import File
from medqa_kit.loading.first_look import column_names, first_look
from medqa_kit.loading.readers.align import matched
from medqa_kit.loading.readers.column_names import is_index
from medqa_kit.loading.readers.read_files import format_of

_MISSING = ("\\N", "NULL", "null", "nan", "NaN", "<NA>", "NaT", "#N/A")
"""What databases, pandas and Excel write where nothing is; ``None`` and ``NA`` are what they say."""


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


def warn_of_missing_words(files: Sequence[File], layout: Layout, *, source: str, part: str) -> None:
    """Say where the first records of a text file have a word such as ``NULL`` or ``nan`` in place of what is missing.

    An export writes one word in all cells that are empty, so a column that has empty cells as well says what it says.
    """
    if format_of(files[0].name, layout.read) not in ("csv", "tsv"):
        return
    try:
        _, head = first_look(files[0], encoding=layout.read.encoding)
        theirs = {name for name in matched(head.column_names, layout).values() if name is not None}
    except (MedQAError, OSError, ValueError):  # reading says what is wrong
        return
    for name in filter(theirs.__contains__, head.column_names):
        words = pc.value_counts(head[name]).to_pylist()  # of the first thousand records
        known = {entry["values"]: entry["counts"] for entry in words}
        if written := [word for word in _MISSING if word in known and "" not in known]:
            warn_at_caller(
                f"{source}, part {part}: '{written[0]}' stands in {known[written[0]]:,} of the first {head.num_rows:,} "
                f"cells of {name!r} in {files[0].name!r} and is read as text; where it means that nothing is there, "
                "pass a copy with empty cells",
                MissingValueWarning,
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
