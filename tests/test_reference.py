"""The reference has every public name and every type that calls return, each with an example that runs."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

import pytest

import medqa_kit as mk
import signatures
from scripts import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
_TOLD_BY_OTHERS = {"Judged"}  # of a kernel of one's own: docs/quality.md shows one


def place(path: str) -> Any:
    """What a dotted path names."""
    home, _, name = path.rpartition(".")
    try:
        return import_module(path)
    except ModuleNotFoundError:
        return getattr(place(home), name)


def listed() -> list[Any]:
    """What the page documents; of modules what they make public."""
    values = [place(path) for path in re.findall(r"^\.\. auto\w+:: (\S+)$", PAGE, re.MULTILINE)]
    inside = [getattr(v, name) for v in values if isinstance(v, ModuleType)
              for name in getattr(v, "__all__", vars(v))]  # fmt: skip
    return values + inside


def public() -> dict[str, Any]:
    """Functions and classes of the package and of its public modules, and what they return."""
    named = {name: getattr(mk, name) for name in mk.__all__}
    for module, value in list(named.items()):
        if isinstance(value, ModuleType):
            named |= {f"{module}.{n}": getattr(value, n) for n in getattr(value, "__all__", ())}
    named |= {kind.__name__: kind for kind in signatures.result_types().values()}
    return {name: value for name, value in named.items() if isinstance(value, (type, FunctionType))}  # fmt: skip


PUBLIC = public()
# What is raised, and rows, are shown by what raises and gives them.
_SHOWN_ELSEWHERE = (BaseException, dict)


def has_example(value: Any) -> bool:
    """Whether a function, or a class or one of its public methods, has an example."""
    members = vars(value).items() if isinstance(value, type) else ()
    called = [getattr(member, "__func__", member) for name, member in members if name[0] != "_"]
    return any(">>> " in (inspect.getdoc(each) or "") for each in (value, *called))


def test_the_reference_lists_every_public_name_and_result() -> None:
    assert len(PUBLIC) > 150
    known = {id(value) for value in listed()}
    absent = {name for name, value in PUBLIC.items() if id(value) not in known}
    assert absent == _TOLD_BY_OTHERS


@pytest.mark.parametrize("name", sorted(PUBLIC.keys() - _TOLD_BY_OTHERS))
def test_every_public_name_has_an_example(name: str) -> None:
    value = PUBLIC[name]
    if isinstance(value, type) and issubclass(value, _SHOWN_ELSEWHERE):
        assert value.__doc__
    else:
        assert has_example(value), f"write one: the doctests run it ({value.__module__})"


def test_what_lacks_an_example_is_seen() -> None:
    def bare() -> None:
        """Do nothing."""

    assert not has_example(bare)
    assert has_example(mk.license)


def test_nothing_is_listed_twice() -> None:
    paths = re.findall(r"^\.\. auto\w+:: (\S+)$", PAGE, re.MULTILINE)
    assert len(paths) == len(set(paths))
