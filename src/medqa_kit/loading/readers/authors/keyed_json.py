"""One JSON object a file, whose members are the records: the name of each is its key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import PurePosixPath

from medqa_kit.errors import FormatError, WrongFilesError, shorten
from medqa_kit.loading.files.file import File, contents
from medqa_kit.loading.readers.json_array import list_elements
from medqa_kit.loading.readers.json_objects import Chunk, object_batches
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask
from medqa_kit.loading.readers.text import utf8_blocks

_MEMBER = re.compile(rb'\s*("(?:[^"\\]|\\.)*")\s*:\s*\{\s*')


def read_keyed_json(files: Sequence[File], task: ReadTask) -> Iterator[RawBatch]:
    """Read files of records by key, or of them the records whose keys another file lists.

    Args:
        files: Those of a part, the list of keys among them where the layout names one.
        task: What ``read`` was asked.

    Raises:
        WrongFilesError: The list of keys is not there.
        FormatError: A file is no object, or lacks records that are listed.
    """
    among = task.layout.read.among
    lists = [file for file in files if PurePosixPath(file.name).name == among]
    records = [file for file in files if file not in lists]
    if among is not None and (len(lists) != 1 or not records):
        raise WrongFilesError(
            f"the rows of this part are those whose keys {among!r} lists", expected=f"one {among!r} "
            "beside the file of the rows", found=shorten([file.name for file in files]),
            hint=f"pass the folder that holds both, with {among!r} as upstream has it",
        )  # fmt: skip
    wanted = None if among is None else _listed(lists[0])
    absent = set(wanted or ())
    for file in records:
        yield from object_batches(_chunks(file, task, wanted, absent), task)
    if absent:
        raise FormatError("rows that are listed are not there", file=lists[0].name,
                          expected=f"a record of each of {len(wanted or ())} keys",
                          found=f"none of {shorten(sorted(absent))}",
                          hint="the two files are of different releases: fetch both again")  # fmt: skip


def _listed(file: File) -> frozenset[str]:
    ((_, content),) = contents([file])
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FormatError("the list of keys is not JSON", file=file.name, found=str(error),
                          expected="an object by key, or a list of keys",
                          hint="fetch it again") from None  # fmt: skip
    if not isinstance(value, dict | list):
        raise FormatError("the list of keys is neither an object nor a list", file=file.name,
                          expected="an object by key, or a list of keys",
                          found=shorten([value]), hint="fetch it again")  # fmt: skip
    return frozenset(map(str, value))


def _chunks(
    file: File, task: ReadTask, wanted: frozenset[str] | None, absent: set[str]
) -> Iterator[Chunk]:
    name = json.dumps(task.layout.read.key, ensure_ascii=False).encode()
    start = 0
    for texts in _members(file, task.layout.read.encoding):
        # A loop over records: each takes its key in. Text that is no member stays, and is told of.
        own, places = [], []
        for at, text in enumerate(texts, start):
            member = _MEMBER.match(text)
            key = json.loads(member[1]) if member else None
            if wanted is not None and key is not None and key not in wanted:
                continue
            absent.discard(key)
            places.append((file, at))
            own.append(text if member is None else _with_key(text, name, member))
        start += len(texts)
        yield Chunk(own, file, places[0][1] if places else start, places=places)


def _with_key(text: bytes, name: bytes, member: re.Match[bytes]) -> bytes:
    rest = text[member.end() :]
    return b"{" + name + b": " + member[1] + (rest if rest.startswith(b"}") else b", " + rest)


def _members(file: File, encoding: str) -> Iterator[list[bytes]]:
    blocks = utf8_blocks(file, encoding)
    start = next((kept for block in blocks if (kept := block.lstrip())), b"")
    if not start:
        return
    if not start.startswith(b"{"):
        raise FormatError("the file does not begin with an object", file=file.name,
                          expected="one object, with a record under each key",
                          found=shorten([start[:40].decode(errors="replace")]),
                          hint="pass the file as upstream has it")  # fmt: skip
    yield from list_elements(chain([start[1:]], blocks), b"{")
