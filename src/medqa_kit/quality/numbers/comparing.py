"""What a rewritten text does to the figures of the text it was made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.quality.numbers.figures import Quantity
from medqa_kit.quality.numbers.frequencies import changed_frequency
from medqa_kit.quality.numbers.plain_form import plain
from medqa_kit.quality.numbers.quantities import quantities
from medqa_kit.quality.numbers.surroundings import (
    Said,
    bounds_flipped,
    denials_lost,
    lost_rate,
)
from medqa_kit.quality.numbers.units import Unit
from medqa_kit.quality.numbers.words import WordNumber, numbers_in_words

NumberCode = Literal[
    "tenfold", "unit_changed", "range_flipped", "bound_flipped", "per_changed", "negation_lost",
    "number_changed", "number_lost", "number_added",
]  # fmt: skip
"""What can be wrong with a figure, the worst first."""

NUMBER_CODES: tuple[NumberCode, ...] = get_args(NumberCode)
SEVERITIES: dict[NumberCode, str] = {
    "tenfold": "high", "unit_changed": "high", "range_flipped": "high", "bound_flipped": "high", "per_changed": "high",
    "negation_lost": "high", "number_changed": "high", "number_lost": "medium", "number_added": "medium",
}  # fmt: skip
"""How bad each is: ``high`` may harm a patient, ``medium`` may be a matter of wording."""

_TENFOLD = {Fraction(10) ** power for power in (-3, -2, -1, 1, 2, 3)}
_DIGITS = re.compile(r"\d{1,40}(?:\.\d{1,40})?")


@dataclass(frozen=True, repr=False)
class NumberChange(Shown):
    """A figure of one text that the other does not bear out.

    Example:
        >>> NumberChange("number_changed", "5 mg → 6 mg").detail
        '5 mg → 6 mg'
    """

    code: NumberCode
    detail: str

    def _blocks(self) -> Iterator[Block]:
        yield f"{self.code}: {self.detail}"


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
        [tenfold: 5 mg → 50 mg]
        >>> number_changes("1 g every 8 hours", "1000 mg을 8시간마다")
        []
    """
    return plain_changes(plain(source), plain(target))


def strange_figures(source: str, target: str) -> list[NumberChange]:
    """Find the figures of a summary that are not in what it sums up.

    The others may be said more than once, and those of the source be left out.

    Args:
        source: All it may go by.
        target: What was made of it.

    Example:
        >>> strange_figures("39 °C for three days, then 40 °C.", "39 °C for 3 days: 39 °C tells of a virus.")
        []
        >>> strange_figures("Give 5 mg, then 10 mg.", "Give 5 g.")
        [unit_changed: 5 mg → 5 g]
    """
    source = plain(source)
    known, words = quantities(source).figures, numbers_in_words(source)
    changes = []
    for figure in quantities(plain(target)).figures:
        if any(same(other, figure) for same in _SAME for other in known) or all(
            any(_says(word, figure, end) for word in words)
            or any(end in (other.low, other.high) and _code(other.unit) == _code(figure.unit) for other in known)
            for end in (figure.low, figure.high)
        ):  # fmt: skip
            continue
        near = next(((code, other) for code, same in _COUNTERPARTS for other in known if same(other, figure)), None)  # fmt: skip
        if near is not None:
            changes.append(NumberChange(near[0], f"{near[1].text} → {figure.text}"))
        else:
            changes += _unsaid("number_added", [figure], source)
    return changes


def plain_changes(source: str, target: str, *, surrounded: bool = True) -> list[NumberChange]:
    """Hold the figures of texts in plain form against each other, as :func:`number_changes` does.

    Args:
        source: The text it was made of.
        target: What was made of it.
        surrounded: What :func:`~medqa_kit.quality.numbers.surroundings.surrounded` says of them.

    Example:
        >>> plain_changes("5 mg", "50 mg", surrounded=False)
        [tenfold: 5 mg → 50 mg]
    """
    if not surrounded and _keys(source) == _keys(target):  # most pairs
        return frequency_changes(source, target)
    first, second = quantities(source), quantities(target)
    first_left, second_left, equal = _equal(first.figures, second.figures)
    if not first_left and not second_left:
        changes = list(_of_sentences(Said(source, first), Said(target, second), equal))
        return changes or frequency_changes(source, target)
    pairs: _Pairs = []
    for same in _SAME:
        if first_left and second_left:
            pairs += _taken(first_left, second_left, first.figures, second.figures, same)
    _take_ends(first_left, second_left, first.figures, second.figures)
    _take_ends(second_left, first_left, second.figures, first.figures)
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
        if lost_rate(first.figures[here], second.figures[there], source, target)
    ]
    every = sorted([*equal, *pairs])
    changes += _of_sentences(Said(source, first), Said(target, second), every)
    return changes or frequency_changes(source, target)


def frequency_changes(source: str, target: str) -> list[NumberChange]:
    """Hold how often a day texts in plain form say against each other, in words or figures.

    Example:
        >>> frequency_changes("5 mg twice a day", "하루 세 번 5 mg")
        [number_changed: twice a day → 하루 세 번]
    """
    changed = changed_frequency(source, target)
    return [] if changed is None else [NumberChange("number_changed", changed)]


def _of_sentences(source: Said, target: Said, pairs: _Pairs) -> Iterator[NumberChange]:
    """Find equal figures of which the words around them say something else."""
    kinds: tuple[tuple[NumberCode, _Differing], ...] = (
        ("negation_lost", denials_lost), ("bound_flipped", bounds_flipped),
    )  # fmt: skip
    for code, differing in kinds:
        for here, there in differing(source, target, pairs):
            detail = (
                f"{source.quantities.figures[here].text} → {target.quantities.figures[there].text}"
            )
            yield NumberChange(code, detail)


def _keys(text: str) -> list[int]:
    return sorted([quantity.key for quantity in quantities(text, placed=False).figures])


_Pairs = list[tuple[int, int]]
_Differing = Callable[[Said, Said, _Pairs], Iterator[tuple[int, int]]]


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


def _take_ends(
    left: list[int], right: list[int], first: Sequence[Quantity], second: Sequence[Quantity]
) -> None:
    """Take ranges whose ends the other text gives as two figures, as in "between 20 and 30 mg"."""
    for here in [place for place in left if first[place].low != first[place].high]:
        low, high, unit = first[here].low, first[here].high, _code(first[here].unit)
        at = [next((there for there in right if second[there].low == second[there].high == end
                    and (unit is None or _code(second[there].unit) in (None, unit))), None)
              for end in (low, high)]  # fmt: skip
        if None not in at:
            left.remove(here)
            right[:] = [there for there in right if there not in at]


def _alike(a: Quantity, b: Quantity) -> bool:
    return (a.low, a.high) == (b.low, b.high) and _code(a.unit) == _code(b.unit)


def _convertible(a: Quantity, b: Quantity) -> bool:
    if (a.unit is None) != (b.unit is None):
        return _as_share(a) == _as_share(b) and (_code(a.unit) or _code(b.unit)) == "%"
    if a.unit is None or b.unit is None or a.unit.dimension != b.unit.dimension:
        return False
    return (a.low * a.unit.factor, a.high * a.unit.factor) == (
        b.low * b.unit.factor, b.high * b.unit.factor)  # fmt: skip


def _as_share(a: Quantity) -> tuple[Fraction, Fraction]:
    """Return a figure as a part of one: 10 % and 1/10 are equal."""
    return (a.low, a.high) if a.unit is None else (a.low / 100, a.high / 100)


def _unitless(a: Quantity, b: Quantity) -> bool:
    """Check whether one side leaves the unit to its words; what both say must agree."""
    return (a.low, a.high) == (b.low, b.high) and (a.unit is None or b.unit is None)


_SAME = (_alike, _convertible, _unitless)
"""How figures may be the same, the closest first."""


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
    digits = {Fraction(figure) for figure in _DIGITS.findall(other)}
    words = numbers_in_words(other)
    return [
        NumberChange(code, q.text) for q in left
        if not all(end in digits or any(_says(word, q, end) for word in words) for end in (q.low, q.high))
    ]  # fmt: skip


def _says(word: WordNumber, quantity: Quantity, end: Fraction) -> bool:
    """Check whether a number in words may stand for an end of a quantity."""
    if quantity.unit is None:
        return word.value == end
    if word.unit is None:
        return word.value == (end / 100 if quantity.unit.code == "%" and word.value < 1 else end)
    return word.unit.dimension == quantity.unit.dimension and (
        word.value * word.unit.factor == end * quantity.unit.factor)  # fmt: skip
