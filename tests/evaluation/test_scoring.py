"""Scores of replies: counts, intervals, groups, rules, and every way in which replies are kept."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.core.report import Report
from medqa_kit.errors import (
    AnswerError,
    ArgumentError,
    EmptyDataError,
    FormatError,
    SchemaError,
    StorageError,
    WrongFilesError,
)
from medqa_kit.evaluation.accuracy import Accuracy
from medqa_kit.evaluation.scoring import score

EXAM = pa.table(
    {
        "id": ["x/1", "x/2", "x/3", "x/4"],
        "question": ["Why?", "How?", "가장 흔한 원인은?", "Why not?"],
        "options": [["a", "b", "c"]] * 4,
        "answer_index": [0, 1, 2, None],
        "subset": ["doctor", "doctor", "nurse", "nurse"],
    }
)
REPLIES = ["정답은 A입니다.", "The answer is (C).", None, "B"]


@pytest.mark.parametrize("values", [[10, 2020, 2021, None], ["a", "b", "c", None]])
def test_groups_come_in_the_order_of_their_values_and_those_without_one_last(
    values: list[Any],
) -> None:
    exam = pa.table({
        "id": ["x/1", "x/2", "x/3", "x/4"], "question": ["Why?"] * 4, "options": [["a", "b"]] * 4,
        "answer_index": [0] * 4, "group": [values[at] for at in (3, 2, 0, 1)],
    })  # fmt: skip
    assert list(score(["A"] * 4, exam, by=["group"]).groups()) == [(value,) for value in values]


def test_counts_add_up_and_withheld_answers_count_nowhere() -> None:
    scores = score(REPLIES, EXAM, by=["subset"])
    assert scores.overall == Accuracy(rows=3, right=1, wrong=1, unread=1)
    assert scores.groups() == {
        ("doctor",): Accuracy(2, 1, 1, 0), ("nurse",): Accuracy(1, 0, 0, 1)
    }  # fmt: skip
    assert scores.average() == pytest.approx(1 / 3)
    assert scores.average(weight_by_size=False) == pytest.approx(1 / 4)
    assert "1 of 4 rows have no reply" in str(scores)
    assert "<td" in scores._repr_html_()


@settings(max_examples=examples(200), deadline=None)
@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_accuracy(rows: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, rows))
    accuracy = Accuracy(rows, right, rows - right, 0)
    low, high = accuracy.interval
    assert 0 <= low <= accuracy.accuracy <= high <= 1
    # The bounds solve the equation that defines Wilson's interval.
    for bound in (low, high):
        if 0 < bound < 1:
            gap = abs(accuracy.accuracy - bound)
            assert gap == pytest.approx(1.959963984540054 * math.sqrt(bound * (1 - bound) / rows))


def test_rules_are_compared_on_the_same_replies() -> None:
    many = pa.concat_tables([EXAM.slice(0, 1)] * 6).set_column(
        0, "id", pa.array([f"y/{i}" for i in range(6)])
    )
    strict = "lm_eval/kormedmcqa@3.0"
    scores = score(["정답은 A입니다."] * 5 + ["A"], many, rule=["robust", strict])
    compared = scores.compare("robust", strict)
    alone = scores.of("robust").right - scores.of(strict).right
    assert (compared.first, compared.second) == (alone, 0)
    assert compared.p == pytest.approx(min(1.0, 2 * 0.5**alone))


def test_the_clean_score_leaves_out_what_was_found_in_training() -> None:
    findings = pa.table(
        {"row": [9], "id": ["train/9"], "code": ["exact"], "detail": [""], "held_id": ["x/1"]}
    )
    scores = score(
        REPLIES, EXAM, contamination=Report("search", rows=10, kept=10, findings=findings)
    )
    assert scores.groups("touched") == {
        (False,): Accuracy(2, 0, 1, 1),
        (True,): Accuracy(1, 1, 0, 0),
    }


def lm_eval_line(row: dict[str, Any], reply: str) -> dict[str, Any]:
    return {"doc_id": 0, "doc": {"question": row["question"], "A": "a"}, "target": "A",
            "arguments": {}, "resps": [[reply]], "filtered_resps": [reply], "filter": "none"}  # fmt: skip


def likelihoods(row: dict[str, Any], best: int) -> dict[str, Any]:
    pairs = [[str(-9.0 + 8 * (i == best)), "False"] for i in range(3)]
    return {
        "doc": {"question": row["question"]},
        "resps": [[pair] for pair in pairs],
        "filtered_resps": pairs,
    }


def inspect_log(rows: list[dict[str, Any]], replies: list[str]) -> dict[str, Any]:
    return {"version": 2, "eval": {}, "samples": [
        {"id": i, "input": f"Answer.\n\n{row['question']}\n\nA) a", "target": "A",
         "output": {"choices": [{"message": {"role": "assistant", "content": reply}}]}}
        for i, (row, reply) in enumerate(zip(rows, replies, strict=True))
    ]}  # fmt: skip


def test_every_way_in_which_replies_are_kept(tmp_path: Path) -> None:
    rows, replies = EXAM.to_pylist(), ["A", "C", "C", "B"]
    expected = Accuracy(3, 2, 1, 0)
    ids = [row["id"] for row in rows]

    def file(name: str, *lines: Any) -> Path:
        path = tmp_path / name
        path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
        return path

    backwards = list(zip(rows, replies, strict=True))[::-1]
    kinds: list[Any] = [
        replies, dict(zip(ids, replies, strict=True)), pa.table({"id": ids, "completion": replies}),
        file("a.jsonl", *({"id": row["id"], "completion": reply} for row, reply in backwards)),
        file("samples_kormedmcqa.jsonl", *(lm_eval_line(row, reply) for row, reply in backwards)),
        file("samples_choice.jsonl", *(likelihoods(row, "ABC".index(reply)) for row, reply in backwards)),
        file("log.json", inspect_log(rows[::-1], replies[::-1])),
    ]  # fmt: skip
    for kind in kinds:
        assert score(kind, EXAM).overall == expected, kind
    assert score(replies, datasets.Dataset(EXAM)).overall == expected


def test_equal_questions_take_replies_in_turn(tmp_path: Path) -> None:
    twice = pa.table(
        {
            "id": ["a", "b"],
            "question": ["Why?"] * 2,
            "options": [["x", "y"]] * 2,
            "answer_index": [0, 1],
        }
    )
    path = tmp_path / "samples_x.jsonl"
    lines = [lm_eval_line({"question": "Why?"}, reply) for reply in "AB"]
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert score(path, twice).accuracy == 1


@pytest.mark.parametrize(("replies", "kind", "words"), [
    (["A"], ArgumentError, "another length"),
    ({"x/9": "A"}, FormatError, "belong to no row"),
    (pa.table({"id": ["x/1", "x/1"], "completion": ["A", "B"]}), FormatError, "several replies"),
    (pa.table({"id": ["x/1"], "said": ["A"]}), ArgumentError, "lack a column"),
    (3, ArgumentError, "in nothing that the library reads"),
])  # fmt: skip
def test_replies_that_do_not_fit(replies: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        score(replies, EXAM)


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for content, words in (('{"id": "x/1"}', "no reply"), ('{"completion": "A"}', "no id"), ("[1]", "no object"),
                           ("{", "cannot be read"),
                           (json.dumps(lm_eval_line({"question": "Who?"}, "A")), "does not hold|do not hold|that the exam")):  # fmt: skip
        path.write_text(content, "utf-8")
        with pytest.raises(FormatError, match=words):
            score(path, EXAM)
    with pytest.raises(SchemaError, match="lacks answer_index"):
        score(["A"] * 4, EXAM.drop_columns("answer_index"))


@pytest.mark.parametrize("sample", [
    5, {"output": None}, {"output": {"choices": [{"message": None}]}}, {"output": {"choices": 3}},
    {"output": {"choices": [{"message": {"content": ["B", {"type": "text", "text": None}]}}]}},
    {"input": ["Why?"]}, {"input": [{"role": "user", "content": None}]},
])  # fmt: skip
def test_a_log_with_parts_missing_is_read_or_refused(tmp_path: Path, sample: Any) -> None:
    """A sample without a reply counts as unread; one that asks nothing belongs to no row."""
    path = tmp_path / "log.json"
    if isinstance(sample, dict) and "output" in sample:
        path.write_text(
            json.dumps({"samples": [{"input": EXAM["question"][0].as_py(), **sample}]}), "utf-8"
        )
        assert score(path, EXAM).overall.right == 0
        return
    path.write_text(json.dumps({"samples": [sample]}), "utf-8")
    with pytest.raises(FormatError, match="that the exam does not hold"):
        score(path, EXAM)


def test_replies_that_are_no_list_are_none(tmp_path: Path) -> None:
    path = tmp_path / "samples_x.jsonl"
    line = lm_eval_line({"question": EXAM["question"][0].as_py()}, "A") | {"resps": 5}
    path.write_text(json.dumps(line), "utf-8")
    assert score(path, EXAM).overall.right == 0


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WrongFilesError, match="no such file"):
        score(tmp_path / "none.jsonl", EXAM)
    with pytest.raises(StorageError):
        score(tmp_path, EXAM)


def test_an_empty_exam_is_refused() -> None:
    with pytest.raises(EmptyDataError, match="no rows"):
        score([], EXAM.slice(0, 0))


def test_withheld_answers_alone_give_no_accuracy() -> None:
    assert math.isnan(score(["B"], EXAM.slice(3)).accuracy)


def test_the_question_says_what_is_asked_for() -> None:
    exam = EXAM.slice(0, 2).set_column(1, "question", pa.array(["옳은 것은?", "옳지 않은 것은?"]))
    scored = score(["옳지 않은 것은 A이다.", "옳지 않은 것은 B이다."], exam)
    assert scored.rows["robust:read"].to_pylist() == [None, 1]


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (pa.array([0, 1, 3, None]), AnswerError),
        (pa.array([0, -1, 2, None]), AnswerError),
        (pa.array([0, 1.5, 2, None]), SchemaError),
        (pa.array(["A", "B", "C", None]), SchemaError),
        (pa.array([True, False, True, None]), SchemaError),
    ],
)
def test_answers_that_are_no_places_are_refused(answers: pa.Array, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        score(REPLIES, EXAM.set_column(3, "answer_index", answers))


def test_whole_numbers_of_data_frames_are_places() -> None:
    frame = EXAM.to_pandas()  # a null makes floats of them
    assert score(REPLIES, frame).overall == score(REPLIES, EXAM).overall


def test_groups_are_ordered_by_number_and_without_columns_one() -> None:
    exam = EXAM.append_column("year", pa.array([10, 9, None, 10]))
    scored = score(REPLIES, exam, by=["year"])
    assert list(scored.groups()) == [(9,), (10,), (None,)]
    plain = score(REPLIES, EXAM)
    assert plain.groups() == {(): plain.overall}
    assert plain.average() == plain.accuracy
    with pytest.raises(ArgumentError, match="lists"):
        score(REPLIES, EXAM, by=["options"])
    with pytest.raises(ArgumentError, match="options"):
        score(REPLIES, EXAM.append_column("tags", EXAM["options"]), by=["subset"]).groups("options")


def test_ids_may_be_numbers() -> None:
    exam = EXAM.set_column(0, "id", pa.array([1, 2, 3, 4]))
    said = dict(zip([1, 2, 3, 4], REPLIES, strict=True))
    rows = pa.table({"id": list(said), "completion": list(said.values())})
    expected = score(REPLIES, exam).overall
    assert score(said, exam).overall == score(rows, exam).overall == expected
    with pytest.raises(FormatError, match="belong to no row"):
        score({7: "A", "x": "B", None: "C"}, exam)  # type: ignore[dict-item]


def test_several_replies_of_a_log_are_told_and_several_filters_are_one(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    lines = [
        lm_eval_line({"question": "Why?"}, "A") | {"filter": name} for name in ("strict", "loose")
    ]
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert score(path, EXAM.slice(0, 1)).accuracy == 1
    path.write_text("\n".join(map(json.dumps, lines[:1] * 2)), "utf-8")
    with pytest.raises(FormatError, match="several replies"):
        score(path, EXAM)
    path.write_text(json.dumps(lines[0] | {"resps": [["A", "B"]]}), "utf-8")
    with pytest.raises(FormatError, match="several replies"):
        score(path, EXAM)


def test_columns_of_replies_are_read_as_lists() -> None:
    replies = ["A", None, "C", "B"]
    columns = [
        np.array(replies, dtype=object), pd.Series(replies), pl.Series(replies),
        pa.array(replies), pa.chunked_array([replies[:2], replies[2:]]),
    ]  # fmt: skip
    for column in columns:
        assert score(column, EXAM).overall == Accuracy(rows=3, right=2, wrong=0, unread=1)


@pytest.mark.parametrize("replies", [
    [1, 2, 3, 4], ["A", "B", math.nan, "D"], {"x/1": 1}, {"x/1": math.nan}, np.arange(4),
    pa.table({"id": ["x/1"], "completion": [["A"]]}),
])  # fmt: skip
def test_replies_that_are_no_texts_are_told_by_their_argument(replies: Any) -> None:
    with pytest.raises(ArgumentError, match="replies= takes texts"):
        score(replies, EXAM)


def test_a_reply_by_id_answers_one_row() -> None:
    shared = EXAM.set_column(0, "id", pa.array(["x/1", "x/1", "x/3", "x/4"]))
    with pytest.raises(FormatError, match=r"several rows of the exam[\s\S]*x/1"):
        score({"x/1": "A"}, shared)
    assert score({"x/3": "C"}, shared).overall.right == 1
    assert score(["A", "B", "C", "D"], shared).overall.right == 3


def test_rules_and_groups_are_told_once() -> None:
    scores = score(REPLIES, EXAM, rule=["robust", "robust"], by=["subset", "subset"])
    assert (scores.rules, scores.by) == (("robust",), ("subset",))
    with pytest.raises(ArgumentError, match="no rule is named"):
        score(REPLIES, EXAM, rule=[])
