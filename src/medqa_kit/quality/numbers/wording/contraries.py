"""Two contrary things that texts say in words, such as a man and a woman: the one in a text, the other in its copy."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.quality.numbers.plain_form import pairs_with


@dataclass(frozen=True)
class Contraries:
    """Patterns of two contrary things. A text that says both, or neither, contradicts no other.

    Attributes:
        first: Pattern of the first thing.
        second: Pattern of the second.
        likely: For RE2, what all texts have that match the first, and the second; if absent, RE2 reads the patterns themselves.
    """

    first: re.Pattern[str]
    second: re.Pattern[str]
    likely: tuple[str, str] | None = None

    def change(self, source: str, target: str) -> str | None:
        """Return what a text says, if its copy says the contrary alone.

        Args:
            source: A text in plain form.
            target: What was made of it.

        Example:
            >>> sides = Contraries(re.compile("left"), re.compile("right"))
            >>> sides.change("left arm", "right arm")
            'left → right'
            >>> sides.change("left arm and right arm", "right arm")
        """
        first, second = self.first.search(source), self.second.search(source)
        if (first is None) == (second is None):
            return None
        patterns = (self.first, self.second) if first else (self.second, self.first)
        same, contrary = (pattern.search(target) for pattern in patterns)
        if same is not None or contrary is None:
            return None
        words = (match[0].strip(" ,.") for match in (first or second, contrary) if match is not None)  # fmt: skip
        return " → ".join(words)

    def may_differ(self, sources: pa.Array, targets: pa.Array) -> Mask:
        """Find the pairs in which :meth:`change` may find something.

        Args:
            sources: Texts in plain form, ``large_string[n]``.
            targets: What was made of them.

        Returns:
            ``bool[n]``.

        Example:
            >>> sides = Contraries(re.compile("left"), re.compile("right"))
            >>> sides.may_differ(pa.array(["left", "left"]), pa.array(["right", "left"])).tolist()
            [True, False]
        """
        patterns = self.likely or (self.first.pattern, self.second.pattern)
        at = pairs_with(sources, targets, "|".join(patterns))
        (first, second), (first_again, second_again) = (
            [np.asarray(pc.match_substring_regex(texts.take(pa.array(at)), pattern)) for pattern in patterns]
            for texts in (sources, targets)
        )  # fmt: skip
        lost, new = (first & second_again), (second & first_again)
        if self.likely is None:  # then these are all that is said
            lost &= ~(second | first_again)
            new &= ~(first | second_again)
        may: Mask = np.zeros(len(sources), np.bool_)
        may[at] = lost | new
        return may
