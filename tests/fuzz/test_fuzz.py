"""Mutated files and nasty tables, in a process of their own: a crash is a failed test.

``pytest -m fuzz -s tests/fuzz`` runs many more of them and prints what came of each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FUZZING = Path(__file__).with_name("fuzzing.py")


def run(folder: Path, what: str, count: int, *, seed: int, seconds: float) -> dict[str, Any]:
    """Fuzz in another process; fail with the number of the case that ended it."""
    at = folder / "at"
    done = subprocess.run(
        [sys.executable, FUZZING, what, str(count), "--seed", str(seed), "--seconds", str(seconds),
         "--at", at],
        capture_output=True, text=True, timeout=seconds + 120,
        env={**os.environ, "HF_DATASETS_CACHE": str(folder), "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, f"case {at.read_text()} of seed {seed}: {done.stderr[-3000:]}"
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def told(result: dict[str, Any]) -> str:
    return "\n\n".join(f"cases {cases[:5]}:\n{text}" for text, cases in result["failures"].items())


@pytest.mark.slow
def test_mutated_files(tmp_path: Path) -> None:
    result = run(tmp_path, "files", 1000, seed=1, seconds=8)
    assert result["done"] > 50
    assert not result["failures"], told(result)
    kinds = {outcome.partition(": ")[2] for outcome in result["outcomes"]}
    assert {"rows", "rows aside", "FormatError"} <= kinds


@pytest.fixture
def _by_hand(request: pytest.FixtureRequest) -> None:
    if "fuzz" not in request.config.getoption("markexpr"):
        pytest.skip("takes minutes: pytest -m fuzz -s tests/fuzz")


@pytest.mark.fuzz
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("_by_hand")
@pytest.mark.parametrize("seed", range(2, 6))
def test_many_mutated_files(tmp_path: Path, seed: int) -> None:
    result = run(tmp_path, "files", 5000, seed=seed, seconds=3600)
    sys.stdout.write(json.dumps(result["outcomes"], indent=1))
    assert result["done"] == 5000
    assert not result["failures"], told(result)


@pytest.mark.slow
def test_nasty_tables_through_the_verbs(tmp_path: Path) -> None:
    result = run(tmp_path, "tables", 40, seed=1, seconds=30)
    assert result["done"] > 5
    assert not result["failures"], told(result)


@pytest.mark.fuzz
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("_by_hand")
def test_many_nasty_tables(tmp_path: Path) -> None:
    result = run(tmp_path, "tables", 500, seed=2, seconds=3600)
    sys.stdout.write(json.dumps(result["outcomes"], indent=1))
    assert result["done"] == 500
    assert not result["failures"], told(result)
