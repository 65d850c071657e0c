"""A figure with its unit: the pattern that cuts texts, and the values of a cut."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

from medqa_kit.quality.numbers.units import Unit, unit_words
from medqa_kit.quality.numbers.words import KHMER_MONTHS

_MAGNITUDES = {
    "백": 10**2, "천": 10**3, "만": 10**4, "십만": 10**5, "백만": 10**6, "천만": 10**7, "억": 10**8, "조": 10**12,
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "រយ": 10**2, "ពាន់": 10**3, "ម៉ឺន": 10**4, "សែន": 10**5, "លាន": 10**6,
}  # fmt: skip
_BETWEEN = r"\s*+(?:[-–—−~∼〜]|\bto\b|\bthrough\b|에서|부터|내지|ទៅ|ដល់|រហូតដល់)\s*"
_BEGINS_BETWEEN = "-–—−~∼〜t에부내ទដរ"
_GOES_ON = r"(?!(?<=[.,])\s)"  # no sentence ends behind the digits: "Grade 4. g" is no mass
_BLANKS = " \n\t\0"  # of which the last parts texts that are cut as one
_BEFORE_A_SIGN = f"{_BLANKS}(:="
_MOST_DIGITS = 40
_MOST_KEYS = 1 << 20
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_DECADE = re.compile(r"\d{3}0s")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")


# Words that begin as a unit does: generations, cells, injections, tests by ultrasound, and months and years of dates.
_NO_UNIT = (
    r"(?!세대|세포|주기|주사|정맥|정도|정상|초과|초기|초음파|회복|분만|분획"
    rf"|ខែ\s?(?:{'|'.join(KHMER_MONTHS)}|\d{{1,2}}\s?ឆ្នាំ\s?\d{{4}})|ឆ្នាំ\s?\d{{4}}(?!\d))"
)


# Words that begin as a magnitude does, such as chronic, asthma, vaccine, inhibitor and tissue, and articles of a law.
_NO_MAGNITUDE = (
    r"(?!(?<=백)(?:분[위율]|혈|신|반|내장|일해|색|질|태|금|선)|(?<=천)(?:식|공|골|추|자술|막|명음|연두|포창)"
    r"|(?<=만)(?:성|삭|료|기|족|월경)|(?<=억)(?:제|압|누|류)|(?<=조)(?:직|절|기|영|산|현|건|사|증|혈|제|합|항|치|루)"
    r"|(?<=제\d조)|(?<=제\d\d조)|(?<=제\d\d\d조)|(?<=법 \d조)|(?<=법 \d\d조)|(?<=법 \d\d\d조))"
)


class Quantity(NamedTuple):
    """A figure of a text, or a range of other_unit.

    Attributes:
        key: Equal for equal figures of one unit that are given per the same.
        low: The figure, or where the range begins, or what stands before the stroke of ``120/80``.
        high: The same figure, or where the range ends, or what stands behind the stroke, as written.
        unit: What it counts, if that is said.
        per: What it is divided by, such as ``("kg", "d")`` of mg/kg/day.
        text: As it stands in the text, digits in ASCII.
    """

    key: int
    low: Fraction
    high: Fraction
    unit: Unit | None
    per: tuple[str, ...]
    text: str

    @classmethod
    def of(
        cls, low: Fraction, high: Fraction, unit: Unit | None, per: tuple[str, ...], text: str
    ) -> Quantity:
        """Make a quantity with its key."""
        return cls(_key(low, high, unit and unit.code, per), low, high, unit, per, text)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """Return the pattern of a figure with what follows it; it begins with a digit, so it is sought fast.

    Its groups: the figure, its unit, the second figure of a range, its unit, what it is given per.
    """
    latin = _any_of(word for word in unit_words() if _is_latin(word))
    other = _any_of(word for word in unit_words() if not _is_latin(word))
    unit = rf"(?:{latin}(?![a-z])|{_NO_UNIT}{other})"
    number = (rf"\d[\d,.]*(?:{_GOES_ON}(?=[\s⁄/x×^]*[\d⁄/x×^])(?:\s?[⁄/]\s?\d{{1,3}}(?![\d/])|\s\d[⁄/]\d{{1,2}}(?![\d/]))?"
              rf"(?:\s*+[x×]\s*10\^-?\d+|\^-?\d+)?)?(?:{_GOES_ON}\s?+{_any_of(_MAGNITUDES)}{_NO_MAGNITUDE})?")  # fmt: skip
    # What looks ahead, and blanks that are taken once and for all, make most figures end soon.
    return re.compile(
        rf"({number})(?:{_GOES_ON}\s?+-?+\s?+({unit}))?(?:{_GOES_ON}(?=\s*[{_BEGINS_BETWEEN}/p])"
        rf"(?:{_BETWEEN}({number})(?![-–/]?\d)(?:{_GOES_ON}\s?+-?+\s?+({unit}))?)?"
        rf"((?:\s?+/\s?+{unit})+|\s?+per\s{unit}(?:\sper\s{unit})?)?)?"
    )


@lru_cache(maxsize=1)
def figure_cuts() -> re.Pattern[str]:
    """Return the pattern of a figure with what follows it, with one group around all of it, to cut texts by."""
    return re.compile(f"({_GROUP.sub('(?:', _pattern().pattern)})")


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern of any of some words, the longest that fits; they share what they begin with.

    Example:
        >>> _any_of(["mg", "ml", "m"])
        '(?:m(?:g|l)?)'
    """
    tree: dict[str, Any] = {}
    for word in words:
        branch = tree
        for letter in word:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return f"(?:{_branches(tree)})"


def _branches(tree: dict[str, Any]) -> str:
    ends = "" in tree
    parts = [re.escape(letter) + _branches(below) for letter, below in tree.items() if letter]
    if not parts:
        return ""
    alone = len(parts) == 1 and not ends
    return parts[0] if alone else f"(?:{'|'.join(parts)}){'?' if ends else ''}"


def _is_latin(word: str) -> bool:
    return word[0].isascii() or word[0] in "µ°℃℉"


_PER = re.compile(r"/|\bper\b")
_NUMBER = re.compile(
    r"(?:(\d{1,2})\s(?=\d[⁄/]))?([\d.,]+)(?:\s?([⁄/])\s?(\d+))?(?:\s*[x×]\s*10\^(-?\d+)|\^(-?\d+))?(?:\s?(\D+))?\Z"
)


@lru_cache(maxsize=1 << 16)
def read_figure(head: str, text: str) -> Quantity | None:
    """Read what the pattern found behind two letters."""
    match = _pattern().fullmatch(text)
    if match is None:
        return None
    low_text, first_word, high_text, word2, per_words = match.groups()
    if _in_name(head):
        return None
    word = word2 or first_word
    if word == "s" and _DECADE.fullmatch(text):
        word = None
    unit = unit_words()[word] if word else None
    per = _per(per_words)
    point = head.endswith(".") and not head[:1].isdigit()
    values = _values(low_text, point=point, unit=unit is not None)
    if high_text is not None:
        if word2 and first_word and values:  # "6 months to 5 years"
            values = (values[0] * _times(first_word, word2),)
        values = values[:1] + _values(high_text, point=False, unit=unit is not None)[:1]
    if not values:
        return None
    if high_text is None and head.endswith("-") and not head[:-1].strip(_BEFORE_A_SIGN):
        values = (-values[0],)
    return Quantity.of(values[0], values[-1], unit, per, text.strip())


def _times(word: str, other: str) -> Fraction:
    """Return how many of another unit a unit is; one where they measure different things."""
    unit, other_unit = unit_words()[word], unit_words()[other]
    return (
        unit.factor / other_unit.factor if unit.dimension == other_unit.dimension else Fraction(1)
    )


_KEYS: dict[object, int] = {}
_NUMBERS = count()


def _key(low: Fraction, high: Fraction, code: str | None, per: tuple[str, ...]) -> int:
    """Number what is equal; begins anew when there are very many, which only makes pairs look unequal."""
    if len(_KEYS) > _MOST_KEYS:
        _KEYS.clear()
    return _KEYS.setdefault((low, high, code, per), next(_NUMBERS))


def _in_name(head: str) -> bool:
    """Check whether what stands before a figure makes it a part of a name, as in B12 and COVID-19."""
    last = head[-1:]
    return "a" <= last <= "z" or (last == "-" and "a" <= head[:1] <= "z")


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
    whole, figure, stroke, below, power, exponent, magnitude = parts.groups()
    value = _figure(("0." if point else "") + figure, decimal_comma=unit)
    if value is None:
        return ()
    if stroke:
        divisor = int(below)
        if stroke == "/" and not (0 < value < divisor <= 10 and value <= 7):
            return _one_object(value), _one_object(Fraction(divisor))  # of a mixed number, no such
        value = value / divisor if divisor else value
    if whole is not None:
        value += int(whole)
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
