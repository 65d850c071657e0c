"""Kernels compiled ahead are found by the next process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import medqa_kit as mk
from medqa_kit.cli import main

_COMPILED = """
import medqa_kit as mk, pyarrow as pa
from numba.core.event import install_recorder
rows = pa.table({"id": ["a", "b"], "family": ["a", "b"], "question": ["Why is <i>this</i>?", "e\\u0301 가 ក្ក"]})
with install_recorder("numba:compile") as recorder:
    mk.exclude(rows, mk.Holdout.from_rows(rows, reason="a test"))
    mk.dedupe(rows)
print(len(recorder.buffer))
"""


@pytest.mark.slow
def test_the_next_process_compiles_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("numba")
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    tool = "import sys; from medqa_kit.cli import main; sys.exit(main(['warm']))"
    said = subprocess.run(
        [sys.executable, "-c", tool], env=env, check=True, capture_output=True, text=True
    )
    assert said.stdout.startswith("compiled kernels are in the cache")
    done = subprocess.run(
        [sys.executable, "-c", _COMPILED], env=env, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "0"


def test_warming_twice_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    assert mk.warm() >= 0
    assert main(["warm"]) == 0
    assert "compiled kernels" in capsys.readouterr().out
