"""The kinds of personal data that rules can find, and the pattern of each.

Sources of the rules: the resident registration number of Korea is a birth date, a digit for century,
sex and nationality and, in numbers given out before October 2020, five digits of place and order and a
check digit; since then the last six are random. Cards carry a check digit by Luhn (ISO/IEC 7812).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain
from typing import Literal, NamedTuple, get_args

from medqa_kit.quality.personal.addresses import addresses
from medqa_kit.quality.personal.names import NAME_GATE, names_of_persons
from medqa_kit.quality.personal.span import Certainty, PersonalSpan

PersonalKind = Literal[
    "resident_number", "card_number", "document_number", "birth_date", "phone", "email", "hospital_number", "address", "name",
]  # fmt: skip
PERSONAL_KINDS: tuple[PersonalKind, ...] = get_args(PersonalKind)

_CENTURIES = {
    "9": 1800, "0": 1800, "1": 1900, "2": 1900, "5": 1900, "6": 1900, "3": 2000, "4": 2000, "7": 2000, "8": 2000,
}  # fmt: skip
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


class PersonalRule(NamedTuple):
    """How one kind is found.

    Attributes:
        gate: A pattern for RE2; a text without a match holds none of the kind.
        spans: Finds them in a text whose digits are ASCII.
    """

    gate: str
    spans: Callable[[str], Iterator[PersonalSpan]]


# The last six may be hidden, and the parts of the date stand apart.
_RESIDENT = re.compile(
    r"(?<![\d.,])(\d{2})[ ./-]?(\d{2})[ ./-]?(\d{2})(\)?\s{0,2}[-~./_·)]\s{0,2}|\s{1,2})?(\d)\s?([\d*xX○●#]{6})(?![\d*xX○●#])"
)
# Behind a label the first seven are enough, and words may stand between.
_LABELLED_RESIDENT = re.compile(
    r"(?:주민|외국인)\s?(?:등록)?\s?번호[^\d\n]{0,10}(\d{2})(\d{2})(\d{2})([^\d\n]{1,8})(\d)(\d{6})?(?!\d)"
)


def _resident_numbers(text: str) -> Iterator[PersonalSpan]:
    for match in chain(_LABELLED_RESIDENT.finditer(text), _RESIDENT.finditer(text)):
        year, month, day, separator, century, rest = match.groups(default="")
        try:
            date(_CENTURIES[century] + int(year), int(month), int(day))
        except ValueError:
            continue
        digits = year + month + day + century + rest
        checked = digits.isdecimal() and len(digits) == 13 and _resident_check(digits)
        certainty: Certainty = (
            "sure" if checked and separator else "likely" if checked or separator else "possible"
        )
        yield PersonalSpan(match.start(1), match.end(), "resident_number", certainty)


def _resident_check(digits: str) -> bool:
    """Check the last digit. Numbers given out since October 2020 have a random one."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    own = (11 - total % 11) % 10
    return int(digits[-1]) in (own, (own + 2) % 10)  # foreigners' numbers add two


_CARD = re.compile(r"(?<![\d-])\d(?:[ .-]?\d){12,18}(?![\d-])")


def _card_numbers(text: str) -> Iterator[PersonalSpan]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if digits[0] in "3456" and len(digits) >= 14 and _luhn(digits):
            grouped = len(match[0]) > len(digits)
            yield PersonalSpan(
                match.start(), match.end(), "card_number", "sure" if grouped else "likely"
            )


def _luhn(digits: str) -> bool:
    doubled = [int(d) * 2 for d in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


_PHONE_FORMS: tuple[tuple[str, Certainty], ...] = (
        (r"(?:\(?(?:\+|00)?82\)?[- .]?\(?0?\)?|\(?0)1[016789]\)?[- ./]{0,2}\d{3,4}[- ./]{0,2}\d{4}", "likely"),
        (r"(?:\(?(?:\+|00)?82\)?[- .]?\(?0?\)?|\(?0)(?:2|[3-6][1-5]|70|50[2-9])(?:\)\s?|[- .])\d{3,4}[- .]\d{4}", "likely"),
        (r"(?:\(?(?:\+|00)?855\)?[- .]?\(?0?\)?|0)[1-9]\d(?:[- .]\d{3}[- .]\d{3,4}|\d{6,7}(?!\d))", "possible"),
        (r"(?:\+?1[- .])?\(\d{3}\)[- .]?\d{3}[- .]\d{4}|(?:\+?1[- .])?[2-9]\d{2}[-.][2-9]\d{2}[-.]\d{4}", "likely"),
        (r"\+\d{1,3}(?:[- .]?\d){7,13}", "likely"),
        (r"1[568]\d{2}-\d{4}(?!\s?[년명건례개])", "possible"),
)  # fmt: skip
_PHONES = [
    (re.compile(rf"(?<![\d.,-])(?:{pattern})(?![\d-])(?!\.\d)"), certainty)
    for pattern, certainty in _PHONE_FORMS
]


def _phones(text: str) -> Iterator[PersonalSpan]:
    for pattern, certainty in _PHONES:
        for match in pattern.finditer(text):
            yield PersonalSpan(match.start(), match.end(), "phone", certainty)


_EMAIL = re.compile(
    r"(?<![\w.+-])[\w+-]{1,64}(?:\.[\w+-]{1,64}){0,8}@[a-z\d](?:[a-z\d-]{0,62})(?:\.[a-z\d-]{1,63}){1,6}(?![\w-])",
    re.ASCII | re.IGNORECASE,
)


def _emails(text: str) -> Iterator[PersonalSpan]:
    for match in _EMAIL.finditer(text):
        yield PersonalSpan(match.start(), match.end(), "email", "sure")


_HOSPITAL_LABEL = (
    r"(?:등록|환자|차트|병록|병원|진료|접수|입원|외래|의무기록|검체|병리)\s?번호|(?:환자|차트)\s?(?i:id|no\.?)(?![a-z])|\bMRN\b"
    r"|\b(?i:medical record|hospital|chart|patient|pt\.?|accession|reg\.) (?i:number|no\.?|id|#)(?![a-z])|លេខអ្នកជំងឺ|លេខសំណុំរឿង|លេខកូដអ្នកជំងឺ"
)
_HOSPITAL = re.compile(
    rf"(?:{_HOSPITAL_LABEL})\s{{0,3}}(?:[:：#៖]|은|는|is)?\s{{0,3}}(?P<value>(?!NCT|KCT|ISRCTN)(?=[A-Za-z-]{{0,6}}\d)[A-Za-z\d-]{{4,20}})"
)


def _hospital_numbers(text: str) -> Iterator[PersonalSpan]:
    for match in _HOSPITAL.finditer(text):
        yield PersonalSpan(match.start("value"), match.end("value"), "hospital_number", "sure")


# Passports, driving licences, bank accounts and the like have no form of their own: only a label tells them.
_DOCUMENT = re.compile(
    r"(?:(?:여권|운전\s?면허(?:증)?|면허증|계좌|사업자\s?등록|건강보험증?|보험증)\s?(?:번호)?"
    r"|\b(?i:passport|driver'?s? licen[cs]e|driving licen[cs]e|social security|bank account|account|insurance policy|ssn)(?: (?i:number|no\.?|#))?"
    r"|លេខលិខិតឆ្លងដែន|លិខិតឆ្លងដែនលេខ|លេខអត្តសញ្ញាណប័ណ្ណ|អត្តសញ្ញាណប័ណ្ណលេខ|លេខគណនី)"
    r"\s{0,3}(?:[:：#៖]|은|는|is)?\s{0,3}(?P<value>(?=(?:[A-Za-z -]{0,3}\d){6})[A-Z]{0,3}\d[\dA-Z]{0,14}(?:[ -][\dA-Z]{1,8}){0,4})(?![\dA-Za-z])"
)
_BIRTH_DATE = re.compile(
    r"(?:생년\s?월\s?일|출생(?:일자?)?|생일|\bDOB\b|\bD\.O\.B\b\.?|\b(?i:date of birth|birth ?date|birthday|born on|born)\b|ថ្ងៃខែឆ្នាំកំណើត|ថ្ងៃកំណើត|កើត(?:នៅ)?ថ្ងៃទី)"
    r"\s{0,3}(?:[:：៖]|은|는|is)?\s{0,3}(?P<value>(?:19|20)\d{2}\s?[-./년]\s?\d{1,2}\s?[-./월]\s?\d{1,2}\s?일?"
    r"|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d{2}|(?:19|20)?\d{6}(?!\d)"
    r"|\d{1,2}\s?(?:ខែ\s?)?[\u1780-\u17d3]{3,9}\s?(?:ឆ្នាំ\s?)?(?:19|20)\d{2}|(?:(?:\d{1,2}\s)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?\s(?:\d{1,2},?\s)?(?:19|20)\d{2}))"
    # "born" may stand behind the date, in one syllable.
    r"|(?<!\d)(?P<before>(?:19|20)?\d{2}\s?[-./년]\s?\d{1,2}\s?[-./월]\s?\d{1,2}\s?[일.]?)\s?생(?=$|[^가-힣]|(?:인|으로|이며|이고|의|입니다)(?![가-힣]))"
)


def _document_numbers(text: str) -> Iterator[PersonalSpan]:
    for match in _DOCUMENT.finditer(text):
        yield PersonalSpan(match.start("value"), match.end("value"), "document_number", "likely")


def _birth_dates(text: str) -> Iterator[PersonalSpan]:
    for match in _BIRTH_DATE.finditer(text):
        group = "before" if match["before"] else "value"
        yield PersonalSpan(match.start(group), match.end(group), "birth_date", "sure")


PERSONAL_RULES: dict[PersonalKind, PersonalRule] = {
    "resident_number": PersonalRule(
        r"(?s)\pN{2}[ ./-]?\pN{2}[ ./-]?\pN{2}.{0,5}\pN[\s]?[\pN*xX○●#]{6}|(?:주민|외국인)[^\n]{0,24}\pN{6}",
        _resident_numbers,
    ),
    "card_number": PersonalRule(r"\pN(?:[ .\p{Pd}]?\pN){13}", _card_numbers),
    "document_number": PersonalRule(
        r"여권|면허|계좌|사업자|보험|(?i:passport|licen[cs]e|social security|account|policy|ssn)|លិខិតឆ្លងដែន|អត្តសញ្ញាណប័ណ្ណ|លេខគណនី",
        _document_numbers,
    ),
    "birth_date": PersonalRule(
        r"생년|출생|생일|\pN\s?[일.]?\s?생|D\.?O\.?B|(?i:birth|born)|កំណើត|កើត", _birth_dates
    ),
    "phone": PersonalRule(r"\pN{3}[^\pN]{0,3}\pN{4}|\pN{3}[^\pN]{0,2}\pN{3}|\pN{8}", _phones),
    "email": PersonalRule("[@＠]", _emails),
    "hospital_number": PersonalRule(
        r"번호|(?:환자|차트) ?(?i:id|no)|(?i:mrn|record n|(?:hospital|chart|patient|pt.?|accession|reg.) (?:n|id|#))|លេខ",
        _hospital_numbers,
    ),
    "address": PersonalRule(
        r"(?:로|길|동|읍|면|리|가)\s*(?:산 ?)?\pN|번지|\pN[A-Z]?(?:-\pN+)?\s(?:[A-Z]|\pN+[snrt])|Box|#\pN|(?i:house)|ផ្លូវ|ភូមិ|ឃុំ|សង្កាត់",
        addresses,
    ),
    "name": PersonalRule(NAME_GATE, names_of_persons),
}
"""How each kind is found, in the order in which they claim text: a number is one thing only."""

_PLAIN = (
    {ord("０") + n: str(n) for n in range(10)} | {ord("០") + n: str(n) for n in range(10)}
    | dict.fromkeys(map(ord, "‐‑‒–—―−－﹣ㅡ"), "-") | dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00a0\u202f"), " ")
    | {ord("＠"): "@", ord("．"): ".", ord("（"): "(", ord("）"): ")", ord("／"): "/", ord("＊"): "*"}
)  # fmt: skip
_TO_PLAIN = re.compile(f"[{re.escape(''.join(map(chr, _PLAIN)))}]")


def plain_signs(text: str) -> str:
    """Return a text with full-width and Khmer digits, dashes and signs as ASCII; all positions stay.

    Example:
        >>> plain_signs("０１០–２")
        '010-2'
    """
    return text.translate(_PLAIN) if _TO_PLAIN.search(text) else text
