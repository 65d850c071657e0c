"""Which rows of a source a recipe takes: bounds, years, and what rows must have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from medqa_kit.building.recipes.declared_tables import Key, named_values, table_schema
from medqa_kit.core.arguments import boolean, number, one_of, several, whole_number
from medqa_kit.errors import ArgumentError, shorten
from medqa_kit.quality.script_counts import SCRIPTS

LAST_YEAR = 2**31 - 1
"""The largest number that can stand in a column of years."""
_WHOLE = {"type": "integer", "minimum": 0, "maximum": LAST_YEAR}
YEARS_SCHEMA: Mapping[str, Any] = {
    "anyOf": [
        {"type": "array", "items": _WHOLE, "minItems": 1},
        {"type": "object", "minProperties": 1, "additionalProperties": False,
         "properties": {"from": _WHOLE, "to": _WHOLE}},
    ]
}  # fmt: skip
_LAST = 9_999


def years_of(years: Any) -> tuple[int, ...] | range:
    """Read ``[2012, 2013]``, or ``{ from = 2012, to = 2021 }`` with both ends meant; one may be absent.

    Raises:
        ArgumentError: They begin after they end.

    Example:
        >>> years_of({"from": 2012, "to": 2014}), years_of([2021])
        (range(2012, 2015), (2021,))
    """
    if not isinstance(years, Mapping):
        return tuple(map(int, years))  # 2021.0 is whole too
    first, last = (
        int(years.get("from", 0)),
        int(years.get("to", max(_LAST, int(years.get("from", 0))))),
    )
    if first > last:
        raise ArgumentError("the years begin after they end", argument="years", found=str(dict(years)),
                            expected="from <= to", hint="exchange the two")  # fmt: skip
    return range(first, last + 1)


def checked_years(argument: str, years: Any) -> tuple[int, ...] | range:
    """Return years if they are whole numbers that a column of years can hold; a range stays one.

    Raises:
        ArgumentError: They are not.

    Example:
        >>> checked_years("years", [2021, 2022])
        (2021, 2022)
    """
    ends = (years.start, years.stop - 1) if isinstance(years, range) else several(argument, years)
    listed = tuple(whole_number(argument, year, least=0, most=LAST_YEAR) for year in ends)
    if not len(years if isinstance(years, range) else listed):
        raise ArgumentError(f"{argument}= holds no year", argument=argument, expected="a year at least",
                            found=shorten([years]), hint=f"leave {argument} out to take all years")  # fmt: skip
    return years if isinstance(years, range) else listed


YEARS = Key(schema=YEARS_SCHEMA, value=years_of)


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """From, to: both ends are meant.

    Attributes:
        min: The least.
        max: The most.

    Raises:
        ArgumentError: Neither is given, or the least is above the most.

    Example:
        >>> Bounds(max=8000).most
        8000
    """

    min: float | None = None
    max: float | None = None

    def __post_init__(self) -> None:
        for name in ("min", "max"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, number(name, value))
        if (self.min is None and self.max is None) or self.least > self.most:
            raise ArgumentError("these bounds hold nothing, or everything", argument="min",
                                expected="min, max or both, min <= max",
                                found=f"min {self.min}, max {self.max}",
                                hint="{ min = 10, max = 1500 }")  # fmt: skip

    @property
    def least(self) -> float:
        """The least, also where none is given."""
        return float("-inf") if self.min is None else self.min

    @property
    def most(self) -> float:
        """The most, also where none is given."""
        return float("inf") if self.max is None else self.max

    @property
    def said(self) -> str:
        """The bounds as a recipe has them."""
        ends = [f"{name} = {value:g}" for name, value in (("min", self.min), ("max", self.max)) if value is not None]  # fmt: skip
        return f"{{ {', '.join(ends)} }}"

    def refuse_no_share(self, argument: str) -> None:
        """Refuse bounds that no share is within.

        Raises:
            ArgumentError: They are above 1 or below 0.
        """
        if self.least > 1 or self.most < 0:
            raise ArgumentError("a share is between 0 and 1", argument=argument,
                                expected="0 to 1", found=self.said, hint="{ min = 0.6 }")  # fmt: skip


SCRIPT_BOUNDS = named_values(dict.fromkeys(SCRIPTS, table_schema(Bounds)))
"""JSON Schema of bounds of the share of scripts."""


@dataclass(frozen=True, kw_only=True)
class Where:
    """What a row must be to be taken; all conditions must hold.

    Attributes:
        year: Years, or from and to; a row without a year is not taken.
        language: BCP 47 tags; ``"ko"`` is also ``"ko-KR"``.
        subset: Subsets.
        tags: Tags of which a row must have one.
        has: Columns that must hold something, such as ``"rationale"``.
        chars: How many characters all texts of a row have together.
        column_chars: The same of single columns.
        tokens: How many tokens, by the tokenizer of the mix.
        script: Share of a script among its letters and Latin ones in a row (of Latin among all), by the script's name.
        chosen_differs: Whether the chosen reply must differ from the rejected one.
        margin: By how much the chosen reply's score is above the rejected one's.

    Raises:
        ArgumentError: A condition is none of these.

    Example:
        >>> Where(chars=Bounds(max=8000), has=("answer",)).has
        ('answer',)
    """

    year: tuple[int, ...] | range | None = field(default=None, metadata=YEARS.metadata)
    language: tuple[str, ...] = ()
    subset: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    chars: Bounds | None = None
    column_chars: Mapping[str, Bounds] = field(default_factory=dict)
    tokens: Bounds | None = None
    script: Mapping[str, Bounds] = field(
        default_factory=dict, metadata=Key(schema=SCRIPT_BOUNDS).metadata
    )
    chosen_differs: bool = False
    margin: Bounds | None = None

    def __post_init__(self) -> None:
        for name in ("language", "subset", "tags", "has"):
            object.__setattr__(self, name, several(name, getattr(self, name)))
        for script, share in self.script.items():
            one_of("script", script, SCRIPTS)
            share.refuse_no_share("script")
        boolean("chosen_differs", self.chosen_differs)
        if self.year is not None:
            object.__setattr__(self, "year", checked_years("year", self.year))
