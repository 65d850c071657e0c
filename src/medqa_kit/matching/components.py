"""Groups of rows that belong together: families, exact copies, near copies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from medqa_kit.core.arrow.ragged import Ints


def components(rows: int, first: Ints, second: Ints) -> Ints:
    """Number the connected components of rows joined by pairs.

    Args:
        rows: How many rows there are.
        first: ``int64``: one row of each pair.
        second: ``int64``: the other.

    Returns:
        ``int64[rows]``: the least row of each row's component.

    Example:
        >>> components(5, np.array([0, 3]), np.array([4, 4])).tolist()
        [0, 1, 2, 0, 0]
    """
    least = np.arange(rows)
    while True:
        # Both ends take the lesser label; then every label follows its own label down.
        lower = np.minimum(least[first], least[second])
        before = least.copy()
        for end in (least[first], least[second], first, second):
            np.minimum.at(least, end, lower)
        while not np.array_equal(least, least[least]):
            least = least[least]
        if np.array_equal(before, least):
            return least


def equal_pairs(*columns: npt.NDArray[np.generic]) -> tuple[Ints, Ints]:
    """Pair each row with the first one of the same values.

    Args:
        columns: One or more, of one length.

    Example:
        >>> [side.tolist() for side in equal_pairs(np.array([7, 8, 7]))]
        [[0], [2]]
    """
    order = np.lexsort(columns[::-1])  # stable: equal rows stay in order
    new = np.ones(len(order), np.bool_)
    new[1:] = np.logical_or.reduce([
        column[order[1:]] != column[order[:-1]] for column in columns
    ])  # fmt: skip
    leader = np.empty(len(order), np.int64)
    leader[order] = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
    later = np.flatnonzero(leader != np.arange(len(order)))
    return leader[later], later
