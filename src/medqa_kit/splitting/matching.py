"""Match batches of rows against a holdout: exact keys, families, near copies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.splitting import rules
from medqa_kit.splitting.fields import options, row_texts, stems, text_column
from medqa_kit.splitting.holdout import Holdout
from medqa_kit.splitting.items import packed
from medqa_kit.splitting.kernels import KernelName
from medqa_kit.splitting.keys import item_keys
from medqa_kit.splitting.normal import letters
from medqa_kit.splitting.rules import THRESHOLDS, Thresholds, together
from medqa_kit.splitting.scoring import Candidates, candidates


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
    keys, option_keys = item_keys(stems(batch), options(batch), kernel=kernel)
    exact = _equal(packed(keys), holdout.places.keys, holdout.places.key_items)
    family = _equal(text_column(batch, "family"), holdout.places.families,
                    holdout.places.family_items)  # fmt: skip
    index = holdout.index
    near = candidates(letters(row_texts(batch), kernel=kernel), index, kernel=kernel)
    rule = rules.judge(near.item, near.scores, index.evidence)
    rule = _by_own_options(rule, near, options(batch).offsets.to_numpy(), option_keys, holdout)
    worth = rule >= 0
    return _strongest(
        (exact, np.full(len(exact[0]), rules.EXACT), np.ones((len(exact[0]), 2))),
        ((near.text[worth], near.item[worth]), rule[worth], near.scores[worth]),
        (family, np.full(len(family[0]), rules.FAMILY), np.full((len(family[0]), 2), np.nan)),
        holdout,
    )


_Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
_Part = tuple[_Pairs, npt.NDArray[np.integer], npt.NDArray[np.float64]]


def _equal(column: pa.Array, known: pa.Array, items: pa.ListArray) -> _Pairs:
    """Pair the rows whose value is known with the items that have it."""
    at = pc.index_in(column, value_set=known, skip_nulls=True)
    rows = np.flatnonzero(at.is_valid().to_numpy(zero_copy_only=False))
    lists = items.take(at.drop_null())
    return np.repeat(rows, lists.value_lengths().to_numpy()), lists.flatten().to_numpy()


def _by_own_options(
    rule: npt.NDArray[np.int8], near: Candidates, offsets: npt.NDArray[np.int32],
    option_keys: npt.NDArray[np.uint32], holdout: Holdout, limits: Thresholds = THRESHOLDS,
) -> npt.NDArray[np.int8]:  # fmt: skip
    """Judge doubtful pairs by the row's own options, where it has any.

    They are compared as wholes, letter by letter, which shingles cannot do. None of the item's among
    them: another question on the same case, for review unless a long stem is whole. Many of the
    item's among them: a copy with an edited stem, even where shingles leave room for doubt.
    """
    evidence = holdout.index.evidence
    telling, long = evidence.telling[near.item], evidence.long[near.item]
    both = together(near.scores[:, 0], near.scores[:, 1], limits)
    own = offsets[near.text + 1] > offsets[near.text]
    stems_, options_ = near.scores[:, 0], near.scores[:, 1]
    hopeful = np.where(
        telling.all(axis=1),
        (both >= limits.some_options) | ((stems_ >= limits.all_options) & (options_ >= 0.95)),
        ~telling[:, 1] & (stems_ >= limits.half_options),
    )
    doubtful = own & ((rule == rules.STEM) | ((rule == rules.REVIEW) & hopeful))
    rule = rule.copy()
    at = np.flatnonzero(doubtful)
    shared, any_ = _shared(near.text[at], near.item[at], offsets, option_keys, holdout)
    at, shared = at[any_], shared[any_]
    stem, sum_ = stems_[at], both[at]
    few, rich = ~telling[at, 1], telling[at].all(axis=1)
    kept = (shared > 0) | (long[at] & (stem >= limits.whole_stem))
    found = few & (shared >= 0.5) & (stem >= limits.half_options)
    alike = rich & (((shared >= 0.4) & (sum_ >= limits.some_options))
                    | ((shared == 1) & (stem >= limits.all_options)))  # fmt: skip
    rule[at] = np.select([~kept, found, alike], [rules.REVIEW, rules.STEM, rules.NEAR], rule[at])
    return rule


def _shared(
    row: npt.NDArray[np.int64], item: npt.NDArray[np.int64], offsets: npt.NDArray[np.int32],
    option_keys: npt.NDArray[np.uint32], holdout: Holdout,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:  # fmt: skip
    """Give the share of each item's options that the row has, and whether the item has any."""
    theirs = holdout.places.option_keys.take(pa.array(item))
    counts = theirs.value_lengths().to_numpy()
    mine = pa.ListArray.from_arrays(pa.array(offsets), pa.array(option_keys)).take(pa.array(row))
    pair = np.arange(len(row), dtype=np.uint64) << np.uint64(32)
    wanted = np.repeat(pair, counts) | theirs.flatten().to_numpy()
    given = np.repeat(pair, mine.value_lengths().to_numpy()) | mine.flatten().to_numpy()
    held = np.bincount((wanted >> np.uint64(32)).astype(np.int64), np.isin(wanted, given), len(row))
    return held / np.maximum(counts, 1), counts > 0


def _strongest(exact: _Part, near: _Part, family: _Part, holdout: Holdout) -> Found:
    parts = (exact, near, family)
    row = np.concatenate([part[0][0] for part in parts]).astype(np.int64)
    item = np.concatenate([part[0][1] for part in parts]).astype(np.int64)
    rule = np.concatenate([part[1] for part in parts]).astype(np.int8)
    scores = np.concatenate([part[2] for part in parts])
    # Of the windows of a row the one that the strongest rule matches, then the highest scores.
    order = np.lexsort((-np.nan_to_num(scores).sum(axis=1), rule, item, row))
    row, item, rule, scores = row[order], item[order], rule[order], scores[order]
    first = np.ones(len(row), np.bool_)
    first[1:] = (row[1:] != row[:-1]) | (item[1:] != item[:-1])
    row, item, rule, scores = row[first], item[first], rule[first], scores[first]
    empty = holdout.index.fields.totals.reshape(-1, 2)[item] == 0
    scores = np.where(empty & (rule != rules.EXACT)[:, None], np.nan, scores)
    return Found(row, item, rule, scores[:, 0], scores[:, 1])
