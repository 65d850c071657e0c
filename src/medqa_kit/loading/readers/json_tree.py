"""Many small JSON files, as AI-Hub lays them out: one object each, or a list of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from medqa_kit.core.json_text import json_value
from medqa_kit.errors import FileError
from medqa_kit.loading.files.file import File, contents
from medqa_kit.loading.readers.json_array import list_elements
from medqa_kit.loading.readers.json_objects import Chunk, object_batches
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask
from medqa_kit.loading.readers.text import BLOCK, recoded

_MOST_RECORDS = 1000  # in one go; with BLOCK a bound on what is in memory beside one file


def read_json_trees(files: Sequence[File], task: ReadTask) -> Iterator[RawBatch]:
    """Read files in order; rows of many files share a batch, each keeps its place."""
    yield from object_batches(object_chunks(contents(files), task), task)


def object_chunks(members: Iterable[tuple[File, bytes]], task: ReadTask) -> Iterator[Chunk]:
    """Gather the objects of some files, given with their content, in chunks of bounded size."""
    texts: list[bytes] = []
    places: list[tuple[File, int]] = []
    size = 0
    for file, data in members:
        row = 0
        for records in _records(file, data, task):
            texts += records
            places += [(file, row + i) for i in range(len(records))]
            size, row = size + sum(map(len, records)), row + len(records)
            if size >= BLOCK or len(texts) >= _MOST_RECORDS:
                yield Chunk(texts, *places[0], places=places)
                texts, places, size = [], [], 0
    if texts:
        yield Chunk(texts, *places[0], places=places)


def _records(file: File, data: bytes, task: ReadTask) -> Iterator[list[bytes]]:
    """Return the objects of one file, or report a file that has none to give."""
    try:
        text = recoded(data, task.layout.read.encoding)
        begin = len(text) - len(text.lstrip())
        if text[begin : begin + 1] == b"[":
            blocks = (text[at : at + BLOCK] for at in range(begin + 1, len(text), BLOCK))
            yield from list_elements(blocks)
        elif _is_lines(text):
            yield [line for line in text.split(b"\n") if line.strip()]
        else:
            yield [text]
    except FileError as error:
        task.refuse(error, file=file, row=0, content=data)


def _is_lines(text: bytes) -> bool:
    """Check whether a file holds several objects, one a line: its first line is one already."""
    first, _, rest = text.strip().partition(b"\n")
    if not rest or not first.rstrip().endswith(b"}"):
        return False
    with suppress(FileError):
        return isinstance(json_value(first), dict)
    return False
