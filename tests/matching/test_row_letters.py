"""Letters of rows whose texts are decoded once equal those of their joined texts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.matching.item_keys import item_keys
from medqa_kit.matching.letters import letters
from medqa_kit.matching.row_fields import item_letters, row_fields, without_escapes
from medqa_kit.matching.row_letters import joined_letters
from medqa_kit.matching.row_texts import BREAK, options, parted, row_texts, stems

# Letters, numbers that may meet, markup that may reach into the next text, marks, escapes, signs.
PIECES = ["협심증", "a", "1", "២", " ", "5 ", "½", "①", "<b>", "</b>", "<b", "c>", "<!--", "-->", "&lt;", "&lt",
          "&#49;", "&#49", "&", "#49", "e\u0301", "\u0301", "ᅡ", "\u200b", "ﷺ", "\\ud55c", "%ED%95%9C", "%", "\\", "\n"]  # fmt: skip

texts = st.none() | st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


COLUMNS = pa.schema([
    ("id", pa.string()), ("question", pa.string()), ("context", pa.string()), ("text", pa.string()),
    ("options", pa.list_(pa.string())), ("answer", pa.string()),
    ("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
])  # fmt: skip


def same_letters(rows: list[dict[str, Any]]) -> None:
    names = {name for row in rows for name in row}
    schema = pa.schema([field for field in COLUMNS if field.name in names])
    batch = pa.RecordBatch.from_pylist(rows, schema=schema)
    fields, whole = row_fields(batch), letters(parted(batch).texts)
    assert fields.parts.offsets.tolist() == whole.offsets.tolist()
    assert fields.parts.codes.tolist() == whole.codes.tolist()
    assert (fields.keys == item_keys(stems(batch), options(batch))).all()
    item, keys = item_letters(batch)
    listed = pc.binary_join(options(batch), BREAK)
    for mine, joined in (
        (item, pc.binary_join_element_wise(stems(batch), listed, BREAK)),
        (joined_letters(batch), row_texts(batch)),
    ):
        theirs = letters(joined)
        assert mine.offsets.tolist() == theirs.offsets.tolist()
        assert mine.codes.tolist() == theirs.codes.tolist()
    assert (keys == fields.keys).all()
    plain, at = without_escapes(fields)
    assert set(at.tolist()) <= set(fields.escaped.tolist())
    assert len(plain.keys) == len(at)


def qa_row(question: str | None, context: str | None, choices: list[str | None] | None,
           answer: str | None) -> dict[str, Any]:  # fmt: skip
    return {"question": question, "context": context, "options": choices, "answer": answer}


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.builds(qa_row, texts, texts, st.none() | st.lists(texts, max_size=4), texts),
                min_size=1, max_size=4))  # fmt: skip
def test_questions_have_the_letters_of_their_joined_texts(rows: list[dict[str, Any]]) -> None:
    same_letters(rows)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_texts_and_dialogues_have_the_letters_of_their_joined_texts(
    words: list[str | None],
) -> None:
    same_letters([{"id": "a", "text": word} for word in words])
    turns = [{"role": "user", "content": word} for word in words]
    same_letters([{"id": "a", "messages": turns}, {"id": "b", "messages": []}])


@pytest.mark.parametrize(
    ("choices", "letters_of_options"),
    [(["p <b", "c> 1"], "p1"), (["1", "2"], "1\x1f2"), (["x &lt", "&lt; y"], "xy"), (["3", "", "4"], "3\x1f4")],
)  # fmt: skip
def test_markup_and_numbers_that_meet(choices: list[str], letters_of_options: str) -> None:
    batch = pa.record_batch({"question": ["Why?"], "options": [choices]})
    codes, offsets = row_fields(batch).parts
    assert "".join(map(chr, codes[offsets[2] : offsets[3]])) == letters_of_options
    same_letters([qa_row("Why?", None, list(choices), None)])
