"""How much a law is tried on: a share of its examples and cases each time, in the slow step all cases and most examples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

FULL, MOST, SHARED = 100, 60, 10  # what a law without a number of its own is tried on, by profile
MANY, SHARE = 4, 4  # of a test with so many cases, one in four is tried each time
_SHARE, _LEAST = 10, 6


def examples(full: int) -> int:
    """Return the number for the profile that is loaded.

    Args:
        full: As many as leave no doubt.
    """
    if settings.default.max_examples >= FULL:
        return full
    if settings.default.max_examples >= MOST:
        return max(min(full, _LEAST), full * MOST // FULL)
    return max(min(full, _LEAST), full // _SHARE)


def cases(values: Iterable[Any], *, every: int = 4) -> list[Any]:
    """Return the values as cases of a test, all slow but the first of so many."""
    return [
        pytest.param(value, marks=pytest.mark.slow if place % every else ())
        for place, value in enumerate(values)
    ]
