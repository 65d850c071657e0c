"""Rows of one's own: options and answers that nobody spoke of are proved, or asked for, and never passed over in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas
import pytest

import medqa_kit as mk
from medqa_kit.errors import AnswerError, ArgumentError, DroppedRowsWarning, LeftOutWarning

OPTIONS = [[f"{letter}{row}" for letter in "abcd"] for row in range(4)]
RIGHT = ["b0", "d1", "a2", "c3"]


def _rows(
    answers: list[Any], *, name: str = "answer", **columns: list[Any]
) -> list[dict[str, Any]]:
    return [{"question": f"Which is {row}?", name: answer, **{key: values[row] for key, values in columns.items()}}
            for row, answer in enumerate(answers)]  # fmt: skip


def _lettered(answers: list[Any], names: str | list[str] = "ABCD") -> list[dict[str, Any]]:
    return _rows(
        answers, **{name: [row[place] for row in OPTIONS] for place, name in enumerate(names)}
    )


@pytest.mark.parametrize("last", ["A,B", "?", "C (see note)", "nan", "E", "all of them"])
@pytest.mark.parametrize(("labels", "base"), [("BDA", "letter"), ("241", 1)])
def test_one_odd_answer_makes_no_open_questions(
    hub: Any, last: str, labels: str, base: Any
) -> None:
    rows = _lettered([*labels, last])
    with pytest.raises(ArgumentError, match="do not prove") as caught:
        mk.read(rows)
    assert f"base={base!r}" in caught.value.hint
    with pytest.raises(AnswerError, match="not one of the options"):
        mk.read(rows, base=base)
    with pytest.warns(DroppedRowsWarning, match="1 of 4 rows"):
        assert mk.read(rows, base=base, on_bad="drop")["answer"][:] == RIGHT[:3]


def test_names_of_columns_are_no_answers_of_open_questions(hub: Any) -> None:
    names = ["option_1", "option_2", "option_3", "option_4"]
    with pytest.raises(ArgumentError, match="names of columns") as caught:
        mk.read(_lettered(["option_2", "option_4", "option_1", "option_3"], names))
    assert "2 for 'option_2'" in caught.value.hint
    assert mk.read(_lettered([2, 4, 1, 3], names))["answer"][:] == RIGHT


def test_options_without_an_answer_are_read_when_that_is_said(hub: Any) -> None:
    rows = [{"question": row["question"], "options": options, "correct": row["answer"]}
            for row, options in zip(_rows(list("BDAC")), OPTIONS, strict=True)]  # fmt: skip
    with pytest.raises(ArgumentError, match="nothing says which is the right one") as caught:
        mk.read(rows)
    assert "pass options='options' with answer=, or alone" in caught.value.hint
    assert mk.read(rows, options="options", answer="correct")["answer"][:] == RIGHT
    assert mk.read(rows, options="options")["answer"][:] == [None] * 4
    empty = _lettered([None] * 4)
    with pytest.raises(ArgumentError, match="'answer' says nothing"):
        mk.read(empty)
    assert mk.read(empty, options=["A", "B", "C", "D"])["options"][:] == OPTIONS


@pytest.mark.parametrize("written", [list, str])
@pytest.mark.parametrize("answers", ["BDAC", [1, 3, 0, 2], "②④①③", [2, 3, 1, 2]])
def test_answers_that_name_options_of_a_column_nobody_reads_are_refused(
    hub: Any, written: Any, answers: Any
) -> None:
    rows = _rows(list(answers), choices=[written(options) for options in OPTIONS])
    with pytest.raises(ArgumentError, match="'choices', which is not read") as caught:
        mk.read(rows)
    assert "pass options='choices', answer='answer'" in caught.value.hint
    more = {"base": 1} if answers == [2, 3, 1, 2] else {}
    assert mk.read(rows, options="choices", answer="answer", **more)["options"][:] == OPTIONS
    open_rows = [{name: row[name] for name in ("question", "answer")} for row in rows]
    assert mk.read(open_rows)["options"][:] == [None] * 4


def test_words_beside_lists_are_open_questions(hub: Any) -> None:
    rows = _rows(["flu", "cold", "flu", "12"], symptoms=[["flu", "fever"]] * 4)
    assert mk.read(rows)["answer"][:] == ["flu", "cold", "flu", "12"]


def test_a_column_of_answers_that_is_not_read_is_spoken_of(hub: Any, tmp_path: Path) -> None:
    rows = _rows(RIGHT, name="correct_answer", distractor1=list("wxyz"))
    pandas.DataFrame(rows).to_csv(tmp_path / "rows.csv")  # with row numbers, which are no answers
    for mine in (rows, tmp_path / "rows.csv"):
        with pytest.warns(
            LeftOutWarning, match="not read are 'correct_answer', 'distractor1': answer="
        ):
            assert mk.read(mine)["answer"][:] == [None] * 4
        assert mk.read(mine, answer="correct_answer")["answer"][:] == RIGHT
    questions = [{"question": row["question"]} for row in rows]
    assert mk.read(questions)["answer"][:] == [None] * 4


def test_columns_in_another_order_than_their_letters_are_refused(hub: Any) -> None:
    rows = _lettered(list("BDAC"))
    with pytest.raises(ArgumentError, match="another order") as caught:
        mk.read(rows, options=["D", "B", "A", "C"], answer="answer")
    assert "options=['A', 'B', 'C', 'D']" in caught.value.hint
    words = _lettered(RIGHT)
    assert mk.read(words, options=["D", "B", "A", "C"], answer="answer")["answer"][:] == RIGHT


@pytest.mark.parametrize(
    "answers",
    [["2번", "4번", "1번", "3번"], ["2번", "3번", "2번", "3번"], ["2번", "(3번)", "2 번.", "３번"]],
)
def test_numbers_with_a_counter_count_from_one(hub: Any, answers: list[str]) -> None:
    data = mk.read(_rows(answers, options=OPTIONS))
    assert data["answer_index"][:] == [int(a.strip("(")[0]) - 1 for a in answers]


@pytest.mark.parametrize(
    ("names", "answers"),
    [(["나", "가"], ["가", "나"]), (["보기2", "보기1"], [1, 2]), (["②", "①"], ["①", "②"]), (["선택지 2", "선택지 1"], ["1번", "2번"])],
)  # fmt: skip
def test_columns_of_options_in_any_script_are_those_that_answers_name(
    hub: Any, names: list[str], answers: list[Any]
) -> None:
    rows = _rows(answers, **{names[0]: ["y", "y"], names[1]: ["x", "x"]})
    assert mk.read(rows)["answer"][:] == ["x", "y"]
    with pytest.raises(ArgumentError, match="another order"):
        mk.read(rows, options=names, answer="answer")


def test_two_sets_of_columns_called_as_options_are_asked_about(hub: Any) -> None:
    rows = [row | {"option_1": "x", "option_2": "y"} for row in _lettered(list("BDAC"))]
    with pytest.raises(ArgumentError, match="several sets of columns") as caught:
        mk.read(rows)
    assert "options=['A', 'B', 'C', 'D'] with answer=" in caught.value.hint
    assert mk.read(rows, options=["A", "B", "C", "D"], answer="answer")["answer"][:] == RIGHT
