"""What a rewritten text does to the figures of the text it was made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple, get_args

from medqa_kit.quality.numbers.quantities import Quantities, Quantity, plain, quantities
from medqa_kit.quality.numbers.units import Unit, is_dose
from medqa_kit.quality.numbers.words import numbers_in_words

NumberCode = Literal[
    "tenfold", "unit_changed", "range_flipped", "per_changed", "negation_lost", "number_changed",
    "number_lost", "number_added",
]  # fmt: skip
"""What can be wrong with a figure, the worst first."""

NUMBER_CODES: tuple[NumberCode, ...] = get_args(NumberCode)
SEVERITIES: dict[NumberCode, str] = {
    "tenfold": "high", "unit_changed": "high", "range_flipped": "high", "per_changed": "high",
    "negation_lost": "high", "number_changed": "high", "number_lost": "medium", "number_added": "medium",
}  # fmt: skip
"""How bad each is: ``high`` may harm a patient, ``medium`` may be a matter of wording."""

_TENFOLD = {Fraction(10) ** power for power in (-3, -2, -1, 1, 2, 3)}
_DIGITS = re.compile(r"\d{1,40}(?:\.\d{1,40})?")
_KILOGRAM = re.compile("kg|kilo|킬로|គីឡូ|គក្រ")
_SENTENCE = re.compile(r"[.!?。]\s|[។\n;]")
# Each word begins with its first letter, by which the pattern is sought fast; behind it stands that no
# letter is before it.
_NEGATION = re.compile(
    r"n(?<![a-z0-9_]n)(?:ot|o|ever)\b|a(?<![a-z0-9_]a)void\b|w(?<![a-z0-9_]w)ithout\b"
    r"|c(?<![a-z0-9_]c)(?:annot|ontraindicated)\b|n't\b"
    r"|않|말아|마세요|마십|말 것|말것|못|없|아니|금지|금기|삼가|이내|넘지|초과|미만|이하|មិន|កុំ|គ្មាន|ហាម|ចៀសវាង"
)
# What says "at most" without a word of denial is no denial, and neither is its lack.
_LIMIT = re.compile(r"\bno more than\b|\bnot (?:more|less) than\b|\bat most\b|\bup to\b|\bmaximum\b"
                    r"|이내|이하|미만|초과하지|넘지|최대|មិនលើស|យ៉ាងច្រើន|អតិបរមា")  # fmt: skip


class NumberChange(NamedTuple):
    """A figure of one text that the other does not bear out."""

    code: NumberCode
    detail: str


def number_changes(source: str, target: str) -> list[NumberChange]:
    """Hold the figures of a text against those of its translation, paraphrase or summary.

    Figures in other digits or in words are the same, and so are amounts in other units of equal
    size. A figure that only the one text writes in digits is looked for among the words of the other.

    Args:
        source: The text it was made of.
        target: What was made of it.

    Returns:
        One change for each figure that differs; empty if none does.

    Example:
        >>> number_changes("Take 5 mg twice a day.", "50 mg을 하루 두 번 복용한다.")
        [NumberChange(code='tenfold', detail='5 mg → 50 mg')]
        >>> number_changes("1 g every 8 hours", "1000 mg을 8시간마다")
        []
    """
    source, target = plain(source), plain(target)
    first, second = quantities(source), quantities(target)
    first_left, second_left, equal = _equal(first.figures, second.figures)
    if not first_left and not second_left:  # most pairs
        return list(_negations(source, target, first, second, equal))
    pairs: _Pairs = []
    for same in (_alike, _convertible, _unitless):
        if first_left and second_left:
            pairs += _taken(first_left, second_left, first.figures, second.figures, same)
    changes = [
        NumberChange(code, f"{first.figures[here].text} → {second.figures[there].text}")
        for code, same in _COUNTERPARTS
        if first_left and second_left
        for here, there in _taken(first_left, second_left, first.figures, second.figures, same)
    ]
    changes += _unsaid("number_lost", [first.figures[here] for here in first_left], target)
    changes += _unsaid("number_added", [second.figures[there] for there in second_left], source)
    changes += [
        NumberChange("per_changed", f"{first.figures[here].text} → {second.figures[there].text}")
        for here, there in pairs
        if _lost_rate(first.figures[here], second.figures[there], source, target)
    ]
    return [*changes, *_negations(source, target, first, second, sorted([*equal, *pairs]))]


_Pairs = list[tuple[int, int]]


def _equal(
    first: Sequence[Quantity], second: Sequence[Quantity]
) -> tuple[list[int], list[int], _Pairs]:
    """Pair figures that say quite the same; return the places of the others, and the pairs."""
    if [quantity.key for quantity in first] == [quantity.key for quantity in second]:
        return [], [], [(place, place) for place in range(len(first))]
    places: dict[int, list[int]] = {}
    for place in range(len(second) - 1, -1, -1):
        places.setdefault(second[place].key, []).append(place)
    left, pairs = [], []
    for place, quantity in enumerate(first):
        if partners := places.get(quantity.key):
            pairs.append((place, partners.pop()))
        else:
            left.append(place)
    return left, sorted([place for rest in places.values() for place in rest]), pairs


def _taken(
    left: list[int], right: list[int], first: Sequence[Quantity], second: Sequence[Quantity],
    same: Callable[[Quantity, Quantity], bool],
) -> _Pairs:  # fmt: skip
    """Pair what is the same in some way; takes both out of the lists."""
    pairs = []
    for here in list(left):
        for there in right:
            if same(first[here], second[there]):
                left.remove(here)
                right.remove(there)
                pairs.append((here, there))
                break
    return pairs


def _alike(a: Quantity, b: Quantity) -> bool:
    return (a.low, a.high) == (b.low, b.high) and _code(a.unit) == _code(b.unit)


def _convertible(a: Quantity, b: Quantity) -> bool:
    if a.unit is None or b.unit is None or a.unit.dimension != b.unit.dimension:
        return False
    return (a.low * a.unit.factor, a.high * a.unit.factor) == (
        b.low * b.unit.factor, b.high * b.unit.factor)  # fmt: skip


def _unitless(a: Quantity, b: Quantity) -> bool:
    """Check whether one side leaves the unit to its words; what both say must agree."""
    return (a.low, a.high) == (b.low, b.high) and (a.unit is None or b.unit is None)


def _flipped(a: Quantity, b: Quantity) -> bool:
    return a.low != a.high and (a.low, a.high) == (b.high, b.low) and _same_kind(a, b)


def _tenfold(a: Quantity, b: Quantity) -> bool:
    return _same_kind(a, b) and bool(b.low and b.high) and (
        a.low / b.low in _TENFOLD and a.low / b.low == a.high / b.high)  # fmt: skip


def _other_unit(a: Quantity, b: Quantity) -> bool:
    return (a.low, a.high) == (b.low, b.high) and _code(a.unit) != _code(b.unit)


def _other_figure(a: Quantity, b: Quantity) -> bool:
    return a.unit is not None and _code(a.unit) == _code(b.unit)


_COUNTERPARTS: tuple[tuple[NumberCode, Callable[[Quantity, Quantity], bool]], ...] = (
    ("range_flipped", _flipped), ("tenfold", _tenfold), ("unit_changed", _other_unit),
    ("number_changed", _other_figure),
)  # fmt: skip


def _same_kind(a: Quantity, b: Quantity) -> bool:
    return _code(a.unit) == _code(b.unit) or a.unit is None or b.unit is None


def _code(unit: Unit | None) -> str | None:
    return None if unit is None else unit.code


def _unsaid(code: NumberCode, left: list[Quantity], other: str) -> list[NumberChange]:
    """Tell figures that the other text has neither in words nor within a name."""
    if not left:
        return []
    said = numbers_in_words(other) | {Fraction(figure) for figure in _DIGITS.findall(other)}
    return [NumberChange(code, q.text) for q in left if not {q.low, q.high} <= said]


def _lost_rate(a: Quantity, b: Quantity, source: str, target: str) -> bool:
    """Check whether two equal figures are given per different things, or one per body weight alone."""
    if a.per and b.per:
        return a.per != b.per
    texts = ((a, target), (b, source))
    return any("kg" in quantity.per and not _KILOGRAM.search(other) for quantity, other in texts)


def _negations(
    source: str, target: str, first: Quantities, second: Quantities, pairs: _Pairs
) -> Iterator[NumberChange]:
    """Find doses in a sentence that denies in one text and does not in the other."""
    said = [match.start() for match in _NEGATION.finditer(source)]
    repeated = [match.start() for match in _NEGATION.finditer(target)]
    if not said and not repeated:
        return
    for one, other in pairs:
        if not is_dose(first.figures[one].unit) and not is_dose(second.figures[other].unit):
            continue
        here, there = first.starts[one], second.starts[other]
        if _denied(source, here, said) == _denied(target, there, repeated):
            continue
        if not _LIMIT.search(_sentence(source, here)) and not _LIMIT.search(
            _sentence(target, there)
        ):
            yield NumberChange(
                "negation_lost", f"{first.figures[one].text} → {second.figures[other].text}"
            )


def _denied(text: str, place: int, denials: Sequence[int]) -> bool:
    """Check whether a denial stands in the sentence in which something begins."""
    return any(
        not _ends(text, *((place, denial) if place < denial else (denial, place)))
        for denial in denials
    )


def _ends(text: str, start: int, end: int) -> bool:
    """Check whether a sentence ends between two places; a point between two figures ends none."""
    match = _SENTENCE.search(text, start, end)
    while match is not None and _between_digits(text, *match.span()):
        match = _SENTENCE.search(text, match.end(), end)
    return match is not None


def _sentence(text: str, place: int) -> str:
    """Return the sentence in which something begins."""
    spans = [
        match.span()
        for match in _SENTENCE.finditer(text)
        if not _between_digits(text, *match.span())
    ]
    begin = max((end for _, end in spans if end <= place), default=0)
    return text[begin : min((start for start, _ in spans if start >= place), default=len(text))]


def _between_digits(text: str, start: int, end: int) -> bool:
    return (
        text[start] == "." and text[start - 1 : start].isdigit() and text[end : end + 1].isdigit()
    )
