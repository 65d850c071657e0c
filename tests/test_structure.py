"""How the house stands: one home for a name, rooms and modules of a size, no circles of imports.

What is not done yet stands in a list beside each rule. A list must shrink: an entry that is no
longer needed fails the test as a new offender does.
"""

from __future__ import annotations

import ast
import builtins
import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import pytest

import house
import medqa_kit as mk
import signatures

MOST_MODULES = 16  # of a package
MOST_LINES = 350  # of a module
MOST_IN_A_CIRCLE = 3
COLLECTIONS = ("medqa_kit.entries", "medqa_kit.evaluation.formats")  # grow by a file an exhibit
EVERY_ENTRY = {"SOURCE", "normalize"}  # names that each source has
TWINS = "medqa_kit.matching.kernels"  # implementations of the same functions: one is chosen

# name: how many modules it stands in at the most
REPEATED_NAMES = {}

# of more modules
LARGE_PACKAGES = set()

# of more lines
LONG_MODULES = set()

MODULES = house.modules()
EMPTY_NAMES = {
    "found",
    "got",
    "held",
    "made",
    "one",
    "some",
    "thing",
}  # of which nobody can draw a picture
ONES = "medqa_kit.matching.kernels"  # where `one` is the number
ERRORS = "medqa_kit.errors"  # whose words they are


@pytest.mark.slow
def test_a_public_name_stands_in_one_module() -> None:
    homes: dict[str, set[str]] = defaultdict(set)
    for module in MODULES.values():
        entry = module.name.startswith("medqa_kit.entries.")
        names = module.functions_and_classes() | (set() if entry else module.constants())
        for name in names - (EVERY_ENTRY if entry else set()):
            homes[name].add(TWINS if module.name.startswith(f"{TWINS}.") else module.name)
    repeated = {name: len(stands) for name, stands in sorted(homes.items()) if len(stands) > 1}
    print(f"{len(homes)} public names, {len(repeated)} in more than one module")
    more = {
        name: sorted(homes[name]) for name, n in repeated.items() if n > REPEATED_NAMES.get(name, 1)
    }
    assert not more, "give these names one home"
    assert repeated.keys() == REPEATED_NAMES.keys(), "take what has one home now off the list"


def test_no_package_has_too_many_modules() -> None:
    sizes = Counter(module.package for module in MODULES.values())
    for package in COLLECTIONS:
        del sizes[package]
    print(f"{len(sizes)} packages, the largest of {max(sizes.values())} modules")
    assert {package for package, n in sizes.items() if n > MOST_MODULES} == LARGE_PACKAGES, sizes


def test_no_module_is_too_long() -> None:
    sizes = {module.name: module.lines for module in MODULES.values()}
    print(f"{len(sizes)} modules, {sum(sizes.values())} lines, the longest {max(sizes.values())}")
    assert {name for name, lines in sizes.items() if lines > MOST_LINES} == LONG_MODULES, sizes


@pytest.mark.slow
def test_names_of_values_say_what_they_are() -> None:
    tests = house.modules(house.ROOT / "tests")
    names = {
        f"{module.name}.{name}"
        for module in (*MODULES.values(), *tests.values())
        if not module.name.startswith((ERRORS, ONES))
        for name in module.local_names()
    }
    print(f"{len(names)} names of values")
    empty = {name for name in names if name.rpartition(".")[2] in EMPTY_NAMES}
    assert len(tests) > 200
    assert len(names) > 10_000
    assert not empty, "say what these are"


def test_no_group_of_a_pattern_is_possessive() -> None:
    """Python before 3.11.5 misreads ``(?:ab)*+`` where a turn fails halfway; ``(?>(?:ab)*)`` says the same."""
    possessive = re.compile(r"(?<!\\)\)(?:[*+?]|\{\{?\d*,?\d*\}\}?)\+")
    assert all(map(possessive.search, (r"(?:ab)*+", "(?:ab){{1,4}}+")))
    groups = {name for name, module in MODULES.items() if possessive.search(module.code)}
    assert not groups, "write them as atomic groups"


def test_a_checked_number_is_the_one_that_is_used() -> None:
    """The check turns a number of NumPy into one of Python, which neither overflows nor loses digits."""
    checks = {"number", "whole_number"}
    dropped = [
        f"{module.name}:{node.lineno}"
        for module in MODULES.values()
        if not module.name.startswith("medqa_kit.cli.")  # where numbers are parsed from text
        and checks & set(re.findall(r"\w+", module.code))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) in checks
        and isinstance(node.value.args[1], ast.Name | ast.Attribute)
    ]  # fmt: skip
    assert not dropped, "keep what the check returns"


def documented(text: str, section: str) -> set[str]:
    """The names that a section of a docstring explains."""
    lines = re.search(rf"^{section}:\n((?:    .*\n?)+)", text, re.MULTILINE)
    return set(re.findall(r"^    (\w+):", lines[1], re.MULTILINE)) if lines else set()


def test_docstrings_name_what_there_is() -> None:
    """Errors and warnings that exist, and the arguments that a function takes, all or none of them."""
    classes = {*vars(mk.errors), *vars(builtins), "ArrowException"}
    wrong = []
    for name, module in MODULES.items():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            text = ast.get_docstring(node) or ""
            strange = (documented(text, "Raises") | documented(text, "Warns")) - classes
            explained = documented(text, "Args")
            if isinstance(node, ast.FunctionDef) and explained:
                taken = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}  # fmt: skip
                strange |= explained ^ (taken - {"self", "cls"})
            wrong += [f"{name}.{node.name}: {word}" for word in sorted(strange)]
    assert not wrong


@pytest.mark.slow
def test_modules_do_not_import_in_circles() -> None:
    circles = house.circles({n: house.imports(module, MODULES) for n, module in MODULES.items()})
    print(f"{len(circles)} circles of imports, of {[len(circle) for circle in circles]} modules")
    large = [circle for circle in circles if len(circle) > MOST_IN_A_CIRCLE]
    assert not large


def test_a_circle_is_seen() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": {"f"}, "f": {"e"}, "g": set()}
    assert house.circles(graph) == [["a", "b", "c"], ["e", "f"]]


def test_imports_are_seen_wherever_they_stand() -> None:
    code = """
from typing import TYPE_CHECKING
import medqa_kit.core.arrow.columns
if TYPE_CHECKING:
    from medqa_kit.catalog.model import Source
def late():
    from medqa_kit.loading import lock, load
    from medqa_kit.catalog import source
    return import_module("medqa_kit.schemas")
"""
    module = house.Module("medqa_kit.x", house.PACKAGE / "x.py")
    module.__dict__["code"] = code
    assert house.imports(module, MODULES) == {
        "medqa_kit.core.arrow.columns", "medqa_kit.catalog.model", "medqa_kit.loading.lock",
        "medqa_kit.loading.load", "medqa_kit.catalog", "medqa_kit.schemas",
    }  # fmt: skip


def test_no_package_has_the_name_of_a_public_callable() -> None:
    packages = {
        module.name.rpartition(".")[2]
        for module in MODULES.values()
        if module.path.name == "__init__.py" or module.package == "medqa_kit"
    }
    print(f"{len(mk.__all__)} public names")
    assert not packages & {name for name in mk.__all__ if callable(getattr(mk, name))}


def test_no_public_callable_takes_a_kernel_to_compute_with() -> None:
    public = signatures.public_callables()
    taking = {name for name, value in public.items() if "kernel" in signatures.arguments(value)}
    assert not taking


def test_what_an_error_says_to_install_is_an_extra() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"].keys()
    named = {
        argument.value
        for module in MODULES.values()
        if "MissingExtraError" in module.code
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "MissingExtraError"
        for argument in node.args[1:2]
        if isinstance(argument, ast.Constant)
    }
    assert len(named) > 5
    assert named <= extras
