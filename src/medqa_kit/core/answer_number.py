"""The raw column that gives the number of the right option: it proves whether upstream counts from 0 or from 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medqa_kit.core.arguments import one_of


@dataclass(frozen=True, kw_only=True)
class AnswerNumber:
    """The raw columns of a question's options and of the number of the right one.

    Attributes:
        column: Raw column of the number.
        first: The number of the first option.
        options: Raw columns that hold one option each, or the one list column that holds all.
        withheld: Numbers, as text, that mean "not published".
        explanation: Raw column of an explanation, which may name the letter of the right option;
            ``None`` where there is none.
    """

    column: str
    first: Literal[0, 1]
    options: tuple[str, ...] | str
    withheld: tuple[str, ...] = ()
    explanation: str | None = None

    def __post_init__(self) -> None:
        one_of("first", self.first, (0, 1), hint="upstream's number of the first option")
