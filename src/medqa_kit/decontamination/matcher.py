"""Match batches of rows against a holdout: exact keys, families, near copies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import distinct
from medqa_kit.decontamination import rules
from medqa_kit.decontamination.candidates import Candidates, candidates
from medqa_kit.decontamination.containment import containment
from medqa_kit.decontamination.fingerprints import answered_keys, packed
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.decontamination.index import Index
from medqa_kit.decontamination.row_fields import RowFields, row_fields, without_escapes
from medqa_kit.matching.item_keys import item_keys, unlabelled
from medqa_kit.matching.letters import Letters, letters
from medqa_kit.matching.row_texts import Parted, text_column
from medqa_kit.matching.terms import TextTerms, terms


class Matches(NamedTuple):
    """Rows of a batch and the items they match: each pair once, by its strongest rule.

    Attributes:
        row: ``int64``: position in the batch.
        item: ``int64``: position in the holdout.
        rule: ``int8``: position in :data:`~medqa_kit.decontamination.rules.RULES`.
        stem: ``float64``: score of the stem, NaN where lineage alone decides.
        options: ``float64``: score of the options, NaN where the item has none to compare.
    """

    row: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    rule: npt.NDArray[np.int8]
    stem: npt.NDArray[np.float64]
    options: npt.NDArray[np.float64]


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
        (family, np.full(len(family[0]), rules.FAMILY), np.full((len(family[0]), 2), np.nan)),
    ]
    plain, rows = without_escapes(fields)
    if len(rows):  # both are judged, so that reading an escape wrongly loses nothing
        parts += [((rows[row], item), rule, scores)
                  for (row, item), rule, scores in _alike(plain, holdout)]  # fmt: skip
    return _strongest(parts, holdout)


_Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
_Part = tuple[_Pairs, npt.NDArray[np.integer], npt.NDArray[np.float64]]


def _alike(fields: RowFields, holdout: Holdout) -> list[_Part]:
    """Pair rows with items by what they say: equal letters, and near copies."""
    keys = item_keys(fields.stems, fields.parted.options)
    exact = _equal(packed(keys), holdout.places.keys, holdout.places.key_items)
    if holdout.places.answered:
        keys = answered_keys(fields.stems, fields.answers)
        more = _equal(packed(keys), holdout.places.keys, holdout.places.key_items)
        exact = (np.concatenate([exact[0], more[0]]), np.concatenate([exact[1], more[1]]))
    index, texts = holdout.index, fields.parted
    parts = letters(texts.texts)
    pairs = candidates(Letters(parts.codes, parts.offsets[::3]), texts.own, index)
    return [
        (exact, np.full(len(exact[0]), rules.EXACT), np.ones((len(exact[0]), 2))),
        _searched(parts, pairs, index), _compared(parts, texts, pairs, index),
    ]  # fmt: skip


def _equal(column: pa.Array, known: pa.Array, items: pa.ListArray) -> _Pairs:
    """Pair the rows whose value is known with the items that have it."""
    at = pc.index_in(column, value_set=known, skip_nulls=True)
    rows = np.flatnonzero(at.is_valid().to_numpy(zero_copy_only=False))
    lists = items.take(at.drop_null())
    return np.repeat(rows, lists.value_lengths().to_numpy()), lists.flatten().to_numpy()


def _searched(parts: Letters, pairs: Candidates, index: Index) -> _Part:
    """Look for items in the texts of rows, in their first parts."""
    text = pairs.windows.text[pairs.window]
    begin = pairs.windows.begins[pairs.window]
    end = np.minimum(pairs.windows.ends[pairs.window], parts.offsets[1::3][text])
    filled = np.flatnonzero(begin < end)
    new = np.diff(pairs.window[filled], prepend=-1) != 0
    cut = terms(parts.codes, begin[filled][new], end[filled][new])
    number, item = np.cumsum(new) - 1, pairs.item[filled]
    scores = np.stack([containment(cut, number, 2 * item + side, index.terms)
                       for side in (0, 1)], axis=1)  # fmt: skip
    return (text[filled], item), rules.judge(item, scores, False, index.evidence), scores


def _compared(parts: Letters, texts: Parted, pairs: Candidates, index: Index) -> _Part:
    """Compare rows that are questions: stem with stem, options with options."""
    text = pairs.windows.text[pairs.window]
    own = texts.own[text]
    both = distinct(text[own] << 32 | pairs.item[own])
    row, item = both >> 32, both & 0xFFFFFFFF
    rows, number = np.unique(row, return_inverse=True)
    case = terms(parts.codes, parts.offsets[1::3][rows], parts.offsets[2::3][rows])  # fmt: skip
    options = _each_cut(unlabelled(texts.options.take(pa.array(rows))))
    scores = np.stack([containment(cut, number, 2 * item + side, index.terms)
                       for side, cut in enumerate((case, options))], axis=1)  # fmt: skip
    return (row, item), rules.judge(item, scores, True, index.evidence), scores


def _each_cut(options: pa.ListArray) -> TextTerms:
    """Cut each option by itself, so that the numbers of two of them do not run together."""
    codes, offsets = letters(options.values)
    cut = terms(codes, offsets[:-1], offsets[1:])
    return TextTerms(
        cut.hashes, np.zeros(len(cut.hashes), np.int64), cut.starts[options.offsets.to_numpy()]
    )


def _strongest(parts: list[_Part], holdout: Holdout) -> Matches:
    """Keep of each pair the strongest rule, and of its windows the one with the highest scores."""
    row = np.concatenate([part[0][0] for part in parts]).astype(np.int64)
    item = np.concatenate([part[0][1] for part in parts]).astype(np.int64)
    rule = np.concatenate([part[1] for part in parts]).astype(np.int8)
    scores = np.concatenate([part[2] for part in parts])
    order = np.lexsort((-np.nan_to_num(scores).sum(axis=1), rule, item, row))
    order = order[rule[order] >= 0]
    row, item, rule, scores = row[order], item[order], rule[order], scores[order]
    first = np.ones(len(row), np.bool_)
    first[1:] = (row[1:] != row[:-1]) | (item[1:] != item[:-1])
    row, item, rule, scores = row[first], item[first], rule[first], scores[first]
    empty = holdout.index.terms.totals.reshape(-1, 2)[item] == 0
    scores = np.where(empty & (rule != rules.EXACT)[:, None], np.nan, scores)
    return Matches(row, item, rule, scores[:, 0], scores[:, 1])
