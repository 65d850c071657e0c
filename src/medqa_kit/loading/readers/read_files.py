"""Readers: files of a part to batches with the declared columns and types.

One module a format. Arrow's own readers do the work; Python looks at single records only where
they fail, to say what is wrong or to set a record aside. Types are declared, never inferred.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import pyarrow as pa

from medqa_kit.catalog.layouts import FileFormat, Layout, Reading
from medqa_kit.errors import EmptyDataError, FormatError, MedQAError, WrongFilesError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.local_files import saved_otherwise
from medqa_kit.loading.files.name_patterns import unpacked
from medqa_kit.loading.files.row_spots import spot_of_row
from medqa_kit.loading.readers.authors.keyed_json import read_keyed_json
from medqa_kit.loading.readers.authors.token_blocks import read_token_blocks
from medqa_kit.loading.readers.cells import read_cells
from medqa_kit.loading.readers.delimited_files.delimited import read_csv, read_tsv
from medqa_kit.loading.readers.json_tree import read_json_trees
from medqa_kit.loading.readers.jsonl import read_json, read_jsonl
from medqa_kit.loading.readers.parquet import read_parquet
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask, Rejected
from medqa_kit.loading.readers.xlsx import read_xlsx

_READERS: dict[FileFormat, Callable[[File, ReadTask], Iterator[RawBatch]]] = {
    "parquet": read_parquet, "jsonl": read_jsonl, "json": read_json,
    "csv": read_csv, "tsv": read_tsv, "xlsx": read_xlsx, "token-blocks": read_token_blocks,
}  # fmt: skip
_WINDOW = "it was packed with a long window: unpack it with `zstd -d --long=31` and pass the result"
_ENDINGS: dict[str, FileFormat] = {
    "parquet": "parquet", "jsonl": "jsonl", "ndjson": "jsonl", "json": "json", "csv": "csv",
    "tsv": "tsv", "xlsx": "xlsx",
}  # fmt: skip


def read_files(
    files: Sequence[File],
    layout: Layout,
    *,
    source: str,
    part: str,
    batch_rows: int = 10_000,
    reject: Callable[[Rejected], None] | None = None,
) -> Iterator[RawBatch]:
    """Read the files of a part, in order, in batches.

    Args:
        files: As :func:`medqa_kit.loading.files.local_files.local_files` lists them.
        layout: What is declared about them.
        source: For error messages, like ``part``.
        part: See ``source``.
        batch_rows: Rows in a batch at most.
        reject: Called with each record that cannot be read or typed; it is left out then.
            Without it such a record is an error. What concerns a whole file always is one.

    Yields:
        Batches with the schema ``layout.raw``, never empty.

    Raises:
        FileError: A file is not laid out, encoded or formatted as declared, or no file holds a
            row.
        ValueTypeError: A value is of another type than declared.
        MissingExtraError: The format needs a package that is not installed.
    """
    seen = False

    def note(rejected: Rejected) -> None:
        nonlocal seen
        seen = True
        if reject is not None:
            reject(rejected)

    task = ReadTask(layout, source, part, batch_rows, note if reject else None)
    for batch in _batches(files, task):
        seen = True
        yield batch
    if not seen:
        names = ", ".join(file.name for file in files[:3])
        raise EmptyDataError(
            "there are no rows",
            source=source,
            part=part,
            expected="rows",
            found=f"none in {len(files)} file(s): {names}",
            hint="an upload or download may have failed; look at the files",
        )


_ARCHIVES = ("zip", "tar", "tgz", "7z", "rar", "alz", "egg")


def format_of(name: str, reading: Reading, *, strictly: bool = False) -> FileFormat:
    """Find the format of a file: the declared one, else by the ending of its name.

    A table that is saved in another format than the declared one is of the format that its name ends in.

    Args:
        name: The file's name.
        reading: What is declared.
        strictly: Whether a declared format tells the file from others of the same columns, as that of a
            distribution does.

    Raises:
        WrongFilesError: None is declared, and the ending tells none.

    Example:
        >>> format_of("a.jsonl.gz", Reading()), format_of("a.txt", Reading(format="tsv"))
        ('jsonl', 'tsv')
        >>> [format_of(name, Reading(format="json-tree")) for name in ("a/1.json", "all.jsonl")]
        ['json-tree', 'jsonl']
    """
    ending = unpacked(name).lower().rpartition(".")[2]
    if (declared := reading.format) is not None:
        told = _ENDINGS.get(ending, declared)
        near = strictly or any(
            {told, declared} <= kin for kin in ({"json", "jsonl"}, {"csv", "tsv"})
        )
        whole = declared == "json-tree" and reading.cells is None and told != "json"
        own = declared not in _ENDINGS.values() and not whole  # a tree may be one table as well
        return declared if near or own else told
    if ending not in _ENDINGS:
        raise WrongFilesError(
            "the ending of the name tells no format",
            file=name,
            expected=", ".join(_ENDINGS),
            found=name,
            hint="unpack it and pass the folder"
            if ending in _ARCHIVES
            else saved_otherwise([name])
            or "rename the file to the ending of its format; a source of your own can declare Reading(format=...)",
        )
    return _ENDINGS[ending]


def _batches(files: Sequence[File], task: ReadTask) -> Iterator[RawBatch]:
    reading, strictly = task.layout.read, bool(task.layout.distribution)
    for kind, group in groupby(files, lambda f: format_of(f.name, reading, strictly=strictly)):
        members = list(group)
        if kind == "json-tree":
            cells = task.layout.read.cells
            batches = read_json_trees(members, task) if cells is None else read_cells(
                members, task, cells)  # fmt: skip
            yield from _placed(batches, task, None)
        elif kind == "json-object":  # one file may list the keys of another
            yield from _placed(read_keyed_json(members, task), task, None)
        else:
            for file in members:
                try:
                    yield from _placed(_READERS[kind](file, task), task, file.name)
                except MedQAError as error:
                    if error.row is not None:
                        error.at(spot=spot_of_row(file, task.layout, kind, error.row))
                    raise


def _placed(batches: Iterator[RawBatch], task: ReadTask, file: str | None) -> Iterator[RawBatch]:
    """Hand batches on, and give errors the place they do not know."""
    try:
        yield from batches
    except MedQAError as error:
        raise error.at(source=task.source, part=task.part, file=file) from error.__cause__
    except (
        pa.ArrowInvalid, pa.ArrowNotImplementedError, zipfile.BadZipFile, zlib.error, EOFError, OSError,
    ) as error:  # fmt: skip
        if isinstance(error, OSError) and (type(error) is not OSError or error.errno is not None):
            raise  # of the disk or the network; Arrow's word for damaged bytes has no number
        raise FormatError(
            "the file cannot be read to its end",
            found=str(error),
            hint=_WINDOW
            if "too much memory" in str(error)
            else "it may be damaged or cut off; fetch it again",
            source=task.source,
            part=task.part,
            file=file,
        ) from error
