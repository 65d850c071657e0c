"""The share of rows that were answered right, with its confidence interval."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.tables import counted

_Z = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True, repr=False)
class Accuracy(Shown):
    """How many of some rows were answered right.

    Attributes:
        rows: How many rows have a known answer.
        right: How many replies give it.
        wrong: How many give another option.
        unread: In how many no answer was read, missing replies among them.
    """

    rows: int
    right: int
    wrong: int
    unread: int

    def _blocks(self) -> Iterator[Block]:
        low, high = self.interval
        share = f": {self.accuracy:.1%} (95%: {low:.1%} to {high:.1%})" if self.rows else ""
        yield f"{self.right:,} of {counted(self.rows, 'row')} right, {self.unread:,} unread{share}"

    @property
    def accuracy(self) -> float:
        """Right by all rows; NaN where there are none."""
        return self.right / self.rows if self.rows else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Wilson's score.

        References:
            Wilson (1927), Probable inference, the law of succession, and statistical inference.

        Example:
            >>> tuple(round(bound, 3) for bound in Accuracy(10, 7, 2, 1).interval)
            (0.397, 0.892)
        """
        if not self.rows:
            return math.nan, math.nan
        share, spread = self.accuracy, _Z**2 / self.rows
        middle = (share + spread / 2) / (1 + spread)
        half = (
            _Z / (1 + spread) * math.sqrt(share * (1 - share) / self.rows + spread / 4 / self.rows)
        )
        low = middle - half if self.right else 0.0
        return low, middle + half if self.right < self.rows else 1.0

    @property
    def stderr(self) -> float:
        """The standard error of the mean that lm-eval prints: sample deviation by root of n."""
        if self.rows < 2:
            return math.nan
        return math.sqrt(self.accuracy * (1 - self.accuracy) / (self.rows - 1))


@dataclass(frozen=True, repr=False)
class McNemar(Shown):
    """Two rules on the same replies: rows that only one of them counts as right.

    Attributes:
        first: Right by the first rule alone.
        second: Right by the second rule alone.
        p: Exact two-sided probability of a split at least as uneven, were the rules alike.

    References:
        McNemar (1947), Note on the sampling error of the difference between correlated
        proportions or percentages; the exact binomial form.

    Example:
        >>> McNemar(first=8, second=1, p=0.0390625).p < 0.05
        True
    """

    first: int
    second: int
    p: float

    def _blocks(self) -> Iterator[Block]:
        yield f"p = {self.p:.3g} that two rules as good as each other differ by as much"
        yield [
            ("right by the first alone", "right by the second alone"),
            (f"{self.first:,}", f"{self.second:,}"),
        ]
