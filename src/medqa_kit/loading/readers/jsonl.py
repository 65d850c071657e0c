"""JSON Lines: one object a line; blank lines are passed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from medqa_kit.errors import FormatError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.json_objects import Chunk, object_batches
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask
from medqa_kit.loading.readers.text import line_blocks, utf8_blocks


def read_jsonl(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one file."""
    yield from object_batches(_chunks(file, task.layout.read.encoding), task)


def _chunks(file: File, encoding: str) -> Iterator[Chunk]:
    start, line = 0, 1
    for block in line_blocks(utf8_blocks(file, encoding)):
        if start == 0 and block.lstrip()[:1] == b"[":
            raise FormatError(
                "the file begins with a list",
                file=file.name,
                expected="one JSON object a line",
                found="[",
                hint="pass a copy as path= with one object a line; a source of your own can declare "
                "Reading(format='json')",
            )
        texts = block.removesuffix(b"\n").split(b"\n")
        lines: Sequence[int] = range(line, line + len(texts))
        line += len(texts)
        if not all(map(bytes.strip, texts)):
            lines = [number for number, text in zip(lines, texts, strict=True) if text.strip()]
            texts = [text for text in texts if text.strip()]
        yield Chunk(texts, file, start, lines.__getitem__)
        start += len(texts)
