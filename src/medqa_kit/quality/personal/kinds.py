"""The kinds of personal data that rules can tell, and what each looks like.

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

Certainty = Literal["sure", "likely", "possible"]
PersonalKind = Literal[
    "resident_number", "card_number", "phone", "email", "hospital_number", "address", "name"
]
PERSONAL_KINDS: tuple[PersonalKind, ...] = get_args(PersonalKind)

_CENTURIES = {
    "9": 1800, "0": 1800, "1": 1900, "2": 1900, "5": 1900, "6": 1900, "3": 2000, "4": 2000, "7": 2000, "8": 2000,
}  # fmt: skip
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)

_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국"
)  # fmt: skip
# Words that begin like a name and stand before a title, but name a role.
_ROLES = (
    "주치의|전공의|한의사|이용자|전문의|지도의|수련의|조무사|신청자|기증자|여행자|노동자|지원자|안내원|구급대|원장님|고객님|선생님|"
    "하나님|장애인|임산부|양치기|유가족|한국인|주인공|기관장|소방관|공무원|임신부|여성분|남성분|신생아|유아들|노인분"
)


class PersonalSpan(NamedTuple):
    """Where personal data stands in a text.

    Attributes:
        start: Position of its first character.
        end: Position behind its last.
        kind: See :data:`PersonalKind`; a recogniser of one's own may bring others.
        certainty: ``sure`` where a check digit or a label says so, ``likely`` by its form,
            ``possible`` where other text may look the same.
    """

    start: int
    end: int
    kind: str
    certainty: Certainty


class PersonalRule(NamedTuple):
    """How one kind is found.

    Attributes:
        gate: A pattern for RE2; a text without a match holds none of the kind.
        spans: Finds them in a text whose digits are ASCII.
    """

    gate: str
    spans: Callable[[str], Iterator[PersonalSpan]]


_RESIDENT = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{2})(\s?[-–—]\s?|\s)?(\d)(\d{6})(?!\d)")


def _resident_numbers(text: str) -> Iterator[PersonalSpan]:
    for match in _RESIDENT.finditer(text):
        year, month, day, separator, century, rest = match.groups()
        try:
            date(_CENTURIES[century] + int(year), int(month), int(day))
        except ValueError:
            continue
        checked = _resident_check(year + month + day + century + rest)
        certainty: Certainty = (
            "sure" if checked and separator else "likely" if checked or separator else "possible"
        )
        yield PersonalSpan(match.start(), match.end(), "resident_number", certainty)


def _resident_check(digits: str) -> bool:
    """Check the last digit. Numbers given out since October 2020 have a random one."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    own = (11 - total % 11) % 10
    return int(digits[-1]) in (own, (own + 2) % 10)  # foreigners' numbers add two


_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")


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
        (r"(?:\+?82[- .]?\(?0?\)?|0)1[016789][- .]?\d{3,4}[- .]?\d{4}", "likely"),
        (r"(?:\+?82[- .]?\(?0?\)?|\(?0)(?:2|[3-6][1-5]|70|50[2-9])\)?[- .]\d{3,4}[- .]\d{4}", "likely"),
        (r"(?:\+?855[- .]?\(?0?\)?|0)[1-9]\d(?:[- .]\d{3}[- .]\d{3,4}|\d{6,7}(?!\d))", "possible"),
        (r"(?:\+?1[- .])?\(\d{3}\)[- .]?\d{3}[- .]\d{4}|(?:\+?1[- .])?[2-9]\d{2}[-.][2-9]\d{2}[-.]\d{4}", "likely"),
        (r"\+\d{1,3}(?:[- .]?\d){7,13}", "likely"),
        (r"15\d{2}-\d{4}|16\d{2}-\d{4}|18\d{2}-\d{4}", "possible"),
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
    r"등록\s?번호|환자\s?번호|차트\s?번호|병록\s?번호|병원\s?번호|진료\s?번호|\bMRN\b|\b[Mm]edical [Rr]ecord (?:[Nn]umber|[Nn]o\.?)|"
    r"\b[Hh]ospital (?:[Nn]umber|[Nn]o\.?)|\b[Cc]hart (?:[Nn]umber|[Nn]o\.?)|\bPatient ID\b|លេខអ្នកជំងឺ|លេខសំណុំរឿង|លេខកូដអ្នកជំងឺ"
)
_HOSPITAL = re.compile(
    rf"(?:{_HOSPITAL_LABEL})\s{{0,3}}(?:[:：#៖]|은|는|is)?\s{{0,3}}(?P<value>(?=[A-Za-z-]{{0,6}}\d)[A-Za-z\d-]{{4,20}})"
)


def _hospital_numbers(text: str) -> Iterator[PersonalSpan]:
    for match in _HOSPITAL.finditer(text):
        yield PersonalSpan(match.start("value"), match.end("value"), "hospital_number", "sure")


_ADDRESSES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:[가-힣]{1,6}(?:특별시|광역시|특별자치시|특별자치도|도|시)\s{0,2}){0,2}[가-힣]{1,6}(?:시|군|구)\s{0,2}"
        r"(?:[가-힣]{1,6}(?:구|읍|면|동)\s{0,2}){0,2}[가-힣\d·.]{1,12}(?:로|길)\s?\d{1,4}(?:-\d{1,4})?(?:번길\s?\d{1,4}(?:-\d{1,4})?)?"
        r"(?:[,\s]{0,3}[가-힣A-Za-z\d]{0,12}\s?\d{1,4}동)?(?:\s?\d{1,5}호)?",
        r"[가-힣]{1,6}(?:시|군|구)\s{1,2}[가-힣\d]{1,8}(?:동|읍|면|리)\s{0,2}\d{1,4}(?:-\d{1,4})?\s?번지",
        r"\b\d{1,5}(?:-\d{1,4})?\s(?:[NSEW]\.?\s)?(?:[A-Z][a-z]{1,15}\s){1,3}"
        r"(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Boulevard|Blvd\.?|Lane|Ln\.?|Drive|Court)(?![a-z])",
        r"ផ្ទះ(?:លេខ)?\s{0,2}#?\d{1,5}[A-Za-z]{0,3}\s?[,]?\s{0,2}ផ្លូវ(?:លេខ)?\s{0,2}[\d\u1780-\u17ff]{1,30}",
    )
)  # fmt: skip


# What a Korean address by road needs, and how far before and behind it an address may reach. Elsewhere
# its pattern, which may begin at any syllable, is not tried: that takes long.
_ROAD, _REACH = re.compile(r"[로길]\s?\d"), 80


def _addresses(text: str) -> Iterator[PersonalSpan]:
    near = [
        match
        for begin, end in _near_roads(text)
        for match in _ADDRESSES[0].finditer(text, begin, end)
    ]
    for match in chain(near, *(pattern.finditer(text) for pattern in _ADDRESSES[1:])):
        yield PersonalSpan(match.start(), match.end(), "address", "likely")


def _near_roads(text: str) -> Iterator[tuple[int, int]]:
    """Return stretches of a text in which an address by road may stand; none touches another."""
    begin = end = 0
    for road in _ROAD.finditer(text):
        if road.start() - _REACH > end:
            if end:
                yield begin, end
            begin = road.start() - _REACH
        end = road.end() + _REACH
    if end:
        yield max(begin, 0), end


_NAME_LABEL = r"성명|환자\s?명|환자\s?이름|이름|보호자\s?명|보호자\s?성명|담당의|주치의|작성자|\b[Pp]atient(?:'s)? [Nn]ame|\b[Nn]ame|ឈ្មោះ(?:អ្នកជំងឺ)?"
_NAMES: tuple[tuple[re.Pattern[str], Certainty], ...] = (
    (re.compile(rf"(?:{_NAME_LABEL})\s{{0,3}}[:：៖]\s{{0,3}}(?P<value>[가-힣]{{2,4}}(?![가-힣])|"
                r"[A-Z][a-z'-]{1,20}(?:\s[A-Z][a-z'.-]{0,20}){0,3}|[\u1780-\u17d3]{2,20}(?:\s[\u1780-\u17d3]{2,20})?)"), "sure"),
    (re.compile(rf"(?<![가-힣])(?P<value>(?!{_ROLES})[{_SURNAMES}][가-힣]{{2}})\s?(?:씨|님)(?![가-힣])"), "likely"),
    (re.compile(rf"(?<![가-힣])(?P<value>(?!{_ROLES})[{_SURNAMES}][가-힣]{{2}})\s?(?:씨|님)"
                r"(?=(?:은|는|이|가|의|에게|께서|을|를|도|과|와|으로|한테|께)(?![가-힣]))"), "likely"),
    (re.compile(r"\b(?:Mr|Mrs|Ms|Miss)\.?\s(?P<value>[A-Z][a-z'-]{1,20}(?:\s[A-Z][a-z'-]{1,20}){0,2})"), "likely"),
    (re.compile(r"\bDr\.?\s(?P<value>[A-Z][a-z'-]{1,20}(?:\s[A-Z][a-z'-]{1,20}){0,2})"), "possible"),
)  # fmt: skip


def _names(text: str) -> Iterator[PersonalSpan]:
    for pattern, certainty in _NAMES:
        for match in pattern.finditer(text):
            yield PersonalSpan(match.start("value"), match.end("value"), "name", certainty)


PERSONAL_RULES: dict[PersonalKind, PersonalRule] = {
    "resident_number": PersonalRule(r"\pN{6}.{0,3}\pN{7}", _resident_numbers),
    "card_number": PersonalRule(r"\pN(?:[ -]?\pN){13}", _card_numbers),
    "phone": PersonalRule(r"\pN{3}[^\pN]{0,3}\pN{4}|\pN{3}[^\pN]{0,2}\pN{3}|\pN{8}", _phones),
    "email": PersonalRule("@", _emails),
    "hospital_number": PersonalRule(
        r"번호|(?i:mrn|record n|hospital n|chart n|patient id)|លេខ", _hospital_numbers
    ),
    "address": PersonalRule(r"(?:로|길|동|읍|면|리)\s*\pN|번지|[A-Z]|ផ្លូវ", _addresses),
    "name": PersonalRule(
        r"씨|님|성명|명|이름|담당의|주치의|작성자|(?i:name)|Mr|Ms|Miss|Dr|ឈ្មោះ", _names
    ),
}
"""How each kind is found, in the order in which they claim text: a number is one thing only."""

_OTHER_DIGITS = {ord("０") + n: str(n) for n in range(10)} | {
    ord("០") + n: str(n) for n in range(10)
}
_OTHER_DIGIT = re.compile("[０-９០-៩]")


def ascii_digits(text: str) -> str:
    """Return a text with full-width and Khmer digits as ASCII; all positions stay."""
    return text.translate(_OTHER_DIGITS) if _OTHER_DIGIT.search(text) else text
