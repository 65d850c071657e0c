"""What a rewritten text does to the figures of the text it was made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple, get_args

from medqa_kit.quality.numbers.quantities import Quantity, plain, quantities
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
_SENTENCE = re.compile(r"[.!?。។]\s|[។\n;]|[.!?]\Z")
_NEGATION = re.compile(
    r"\b(?:not|no|never|avoid|without|don't|doesn't|mustn't|cannot|contraindicated)\b|n't\b"
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
    first_left, second_left, pairs = _matched(first, second)
    changes = _changed(first_left, second_left)
    changes += _unsaid("number_lost", first_left, target) + _unsaid(
        "number_added", second_left, source
    )
    changes += [
        NumberChange("per_changed", f"{a.text} → {b.text}")
        for a, b in pairs
        if _lost_rate(a, b, source, target)
    ]
    return changes + list(_negations(source, target, pairs))


_Pairs = list[tuple[Quantity, Quantity]]


def _matched(
    first: Sequence[Quantity], second: Sequence[Quantity]
) -> tuple[list[Quantity], list[Quantity], _Pairs]:
    """Pair equal figures, the surest first; what is left on either side differs."""
    left, right, pairs = list(first), list(second), []
    for same in (_alike, _convertible, _unitless):
        for quantity in list(left):
            partner = next((other for other in right if same(quantity, other)), None)
            if partner is not None:
                left.remove(quantity)
                right.remove(partner)
                pairs.append((quantity, partner))
    return left, right, pairs


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


def _changed(left: list[Quantity], right: list[Quantity]) -> list[NumberChange]:
    """Tell what became of figures that have a counterpart; takes both out of the lists."""
    changes = []
    for code, same in _COUNTERPARTS:
        for quantity in list(left):
            partner = next((other for other in right if same(quantity, other)), None)
            if partner is not None:
                left.remove(quantity)
                right.remove(partner)
                changes.append(NumberChange(code, f"{quantity.text} → {partner.text}"))
    return changes


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


def _negations(source: str, target: str, pairs: _Pairs) -> Iterator[NumberChange]:
    """Find doses in a sentence that denies in one text and does not in the other."""
    for first, second in pairs:
        if is_dose(first.unit) or is_dose(second.unit):
            here, there = _sentence(source, first.start), _sentence(target, second.start)
            if _LIMIT.search(here) or _LIMIT.search(there):
                continue
            if bool(_NEGATION.search(here)) != bool(_NEGATION.search(there)):
                yield NumberChange("negation_lost", f"{first.text} → {second.text}")


def _sentence(text: str, place: int) -> str:
    begin = max((m.end() for m in _SENTENCE.finditer(text, 0, place)), default=0)
    after = _SENTENCE.search(text, place)
    while after is not None and text[after.start()] == "." and text[after.start() - 1 : after.start()].isdigit() \
            and after.end() < len(text) and text[after.end()].isdigit():  # fmt: skip
        after = _SENTENCE.search(text, after.end())
    return text[begin : after.start() if after else len(text)]
