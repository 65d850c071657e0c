"""The dress of a reply changes no letter: line ends, blanks, quotation, reasoning before it, a farewell behind it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from medqa_kit.evaluation.extract import extract

ROWS = [json.loads(line) for line in
        (Path(__file__).parents[2] / "golden/replies.jsonl").read_text("utf-8").split("\n") if line][::6]  # fmt: skip

DRESS: dict[str, Callable[[str], str]] = {
    "line ends": lambda reply: reply.replace("\n", "\r\n"),
    "empty lines": lambda reply: reply.replace("\n", "\n\n"),
    "double blanks": lambda reply: reply.replace(" ", "  "),
    "zero width": lambda reply: reply.replace(" ", "\u200b "),
    "no-break": lambda reply: reply.replace(" ", "\u00a0"),
    "decomposed": lambda reply: unicodedata.normalize("NFD", reply),
    "fence": lambda reply: f"```\n{reply}\n```",
    "thought": lambda reply: f"<think>\n정답은 D? The answer is D.\n</think>\n\n{reply}",
    "end of turn": lambda reply: f"{reply}<|im_end|>",
    "farewell": lambda reply: f"{reply}\n\nLet me know if you have any questions!",
    "인사": lambda reply: f"{reply}\n\n추가로 궁금한 점이 있으면 말씀해 주세요.",
    "caution": lambda reply: f"{reply}\n\n※ 본 답변은 의학적 조언을 대신하지 않습니다.",
}


def letter(reply: str, row: dict[str, object]) -> int | None:
    return extract(reply, options=row.get("options"), question=row.get("question")).index  # type: ignore[arg-type]


@pytest.mark.parametrize("dress", DRESS)
def test_no_dress_changes_the_letter(dress: str) -> None:
    plain = [letter(row["reply"], row) for row in ROWS]
    dressed = [letter(DRESS[dress](row["reply"]), row) for row in ROWS]
    changed = [
        (row["reply"], before, after)
        for row, before, after in zip(ROWS, plain, dressed, strict=True)
        if after not in (before, None) and ("ABCDE"[after] != row["read"] or before is not None)
    ]
    assert changed == []
    assert sum(a == b for a, b in zip(plain, dressed, strict=True)) / len(ROWS) > 0.97


@pytest.mark.parametrize(
    ("reply", "read"),
    [
        ("> 정답: B\n>\n> 문제 2. 다음은?\n> 정답: C", 1),
        ("정답: A\n\n혈압을 보면 다르다.\n\nB\n\nLet me know!", None),
        ("<answer>A: X\nB: X\nC: O\nD: X\nE: X</answer>", 2),
        ('{"reasoning": "Option D looks right.", "answer": "정답을 알 수 없습니다."}', None),
        ('{"reasoning": "Option D looks right.", "answer": "D가 아니라 B이다."}', 1),
        ("Sure!\n\n<내부독백>정답은 D다", None),
        ("### 풀이 과정\nA는 아니다.\n### 정답\nB\n\n문제 2. 다음은?\n정답: C", 1),
        ("**Hepatitis** **B** is the answer.", None),
        ("정답은 B입니다. 위 답변은 잘못되었습니다.", None),
    ],
)
def test_what_is_around_an_answer_is_not_taken_for_it(reply: str, read: int | None) -> None:
    assert extract(reply, options=5).index == read


@pytest.mark.parametrize(
    "following",
    ["Pregunta: ¿Cuál?\nA. x\nB. y\nRespuesta: A", "Câu hỏi: Gì?\nA. x\nB. y\nĐáp án: A", "【問題】次のうち\nA. x\nB. y\n答え: A",
     "题目：下列哪项？\nA. x\nB. y\n答案：A", "Frage: Was?\nA. x\nB. y\nAntwort: A", "Вопрос: Что?\nA. x\nB. y\nОтвет: A",
     "คำถาม: อะไร?\nA. x\nB. y\nคำตอบ: A", "문 2. 다음은?\n① 가 ② 나\n답 ①"],
)  # fmt: skip
@pytest.mark.parametrize("reply", ["D", "정답: D"])
def test_the_next_exercise_is_not_read_in_any_language(reply: str, following: str) -> None:
    assert extract(f"{reply}\n\n{following}", options=5).index == 3


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ('"{\\"answer\\": \\"C\\"}"', "C"),
        ('{"output": "{\\"final_answer\\": \\"C\\", \\"why\\": \\"A is wrong\\"}"}', "C"),
        ('{"최종_정답": "C"}', "C"),
        ("정답 및 해설: ③", "C"),
        ("Ans (c)", "C"),
        ("Sol. (c)", "C"),
        ("The answer is option number 3.", "C"),
        ("정답: ⒞", "C"),
        ("🄒", "C"),
        ("Option (C) is right.", "C"),
        ("A, no—D.", None),
        ("Answer: C–E", None),
        ("Answer: C is a distractor; B", None),
        ("ខ្ញុំមិនជ្រើសរើស គ ទេ។", None),
        ("정답은 C겠네요.", "C"),
        ("The answer key in the old edition says C.", None),
        ("C를 정답으로 볼 수 있는 근거가 없다.", None),
    ],
)
def test_further_dress_of_an_answer(reply: str, letter: str | None) -> None:
    index = extract(reply, options=5).index
    assert (None if index is None else "ABCDE"[index]) == letter


@pytest.mark.parametrize("reply", ["C는 사실과 다르다.", "The exception here is C.", "Statement C does not hold.", "NOT true: C", "Incorrect statement: C"])  # fmt: skip
def test_the_wrong_one_is_named_in_other_words(reply: str) -> None:
    assert extract(reply, options=5, question="All of these are true EXCEPT:").index == 2
    assert extract(reply, options=5, question="Which of these is true?").index is None


@pytest.mark.parametrize(
    "reply", ["위염(C)이 정답입니다.", "Answer: 위염 (C)", "위염 (C) is right."]
)
def test_a_letter_behind_another_options_words_is_not_read(reply: str) -> None:
    assert extract(reply, options=["위염", "심근경색", "고혈압"]).index is None
    assert extract(reply, options=["심근경색", "고혈압", "위염"]).index == 2


@pytest.mark.parametrize(
    "following",
    [
        "จงตอบ: ข้อใด?\nA. x\nB. y\nคำตอบ: B",
        "14 of 20\nWhich?\nA. x\nB. y\nAnswer: B",
        "무엇인가?\nA. 가\nB. 나\n정답: B",
    ],
)
def test_a_first_line_that_is_an_answer_is_not_overruled_by_what_follows(following: str) -> None:
    assert extract(f"E\n\n{following}", options=5).index in (4, None)
    assert extract(f"E\n\n{following}\n\nFinal answer: D", options=5).index == 3


def test_an_option_that_is_said_to_hold_is_none_that_does_not() -> None:
    for reply in ("C가 옳은 설명이다.", "C is a true statement."):
        assert extract(reply, options=5, question="다음 중 옳지 않은 것은?").index is None
        assert extract(reply, options=5, question="다음 중 옳은 것은?").index in (2, None)
