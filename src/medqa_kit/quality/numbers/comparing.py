"""Compare the figures of a text with those of a text that was made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from medqa_kit.core.arguments import instance
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.quality.numbers.figured_names import changed_names
from medqa_kit.quality.numbers.figures import Quantity
from medqa_kit.quality.numbers.pairing import (
    WAYS_TO_BE_SAME,
    FigurePairs,
    equal_figures,
    is_flipped,
    is_other_figure,
    is_other_unit,
    is_said_by,
    is_tenfold,
    not_in_words,
    take_ends,
    taken_pairs,
    unit_code,
)
from medqa_kit.quality.numbers.plain_form import plain
from medqa_kit.quality.numbers.quantities import quantities
from medqa_kit.quality.numbers.surroundings import (
    FiguredText,
    bounds_flipped,
    denials_lost,
    lost_rate,
)
from medqa_kit.quality.numbers.wording.courses import COURSES
from medqa_kit.quality.numbers.wording.frequencies import changed_frequency
from medqa_kit.quality.numbers.wording.instructions import changed_instructions, figures_of_times
from medqa_kit.quality.numbers.wording.periods import changed_period
from medqa_kit.quality.numbers.wording.persons import SEXES
from medqa_kit.quality.numbers.wording.trends import TRENDS
from medqa_kit.quality.numbers.words import numbers_in_words

NumberCode = Literal[
    "tenfold", "unit_changed", "range_flipped", "bound_flipped", "per_changed", "negation_lost", "instruction_changed",
    "number_changed", "number_lost", "number_added",
]  # fmt: skip
"""What can be wrong with a figure, the worst first."""

NUMBER_CODES: tuple[NumberCode, ...] = get_args(NumberCode)
SEVERITIES: dict[NumberCode, str] = {
    "tenfold": "high", "unit_changed": "high", "range_flipped": "high", "bound_flipped": "high", "per_changed": "high",
    "negation_lost": "high", "instruction_changed": "high", "number_changed": "high", "number_lost": "medium", "number_added": "medium",
}  # fmt: skip
"""How bad each is: ``high`` may harm a patient, ``medium`` may be a matter of wording."""

_NAME = re.compile(r"(?<![a-z])[a-z]+-?\d[a-z\d]*")
_DIGITS = re.compile(r"\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d{1,40})?|\d{1,40}(?:\.\d{1,40})?")


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
    """Compare the figures of a text with those of its translation, paraphrase or summary.

    Figures in other digits or in words are equal, and so are equal amounts in other units. A figure that only
    one text writes in digits is searched for among the words of the other.

    Args:
        source: The text.
        target: The translation, paraphrase or summary of it.

    Returns:
        One change for each figure that differs; empty if none does.

    Raises:
        ArgumentError: One of them is no text.

    Example:
        >>> number_changes("Take 5 mg twice a day.", "50 mg을 하루 두 번 복용한다.")
        [tenfold: 5 mg → 50 mg]
        >>> number_changes("1 g every 8 hours", "1000 mg을 8시간마다")
        []
    """
    for argument, text in (("source", source), ("target", target)):
        instance(
            argument, text, str, expected="text", hint="mk.SameNumbers compares columns of rows"
        )
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
        if any(same(other, figure) for same in WAYS_TO_BE_SAME for other in known) or all(
            any(is_said_by(word, figure, end) for word in words)
            or any(end in (other.low, other.high) and unit_code(other.unit) == unit_code(figure.unit) for other in known)
            for end in (figure.low, figure.high)
        ):  # fmt: skip
            continue
        near = next(((code, other) for code, same in _COUNTERPARTS for other in known if same(other, figure)), None)  # fmt: skip
        if near is not None:
            changes.append(NumberChange(near[0], f"{near[1].text} → {figure.text}"))
        else:
            unsaid, _ = _sought([figure], source, "")
            changes += [NumberChange("number_added", each.text) for each in unsaid]
    return changes


def plain_changes(
    source: str, target: str, *, surrounded: bool = True, in_words: bool = True
) -> list[NumberChange]:
    """Hold the figures of texts in plain form against each other, as :func:`number_changes` does.

    Args:
        source: The text it was made of.
        target: What was made of it.
        surrounded: What :func:`~medqa_kit.quality.numbers.surroundings.surrounded` says of them.
        in_words: Whether :func:`changes_in_words` may find something.

    Example:
        >>> plain_changes("5 mg", "50 mg", surrounded=False)
        [tenfold: 5 mg → 50 mg]
    """
    if not surrounded and _keys(source) == _keys(target):  # most pairs
        return changes_in_words(source, target) if in_words else []
    first, second = quantities(source), quantities(target)
    first_left, second_left, equal = equal_figures(first.figures, second.figures)
    if not first_left and not second_left:
        changes = list(
            _of_sentences(FiguredText(source, first), FiguredText(target, second), equal)
        )
        return changes or (changes_in_words(source, target) if in_words else [])
    pairs: FigurePairs = []
    for same in WAYS_TO_BE_SAME:
        if first_left and second_left:
            pairs += taken_pairs(first_left, second_left, first.figures, second.figures, same)
    take_ends(first_left, second_left, first.figures, second.figures)
    take_ends(second_left, first_left, second.figures, first.figures)
    if first_left and second_left:
        for left, figures, other in (
            (first_left, first.figures, target),
            (second_left, second.figures, source),
        ):
            left[:] = not_in_words(left, figures, other)
    changes = [
        NumberChange(code, f"{first.figures[here].text} → {second.figures[there].text}")
        for code, same in _COUNTERPARTS
        if first_left and second_left
        for here, there in taken_pairs(first_left, second_left, first.figures, second.figures, same)
    ]
    lost, gone = _sought([first.figures[here] for here in first_left], target, source)
    added, new = _sought([second.figures[there] for there in second_left], source, target)
    changes += [NumberChange("number_lost", figure.text) for figure in lost]
    changes += [NumberChange("number_added", figure.text) for figure in added]
    changes += [
        NumberChange("number_changed", f"{before.text} → {after.text}")
        for before, after in zip(gone, new, strict=False)
        # no range of which one end is said elsewhere
        if {before.low, before.high}.isdisjoint((after.low, after.high))
    ]
    changes += [
        NumberChange("per_changed", f"{first.figures[here].text} → {second.figures[there].text}")
        for here, there in pairs
        if lost_rate(first.figures[here], second.figures[there], source, target)
    ]
    every = sorted([*equal, *pairs])
    changes += _of_sentences(FiguredText(source, first), FiguredText(target, second), every)
    return changes or (changes_in_words(source, target) if in_words else [])


def changes_in_words(source: str, target: str) -> list[NumberChange]:
    """Hold what texts in plain form say beside figures against each other: how often, when and how something is taken, and names.

    Example:
        >>> changes_in_words("5 mg twice a day", "하루 세 번 5 mg")
        [number_changed: twice a day → 하루 세 번]
        >>> changes_in_words("5 mg once a week", "하루 한 번 5 mg")
        [per_changed: week → 하루]
        >>> changes_in_words("5 mg before meals", "식후 5 mg")
        [instruction_changed: before meals → 식후]
        >>> changes_in_words("stage t2n1m0", "병기 t3n1m0")
        [number_changed: t2n1m0 → t3n1m0]
    """
    if (period := changed_period(source, target)) is not None:
        return [NumberChange("per_changed", period)]
    if (frequency := changed_frequency(source, target)) is not None:
        return [NumberChange("number_changed", frequency)]
    if names := [*changed_names(source, target)]:
        return [NumberChange("number_changed", changed) for changed in names]
    said = [*changed_instructions(source, target)]
    contraries = (contrary.change(source, target) for contrary in (TRENDS, COURSES, SEXES))
    said += filter(None, contraries)
    return [NumberChange("instruction_changed", changed) for changed in said]


def _of_sentences(
    source: FiguredText, target: FiguredText, pairs: FigurePairs
) -> Iterator[NumberChange]:
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


_Differing = Callable[[FiguredText, FiguredText, FigurePairs], Iterator[tuple[int, int]]]


_COUNTERPARTS: tuple[tuple[NumberCode, Callable[[Quantity, Quantity], bool]], ...] = (
    ("range_flipped", is_flipped), ("tenfold", is_tenfold), ("unit_changed", is_other_unit),
    ("number_changed", is_other_figure),
)  # fmt: skip


def _sought(left: list[Quantity], other: str, own: str) -> tuple[list[Quantity], list[Quantity]]:
    """Seek figures in the other text; return those that it says nowhere, and those that it has for something else alone.

    The latter may be said twice in one text and once in the other. Where both texts have such figures, though,
    one took the place of the other: "3 doses, then 2 weeks" of "2 doses, then 2 weeks" and a 3 elsewhere.

    Args:
        left: Figures of a text without a counterpart.
        other: The other text.
        own: The text that they stand in.
    """
    if not left:
        return [], []
    digits, own_names = _digits(other), {*_NAME.findall(own)}
    known = figures_of_times(other) | _digits(" ".join({*_NAME.findall(other)} - own_names))
    words = numbers_in_words(other)
    unsaid: list[Quantity] = []
    elsewhere: list[Quantity] = []
    for figure in left:
        if figure.text.rstrip(".,") == "00":  # of a full hour
            continue
        open_ends = [end for end in (figure.low, figure.high)
                     if end not in known and not any(is_said_by(word, figure, end) for word in words)]  # fmt: skip
        if open_ends:
            (elsewhere if digits.issuperset(open_ends) else unsaid).append(figure)
    return unsaid, elsewhere


def _digits(text: str) -> set[Fraction]:
    return {Fraction(figure.replace(",", "")) for figure in _DIGITS.findall(text)}
