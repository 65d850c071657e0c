"""Men and women that a text is about."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.quality.numbers.plain_form import pairs_with

# Behind these words stands none that makes them words for something else: "여성형 유방", "남성 호르몬".
_PERSON = r"(?:[^ 가-힣]|[은는이가를을의에도와과로께들인만였입보아애으]| [^호형]|$)"
# "남아" is also "left over": a boy has his age before him.
_CHILD = r"(?:[은는이가를의에도와로께]|[ ,.]*$|[,.)]| 환| \d)"
_OF_AGE = "(?:세|살|월|일|주|년|[된의인]) ?"
_MALE = rf"\b(?:m[ae]n|males?|boys?|gentlem[ae]n)\b|남[자성]{_PERSON}|소년{_PERSON}|{_OF_AGE}남아{_CHILD}|បុរស|ក្មេងប្រុស"
_FEMALE = (
    rf"\b(?:wom[ae]n|females?|girls?|lady|ladies)\b|여[자성]{_PERSON}|소녀{_PERSON}|{_OF_AGE}여아{_CHILD}"
    "|ស្ត្រី|ស្រ្តី|ក្មេងស្រី"
)
PERSON = f"{_MALE}|{_FEMALE}"
"""Finds, for RE2, the texts that name a man or a woman."""
_SEXES = tuple(re.compile(pattern, re.ASCII) for pattern in (_MALE, _FEMALE))


def changed_sex(source: str, target: str) -> str | None:
    """Return the man of a text that is about men alone, where its copy is about women alone; and the other way round.

    Args:
        source: A text in plain form.
        target: What was made of it.

    Example:
        >>> changed_sex("a 45-year-old man", "45세 여자")
        'man → 여자'
        >>> changed_sex("a man of 45 and his wife, a woman of 40", "45세 남자")
    """
    male, female = (pattern.search(source) for pattern in _SEXES)
    if (male is None) == (female is None):
        return None
    same, other = (pattern.search(target) for pattern in (_SEXES if male else _SEXES[::-1]))
    if same is not None or other is None:
        return None
    words = (match[0].strip(" ,.") for match in (male or female, other) if match is not None)
    return " → ".join(words)


def sexes_may_differ(sources: pa.Array, targets: pa.Array) -> Mask:
    """Find the pairs in which :func:`changed_sex` finds something.

    Args:
        sources: Texts in plain form, ``large_string[n]``.
        targets: What was made of them.

    Returns:
        ``bool[n]``.

    Example:
        >>> sexes_may_differ(pa.array(["a boy", "a boy"]), pa.array(["소녀", "소년"])).tolist()
        [True, False]
    """
    at = pairs_with(sources, targets, PERSON)
    (male, female), (male_again, female_again) = (
        [np.asarray(pc.match_substring_regex(texts.take(pa.array(at)), sex)) for sex in (_MALE, _FEMALE)]
        for texts in (sources, targets)
    )  # fmt: skip
    may: Mask = np.zeros(len(sources), np.bool_)
    may[at] = (male & ~female & female_again & ~male_again) | (
        female & ~male & male_again & ~female_again
    )
    return may
