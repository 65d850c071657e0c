"""Match batches of rows against a holdout: exact keys, families, near copies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.decontamination import rules
from medqa_kit.decontamination.fingerprints import answered_keys, packed
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.decontamination.near_copies import agreements, near_copies
from medqa_kit.matching.row_fields import (
    RowFields,
    as_records,
    row_fields,
    without_escapes,
)
from medqa_kit.matching.row_texts import text_column


class Matches(NamedTuple):
    """Rows of a batch and the items they match: each pair once, by its strongest rule.

    Attributes:
        row: ``int64``: position in the batch.
        item: ``int64``: position in the holdout.
        rule: ``int8``: position in :data:`~medqa_kit.decontamination.rules.RULES`.
        stem: ``float64``: score of the stem, NaN where lineage alone decides.
        options: ``float64``: score of the options, NaN where the item has none to compare.
        answer: ``float64``: score of the right answer, NaN where the item has none or the row says none.
    """

    row: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    rule: npt.NDArray[np.int8]
    stem: npt.NDArray[np.float64]
    options: npt.NDArray[np.float64]
    answer: npt.NDArray[np.float64]


def match(batch: pa.RecordBatch, holdout: Holdout) -> Matches:
    """Find the items of a holdout in the rows of a batch.

    Args:
        batch: Rows of any schema.
        holdout: What to look for.
    """
    fields = row_fields(batch)
    family = _equal(text_column(batch, "family"), holdout.places.families,
                    holdout.places.family_items)  # fmt: skip
    parts = [
        *_alike(fields, holdout),
        (family, np.full(len(family[0]), rules.FAMILY), np.full((len(family[0]), 3), np.nan)),
    ]
    if len(rows := _undecided(parts, fields)):  # as it is judged once it is a record
        parts += [((rows[row], item), rule, scores)
                  for (row, item), rule, scores in _alike(as_records(fields, rows), holdout)]  # fmt: skip
    plain, rows = without_escapes(fields)
    if len(rows):  # both are judged, so that reading an escape wrongly loses nothing
        parts += [((rows[row], item), rule, scores)
                  for (row, item), rule, scores in _alike(plain, holdout)]  # fmt: skip
    return _strongest(parts, holdout)


def _undecided(parts: list[_Part], fields: RowFields) -> npt.NDArray[np.int64]:
    """Return the questions with options that are to be reviewed: more is found in some of them as records."""
    near = np.zeros(fields.batch.num_rows, np.bool_)
    sure = near.copy()
    for (row, _), rule, _ in parts:
        near[row[rule == rules.REVIEW]] = True
        sure[row[(rule >= 0) & (rule < rules.REVIEW)]] = True
    return np.flatnonzero(near & ~sure & fields.own)


_Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
_Part = tuple[_Pairs, npt.NDArray[np.integer], npt.NDArray[np.float64]]


def _alike(fields: RowFields, holdout: Holdout) -> list[_Part]:
    """Pair rows with items by what they say: equal letters, and near copies."""
    exact = _equal(packed(fields.keys), holdout.places.keys, holdout.places.key_items)
    if holdout.places.answered:
        keys = answered_keys(fields.stems, fields.answers)
        more = _equal(packed(keys), holdout.places.keys, holdout.places.key_items)
        exact = (np.concatenate([exact[0], more[0]]), np.concatenate([exact[1], more[1]]))
    sure = np.ones((len(exact[0]), 3))
    sure[:, 2] = agreements(fields, *exact, holdout.index)
    return [
        (exact, np.full(len(exact[0]), rules.EXACT), sure),
        *near_copies(fields, holdout.index),
    ]


def _equal(column: pa.Array, known: pa.Array, items: pa.ListArray) -> _Pairs:
    """Pair the rows whose value is known with the items that have it."""
    at = pc.index_in(column, value_set=known, skip_nulls=True)
    rows = np.flatnonzero(at.is_valid().to_numpy(zero_copy_only=False))
    lists = items.take(at.drop_null())
    return np.repeat(rows, lists.value_lengths().to_numpy()), lists.flatten().to_numpy()


def _strongest(parts: list[_Part], holdout: Holdout) -> Matches:
    """Keep of each pair the strongest rule, and of its windows the one with the highest scores."""
    row = np.concatenate([part[0][0] for part in parts]).astype(np.int64)
    item = np.concatenate([part[0][1] for part in parts]).astype(np.int64)
    rule = np.concatenate([part[1] for part in parts]).astype(np.int8)
    scores = np.concatenate([part[2] for part in parts])
    order = np.lexsort((-np.nan_to_num(scores[:, :2]).sum(axis=1), rule, item, row))
    order = order[rule[order] >= 0]
    row, item, rule, scores = row[order], item[order], rule[order], scores[order]
    first = np.ones(len(row), np.bool_)
    first[1:] = (row[1:] != row[:-1]) | (item[1:] != item[:-1])
    row, item, rule, scores = row[first], item[first], rule[first], scores[first]
    empty = holdout.index.terms.totals.reshape(-1, 2)[item] == 0
    scores[:, :2] = np.where(empty & (rule != rules.EXACT)[:, None], np.nan, scores[:, :2])
    return Matches(row, item, rule, *scores.T)
