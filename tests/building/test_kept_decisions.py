"""What a build decided is kept: one that was killed, or whose recipe changed, decides the rest alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import medqa_kit as mk
from many_rows import many_rows
from medqa_kit.building.guard import Guard
from medqa_kit.building.stages import decisions, lengths, set_copies
from results import file_bytes

pytestmark = pytest.mark.slow

ROWS = 5_000
KILLED = """
import json, os, signal, sys, warnings
import medqa_kit as mk
from medqa_kit.building.kept.decided_tables import DecidedTables

keep = DecidedTables.keep

def kept_at_last(self, file, table):
    keep(self, file, table)
    os.kill(os.getpid(), signal.SIGKILL)

DecidedTables.keep = kept_at_last
warnings.simplefilter("ignore")
recipe, out, cache = sys.argv[1:]
mk.build(json.loads(recipe), out=out, cache_dir=cache, origin="sample")
"""


def a_recipe(folder: Path, *numbers: int, **more: Any) -> dict[str, Any]:
    """Return a recipe of files of rows; some of the rows stand in each file, one in ten is held out."""
    exam = folder / "exam.holdout"
    if not exam.exists():
        stem = json.loads(many_rows(folder / "stem.jsonl", 30).read_text().splitlines()[24])
        mk.Holdout.from_rows([stem], reason="the test", name="exam").save(exam)
    sources = [{"as": f"own{n}", "read": str(many_rows(folder / str(n) / "own.jsonl", ROWS, copies=n)),
                "schema": "qa", "license": "CC0-1.0"} for n in numbers]  # fmt: skip
    return {"name": "kept", "source": sources, "holdout": {"items": [f"file:{exam}"]},
            "split": {"validation": 0}, **more}  # fmt: skip


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Tell how many rows each search for held-out items looks at."""
    numbers: list[int] = []
    direct = Guard.direct

    def counted(self: Guard, rows: pa.Table, *forms: Any) -> Any:
        numbers.append(rows.num_rows)
        return direct(self, rows, *forms)

    monkeypatch.setattr(Guard, "direct", counted)
    return numbers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in "123":
        (tmp_path / name).mkdir()
    return tmp_path


def built(folder: Path, recipe: dict[str, Any], name: str, cache: str = "cache") -> mk.Build:
    return mk.build(
        recipe, out=folder / name, cache_dir=folder / cache, origin="sample", quiet=True
    )


def searches(folder: Path) -> list[Path]:
    return sorted((folder / "cache" / "medqa_kit-decisions").glob("hold-out-*"))


def test_a_killed_build_does_not_search_again_what_it_searched(
    folder: Path, looked: list[int]
) -> None:
    recipe, script = a_recipe(folder, 1, 2), folder / "killed.py"
    script.write_text(KILLED, "utf-8")
    killed = subprocess.run(
        [sys.executable, str(script), json.dumps(recipe), str(folder / "out"), str(folder / "cache")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}, timeout=120,
        capture_output=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    assert len(searches(folder)) == 1
    assert not (folder / "out").exists()
    result = built(folder, recipe, "out")
    assert sum(looked) == ROWS  # of the other source
    assert result.manifest["totals"]["dropped"]["held_out_exact"] == 2
    assert file_bytes(result.path) == file_bytes(built(folder, recipe, "anew", "other").path)


def test_a_changed_recipe_is_searched_as_far_as_it_changed(folder: Path, looked: list[int]) -> None:
    recipe = a_recipe(folder, 1, 2)
    built(folder, recipe, "first")
    assert sum(looked) == 2 * ROWS
    looked.clear()
    built(folder, recipe | {"seed": 7, "mix": {"by": "rows"}}, "mixed")
    assert not looked
    built(folder, a_recipe(folder, 1, 2, 3), "more")
    assert sum(looked) == ROWS
    looked.clear()
    built(folder, recipe | {"format": {"record": "text"}}, "other format")
    assert sum(looked) == 2 * ROWS
    looked.clear()
    many_rows(folder / "2" / "own.jsonl", ROWS - 1, copies=2)
    result = built(folder, recipe, "other rows")
    assert sum(looked) == ROWS - 1
    assert file_bytes(result.path) == file_bytes(built(folder, recipe, "anew", "other").path)


def test_a_damaged_decision_is_made_anew(folder: Path, looked: list[int]) -> None:
    recipe = a_recipe(folder, 1)
    first = built(folder, recipe, "first")
    (file,) = searches(folder)
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    file.write_bytes(content)
    looked.clear()
    with pytest.warns(mk.errors.CacheWarning, match="damaged"):
        again = built(folder, recipe, "again")
    assert sum(looked) == ROWS
    assert file_bytes(first.path) == file_bytes(again.path)


def test_copies_lengths_and_the_split_are_decided_again_only_where_they_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages: list[str] = []
    for module, name in (
        (set_copies, "dropped_copies"),
        (lengths, "record_lengths"),
        (decisions, "row_parts"),
    ):
        work = getattr(module, name)

        def counted(*arguments: Any, _name: str = name, _work: Any = work, **more: Any) -> Any:
            stages.append(_name)
            return _work(*arguments, **more)

        monkeypatch.setattr(module, name, counted)
    recipe = a_recipe(folder, 1, 2, dedupe={}, mix={"by": "chars"}, split={"validation": 0.1})
    weighed = [recipe["source"][0] | {"repeat": 0.5}, recipe["source"][1]]
    first = built(folder, recipe, "first")
    assert stages == ["dropped_copies", "row_parts", "record_lengths"]
    stages.clear()
    again = built(folder, recipe, "again")
    mixed = built(folder, recipe | {"source": weighed}, "mixed")
    assert not stages
    built(folder, recipe | {"source": weighed, "split": {"validation": 0.2}}, "divided")
    assert stages == ["row_parts", "record_lengths"]  # of the rows that train
    stages.clear()
    built(folder, recipe | {"dedupe": {"prefer": ["own2"]}}, "preferred")
    assert stages == ["dropped_copies", "row_parts", "record_lengths"]
    assert file_bytes(first.path) == file_bytes(again.path)
    anew = built(folder, recipe | {"source": weighed}, "anew", "other")
    assert file_bytes(mixed.path) == file_bytes(anew.path)
