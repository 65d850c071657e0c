"""Replies of many kinds with their right readings: ``tests/golden/replies.jsonl``.

The rows ``unseen`` were written before the rule was changed for this table, and not looked at while
it was changed; the rows ``tuned`` are those it was changed by, the rows ``later`` were written after that, to
find where it still goes wrong, and it was changed by them again. The rows ``hard`` were written against the rule
itself; of them fewer are read. The rows ``awkward`` are replies as models give them, with turns, names that
begin with a letter, diseases that are named for another reason, and marks of reasoning with attributes. The rows
``kinds`` are ways of answering that models share: dress of reasoning, of JSON and of LaTeX, other languages, options
that are gone through one by one, a condition behind the answer. Of these, rows were kept that the changed rule
reads as they should be: they hold it where it is, and measure nothing.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pytest

from medqa_kit.errors import ArgumentError
from medqa_kit.evaluation.extract import Reason, extract, extract_answers

ROWS = [json.loads(line) for line in
        (Path(__file__).parents[2] / "golden/replies.jsonl").read_text("utf-8").split("\n") if line]  # fmt: skip


def reading(row: dict[str, Any]) -> str | None:
    read = extract(row["reply"], options=row.get("options"), question=row.get("question"))
    assert read.reason in get_args(Reason)
    return None if read.index is None else "ABCDE"[read.index]


HALVES = ["unseen", "tuned", "later", "hard", "awkward", "kinds"]


@pytest.mark.parametrize("half", HALVES)
def test_no_reply_is_read_wrong(half: str) -> None:
    rows = [row for row in ROWS if row["half"] == half]
    readings = [(row["reply"], row["read"], reading(row)) for row in rows]
    assert [reading for reading in readings if reading[2] not in (reading[1], None)] == []
    assert {row["half"] for row in ROWS} == set(HALVES)


@pytest.mark.parametrize(
    ("half", "least"),
    [
        ("unseen", 0.95),
        ("tuned", 0.95),
        ("later", 0.95),
        ("hard", 0.85),
        ("awkward", 0.92),
        ("kinds", 0.99),
    ],
)
def test_most_replies_that_say_something_are_read(half: str, least: float) -> None:
    said = [row for row in ROWS if row["half"] == half and row["read"]]
    assert len(said) > 50
    assert sum(reading(row) == row["read"] for row in said) / len(said) >= least


def test_the_table_has_all_kinds_in_all_languages() -> None:
    assert len(ROWS) >= 300
    kinds = {row["kind"] for row in ROWS}
    for language in ("ko", "km", "en"):
        assert {row["kind"] for row in ROWS if row["language"] == language} == kinds


TRUE = {"question": "다음 중 옳은 것은?", "options": ["가", "나", "다", "라"]}
FALSE = TRUE | {"question": "다음 중 옳지 않은 것은?"}


@pytest.mark.parametrize(("reply", "of_true", "of_false"), [
    ("옳지 않은 것은 C이다.", None, 2), ("The false one is C.", None, 2), ("정답: C", 2, 2),
    ("A: O\nB: O\nC: X\nD: O", None, 2), ("A: X\nB: X\nC: O\nD: X", 2, None), ("다", 2, 2),
])  # fmt: skip
def test_the_question_says_what_is_asked_for(
    reply: str, of_true: int | None, of_false: int | None
) -> None:
    assert extract(reply, question=TRUE).index == of_true
    assert extract(reply, question=FALSE).index == of_false
    table = pa.table({"id": ["a", "b"], "completion": [reply] * 2, "question": [TRUE["question"], FALSE["question"]],
                      "options": [TRUE["options"]] * 2})  # fmt: skip
    assert extract_answers()(table)["index"].to_pylist() == [of_true, of_false]


def test_a_row_that_asks_nothing_is_refused() -> None:
    with pytest.raises(ArgumentError, match="asks nothing"):
        extract("B", question={"stem": "Why?"})
    with pytest.raises(ArgumentError, match="question="):
        extract("B", question=7)  # type: ignore[arg-type]


def test_the_page_lists_all_reasons() -> None:
    page = (Path(__file__).parents[3] / "docs/formatting.md").read_text("utf-8")
    table = page[page.index("| reason |") : page.index("These are all reasons")]
    assert set(re.findall(r"`([a-z ]+)`", table)) == set(get_args(Reason))
