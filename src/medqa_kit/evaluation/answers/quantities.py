"""Options that are numbers: a result, with its unit or behind "=", and numbers that are terms or ranges."""

from __future__ import annotations

import re

from medqa_kit.evaluation.answers.option_marks import OptionMarks
from medqa_kit.evaluation.answers.readings import Extraction

_NUMBER = re.compile(r"[0-9]++(?>(?:[.,][0-9]++)*)\s?%?")
# Behind a number, and before one: a term of a sum, or an end of a range ("8-12", "24 minus 8").
_TERM_AFTER = re.compile(
    r"\s?[+−×÷–~∼〜-]\s?[(0-9]|\s(?:minus|plus|times|divided\s+by|multiplied\s+by)\s|\s(?:to|x)\s[0-9]|\s?[~∼〜]|\s?(?:에서|부터)\s?[0-9]",
    re.IGNORECASE,
)
_TERM_BEFORE = re.compile(
    r"[0-9)]\s?[+−×÷–~∼〜-]\s?$|\b(?:minus|plus|times|divided\s+by|multiplied\s+by)\s$|[0-9]\s(?:to|x)\s$|[0-9](?:에서|부터)\s?$",
    re.IGNORECASE,
)
_EQUALS = re.compile(r"[=≈≒≃]\s*+(?:약\s?|about\s|approximately\s)?", re.IGNORECASE)
_ABOUT = re.compile(
    r"\s*+(?:(?:약|대략|about|approximately|approx\.?|roughly|around|ប្រហែល)\s|[~≈=∼]\s?)?\s*+",
    re.IGNORECASE,
)
_PLACE = re.compile(r"(?:option|choice|보기|선택지|선지|ជម្រើស(?:ទី)?)\s?$", re.IGNORECASE)
_UNIT = re.compile(
    r"\s?(?:%|°\s?[CF]|℃|[A-Za-zµμ가-힣\u1780-\u17d3]{1,6}[²³23]?(?:\s?/\s?[A-Za-zµμ가-힣\u1780-\u17d3]{1,6}[²³23]?){0,3})?(?:입니다|이다)?\s*+[.។]?\s*+$"
)


def is_term(text: str, begin: int, end: int) -> bool:
    """Check whether a stretch is a number that is a term of a sum or an end of a range, so not said by itself.

    Args:
        text: The folded reply.
        begin: Where the words of an option begin.
        end: Where they end.

    Example:
        >>> is_term("24 minus 8", 0, 2), is_term("normal 8-12", 9, 11), is_term("it is 24.", 6, 8)
        (True, True, False)
    """
    if not _NUMBER.fullmatch(text, begin, end):
        return False
    if _TERM_AFTER.match(text, end):
        return True
    return _TERM_BEFORE.search(text[max(0, begin - 16) : begin]) is not None


def is_other_amount(text: str, marker: re.Match[str], marks: OptionMarks) -> bool:
    """Check whether a marker is as well the number, or the statement, that words of other options are.

    Args:
        text: The folded reply.
        marker: What names an option by its place.
        marks: The words of the options.

    Example:
        >>> marks = OptionMarks(3, ["1 day", "2 weeks", "2 years"], ())
        >>> [is_other_amount(reply, marks.marker.search(reply), marks) for reply in ("3", "2", "1")]
        [False, False, False]
        >>> marks = OptionMarks(2, ["2 years", "4 years"], ())
        >>> [is_other_amount(reply, marks.marker.search(reply), marks) for reply in ("2", "2번", "option 2")]
        [True, False, False]
        >>> groups = OptionMarks(3, ["B", "A", "O"], ())
        >>> is_other_amount("B", groups.marker.search("B"), groups)
        True
    """
    if marker.lastgroup == "lower" and marks.statements is not None:
        return True  # "a", where options are "a and b"
    if marker.lastgroup not in ("digit", "upper") or text.startswith("번", marker.end()):
        return False
    name, index, digit = marker.group().lower(), marks.index(marker), marker.lastgroup == "digit"
    same = [
        i
        for option, i in marks.texts
        if option.startswith(name) and (_UNIT.match(option, len(name)) if digit else option == name)
    ]
    if not same or index is None or index in same:
        return False
    return not _PLACE.search(text, max(0, marker.start() - 12), marker.start())


def computed_option(text: str, start: int, marks: OptionMarks) -> Extraction | None:
    """Read the option that is the result a reply ends in, or all it says, with its unit: "140 - 116 = 24 mEq/L".

    Args:
        text: The folded reply.
        start: Where the answer begins.
        marks: The words of the options.

    Example:
        >>> marks = OptionMarks(2, ["12", "24"], ())
        >>> computed_option("140 - 116 = 24 mEq/L", 0, marks).index
        1
        >>> computed_option("24 - 12 mEq/L", 0, marks)
    """
    begin = _ABOUT.match(text, start).end()  # type: ignore[union-attr]
    if text[begin : begin + 1].isdecimal():
        result = _number_at(text, begin, marks)
        if result:
            return result
    last = max((sign.end() for sign in _EQUALS.finditer(text, start)), default=None)
    return None if last is None else _number_at(text, last, marks)


def _number_at(text: str, place: int, marks: OptionMarks) -> Extraction | None:
    """Read the option whose number stands at a place, with nothing but its unit behind it."""
    spoken = marks.text_at(text, place)
    if spoken is None or len(spoken[0]) != 1 or not _NUMBER.fullmatch(text, place, spoken[1]):
        return None
    if not _UNIT.match(text, spoken[1]):
        return None
    return Extraction(spoken[0][0], "option text", (place, spoken[1]))
