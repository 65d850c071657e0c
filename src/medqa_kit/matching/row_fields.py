"""What rows are compared by: their texts in parts, stems, options and answers; also without escapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.matching.escapes import unescaped
from medqa_kit.matching.right_answers import replies, right_options
from medqa_kit.matching.row_texts import Parted, answer_texts, parted, stems

_LISTED = r"(?s)(?:^|[\s(\[])(?:A[.):\]].*\sB[.):\]]|1[.):\]].*\s2[.):\]]|①.*②|가[.):\]].*\s나[.):\]]|ក[.):\]].*\sខ[.):\]])"


@dataclass(frozen=True)
class RowFields:
    """What rows are compared by.

    Attributes:
        batch: The rows.
        parted: All texts of each row, in three parts, and its options.
        stems: ``string[n]``: see :func:`~medqa_kit.matching.row_texts.stems`.
        answers: ``string[n]``: see :func:`~medqa_kit.matching.row_texts.answer_texts`.
        plain: Whether escapes were read in them.
    """

    batch: pa.RecordBatch
    parted: Parted
    stems: pa.Array
    answers: pa.Array
    plain: bool = False

    def replies(self, rows: Ints) -> pa.Array:
        """Return what rows say is right: their right option, or what a row without options replies.

        Args:
            rows: ``int64[n]``: the rows asked for, which are few.

        Returns:
            ``string[n]``, empty where a row says nothing.
        """
        batch = self.batch.take(pa.array(rows))
        right = right_options(batch, self.parted.options.take(pa.array(rows)))
        said = pc.if_else(pa.array(self.parted.own[rows]), right, replies(batch))
        return unescaped(said)[0] if self.plain else said


def lists_options(fields: RowFields, row: Ints) -> Mask:
    """Check whether rows list options, in a field or in their text: any of them may be an item's right one.

    Args:
        fields: Of rows.
        row: ``int64[n]``: the rows to check, with repeats.

    Returns:
        ``bool[n]``.
    """
    rows, number = np.unique(row, return_inverse=True)
    listed = pc.match_substring_regex(fields.parted.texts.take(pa.array(3 * rows)), _LISTED)
    own = fields.parted.own[rows]
    listing: Mask = own | listed.to_numpy(zero_copy_only=False).astype(np.bool_)
    return listing[number]


def row_fields(batch: pa.RecordBatch) -> RowFields:
    """Return the fields of the rows of a batch.

    Raises:
        SchemaError: The rows are of a form that cannot be searched.
    """
    return RowFields(batch, parted(batch), stems(batch), answer_texts(batch))


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
        fields.batch.take(take),
        Parted(
            texts.take(pa.array((3 * rows[:, None] + np.arange(3)).ravel())),
            fields.parted.own[rows],
            pa.ListArray.from_arrays(options.offsets, unescaped(options.values)[0]),
        ),
        unescaped(fields.stems.take(take))[0],
        unescaped(fields.answers.take(take))[0],
        plain=True,
    ), rows
