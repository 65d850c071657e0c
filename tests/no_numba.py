"""Run as on a machine without Numba."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from medqa_kit.matching.kernels import kernels


@contextmanager
def without_numba() -> Iterator[None]:
    """Have the kernels chosen as if Numba were not installed."""
    with patch("medqa_kit.matching.kernels.find_spec", return_value=None):
        kernels.cache_clear()
        try:
            yield
        finally:
            kernels.cache_clear()
