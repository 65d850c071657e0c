"""Arrays with a value for each row; large ones lie in temporary files."""

from __future__ import annotations

import os
from math import prod
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
import numpy.typing as npt

_IN_MEMORY = 4 << 20  # bytes of an array; a larger one lies in a file

_STEP = 1 << 20  # values looked at at a time


def row_array(shape: int | tuple[int, ...], kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return an array of zeros with a value for each row, to be filled in place.

    A large array is mapped to a temporary file in ``TMPDIR``, so that it needs no memory of its own; if there is
    no room for the file, it lies in memory.

    Args:
        shape: Of the array.
        kind: Type of its values.

    Example:
        >>> row_array((2, 3), np.uint8).tolist()
        [[0, 0, 0], [0, 0, 0]]
    """
    size = prod((shape,) if isinstance(shape, int) else shape) * np.dtype(kind).itemsize
    if size > _IN_MEMORY:
        with TemporaryFile() as file:  # the mapping lives on without the name of the file
            if _has_room(file, size):
                mapped: npt.NDArray[Any] = np.memmap(file, kind, "r+", shape=shape).view(np.ndarray)
                return mapped
    return np.zeros(shape, kind)


def row_numbers(rows: int) -> npt.NDArray[np.int64]:
    """Return the numbers of many rows, in order, as a :func:`row_array`.

    Example:
        >>> row_numbers(3).tolist()
        [0, 1, 2]
    """
    numbers = row_array(rows, np.int64)
    for begin in range(0, rows, _STEP):
        end = min(begin + _STEP, rows)
        numbers[begin:end] = np.arange(begin, end)
    return numbers


def changed_rows(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the rows that no longer have their own number, in order.

    Example:
        >>> changed_rows(np.array([0, 0, 2])).tolist()
        [1]
    """
    steps = (numbers[begin : begin + _STEP] for begin in range(0, len(numbers), _STEP))
    places = [np.zeros(0, np.int64)]
    for at, near in enumerate(steps):
        begin = at * _STEP
        places.append(begin + np.flatnonzero(near != np.arange(begin, begin + len(near))))
    return np.concatenate(places)


def edge_places(
    edges: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Return between which edges the value of each row lies, as a :func:`row_array`.

    Args:
        edges: In ascending order; a value that equals an edge lies behind it.
        values: Of each row.

    Example:
        >>> edge_places(np.array([0.5]), np.array([0.1, 0.5, 0.9])).tolist()
        [0, 1, 1]
    """
    places = row_array(len(values), np.int64)
    for begin in range(0, len(values), _STEP):
        near = values[begin : begin + _STEP]
        places[begin : begin + len(near)] = np.searchsorted(edges, near, side="right")
    return places


def value_places(values: npt.NDArray[Any], value: object) -> npt.NDArray[np.int64]:
    """Return where a value stands among those of many rows, in order, as a :func:`row_array`.

    Example:
        >>> value_places(np.array([1, 0, 1]), 1).tolist()
        [0, 2]
    """
    steps = range(0, len(values), _STEP)
    size = sum(int((values[begin : begin + _STEP] == value).sum()) for begin in steps)
    places, at = row_array(size, np.int64), 0
    for begin in steps:
        near = np.flatnonzero(values[begin : begin + _STEP] == value)
        places[at : at + len(near)] = begin + near
        at += len(near)
    return places


def values_at(values: npt.NDArray[Any], places: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
    """Return the values at the places of many rows, as a :func:`row_array`.

    Example:
        >>> values_at(np.array([5, 6, 7]), np.array([2, 0])).tolist()
        [7, 5]
    """
    taken = row_array(len(places), values.dtype)
    for begin in range(0, len(places), _STEP):
        taken[begin : begin + _STEP] = values[places[begin : begin + _STEP]]
    return taken


def _has_room(file: IO[bytes], size: int) -> bool:
    """Reserve room for a file: to run out of it later would end the process."""
    try:
        os.posix_fallocate(file.fileno(), 0, size)
    except (AttributeError, OSError):  # no such call, or no room
        return False
    return True
