"""JSON objects to tables: Arrow's reader over a whole chunk, Python over a chunk it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from medqa_kit.catalog.layouts import Layout
from medqa_kit.core.json_text import json_value
from medqa_kit.errors import FileError, FormatError, MedQAError, SchemaMovedError, shorten
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.align import float_leaves, has_float, matched
from medqa_kit.loading.readers.column_names import is_index
from medqa_kit.loading.readers.diagnose import frame_hint, other_shape_hint, wrong_encoding
from medqa_kit.loading.readers.json_values import fitted_row, refuse_repeated, typed
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask

_BROKEN = "mend the file, or pass on_bad='drop' to set such records aside"
_DEEP = 1000
_MOST_KINDS = 1000  # of objects with other keys, which are looked at for names of columns
_SHOWN = 500
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

    def spot(self, index: int) -> str | None:
        """Say on which line a value begins, for formats that have lines."""
        return None if self.line is None else f"line {self.line(index)}"


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
    """Find out under which names the objects hold the declared columns; empty if none parses.

    Objects with other keys do not decide over a file in which some are as declared.
    """
    layout, seen = task.layout, dict[str, None]()
    moved, names, kinds = None, dict[str, str | None](), set[frozenset[str]]()
    for text in chunk.texts:
        try:
            keys = _object(text).keys()
        except FileError:
            continue
        if (kind := frozenset(keys)) in kinds:
            continue
        kinds.add(kind)
        try:
            names = matched([*seen, *(key for key in keys if key not in seen)], layout)
        except SchemaMovedError as error:
            moved = moved or error
            with suppress(SchemaMovedError):
                names = names or matched(list(keys), layout)
        seen |= dict.fromkeys(keys)
        if (names and None not in names.values()) or len(kinds) == _MOST_KINDS:
            break
    if seen and not names and moved is not None:
        if len(chunk.texts) == 1 and _is_frame(_object(chunk.texts[0])):
            moved.hint = frame_hint(_shown(chunk.texts[0])) or (
                "the file is one object that holds all rows: write each row as an object, one a line"
            )
        raise moved.at(source=task.source, part=task.part, file=chunk.file.name)
    if len(chunk.texts) == 1 and names and _is_columns(_object(chunk.texts[0])):
        raise FormatError(
            "each column is an object: the file holds all rows in one, as DataFrame.to_json writes them",
            expected="one object a row", found=shorten([_shown(chunk.texts[0])]),
            hint=frame_hint(_shown(chunk.texts[0])),
        )  # fmt: skip
    return {name: spelling or name for name, spelling in names.items()}


def _shown(text: bytes) -> str:
    return text[:_SHOWN].decode(errors="replace")


def _is_columns(record: Mapping[str, Any]) -> bool:
    """Check whether an object holds columns by the numbers of their rows."""
    return all(
        isinstance(value, dict) and bool(value) and all(map(str.isdecimal, value))
        for value in record.values()
    )


def _is_frame(record: Mapping[str, Any]) -> bool:
    """Check whether an object holds rows or columns, as ``DataFrame.to_json`` writes them, and is no row itself."""
    return all(isinstance(value, dict | list) for value in record.values())


def _read_fast(chunk: Chunk, names: dict[str, str], layout: Layout) -> pa.Table | None:
    """Read a chunk in one go, or give ``None`` if anything about it is not as declared."""
    theirs = pa.schema([(names[field.name], field.type) for field in layout.raw])
    table = arrow_table(chunk.texts, schema=theirs, others=layout.extra != "ignore")
    if table is not None:
        table = table.drop_columns([n for n in table.column_names[len(theirs) :] if is_index(n)])
    if table is None or not table.schema.equals(theirs) or doubtful(table):
        return None
    return pa.Table.from_arrays(
        [table[names[name]] for name in layout.raw.names], schema=layout.raw
    )


def arrow_table(
    texts: Sequence[bytes], *, schema: pa.Schema | None = None, others: bool = True
) -> pa.Table | None:
    """Read JSON objects with Arrow's reader, or give ``None`` where it would fail, or crash.

    Args:
        texts: One object each, white space around it allowed.
        schema: Types of columns.
        others: Whether keys that are not in ``schema`` become columns, of inferred types.

    Returns:
        A row for each object.
    """
    if not all(text.lstrip().startswith(b"{") for text in texts) or _may_be_deep(texts):
        return None  # of other values, and of deep ones, Arrow's reader makes a crash
    block = b"\n".join(texts)
    try:
        block.decode()  # Arrow does not look
        table = pa.json.read_json(
            pa.BufferReader(block),
            read_options=pa.json.ReadOptions(block_size=len(block) + 1, use_threads=False),
            parse_options=pa.json.ParseOptions(
                explicit_schema=schema,
                newlines_in_values=False,
                unexpected_field_behavior="infer" if others else "ignore",
            ),
        )
    except (UnicodeDecodeError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return table if table.num_rows == len(texts) else None


def _may_be_deep(texts: Sequence[bytes]) -> bool:
    """Check whether values may be nested so deeply that Arrow runs out of stack, and crashes."""
    return any(len(text) > 2 * _DEEP and text.count(b"[") + text.count(b"{") > _DEEP
               for text in texts)  # fmt: skip


def doubtful(table: pa.Table) -> bool:
    """Check whether a row may hold nothing, or a float column what is no number or was rounded."""
    leaves = [
        leaf
        for column in table.columns
        if has_float(column.type)
        for chunk in column.chunks
        for leaf in float_leaves(chunk)
    ]
    # NaN is less than nothing, and not finite.
    return _empty_row(table) or any(
        not pc.all(pc.less(pc.abs(leaf), _EXACT), min_count=0).as_py() for leaf in leaves
    )


def _empty_row(table: pa.Table) -> bool:
    """Check whether a row has no value at all, such as that of ``{}``."""
    if not table.num_columns:
        return True
    if not all(column.null_count for column in table.columns):
        return False
    empty = reduce(pc.and_, (column.is_null() for column in table.columns))
    return bool(pc.any(empty).as_py())


def _read_slowly(chunk: Chunk, names: dict[str, str], task: ReadTask) -> Iterator[RawBatch]:
    """Read a chunk value by value: in a loop, because each may be wrong in its own way."""
    rows: list[dict[str, Any]] = []
    kept: list[int] = []
    for index, text in enumerate(chunk.texts):
        try:
            rows.append(fitted_row(_record(text, names, task.layout), names, task.layout))
            kept.append(index)
        except MedQAError as error:
            if not names and error.hint == _BROKEN:
                error.hint = other_shape_hint(text) or error.hint
            file, row = chunk.place(index)
            task.refuse(error.at(spot=chunk.spot(index)), file=file, row=row, content=text)
    yield from _batches(chunk, typed(rows, task.layout.raw), kept, task)


def _record(text: bytes, names: Mapping[str, str], layout: Layout) -> dict[str, Any]:
    """Read an object that has columns of the part."""
    record = _object(text)
    refuse_repeated(record, names.values(), all_keys=layout.extra == "refuse")
    if not any(name in record for name in names.values()):
        raise FormatError(
            "the object has none of the columns",
            expected=", ".join(names.values()),
            found="the keys " + shorten(record) if record else "{}",
            hint=_BROKEN,
        )
    return record


def _object(text: bytes) -> dict[str, Any]:
    """Read one JSON object."""
    try:
        value = json_value(text.decode())
    except UnicodeDecodeError as error:
        place = f"byte {error.start} of the record"
        raise wrong_encoding(error, declared="utf-8", where=place) from None
    if not isinstance(value, dict):
        raise FormatError(
            "this is JSON, but not an object",
            expected="one JSON object",
            found=shorten([value]),
            hint="if this is a row without the names of its columns, save it again with these: "
            "DataFrame.to_json(copy, orient='records')"
            if isinstance(value, list)
            else "pass a copy as path= with one object a line; a source of your own can declare "
            "Reading(format='json')",
        )
    return value
