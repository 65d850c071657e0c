"""Periods to which a number refers: per day, week, month or year, or every second one, in Korean, Khmer and English.

Methotrexate once a week that becomes once a day kills. The figures are equal then, and often there are none.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import Mask

_COUNT = r"(?:\d{1,2}|한|두|세|네|다섯|여섯)"
_TIMES = rf"(?= ?{_COUNT} ?(?:번|차례|회|일))"
_AMOUNT = rf"(?= ?(?:[가-힣]{{1,8}} ){{0,2}}{_COUNT})"
_SPAN_WORDS = ("for", "in", "within", "after", "about", "over", "than", "until", "by", "half")
_NO_POINT = (
    r"(?! (?:later|ago|before|after|earlier|old|or (?:two|more|so|longer)|of|off|to|in|from)\b)"
)


class _Words(NamedTuple):
    """The words of a period.

    Attributes:
        english: The unit itself.
        plain: Words that say no other thing, Korean ones and English adverbs.
        before_times: What stands before how often, as in ``주 3회``; "3주 1회" is every third week.
        before_amounts: What stands before how much, as in ``일주일에 2 L``.
        khmer: The unit itself.
    """

    english: str
    plain: tuple[str, ...]
    before_times: str
    before_amounts: tuple[str, ...]
    khmer: tuple[str, ...]

    @property
    def pattern(self) -> re.Pattern[str]:
        """What says that something is given per it; "for a week" and "a day later" do not.

        Each branch begins with a letter, by which the pattern is sought fast.
        """
        unit, times = self.english, self.before_times
        given_per = "|".join(
            rf"(?<={word}{unit})" for word in (r"\bper ", r"\beach ", r"\bevery ", "/", "/ ")
        )
        no_span = "".join(rf"(?<!\b{word} {{0}} {unit})" for word in _SPAN_WORDS)
        counted = "|".join(
            rf"(?<=\b{word} {unit}){no_span.format(word)}{_NO_POINT}" for word in ("a", "one")
        )
        return re.compile("|".join((
            rf"{unit}(?:{given_per}|{counted})\b", *self.plain, rf"{times}(?<![\d가-힣]{times})(?<!\d {times}){_TIMES}",
            *(f"{words}{_AMOUNT}" for words in self.before_amounts),
            *(rf"{before} ?{unit}" for before in ("ក្នុង ?(?:មួយ|1)", "រាល់", "ប្រចាំ") for unit in self.khmer),
        )))  # fmt: skip

    @property
    def likely(self) -> str:
        """The same for RE2, which looks neither ahead nor back: more than the other finds."""
        return (rf"(?:a|one|per|each|every|/) ?{self.english}|{'|'.join(self.plain)}|{self.before_times} ?{_COUNT}"
                rf"|{'|'.join(self.before_amounts)}|(?:ក្នុង ?(?:មួយ|1)|រាល់|ប្រចាំ) ?(?:{'|'.join(self.khmer)})")  # fmt: skip


_WORDS = {
    "d": _Words("day", ("daily", "nightly", "매일", "날마다", "일일 ", "/ ?일"), "일일", ("하루에?",), ("ថ្ងៃ",)),
    "wk": _Words("week", ("weekly", "매주", "주마다", "주당"), "주", ("일주일에", "1주일에", "1주에", "한 ?주에"),
                 ("សប្តាហ៍", "សប្ដាហ៍", "អាទិត្យ")),
    "mo": _Words("month", ("monthly", "매달", "매월", "달마다"), "월", ("한 ?달에", "1개월에"), ("ខែ",)),
    "a": _Words("year", ("yearly", "annually", "매년", "해마다", "연간"), "연", ("1년에", "일 ?년에"), ("ឆ្នាំ",)),
}  # fmt: skip
# Every second one of them, by words that have no other meaning.
_ALTERNATE = {
    "2d": (
        r"\bevery (?:other|second|2|two) days?\b|\balternate days\b|\b(?:qod|eod|q\.o\.d)\b|격일|(?:이틀|\b2일) ?(?:에|마다|간격)|하루(?:씩)? ?걸러"
        r"|(?:រាល់|រៀងរាល់) ?(?:ពីរ|2) ?ថ្ងៃ|(?:ពីរ|2) ?ថ្ងៃ ?ម្តង"
    ),
    "2wk": (
        r"\bevery (?:other|second|2|two) weeks?\b|\balternate weeks\b|격주|\b2주(?:일)? ?(?:에|마다|간격)"
        r"|(?:រាល់|រៀងរាល់) ?(?:ពីរ|2) ?(?:សប្តាហ៍|សប្ដាហ៍|អាទិត្យ)|(?:ពីរ|2) ?(?:សប្តាហ៍|សប្ដាហ៍|អាទិត្យ) ?ម្តង"
    ),
}
_PATTERNS = {code: words.pattern for code, words in _WORDS.items()} | {
    code: re.compile(pattern, re.ASCII) for code, pattern in _ALTERNATE.items()
}
_LIKELY = {code: words.likely for code, words in _WORDS.items()} | _ALTERNATE
_LONGER = "|".join(likely for code, likely in _LIKELY.items() if code != "d")
LIKELY_PERIOD = "|".join(_LIKELY.values())
"""Pattern for RE2 of what stands in each text that says how often, or per what, something is."""


def changed_period(source: str, target: str) -> str | None:
    """Return what became of that per which something is, if each text says another one.

    Args:
        source: A text in plain form.
        target: What was made of it.

    Example:
        >>> changed_period("15 mg once a week", "하루 한 번 15 mg")
        'week → 하루'
        >>> changed_period("15 mg once a week", "주 1회 15 mg")
        >>> changed_period("for a week", "하루에 한 번")
    """
    first = _periods(source)
    second = _periods(target) if first else first
    lost, new = first.keys() - second.keys(), second.keys() - first.keys()
    if not lost or not new:
        return None
    return f"{first[min(lost)]} → {second[min(new)]}"


def periods_may_differ(sources: pa.Array, targets: pa.Array) -> Mask:
    """Find the pairs in which :func:`changed_period` may find something.

    Args:
        sources: Texts in plain form, ``large_string[n]``.
        targets: What was made of them.

    Returns:
        ``bool[n]``.

    Example:
        >>> first = pa.array(["once a week", "once a week", "5 mg"], pa.large_string())
        >>> second = pa.array(["하루 한 번", "주 1회", "5 mg"], pa.large_string())
        >>> periods_may_differ(first, second).tolist()
        [True, False, False]
    """
    first = _likely_units(sources)
    at = np.flatnonzero(first.any(axis=0))
    first, second = first[:, at], _likely_units(targets.take(pa.array(at)))
    may: Mask = np.zeros(len(sources), np.bool_)
    may[at] = second.any(axis=0) & ((first != second).any(axis=0) | (first.sum(axis=0) > 1))
    return may


def _likely_units(texts: pa.Array) -> Mask:
    """Mark, for each unit of time, the texts that may say per which something is; most name days alone."""
    marks = np.zeros((len(_LIKELY), len(texts)), np.bool_)
    others = np.flatnonzero(pc.match_substring_regex(texts, _LONGER))
    longer = texts.take(pa.array(others))
    for own, (code, likely) in zip(marks, _LIKELY.items(), strict=True):
        if code == "d":
            own[:] = np.asarray(pc.match_substring_regex(texts, likely))
        else:
            own[others] = np.asarray(pc.match_substring_regex(longer, likely))
    return marks


def _periods(text: str) -> dict[str, str]:
    """Return that per which a text says something is, by unit, with the words it has for it."""
    matches = {code: pattern.search(text) for code, pattern in _PATTERNS.items()}
    return {code: match[0].strip() for code, match in matches.items() if match is not None}
