"""The fields by which rows are compared: texts in parts, stems, options and answers, also without escapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import join_given
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.matching.item_keys import item_keys, keys_of_items
from medqa_kit.matching.kernels.arrays import Keys
from medqa_kit.matching.letters import Letters, Stretches, letters, spellings
from medqa_kit.matching.readings.disguises import may_be_disguised, undisguised
from medqa_kit.matching.right_answers import named_options, replies, right_options
from medqa_kit.matching.row_letters import RowLetters, row_letters
from medqa_kit.matching.row_texts import (
    BREAK,
    answer_texts,
    cased,
    options,
    own_options,
    part_columns,
    parted,
    searched,
    stem_column,
    stems,
)

_LISTED = r"(?s)(?:^|[\s(\[])(?:A[.):\]].*\sB[.):\]]|1[.):\]].*\s2[.):\]]|①.*②|가[.):\]].*\s나[.):\]]|ក[.):\]].*\sខ[.):\]])"
_LABELS = [chr(ord("A") + i) for i in range(26)]


@dataclass(frozen=True)
class RowFields:
    """What rows are compared by.

    Attributes:
        batch: The rows.
        own: ``bool[n]``: whether the row is a question with options of its own.
        options: ``list<string>[n]``: see :func:`~medqa_kit.matching.row_texts.options`.
        parts: ``3n`` texts: all texts of each row, see :class:`~medqa_kit.matching.row_texts.Parted`.
        keys: ``uint64[n, 2]``: see :func:`~medqa_kit.matching.item_keys.item_keys`.
        escaped: ``int64``: rows that may hold escaped text.
        plain: Whether escapes were read.
        spelled: The texts of the rows, each decoded once; ``None`` where escapes were read.
    """

    batch: pa.RecordBatch
    own: Mask
    options: pa.ListArray
    parts: Letters
    keys: Keys
    escaped: Ints
    plain: bool = False
    spelled: RowLetters | None = None

    @property
    def stems(self) -> pa.Array:
        """The stem of each row, ``string[n]``."""
        return self._read(stems(self.batch))

    @property
    def answers(self) -> pa.Array:
        """The answer of each row, ``string[n]``, empty where there is none."""
        return self._read(answer_texts(self.batch))

    def first_parts(self, rows: Ints) -> pa.Array:
        """Return the first of the three parts of a few rows, ``string[n]``."""
        texts = parted(self.batch.take(pa.array(rows))).texts
        return self._read(texts.take(pa.array(np.arange(0, len(texts), 3))))

    def replies(self, rows: Ints) -> pa.Array:
        """Return what rows say is right: their right option, or what a row without options replies.

        Args:
            rows: ``int64[n]``: the rows asked for, which are few.

        Returns:
            ``string[n]``, empty where a row says nothing.
        """
        batch = self.batch.take(pa.array(rows))
        right = right_options(batch, self.options.take(pa.array(rows)))
        if self.own[rows].all():
            return self._read(right)
        said = named_options(self.first_parts(rows), self._read(replies(batch)))
        return pc.if_else(pa.array(self.own[rows]), self._read(right), said)

    def _read(self, texts: pa.Array) -> pa.Array:
        return undisguised(texts)[0] if self.plain else texts


def lists_options(fields: RowFields, row: Ints) -> Mask:
    """Check whether rows list options, in a field or in their text: any of them may be an item's right one.

    Args:
        fields: Of rows.
        row: ``int64[n]``: the rows to check, with repeats.

    Returns:
        ``bool[n]``.
    """
    rows, number = np.unique(row, return_inverse=True)
    listed = pc.match_substring_regex(fields.first_parts(rows), _LISTED)
    own = fields.own[rows]
    listing: Mask = own | listed.to_numpy(zero_copy_only=False).astype(np.bool_)
    return listing[number]


def row_fields(batch: pa.RecordBatch) -> RowFields:
    """Return the fields of the rows of a batch; each of their texts is decoded once.

    Raises:
        SchemaError: The rows are of a form that cannot be searched.
    """
    names, lists, stem = searched(batch.schema), options(batch), stem_column(batch.schema)
    own, spelled = own_options(batch.schema, lists), row_letters(batch, names)
    if own.any():
        rest, case = part_columns(batch.schema)
        first = [(name, None if name in rest else ~own) for name in names]
        parts = spelled.joined([first, [(name, own) for name in case], [("options", own)]])
    else:
        parts = spelled.joined([[(name, None) for name in names], [], []])
    if stem:
        asked = _asked(spelled, stem, cased(batch))
    elif "messages" in names:
        asked = spellings(stems(batch)).stretches
    else:  # all text of a row
        asked = Stretches(parts.codes, parts.offsets[:-1:3], parts.offsets[1::3])
    # Options of rows that ask nothing are part of their key as well.
    decoded = "options" in names and len(lists.values)
    listed = spelled.column("options") if decoded else spellings(lists.values).stretches
    escaped = np.flatnonzero(spelled.rows_of(may_be_disguised(spelled.texts)))
    return RowFields(
        batch, own, lists, parts, keys_of_items(asked, listed, lists), escaped, spelled=spelled
    )


def _asked(spelled: RowLetters, stem: str, told: Mask) -> Stretches:
    """Return the letters of the stem of each row, behind its case in rows in which this is told apart."""
    if not told.any():
        return spelled.column(stem)
    whole = spelled.joined([[("context", told), (stem, None)]])
    return Stretches(whole.codes, whole.offsets[:-1], whole.offsets[1:])


def item_letters(batch: pa.RecordBatch) -> tuple[Letters, Keys]:
    """Return the letters of the stem and the options of each row, and the key of the item; each text is decoded once.

    Args:
        batch: Rows of any schema.

    Returns:
        The letters of ``n`` texts, and ``uint64[n, 2]``: see :func:`~medqa_kit.matching.item_keys.item_keys`.

    Example:
        >>> batch = pa.record_batch({"question": ["Why?"], "options": [["b", "c"]], "answer": ["b"]})
        >>> texts, keys = item_letters(batch)
        >>> "".join(map(chr, texts.codes)), bool((keys == item_keys(batch["question"], batch["options"])).all())
        ('whybc', True)
    """
    stem, lists = stem_column(batch.schema), options(batch)
    if stem is None:
        asked = stems(batch)
        listed = pc.binary_join(lists, BREAK)
        return letters(join_given(asked, listed, by=BREAK)), item_keys(asked, lists)
    told = cased(batch)
    case: list[str] = ["context"] if told.any() else []
    choices: list[str] = ["options"] if len(lists.values) else []
    spelled = row_letters(batch, [*case, stem, *choices])
    parts = [(name, told if name in case else None) for name in (*case, stem, *choices)]
    texts = spelled.column("options") if choices else spellings(lists.values).stretches
    return spelled.joined([parts]), keys_of_items(_asked(spelled, stem, told), texts, lists)


def as_records(fields: RowFields, rows: Ints) -> RowFields:
    r"""Return questions with options as the records that are made of them: one text, and the reply to it.

    Args:
        fields: Of rows.
        rows: ``int64[n]``: rows that are questions with options.

    Example:
        >>> batch = pa.record_batch({"question": ["Why?"], "options": [["b", "c"]], "answer": ["b"]})
        >>> as_records(row_fields(batch), np.array([0])).batch.to_pylist()
        [{'prompt': 'Why?\nA. b\nB. c', 'completion': 'b'}]
    """
    batch = fields.batch.take(pa.array(rows))
    texts, lists = parted(batch).texts, options(batch)
    starts = lists.offsets.to_numpy()
    place = np.arange(starts[-1]) - np.repeat(starts[:-1], np.diff(starts))
    labels = pa.array(_LABELS).take(pa.array(np.minimum(place, len(_LABELS) - 1)))
    labelled = pc.binary_join_element_wise(labels, lists.values, ". ")
    listed = pc.binary_join(pa.ListArray.from_arrays(lists.offsets, labelled), "\n")
    rest, case = (texts.take(pa.array(np.arange(part, len(texts), 3))) for part in (0, 1))
    prompt = pc.binary_join_element_wise(case, listed, "\n")
    return row_fields(pa.record_batch({"prompt": prompt, "completion": rest}))


def without_escapes(fields: RowFields) -> tuple[RowFields, Ints]:
    """Return the rows that hold escaped text, with the escapes read, and which rows these are.

    Args:
        fields: Of rows.

    Returns:
        The fields of the rows in which an escape was read, and ``int64``: the positions of these.
    """
    rows = fields.escaped
    batch = fields.batch.take(pa.array(rows))
    texts, changed = undisguised(parted(batch).texts)
    changed_rows = np.flatnonzero(changed.reshape(-1, 3).any(axis=1))
    rows, batch = rows[changed_rows], batch.take(pa.array(changed_rows))
    lists = fields.options.take(pa.array(rows))
    lists = pa.ListArray.from_arrays(lists.offsets, undisguised(lists.values)[0])
    asked = undisguised(stems(batch))[0]
    return RowFields(
        batch, fields.own[rows], lists,
        letters(texts.take(pa.array((3 * changed_rows[:, None] + np.arange(3)).ravel()))),
        item_keys(asked, lists), rows[:0], plain=True,
    ), rows  # fmt: skip
