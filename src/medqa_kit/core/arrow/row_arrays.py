"""Arrays with values of every row, which lie in temporary files where there are many rows."""

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
    """Make room for values of every row, all zero, to be filled in place.

    A large array lies in a temporary file in ``TMPDIR``, which the system reads and writes as memory allows; in
    memory if there is no room for the file.

    Args:
        shape: Of the array.
        kind: Type of its values.

    Example:
        >>> row_array((2, 3), np.uint8).tolist()
        [[0, 0, 0], [0, 0, 0]]
    """
    size = prod((shape,) if isinstance(shape, int) else shape) * np.dtype(kind).itemsize
    if size > _IN_MEMORY:
        with TemporaryFile() as file:  # what is mapped outlives it
            if _has_room(file, size):
                mapped: npt.NDArray[Any] = np.memmap(file, kind, "r+", shape=shape).view(np.ndarray)
                return mapped
    return np.zeros(shape, kind)


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


def _has_room(file: IO[bytes], size: int) -> bool:
    """Reserve room for a file: to run out of it later would end the process."""
    try:
        os.posix_fallocate(file.fileno(), 0, size)
    except (AttributeError, OSError):  # no such call, or no room
        return False
    return True
