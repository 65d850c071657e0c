"""Men and women that a text is about."""

from __future__ import annotations

import re

from medqa_kit.quality.numbers.wording.contraries import Contraries

# Behind these words stands none that makes them words for something else: "여성형 유방", "남성 호르몬".
_PERSON = r"(?:[^ 가-힣]|[은는이가를을의에도와과로께들인만였입보아애으]| [^호형]|$)"
# "남아" is also "left over": a boy has his age before him.
_CHILD = r"(?:[은는이가를의에도와로께]|[ ,.]*$|[,.)]| 환| \d)"
_OF_AGE = "(?:세|살|월|일|주|년|[된의인]) ?"
_MALE = re.compile(
    rf"\b(?:m[ae]n|males?|boys?|gentlem[ae]n)\b|남[자성]{_PERSON}|소년{_PERSON}|{_OF_AGE}남아{_CHILD}|បុរស|ក្មេងប្រុស",
    re.ASCII,
)
_FEMALE = re.compile(
    rf"\b(?:wom[ae]n|females?|girls?|lady|ladies)\b|여[자성]{_PERSON}|소녀{_PERSON}|{_OF_AGE}여아{_CHILD}"
    "|ស្ត្រី|ស្រ្តី|ក្មេងស្រី",
    re.ASCII,
)
SEXES = Contraries(_MALE, _FEMALE)
PERSON = f"{_MALE.pattern}|{_FEMALE.pattern}"
"""Finds, for RE2, the texts that name a man or a woman."""
