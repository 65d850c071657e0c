"""Fingerprints of items: what a holdout keeps of a row instead of its text.

An item has two fields: the stem, and the options (the answer, for an open question). Of each
field the rarest shingles are kept, which lead to the item, and all terms, which decide; each with
a weight by its rarity. What is rare, and how much each counts, is fixed when the fingerprints are
taken and stands in them: an item is judged alike whatever it is held together with, so a union of
holdouts finds what the two find, and an item can be taken out without changing the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import distinct, ranges
from medqa_kit.matching.item_keys import item_keys, stated_families, unlabelled
from medqa_kit.matching.kernels.arrays import digits
from medqa_kit.matching.letters import Letters, letters
from medqa_kit.matching.readings.escapes import unescaped
from medqa_kit.matching.right_answers import right_options
from medqa_kit.matching.row_texts import (
    answer_texts,
    asked_texts,
    cased,
    column_texts,
    options,
    stems,
    text_column,
    year_column,
)
from medqa_kit.matching.shingles import BRIEF, shingles, sizes_of
from medqa_kit.matching.terms import terms

FINGERPRINTS = "fingerprints-5"
"""Name of this definition, part of every file of fingerprints."""

RARE_ITEMS = 32
"""A shingle found in more items than this leads to none of them: it would lead to too many."""
LEAST = 24
"""A field with fewer rare shingles than this fills up with its rarest..."""
COMMON_ITEMS, COMMON_SHARE = 96, 1 / 16
"""...unless they are in more items than this, or in more than this share: those are "which is
correct?"."""
MOST_LETTERS = 2000
"""Letters of a field that are looked at: what a window of the text searched can hold."""
_STEPS = 8  # of weight per factor of two in rarity: fits a byte up to two thousand million items

ITEMS = pa.schema([
    pa.field("id", pa.string(), nullable=False),
    pa.field("holdout", pa.string(), nullable=False),
    pa.field("source", pa.string()),
    pa.field("split", pa.string()),
    pa.field("year", pa.int32()),
    pa.field("family", pa.string()),
    pa.field("key", pa.binary(16), nullable=False),
    pa.field("stem_size", pa.float32(), nullable=False),
    pa.field("open", pa.bool_(), nullable=False),
    pa.field("answered", pa.bool_(), nullable=False),
    pa.field("stem_letters", pa.int32(), nullable=False),
    pa.field("options_letters", pa.int32(), nullable=False),
    pa.field("stem", pa.list_(pa.uint32()), nullable=False),
    pa.field("stem_weights", pa.list_(pa.uint8()), nullable=False),
    pa.field("options", pa.list_(pa.uint32()), nullable=False),
    pa.field("options_weights", pa.list_(pa.uint8()), nullable=False),
    pa.field("stem_terms", pa.list_(pa.uint32()), nullable=False),
    pa.field("stem_term_weights", pa.list_(pa.uint8()), nullable=False),
    pa.field("options_terms", pa.list_(pa.uint32()), nullable=False),
    pa.field("options_term_weights", pa.list_(pa.uint8()), nullable=False),
    pa.field("numbers", pa.list_(pa.uint32()), nullable=False),
    pa.field("gold_letters", pa.int32(), nullable=False),
    pa.field("gold_terms", pa.list_(pa.uint32()), nullable=False),
])  # fmt: skip
"""One row per item: where it is from, its exact key (``answered``: with the answer), and of each of its two fields the rarest
shingles and all terms, with their weights, in order of their hash; and the terms that are numbers of the stem, and those of
the right option."""


class Pieces(NamedTuple):
    """The shingles and terms of one field of some rows.

    Attributes:
        hashes: ``uint32``: the shingles, repeats included.
        owner: ``int64``: the row of each.
        letters: ``int32[rows]``: letters of each row's field.
        terms: ``uint32``: its terms, repeats included.
        term_owner: ``int64``: the row of each.
    """

    hashes: npt.NDArray[np.uint32]
    owner: npt.NDArray[np.int64]
    letters: npt.NDArray[np.int32]
    terms: npt.NDArray[np.uint32]
    term_owner: npt.NDArray[np.int64]

    def after(self, rows: int) -> Pieces:
        """Number the rows on from a number of them."""
        return self._replace(owner=self.owner + rows, term_owner=self.term_owner + rows)


def fingerprints(batches: Iterable[pa.RecordBatch], *, holdout: str) -> pa.Table:
    """Take the fingerprints of rows of any schema.

    Args:
        batches: Rows with an ``id``.
        holdout: Name to give to the holdout the items belong to.

    Returns:
        A table with the schema :data:`ITEMS`, a row for each row given.
    """
    facts, stem, second = [_FACTS.empty_table()], [], []
    rows = 0
    for batch in batches:
        table, first, options_or_answer = _facts(batch, holdout)
        facts.append(table)
        stem.append(first.after(rows))
        second.append(options_or_answer.after(rows))
        rows += batch.num_rows
    table = pa.concat_tables(facts)
    counted = _first_of_each(table["key"])
    for name, parts in (("stem", stem), ("options", second)):
        for column, values in _weighed(parts, counted).items():
            table = table.append_column(name + column, values)
    return table.select(ITEMS.names).cast(ITEMS)


_FACTS = pa.schema([field for field in ITEMS
                    if field.name in ("numbers", "gold_terms") or not pa.types.is_list(field.type)])  # fmt: skip


def _facts(batch: pa.RecordBatch, holdout: str) -> tuple[pa.Table, Pieces, Pieces]:
    whole, answers, options_ = (unescaped(texts)[0] for texts in (
        stems(batch), answer_texts(batch), options(batch).values))  # fmt: skip
    choices = unlabelled(pa.ListArray.from_arrays(options(batch).offsets, options_))
    is_open = pc.equal(pc.list_value_length(choices), 0)
    stem_letters = _cut(letters(_without_passages(batch, whole, is_open)))
    size = sizes_of(*stem_letters)
    brief = brief_and_open(answers, is_open, size)
    keys = np.where(brief[:, None], answered_keys(whole, answers), item_keys(whole, choices))
    first = _pieces(stem_letters, np.arange(batch.num_rows), batch.num_rows)
    second = _second_field(answers, choices, is_open)
    table = pa.table({
        "id": text_column(batch, "id"),
        "holdout": pa.array([holdout] * batch.num_rows, pa.string()),
        "source": text_column(batch, "source"),
        "split": text_column(batch, "split"),
        "year": year_column(batch),
        "family": stated_families(batch),
        "key": packed(keys),
        "stem_size": size,
        "open": is_open,
        "answered": brief,
        "stem_letters": first.letters,
        "options_letters": second.letters,
        "numbers": _numbers(stem_letters),
        **_gold(batch, choices),
    }, schema=_FACTS)  # fmt: skip
    return table, first, second


def _without_passages(batch: pa.RecordBatch, stem: pa.Array, is_open: pa.Array) -> pa.Array:
    """Return stems without passages: what is read to be answered from says the answer, and is no part of the item.

    A passage may be in any corpus; a case is told in the exam alone.
    """
    rows = np.flatnonzero(cased(batch) & np.asarray(is_open))
    if not len(rows):
        return stem
    few = batch.take(pa.array(rows))
    passage = np.zeros(batch.num_rows, np.bool_)
    # Free text, a few rows: whether one text stands in another has no vectorised form.
    passage[rows] = [
        _plain(answer) in _plain(context)
        for context, answer in zip(
            column_texts(few["context"]).to_pylist(), answer_texts(few).to_pylist(), strict=True
        )
    ]
    return pc.if_else(pa.array(passage), unescaped(asked_texts(batch))[0], stem)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _gold(batch: pa.RecordBatch, choices: pa.ListArray) -> dict[str, pa.Array]:
    """Return the letters and the terms of the right option, once each; an open item has none."""
    right = _cut(letters(right_options(batch, choices)))
    cut = terms(right.codes, right.offsets[:-1], right.offsets[1:])
    return {
        "gold_letters": pa.array(right.lengths, pa.int32()),
        "gold_terms": _once_each(cut.owner, cut.hashes, batch.num_rows),
    }


def _numbers(stem: Letters) -> pa.Array:
    """Return the terms of each stem that are numbers, once each: doses, ages, values of a laboratory."""
    cut = terms(stem.codes, stem.offsets[:-1], stem.offsets[1:])
    number = digits(stem.codes[stem.offsets[cut.owner] + cut.places])
    return _once_each(cut.owner[number], cut.hashes[number], len(stem.lengths))


def _once_each(
    owner: npt.NDArray[np.int64], hashes: npt.NDArray[np.uint32], rows: int
) -> pa.ListArray:
    """Return the hashes of each row as a list, in order, without repeats."""
    pairs = distinct(owner.astype(np.uint64) << np.uint64(32) | hashes)
    counts = np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=rows)
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.array(pairs.astype(np.uint32)))


def brief_and_open(
    answers: pa.Array, is_open: pa.Array, size: npt.NDArray[np.float32]
) -> npt.NDArray[np.bool_]:
    """Return which rows are open items whose stem, as brief as one that is asked of many, is no item without its answer."""
    answered = pc.greater(pc.binary_length(pc.utf8_trim_whitespace(answers)), 0)
    both: npt.NDArray[np.bool_] = pc.and_(is_open, answered).to_numpy(zero_copy_only=False)
    return both & (size < BRIEF)


def answered_keys(stem: pa.Array, answers: pa.Array) -> npt.NDArray[np.uint64]:
    """Return the key of each stem with its answer as the only option."""
    offsets = pa.array(np.arange(len(answers) + 1), pa.int32())
    return item_keys(stem, pa.ListArray.from_arrays(offsets, answers))


def packed(keys: npt.NDArray[np.uint64]) -> pa.Array:
    """Return keys as 16 bytes each.

    Example:
        >>> packed(np.zeros((2, 2), np.uint64)).type
        FixedSizeBinaryType(fixed_size_binary[16])
    """
    buffer = pa.py_buffer(np.ascontiguousarray(keys.astype(">u8")).tobytes())
    return pa.Array.from_buffers(pa.binary(16), len(keys), [None, buffer])


def _cut(texts: Letters) -> Letters:
    """Keep the first letters of each text."""
    keep = np.minimum(texts.lengths, MOST_LETTERS)
    offsets = np.concatenate([[0], np.cumsum(keep)])
    return Letters(texts.codes[ranges(texts.offsets[:-1], keep)], offsets)


def _second_field(answers: pa.Array, choices: pa.ListArray, is_open: pa.Array) -> Pieces:
    """Shingle the options, none across two of them, or the answer where there are no options."""
    rows = np.flatnonzero(is_open.to_numpy(zero_copy_only=False))
    texts = pa.concat_arrays([choices.values, answers.take(pa.array(rows))])
    counts = np.diff(choices.offsets.to_numpy())
    owner = np.concatenate([np.repeat(np.arange(len(counts)), counts), rows])
    order = np.argsort(owner, kind="stable")
    cut = _cut(letters(texts.take(pa.array(order))))
    return _pieces(cut, owner[order], len(answers))


def _pieces(texts: Letters, row: npt.NDArray[np.int64], rows: int) -> Pieces:
    """Cut texts into shingles and terms; ``row`` is in order."""
    hashes, text = shingles(*texts)
    size = np.bincount(row, weights=texts.lengths, minlength=rows).astype(np.int32)
    cut = terms(texts.codes, texts.offsets[:-1], texts.offsets[1:])
    return Pieces(hashes, row[text], size, cut.hashes, row[cut.owner])


def _first_of_each(keys: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Mark the first row of each key: copies of an item do not make its shingles common."""
    codes = keys.combine_chunks().dictionary_encode().indices.to_numpy()
    first = np.zeros(len(codes), np.bool_)
    first[np.unique(codes, return_index=True)[1]] = True
    return first


def _weighed(parts: list[Pieces], counted: npt.NDArray[np.bool_]) -> dict[str, pa.Array]:
    """Weigh the rare shingles and all terms of each row, once each."""
    pieces = [(part.owner, part.hashes) for part in parts]
    owner, hashes, item_counts = _counted(pieces, counted)
    order = np.lexsort((hashes, item_counts, owner))
    counts = np.bincount(owner, minlength=len(counted))
    rank = np.empty(len(owner), np.int64)
    rank[order] = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    common = max(RARE_ITEMS, min(COMMON_ITEMS, counted.sum() * COMMON_SHARE))
    rare = item_counts <= np.where(rank < LEAST, common, RARE_ITEMS)
    pieces = [(part.term_owner, part.terms) for part in parts]
    return (_lists("", owner[rare], hashes[rare], item_counts[rare], counted)
            | _lists("_term", *_counted(pieces, counted), counted))  # fmt: skip


def _counted(
    pieces: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]],
    counted: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.float64]]:
    """Return row and hash of each piece of a row, once, in order, and the number of items it is in."""
    high = np.uint64(32)
    pairs = distinct(np.concatenate([np.zeros(0, np.uint64), *(
        owner.astype(np.uint64) << high | hashes for owner, hashes in pieces)]))  # fmt: skip
    owner, hashes = (pairs >> high).astype(np.int64), pairs.astype(np.uint32)
    _, which = np.unique(hashes, return_inverse=True)
    return owner, hashes, np.maximum(np.bincount(which, weights=counted[owner]), 1)[which]


def _lists(
    name: str, owner: npt.NDArray[np.int64], hashes: npt.NDArray[np.uint32],
    item_counts: npt.NDArray[np.float64], counted: npt.NDArray[np.bool_],
) -> dict[str, pa.Array]:  # fmt: skip
    steps = np.rint(_STEPS * np.log2(1 + counted.sum() / item_counts))
    ends = np.cumsum(np.bincount(owner, minlength=len(counted)))
    offsets = pa.array(np.concatenate([[0], ends]), pa.int32())
    weights = pa.array(np.clip(steps, 1, 255).astype(np.uint8))
    return {
        f"{name}s" if name else "": pa.ListArray.from_arrays(offsets, pa.array(hashes)),
        f"{name}_weights": pa.ListArray.from_arrays(offsets, weights),
    }
