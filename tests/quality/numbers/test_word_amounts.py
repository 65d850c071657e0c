"""Amounts in words: those that agree, however they are said, and those that became others."""

from __future__ import annotations

import pytest

from medqa_kit.quality.numbers.word_amounts import changed_words
from test_number_pairs import AGREEING

IN_WORDS = (
    ("Give a second dose after two days.", "이틀 뒤에 두 번째 용량을 준다."), ("on the third day", "사흘째 되는 날"),
    ("every other day", "이틀에 한 번"), ("for one to two weeks", "한두 주 동안"), ("for two or three days", "이삼 일 동안"),
    ("three to four weeks", "삼사 주"), ("Wait for an hour and a half.", "한 시간 반 기다린다."), ("for six months", "반년 동안"),
    ("fourteen days", "이 주"), ("within twenty-four hours", "하루 안에"), ("forty-eight hours", "마흔여덟 시간"),
    ("one tablet four times a day", "한 알씩 하루 네 번"), ("Take one or two tablets.", "한두 알을 복용한다."),
    ("for three days", "រយៈពេលបីថ្ងៃ"), ("for seven days", "រយៈពេលមួយសប្តាហ៍"), ("ten days", "ដប់ថ្ងៃ"),
    ("one day a week for six weeks", "육 주 동안 일주일에 하루"), ("a 2-day history, one day later", "이틀 전부터, 하루 뒤"),
)  # fmt: skip
CHANGED = (
    ("Rest for three days.", "나흘 동안 쉰다.", "3 d → 4 d"), ("Take two tablets.", "세 알을 복용한다.", "2 tbl → 3 tbl"),
    ("for one week", "រយៈពេលពីរសប្តាហ៍", "1 wk → 2 wk"), ("Wait ten minutes.", "이십 분 기다린다.", "10 min → 20 min"),
    ("for three days", "រយៈពេលបួនថ្ងៃ", "3 d → 4 d"),
)  # fmt: skip


@pytest.mark.parametrize(("source", "target"), [*AGREEING, *IN_WORDS])
def test_equal_amounts_are_equal_in_both_directions(source: str, target: str) -> None:
    assert changed_words(source, target) == []
    assert changed_words(target, source) == []


@pytest.mark.parametrize(("source", "target", "detail"), CHANGED)
def test_another_amount_is_told(source: str, target: str, detail: str) -> None:
    assert [(change.code, change.detail) for change in changed_words(source, target)] == [
        ("number_changed", detail)
    ]
