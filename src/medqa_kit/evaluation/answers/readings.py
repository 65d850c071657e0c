"""The reading of a reply, or the reason why it has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from medqa_kit.core.showing.shown import Block, Shown

Reason = Literal[
    "statement",  # the reply says that this is the answer
    "marker",  # the reply is, or begins with, or ends in the marker
    "option text",  # the reply repeats the words of one option
    "several",  # more than one answer, and nothing says which is final
    "conflict",  # the marker is one option's, the words beside it another's
    "out of range",  # a marker the question does not have
    "refusal",  # the reply says that it gives no answer
    "unfinished",  # the reasoning was cut off before an answer
    "empty",  # nothing but blanks
    "nothing",  # no answer found
    "harness",  # read by a harness's own rule
    "unread",  # a harness's own rule reads nothing
]


@dataclass(frozen=True, slots=True, repr=False)
class Extraction(Shown):
    """What was read.

    Args:
        index: The option, from 0; null where none was read.
        reason: How, or why not.
        span: Where in the reply, as ``(start, end)``; null where no place can be named.
        value: The text there, or what a harness's own rule yields.

    Example:
        >>> Extraction(index=1, reason="statement", span=(14, 15), value="B").index
        1
    """

    index: int | None
    reason: Reason
    span: tuple[int, int] | None = None
    value: str | None = None

    def _blocks(self) -> Iterator[Block]:
        option = "no option" if self.index is None else f"option {self.index}, counted from 0"
        text = "" if self.value in (None, "") else f": {self.value!r}"
        place = "" if self.span is None else f" at {self.span[0]} to {self.span[1]}"
        yield f"{option} ({self.reason}){text}{place}"


@dataclass(frozen=True, slots=True)
class Statement:
    """An answer that stands where the reply states one."""

    start: int
    end: int
    index: int | None  # null: a marker the question does not have
    kind: str = ""  # which alternative of the marker, or "text"
    final: bool = False
    revised: bool = False
    plural: bool = False
    conflict: bool = False
    doubted: bool = False
