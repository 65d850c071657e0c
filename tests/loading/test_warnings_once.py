"""What a person should know of a source is said once a process, not once a call."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest

import medqa_kit as mk

_LOADS = """
import medqa_kit as mk
def train(name, **how):
    return mk.load(name, split="train", origin="sample", **how)
train("kormedmcqa")
for _ in range(2):
    mk.load("kormedmcqa", split="train", origin="sample")
train("extreme_firstaid")
mk.load("extreme_firstaid", split="train", origin="sample", streaming=True)
train("kbmc")
"""


@pytest.mark.slow
def test_a_source_is_warned_of_once_a_process() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", _LOADS], capture_output=True, text=True, check=True
    )
    said = [line for line in done.stderr.splitlines() if line.startswith("<string>:")]
    assert sum("LicenseWarning: kormedmcqa:" in line for line in said) == 1
    assert sum("SafetyWarning: extreme_firstaid:" in line for line in said) == 1
    assert next(line for line in said if "kormedmcqa:" in line).startswith("<string>:4:")


def test_filters_decide_as_ever() -> None:
    for _ in range(2):
        with pytest.warns(mk.errors.LicenseWarning, match="kormedmcqa"):
            mk.load("kormedmcqa", split="train", origin="sample")
    with warnings.catch_warnings(action="error"), pytest.raises(mk.errors.LicenseWarning):
        mk.load("kormedmcqa", split="train", origin="sample")
