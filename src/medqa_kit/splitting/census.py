"""What has to be known of every row at once to find copies: read in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import join_given
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.holders import Rows, count, over_batches
from medqa_kit.matching.item_keys import item_keys, text_keys
from medqa_kit.matching.letters import letters
from medqa_kit.matching.minhash import Sketches, no_sketches, sketches, sketches_of
from medqa_kit.matching.row_texts import BREAK, options, row_texts, stems, text_column
from medqa_kit.splitting.claims import ClaimedRows
from medqa_kit.splitting.shared_text import without_instructions

On = Literal["row", "item", "question"]
"""What is compared: all text of a row, its stem and options only, or its stem alone, whatever it claims."""


@dataclass(frozen=True)
class Census:
    """What has to be known of every row at once; about 250 bytes a row.

    Attributes:
        ids: ``string``: the row's id, or its position.
        sources: ``string``.
        families: ``string``; nulls where they were not asked for.
        lengths: ``int64``: letters.
        keys: ``uint64[n, 2]``: equal for rows of equal letters; 0 for rows without any.
        sketches: See :class:`~medqa_kit.matching.minhash.Sketches`.
        claims: What rows claim; ``None`` where they are copies whatever they claim.
    """

    ids: pa.ChunkedArray
    sources: pa.ChunkedArray
    families: pa.ChunkedArray
    lengths: Ints
    keys: npt.NDArray[np.uint64]
    sketches: Sketches
    claims: ClaimedRows | None = None

    def __len__(self) -> int:
        return len(self.lengths)

    def source_codes(self) -> Ints:
        """Return a number for each row, equal for rows of one source."""
        coded = pc.index_in(self.sources, value_set=pc.unique(self.sources))
        result: Ints = coded.to_numpy().astype(np.int64)
        return result


def census(
    rows: Rows, *, on: On, near: bool, threads: int | None, verb: str, for_copies: bool = False
) -> Census:
    """Read all rows once; ``for_copies`` with what they claim, and without their families."""
    wanted = [name for name in _NAMES if name != "family" or not for_copies]

    read = partial(_read_batch, wanted, on, near)
    size, at = count(rows), 0
    names: dict[str, list[pa.Array]] = {name: [pa.array([], pa.string())] for name in _NAMES}
    # Filled in place: to collect the parts first would take the memory twice.
    lengths, keys = np.zeros(size, np.int64), np.zeros((size, 2), np.uint64)
    sketched = sketches_of(size) if near else no_sketches(size)
    for batch, length, key, sketch in over_batches(read, rows, threads=threads, verb=verb):
        here = slice(at, at + len(length))
        lengths[here], keys[here] = length, key
        sketched.bands[here], sketched.values[here] = sketch
        for name, column in names.items():
            column.append(_named(batch, name, at, len(length)))
        at += len(length)
    ids, sources, families = (pa.chunked_array(names[name]) for name in _NAMES)
    claims = ClaimedRows(rows, threads=threads) if for_copies and on != "question" else None
    return Census(ids, sources, families, lengths, keys, sketched, claims)


_NAMES = ("id", "source", "family")


def _read_batch(
    wanted: Sequence[str], on: On, near: bool, batch: pa.RecordBatch
) -> tuple[pa.RecordBatch, Ints, npt.NDArray[np.uint64], Sketches]:
    texts = letters(compared_texts(batch, on))
    keys = item_keys(stems(batch), options(batch)) if on == "item" else text_keys(texts)
    keys = np.where((texts.lengths > 0)[:, None], keys, np.uint64(0))
    sketched = sketches(texts) if near else no_sketches(batch.num_rows)
    names = [name for name in wanted if name in batch.schema.names]
    return batch.select(names), texts.lengths, keys, sketched


def _named(batch: pa.RecordBatch, name: str, at: int, rows: int) -> pa.Array:
    """Return a column as strings; where there is none, nulls, or positions for ids."""
    if name in batch.schema.names:
        return text_column(batch, name)
    if name == "id":
        return pa.array([f"#{at + i}" for i in range(rows)], pa.string())
    return pa.nulls(rows, pa.string())


def compared_texts(batch: pa.RecordBatch, on: On) -> pa.Array:
    """Return the text of each row by which it is compared, without its system turn.

    Example:
        >>> rows = pa.record_batch({"question": ["Why?"], "options": [["b", "c"]], "rationale": ["So."]})
        >>> compared_texts(rows, "item").to_pylist()[0].split()
        ['Why?', 'b', 'c']
    """
    if on == "row":
        return row_texts(without_instructions(batch))
    if on == "question":
        return pc.fill_null(stems(batch), "")
    joined = pc.binary_join(options(batch), BREAK)
    return pc.fill_null(join_given(stems(batch), joined, by=BREAK), "")
