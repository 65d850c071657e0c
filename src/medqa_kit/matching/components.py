"""Groups of rows that belong together: families, exact copies, near copies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from medqa_kit.core.arrow.ragged import Ints, distinct
from medqa_kit.core.arrow.row_arrays import row_numbers
from medqa_kit.core.threads import in_order

_STRETCH = 1 << 20
"""Rows, more or less, whose keys are put in order at a time, so that memory stays flat."""
_LOOKED_AT = 1 << 16  # keys at a time: what the processor keeps at hand


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
    joined = distinct(np.concatenate([first, second]))
    lowest = row_numbers(rows)
    lowest[joined] = joined[
        _labels(len(joined), np.searchsorted(joined, first), np.searchsorted(joined, second))
    ]
    return lowest


def _labels(rows: int, first: Ints, second: Ints) -> Ints:
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


def equal_pairs(
    keys: npt.NDArray[np.uint64], *columns: npt.NDArray[np.generic]
) -> tuple[Ints, Ints]:
    """Pair each row with the first one of the same values.

    Args:
        keys: ``uint64[n]``: hashes, so that they spread over all numbers.
        columns: More values of the rows.

    Returns:
        ``int64`` each: first rows, and the later ones, which are in order.

    Example:
        >>> [side.tolist() for side in equal_pairs(np.array([7 << 60, 8 << 60, 7 << 60], np.uint64))]
        [[0], [2]]
    """
    pairs = [_pairs_among(rows, keys, *columns) for rows in repeated_keys(keys, threads=None)]
    none = np.zeros(0, np.int64)
    first = np.concatenate([none, *(left for left, _ in pairs)])
    later = np.concatenate([none, *(other for _, other in pairs)])
    order = np.argsort(later)
    return first[order], later[order]


def _pairs_among(rows: Ints, *columns: npt.NDArray[np.generic]) -> tuple[Ints, Ints]:
    values = [column[rows] for column in columns]
    order = np.lexsort(values[::-1])  # stable: equal rows stay in order
    new = np.ones(len(order), np.bool_)
    new[1:] = np.logical_or.reduce([value[order[1:]] != value[order[:-1]] for value in values])
    leader = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
    return rows[leader[~new]], rows[order[~new]]


def repeated_keys(keys: npt.NDArray[np.uint64], *, threads: int | None = 1) -> Iterator[Ints]:
    """Find the rows whose keys come more than once.

    Keys are gone through in stretches of numbers, each as many times as it takes to keep those of a million
    rows in memory.

    Args:
        keys: ``uint64[n]``: hashes, so that they spread over all numbers.
        threads: How many look at a stretch each; see :func:`~medqa_kit.core.threads.in_order`.

    Yields:
        ``int64``: rows in order. All rows of one key come together; a few rows may be among them whose keys only
        begin as others do.

    Example:
        >>> keys = np.array([7 << 60, 8 << 60, 7 << 60], np.uint64)
        >>> [rows.tolist() for rows in repeated_keys(keys)]
        [[0, 2]]
    """
    bits = (len(keys) // _STRETCH).bit_length()
    if not bits:
        yield _repeated(keys)
        return
    shift = np.uint64(64 - bits)

    def repeated_in(stretch: int) -> Ints:
        rows = np.concatenate([
            begin + np.flatnonzero(keys[begin : begin + _LOOKED_AT] >> shift == stretch)
            for begin in range(0, len(keys), _LOOKED_AT)
        ])  # fmt: skip
        return rows[_repeated(keys[rows])]

    yield from in_order(repeated_in, range(1 << bits), threads=threads)


def _repeated(keys: npt.NDArray[np.uint64]) -> Ints:
    """Sort the upper bits of keys together with their places: twice as fast as an ``argsort``."""
    bits = np.uint64(max(len(keys) - 1, 1).bit_length())
    low = (np.uint64(1) << bits) - np.uint64(1)
    packed = (keys & ~low) | np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    equal = packed[1:] >> bits == packed[:-1] >> bits
    alike = np.zeros(len(keys), np.bool_)
    alike[1:] = equal
    alike[:-1] |= equal
    return np.sort((packed[alike] & low).astype(np.int64))
