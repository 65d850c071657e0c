"""What forms of rows, such as records made of them, say beside the texts of their rows.

A form is mostly texts of its row, in an order, with labels and words of a prompt around them. What the texts
say is known once the row is decoded; what is left are the places where one meets another.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.matching.kernels import compiled_kernels
from medqa_kit.matching.kernels.arrays import Codes
from medqa_kit.matching.kernels.constants import LONG
from medqa_kit.matching.letter_table import letter_table
from medqa_kit.matching.letters import Letters, Stretches, utf8
from medqa_kit.matching.readings.disguises import may_be_disguised
from medqa_kit.matching.row_fields import RowFields
from medqa_kit.matching.row_letters import RowLetters
from medqa_kit.matching.row_texts import options, row_texts

_FORMLESS = 1 << 40
_LEAST_LETTERS = 2 * (LONG - 1)
"""Letters of a text that is looked for: its first and its last ones stay with what is beside it."""


class RowForm(NamedTuple):
    """A form of some rows.

    Attributes:
        batch: The form, such as records.
        rows: ``int64[m]``: the row that each of it is made of.
    """

    batch: pa.RecordBatch
    rows: Ints


class AddedLetters(NamedTuple):
    """What all forms of each row say beside its texts.

    Attributes:
        letters: Of each form, by rows; no shingle and no term of a form is neither here nor among those of its row.
        starts: ``int64[n + 1]``: where the forms of each row begin.
        least: ``int64[n]``: letters of the row's shortest form, -1 where it has none.
        most: ``int64[n]``: of its longest.
        told: ``bool[n]``: the rows of which this tells; of the others there are no letters.
    """

    letters: Letters
    starts: Ints
    least: Ints
    most: Ints
    told: Mask


def form_additions(fields: RowFields, forms: Sequence[RowForm]) -> AddedLetters:
    r"""Find the texts of rows in their forms, and return the letters of what is left.

    It is not told of rows with markup that may reach from one text into another, of forms with characters whose neighbours matter or that may be disguised, of forms
    that are questions with options of their own, and of none where nothing is compiled.

    Args:
        fields: Of the rows.
        forms: Of the rows.

    Example:
        >>> from medqa_kit.matching.row_fields import row_fields
        >>> rows = pa.record_batch({"question": ["Which vitamin prevents scurvy?"], "answer": ["Vitamin C"]})
        >>> form = pa.record_batch({"text": ["Q: Which vitamin prevents scurvy?\nA: Vitamin C"]})
        >>> added = form_additions(row_fields(rows), [RowForm(form, np.arange(1))])
        >>> "".join(map(chr, added.letters.codes)), added.least.tolist(), added.told.tolist()
        ('qwhicurvyavitaminc', [36], [True])
    """
    rows, spelled, kernels = len(fields.own), fields.spelled, compiled_kernels()
    told = np.ones(rows, np.bool_)
    parts = [_Part(np.zeros(0, np.uint32), *(np.zeros(0, np.int64),) * 4)]
    if kernels is None or spelled is None:
        told[:] = False
    else:
        told &= ~spelled.rows_of(spelled.spelled.reaching)
        known = _known_texts(spelled)
        for form in forms:
            part, clear = _added(form, known, kernels)
            told[form.rows[~clear]] = False
            parts.append(part)
    return _of_rows(parts, told)


class _Part(NamedTuple):
    """Letters of forms, the rows these are made of, and their sizes."""

    codes: Codes
    begins: Ints
    ends: Ints
    rows: Ints
    sizes: Ints


def _known_texts(spelled: RowLetters) -> tuple[Any, ...]:
    """Return the texts of rows as they are, their letters, and which texts each row has that are looked for."""
    stretches, _, touching = spelled.spelled
    starts, text = spelled.texts_of_rows()
    known = ~touching & (stretches.ends - stretches.begins >= _LEAST_LETTERS)
    kept = np.concatenate([[0], np.cumsum(known[text])])
    return *utf8(spelled.texts), *stretches, kept[starts], text[known[text]]


def _added(form: RowForm, known: tuple[Any, ...], kernels: ModuleType) -> tuple[_Part, Mask]:
    """Return what one form adds, and of which of its rows this tells."""
    whole, table = row_texts(form.batch), letter_table()
    codes, stops, sizes, clear = kernels.added_letters(
        *utf8(whole), form.rows, *known, table.marked, table.starts, table.expansions
    )
    clear &= ~may_be_disguised(whole)
    clear &= options(form.batch).value_lengths().to_numpy() == 0
    return _Part(codes, stops[:-1], stops[1:], form.rows, sizes), clear


def _of_rows(parts: Sequence[_Part], told: Mask) -> AddedLetters:
    """Put what is added to each row together."""
    behind = np.cumsum([0, *(len(part.codes) for part in parts)])
    codes = np.concatenate([part.codes for part in parts])
    begins, ends = (
        np.concatenate([part[i] + at for part, at in zip(parts, behind, strict=False)])
        for i in (1, 2)
    )
    row, sizes = (np.concatenate([part[i] for part in parts]) for i in (3, 4))
    least, most = np.full(len(told), _FORMLESS), np.full(len(told), -1)
    np.minimum.at(least, row, sizes)
    np.maximum.at(most, row, sizes)
    used = np.flatnonzero(told[row])
    order = used[np.argsort(row[used], kind="stable")]
    letters = Stretches(codes, begins[order], ends[order]).laid_out(np.arange(len(order) + 1))
    starts = np.concatenate([[0], np.cumsum(np.bincount(row[order], minlength=len(told)))])
    return AddedLetters(letters, starts, np.where(told & (most >= 0), least, -1), most, told)
