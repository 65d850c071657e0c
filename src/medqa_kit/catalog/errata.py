"""Items that are known to be bad, as data: which ones, the fault of each, and the evidence."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import pyarrow as pa

from medqa_kit.core.arguments import nonempty_text, one_of
from medqa_kit.core.arrow import compute as pc

ErrorKind = Literal["damaged stem", "duplicate gold", "missing picture", "wrong key"]
"""The question is cut off or garbled · the right option's text stands twice · a picture the question
asks about is not there · the answer is not the right one, as reported upstream."""

OnErrata = Literal["keep", "flag", "drop"]
"""What to do with items known to be bad: leave them · say so in a column ``erratum`` · leave them out."""

_LISTED = Path(__file__).with_name("errata.toml")


@dataclass(frozen=True, kw_only=True)
class Erratum:
    """An item that is known to be bad.

    Attributes:
        id: The id its row has when it is loaded from the source.
        kind: What is wrong, see :data:`ErrorKind`.
        evidence: Where that was seen, precisely enough to look again.

    Example:
        >>> Erratum(id="demo/3", kind="wrong key", evidence="issue 7 upstream").kind
        'wrong key'
    """

    id: str
    kind: ErrorKind
    evidence: str

    def __post_init__(self) -> None:
        one_of("kind", self.kind, get_args(ErrorKind))
        nonempty_text("id", self.id)
        nonempty_text("evidence", self.evidence)


def listed_errata(source: str) -> tuple[Erratum, ...]:
    """Return what the reviewed file of the catalogue lists of a source.

    Example:
        >>> [erratum.kind for erratum in listed_errata("kormedmcqa")]
        ['damaged stem', 'duplicate gold']
    """
    return tuple(erratum for erratum in _all_listed() if erratum.id.startswith(f"{source}/"))


@cache
def _all_listed() -> tuple[Erratum, ...]:
    entries = tomllib.loads(_LISTED.read_text("utf-8"))["erratum"]
    return tuple(Erratum(**entry) for entry in entries)


def error_kinds(ids: pa.ChunkedArray | pa.Array, errata: Sequence[Erratum]) -> pa.ChunkedArray:
    """Return the kind of error of each row, null where none is known.

    Args:
        ids: The rows' ids.
        errata: What is known of their source.

    Example:
        >>> known = [Erratum(id="demo/1", kind="wrong key", evidence="issue 3 upstream")]
        >>> error_kinds(pa.array(["demo/0", "demo/1"]), known).to_pylist()
        [None, 'wrong key']
    """
    known = pa.array([erratum.id for erratum in errata], pa.string())
    kinds = pa.array([erratum.kind for erratum in errata], pa.string())
    ids = ids if isinstance(ids, pa.ChunkedArray) else pa.chunked_array([ids])
    return pc.take(kinds, pc.index_in(ids.cast(pa.string()), value_set=known))


def counted_kinds(kinds: pa.ChunkedArray) -> Mapping[str, int]:
    """Count the rows of each kind of error.

    Example:
        >>> counted_kinds(pa.chunked_array([["wrong key", None, "wrong key"]]))
        {'wrong key': 2}
    """
    counts = pc.value_counts(kinds.drop_null()).to_pylist()  # at most one a kind
    in_order = sorted(counts, key=lambda entry: str(entry["values"]))
    return {entry["values"]: entry["counts"] for entry in in_order}
