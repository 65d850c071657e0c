"""A row that is told clear has no form in which an item is found, not even for review."""

from __future__ import annotations

import random
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_text import LANGUAGES, Item, Language, Writer, items
from gauntlet import held_table
from laws import examples
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.decontamination.matcher import match, match_with_forms
from medqa_kit.matching.forms.row_forms import RowForm

_EXAM = 40
_WORDS = [
    "",
    "A. ",
    "\nB. ",
    "Answer: ",
    "\n\n",
    "정답: ",
    "ចម្លើយ៖ ",
    "1",
    "2) ",
    "<b>",
    "&lt;",
    "é",
    "x\u0301",
    "\\u0041",
]


@lru_cache
def exam(language: Language) -> tuple[list[Item], Holdout]:
    """Items, and a holdout of them; some are open, some are a word, and some have their case in ``context``."""
    exam_items = items(language, _EXAM, seed=3)
    table = held_table(exam_items).to_pylist()
    for number, row in enumerate(table):
        if number % 4 == 0:  # open, with an answer or without one
            row |= {
                "options": [],
                "answer": row["answer"] if number % 8 else "",
                "answer_index": None,
            }
        if number % 10 == 0:
            row["question"] = row["question"].split()[0]
        elif number % 3 == 0:
            row |= {"context": row["question"], "question": "?"}
    return exam_items, Holdout.from_rows(table, reason="the test")


def part_of(text: str, draw: random.Random) -> str:
    """A text, or a piece of it that begins or ends where it does."""
    at = draw.randrange(len(text) + 1)
    return draw.choice([text, text, text[:at], text[at:]])


def a_row(exam_items: list[Item], writer: Writer, draw: random.Random) -> dict[str, object]:
    """A row that says parts of items, or nothing of them."""
    item, other = draw.choice(exam_items), draw.choice(exam_items)
    words = [
        item.stem,
        part_of(item.stem, draw),
        part_of(other.stem, draw),
        writer.prose(1, medical=1),
        writer.prose(2),
    ]
    options = (
        draw.sample(item.options, len(item.options)) if draw.random() < 0.5 else list(other.options)
    )
    return {
        "question": draw.choice([*words, "Why?"]), "context": draw.choice([*words, "", None]), "options": options if draw.random() < 0.8 else [],
        "answer": draw.choice([*options, "", item.answer]), "rationale": draw.choice([*words, ""]),
    }  # fmt: skip


def a_form(row: dict[str, object], exam_items: list[Item], draw: random.Random) -> str:
    """Texts of a row in any order, some left out or cut, and around them words of a prompt or of an item."""
    texts = [
        row["question"],
        row["context"] or "",
        row["rationale"],
        row["answer"],
        *row["options"],
    ]  # type: ignore[misc]
    draw.shuffle(texts)
    item = draw.choice(exam_items)
    pieces = []
    for text in texts[draw.randrange(len(texts)) :]:
        around = (
            part_of(item.stem, draw)
            if draw.random() < 0.15
            else draw.choice([*_WORDS, item.answer])
        )
        pieces += [around, part_of(text, draw) if draw.random() < 0.2 else text]
    return "".join(pieces)


@settings(max_examples=examples(40))  # of 60 forms each
@given(st.sampled_from(LANGUAGES), st.integers(0, 2**32))
@pytest.mark.slow
def test_no_form_of_a_clear_row_holds_an_item(language: Language, seed: int) -> None:
    draw, writer = random.Random(seed), Writer(language, seed)
    exam_items, holdout = exam(language)
    rows = [a_row(exam_items, writer, draw) for _ in range(30)]
    batch = pa.RecordBatch.from_pylist(rows)
    of = [draw.randrange(30) for _ in range(60)]
    texts = [a_form(rows[row], exam_items, draw) for row in of]
    messages = [
        [{"role": "system", "content": draw.choice(_WORDS)}, {"role": "user", "content": text}]
        for text in texts
    ]
    forms = [RowForm(pa.record_batch({"text": texts}), np.array(of)),
             RowForm(pa.record_batch({"messages": messages}), np.array(of))]  # fmt: skip
    matches = match_with_forms(batch, forms, holdout)
    for ours, alone in zip(matches.matches, match(batch, holdout), strict=True):
        np.testing.assert_array_equal(ours, alone)
    for form in forms:
        places = form.rows[match(form.batch, holdout).row]
        assert not matches.clear[places].any()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_most_rows_that_speak_of_other_things_are_clear(language: Language) -> None:
    writer, (_, holdout) = Writer(language, 9), exam(language)
    rows = [
        {"question": writer.prose(3, medical=1), "options": [writer.prose(1) for _ in range(4)]}
        for _ in range(200)
    ]
    listed = [
        "\n".join([f"Q: {row['question']}", *(f"- {text}" for text in row["options"])])
        for row in rows
    ]
    form = RowForm(pa.record_batch({"text": listed}), np.arange(200))
    assert match_with_forms(pa.RecordBatch.from_pylist(rows), [form], holdout).clear.mean() > 0.8
