"""Numbers written as words in Korean, Khmer and English."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from medqa_kit.quality.numbers.units import Unit, unit_words

_SINO = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9}
_SINO_PLACES = {"십": 10, "백": 100, "천": 1000}
_NATIVE = {
    "한": 1, "하나": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "네": 4, "넷": 4, "다섯": 5, "여섯": 6,
    "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "스무": 20, "스물": 20, "서른": 30, "마흔": 40, "쉰": 50,
    "예순": 60, "일흔": 70, "여든": 80, "아흔": 90, "하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5,
    "엿새": 6, "이레": 7, "여드레": 8, "아흐레": 9, "열흘": 10, "보름": 15,
}  # fmt: skip
ENGLISH_MONTHS = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9,
    "october": 10, "november": 11, "december": 12,
}  # fmt: skip
KHMER_MONTHS = {
    "មករា": 1, "កុម្ភៈ": 2, "មីនា": 3, "មេសា": 4, "ឧសភា": 5, "មិថុនា": 6, "កក្កដា": 7, "សីហា": 8, "កញ្ញា": 9,
    "តុលា": 10, "វិច្ឆិកា": 11, "ធ្នូ": 12,
}  # fmt: skip
_ENGLISH = {
    word: value
    for value, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
    )
} | {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "hundred": 100, "thousand": 1000, "once": 1, "twice": 2, "thrice": 3, "daily": 1, "weekly": 1, "monthly": 1, "yearly": 1, "annually": 1, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "single": 1, "couple": 2, "pair": 2, "double": 2, "doubled": 2, "doubles": 2, "triple": 3, "tripled": 3, "triples": 3,
    "dozen": 12, "twofold": 2, "threefold": 3, "fourfold": 4, "fivefold": 5, "sixfold": 6, "tenfold": 10,
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, **ENGLISH_MONTHS,
}  # fmt: skip
_KHMER = {
    "សូន្យ": 0, "មួយ": 1, "ពីរ": 2, "បី": 3, "បួន": 4, "ប្រាំមួយ": 6, "ប្រាំពីរ": 7, "ប្រាំបី": 8, "ប្រាំបួន": 9,
    "ប្រាំ": 5, "ដប់មួយ": 11, "ដប់ពីរ": 12, "ដប់ប្រាំ": 15, "ដប់": 10, "ម្ភៃ": 20, "សាមសិប": 30, "សែសិប": 40,
    "ហាសិប": 50, "ហុកសិប": 60, "ចិតសិប": 70, "ប៉ែតសិប": 80, "កៅសិប": 90, "រយ": 100, "ពាន់": 1000,
    "ម្តង": 1, "ម្ដង": 1, "ម្នាក់": 1, "ម៉ឺន": 10**4, "សែន": 10**5, "លាន": 10**6, "កោដិ": 10**7,
    **KHMER_MONTHS,
}  # fmt: skip
_SINO_GROUPS = {"만": 10**4, "억": 10**8}
_ALONE = ("둘", "셋", "넷", "쉰")
_HALVES = ("half", "반", "절반", "កន្លះ", "ពាក់កណ្តាល", "ពាក់កណ្ដាល")
_DAYS = {
    "일주일": 7, "하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7, "여드레": 8, "아흐레": 9,
    "열흘": 10, "보름": 15, "fortnight": 14, "overnight": 1,
    "격일": 2, "격주": 14, "하루 걸러": 2, "every other day": 2, "every second day": 2, "alternate days": 2, "every other week": 14,
}  # fmt: skip
_PARTS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "eighth": 8,
    "tenth": 10,
}
# How often in a day, as prescriptions have it.
_OFTEN = {
    "qd": 1,
    "od": 1,
    "qod": 2,
    "eod": 2,
    "bd": 2,
    "bid": 2,
    "tid": 3,
    "tds": 3,
    "qid": 4,
    "qds": 4,
}
ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}


class WordNumber(NamedTuple):
    """A number in words.

    Attributes:
        value: The number.
        unit: What it counts, where a unit of measure stands behind it.
    """

    value: Fraction
    unit: Unit | None


def _any_word(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_CARDINAL = _any_word(
    [
        word
        for word in _ENGLISH
        if _ENGLISH[word] >= 13
        or word
        in (
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        )
    ]
)
# Before what says so, the last "일" of Korean is "days" and not one more figure.
_WORDS = re.compile(
    rf"(?P<part>\b(?:an?|one|two|three|four|five)[ -](?:{_any_word(_PARTS)})s?\b)"
    rf"|(?P<en>\b(?:{_CARDINAL})(?:(?:[ -]|[ -]and[ -])(?:{_CARDINAL}))*\b|\b(?:{_any_word(_ENGLISH)})\b)|(?P<km>(?:{_any_word(_KHMER)})+)"
    rf"|(?P<often>\b(?:{_any_word(_OFTEN)})\b|\b(?:b\.i\.d|t\.i\.d|q\.i\.d|q\.d|q\.o\.d)\b)"
    r"|\b(?:type|grade|stage|class|phase|factor|nerve|lead|category)s? (?P<roman>[ivx]+)\b|(?<![a-z0-9_])(?P<long>[ivx]{2,4})(?![a-z0-9_])"
    rf"|(?P<native>(?:{_any_word(_NATIVE)})+)|(?P<sino>[일이삼사오육칠팔구십백천만억]+(?=일(?:간|째|치|분| 동안| 간격))|[일이삼사오육칠팔구십백천만억]+)|(?P<half>{_any_word(_HALVES)})"
)
_KHMER_WORD, _NATIVE_WORD = re.compile(_any_word(_KHMER)), re.compile(_any_word(_NATIVE))
# So few words as any fraction has: a longer run would be read again from each of its words.
_KHMER_PART = re.compile(
    rf"((?:{_any_word(_KHMER)}){{1,4}}) ?ភាគ ?(?!រយ)((?:{_any_word(_KHMER)}){{1,4}})"
)
_AN_UNIT = re.compile(
    r"(?:\b(?:(?P<half>half )|(?P<quarter>(?:a |one )?quarter of ))?(?:an?|per|each|every) |/ ?)(?P<unit>[a-z]+)(?P<more> and a half\b)?|반 ?(?P<ko>년|시간|달)|កន្លះ(?P<km>ម៉ោង|ថ្ងៃ|ឆ្នាំ|ខែ)"
)
# One syllable is a number before what it counts: not in "두통" (headache), "투여한" (given) and "이었다" (was).
_COUNTED = _any_word(
    [*(word for word in unit_words() if "가" <= word[0] <= "힣"), "차", "기", "형", "급", "등급", "단계", "군", "배", "명", "개",
     "종", "째", "위", "점", "장", "갑", "포", "잔", "컵", "가지", "쪽", "층", "월", "건", "분의", "여", "사람", "병", "봉", "뇌신경"]
)  # fmt: skip
_LONE = re.compile(
    rf"(?:(?<![가-힣])|(?<=제))(?:[한두세네]\s|[한두세네열일이삼사오육칠팔구십백천만억]\s?(?:{_COUNTED}))"
)

_TO_ANOTHER = re.compile(
    r"(?: to | or |[-–~∼]| ?내지 |에서 ?| ?ទៅ ?)"
)  # of a range, "two to three weeks"
_EVERY = re.compile(r"\b(?:per|each|every)\b|마다|간격|រៀងរាល់")


def numbers_in_words(text: str) -> set[WordNumber]:
    """Return every number that a text may say in words, with its unit where one follows.

    Generous on purpose: what stands here can only explain a figure of the other text, never
    accuse one. So ``이`` counts as two although it mostly means "this".

    Args:
        text: In lower case.

    Example:
        >>> numbers = numbers_in_words("하루 두 알 십이 일, one hundred and twenty mg, bid")
        >>> sorted((int(number.value), number.unit and number.unit.code or "") for number in numbers)
        [(1, ''), (1, 'd'), (2, ''), (2, '{tbl}'), (12, 'd'), (120, 'mg')]
    """
    numbers: set[WordNumber] = set()
    begins, next_unit = len(text), None
    for word in reversed([*_WORDS.finditer(text)]):
        kind, said = str(word.lastgroup), word[str(word.lastgroup)]
        if (
            len(said) == 1
            and kind in ("native", "sino")
            and said not in _ALONE
            and not _LONE.match(text, word.start())
        ):
            continue
        unit = _unit_behind(text, word.end()) if kind not in ("often", "roman", "long") else None
        if unit is None and _TO_ANOTHER.fullmatch(text, word.end(), begins):
            unit = next_unit
        begins, next_unit = word.start(), unit
        numbers |= {WordNumber(Fraction(value), unit) for value in _values(kind, said)}
        if said in _DAYS:
            numbers.add(WordNumber(Fraction(_DAYS[said]), unit_words()["d"]))
    for match in _AN_UNIT.finditer(text):
        unit = unit_words().get(match["unit"] or match["ko"] or match["km"])
        if unit is not None:
            part = Fraction(1, 4) if match["quarter"] else Fraction(1, 2)
            whole = match["unit"] is not None and not (match["half"] or match["quarter"])
            numbers.add(
                WordNumber(whole + part if match["more"] else Fraction(1) if whole else part, unit)
            )
    for match in _KHMER_PART.finditer(text):
        above, below = (_values("km", said)[-1] for said in match.groups())
        numbers.add(WordNumber(Fraction(above) / below, None))
    if _EVERY.search(text):  # once in each of these spans
        numbers.add(WordNumber(Fraction(1), unit_words()["times"]))
    numbers |= {
        WordNumber(Fraction(days), unit_words()["d"])
        for said, days in _DAYS.items()
        if said in text
    }
    return numbers


def _values(kind: str, said: str) -> list[Fraction | int]:
    """Return the numbers a word may stand for, the one of the whole phrase last."""
    match kind:
        case "part":
            count, part = re.split("[ -]", said)
            part = part.rstrip("s") if part not in _PARTS else part
            # "a third-generation drug" is of the third one
            ordinal = [_ENGLISH[part]] if part in _ENGLISH else []
            return [*ordinal, Fraction(_ENGLISH.get(count, 1), _PARTS[part])]
        case "en":
            return _phrase([_ENGLISH[word] for word in re.split(r"[ -](?:and[ -])?", said)])
        case "km":
            return _phrase([_KHMER[word] for word in _KHMER_WORD.findall(said)])
        case "often":
            return [1, _OFTEN[said.replace(".", "")]]
        case "roman" | "long":
            return [ROMAN.get(said, 0)]
        case "native":
            return _phrase([_NATIVE[word] for word in _NATIVE_WORD.findall(said)])
        case "sino":
            return [_sino(said)]
        case _:
            return [Fraction(1, 2)]


def _phrase(values: list[int]) -> list[Fraction | int]:
    """Return the numbers of the words of a phrase, and the number of all its words at the end."""
    total = part = 0
    for value in values:
        if value == 100 and part < 100:
            part = (part or 1) * value
        elif value >= 1000:
            total, part = total + (part or 1) * value, 0
        else:
            part += value
    joined = total + part
    return [joined] if len(values) > 1 and _is_compound(values) else [*values, joined]


def _is_compound(values: list[int]) -> bool:
    """Check whether words are one number, as ``열두`` and "two hundred" are, and not several, as ``두세`` is."""
    return all(
        last < value >= 100 or last % 10 ** len(str(value)) == 0 for last, value in pairwise(values)
    )


_UNIT_BEHIND = re.compile(r"\s?-?([a-z%°µ]+|[가-힣]+|[ក-៓]+)")


def _unit_behind(text: str, place: int) -> Unit | None:
    """Return the unit of measure that stands at a place: the longest word that is one."""
    match = _UNIT_BEHIND.match(text, place)
    if match is None:
        return None
    word, known = match[1], unit_words()
    if word[0] < "\x80" or word[0] in "°µ":
        return known.get(word)
    return next(
        (known[word[:end]] for end in range(min(len(word), 16), 0, -1) if word[:end] in known), None
    )


def _sino(word: str) -> int:
    total = group = digit = 0
    for letter in word:
        if letter in _SINO:
            digit = _SINO[letter]
        elif letter in _SINO_PLACES:
            group += (digit or 1) * _SINO_PLACES[letter]
            digit = 0
        else:
            total += (group + digit or 1) * _SINO_GROUPS[letter]
            group = digit = 0
    return total + group + digit
