"""Small JSON files that belong together by their folders: one record a cell, in bounded batches.

Files of a kind are read like any other JSON tree, so a broken one is reported, or set aside, by
itself; then the objects of a cell become lists. Only one cell at a time has to fit in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

import numpy as np
import pyarrow as pa

from medqa_kit.catalog.layouts import Cells
from medqa_kit.core.arrow.columns import whole
from medqa_kit.errors import WrongFilesError
from medqa_kit.loading.files.file import File, contents
from medqa_kit.loading.files.name_patterns import matches
from medqa_kit.loading.readers.json_objects import object_batches
from medqa_kit.loading.readers.json_tree import object_chunks
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask

_MOST_OBJECTS = 1000  # in one batch, unless a single cell has more


@dataclass(frozen=True)
class _Placed:
    """A file, the cell it is of, and the list it goes to."""

    cell: str
    list: str
    file: File


@dataclass(frozen=True)
class _Cell:
    """What was read of one cell."""

    name: str
    first: File
    lists: Mapping[str, pa.StructArray]

    def __len__(self) -> int:
        return sum(map(len, self.lists.values()))


def read_cells(files: Sequence[File], task: ReadTask, cells: Cells) -> Iterator[RawBatch]:
    """Read files cell by cell, in the order of the cells' names."""
    waiting: list[_Cell] = []
    for cell in _cells(files, task, cells):
        if waiting and (
            sum(map(len, waiting)) + len(cell) > _MOST_OBJECTS or len(waiting) >= task.batch_rows
        ):
            yield _batch(waiting, task, cells)
            waiting = []
        waiting.append(cell)
    if waiting:
        yield _batch(waiting, task, cells)


def _cells(files: Sequence[File], task: ReadTask, cells: Cells) -> Iterator[_Cell]:
    placed = sorted((_placed(file, cells) for file in files), key=_order)
    inner = {name: _inner(task, name) for name in cells.lists}
    # One pass over all of them, so that archives stay open from one cell to the next.
    pairs = zip(placed, contents([placed_file.file for placed_file in placed]), strict=True)
    for name, of_cell in groupby(pairs, lambda pair: pair[0].cell):
        lists: dict[str, pa.StructArray] = {}
        first: list[File] = []
        for list_name, of_list in groupby(of_cell, lambda pair: pair[0].list):
            members = [content for _, content in of_list]
            lists[list_name] = _objects(members, inner[list_name])
            first.append(members[0][0])
        yield _Cell(name, first[0], lists)


def _placed(file: File, cells: Cells) -> _Placed:
    *folders, _ = file.name.split("/")
    fits = [name for name, pattern in cells.lists.items() if matches(file.name, pattern)]
    if len(folders) < cells.depth or len(fits) != 1:
        raise WrongFilesError(
            "the file's folders do not tell where it belongs",
            file=file.name,
            expected=f"{cells.depth} folders that name a cell, and one of the kinds "
            + ", ".join(cells.lists.values()),
            found=f"{len(folders)} folders, {len(fits)} kinds",
            hint="keep folders and names as upstream delivers them",
        )
    return _Placed("/".join(folders[-cells.depth :]), fits[0], file)


def _order(placed_file: _Placed) -> tuple[str, str, str, str]:
    return (
        placed_file.cell,
        placed_file.list,
        placed_file.file.name.rpartition("/")[2],
        placed_file.file.name,
    )


def _inner(task: ReadTask, list_name: str) -> ReadTask:
    """Return the task for the objects of one list: its value type is what they are declared as."""
    layout = task.layout
    objects = layout.raw.field(list_name).type.value_type
    raw = pa.schema([objects.field(i) for i in range(objects.num_fields)])
    return replace(task, layout=replace(layout, raw=raw, read=replace(layout.read, cells=None)))


def _objects(members: list[tuple[File, bytes]], inner: ReadTask) -> pa.StructArray:
    batches = object_batches(object_chunks(members, inner), inner)
    table = pa.concat_tables([inner.layout.raw.empty_table(), *map(attrgetter("table"), batches)])
    columns = [whole(column) for column in table.columns]
    return pa.StructArray.from_arrays(columns, fields=list(inner.layout.raw))


def _batch(group: list[_Cell], task: ReadTask, cells: Cells) -> RawBatch:
    raw = task.layout.raw
    columns: dict[str, pa.Array] = {cells.key: pa.array([cell.name for cell in group], pa.string())}
    for name in cells.lists:
        type_ = raw.field(name).type
        none = pa.array([], type_.value_type)
        objects = [cell.lists.get(name, none) for cell in group]
        ends = np.cumsum([0, *map(len, objects)]).astype(np.int32)
        columns[name] = pa.ListArray.from_arrays(
            pa.array(ends), pa.concat_arrays(objects), type=type_
        )
    table = pa.Table.from_arrays([columns[name] for name in raw.names], schema=raw)
    return RawBatch(group[0].first, 0, table, [(cell.name, 0) for cell in group])
