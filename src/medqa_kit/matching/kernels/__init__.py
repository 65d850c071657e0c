"""The functions that take most of the time, written twice: for Numba and for NumPy.

Both modules have the same functions with the same arguments and results. Numba comes with the
``fast`` extra; it is used wherever it is installed.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from types import ModuleType


@lru_cache(maxsize=1)
def kernels() -> ModuleType:
    """Return the module of the kernels that this process uses.

    The choice is made at the first call, because Numba is slow to import.

    Example:
        >>> kernels().text_hashes.__name__
        'text_hashes'
    """
    if find_spec("numba") is not None:
        from medqa_kit.matching.kernels import numba_kernels

        return numba_kernels
    from medqa_kit.matching.kernels import numpy_kernels

    return numpy_kernels


def compiled_kernels() -> ModuleType | None:
    """Return the compiled kernels, which have three more that only spare work; ``None`` without Numba."""
    chosen = kernels()
    return chosen if chosen.__name__.endswith(".numba_kernels") else None
