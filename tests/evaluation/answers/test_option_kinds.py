"""Options that are sets of statements, amounts, or one another's words: a reply names one as a whole, or none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from medqa_kit.errors import ArgumentError
from medqa_kit.evaluation.extract import extract, extract_answers

OPTIONS = {
    "jamo": ["ㄱ", "ㄷ", "ㄱ, ㄴ", "ㄴ, ㄷ", "ㄱ, ㄴ, ㄷ"],
    "syllables": ["가, 나", "가, 다", "나, 라", "가, 나, 다", "가, 나, 다, 라"],
    "joined": ["ㄱㄴ", "ㄱㄷ", "ㄴㄷ", "ㄷㄹ", "ㄱㄴㄷㄹ"],
    "figures": ["1, 2", "1, 3", "2, 4", "1, 2, 3"],
    "roman": ["I only", "II only", "I and II", "II and III", "I, II and III"],
    "letters": ["a and b", "b and c", "a, b and c", "none of these"],
    "years": ["6 months", "12 months", "2 years", "4 years"],
    "days": ["3일", "5일", "7일", "10일", "14일"],
    "hepatitis": ["간염", "급성 간염", "만성 간염", "자가면역 간염", "독성 간염"],
    "orders": ["A-B-C", "B-A-C", "C-B-A", "A-C-B"],
}


@pytest.mark.parametrize(
    ("options", "reply", "letter"),
    [
        ("jamo", "옳은 것은 ㄱ과 ㄴ이다.", "C"),
        ("jamo", "정답: ㄴ·ㄷ", "D"),
        ("jamo", "정답은 ㄱ, ㄷ이다.", None),
        ("jamo", "정답: ④ (ㄴ, ㄷ)", "D"),
        ("jamo", "정답: ④ (ㄱ, ㄷ)", None),
        ("jamo", "옳은 설명은 ㄱ입니다. ㄷ도 옳습니다.", None),
        ("jamo", "㉠, ㉡", "C"),
        ("syllables", "가, 나, 라가 옳다.", None),
        ("syllables", "옳은 것은 가, 나, 다이다.", "D"),
        ("syllables", "정답: 나, 가", "A"),
        ("syllables", "정답: 가,나", "A"),
        ("joined", "정답: ㄱㄴㄷ", None),
        ("joined", "정답은 ㄱ, ㄷ이다", "B"),
        ("figures", "Answer: 1, 2, 3, 4", None),
        ("figures", "Answer: 1, 3", "B"),
        ("roman", "Answer: II and III only", "D"),
        ("roman", "I and III", None),
        ("letters", "Answer: a and c", None),
        ("letters", "The answer is a.", None),
        ("letters", "Answer: A (a and b)", "A"),
        ("letters", "none of these", "D"),
        ("years", "Answer: 2", None),
        ("years", "Answer: 4", "D"),
        ("days", "정답: 3", None),
        ("days", "정답: 3번", "C"),
        ("days", "보기 3", "C"),
        ("days", "정답: ③", "C"),
        ("days", "정답: 1", "A"),
        ("hepatitis", "알코올성 간염", None),
        ("hepatitis", "흡수성 간염이 의심된다.", None),
        ("hepatitis", "환자는 간염이 의심된다.", "A"),
        ("orders", "B → A → C", None),
        ("orders", "B, then A, then C", None),
        ("hepatitis", "A) 간염 B) 급성 간염", None),
        ("hepatitis", "A. 간염 B. 급성 간염 C. 만성 간염", None),
        ("hepatitis", "1) 간염 2) 급성 간염 3) 만성 간염", None),
        ("hepatitis", "정답: A. 간염. B. 급성 간염은 아니다.", "A"),
    ],
)
def test_options_are_named_as_a_whole(options: str, reply: str, letter: str | None) -> None:
    index = extract(reply, options=OPTIONS[options], question="옳은 것은?").index
    assert (None if index is None else "ABCDE"[index]) == letter


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("Answer: A 65-year-old should receive B.", None),
        ("The answer is A 5 mg dose.", None),
        ("정답: A 3세대 세팔로스포린", None),
        ("Answer: B 90%", "B"),
        ("Answer: A and then B", None),
        ("Step 1: A\nStep 2: B\nStep 3: C", None),
        ("The answer is B for adults, but for this child A.", None),
        ('{"selected": "B", "rejected": ["A", "C"]}', "B"),
        ("답변드리기 어렵습니다만, 굳이 고르면 1번입니다.", "A"),
        ("Reasoning: fever suggests A. Answer: B", "B"),
        ("Sample 1: B\nSample 2: C\nConsensus: B", "B"),
        ("정답이 없지만 굳이 고르자면 C입니다.", "C"),
    ],
)
def test_articles_are_no_markers_and_conclusions_are_read(reply: str, letter: str | None) -> None:
    index = extract(reply, options=5).index
    assert (None if index is None else "ABCDE"[index]) == letter


@pytest.mark.parametrize("options", [["x", "y"], ("x", "y"), np.array(["x", "y"]), pa.array(["x", "y"]), pa.chunked_array([["x", "y"]])],
                         ids=lambda options: type(options).__name__)  # fmt: skip
def test_options_come_in_any_list_of_texts(options: Any) -> None:
    assert extract("y", options=options).index == 1
    assert extract("y", question={"question": "Which?", "options": options}).index == 1


@pytest.mark.parametrize("options", [[1, 2], [0.5, 0.3], {"A": "x", "B": "y"}, "xy"])
def test_options_that_are_no_texts_are_refused(options: Any) -> None:
    with pytest.raises(ArgumentError, match="options= takes"):
        extract("2", options=options)
    with pytest.raises(ArgumentError, match="options= takes"):
        extract("2", question={"question": "Which?", "options": options})


def test_a_table_with_options_that_are_numbers_is_refused() -> None:
    with pytest.raises(ArgumentError, match="options= takes"):
        extract_answers()(pa.table({"id": ["a"], "completion": ["2"], "options": [[1, 2]]}))


@pytest.mark.parametrize("sign", ["\u200e", "\u200f", "\u202c", "\u2068", "\ufeff"])
def test_signs_of_direction_do_not_show(sign: str) -> None:
    assert extract(f"{sign}B{sign}").index == 1


GROUPS = {
    "blood": ["B", "A", "AB", "O"],
    "grades": ["C", "B", "A"],
    "in order": ["A", "B", "O", "AB"],
}


@pytest.mark.parametrize(
    ("options", "reply", "letter"),
    [
        ("blood", "B", None),
        ("blood", "Answer: B", None),
        ("blood", '{"answer": "B"}', None),
        ("blood", "Answer: option B", "B"),
        ("blood", "정답: B번", "B"),
        ("blood", "Answer: (B) A", "B"),
        ("blood", "O", "D"),
        ("grades", "C", None),
        ("grades", "The answer is B.", "B"),
        ("in order", "Answer: A", "A"),
        ("in order", "AB", "D"),
        ("in order", "Answer: C", "C"),
    ],
)
def test_a_letter_that_is_another_options_text_is_a_conflict(
    options: str, reply: str, letter: str | None
) -> None:
    index = extract(reply, options=GROUPS[options]).index
    assert (None if index is None else "ABCDE"[index]) == letter
