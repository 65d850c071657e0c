"""What rows are compared by: their texts in parts, stems, options and answers; also without escapes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.matching.escapes import unescaped
from medqa_kit.matching.row_texts import Parted, answer_texts, parted, stems


class RowFields(NamedTuple):
    """What rows are compared by.

    Attributes:
        parted: All texts of each row, in three parts, and its options.
        stems: ``string[n]``: see :func:`~medqa_kit.matching.row_texts.stems`.
        answers: ``string[n]``: see :func:`~medqa_kit.matching.row_texts.answer_texts`.
    """

    parted: Parted
    stems: pa.Array
    answers: pa.Array


def row_fields(batch: pa.RecordBatch) -> RowFields:
    """Return the fields of the rows of a batch.

    Raises:
        SchemaError: The rows are of a form that cannot be searched.
    """
    return RowFields(parted(batch), stems(batch), answer_texts(batch))


def without_escapes(fields: RowFields) -> tuple[RowFields, Ints]:
    """Return the rows that hold escaped text, with the escapes read, and which rows these are.

    Args:
        fields: Of rows.

    Returns:
        The fields of the rows in which an escape was read, and ``int64``: the positions of these.
    """
    texts, changed = unescaped(fields.parted.texts)
    rows = np.flatnonzero(changed.reshape(-1, 3).any(axis=1))
    take = pa.array(rows)
    options = fields.parted.options.take(take)
    return RowFields(
        Parted(
            texts.take(pa.array((3 * rows[:, None] + np.arange(3)).ravel())),
            fields.parted.own[rows],
            pa.ListArray.from_arrays(options.offsets, unescaped(options.values)[0]),
        ),
        unescaped(fields.stems.take(take))[0],
        unescaped(fields.answers.take(take))[0],
    ), rows
