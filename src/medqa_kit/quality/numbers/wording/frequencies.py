"""How often a day, or in a longer time, a drug is to be taken: words and figures of Korean, Khmer and English."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.quality.numbers.plain_form import pairs_with

_COUNTS = {
    word: count
    for count, words in enumerate(
        ("once|one|한|មួយ|1", "twice|two|두|ពីរ|2", "thrice|three|세|បី|3", "four|네|បួន|4", "five|다섯|ប្រាំ|5", "six|여섯|ប្រាំមួយ|6"), 1
    )
    for word in words.split("|")
}  # fmt: skip
_LATIN = {"qd": 1, "bid": 2, "tid": 3, "tds": 3, "qid": 4, "qds": 4}
_ABBREVIATIONS = [rf"{word}|{'[.]'.join(word)}" for word in _LATIN]
_ABBREVIATION = "|".join(_ABBREVIATIONS)
_COUNT = "|".join(sorted(_COUNTS, key=len, reverse=True))
_OFTEN = re.compile(
    rf"\b(?P<times>(?:{_COUNT})(?: times?)?) (?:(?:a|per|each|every) day\b|daily\b)"
    rf"|(?P<latin>\b(?:{_ABBREVIATION})\b)"
    rf"|(?:하루에?|(?<![\d.])1일|일일|매일) ?(?P<korean>{_COUNT}) ?(?:번|차례|회)(?!째)"
    rf"|(?P<khmer>{_COUNT}) ?ដង ?(?:ក្នុង)?(?:មួយ|1) ?ថ្ងៃ|(?:មួយ|1) ?ថ្ងៃ ?(?P<after>{_COUNT}) ?ដង"
)


def _plainly(counts: Iterable[str], abbreviations: Iterable[str], before: str = "") -> str:
    """Return the same for RE2 and some counts; it takes in a character before or behind where the other looks at it."""
    count = "|".join(sorted(counts, key=len, reverse=True))
    latin = "|".join(abbreviations) or "$^"
    return (
        rf"\b(?:{count})(?: times?)? (?:(?:a|per|each|every) day|daily)\b|\b(?:{latin})\b"
        rf"|(?:하루에?|(?:^|[^\d.])1일|일일|매일) ?(?:{count}) ?(?:번|차례|회)(?:[^째]|$)"
        rf"|{before}(?:{count}) ?ដង ?(?:ក្នុង)?(?:មួយ|1) ?ថ្ងៃ|(?:មួយ|1) ?ថ្ងៃ ?(?:{count}) ?ដង"
    )


_PLAINLY = _plainly(_COUNTS, _ABBREVIATIONS)
# Of each count alone, the most common first. The Khmer word for six ends in that for one.
_OF_COUNTS = [
    _plainly(
        (word for word, other in _COUNTS.items() if other == count),
        (
            words
            for words, other in zip(_ABBREVIATIONS, _LATIN.values(), strict=True)
            if other == count
        ),
        "(?:^|[^\u17c6])",
    )
    for count in (2, 3, 1, 4, 5, 6)
]
# How often in a longer time; of Korean what stands before the count.
_LONGER = {
    code: rf"\b(?P<times>{_COUNT})(?: times?)? (?:(?:a|per|each|every) {unit}|{adverbs})\b|(?:^|[^\d가-힣])(?:{korean}) ?(?P<korean>{_COUNT}) ?(?:번|차례|회)(?:[^째]|$)"
    rf"|(?P<khmer>{_COUNT}) ?ដង ?(?:ក្នុង)?(?:មួយ|1) ?(?:{khmer})|(?:មួយ|1) ?(?:{khmer}) ?(?P<after>{_COUNT}) ?ដង"
    for code, unit, adverbs, korean, khmer in (
        ("wk", "week", "weekly", "일주일에|1주일?에|1주|주|매주|주당", "សប្តាហ៍|សប្ដាហ៍|អាទិត្យ"),
        ("mo", "month", "monthly", "한 ?달에|1개월에|월|매달|매월", "ខែ"),
        ("a", "year", "yearly|annually", "1년에|일 ?년에|연|매년|연간", "ឆ្នាំ"),
    )
}
_PATTERNS = {"d": _OFTEN} | {code: re.compile(longer, re.ASCII) for code, longer in _LONGER.items()}
LATIN_FREQUENCY = rf"\b(?:{_ABBREVIATION})\b"
"""Pattern of how often in abbreviations; in words it has a period in it, such as a day."""


def frequencies_may_differ(sources: pa.Array, targets: pa.Array) -> Mask:
    """Find the pairs in which :func:`changed_frequency` may find something.

    That is where both texts say how often, and not both once and the same.

    Args:
        sources: Texts in plain form, ``large_string[n]``.
        targets: What was made of them.

    Returns:
        ``bool[n]``.

    Example:
        >>> first = pa.array(["5 mg twice a day", "5 mg bid", "5 mg"], pa.large_string())
        >>> second = pa.array(["5 mg 3 times daily", "하루 두 번 5 mg", "5 mg bid"], pa.large_string())
        >>> frequencies_may_differ(first, second).tolist()
        [True, False, False]
    """
    may: Mask = np.zeros(len(sources), np.bool_)
    often = pc.count_substring_regex(sources, _PLAINLY).to_numpy()
    at = np.flatnonzero(often)
    others = pc.count_substring_regex(targets.take(pa.array(at)), _PLAINLY).to_numpy()
    may[at] = others > 0
    once = at[(often[at] == 1) & (others == 1)]
    for same in _OF_COUNTS:
        places = pa.array(once)
        agreeing = pairs_with(sources.take(places), targets.take(places), same)
        may[once[agreeing]] = False
        once = np.delete(once, agreeing)
    longer = pairs_with(sources, targets, "|".join(_LONGER.values()))
    first, second = (texts.take(pa.array(longer)) for texts in (sources, targets))
    for pattern in _LONGER.values():
        may[longer[pairs_with(first, second, pattern)]] = True
    return may


def _count(word: str) -> int:
    return _COUNTS.get(word) or _LATIN[word.replace(".", "")]


def changed_frequency(source: str, target: str) -> str | None:
    """Return what became of the one frequency of a text in a day, week, month or year, if its copy has one other alone.

    Args:
        source: A text in plain form.
        target: What was made of it.

    Example:
        >>> changed_frequency("5 mg twice a day", "하루 세 번 5 mg")
        'twice a day → 하루 세 번'
        >>> changed_frequency("5 mg bid", "5 mg을 하루 두 번")
    """
    for pattern in _PATTERNS.values():
        first = _frequencies(source, pattern)
        second = _frequencies(target, pattern) if len(first) == 1 else {}
        if len(second) == 1 and first.keys() != second.keys():
            return f"{next(iter(first.values()))} → {next(iter(second.values()))}"
    return None


def _frequencies(text: str, pattern: re.Pattern[str]) -> dict[int, str]:
    said: dict[int, str] = {}
    for match in pattern.finditer(text):
        word = next(filter(None, match.groupdict().values()))
        said.setdefault(_count(word.split(" ")[0]), match[0].strip(" ,."))
    return said
