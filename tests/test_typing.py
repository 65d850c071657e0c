"""What a type checker sees of the loaders, in a project that imports the library."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOWNSTREAM = Path(__file__).parent / "downstream"
MOST_LINES = 6
CHECKERS = {
    "mypy": ["--no-error-summary", "--cache-dir", str(ROOT / ".mypy_cache" / "downstream"), "."],
    "pyright": ["--pythonpath", sys.executable, "."],
}

SLIPS = {
    "subset": 'mk.loaders.kormedmcqa(subset="surgeon", split="test")',
    "one_of_many": 'mk.loaders.chugyouk_collection(subset="MedQB", split="train")',
    "no_subsets": 'mk.loaders.kbmc(subset="medical", split="train")',
    "split": 'mk.loaders.kormedmcqa(split="dev")',
    "view": 'mk.loaders.kormedmcqa(split="test", view="rows")',
    "choice": 'mk.loaders.khmer_medical_qa(split="train", variant="btoh")',
    "several_schemas": 'mk.loaders.klue(subset="yant", split="train")',
    "origin": 'mk.loaders.kormedmcqa(split="test", origin="smaple")',
    "on_bad": 'mk.loaders.kormedmcqa(split="test", on_bad="keep")',
    "source": 'mk.loaders.kormedmcq(split="test")',
    "misspelt_argument": 'mk.loaders.kormedmcqa(year=range(2))',
}  # fmt: skip
# what is an error in whatever many lines
WRONG = {
    "choice_not_offered": 'mk.loaders.kormedmcqa(split="test", variant="both")',
    "load": 'mk.load("kormedmcqa", splt="test")',
    "schema": 'mk.sources(schema="question")',
    "use": 'mk.sources(use="profit")',
    "row": 'mk.loaders.kormedmcqa(split="test")[0]["qestion"]',
}


def checked(checker: str, folder: Path) -> str:
    """What a checker writes of a folder; it finds the library as an installed one."""
    done = subprocess.run(
        [sys.executable, "-m", checker, *CHECKERS[checker]], cwd=folder, text=True,
        capture_output=True, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "MYPYPATH": str(ROOT / "src"),
             "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert not done.stderr, done.stderr
    return done.stdout


@pytest.fixture(scope="module", params=CHECKERS)
def checker(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(request.param)
    return str(request.param)


@pytest.mark.slow
def test_a_project_downstream_is_clean(checker: str) -> None:
    assert checked(checker, DOWNSTREAM).strip() in ("", "0 errors, 0 warnings, 0 informations")


@pytest.mark.slow
def test_a_slip_is_one_short_message(checker: str, tmp_path: Path) -> None:
    shutil.copy(DOWNSTREAM / "pyproject.toml", tmp_path)
    for name, call in {**SLIPS, **WRONG}.items():
        (tmp_path / f"{name}.py").write_text(f"import medqa_kit as mk\n{call}\n", "utf-8")
    report = checked(checker, tmp_path)
    messages = {name: message_lines(report, name) for name in {**SLIPS, **WRONG}}
    assert [name for name, lines in messages.items() if not lines] == [], report
    long = {name: messages[name] for name in SLIPS if len(messages[name]) > MOST_LINES}
    assert not long, long


def message_lines(report: str, name: str) -> list[str]:
    """The lines of a report about one file; those without a file belong to the line before."""
    lines, about = [], ""
    for line in report.splitlines():
        if ".py:" in line:
            about = Path(line.strip().split(":")[0]).stem
        if about == name and not line.startswith("/"):
            lines.append(line)
    return [line for line in lines if "errors," not in line]


def test_the_typed_loaders_follow_the_catalogue() -> None:
    write = runpy.run_path(str(ROOT / "tools" / "write_loaders.py"))
    assert write["FILE"].read_text("utf-8") == write["text"](), "python tools/write_loaders.py"
