"""Match batches of rows against a holdout: exact keys, families, near copies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.splitting import rules
from medqa_kit.splitting.fields import options, stems, text_and_options, text_column
from medqa_kit.splitting.holdout import Holdout
from medqa_kit.splitting.index import Index
from medqa_kit.splitting.items import packed
from medqa_kit.splitting.kernels import KernelName
from medqa_kit.splitting.keys import item_keys
from medqa_kit.splitting.likeness import likeness
from medqa_kit.splitting.normal import Letters, letters
from medqa_kit.splitting.rules import THRESHOLDS, Thresholds
from medqa_kit.splitting.scoring import Candidates, Leads, candidates, leads


class Found(NamedTuple):
    """Rows of a batch and the items they match: each pair once, by its strongest rule.

    Attributes:
        row: ``int64``: position in the batch.
        item: ``int64``: position in the holdout.
        rule: ``int8``: position in :data:`~medqa_kit.splitting.rules.RULES`.
        stem: ``float64``: score of the stem, NaN where lineage alone decides.
        options: ``float64``: score of the options, NaN where the item has none to compare.
    """

    row: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    rule: npt.NDArray[np.int8]
    stem: npt.NDArray[np.float64]
    options: npt.NDArray[np.float64]


def match(batch: pa.RecordBatch, holdout: Holdout, *, kernel: KernelName = "auto") -> Found:
    """Find the items of a holdout in the rows of a batch.

    Args:
        batch: Rows of any schema.
        holdout: What to look for.
        kernel: See :data:`~medqa_kit.splitting.kernels.KernelName`.
    """
    choices = options(batch)
    keys = item_keys(stems(batch), choices, kernel=kernel)
    exact = _equal(packed(keys), holdout.places.keys, holdout.places.key_items)
    family = _equal(text_column(batch, "family"), holdout.places.families,
                    holdout.places.family_items)  # fmt: skip
    index = holdout.index
    found = letters(text_and_options(batch), kernel=kernel)
    whole = Letters(found.codes, found.offsets[::2])
    own = choices.value_lengths().to_numpy() > 0
    led = leads(whole, own, index, kernel=kernel)
    near = candidates(whole, found.offsets[1::2], led, index, kernel=kernel)
    pairs = _pairs(led, own)
    alike = likeness(batch, *pairs, index, kernel=kernel)
    rule = _unless_other_options(rules.judge(near.item, near.scores, index.evidence), near, own,
                                 pairs, alike, index)  # fmt: skip
    return _strongest(
        [(exact, np.full(len(exact[0]), rules.EXACT), np.ones((len(exact[0]), 2))),
         ((near.text, near.item), rule, near.scores),
         (pairs, rules.judge_alike(pairs[1], alike, index.evidence), alike),
         (family, np.full(len(family[0]), rules.FAMILY), np.full((len(family[0]), 2), np.nan))],
        holdout,
    )  # fmt: skip


_Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
_Part = tuple[_Pairs, npt.NDArray[np.integer], npt.NDArray[np.float64]]


def _equal(column: pa.Array, known: pa.Array, items: pa.ListArray) -> _Pairs:
    """Pair the rows whose value is known with the items that have it."""
    at = pc.index_in(column, value_set=known, skip_nulls=True)
    rows = np.flatnonzero(at.is_valid().to_numpy(zero_copy_only=False))
    lists = items.take(at.drop_null())
    return np.repeat(rows, lists.value_lengths().to_numpy()), lists.flatten().to_numpy()


def _pairs(led: Leads, own: npt.NDArray[np.bool_]) -> _Pairs:
    """Give the pairs of row and item that the leads name, once each, of rows with options."""
    text = led.cut.text[led.window]
    these = own[text]
    both = np.unique(text[these] << 32 | led.item[these])
    return both >> 32, both & 0xFFFFFFFF


def _unless_other_options(
    rule: npt.NDArray[np.int8], near: Candidates, own: npt.NDArray[np.bool_], pairs: _Pairs,
    alike: npt.NDArray[np.float64], index: Index, limits: Thresholds = THRESHOLDS,
) -> npt.NDArray[np.int8]:  # fmt: skip
    """Leave a row to review that has a long stem, but options that are none of the item's.

    It is another question on the same case, unless the stem is whole.
    """
    at = np.flatnonzero((rule == rules.STEM) & own[near.text])
    place = np.searchsorted(pairs[0] << 32 | pairs[1], near.text[at] << 32 | near.item[at])
    stem = np.where(index.evidence.long[near.item[at]], near.scores[at, 0], 0.0)
    has = index.tokens.totals[2 * near.item[at] + 1] > 0
    other = has & (alike[place, 1] < limits.own_options) & (stem < limits.whole_stem)
    rule = rule.copy()
    rule[at[other]] = rules.REVIEW
    return rule


def _strongest(parts: list[_Part], holdout: Holdout) -> Found:
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
    empty = holdout.index.fields.totals.reshape(-1, 2)[item] == 0
    scores = np.where(empty & (rule != rules.EXACT)[:, None], np.nan, scores)
    return Found(row, item, rule, scores[:, 0], scores[:, 1])
