"""Match batches of rows against a holdout: exact keys, families, near copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.decontamination import rules
from medqa_kit.decontamination.candidates import Candidates, candidates
from medqa_kit.decontamination.fingerprints import MOST_LETTERS, answered_keys, packed
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.decontamination.near_copies import agreements, may_hold, near_copies
from medqa_kit.matching.forms.row_forms import AddedLetters, RowForm, form_additions
from medqa_kit.matching.item_keys import stated_families
from medqa_kit.matching.letters import Letters, spellings
from medqa_kit.matching.row_fields import (
    RowFields,
    as_records,
    row_fields,
    without_escapes,
)
from medqa_kit.matching.row_texts import stems, text_column


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


class Searched(NamedTuple):
    """What was found in rows, and in which of their forms nothing can be.

    Attributes:
        matches: Of the rows themselves.
        clear: ``bool[n]``: the rows of which no form holds an item; of the others this does not tell.
    """

    matches: Matches
    clear: Mask


def match(batch: pa.RecordBatch, holdout: Holdout) -> Matches:
    """Find the items of a holdout in the rows of a batch.

    Args:
        batch: Rows of any schema.
        holdout: What to look for.
    """
    return match_with_forms(batch, None, holdout).matches


def match_with_forms(
    batch: pa.RecordBatch, forms: Sequence[RowForm] | None, holdout: Holdout
) -> Searched:
    """Find the items of a holdout in the rows of a batch, and tell whose forms cannot hold any.

    What a form says beside the texts of its row is little, and all that is searched for that. A row is clear
    only if :func:`match` finds nothing in any of its forms, not even for review.

    Args:
        batch: Rows of any schema.
        forms: Of the rows, such as the records that are made of them; ``None`` to tell of none.
        holdout: What to look for.

    Example:
        >>> exam = pa.table({"id": ["e/1"], "question": ["Which vitamin prevents scurvy?"]})
        >>> rows = pa.record_batch({"question": ["How are you?", "Which vitamin?"]})
        >>> form = pa.record_batch({"text": ["Q: How are you?", "Which vitamin? It prevents scurvy."]})
        >>> holdout = Holdout.from_rows(exam, reason="ours")
        >>> match_with_forms(rows, [RowForm(form, np.arange(2))], holdout).clear.tolist()
        [True, False]
    """
    fields = row_fields(batch)
    added = None if forms is None else form_additions(fields, forms)
    pairs = _candidates(fields, holdout, added)
    family = _of_families(batch, holdout)
    parts = [
        *_alike(fields, pairs, holdout),
        (family, np.full(len(family[0]), rules.FAMILY), np.full((len(family[0]), 3), np.nan)),
    ]
    if len(rows := _undecided(parts, fields)):  # as it is judged once it is a record
        parts += [((rows[row], item), rule, scores)
                  for (row, item), rule, scores in _searched(as_records(fields, rows), holdout)]  # fmt: skip
    plain, rows = without_escapes(fields)
    if len(rows):  # both are judged, so that reading an escape wrongly loses nothing
        parts += [((rows[row], item), rule, scores)
                  for (row, item), rule, scores in _searched(plain, holdout)]  # fmt: skip
    clear = np.zeros(batch.num_rows, np.bool_)
    if added is not None and pairs.forms is not None:
        clear = pairs.forms.told & ~_may_be_equal(forms or (), batch.num_rows, holdout)
        clear &= ~may_hold(_texts(fields), added, pairs.forms, holdout.index)
    return Searched(_strongest(parts, holdout), clear)


def _texts(fields: RowFields) -> Letters:
    """Return all text of each row."""
    return Letters(fields.parts.codes, fields.parts.offsets[::3])


def _candidates(
    fields: RowFields, holdout: Holdout, added: AddedLetters | None = None
) -> Candidates:
    return candidates(_texts(fields), fields.own, holdout.index, added)


def _may_be_equal(forms: Sequence[RowForm], rows: int, holdout: Holdout) -> Mask:
    """Mark the rows with a form that may be equal to an item whose stem has no rare shingles, by its letters."""
    evidence, may = holdout.index.evidence, np.zeros(rows, np.bool_)
    compared = ~evidence.open & (evidence.totals[:, 1] > 0)
    sizes = holdout.items["stem_letters"].to_numpy()[~compared & (evidence.totals[:, 0] == 0)]
    if not len(sizes):
        return may
    longest = sizes.max()
    for form in forms:
        stretches = spellings(stems(form.batch)).stretches
        equal = (stretches.ends - stretches.begins <= longest) | (longest >= MOST_LETTERS)
        may[form.rows[equal]] = True
    return may


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


def _searched(fields: RowFields, holdout: Holdout) -> list[_Part]:
    return _alike(fields, _candidates(fields, holdout), holdout)


def _alike(fields: RowFields, pairs: Candidates, holdout: Holdout) -> list[_Part]:
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
        *near_copies(fields, pairs, holdout.index),
    ]


def _of_families(batch: pa.RecordBatch, holdout: Holdout) -> _Pairs:
    """Find the rows of an item's family; that of a row which only names itself says nothing, as if it had none."""
    names = stated_families(batch)
    row, item = _equal(names, holdout.places.families, holdout.places.family_items)
    own = pc.replace_substring_regex(text_column(batch, "id").take(pa.array(row)), r"#\d+$", "")
    others = ~np.asarray(pc.fill_null(pc.equal(names.take(pa.array(row)), own), False))
    return row[others], item[others]


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
