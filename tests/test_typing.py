"""What a type checker and an editor see of the public names."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

GOOD = """
import medqa_kit as mk
from typing import assert_type
from collections.abc import Iterable
from datasets import Dataset, DatasetDict, IterableDataset, IterableDatasetDict
reveal_type(mk.load("kormedmcqa", subset="doctor", split="test"))
reveal_type(mk.load("kormedmcqa", years=range(2012, 2022), origin="sample"))
reveal_type(mk.load("kormedmcqa", split="all", streaming=True))
for source in mk.sources():
    mk.load(source, split="train")
row: mk.schemas.QARow = next(iter(mk.rows([], mk.schemas.QARow)))
"""
BAD = {
    "a wrong subset": 'mk.load("kormedmcqa", subset="surgeon")',
    "a wrong split": 'mk.load("kormedmcqa", split="dev")',
    "a wrong source": 'mk.load("kormedmcq")',
    "a wrong view": 'mk.load("kormedmcqa", view="rows")',
    "a choice the source does not offer": 'mk.load("kormedmcqa", variant="both")',
    "a misspelt argument": 'mk.load("kormedmcqa", year=range(2))',
    "a wrong schema name": 'mk.sources(schema="question")',
    "a wrong use": 'mk.sources(use="profit")',
}


def mypy(code: str, tmp_path: Path) -> str:
    file = tmp_path / "user.py"
    file.write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "--no-error-summary",
               "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache" / "user"),
               str(file)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert not done.stderr, done.stderr
    return done.stdout


@pytest.mark.slow
def test_right_calls_pass_and_wrong_ones_are_type_errors(tmp_path: Path) -> None:
    assert "error" not in mypy(GOOD, tmp_path)
    code = "import medqa_kit as mk\n" + "".join(f"{line}\n" for line in BAD.values())
    errors = mypy(code, tmp_path)
    for number, what in enumerate(BAD, 2):
        assert f"user.py:{number}: error" in errors, f"{what} passes the type checker:\n{errors}"


def test_overloads_follow_the_catalogue() -> None:
    spec = importlib.util.spec_from_file_location("write", ROOT / "tools" / "write_overloads.py")
    assert spec
    assert spec.loader
    write = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(write)
    assert write.FILE.read_text("utf-8") == write.text(), "python tools/write_overloads.py"
