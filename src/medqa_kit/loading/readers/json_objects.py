"""JSON objects to tables: Arrow's reader over a whole chunk, Python over a chunk it refuses."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from medqa_kit.catalog.layouts import Layout
from medqa_kit.errors import FileError, FormatError, MedQAError, SchemaMovedError, shorten
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.align import matched
from medqa_kit.loading.readers.diagnose import wrong_encoding
from medqa_kit.loading.readers.json_values import fitted_row, typed
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask

_BROKEN = "mend the file, or pass on_bad='drop' to set such records aside"
_DEEP = 1000
_EXACT = 2.0**53  # Arrow rounds longer integers in float columns without a word


@dataclass(frozen=True)
class Chunk:
    """Some JSON values, each with its own bytes.

    Attributes:
        texts: One JSON value each, white space around it allowed.
        file: Where they stand.
        start: Position of the first among the file's records.
        line: Tells on which line, from 1, the value of a position in ``texts`` begins.
        places: File and position of each value, where they come from many files.
    """

    texts: Sequence[bytes]
    file: File
    start: int
    line: Callable[[int], int] | None = None
    places: Sequence[tuple[File, int]] | None = None

    def place(self, index: int) -> tuple[File, int]:
        """Return file and position of a value."""
        return (self.file, self.start + index) if self.places is None else self.places[index]

    def speak(self, index: int, what: str) -> str:
        """Say which line a sentence is about, for formats that have lines."""
        return what if self.line is None else f"line {self.line(index)}: {what}"


def object_batches(chunks: Iterable[Chunk], task: ReadTask) -> Iterator[RawBatch]:
    """Read chunks whose objects share their keys, such as those of one file.

    A column is there when any object of the first chunk has its key; an object that lacks it
    has null.
    """
    names: dict[str, str] = {}
    for chunk in chunks:
        if not chunk.texts:
            continue
        names = names or _names(chunk, task)  # again, while no record could be read
        table = _read_fast(chunk, names, task.layout) if names else None
        if table is None:
            yield from _read_slowly(chunk, names, task)
        else:
            yield from _batches(chunk, table, None, task)


def _batches(
    chunk: Chunk, table: pa.Table, kept: Sequence[int] | None, task: ReadTask
) -> Iterator[RawBatch]:
    if chunk.places is None:
        rows = kept if kept is None else [chunk.start + index for index in kept]
        yield from task.batches(chunk.file, chunk.start, table, rows=rows)
        return
    places = [chunk.places[index] for index in kept or range(table.num_rows)]
    named = [(file.name, row) for file, row in places]
    for at in range(0, table.num_rows, task.batch_rows):
        end = at + task.batch_rows
        yield RawBatch(*places[at], table.slice(at, task.batch_rows), named[at:end])


def _names(chunk: Chunk, task: ReadTask) -> dict[str, str]:
    """Find out under which names the objects hold the declared columns; empty if none parses."""
    layout, seen = task.layout, dict[str, None]()
    lenient = replace(layout, optional=tuple(layout.raw.names), extra="ignore")
    for text in chunk.texts:
        try:
            keys = _object(text).keys()
        except FileError:
            continue
        if keys <= seen.keys():
            continue
        seen |= dict.fromkeys(keys)
        if None not in matched(list(seen), lenient).values():
            break
    if not seen:
        return {}
    try:
        return {name: found or name for name, found in matched(list(seen), layout).items()}
    except SchemaMovedError as error:
        raise error.at(source=task.source, part=task.part, file=chunk.file.name) from None


def _read_fast(chunk: Chunk, names: dict[str, str], layout: Layout) -> pa.Table | None:
    """Read a chunk in one go, or give ``None`` if anything about it is not as declared."""
    block = b"\n".join(chunk.texts)
    theirs = pa.schema([(names[field.name], field.type) for field in layout.raw])
    unexpected = "ignore" if layout.extra == "ignore" else "infer"
    if _may_be_deep(chunk.texts):
        return None
    try:
        block.decode()  # Arrow does not look
        table = pa.json.read_json(
            pa.BufferReader(block),
            read_options=pa.json.ReadOptions(block_size=len(block) + 1, use_threads=False),
            parse_options=pa.json.ParseOptions(
                explicit_schema=theirs,
                newlines_in_values=False,
                unexpected_field_behavior=unexpected,
            ),
        )
    except (UnicodeDecodeError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    if table.num_rows != len(chunk.texts) or not table.schema.equals(theirs) or _rounded(table):
        return None
    return pa.Table.from_arrays(
        [table[names[name]] for name in layout.raw.names], schema=layout.raw
    )


def _may_be_deep(texts: Sequence[bytes]) -> bool:
    """Check whether values may be nested so deeply that Arrow runs out of stack, and crashes."""
    return any(len(text) > 2 * _DEEP and text.count(b"[") + text.count(b"{") > _DEEP
               for text in texts)  # fmt: skip


def _rounded(table: pa.Table) -> bool:
    """Check whether a float column may hold an integer that has no double."""
    leaves = [
        leaf
        for column in table.columns
        if _has_float(column.type)
        for chunk in column.chunks
        for leaf in _float_leaves(chunk)
    ]
    return any((pc.max(pc.abs(leaf)).as_py() or 0) >= _EXACT for leaf in leaves)


def _has_float(type_: pa.DataType) -> bool:
    fields = [type_.field(i) for i in range(type_.num_fields)]
    return pa.types.is_floating(type_) or any(_has_float(field.type) for field in fields)


def _float_leaves(array: pa.Array) -> Iterator[pa.Array]:
    if pa.types.is_floating(array.type):
        yield array
    elif pa.types.is_struct(array.type):
        for part in array.flatten():
            yield from _float_leaves(part)
    elif pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        yield from _float_leaves(array.flatten())


def _read_slowly(chunk: Chunk, names: dict[str, str], task: ReadTask) -> Iterator[RawBatch]:
    """Read a chunk value by value: in a loop, because each may be wrong in its own way."""
    rows: list[dict[str, Any]] = []
    kept: list[int] = []
    for index, text in enumerate(chunk.texts):
        try:
            rows.append(fitted_row(_object(text), names, task.layout))
            kept.append(index)
        except MedQAError as error:
            file, row = chunk.place(index)
            error.what = chunk.speak(index, error.what)
            task.refuse(error, file=file, row=row, content=text)
    yield from _batches(chunk, typed(rows, task.layout.raw), kept, task)


def _object(text: bytes) -> dict[str, Any]:
    """Read one JSON object, stricter than Python does by default."""
    try:
        value = json.loads(text.decode(), object_pairs_hook=_no_key_twice, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise wrong_encoding(
            error, declared="utf-8", where=f"byte {error.start} of the record"
        ) from None
    except json.JSONDecodeError as error:
        raise FormatError(
            f"this is not JSON: {error.msg}",
            expected="one JSON object",
            found=shorten([error.doc[max(0, error.pos - 30) : error.pos + 30]]),
            hint=_BROKEN,
        ) from None
    except RecursionError:
        raise FormatError("this JSON is nested too deeply", hint=_BROKEN) from None
    if not isinstance(value, dict):
        raise FormatError(
            "this is JSON, but not an object",
            expected="one JSON object",
            found=shorten([value]),
            hint="pass a copy as path= with one object a line; a source of your own can declare "
            "Reading(format='json')",
        )
    return value


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(record := dict(pairs)) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise FormatError(
            f"the key {twice!r} stands twice in one object",
            expected="each key once",
            found=shorten(value for name, value in pairs if name == twice),
            hint=_BROKEN,
        )
    return record


def _finite(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):
        raise FormatError(
            "a number is beyond what a double holds",
            expected="at most 1.8e308",
            found=shorten([literal]),
            hint=_BROKEN,
        )
    return number
