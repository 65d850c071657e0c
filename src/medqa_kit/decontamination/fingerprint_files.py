"""Files of fingerprints: Parquet without any text, with what they were made by and why they are kept.

A file that lost items, or in which a byte changed, would protect less than it says. So each file
states the number of its items and the SHA-256 of its bytes, and is refused when either is another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medqa_kit.core.arguments import file_path, nonempty_text, several_texts
from medqa_kit.core.atomic import saved_whole
from medqa_kit.decontamination.fingerprints import FINGERPRINTS, ITEMS
from medqa_kit.errors import (
    EmptyDataError,
    FormatError,
    LockError,
    StorageError,
    WrongFilesError,
)
from medqa_kit.matching.letter_table import letter_table
from medqa_kit.matching.shingles import SHINGLES
from medqa_kit.matching.terms import TERMS

_ABOUT = b"medqa_kit.holdout"
_MARK, _NO_DIGEST = b'"digest": "sha256:', b"0" * 64
_REMEDY = (
    "copy the file again from where it was saved, or take the fingerprints again with "
    "Holdout.named(...) or Holdout.from_rows(...) and save them"
)


@dataclass(frozen=True)
class Purpose:
    """Why some items are held out.

    Attributes:
        name: Name of the holdout they came from.
        reason: Why they must not be trained on, in a sentence.
        protects: Scores that training on them would spoil, such as harness task ids.
    """

    name: str
    reason: str
    protects: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        nonempty_text("name", self.name)
        nonempty_text("reason", self.reason, hint='say why in a sentence, such as "we report it"')
        several_texts("protects", self.protects)


def made_by() -> str:
    """Return the definitions that fingerprints depend on: two files compare only if it is equal.

    Example:
        >>> made_by()
        'fingerprints-5/shingles-1/terms-1/letters-6/unicode-14.0.0'
    """
    return "/".join([FINGERPRINTS, SHINGLES, TERMS, letter_table().version])


def read_fingerprints(path: str | Path) -> tuple[pa.Table, tuple[Purpose, ...]]:
    """Read fingerprints that :func:`write_fingerprints` wrote.

    Returns:
        Items with the schema :data:`~medqa_kit.decontamination.fingerprints.ITEMS`, and why they are
        held out.

    Raises:
        WrongFilesError: There is no such file.
        FormatError: The file is not one, or not as it was written: a row or a byte is another.
        EmptyDataError: It holds no items.
        LockError: The fingerprints were taken by another definition of the same text.
        StorageError: The file cannot be read.
    """
    file = file_path("path", path)
    data = _bytes(file)
    if data[_digest_place(data)] != _digest(data):
        _refuse(data, file)
    about, items = _content(data, file)
    _refuse_other_definition(about, file)
    if not len(items):
        raise EmptyDataError("a holdout of no items protects nothing", file=file.name, hint=_REMEDY)
    return _typed(about, items, file)


def write_fingerprints(path: str | Path, items: pa.Table, purposes: Sequence[Purpose]) -> None:
    """Write fingerprints, and nothing else, to one Parquet file, whole or not at all.

    The file states how many items it holds, and the SHA-256 of all its other bytes.
    """
    about = {
        "made_by": made_by(),
        "items": len(items),
        "digest": f"sha256:{_NO_DIGEST.decode()}",
        "protections": [vars(purpose) for purpose in purposes],
    }
    buffer = pa.BufferOutputStream()
    with pq.ParquetWriter(
        buffer, items.schema, compression="zstd", use_dictionary=["holdout", "source", "split"],
        store_schema=False,  # beside it, Arrow reads no metadata but that of the schema
    ) as writer:  # fmt: skip
        writer.write_table(items)
        writer.add_key_value_metadata({_ABOUT: json.dumps(about, ensure_ascii=False)})
    data = bytearray(buffer.getvalue())
    data[_digest_place(data)] = _digest(data)
    with saved_whole(path) as unfinished:
        unfinished.write_bytes(data)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise WrongFilesError("there is no such file of fingerprints", file=str(file),
                              hint="Holdout.save(path) writes such files") from None  # fmt: skip
    except OSError as error:
        raise StorageError.of(error, file, elsewhere="or name another file") from error


def _digest_place(data: bytes | bytearray) -> slice:
    """Return where the digest of a file stands in it: in the footer, behind all items.

    The mark cannot be part of a reason or a name, in which JSON escapes the quotes.
    """
    start = data.rfind(_MARK) + len(_MARK)
    return slice(start, start + len(_NO_DIGEST))


def _digest(data: bytes | bytearray) -> bytes:
    """Return the SHA-256 of a file in which the place of the digest holds zeros."""
    place = _digest_place(data)
    digest = hashlib.sha256(memoryview(data)[: place.start])
    digest.update(_NO_DIGEST)
    digest.update(memoryview(data)[place.stop :])
    return digest.hexdigest().encode()


def _content(data: bytes, file: Path) -> tuple[dict[str, Any], pa.Table]:
    try:
        items = pq.read_table(pa.BufferReader(data))
        about = json.loads((items.schema.metadata or {})[_ABOUT])
        return dict(about), items.replace_schema_metadata(None)
    except (KeyError, TypeError, ValueError, OSError, pa.ArrowException) as error:
        raise FormatError(
            "not a file of fingerprints",
            file=file.name,
            found=str(error),
            hint="of the rows of an exam, mk.Holdout.from_rows(mk.read(file), reason='…').save(path) makes one",
        ) from error


def _typed(
    about: Mapping[str, Any], items: pa.Table, file: Path
) -> tuple[pa.Table, tuple[Purpose, ...]]:
    """Return what a file holds, if it has what our files have: another program may write a digest, too."""
    try:
        if about["items"] != len(items):
            raise ValueError(f"{len(items)} items where {about['items']} are stated")
        purposes = tuple(
            Purpose(p["name"], p["reason"], tuple(p["protects"])) for p in about["protections"]
        )
        if not purposes:
            raise ValueError("no reason why the items are held out")
        typed = items.cast(ITEMS)
        _refuse_uneven(typed)
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise FormatError("the file of fingerprints is not one that save() writes", file=file.name,
                          found=str(error), hint=_REMEDY) from error  # fmt: skip
    return typed, purposes


def _refuse_uneven(items: pa.Table) -> None:
    for weights in (name for name in ITEMS.names if name.endswith("_weights")):
        hashes = "stem" if weights.startswith("stem") else "options"
        hashes += "_terms" if "_term_" in weights else ""
        if pc.list_value_length(items[hashes]) != pc.list_value_length(items[weights]):
            raise ValueError(f"{hashes} and {weights} are not of equal lengths")


def _refuse(data: bytes, file: Path) -> NoReturn:
    """Refuse a file whose digest is another, and say what is known of why."""
    about, items = _content(data, file)
    _refuse_other_definition(about, file)
    raise FormatError(
        "the file of fingerprints is not as it was written: it would miss copies", file=file.name,
        expected=f"{about.get('items', 'a stated number of')} items, {about.get('digest', 'a digest')}",
        found=f"{len(items)} items, sha256:{_digest(data).decode()}", hint=_REMEDY,
    )  # fmt: skip


def _refuse_other_definition(about: Mapping[str, Any], file: Path) -> None:
    if about.get("made_by") != made_by():
        raise LockError(
            "the fingerprints were taken by another definition of the same text",
            file=file.name, expected=made_by(), found=str(about.get("made_by")),
            hint="take them again with Holdout.named(...) or Holdout.from_rows(...), or use "
            "the medqa_kit version that wrote the file",
        )  # fmt: skip
