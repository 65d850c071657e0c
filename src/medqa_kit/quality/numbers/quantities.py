"""Figures with their units, read out of a text."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from medqa_kit.quality.numbers.units import Unit, unit_words

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SUPERSCRIPT = re.compile("[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_DIGITS = {ord("០") + n: str(n) for n in range(10)} | {ord("μ"): "µ"}
_MAGNITUDES = {
    "백": 10**2, "천": 10**3, "만": 10**4, "십만": 10**5, "백만": 10**6, "천만": 10**7, "억": 10**8, "조": 10**12,
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9,
    "រយ": 10**2, "ពាន់": 10**3, "ម៉ឺន": 10**4, "សែន": 10**5, "លាន": 10**6,
}  # fmt: skip
_BETWEEN = r"\s*(?:[-–—−~∼〜]|\bto\b|에서|부터|내지|ទៅ|ដល់|រហូតដល់)\s*"
# Marks of a list at the head of a line, and names with figures in them, such as B12 or COVID-19.
_LIST_MARK = re.compile(r"^[ \t]*(?:\(?\d{1,2}[.)]|[①-⑳])(?=\s)", re.MULTILINE)
_OTHER_DIGIT = re.compile("[០-៩μ]")
_MOST_DIGITS = 40
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")


class Quantity(NamedTuple):
    """A figure of a text, or a range of two.

    Attributes:
        low: The figure, or where the range begins.
        high: The same figure, or where the range ends, as written.
        unit: What it counts, if that is said.
        per: What it is divided by, such as ``("kg", "d")`` of mg/kg/day.
        text: As it stands in the text, digits in ASCII.
        start: Where it begins in the plain form of the text.
    """

    low: Fraction
    high: Fraction
    unit: Unit | None
    per: tuple[str, ...]
    text: str
    start: int


def plain(text: str) -> str:
    """Return a text in one form: lower case, ASCII digits, powers after ``^``, no list marks.

    Example:
        >>> plain("១២ mg, 10⁹/L, ½ 정, ５µg")
        '12 mg, 10^9/l, 1⁄2 정, 5µg'
    """
    if not text.isascii():
        text = _SUPERSCRIPT.sub(lambda power: "^" + power[0].translate(_SUPERSCRIPTS), text)
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        if _OTHER_DIGIT.search(text):
            text = text.translate(_DIGITS)
    return _LIST_MARK.sub("", text).lower()


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """Return the pattern of a figure with what follows it; it begins with a digit, so it is sought fast."""
    words = sorted(unit_words(), key=len, reverse=True)
    latin = "|".join(re.escape(word) for word in words if _is_latin(word))
    other = "|".join(re.escape(word) for word in words if not _is_latin(word))
    unit = rf"(?:(?:{latin})(?![a-z])|{other})"
    magnitude = "|".join(sorted(_MAGNITUDES, key=len, reverse=True))
    number = rf"\d[\d,.]*(?:\s?[⁄/]\s?\d{{1,2}}(?![\d/]))?(?:\s*[x×]\s*10\^-?\d+|\^-?\d+)?(?:\s?(?:{magnitude}))?"
    return re.compile(
        rf"(?P<low>{number})(?:\s?-?\s?(?P<unit>{unit}))?"
        rf"(?:{_BETWEEN}(?P<high>{number})(?![-–/]?\d)(?:\s?-?\s?(?P<unit2>{unit}))?)?"
        rf"(?P<per>(?:\s?/\s?{unit})+|\s?per\s{unit}(?:\sper\s{unit})?)?"
    )


def _is_latin(word: str) -> bool:
    return word[0].isascii() or word[0] in "µ°℃℉"


_PER = re.compile(r"/|\bper\b")
_NUMBER = re.compile(
    r"([\d.,]+)(?:\s?([⁄/])\s?(\d+))?(?:\s*[x×]\s*10\^(-?\d+)|\^(-?\d+))?(?:\s?(\D+))?\Z"
)


def quantities(text: str) -> list[Quantity]:
    """Read the figures of a text in the form :func:`plain` gives it.

    Figures inside names, such as ``b12``, are none.

    Example:
        >>> [(str(q.low), str(q.high), q.unit and q.unit.code, q.per) for q in quantities("5-10 mg/kg/day, 3만 명")]
        [('5', '10', 'mg', ('kg', 'd')), ('30000', '30000', None, ())]
        >>> quantities("b12, covid-19")
        []
    """
    read: list[Quantity] = []
    known, end = unit_words(), 0
    for match in _pattern().finditer(text):
        start = match.start()
        head = text[max(start - 2, 0) : start]
        if _in_name(head):
            continue
        low_text, word, high_text, word2, per = match.groups()
        word = word2 or word
        unit = known[word] if word else None
        point = head.endswith(".") and not head[:1].isdigit()
        values = _values(low_text, point=point, unit=unit is not None)
        if high_text is not None:
            values = values[:1] + _values(high_text, point=False, unit=unit is not None)[:1]
        elif len(values) == 2:  # two figures with a stroke between them, such as a blood pressure
            read += [
                Quantity(value, value, unit, _per(per), match[0].strip(), start) for value in values
            ]
            continue
        if not values:
            continue
        if high_text is None and head.endswith("-") and not head[:1].strip():
            values = (-values[0],)
        quantity = Quantity(values[0], values[-1], unit, _per(per), match[0].strip(), start)
        if read and _joins(read[-1], quantity, text[end:start]):
            last = read.pop()
            quantity = quantity._replace(low=last.low + quantity.low, high=last.high + quantity.high,
                                         text=text[last.start : match.end()].strip(), start=last.start)  # fmt: skip
        read.append(quantity)
        end = match.end()
    return _shared_units(read, text)


def _in_name(head: str) -> bool:
    """Check whether what stands before a figure makes it a part of a name, as in B12 and COVID-19."""
    last = head[-1:]
    return "a" <= last <= "z" or (last == "-" and "a" <= head[:1] <= "z")


def _joins(last: Quantity, quantity: Quantity, between: str) -> bool:
    """Check whether a figure goes on the one before, as in ``1만 5천``."""
    return (
        between in ("", " ") and last.unit is None and last.low == last.high
        and last.text[-1] in "만억조천백" and 0 < quantity.low < last.low
    )  # fmt: skip


def _shared_units(read: list[Quantity], text: str) -> list[Quantity]:
    """Give the first figure of pairs such as ``120/80 mmHg`` the unit of the second."""
    for place in range(len(read) - 1):
        first, second = read[place], read[place + 1]
        if first.unit is None and not first.per and second.unit is not None:
            between = text[first.start + len(first.text) : second.start]
            if between.strip() in ("/", ",", "와", "과", "and", "or", "및", "또는", "និង", "ឬ"):
                read[place] = first._replace(unit=second.unit)
    return read


def _per(words: str | None) -> tuple[str, ...]:
    if not words:
        return ()
    known = unit_words()
    return tuple(known[word].code for part in _PER.split(words) if (word := part.strip()) in known)


@lru_cache(maxsize=1 << 16)
def _values(text: str, *, point: bool, unit: bool) -> tuple[Fraction, ...]:
    """Return the figures of a text: one, two with a stroke between them, or none if it is no number."""
    parts = _NUMBER.match(text.strip())
    if parts is None or len(text) > _MOST_DIGITS:
        return ()
    figure, stroke, below, power, exponent, magnitude = parts.groups()
    value = _figure(("0." if point else "") + figure, decimal_comma=unit)
    if value is None:
        return ()
    if stroke:
        divisor = int(below)
        if stroke == "/" and not (0 < value < divisor <= 10 and value <= 7):
            return _one_object(value), _one_object(Fraction(divisor))
        value = value / divisor if divisor else value
    if power and abs(int(power)) <= _MOST_DIGITS:
        value *= Fraction(10) ** int(power)
    if exponent and abs(int(exponent)) <= _MOST_DIGITS and value:
        value = value ** int(exponent)
    return (_one_object(value * _MAGNITUDES[magnitude.strip()] if magnitude else value),)


@lru_cache(maxsize=1 << 16)
def _one_object(value: Fraction) -> Fraction:
    """Return the same object for equal values, which makes comparing them cheap."""
    return value


def _figure(text: str, *, decimal_comma: bool) -> Fraction | None:
    text = text.rstrip(".,")
    if "," in text:
        if _THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        elif decimal_comma and _DECIMAL_COMMA.fullmatch(text):
            text = text.replace(",", ".")
        else:
            return None
    try:
        return Fraction(text)
    except ValueError:  # such as 1.2.3
        return None
