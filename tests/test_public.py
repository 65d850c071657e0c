"""The front door: what ``import medqa_kit`` gives, and what it does not pull in."""

from __future__ import annotations

import runpy
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

import medqa_kit as mk


def test_all_is_sorted_and_true() -> None:
    assert list(mk.__all__) == sorted(mk.__all__, key=str.lower)
    assert set(dir(mk)) == set(mk.__all__)


@pytest.mark.parametrize("name", mk.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(mk, name)
    if isinstance(value, ModuleType | type | FunctionType):
        assert value.__doc__, f"mk.{name} has no docstring"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = mk.lod


def test_type_checkers_are_told_of_the_same_names() -> None:
    tools = Path(__file__).parents[1] / "tools" / "write_public.py"
    write = runpy.run_path(str(tools))
    assert write["text"]() == Path(mk.__file__).read_text("utf-8"), "python tools/write_public.py"


def test_import_is_light() -> None:
    code = (
        "import sys, medqa_kit\n"
        "heavy = {'datasets', 'pyarrow', 'numpy', 'tiktoken', 'regex', 'jsonschema'} & set(sys.modules)\n"
        "ours = [m for m in sys.modules if m.startswith('medqa_kit.entries')]\n"
        "print(sorted(heavy), ours)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] []"


@pytest.mark.slow
def test_tables_are_worked_on_without_datasets() -> None:
    code = (
        "import sys, pyarrow as pa, medqa_kit as mk\n"
        "rows = pa.table({'id': ['a'], 'question': ['Which vitamin prevents scurvy?'], 'family': ['a']})\n"
        "left, report = mk.exclude(rows, mk.Holdout.from_rows(rows, reason='the exam'))\n"
        "mk.dedupe(rows), mk.split(rows, {'train': 0.5, 'test': 0.5}, seed=0)\n"
        "print(report.dropped, sorted({'datasets', 'huggingface_hub'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1 []"


def test_the_catalogue_is_listed_without_data_frames_or_the_hub() -> None:
    code = (
        "import sys, medqa_kit as mk\n"
        "mk.sources(), mk.source('extreme_firstaid').show()\n"
        "heavy = {'datasets', 'pandas', 'huggingface_hub', 'numba', 'tiktoken', 'pyarrow.compute'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_names_stay_functions_whatever_is_imported_after() -> None:
    import_module("medqa_kit.entries")
    import_module("medqa_kit.entries.kormedmcqa")
    assert callable(mk.sources)
    assert mk.source("kormedmcqa").name == "kormedmcqa"
