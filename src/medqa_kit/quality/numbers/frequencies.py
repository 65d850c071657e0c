"""How often in a day something is to be taken, in words or figures of Korean, Khmer and English."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

_COUNTS = {
    word: count
    for count, words in enumerate(
        ("once|one|한|មួយ|1", "twice|two|두|ពីរ|2", "thrice|three|세|បី|3", "four|네|បួន|4", "five|다섯|ប្រាំ|5", "six|여섯|ប្រាំមួយ|6"), 1
    )
    for word in words.split("|")
}  # fmt: skip
_LATIN = {"qd": 1, "bid": 2, "tid": 3, "tds": 3, "qid": 4, "qds": 4}
_COUNT = "|".join(sorted(_COUNTS, key=len, reverse=True))
_OFTEN = re.compile(
    rf"\b(?P<times>(?:{_COUNT})(?: times?)?) (?:(?:a|per|each|every) day\b|daily\b)"
    rf"|(?P<latin>\b(?:{'|'.join(_LATIN)})\b|\b(?:b\.i\.d|t\.i\.d|q\.i\.d)\b)"
    rf"|(?:하루에?|(?<![\d.])1일|일일|매일) ?(?P<korean>{_COUNT}) ?(?:번|차례|회)(?!째)"
    rf"|(?P<khmer>{_COUNT}) ?ដង ?(?:ក្នុង)?(?:មួយ|1) ?ថ្ងៃ|(?:មួយ|1) ?ថ្ងៃ ?(?P<after>{_COUNT}) ?ដង"
)
# The same for RE2, with less ado about what stands around.
_MAY_SAY = (
    rf"(?:{_COUNT})(?: times?)? (?:(?:a|per|each|every) day|daily)|\b(?:{'|'.join(_LATIN)})\b|[btq]\.i\.d"
    rf"|(?:하루에?|1일|일일|매일) ?(?:{_COUNT}) ?(?:번|차례|회)|ដង"
)


def may_say_often(texts: pa.Array) -> pa.Array:
    """Find the texts, in plain form, in which a frequency may stand: ``bool[n]``."""
    return pc.match_substring_regex(texts, _MAY_SAY)


def changed_frequency(source: str, target: str) -> str | None:
    """Return what became of the one frequency of a text, if its copy has one other alone.

    Args:
        source: A text in plain form.
        target: What was made of it.

    Example:
        >>> changed_frequency("5 mg twice a day", "하루 세 번 5 mg")
        'twice a day → 하루 세 번'
        >>> changed_frequency("5 mg bid", "5 mg을 하루 두 번")
    """
    first, second = _frequencies(source), _frequencies(target)
    if len(first) != 1 or len(second) != 1 or first.keys() == second.keys():
        return None
    return f"{next(iter(first.values()))} → {next(iter(second.values()))}"


def _frequencies(text: str) -> dict[int, str]:
    said: dict[int, str] = {}
    for match in _OFTEN.finditer(text):
        if match["latin"]:
            count = _LATIN[match["latin"].replace(".", "")]
        else:
            word = match["times"] or match["korean"] or match["khmer"] or match["after"]
            count = _COUNTS[word.split(" ")[0]]
        said.setdefault(count, match[0])
    return said
