"""The letters of rows: each text of a row is decoded once, and laid out for all that is asked of it.

A text of a row may be its stem, an option, and a part of all its text at once. Letters of joined texts are
the letters of the texts one after the other, with a sign where two numbers meet; only markup may
reach from one text into the next, so the few parts with any are joined first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import Ints, Mask, nested, ranges
from medqa_kit.matching.letters import Letters, Spellings, Stretches, spellings
from medqa_kit.matching.row_texts import BREAK, column_texts, options, searched


@dataclass(frozen=True)
class TextPlaces:
    """Where the texts of a column are among all texts of a batch.

    Attributes:
        first: Where the first of them is.
        size: How many there are.
        begins: ``int64[n]``: where those of each row begin...
        counts: ``int64[n]``: ...and how many it has; none where a single text is empty.
    """

    first: int
    size: int
    begins: Ints
    counts: Ints


@dataclass(frozen=True)
class RowLetters:
    """The texts of some columns of a batch, each decoded once.

    Attributes:
        columns: Where the texts of each column are.
        texts: ``string``: all texts.
        spelled: Their letters.
    """

    columns: dict[str, TextPlaces]
    texts: pa.Array
    spelled: Spellings

    def column(self, name: str) -> Stretches:
        """Return the letters of a column with one text a row, or of all texts of a list column."""
        column, stretches = self.columns[name], self.spelled.stretches
        here = slice(column.first, column.first + column.size)
        return Stretches(stretches.codes, stretches.begins[here], stretches.ends[here])

    def rows_of(self, texts: Mask) -> Mask:
        """Return the rows that have any of the marked texts."""
        seen = np.concatenate([[0], np.cumsum(texts)])
        rows = [seen[c.begins + c.counts] > seen[c.begins] for c in self.columns.values()]
        marked: Mask = np.logical_or.reduce(rows)
        return marked

    def texts_of_rows(self) -> tuple[Ints, Ints]:
        """Return where the texts of each row begin, ``int64[n + 1]``, and the texts, by their places among all."""
        begins = np.stack([column.begins for column in self.columns.values()], axis=1)
        counts = np.stack([column.counts for column in self.columns.values()], axis=1)
        starts = np.concatenate([[0], np.cumsum(counts.sum(axis=1))])
        return starts, ranges(begins.ravel(), counts.ravel())

    def joined(self, parts: Sequence[Sequence[tuple[str, Mask | None]]]) -> Letters:
        """Return the letters of texts joined by breaks.

        Args:
            parts: For each part of a row, the columns it is joined of, in order; and ``bool[n]``, in
                which rows they belong to it, ``None`` for all.

        Returns:
            The parts of each row in turn.
        """
        slots = [slot for part in parts for slot in part]
        begins = np.stack([self.columns[name].begins for name, _ in slots], axis=1)
        counts = np.stack([
            self.columns[name].counts if where is None else np.where(where, self.columns[name].counts, 0)
            for name, where in slots
        ], axis=1)  # fmt: skip
        text = ranges(begins.ravel(), counts.ravel())
        edges = np.cumsum([0, *map(len, parts)])
        sizes = np.stack([counts[:, a:b].sum(axis=1) for a, b in pairwise(edges)], axis=1)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        stretches, text = self._with_markup(text, starts)
        return Stretches(stretches.codes, stretches.begins[text], stretches.ends[text]).laid_out(
            starts
        )

    def _with_markup(self, text: Ints, starts: Ints) -> tuple[Stretches, Ints]:
        """Put the letters of joined texts in the place of texts into which markup may reach."""
        stretches, reaching = self.spelled.stretches, self.spelled.reaching
        if not reaching.any():
            return stretches, text
        seen = np.concatenate([[0], np.cumsum(reaching[text])])
        marked = np.flatnonzero((seen[starts[1:]] > seen[starts[:-1]]) & (np.diff(starts) > 1))
        if not len(marked):
            return stretches, text
        lengths = starts[marked + 1] - starts[marked]
        places = ranges(starts[marked], lengths)
        joined = pc.binary_join(nested(self.texts.take(pa.array(text[places])), lengths), BREAK)
        more, size = spellings(joined).stretches, len(stretches.codes)
        text[places] = len(stretches.begins)  # nothing...
        text[starts[marked]] += 1 + np.arange(
            len(marked)
        )  # ...but the joined text in place of the first
        return Stretches(
            np.concatenate([stretches.codes, more.codes]),
            np.concatenate([stretches.begins, [0], more.begins + size]),
            np.concatenate([stretches.ends, [0], more.ends + size]),
        ), text


def row_letters(batch: pa.RecordBatch, names: Sequence[str]) -> RowLetters:
    r"""Decode columns of a batch.

    Args:
        batch: Rows of any schema.
        names: Columns that hold text.

    Example:
        >>> batch = pa.record_batch({"question": ["Why 1"], "options": [["2 a", "b"]]})
        >>> texts = row_letters(batch, ["question", "options"])
        >>> codes, offsets = texts.joined([[("question", None), ("options", None)]])
        >>> "".join(map(chr, codes)), offsets.tolist()
        ('why1\x1f2ab', [0, 8])
    """
    columns, texts, size = {}, [pa.array([], pa.string())], 0
    for name in names:
        if name == "options" and len((lists := options(batch)).values):
            column, counts = lists.values, lists.value_lengths().to_numpy().astype(np.int64)
            begins = size + np.cumsum(counts) - counts
        else:
            column = column_texts(batch[name]).fill_null("")
            counts = (pc.binary_length(column).to_numpy() > 0).astype(np.int64)
            begins = size + np.arange(len(column))
        columns[name] = TextPlaces(size, len(column), begins, counts)
        texts.append(column)
        size += len(column)
    whole = pa.concat_arrays(texts)
    return RowLetters(columns, whole, spellings(whole))


def joined_letters(batch: pa.RecordBatch) -> Letters:
    """Return the letters of all texts of each row, those of :func:`~medqa_kit.matching.row_texts.row_texts`.

    Raises:
        SchemaError: No column holds text.

    Example:
        >>> batch = pa.record_batch({"id": ["a"], "question": ["Why?"], "options": [["b", "c"]]})
        >>> "".join(map(chr, joined_letters(batch).codes))
        'whybc'
    """
    names = searched(batch.schema)
    return row_letters(batch, names).joined([[(name, None) for name in names]])
