"""Groups of rows that belong together: families, exact copies, near copies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def components(rows: int, one: Ints, other: Ints) -> Ints:
    """Number the connected components of rows joined by pairs.

    Args:
        rows: How many rows there are.
        one: ``int64``: one row of each pair.
        other: ``int64``: the other.

    Returns:
        ``int64[rows]``: the least row of each row's component.

    Example:
        >>> components(5, np.array([0, 3]), np.array([4, 4])).tolist()
        [0, 1, 2, 0, 0]
    """
    least = np.arange(rows)
    while True:
        # Both ends take the lesser label; then every label follows its own label down.
        lower = np.minimum(least[one], least[other])
        before = least.copy()
        for end in (least[one], least[other], one, other):
            np.minimum.at(least, end, lower)
        while not np.array_equal(least, least[least]):
            least = least[least]
        if np.array_equal(before, least):
            return least


def same(values: npt.NDArray[np.generic]) -> tuple[Ints, Ints]:
    """Pair each row with the first one of the same value.

    Example:
        >>> [side.tolist() for side in same(np.array([7, 8, 7]))]
        [[0], [2]]
    """
    _, first, which = np.unique(values, return_index=True, return_inverse=True)
    leader = first[which]
    rows = np.arange(len(values))
    later = leader != rows
    return leader[later], rows[later]
