"""JSON Lines, one object a line, and lists: told by the first bytes, whatever the ending says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain

from medqa_kit.catalog.layouts import Layout
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.column_names import plain_name
from medqa_kit.loading.readers.json_array import list_chunks
from medqa_kit.loading.readers.json_objects import Chunk, object_batches
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask
from medqa_kit.loading.readers.text import line_blocks, utf8_blocks


def read_jsonl(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one file; one that is a list is read as what it is."""
    yield from object_batches(json_chunks(file, task.layout, lines=True), task)


def read_json(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one file that is a list of objects, or holds one; one object a line is read as that."""
    yield from object_batches(json_chunks(file, task.layout, lines=False), task)


def json_chunks(file: File, layout: Layout, *, lines: bool) -> Iterator[Chunk]:
    """Cut a file into its objects.

    Args:
        file: What to read.
        layout: What is declared about it.
        lines: Whether it is expected to hold an object a line, or else a list of objects.
    """
    reading = layout.read
    blocks = utf8_blocks(file, reading.encoding)
    first = next(blocks, b"")
    blocks, head = chain([first], blocks), first.lstrip()
    in_lines = not head.startswith(b"[") if lines else _is_record(head.partition(b"\n")[0], layout)
    return line_chunks(file, blocks) if in_lines else list_chunks(file, blocks, reading.records)


def _is_record(line: bytes, layout: Layout) -> bool:
    """Check whether a line is an object with a declared column, and not the frame of a list."""
    if not line.startswith(b"{"):
        return False
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    declared = {*layout.raw.names, *chain.from_iterable(layout.aliases.values())}
    known = {plain_name(name) for name in declared}
    return layout.read.records not in value and any(plain_name(key) in known for key in value)


def line_chunks(file: File, blocks: Iterator[bytes]) -> Iterator[Chunk]:
    """Cut text into its lines, blank ones left out."""
    start, line = 0, 1
    for block in line_blocks(blocks):
        texts = block.removesuffix(b"\n").split(b"\n")
        lines: Sequence[int] = range(line, line + len(texts))
        line += len(texts)
        if not all(map(bytes.strip, texts)):
            lines = [number for number, text in zip(lines, texts, strict=True) if text.strip()]
            texts = [text for text in texts if text.strip()]
        yield Chunk(texts, file, start, lines.__getitem__)
        start += len(texts)
