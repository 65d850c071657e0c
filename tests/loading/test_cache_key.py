"""The place in the cache moves with the code that the rows depend on, and with no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from scripts import ROOT


@pytest.fixture
def package(tmp_path: Path) -> Iterator[Path]:
    """A copy of the package that may be edited."""
    copytree(ROOT / "src", tmp_path / "src")  # with compiled files, too
    return tmp_path / "src" / "medqa_kit"


def ask(package: Path, what: str) -> dict:
    """What ``edited_code.py`` says of a copy."""
    environment = os.environ | {"PYTHONPATH": str(package.parent)}
    answer = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "edited_code.py"), what],
        cwd=package.parents[1], env=environment, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return json.loads(answer.stdout)


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, encoding="utf-8")


@pytest.mark.slow
def test_it_moves_with_each_file_whose_code_makes_rows(package: Path) -> None:
    edits = ask(package, "moved")
    readers = {
        f"loading/readers/{name}.py"
        for name in ("delimited_files/delimited", "json_tree", "jsonl", "parquet")
    }
    known = {
        "loading/preparing/part_rows.py",
        "normalizing/numbered_options.py",
        "core/arrow/columns.py",
        "entries",
    }
    assert readers | known <= edits.keys()
    stayed = {file: {*of["made"]} - {*of["moved"]} for file, of in edits.items()}
    assert not {file: names for file, names in stayed.items() if names}


@pytest.mark.slow
def test_it_stays_when_other_code_changes_or_is_loaded(package: Path) -> None:
    before = ask(package, "keys")
    for name in ("cli/program.py", "training/records.py", "tokens/counts.py", "building/pipeline.py",
                 "prompting/prompts.py", "evaluation/extract.py", "splitting/splits.py"):  # fmt: skip
        append(package / name, "\nEDITED = True\n")
    klue = package / "entries" / "klue.py"
    klue.write_text(f'"""Another docstring."""\n{klue.read_text("utf-8")}', encoding="utf-8")
    assert ask(package, "loaded") == before
