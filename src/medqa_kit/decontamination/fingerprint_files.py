"""Files of fingerprints: Parquet without any text, with what they were made by and why they are kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.core.atomic import written_whole
from medqa_kit.decontamination.fingerprints import FINGERPRINTS, ITEMS
from medqa_kit.errors import FormatError, LockError
from medqa_kit.matching.letter_table import letter_table
from medqa_kit.matching.shingles import SHINGLES
from medqa_kit.matching.terms import TERMS

_ABOUT = b"medqa_kit.holdout"


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


def made_by() -> str:
    """Return the definitions that fingerprints depend on: two files compare only if it is equal.

    Example:
        >>> made_by()
        'fingerprints-2/shingles-1/terms-1/letters-3/unicode-14.0.0'
    """
    return "/".join([FINGERPRINTS, SHINGLES, TERMS, letter_table().version])


def read_fingerprints(path: str | Path) -> tuple[pa.Table, tuple[Purpose, ...]]:
    """Read fingerprints that :func:`write_fingerprints` wrote.

    Returns:
        Items with the schema :data:`~medqa_kit.decontamination.fingerprints.ITEMS`, and why they are
        held out.

    Raises:
        FormatError: The file is not one.
        LockError: The fingerprints were taken by another definition of the same text.
    """
    file = Path(path)
    try:
        items = pq.read_table(file)
        about = json.loads((items.schema.metadata or {})[_ABOUT])
    except (KeyError, ValueError, pa.ArrowInvalid) as error:
        raise FormatError(
            "not a file of fingerprints",
            file=file.name,
            found=str(error),
            hint="Holdout.save(path) writes such files",
        ) from error
    if about["made_by"] != made_by():
        raise LockError(
            "the fingerprints were taken by another definition of the same text",
            file=file.name, expected=made_by(), found=about["made_by"],
            hint="take them again with Holdout.named(...) or Holdout.from_rows(...), or use "
            "the medqa_kit version that wrote the file",
        )  # fmt: skip
    purposes = (Purpose(p["name"], p["reason"], tuple(p["protects"])) for p in about["protections"])
    return items.replace_schema_metadata(None).cast(ITEMS), tuple(purposes)


def write_fingerprints(path: str | Path, items: pa.Table, purposes: Sequence[Purpose]) -> None:
    """Write fingerprints, and nothing else, to one Parquet file, whole or not at all."""
    about = {"made_by": made_by(), "protections": [vars(purpose) for purpose in purposes]}
    metadata = {_ABOUT: json.dumps(about, ensure_ascii=False).encode()}
    with written_whole(path) as unfinished:
        pq.write_table(
            items.replace_schema_metadata(metadata), unfinished, compression="zstd",
            use_dictionary=["holdout", "source", "split"],
        )  # fmt: skip
