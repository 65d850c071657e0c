"""That what is odd about each source is listed, and that a test holds it.

``tests/quirks/<source>.toml`` lists it in one of three forms. A ``quirk`` is handled by the entry of
the source: ``old`` is the code that handles it, ``new`` the code without, ``test`` the test that
then fails. What is ``tested`` is handled by code that all sources share; ``test`` holds it. A
``fact`` needs no code; ``because`` says why. The changes are made in a copy of the tree.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

import medqa_kit as mk

ROOT = Path(__file__).parents[1]
LISTS = ROOT / "tests" / "quirks"


@dataclass(frozen=True)
class Quirk:
    """One oddity of a source and the change that would stop handling it.

    Attributes:
        says: The oddity, in a sentence.
        file: The entry that handles it, below ``src/medqa_kit``.
        old: Code that stands there once.
        new: What it would be without the handling.
        test: The test that holds it, below ``tests``.
    """

    says: str
    file: str
    old: str
    new: str
    test: str


@dataclass(frozen=True)
class Shared:
    """Something odd that shared code handles, and the test that holds it."""

    says: str
    test: str


@dataclass(frozen=True)
class Fact:
    """Something odd that no code has to handle."""

    says: str
    because: str


@dataclass(frozen=True)
class Listed:
    """What one file lists."""

    quirks: list[Quirk]
    tested: list[Shared]
    facts: list[Fact]


def listed(name: str) -> Listed:
    tables = tomllib.loads((LISTS / f"{name}.toml").read_text(encoding="utf-8"))
    assert set(tables) <= {"quirk", "tested", "fact"}
    return Listed(
        [Quirk(**entry) for entry in tables.get("quirk", [])],
        [Shared(**entry) for entry in tables.get("tested", [])],
        [Fact(**entry) for entry in tables.get("fact", [])],
    )


LOADABLE = [source.name for source in mk.sources() if source.parts]
QUIRKS = [
    pytest.param(quirk, id=f"{path.stem}-{number}")
    for path in sorted(LISTS.glob("*.toml"))
    for number, quirk in enumerate(listed(path.stem).quirks, 1)
]


@dataclass(frozen=True)
class Copy:
    """A copy of code and tests, and the process that runs tests in it, see ``mutants.py``."""

    root: Path
    runner: subprocess.Popen[str]

    def run(self, file: str, test: str) -> tuple[int, str]:
        """Run the test of a file; give pytest's exit code, and what it wrote."""
        module = "medqa_kit." + file.removesuffix(".py").replace("/", ".")
        job = {"module": module.removesuffix(".__init__"), "test": test}
        assert self.runner.stdin
        assert self.runner.stdout
        self.runner.stdin.write(json.dumps(job) + "\n")
        self.runner.stdin.flush()
        answer = json.loads(self.runner.stdout.readline())
        return answer["code"], answer["output"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """A copy, compiled so that only what is changed is compiled anew."""
    root = tmp_path_factory.mktemp("quirks")
    for name in ("src", "tests", "tools", "docs"):
        copytree(ROOT / name, root / name, ignore=ignore_patterns("__pycache__", "_build"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash", "src"],
        cwd=root, check=True,
    )  # fmt: skip
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    # Tests, which do not change, are rewritten once; what is compiled of the code is told by its hash.
    environment |= {"PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": ""}
    with subprocess.Popen(
        [sys.executable, str(root / "tests" / "mutants.py"), str(root)], env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as runner:  # fmt: skip
        yield Copy(root, runner)
        assert runner.stdin
        runner.stdin.close()


@pytest.mark.quirks
@pytest.mark.parametrize("quirk", QUIRKS)
def test_without_its_handling_a_test_fails(quirk: Quirk, copy: Copy) -> None:
    path = copy.root / "src" / "medqa_kit" / quirk.file
    code = path.read_text(encoding="utf-8")
    assert code.count(quirk.old) == 1, f"`old` stands {code.count(quirk.old)} times in {quirk.file}"
    path.write_text(code.replace(quirk.old, quirk.new), encoding="utf-8")
    try:
        exit_code, output = copy.run(quirk.file, quirk.test)
    finally:
        path.write_text(code, encoding="utf-8")
    assert (exit_code, "1 failed" in output or "1 error" in output) == (1, True), (
        f"{quirk.says!r}: {quirk.test} passes, or does not run, without the handling "
        f"(pytest says {exit_code})\n{output}"
    )


@pytest.mark.quirks
def test_with_all_handling_in_place_a_test_passes(copy: Copy) -> None:
    """Or what fails below fails whatever is undone."""
    quirk: Quirk = QUIRKS[0].values[0]
    exit_code, output = copy.run(quirk.file, quirk.test)
    assert exit_code == 0, output
    assert "1 passed" in output


@pytest.mark.parametrize("name", LOADABLE)
def test_every_source_lists_its_quirks(name: str) -> None:
    assert (LISTS / f"{name}.toml").exists(), (
        f"list what is odd about {name} in tests/quirks/{name}.toml"
    )
    lists = listed(name)
    assert lists.quirks or lists.tested, "a source without any quirk has not been looked at"
    for entry in [*lists.quirks, *lists.tested, *lists.facts]:
        assert len(entry.says) > 20, "say it in a sentence"


@pytest.mark.parametrize("name", [path.stem for path in sorted(LISTS.glob("*.toml"))])
def test_a_list_quotes_its_entry_alone_and_names_tests_that_exist(name: str) -> None:
    lists = listed(name)
    for quirk in lists.quirks:
        assert quirk.file.startswith("entries/"), f"{quirk.says} Name the test alone, as tested."
        assert quirk.old != quirk.new
    for entry in [*lists.quirks, *lists.tested]:
        path, _, function = entry.test.partition("::")
        code = (ROOT / "tests" / path).read_text(encoding="utf-8")
        assert f"def {function.partition('[')[0]}(" in code, f"{entry.test} is gone: {entry.says}"
