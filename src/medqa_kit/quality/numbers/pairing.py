"""Pair the figures of two texts: equal ones, and ones that replace another."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

from medqa_kit.quality.numbers.figures import Quantity
from medqa_kit.quality.numbers.units import Unit, unit_words
from medqa_kit.quality.numbers.words import WordNumber, numbers_in_words

_TENFOLD = {Fraction(10) ** power for power in (-3, -2, -1, 1, 2, 3)}
_SPANS = ("time", "months")
_FAHRENHEIT, _CELSIUS = "[degF]", "Cel"
_CUSTOMARY = frozenset(("[lb_av]", "[oz_av]", "[in_i]", "[ft_i]"))
_DECIMALS = re.compile(r"\d\.(\d+)")
FigurePairs = list[tuple[int, int]]
"""Places of figures in two texts that belong together."""


def equal_figures(
    first: Sequence[Quantity], second: Sequence[Quantity]
) -> tuple[list[int], list[int], FigurePairs]:
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


def taken_pairs(
    left: list[int], right: list[int], first: Sequence[Quantity], second: Sequence[Quantity],
    same: Callable[[Quantity, Quantity], bool],
) -> FigurePairs:  # fmt: skip
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


def take_ends(
    left: list[int], right: list[int], first: Sequence[Quantity], second: Sequence[Quantity]
) -> None:
    """Take ranges whose ends the other text gives as two figures, as in "between 20 and 30 mg"."""
    for here in [place for place in left if first[place].low != first[place].high]:
        low, high, unit = first[here].low, first[here].high, unit_code(first[here].unit)
        at = [next((there for there in right if second[there].low == second[there].high == end
                    and (unit is None or unit_code(second[there].unit) in (None, unit))), None)
              for end in (low, high)]  # fmt: skip
        if None not in at:
            left.remove(here)
            right[:] = [there for there in right if there not in at]


def not_in_words(left: Sequence[int], figures: Sequence[Quantity], other: str) -> list[int]:
    """Leave out times that the other text has in words, such as 7 days that are ``일주일``."""
    words = [word for word in numbers_in_words(other)
             if word.unit is not None and word.unit.dimension in _SPANS and word.value > 1]  # fmt: skip
    return [place for place in left if (figure := figures[place]).unit is None or figure.low != figure.high
            or not any(is_said_by(word, figure, figure.low) for word in words)]  # fmt: skip


def _alike(a: Quantity, b: Quantity) -> bool:
    return (a.low, a.high) == (b.low, b.high) and unit_code(a.unit) == unit_code(b.unit)


def is_convertible(a: Quantity, b: Quantity) -> bool:
    """Check whether figures are equal in units of one kind, as 1 g and 1000 mg, and 13.5 g/dL and 135 g/L are."""
    if (a.unit is None) != (b.unit is None):
        return _as_share(a) == _as_share(b) and (unit_code(a.unit) or unit_code(b.unit)) == "%"
    if a.unit is None or b.unit is None or a.unit.dimension != b.unit.dimension:
        return False
    times = a.unit.factor / b.unit.factor
    if is_rate_alike(a, b):
        times *= _divided_by(b) / _divided_by(a)
    return (a.low * times, a.high * times) == (b.low, b.high)


def is_rate_alike(a: Quantity, b: Quantity) -> bool:
    """Check whether figures are given per units of the same kinds, as g/dL and g/L are."""
    first, second = (sorted(_unit(code).dimension for code in side.per) for side in (a, b))
    return first == second


def _divided_by(quantity: Quantity) -> Fraction:
    return math.prod((_unit(code).factor for code in quantity.per), start=Fraction(1))


@lru_cache(maxsize=64)
def _unit(code: str) -> Unit:
    return next(unit for unit in unit_words().values() if unit.code == code)


def _as_share(a: Quantity) -> tuple[Fraction, Fraction]:
    """Return a figure as a part of one: 10 % and 1/10 are equal."""
    return (a.low, a.high) if a.unit is None else (a.low / 100, a.high / 100)


def _unitless(a: Quantity, b: Quantity) -> bool:
    """Check whether one side leaves the unit to its words; what both say must agree."""
    return (a.low, a.high) == (b.low, b.high) and (a.unit is None or b.unit is None)


def alike_when_rounded(a: Quantity, b: Quantity) -> bool:
    """Check whether a customary figure and a metric one are equal as far as both are written out.

    Example:
        >>> from medqa_kit.quality.numbers.quantities import quantities
        >>> [alike_when_rounded(*quantities(pair).figures) for pair in ("101 °f, 38.3 °c", "154 lb, 70 kg", "154 lb, 77 kg")]
        [True, True, False]
    """
    if a.unit is None or b.unit is None:
        return False
    if {a.unit.code, b.unit.code} == {_FAHRENHEIT, _CELSIUS}:
        warm, metric = (a, b) if a.unit.code == _FAHRENHEIT else (b, a)
        ends = [((end - 32) * 5 / 9, other) for end, other in _ends(warm, metric)]
        steps = _step(warm) * 5 / 9 + _step(metric)
    elif a.unit.dimension == b.unit.dimension and (a.unit.code in _CUSTOMARY) != (
        b.unit.code in _CUSTOMARY
    ):
        first, second = a.unit.factor, b.unit.factor
        ends = [(end * first, other * second) for end, other in _ends(a, b)]
        steps = _step(a) * first + _step(b) * second
    else:
        return False
    return all(2 * abs(end - other) <= steps for end, other in ends)


def _ends(a: Quantity, b: Quantity) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    return (a.low, b.low), (a.high, b.high)


def _step(quantity: Quantity) -> Fraction:
    """Return what the last digit of a figure counts, in its unit."""
    decimals = _DECIMALS.search(quantity.text)
    return Fraction(1, 10 ** min(len(decimals[1]), 9)) if decimals else Fraction(1)


WAYS_TO_BE_SAME = (_alike, is_convertible, alike_when_rounded, _unitless)
"""How figures may be the same, the closest first."""


def is_flipped(a: Quantity, b: Quantity) -> bool:
    """Check whether a range is another one the other way round."""
    return a.low != a.high and (a.low, a.high) == (b.high, b.low) and (
        unit_code(a.unit) == unit_code(b.unit) or a.unit is None or b.unit is None)  # fmt: skip


def is_tenfold(a: Quantity, b: Quantity) -> bool:
    """Check whether an amount is ten, a hundred or a thousand times another, in units of one kind."""
    if not (b.low and b.high and a.low and _same_kind(a, b)):
        return False
    times = Fraction(1) if a.unit is None or b.unit is None else a.unit.factor / b.unit.factor
    if times != 1 and a.low == b.low:  # another unit, and no other figure
        return False
    return a.low * times / b.low in _TENFOLD and a.low / b.low == a.high / b.high


def is_other_unit(a: Quantity, b: Quantity) -> bool:
    """Check whether figures are equal and their units are not."""
    return (a.low, a.high) == (b.low, b.high) and unit_code(a.unit) != unit_code(b.unit)


def is_other_figure(a: Quantity, b: Quantity) -> bool:
    """Check whether figures have the same unit."""
    return a.unit is not None and unit_code(a.unit) == unit_code(b.unit)


def _same_kind(a: Quantity, b: Quantity) -> bool:
    return a.unit is None or b.unit is None or a.unit.dimension == b.unit.dimension


def unit_code(unit: Unit | None) -> str | None:
    """Return the code of a unit, if there is one."""
    return None if unit is None else unit.code


def is_said_by(word: WordNumber, quantity: Quantity, end: Fraction) -> bool:
    """Check whether a number in words may stand for an end of a quantity."""
    if quantity.unit is None:
        return word.value == end
    if word.unit is None:
        return word.value == (end / 100 if quantity.unit.code == "%" and word.value < 1 else end)
    return word.unit.dimension == quantity.unit.dimension and (
        word.value * word.unit.factor == end * quantity.unit.factor)  # fmt: skip
