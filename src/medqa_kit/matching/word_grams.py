"""Rows that share a run of words with an item: the rule of many model reports, to compare ours with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.hashing import hashes
from medqa_kit.core.arrow.ragged import Ints, Mask, distinct, flat
from medqa_kit.core.holders import batches, count
from medqa_kit.matching.row_texts import row_texts

_BETWEEN_WORDS = r"[^\p{L}\p{M}\p{N}]+"
_STEP = np.uint64(0x9E3779B97F4A7C15)

Grams = npt.NDArray[np.uint64]


def sharing_grams(rows: Any, grams: Grams, n: int) -> Mask:
    """Mark the rows that share a run of ``n`` words with an item.

    Args:
        rows: Any container of rows.
        grams: Of the items, see :func:`item_grams`.
        n: Words.

    Returns:
        ``bool[rows]``.

    Example:
        >>> exam = pa.table({"id": ["x"], "question": ["Which vitamin prevents scurvy in sailors?"]})
        >>> rows = pa.table({"id": ["a", "b"], "text": ["which vitamin PREVENTS scurvy", "Scurvy is rare."]})
        >>> sharing_grams(rows, item_grams([exam], 4), 4).tolist()
        [True, False]
    """
    marks = np.zeros(count(rows), bool)
    begin = 0
    for batch in batches(rows):
        at, own = _grams(row_texts(batch), n)
        marks[begin + at[np.isin(own, grams)]] = True
        begin += batch.num_rows
    return marks


def item_grams(holdouts: Iterable[Any], n: int) -> Grams:
    """Return the runs of ``n`` words of items, as sorted hashes; items of fewer words have none.

    Args:
        holdouts: What holds the rows of each benchmark.
        n: Words.
    """
    grams = [np.zeros(0, np.uint64)]
    grams += [_grams(row_texts(batch), n)[1] for rows in holdouts for batch in batches(rows)]
    return distinct(np.concatenate(grams))


def without_grams(rows: Any, n: int) -> int:
    """Count the items that have fewer than ``n`` words, which such a rule cannot find."""
    number = 0
    for batch in batches(rows):
        at, _ = _grams(row_texts(batch), n)
        number += batch.num_rows - len(distinct(at))
    return number


def _grams(texts: pa.Array, n: int) -> tuple[Ints, Grams]:
    """Return the row and the hash of each run of ``n`` words."""
    trimmed = pc.utf8_trim_whitespace(
        pc.replace_substring_regex(pc.utf8_lower(texts), _BETWEEN_WORDS, " ")
    )
    words = flat(pc.split_pattern(trimmed, " "))
    encoded = words.values.dictionary_encode()  # a word is hashed once
    said = np.asarray(pc.not_equal(words.values, ""))  # a text without words is one empty word
    hashed = hashes(encoded.dictionary)[encoded.indices.to_numpy()[said]]
    parents = words.parents[said]
    if len(hashed) < n:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64)
    size = len(hashed) - n + 1
    runs = np.zeros(size, np.uint64)
    with np.errstate(over="ignore"):
        for step in range(n):
            runs = (runs ^ hashed[step : step + size]) * _STEP
    whole = parents[:size] == parents[n - 1 :]
    return parents[:size][whole], runs[whole]
