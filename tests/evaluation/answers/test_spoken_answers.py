"""Answers in spoken turns, guesses, keys of JSON and verdicts in the middle of a sentence."""

from __future__ import annotations

import pytest

from medqa_kit.evaluation.extract import extract

KOREAN = ["위염", "심근경색", "폐렴", "천식", "간염"]
ENGLISH = ["Gastritis", "Myocardial infarction", "Pneumonia", "Asthma", "Hepatitis"]

KOREAN_REPLIES = [
    ("정답은요 C예요.", "C"),
    ("정답은요, 2번이요.", "B"),
    ("D일 가능성이 가장 높지 않습니다.", None),
    ("D일 가능성이 가장 높지만 확실하지 않다.", None),
    ("C일 가능성이 가장 높다.", None),
    ("B... 아니, ③번입니다", "C"),
    ("A, 아니, B입니다", "B"),
    ("출력: C", "C"),
    ("A는 맞고, B는 틀리고, C는 틀리고, D는 틀리고, E는 틀리다.", "A"),
    ("A는 틀리고, B는 틀렸으며, C는 맞고, D는 틀리고, E는 틀리다.", "C"),
    ("A는 맞고, B는 맞고, C는 틀리고, D는 틀리고, E는 틀리다.", None),
    ("굳이 고르자면 C", "C"),
    ("B라고 볼 수 있습니다.", "B"),
    ("B라고 볼 수 없습니다.", None),
    ("C로 답하겠습니다.", "C"),
    ("D라고 생각합니다.", "D"),
    ("①은 맞고 ②는 맞고 ③은 틀리고 ④는 틀리고 ⑤는 틀리다", None),
]
ENGLISH_REPLIES = [
    ("Option D would be my guess.", "D"),
    ("C is my final guess.", "C"),
    ("A would be my bet", "A"),
    ("B is not my guess.", None),
    ("No wait, D", "D"),
    ("A. No, wait, D.", "D"),
    ("_C_", "C"),
    ("*C*", "C"),
    ("__C__", "C"),
    ("The value of _A_ is unknown; answer: B", "B"),
    ("What makes B correct?", None),
    ("This makes C the only correct option.", "C"),
    ("Which makes D right.", "D"),
    ("None of these makes B the answer.", None),
    ("That does not make B the answer.", None),
    ('{"correct": "C"}', None),
    ('{"gold": "B"}', None),
    ('{"expected": "B", "answer": "C"}', "C"),
    ('{"answer": "C", "verdict": "incorrect"}', None),
    ('{"answer": "C", "correct": false}', None),
    ('{"answer":"B","judgement":"wrong"}', None),
    ('{"answer": "B", "result": "no"}', None),
    ("Best match: D", "D"),
    ("Match: D", "D"),
    ("| A | O |\n| B | X |\n| C | X |\n| D | X |\n| E | X |", "A"),
    ("| A | X |\n| B | X |\n| C | O |\n| D | X |\n| E | X |", "C"),
    ("snake_case_A is a name", None),
    ("A_B", None),
]


@pytest.mark.parametrize(("reply", "letter"), KOREAN_REPLIES)
def test_korean_turns_name_an_answer_or_none(reply: str, letter: str | None) -> None:
    index = extract(reply, options=KOREAN).index
    assert (None if index is None else "ABCDE"[index]) == letter


@pytest.mark.parametrize(("reply", "letter"), ENGLISH_REPLIES)
def test_english_turns_and_tables_name_an_answer_or_none(reply: str, letter: str | None) -> None:
    index = extract(reply, options=ENGLISH).index
    assert (None if index is None else "ABCDE"[index]) == letter
