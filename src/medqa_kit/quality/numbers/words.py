"""Numbers written as words in Korean, Khmer and English."""

from __future__ import annotations

import re
from fractions import Fraction

_SINO = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9}
_SINO_PLACES = {"십": 10, "백": 100, "천": 1000}
_NATIVE = {
    "한": 1, "하나": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "네": 4, "넷": 4, "다섯": 5, "여섯": 6,
    "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "스무": 20, "스물": 20, "서른": 30, "마흔": 40, "쉰": 50,
    "예순": 60, "일흔": 70, "여든": 80, "아흔": 90, "하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5,
    "엿새": 6, "이레": 7, "여드레": 8, "아흐레": 9, "열흘": 10, "보름": 15,
}  # fmt: skip
_ENGLISH = {
    word: value
    for value, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
    )
} | {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "hundred": 100, "thousand": 1000, "once": 1, "twice": 2, "thrice": 3, "daily": 1,
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "january": 1, "february": 2, "march": 3,
    "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10,
    "november": 11, "december": 12,
}  # fmt: skip
_KHMER = {
    "សូន្យ": 0, "មួយ": 1, "ពីរ": 2, "បី": 3, "បួន": 4, "ប្រាំមួយ": 6, "ប្រាំពីរ": 7, "ប្រាំបី": 8, "ប្រាំបួន": 9,
    "ប្រាំ": 5, "ដប់មួយ": 11, "ដប់ពីរ": 12, "ដប់ប្រាំ": 15, "ដប់": 10, "ម្ភៃ": 20, "សាមសិប": 30, "សែសិប": 40,
    "ហាសិប": 50, "ហុកសិប": 60, "ចិតសិប": 70, "ប៉ែតសិប": 80, "កៅសិប": 90, "រយ": 100, "ពាន់": 1000,
    "មករា": 1, "កុម្ភៈ": 2, "មីនា": 3, "មេសា": 4, "ឧសភា": 5, "មិថុនា": 6, "កក្កដា": 7, "សីហា": 8, "កញ្ញា": 9,
    "តុលា": 10, "វិច្ឆិកា": 11, "ធ្នូ": 12,
}  # fmt: skip
_HALVES = ("half", "반", "절반", "កន្លះ", "ពាក់កណ្តាល", "ពាក់កណ្ដាល")


def _longest_first(words: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_WORDS = re.compile(
    rf"(?P<en>\b(?:{_longest_first(_ENGLISH)})\b)|(?P<km>{_longest_first(_KHMER)})"
    rf"|(?P<native>{_longest_first(_NATIVE)})|(?P<sino>[일이삼사오육칠팔구십백천]+)|(?P<half>{'|'.join(_HALVES)})"
)
_TABLES = {"en": _ENGLISH, "km": _KHMER, "native": _NATIVE}


def numbers_in_words(text: str) -> set[Fraction]:
    """Return every number that a text may say in words.

    Generous on purpose: what stands here can only explain a figure of the other text, never
    accuse one. So ``이`` counts as two although it mostly means "this".

    Args:
        text: In lower case.

    Example:
        >>> sorted(numbers_in_words("하루 세 번 십이 일간, twice"))
        [Fraction(1, 1), Fraction(2, 1), Fraction(3, 1), Fraction(12, 1)]
    """
    values: set[Fraction] = set()
    before: tuple[str, int, int] | None = (
        None  # kind, end and value of the word before: "twenty five"
    )
    for word in _WORDS.finditer(text):
        kind = str(word.lastgroup)
        if kind == "half":
            values.add(Fraction(1, 2))
            continue
        value = _sino(word[0]) if kind == "sino" else _TABLES[kind][word[0]]
        values.add(Fraction(value))
        if (
            before
            and before[0] == kind
            and word.start() - before[1] <= 1
            and _tens(before[2])
            and 0 < value < 10
        ):
            values.add(Fraction(before[2] + value))
        before = kind, word.end(), value
    return values


def _tens(value: int) -> bool:
    return 10 <= value <= 90 and value % 10 == 0


def _sino(word: str) -> int:
    total, digit = 0, 0
    for letter in word:
        if letter in _SINO:
            digit = _SINO[letter]
        else:
            total += (digit or 1) * _SINO_PLACES[letter]
            digit = 0
    return total + digit
