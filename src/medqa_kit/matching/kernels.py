"""Which kernel runs: compiled with Numba (the ``fast`` extra), or NumPy. Both give the same answers."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from typing import Literal, get_args

from medqa_kit.core.arguments import one_of
from medqa_kit.errors import MissingExtraError

KernelName = Literal["auto", "numba", "numpy"]
"""``"auto"`` takes Numba where it is installed."""


def compiled(kernel: KernelName) -> bool:
    """Tell whether the compiled kernel is to be used.

    Raises:
        MissingExtraError: ``"numba"`` was asked for and is not installed.
        RecipeError: It is none of the three names.

    Example:
        >>> compiled("numpy")
        False
    """
    one_of("kernel", kernel, get_args(KernelName))
    if kernel == "numba" and not _installed():
        raise MissingExtraError("numba", "fast", need="the compiled kernel")
    return kernel != "numpy" and _installed()


@lru_cache(maxsize=1)
def _installed() -> bool:
    return find_spec("numba") is not None
