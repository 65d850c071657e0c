"""What a form of a row says is among what the row says and what the form adds, whatever the form."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.matching.forms.row_forms import AddedLetters, RowForm, form_additions
from medqa_kit.matching.kernels.arrays import Hashes
from medqa_kit.matching.letters import Letters, letters
from medqa_kit.matching.row_fields import row_fields
from medqa_kit.matching.row_texts import row_texts
from medqa_kit.matching.shingles import shingles
from medqa_kit.matching.terms import terms
from no_numba import without_numba

# Letters of one and of many bytes, digits of two scripts, what stands between them, and what is looked at closely.
_PLAIN = "abc協심증កខ12១ .-\n"
_ANY = _PLAIN + "é½㎎<b>&;\u0301%\\u3"
# What stands around a text may reach out of it, or not.
_AROUND = ["<b>{}</b>", "{}&nbsp;c12", "{} x\u0301 a", "{}\u0301", "\u200b\u0301{}", "{}&lt", "{}&lt;b", "{}<b", "b>{}", "lt;{}",
           "&amp;lt;{}", "{}&amp;", "<!--{}", "{}-->", "{}&#49;", "{}½", "<b>1</b>{}<i>", "{}&", "{}&#49", "&gt{}", "{}&amp", "#49{}"]  # fmt: skip
_PIECES = (
    st.text(_PLAIN, max_size=14)
    | st.text(_ANY, max_size=5)
    | st.builds(str.format, st.sampled_from(_AROUND), st.text(_PLAIN, min_size=8, max_size=14))
)


@st.composite
def rows_with_forms(draw: st.DrawFn) -> tuple[pa.RecordBatch, list[RowForm]]:
    """Rows, and forms that put their texts, whole or cut, in any order between other text."""
    number = draw(st.integers(1, 3))
    texts = [[draw(_PIECES) for _ in range(5)] for _ in range(number)]
    batch = pa.record_batch({
        "question": [row[0] * draw(st.integers(1, 3)) for row in texts],
        "options": [row[1:3] for row in texts],
        "answer": [row[1] for row in texts],
        "rationale": [row[4] for row in texts],
    })  # fmt: skip
    forms = []
    for _ in range(draw(st.integers(1, 2))):
        rows = draw(st.lists(st.integers(0, number - 1), max_size=4))
        tables = []
        for row in rows:
            own = [batch["question"][row].as_py(), *texts[row]]
            whole = st.sampled_from(own)
            cut = (
                whole.map(lambda text: text[1:])
                | whole.map(str.strip)
                | whole.map(lambda text: text[:-1])
            )
            tables.append("".join(draw(st.lists(whole | whole | cut | _PIECES, max_size=7))))
        forms.append(
            RowForm(
                pa.record_batch({"text": pa.array(tables, pa.string())}), np.array(rows, np.int64)
            )
        )
    return batch, forms


def hashes(texts: Letters) -> list[set[int]]:
    """The shingles and the terms of each text."""
    shingled = shingles(*texts)
    cut = terms(texts.codes, texts.offsets[:-1], texts.offsets[1:])
    sets = [set[int]() for _ in texts.lengths]
    parts: list[tuple[Hashes, np.ndarray, int]] = [
        (shingled.hashes, shingled.owner, 0),
        (cut.hashes, cut.owner, 1 << 32),
    ]
    for values, owner, mark in parts:
        for value, text in zip(values.tolist(), owner.tolist(), strict=True):
            sets[text].add(value + mark)
    return sets


def added_to(batch: pa.RecordBatch, forms: list[RowForm]) -> tuple[AddedLetters, list[set[int]]]:
    """What forms add, and the shingles and terms of each row and of that."""
    fields = row_fields(batch)
    added = form_additions(fields, forms)
    own = hashes(Letters(fields.parts.codes, fields.parts.offsets[::3]))
    of_forms = hashes(added.letters)
    return added, [known.union(*of_forms[begin:end])
                   for known, (begin, end) in zip(own, pairwise(added.starts.tolist()), strict=True)]  # fmt: skip


@settings(max_examples=examples(600))
@given(rows_with_forms())
@pytest.mark.slow
def test_no_shingle_and_no_term_of_a_form_is_lost(
    case: tuple[pa.RecordBatch, list[RowForm]],
) -> None:
    batch, forms = case
    added, known = added_to(batch, forms)
    sizes: list[list[int]] = [[] for _ in known]
    for form in forms:
        letters_of_forms = letters(row_texts(form.batch))
        for row, size, hashes_of_form in zip(
            form.rows.tolist(),
            letters_of_forms.lengths.tolist(),
            hashes(letters_of_forms),
            strict=True,
        ):
            sizes[row].append(size)
            assert not added.told[row] or hashes_of_form <= known[row]
    for row, of_forms in enumerate(sizes):
        if added.told[row]:
            assert (added.least[row], added.most[row]) == (
                (min(of_forms), max(of_forms)) if of_forms else (-1, -1)
            )
        else:
            assert added.starts[row] == added.starts[row + 1]


def test_little_is_added_to_plain_rows() -> None:
    draw, words = random.Random(1), ["협심증", "angina", "ជំងឺ", "75 mg", "(A)"]
    texts = [" ".join(draw.choices(words, k=12)) for _ in range(50)]
    batch = pa.record_batch(
        {
            "question": texts,
            "options": [[t[:30], t[30:60]] for t in texts],
            "answer": [t[:30] for t in texts],
        }
    )
    worded = [f"Q: {t}\nA. {t[:30]}\nB. {t[30:60]}\nAnswer: A. {t[:30]}" for t in texts]
    added, _ = added_to(batch, [RowForm(pa.record_batch({"text": worded}), np.arange(50))])
    assert added.told.mean() > 0.8
    assert added.letters.lengths.mean() < added.least[added.told].mean() / 2


def test_markup_that_is_closed_is_told_of_and_loose_markup_is_not() -> None:
    cells = [
        "<p>Which vitamin</p>",
        "Which&nbsp;vitamin",
        "Which vitamin e\u0301?",
        "Which vitamin &lt",
        "Which vitamin <p",
    ]
    rows = row_fields(pa.record_batch({"question": cells, "answer": ["Vitamin C"] * len(cells)}))
    forms = pa.record_batch({"text": [f"Q: {text}\nA: Vitamin C" for text in cells]})
    added = form_additions(rows, [RowForm(forms, np.arange(len(cells)))])
    assert added.told.tolist() == [True, True, True, False, False]


def test_questions_with_options_of_their_own_are_not_told_of() -> None:
    batch = pa.record_batch(
        {"question": ["Which vitamin?", "Why?"], "options": [["C", "D"], ["b", "c"]]}
    )
    fields = row_fields(batch)
    assert form_additions(
        fields, [RowForm(batch.slice(1), np.ones(1, np.int64))]
    ).told.tolist() == [
        True,
        False,
    ]


def test_without_a_compiler_nothing_is_told() -> None:
    batch = pa.record_batch({"question": ["Which vitamin?"]})
    with without_numba():
        assert not form_additions(row_fields(batch), []).told.any()
