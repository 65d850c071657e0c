"""Pounds, ounces, feet, inches and degrees Fahrenheit beside the metric figures that translators make of them."""

from __future__ import annotations

import re
from fractions import Fraction

from medqa_kit.quality.numbers.figures import Quantity

_FAHRENHEIT, _CELSIUS = "[degF]", "Cel"
_CUSTOMARY = frozenset(("[lb_av]", "[oz_av]", "[in_i]", "[ft_i]"))
_DECIMALS = re.compile(r"\d\.(\d+)")


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
