"""Which files of a package a function may run code of."""

from __future__ import annotations

import compileall
import importlib
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from medqa_kit.core.code.files import CodeFiles, code_files

FILES = {
    "__init__.py": "",
    "start.py": """
from __future__ import annotations
from typing import TYPE_CHECKING
import json
from house.tools import (
    cut,  # a function of tools/__init__.py
    saw,
)
if TYPE_CHECKING:
    from house.kinds import Kind
def begin(kind: Kind) -> None:
    '''Begin.

    Example:
        >>> from house.unused import nothing
    '''
    from house.late import later
""",
    "tools/__init__.py": "def cut(): ...\n",
    "tools/saw.py": "import house.deep.one, house.deep.two as two\n",
    "tools/hammer.py": "",
    "kinds.py": "class Kind: ...\n",
    "late.py": "from house.start import begin\n",
    "unused.py": "nothing = None\n",
    "deep/__init__.py": "",
    "deep/one.py": "",
    "deep/two.py": "",
}
FOLLOWED = {
    "house.start", "house.tools", "house.tools.saw", "house.kinds", "house.late", "house.deep.one",
    "house.deep.two",
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that can be imported."""
    for name, text in FILES.items():
        path = tmp_path / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "house"


def looked_at(monkeypatch: pytest.MonkeyPatch) -> CodeFiles:
    """What is found by a process that has just started."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "house"]:
        monkeypatch.delitem(sys.modules, name)
    importlib.invalidate_caches()
    code_files.cache_clear()
    begin: Callable[..., object] = importlib.import_module("house.start").begin
    return code_files(begin)


def test_imports_are_followed_late_for_types_and_of_modules(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert looked_at(monkeypatch).modules == FOLLOWED


@pytest.mark.parametrize("name", FILES)
def test_the_digest_moves_with_the_files_that_are_followed(
    name: str, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = looked_at(monkeypatch)
    with (house / name).open("a", encoding="utf-8") as file:
        file.write("# edited\n")
    module = "house." + name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert (looked_at(monkeypatch) != before) is (module in FOLLOWED)


def test_what_else_is_loaded_does_not_matter(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = looked_at(monkeypatch)
    for name in ("house.unused", "house.tools.hammer", "house.late"):
        importlib.import_module(name)
    code_files.cache_clear()
    assert code_files(importlib.import_module("house.start").begin) == before


def test_a_zipped_package_is_the_same(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = looked_at(monkeypatch)
    archive = house.parent / "house.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for name, text in FILES.items():
            zipped.writestr(f"house/{name}", text)
    monkeypatch.syspath_prepend(archive)
    assert looked_at(monkeypatch) == before


def test_the_version_stands_for_files_without_text(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_text = looked_at(monkeypatch)
    compileall.compile_dir(house, legacy=True, quiet=2)
    for path in house.rglob("*.py"):
        path.unlink()
    compiled = looked_at(monkeypatch)
    assert compiled.modules == {"house.start"}
    assert compiled != with_text
    monkeypatch.setattr("medqa_kit.core.code.files.__version__", "0.0.0")
    assert looked_at(monkeypatch).digest != compiled.digest
