"""What each pair of row and item has in common: what the rules judge by."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Answers(NamedTuple):
    """What is known of the right answer, for each pair of row and item.

    Attributes:
        held: ``float64[n]``: how much of the item's right option a text holds that lists no options; NaN
            where that says nothing.
        agreed: ``float64[n]``: how much of it what the row says is right holds; NaN where the row says nothing.
        other: ``bool[n]``: whether the row says, of options it lists, that another one is right.
        listed: ``bool[n]``: whether the row lists options.
        little_more: ``bool[n]``: whether the row has little more text than the item, stem and right
            option: then chance gives less.
    """

    held: npt.NDArray[np.float64]
    agreed: npt.NDArray[np.float64]
    other: npt.NDArray[np.bool_]
    listed: npt.NDArray[np.bool_]
    little_more: npt.NDArray[np.bool_]

    @property
    def score(self) -> npt.NDArray[np.float64]:
        """How much of the right option was found, NaN where nothing is known."""
        known: npt.NDArray[np.float64] = np.where(np.isnan(self.agreed), self.held, self.agreed)
        return known

    def chosen(self, pairs: npt.NDArray[np.int64]) -> Answers:
        """Return what is known of some of the pairs."""
        return Answers._make(values[pairs] for values in self)


class Scores(NamedTuple):
    """How much of each item a row holds: ``float64[n]``, 0 to 1, for each pair of row and item.

    Attributes:
        stem: Of its stem.
        options: Of its options, or of the answer of an open item.
        key: Of its stem where the rarest terms decide; 0 until the pair is looked at more closely.
        numbers: Of the numbers of its stem; 1 where they are too few to tell, or until then.
    """

    stem: npt.NDArray[np.float64]
    options: npt.NDArray[np.float64]
    key: npt.NDArray[np.float64]
    numbers: npt.NDArray[np.float64]

    def chosen(self, pairs: npt.NDArray[np.int64]) -> Scores:
        """Return the scores of some of the pairs."""
        return Scores._make(values[pairs] for values in self)
