"""Amounts in words, such as "three days", that differ in another text."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from medqa_kit.quality.numbers.comparing import NumberChange
from medqa_kit.quality.numbers.plain_form import plain
from medqa_kit.quality.numbers.quantities import quantities
from medqa_kit.quality.numbers.words import WordNumber, numbers_in_words

_DIMENSIONS = (
    "tablets",
    "time",
)  # said in words that are no others; how often is compared elsewhere
# What ends a word and looks like a number before the next one, as in "소변량이 시간당" and "필요한 알".
_ENDING = re.compile(
    r"(?<=[가-힣])(?:(?<![일이삼사오육칠팔구십백천만억])이|(?<![열물른흔쉰순든])한)(?=\s)"
)
_SECOND = "s"  # the word for a place in an order, too


def changed_words(source: str, target: str) -> list[NumberChange]:
    """Find times and tablets that both texts have in words, and that differ.

    Only an amount that the other text has neither in words nor in figures counts, and only where it has
    another of the kind instead; texts with halves are left out, since these are said in many ways.

    Args:
        source: The text it was made of.
        target: What was made of it.

    Example:
        >>> changed_words("Rest for three days.", "나흘 동안 쉰다.")
        [number_changed: 3 d → 4 d]
        >>> changed_words("Rest for three days.", "사흘 동안 쉰다.")
        []
    """
    source_amounts, target_amounts = (_Amounts.of(plain(text)) for text in (source, target))
    changes = []
    for dimension in _DIMENSIONS:
        lost, new = (
            left.missing_in(right, dimension)
            for left, right in ((source_amounts, target_amounts), (target_amounts, source_amounts))
        )
        if lost and new:
            changes.append(NumberChange("number_changed", f"{_told(lost[0])} → {_told(new[0])}"))
    return changes


class _Amounts(NamedTuple):
    """The numbers of a text in words, and all its amounts in base units."""

    words: list[WordNumber]
    amounts: set[tuple[str, Fraction]]

    @classmethod
    def of(cls, text: str) -> _Amounts:
        text = _ENDING.sub("", text)
        words = sorted(numbers_in_words(text), key=lambda word: word.value)
        if any(word.value.denominator > 1 for word in words):
            return cls([], set())
        amounts = {
            (word.unit.dimension, word.value * word.unit.factor) for word in words if word.unit
        }
        amounts |= {
            (figure.unit.dimension, end * figure.unit.factor)
            for figure in quantities(text).figures if figure.unit for end in (figure.low, figure.high)
        }  # fmt: skip
        return cls(words, amounts)

    def missing_in(self, other: _Amounts, dimension: str) -> list[WordNumber]:
        """Return what the other text says neither with its unit nor alone, as in "one to two weeks"."""
        alone = {word.value for word in other.words if word.unit is None}
        return [
            word for word in self.words
            if word.unit and word.unit.dimension == dimension and word.unit.code != _SECOND
            and (dimension, word.value * word.unit.factor) not in other.amounts
            and (word.value not in alone)
        ]  # fmt: skip


def _told(word: WordNumber) -> str:
    return f"{word.value} {word.unit.code.strip('{}') if word.unit else ''}"
