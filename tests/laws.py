"""How many examples a law is tried on: a share of them each time, all with ``--hypothesis-profile full``."""

from __future__ import annotations

from hypothesis import settings

FULL, SHARED = 100, 10  # what a law without a number of its own is tried on, by profile
_SHARE, _LEAST = 10, 6


def examples(full: int) -> int:
    """Return the number for the profile that is loaded.

    Args:
        full: As many as leave no doubt.
    """
    if settings.default.max_examples >= FULL:
        return full
    return max(min(full, _LEAST), full // _SHARE)
