"""All figures of a text with their units; figures that belong together are joined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.quality.numbers.figures import Quantity, figure_cuts, read_figure

_JOINING = frozenset(("", " ", " and ", ", ", " និង "))
_ALIKE = frozenset(("/", ",", "와", "과", "and", "or", "및", "또는", "និង", "ឬ"))
_BLANKS = ("", " ", "  ", "\n")
# What may stand between figures that go on each other or share a unit.
_MEETING = _JOINING - {" "} | {
    before + word + behind for word in _ALIKE for before in _BLANKS for behind in _BLANKS
}
_MAY_MEET = _MEETING | {" "}
_COMPOUND = ("time", "months", "length")
_TOGETHER = 512  # texts that are cut as one
_BETWEEN_TEXTS = "\0"  # which no figure holds, and which goes with none
_KEY_BITS = 44


class Quantities(NamedTuple):
    """The figures of a text, in order.

    Attributes:
        figures: The figures.
        starts: Where each begins in the plain form of the text.
    """

    figures: list[Quantity]
    starts: list[int]


def quantities(text: str, *, placed: bool = True) -> Quantities:
    """Read the figures of a text in the form :func:`~medqa_kit.quality.numbers.plain_form.plain` gives it.

    Figures inside names, such as ``b12``, are none.

    Args:
        text: The text.
        placed: Whether to say where they begin, which costs time.

    Example:
        >>> amounts = quantities("5-10 mg/kg/day, 3만 명")
        >>> [(str(q.low), str(q.high), q.unit and q.unit.code, q.per) for q in amounts.figures], amounts.starts
        ([('5', '10', 'mg', ('kg', 'd')), ('30000', '30000', None, ())], [0, 16])
        >>> quantities("b12, covid-19").figures
        []
    """
    parts, gaps, read = _cut(text)
    if None in read or _meetings(gaps[1:], read):
        starts = [*accumulate(map(len, parts))][:-1:2]
        joined = _joined(text, zip(gaps, parts[1::2], starts, read, strict=True))
        if len(joined.figures) > 1:
            _share_units(joined.figures, joined.starts, text)
        return joined
    return Quantities(read, [*accumulate(map(len, parts))][:-1:2] if placed else [])  # type: ignore[arg-type]  # there is no None


def plainly_equal(sources: Sequence[str], targets: Sequence[str]) -> Mask:
    """Find the pairs of texts that have equal figures, as far as that is seen without a closer look.

    That is where no figure may go on another or share its unit, and none is part of a name.

    Args:
        sources: Texts in plain form.
        targets: What was made of each.

    Returns:
        ``bool[n]``.

    Example:
        >>> plainly_equal(["5 mg for 2 days", "5 mg", "1 h 30 min"], ["2일간 5 mg", "6 mg", "1 h 30 min"]).tolist()
        [True, False, False]
    """
    equal = [np.zeros(0, np.bool_)]
    for begin in range(0, len(sources), _TOGETHER):
        first, second = (_keyed(texts[begin : begin + _TOGETHER]) for texts in (sources, targets))
        alike = ~(first.unsure | second.unsure) & (first.counts == second.counts)
        keys, others = (side.keys[alike[side.keys >> _KEY_BITS]] for side in (first, second))
        alike[keys[keys != others] >> _KEY_BITS] = False
        equal.append(alike)
    return np.concatenate(equal)


class _Keyed(NamedTuple):
    """Figures of some texts.

    Attributes:
        keys: Of each the number of its text and then its own key, in order.
        counts: How many each text has.
        unsure: Marks the texts of which more is to be said.
    """

    keys: Ints
    counts: Ints
    unsure: Mask


def _keyed(texts: Sequence[str]) -> _Keyed:
    """Read the figures of many texts at once."""
    parts, gaps, read = _cut(_BETWEEN_TEXTS.join(texts))
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
    starts = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))[:-1:2]
    text_of = np.searchsorted(ends, starts, side="right")
    own = np.array([-1 if figure is None else figure.key for figure in read], np.int64)
    unsure = np.zeros(len(texts), np.bool_)
    unsure[text_of[own < 0]] = True
    unsure[text_of[np.array(_meetings(gaps[1:], read), np.int64) + 1]] = True
    keys = text_of[own >= 0] << _KEY_BITS | own[own >= 0]
    keys.sort()
    return _Keyed(keys, np.bincount(keys >> _KEY_BITS, minlength=len(texts)), unsure)


def _cut(text: str) -> tuple[list[str], list[str], list[Quantity | None]]:
    """Cut a text by its figures: all parts, what stands before each figure, and the figures."""
    parts = figure_cuts().split(text)
    gaps, wholes = parts[:-1:2], parts[1::2]  # the last part follows all figures
    heads = [gap[-2:] for gap in gaps]
    if heads and min(map(len, heads)) < 2:  # then the figure before belongs to what stands before
        heads = [head if len(head) == 2 else (before + head)[-2:]
                 for before, head in zip(("", *wholes), heads, strict=False)]  # fmt: skip
    return parts, gaps, [*map(read_figure, heads, wholes)]


def _meetings(between: list[str], read: list[Quantity | None]) -> list[int]:
    """Return behind which figures one may stand that goes on it or shares its unit."""
    places = [place for place, gap in enumerate(between) if gap in _MAY_MEET]
    return [
        place for place in places
        if between[place] != " "
        or ((last := read[place]) is not None and (figure := read[place + 1]) is not None and _joins(last, figure, " "))
    ]  # fmt: skip


def _joined(text: str, parts: Iterable[tuple[str, str, int, Quantity | None]]) -> Quantities:
    """Leave out what is no figure, and put together figures that go on the one before."""
    figures: list[Quantity] = []
    starts: list[int] = []
    follows = False  # whether the match before is a figure
    for gap, whole, place, read in parts:
        if read is not None:
            if follows and gap in _JOINING and _joins(figures[-1], read, gap):
                last, start = figures.pop(), starts.pop()
                figures.append(_sum(last, read, text[start : place + len(whole)].strip()))
                starts.append(start)
            else:
                figures.append(read)
                starts.append(place)
        follows = read is not None
    return Quantities(figures, starts)


def _joins(last: Quantity, quantity: Quantity, gap: str) -> bool:
    """Check whether a figure goes on the one before, as in ``1만 5천`` and ``1시간 30분``."""
    if last.unit is not None and quantity.unit is not None:
        return (
            last.unit.dimension == quantity.unit.dimension in _COMPOUND
            and last.unit.factor > quantity.unit.factor
            and not last.per and last.low == last.high and quantity.low == quantity.high
        )  # fmt: skip
    return (
        gap in ("", " ") and last.unit is None and last.low == last.high and last.text[-1] in "만억조천백"
        and 0 < quantity.low < last.low
    )  # fmt: skip


def _sum(last: Quantity, quantity: Quantity, text: str) -> Quantity:
    """Add a figure to the one that it goes on, in its own unit."""
    times = Fraction(1)
    if last.unit is not None and quantity.unit is not None:
        times = last.unit.factor / quantity.unit.factor
    return Quantity.of(last.low * times + quantity.low, last.high * times + quantity.high,
                       quantity.unit, quantity.per, text)  # fmt: skip


def _share_units(figures: list[Quantity], starts: list[int], text: str) -> None:
    """Give the first figure of pairs such as ``120/80 mmHg`` the unit of the second."""
    for place in range(len(figures) - 1):
        first, second = figures[place], figures[place + 1]
        if first.unit is None and second.unit is not None and not first.per:
            between = text[starts[place] + len(first.text) : starts[place + 1]]
            if between.strip() in _ALIKE:
                figures[place] = Quantity.of(
                    first.low, first.high, second.unit, first.per, first.text
                )
