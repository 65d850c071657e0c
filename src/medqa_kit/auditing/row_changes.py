"""Compare rows of two states of the same data: unchanged, edited, moved, added, removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arrow.columns import join, whole
from medqa_kit.core.arrow.hashing import hashes, scattered
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.loading.content_hash import row_text
from medqa_kit.matching.row_texts import stems

RowChange: TypeAlias = Literal[
    "row_added", "row_removed", "row_edited", "label_changed", "split_moved"
]

_Hashes: TypeAlias = npt.NDArray[np.uint64]
_PLACE = ("id", "source", "subset", "split", "family")
_LABELS = (
    "answer_index",
    "answer",
    "label",
    "score",
    "chosen_score",
    "rejected_score",
    "tags",
    "spans",
)
_SLICE = 10_000


class Change(NamedTuple):
    """Rows to which the same happened.

    Attributes:
        kind: What.
        before: Places of the rows in the old state; -1 where a row was not there.
        after: Places in the new state; -1 where it is there no longer.
    """

    kind: RowChange
    before: Ints
    after: Ints


@dataclass(frozen=True)
class RowDigests:
    """What rows are compared by: eight bytes a row and aspect.

    Attributes:
        ids: Of the id.
        places: Of subset and split.
        labels: Of the columns that say what is right.
        texts: Of all else.
        stems: Of the question or first text alone.
    """

    ids: _Hashes
    places: _Hashes
    labels: _Hashes
    texts: _Hashes
    stems: _Hashes

    @classmethod
    def of(cls, tables: Sequence[pa.Table]) -> RowDigests:
        """Digest rows of tables that may have different columns, one after the other."""
        parts = [
            _digests(table.slice(start, _SLICE))
            for table in tables
            for start in range(0, table.num_rows, _SLICE)
        ]
        columns = zip(*parts, strict=True) if parts else [[]] * 5
        return cls(*(np.concatenate([np.zeros(0, np.uint64), *column]) for column in columns))

    def __len__(self) -> int:
        return len(self.ids)


def _digests(table: pa.Table) -> tuple[_Hashes, ...]:
    batch = pa.RecordBatch.from_arrays(
        [whole(column) for column in table.columns], table.column_names
    )
    labels = [name for name in table.column_names if name in _LABELS]
    texts = [name for name in table.column_names if name not in (*_PLACE, *_LABELS)]
    places = [name for name in ("subset", "split") if name in table.column_names]
    return (hashes(whole(table["id"]).cast(pa.string())), *(_hashed(table, names) for names in (places, labels, texts)),
            hashes(whole(stems(batch)).cast(pa.string())))  # fmt: skip


def _hashed(table: pa.Table, names: Sequence[str]) -> _Hashes:
    if not names:
        return np.zeros(table.num_rows, np.uint64)
    return hashes(whole(join(*(whole(row_text(table[name])) for name in sorted(names)))))


def row_changes(before: RowDigests, after: RowDigests) -> Iterator[Change]:
    """Tell what became of the rows.

    Rows are paired by id, for sources with keys of their own; what is left, by all they say, then by all
    but the labels, then by their question alone. A row that stands elsewhere has moved; one with the
    same texts and another label has another label; everything else of a pair is an edit.

    Example:
        >>> rows = pa.table({"id": ["a", "b"], "split": ["train", "train"], "question": ["Why?", "How?"], "label": ["x", "y"]})
        >>> later = pa.table({"id": ["a", "c"], "split": ["test", "train"], "question": ["Why?", "Who?"], "label": ["x", "y"]})
        >>> [(c.kind, c.before.tolist(), c.after.tolist()) for c in row_changes(RowDigests.of([rows]), RowDigests.of([later]))]
        [('split_moved', [0], [0]), ('row_removed', [1], [-1]), ('row_added', [-1], [1])]
    """
    old, new = np.arange(len(before)), np.arange(len(after))
    pairs: list[tuple[Ints, Ints]] = []
    for keys, others in _stages(before, after):
        places = _paired(keys[old], others[new])
        pairs.append((old[places[0]], new[places[1]]))
        old, new = np.delete(old, places[0]), np.delete(new, places[1])
    first = np.concatenate([pair[0] for pair in pairs])
    second = np.concatenate([pair[1] for pair in pairs])
    text: Mask = before.texts[first] != after.texts[second]
    label: Mask = before.labels[first] != after.labels[second]
    place: Mask = before.places[first] != after.places[second]
    masks: tuple[tuple[RowChange, Mask], ...] = (
        ("row_edited", text), ("label_changed", label & ~text), ("split_moved", place),
    )  # fmt: skip
    for kind, mask in masks:
        if mask.any():
            yield Change(kind, first[mask], second[mask])
    if len(old):
        yield Change("row_removed", old, np.full(len(old), -1))
    if len(new):
        yield Change("row_added", np.full(len(new), -1), new)


def _stages(before: RowDigests, after: RowDigests) -> Iterator[tuple[_Hashes, _Hashes]]:
    yield before.ids, after.ids
    yield before.texts ^ scattered(before.labels), after.texts ^ scattered(after.labels)
    yield before.texts, after.texts
    yield before.stems, after.stems


def _paired(first: _Hashes, second: _Hashes) -> tuple[Ints, Ints]:
    """Pair equal keys: the n-th that is equal here with the n-th there."""
    _, here, there = np.intersect1d(
        _numbered(first), _numbered(second), assume_unique=True, return_indices=True
    )
    return here, there


def _numbered(keys: _Hashes) -> _Hashes:
    """Make equal keys differ by how many of them came before."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = (
        np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        if len(keys)
        else np.zeros(0, np.int64)
    )
    ranks = np.arange(len(keys)) - np.repeat(starts, np.diff([*starts, len(keys)]))
    numbers = np.empty(len(keys), np.uint64)
    numbers[order] = ranks.astype(np.uint64)
    return np.asarray(keys ^ np.where(numbers > 0, scattered(numbers), np.uint64(0)), np.uint64)
