"""Addresses of Korea, Cambodia and the English-speaking world, by road, by lot and by building."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from medqa_kit.quality.personal.span import PersonalSpan

_KHMER = r"[\u1780-\u17d3]"
_PROVINCE = r"(?:[가-힣]{1,6}(?:특별시|광역시|특별자치시|특별자치도|도|시)|서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주)"
_ROAD_ADDRESS = re.compile(
    r"(?:[가-힣]{1,6}(?:특별시|광역시|특별자치시|특별자치도|도|시)\s{0,2}){0,2}[가-힣]{1,6}(?:시|군|구)\s{0,2}"
    r"(?:[가-힣]{1,6}(?:구|읍|면|동)\s{0,2}){0,2}[가-힣\d·.]{1,12}(?:로|길)\s?\d{1,4}(?:-\d{1,4})?(?:번길\s?\d{1,4}(?:-\d{1,4})?)?"
    r"(?:[,\s]{0,3}[가-힣A-Za-z\d]{0,12}\s?\d{1,4}동)?(?:\s?\d{1,5}호)?"
)
_OTHERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[가-힣]{1,6}(?:시|군|구)\s{1,2}(?:[가-힣\d]{1,8}(?:동|읍|면|리|가)\s{0,2}){1,2}\d{1,4}(?:-\d{1,4})?\s?번지",
        rf"(?<![가-힣]){_PROVINCE}\s(?:[가-힣]{{1,6}}(?:시|군|구)\s){{1,2}}(?:[가-힣\d]{{1,8}}(?:동|읍|면|리|가)\s){{1,2}}(?:산\s?)?\d{{1,4}}(?:-\d{{1,4}})?(?![\d명건례])",
        r"(?<![가-힣])[가-힣]{2,4}구\s(?![가-힣]{0,4}(?:활|운|행|노|이|작|변|공|자|진|충|파|박|반|가|기|태)동)[가-힣\d]{1,7}동\s\d{1,4}-\d{1,4}(?![\d회분일주명세개번건례])",
        r"[가-힣A-Za-z\d]{2,12}(?:아파트|빌라|오피스텔|맨션|타운|빌)\s?\d{1,4}동\s?\d{1,5}호",
        r"\b\d{1,5}[A-Z]?(?:-\d{1,4})?\s(?:[NSEW]\.?\s)?(?:[A-Z][a-z]{1,15}\s|\d{1,3}(?:st|nd|rd|th)\s){1,3}"
        r"(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Boulevard|Blvd\.?|Lane|Ln\.?|Drive|Court)(?![a-z])",
        r"\bP\.?\s?O\.?\sBox\s\d{1,6}\b",
        r"(?:#|\b[Hh]ouse\s(?:[Nn]o\.?\s?)?#?)\d{1,4}[A-Za-z]{0,3},?\s(?:St\.?|Street)\s?#?\d{1,4}[A-Za-z]{0,3}\b",
        r"ផ្ទះ(?:លេខ)?\s{0,2}#?\d{1,5}[A-Za-z]{0,3}\s?[,]?\s{0,2}ផ្លូវ(?:លេខ)?\s{0,2}[\d\u1780-\u17ff]{1,30}",
        rf"(?:ភូមិ|ឃុំ|សង្កាត់)\s?[\u1780-\u17e9\d]{{1,25}}\s(?:(?:ឃុំ|សង្កាត់|ស្រុក|ខណ្ឌ|ក្រុង|ខេត្ត)\s?{_KHMER}{{2,25}}\s?){{1,4}}",
    )
)

# What a Korean address by road needs, and how far before and behind it an address may reach. Elsewhere
# its pattern, which may begin at any syllable, is not tried: that takes long.
_ROAD, _REACH = re.compile(r"[로길]\s?\d"), 80


def addresses(text: str) -> Iterator[PersonalSpan]:
    """Find addresses.

    Example:
        >>> [text[span.start : span.end] for text in ["강남구 가온로 12에 산다"] for span in addresses(text)]
        ['강남구 가온로 12']
    """
    near = [
        match
        for begin, end in _near_roads(text)
        for match in _ROAD_ADDRESS.finditer(text, begin, end)
    ]
    for match in chain(near, *(pattern.finditer(text) for pattern in _OTHERS)):
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
