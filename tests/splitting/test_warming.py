"""Kernels compiled ahead are found by the next process."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import medqa_kit as mk
from medqa_kit.cli import main

_COMPILED = """
import json
import medqa_kit as mk, pyarrow as pa
from numba.core.dispatcher import Dispatcher
from numba.core.event import install_recorder
compile, kernels = Dispatcher.compile, {}
def recorded(kernel, signature):
    kernels[kernel.py_func.__module__, kernel.py_func.__name__] = kernel
    return compile(kernel, signature)
Dispatcher.compile = recorded
def ready():
    return {(*name, str(signature)) for name, kernel in kernels.items() for signature in kernel.signatures}
rows = pa.table({"id": ["a", "b"], "family": ["a", "b"], "question": ["Why is <i>this</i>?", "e\u0301 가 ក្ក"]})
with install_recorder("numba:compile") as recorder:
    mk.warm()
    warm = ready()
    mk.exclude(rows, mk.Holdout.from_rows(rows, reason="a test"))
    mk.dedupe(rows)
print(json.dumps([len(recorder.buffer), len(warm), sorted(ready() - warm)]))
"""


@pytest.mark.slow
def test_the_next_process_compiles_nothing() -> None:
    """The cache is that of the tree. What others compiled into it proves nothing: no kernel is missing from ``warm``."""
    pytest.importorskip("numba")
    tool = "import sys; from medqa_kit.cli import main; sys.exit(main(['warm']))"
    said = subprocess.run(
        [sys.executable, "-c", tool], env=os.environ, check=True, capture_output=True, text=True
    )
    assert said.stdout.startswith("compiled kernels are in the cache")
    done = subprocess.run(
        [sys.executable, "-c", _COMPILED],
        env=os.environ,
        check=True,
        capture_output=True,
        text=True,
    )
    compiled, ready, cold = json.loads(done.stdout)
    assert (compiled, cold) == (0, [])
    assert ready > 5


def test_warming_twice_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    assert mk.warm() >= 0
    assert main(["warm"]) == 0
    assert "compiled kernels" in capsys.readouterr().out
