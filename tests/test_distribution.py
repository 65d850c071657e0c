"""What is given to others: an sdist, a wheel out of it, and both as a newcomer and a project use them.

Takes the network: an empty environment installs what the package needs.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from scripts import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
PACKAGE = ROOT / "src" / "medqa_kit"
TUTORIAL = ROOT / "docs" / "tutorials" / "korean_exam_sft.md"
DOWNSTREAM = ROOT / "tests" / "downstream"
_SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_CELL = re.compile(r"```\{code-cell\} ipython3\n(.*?)```", re.DOTALL)
# A notebook shows the value of the last line of a cell.
_RUN_CELLS = """
import ast, contextlib, io, json, sys, warnings
warnings.simplefilter("ignore")
names, shown = {}, []
for cell in json.load(sys.stdin):
    tree, out = ast.parse(cell), io.StringIO()
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(out):
        exec(compile(tree, "cell", "exec"), names)
        value = None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        if value is not None:
            print(repr(value))
    shown.append(out.getvalue())
print(json.dumps(shown))
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what version control has or would take."""
    place = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(["git", "ls-files", "-zco", "--exclude-standard"], cwd=ROOT, capture_output=True,
                            text=True, check=True).stdout.split("\0")  # fmt: skip
    for name in filter(lambda name: (ROOT / name).is_file(), listed):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, place / name)
    return place


@pytest.fixture(scope="module")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist, and with the wheel that was made out of it."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", out, checkout], check=True, capture_output=True)  # fmt: skip
    return out


class Newcomer:
    """Somebody at a shell with an empty virtual environment, in a checkout."""

    def __init__(self, checkout: Path, home: Path) -> None:
        venv.create(home / "env", with_pip=True)
        self.checkout, self.python = checkout, home / "env" / "bin" / "python"
        kept = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_", "HTTP", "http", "no_proxy", "LANG"))}  # fmt: skip
        self.env = kept | {
            "PATH": f"{self.python.parent}:/usr/bin:/bin", "HOME": str(home), "PYTHONUTF8": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_COMPILE": "no",  # what is not used is not compiled
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }  # fmt: skip

    def types(self, command: str, given: str = "") -> str:
        """What a command prints; it must not fail."""
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=self.checkout, env=self.env,
                              input=given, text=True, capture_output=True, check=False)  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def newcomer(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """One who did what the README says first."""
    somebody = Newcomer(checkout, tmp_path_factory.mktemp("home"))
    command = _SHELL.findall((checkout / "README.md").read_text("utf-8"))[0]
    assert command.startswith("pip install . && medqa-kit build korean_exam_sft")
    printed = somebody.types(command)
    assert f"Written to {checkout / 'build/korean_exam_sft'}" in printed
    return somebody


def packaged() -> set[str]:
    """The files of the package, samples and all, by their path from ``src``."""
    return {
        file.relative_to(PACKAGE.parent).as_posix() for file in PACKAGE.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }  # fmt: skip


def test_the_wheel_holds_the_package_with_samples_types_and_licence(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(next(n for n in names if n.endswith("/METADATA"))).decode()
    assert {name for name in names if ".dist-info/" not in name} == packaged()
    assert {"medqa_kit/py.typed", "medqa_kit/loaders.pyi"} <= names
    assert sum("/samples/" in name for name in names) > 100
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert "Requires-Python: >=3.11" in metadata
    assert "License-Expression: Apache-2.0" in metadata
    assert not re.search(r"^Project-URL:", metadata, re.MULTILINE)  # none is known yet


def test_the_sdist_holds_what_is_needed_to_build_and_to_test(built: Path, checkout: Path) -> None:
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        file.relative_to(checkout).as_posix() for file in checkout.rglob("*") if file.is_file()
    }
    products = {
        name for name in wanted if name.startswith("build/")
    }  # by those who tried the README
    assert names - {"PKG-INFO"} == wanted - products


def test_nothing_that_was_installed_disagrees(newcomer: Newcomer) -> None:
    assert "No broken requirements" in newcomer.types("pip check")


@pytest.mark.parametrize("page", ["README.md", "docs/quickstart.md"])
def test_the_pages_one_begins_with_hold_word_for_word(newcomer: Newcomer, page: str) -> None:
    text = (newcomer.checkout / page).read_text("utf-8")
    assert text.count(">>> ") > 3
    # All begin with what the newcomer did first.
    assert re.match(r"pip install \.(\n| && medqa-kit build )", _SHELL.findall(text)[0])
    newcomer.types(f"python -W ignore -m doctest {page}")


def test_the_first_tutorial_gives_what_its_page_shows(newcomer: Newcomer, tmp_path: Path) -> None:
    cells = json.dumps(_CELL.findall(TUTORIAL.read_text("utf-8")))
    theirs = json.loads(newcomer.types(f"python -c '{_RUN_CELLS}'", cells).splitlines()[-1])
    # The pages are made here, by running the same cells.
    done = subprocess.run([sys.executable, "-c", _RUN_CELLS], input=cells, text=True, capture_output=True, check=True, cwd=tmp_path)  # fmt: skip
    ours = json.loads(done.stdout.splitlines()[-1])
    assert len(theirs) > 4
    assert all(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert re.sub(r"/\S+/exam", "FOLDER", other) == re.sub(r"/\S+/exam", "FOLDER", mine)


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_project_that_depends_on_the_wheel_is_clean(
    newcomer: Newcomer, tmp_path: Path, checker: str
) -> None:
    pytest.importorskip(checker)
    shutil.copytree(DOWNSTREAM, tmp_path / "project")
    words = {
        "mypy": ["--python-executable", str(newcomer.python), "--no-error-summary", "--cache-dir", str(tmp_path / "cache")],
        "pyright": ["--pythonpath", str(newcomer.python)],
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-m", checker, *words[checker], "."], cwd=tmp_path / "project",
                          env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home())}, text=True, capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip() in ("", "0 errors, 0 warnings, 0 informations")
