"""Tests that look at every pattern are read only where they may run: to collect the patterns takes seconds."""

from __future__ import annotations

import pytest


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    words = str(config.getoption("markexpr"))
    return True if "not slow" in words and "not fuzz" in words else None
