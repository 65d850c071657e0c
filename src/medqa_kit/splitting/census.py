"""Facts of all rows that the search for copies needs at once, read in one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import join_given
from medqa_kit.core.arrow.row_arrays import row_array
from medqa_kit.core.holders import Rows, count, over_batches
from medqa_kit.matching.item_keys import text_keys
from medqa_kit.matching.letters import Letters, letters
from medqa_kit.matching.minhash import Sketches, no_sketches, sketches, sketches_of
from medqa_kit.matching.row_fields import item_letters
from medqa_kit.matching.row_letters import joined_letters
from medqa_kit.matching.row_texts import BREAK, asked_texts, options, row_texts, stems
from medqa_kit.splitting.claims import ClaimedRows
from medqa_kit.splitting.shared_text import without_instructions

NoteT = TypeVar("NoteT")
On = Literal["row", "item", "question"]
"""What is compared: all text of a row, its stem and options only, or what it asks alone, whatever it claims."""


@dataclass(frozen=True)
class Census:
    """What has to be known of every row at once: 16 bytes a row and its sketch, in files where rows are many.

    Attributes:
        keys: ``uint64[n, 2]``: equal for rows of equal letters; 0 for rows without any.
        sketches: See :class:`~medqa_kit.matching.minhash.Sketches`.
        claims: What rows claim; ``None`` where they are copies whatever they claim.
    """

    keys: npt.NDArray[np.uint64]
    sketches: Sketches
    claims: ClaimedRows | None = None

    def __len__(self) -> int:
        return len(self.keys)


class Notes(Protocol[NoteT]):
    """What else is noted of rows while they are read for a census."""

    @property
    def note(self) -> Callable[[pa.RecordBatch, Letters], NoteT]:
        """What is noted of a batch and its letters, wherever it is read."""

    def put(self, at: slice, noted: NoteT) -> None:
        """Put what was noted of a batch where its rows are."""


def census(
    rows: Rows, notes: Notes[NoteT], *, on: On, near: float | None, threads: int | None, verb: str
) -> Census:
    """Read all rows once.

    Args:
        rows: What holds the rows.
        notes: What else is noted of them.
        on: What is compared.
        near: Least similarity of near copies; ``None`` where they are not looked for.
        threads: As in :func:`~medqa_kit.dedupe`.
        verb: What is done.
    """
    read = partial(_read_batch, notes.note, on, near)
    size, at = count(rows), 0
    # Filled in place: to collect the parts first would take the memory twice.
    keys = row_array((size, 2), np.uint64)
    sketched = no_sketches(size) if near is None else sketches_of(size, near)
    for noted, key, sketch in over_batches(read, rows, threads=threads, verb=verb):
        here = slice(at, at + len(key))
        keys[here] = key
        sketched.bands[here], sketched.values[here] = sketch
        notes.put(here, noted)
        at += len(key)
    return Census(keys, sketched)


def _read_batch(
    note: Callable[[pa.RecordBatch, Letters], NoteT],
    on: On,
    near: float | None,
    batch: pa.RecordBatch,
) -> tuple[NoteT, npt.NDArray[np.uint64], Sketches]:
    if on == "item":
        texts, keys = item_letters(batch)
    else:
        texts = (
            joined_letters(without_instructions(batch))
            if on == "row"
            else letters(asked_texts(batch))
        )
        keys = text_keys(texts)
    keys = np.where((texts.lengths > 0)[:, None], keys, np.uint64(0))
    sketched = no_sketches(batch.num_rows) if near is None else sketches(texts, near)
    return note(batch, texts), keys, sketched


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
        return asked_texts(batch)
    joined = pc.binary_join(options(batch), BREAK)
    return pc.fill_null(join_given(stems(batch), joined, by=BREAK), "")
