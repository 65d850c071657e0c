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


def equal_pairs(values: npt.NDArray[np.generic]) -> tuple[Ints, Ints]:
    """Pair each row with the first one of the same value.

    Example:
        >>> [side.tolist() for side in equal_pairs(np.array([7, 8, 7]))]
        [[0], [2]]
    """
    _, first, which = np.unique(values, return_index=True, return_inverse=True)
    leader = first[which]
    rows = np.arange(len(values))
    later = leader != rows
    return leader[later], rows[later]
