"""Which of a source's distributions some files are: the hub's copy, or the authors' own files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from medqa_kit.catalog.layouts import Layout
from medqa_kit.catalog.parts import Part
from medqa_kit.errors import MedQAError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.local_files import local_files
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.readers.read_task import Rejected

FIRST_ROWS = 1_000
"""How many rows of the first file are looked at."""


def layout_of_files(
    layout: Layout, part: Part, path: Path, *, columns: Mapping[str, str] | None = None
) -> Layout:
    """Return the layout that the files of a part have: the given one, or one of its ``also``.

    A layout fits when the path holds files of its names, when these can be read with its format
    and columns, and when its ``tells`` says so of their first rows. Among those that fit, one that
    tells comes first: its columns are not the only proof.

    Args:
        layout: The layout of the part in the catalogue.
        part: The part.
        path: A folder, an archive or a file.
        columns: What the user calls columns; see :func:`medqa_kit.load`.

    Returns:
        The first layout that fits; the given one where none does, so that reading says what is
        wrong with the files.
    """
    if not layout.also:
        return layout
    fitting = [each for each in (layout, *layout.also) if _fits(each, part, path, columns or {})]
    telling = [each for each in fitting if each.tells is not None]
    return next(iter(telling or fitting), layout)


def _fits(layout: Layout, part: Part, path: Path, columns: Mapping[str, str]) -> bool:
    own = layout.called({k: v for k, v in columns.items() if k in layout.raw.names})
    try:
        files = local_files(path, part.pattern(layout), source="", part=part.name)
        return _read_as(own, files)
    except MedQAError:
        return False


def _read_as(layout: Layout, files: Sequence[File]) -> bool:
    """Check whether the first rows of some files are of a layout; what cannot be read raises."""
    batches = read_files(
        files[:1], layout, source="", part="", batch_rows=FIRST_ROWS, reject=_passed_over
    )
    first = next(islice(batches, 1), None)
    return first is not None and (layout.tells is None or layout.tells(first.table))


def _passed_over(_: Rejected) -> None:
    """Pass over a record that cannot be read: loading speaks of it."""
