"""Which rows of a data set are copies of each other, exactly or nearly."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import number
from medqa_kit.core.arrow.columns import join_given
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.holders import Rows, batches, count
from medqa_kit.core.selection import picked_rows
from medqa_kit.core.threads import in_order
from medqa_kit.errors import FamilyWarning
from medqa_kit.matching.components import equal_pairs
from medqa_kit.matching.item_keys import item_keys, text_keys
from medqa_kit.matching.letters import letters
from medqa_kit.matching.minhash import (
    Sketches,
    candidate_pairs,
    jaccard,
    no_sketches,
    promising,
    shingle_sets,
    sketches,
    sketches_of,
)
from medqa_kit.matching.row_texts import BREAK, options, row_texts, stems, text_column

On = Literal["row", "item"]
"""What is compared: all text of a row, or its stem and options only."""


_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Census:
    """What has to be known of every row at once; about 300 bytes a row.

    Attributes:
        ids: ``string``: the row's id, or its position.
        sources: ``string``.
        families: ``string``.
        lengths: ``int64``: letters.
        keys: ``uint64[n, 2]``: equal for rows of equal letters; 0 for rows without any.
        sketches: See :class:`~medqa_kit.matching.minhash.Sketches`.
    """

    ids: pa.ChunkedArray
    sources: pa.ChunkedArray
    families: pa.ChunkedArray
    lengths: Ints
    keys: npt.NDArray[np.uint64]
    sketches: Sketches

    def __len__(self) -> int:
        return len(self.lengths)


def census(rows: Rows, *, on: On, near: bool, threads: int | None) -> Census:
    """Read all rows once."""

    def read(
        batch: pa.RecordBatch,
    ) -> tuple[pa.RecordBatch, Ints, npt.NDArray[np.uint64], Sketches]:
        found = letters(_texts(batch, on))
        keys = item_keys(stems(batch), options(batch)) if on == "item" else text_keys(found)
        keys = np.where((found.lengths > 0)[:, None], keys, np.uint64(0))
        sketched = sketches(found) if near else no_sketches(batch.num_rows)
        names = [name for name in _NAMES if name in batch.schema.names]
        return batch.select(names), found.lengths, keys, sketched

    size, at = count(rows), 0
    names: dict[str, list[pa.Array]] = {name: [pa.array([], pa.string())] for name in _NAMES}
    # Filled in place: to collect the parts first would take the memory twice.
    lengths, keys = np.zeros(size, np.int64), np.zeros((size, 2), np.uint64)
    sketched = sketches_of(size) if near else no_sketches(size)
    for batch, length, key, found in in_order(read, batches(rows), threads=threads):
        here = slice(at, at + len(length))
        lengths[here], keys[here] = length, key
        sketched.bands[here], sketched.values[here] = found
        for name, column in names.items():
            column.append(_named(batch, name, at, len(length)))
        at += len(length)
    ids, sources, families = (pa.chunked_array(names[name]) for name in _NAMES)
    return Census(ids, sources, families, lengths, keys, sketched)


_NAMES = ("id", "source", "family")


def _named(batch: pa.RecordBatch, name: str, at: int, rows: int) -> pa.Array:
    """Return a column as strings; where there is none, nulls, or positions for ids."""
    if name in batch.schema.names:
        return text_column(batch, name)
    if name == "id":
        return pa.array([f"#{at + i}" for i in range(rows)], pa.string())
    return pa.nulls(rows, pa.string())


def _texts(batch: pa.RecordBatch, on: On) -> pa.Array:
    if on == "row":
        return row_texts(batch)
    joined = pc.binary_join(options(batch), BREAK)
    return pc.fill_null(join_given(stems(batch), joined, by=BREAK), "")


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows that are copies.

    Attributes:
        one: ``int64``: a row.
        other: ``int64``: another.
        similarity: ``float64``: 1 for equal letters, else the Jaccard similarity of shingles.
        exact: ``bool``: whether the letters are equal.
        paired: How many pairs had a band in common.
        candidates: How many of them were compared in full to find the near ones.
    """

    one: Ints
    other: Ints
    similarity: npt.NDArray[np.float64]
    exact: npt.NDArray[np.bool_]
    paired: int
    candidates: int


def copies(
    rows: Rows, known: Census, *, on: On, near: float | None,
    apart: Ints | None = None,
) -> Pairs:  # fmt: skip
    """Find rows of equal letters, and pairs at least ``near`` alike.

    Copies are paired with their first row, near copies are looked for among first rows only.
    With ``apart``, rows of different numbers are not compared.
    """
    salt = np.zeros(len(known), np.uint64) if apart is None else apart.astype(np.uint64)
    keys = np.concatenate([known.keys, salt[:, None]], axis=1)
    one, other = equal_pairs(
        keys.view([(name, np.uint64) for name in ("high", "low", "salt")]).ravel()
    )
    filled = known.keys[one].any(axis=1)
    one, other = one[filled], other[filled]
    first = np.ones(len(known), np.bool_)
    first[other] = False
    pairs = Pairs(one, other, np.ones(len(one)), np.ones(len(one), np.bool_), 0, 0)
    if near is None:
        return pairs
    places = np.flatnonzero(first)
    apart_ = salt[places] * _SPREAD
    bands = (band[places] for band in known.sketches.bands.T)  # one at a time, to save memory
    left, right = candidate_pairs(np.where(band == 0, band, band ^ apart_) for band in bands)
    left, right = places[left], places[right]
    paired = len(left)
    likely = promising(known.sketches.values, left, right, near)
    left, right = left[likely], right[likely]
    alike = pair_similarity(rows, left, right, on=on)
    good = alike >= near
    return Pairs(
        np.concatenate([one, left[good]]), np.concatenate([other, right[good]]),
        np.concatenate([pairs.similarity, alike[good]]),
        np.concatenate([pairs.exact, np.zeros(int(good.sum()), np.bool_)]),
        paired, len(left),
    )  # fmt: skip


_PAIRS = 50_000  # compared at a time: the shingles of at most twice as many rows are in memory


def pair_similarity(rows: Rows, one: Ints, other: Ints, *, on: On) -> npt.NDArray[np.float64]:
    """Compare pairs of rows by all their shingles."""
    results = [np.zeros(0)]
    for at in range(0, len(one), _PAIRS):
        left, right = one[at : at + _PAIRS], other[at : at + _PAIRS]
        needed = np.unique(np.concatenate([left, right]))
        parts = [shingle_sets(letters(_texts(batch, on))) for batch in picked_rows(rows, needed)]
        counts = np.concatenate([np.diff(part.offsets) for part in parts])
        sets = type(parts[0])(np.concatenate([part.hashes for part in parts]),
                              np.concatenate([[0], np.cumsum(counts)]))  # fmt: skip
        results.append(jaccard(sets, np.searchsorted(needed, left), np.searchsorted(needed, right)))  # fmt: skip
    return np.concatenate(results)


def similarity_or_none(argument: str, value: float | None) -> float | None:
    """Return the least similarity of near copies, if it is one.

    Raises:
        ArgumentError: It is not above 0 and at most 1.

    Example:
        >>> similarity_or_none("near", 0.8)
        0.8
    """
    if value is None:
        return None
    hint = "0.8 is a good start; None looks at exact copies only"
    return number(argument, value, above=0, most=1, hint=hint)


def warn_without_family(rows: Rows, verb: str, *, stacklevel: int) -> None:
    """Warn that rows have no column ``family``, by which translations and rewrites are known.

    Args:
        rows: The rows.
        verb: Who asks.
        stacklevel: How many calls up the user's line is; 2 is the caller of this function.
    """
    first = next(batches(rows), None)
    if first is not None and "family" not in first.schema.names:
        warnings.warn(
            f"{verb}: the rows have no column 'family', so translations and rewrites of one item can "
            "end up apart; mk.load gives it, and formatters keep it",
            FamilyWarning, stacklevel=stacklevel + 1,
        )  # fmt: skip
