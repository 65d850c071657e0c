"""A build that was killed, and one that goes on: what is written whole is not written again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import medqa_kit as mk
from many_rows import many_rows, many_rows_recipe
from results import file_bytes

pytestmark = pytest.mark.slow

BUILD = """
import json, sys, warnings
import medqa_kit as mk
if __name__ == "__main__":
    warnings.simplefilter("ignore")
    recipe, out, cache, processes = sys.argv[1:]
    mk.build(json.loads(recipe), out=out, cache_dir=cache, origin="sample", processes=int(processes))
"""
WHOLE = ".out.units-*/unit-??????"
BEGUN = f"{WHOLE}-*"


def begun(script: Path, recipe: dict[str, Any], out: Path, processes: int) -> subprocess.Popen[str]:
    script.write_text(BUILD, "utf-8")
    return subprocess.Popen(
        [sys.executable, str(script), json.dumps(recipe), str(out), str(out.parent.parent / "cache"),
         str(processes)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip


def killed_after(
    begin: Callable[[], subprocess.Popen[str]], folder: Path, units: int
) -> list[Path]:
    """Kill a build when so many units are written; return those that are.

    Where this process is not woken before the build ends, the build is begun anew.
    """
    for _ in range(10):
        with begin() as process:
            while len(list(folder.glob(WHOLE))) < units and process.poll() is None:
                time.sleep(0.002)
            process.kill()
            assert process.wait() in (0, -signal.SIGKILL), process.communicate()[1][-2000:]
        whole = sorted(folder.glob(WHOLE))
        if process.returncode == -signal.SIGKILL and len(whole) >= units:
            return whole
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    raise AssertionError("ten builds ended before they were killed")


def numbers(folder: Path) -> dict[int, Path]:
    """Return the row files of a folder by their inodes, which tell whether a file was written anew."""
    return {path.stat().st_ino: path for path in folder.rglob("part-*") if path.is_file()}


@pytest.mark.parametrize(("processes", "units"), [(1, 1), (1, 3), (2, 3)])
def test_a_killed_build_goes_on_where_it_was(
    hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int, units: int
) -> None:
    recipe = many_rows_recipe(many_rows(tmp_path / "own.jsonl", 16_000, copies=4_800))
    folder = tmp_path / "results"
    folder.mkdir()
    whole_units = killed_after(
        partial(begun, tmp_path / "build.py", recipe, folder / "out", processes), folder, units
    )
    kept = {number: path for unit in whole_units for number, path in numbers(unit).items()}
    assert kept
    assert len([*folder.glob(BEGUN)]) <= processes  # no more is made again
    assert not (folder / "out").exists()
    if (
        processes > 1
    ):  # by other names of the folder and of the rows, from another folder, with an empty cache
        (tmp_path / "link").symlink_to(tmp_path)
        monkeypatch.chdir(folder)
        recipe["source"][0]["read"] = "../link/own.jsonl"
        out, cache = Path("../link/results/out"), tmp_path / "other cache"
    else:
        out, cache = folder / "out", tmp_path / "cache"
    result = mk.build(recipe, out=out, cache_dir=cache, origin="sample")
    redone = [path for number, path in kept.items() if number not in numbers(folder / "out")]
    assert not redone
    assert [path.name for path in folder.iterdir()] == ["out"]
    whole = mk.build(recipe, out=tmp_path / "whole", cache_dir=cache, origin="sample")
    assert file_bytes(result.path) == file_bytes(whole.path)


def test_what_is_damaged_is_made_anew_and_what_is_of_other_rows_goes(hub, tmp_path: Path) -> None:
    file = many_rows(tmp_path / "own.jsonl", 16_000, copies=4_800)
    recipe = many_rows_recipe(file)
    folder = tmp_path / "results"
    folder.mkdir()
    first, second, third, *_ = killed_after(
        partial(begun, tmp_path / "build.py", recipe, folder / "out", 1), folder, 3
    )
    damaged = next(first.rglob("part-*.jsonl"))
    damaged.write_bytes(damaged.read_bytes().replace(b"one", b"two", 1))
    next(second.rglob("part-*.parquet")).unlink()
    whole = {path.stat().st_ino for path in third.rglob("part-*")}
    result = mk.build(recipe, out=folder / "out", cache_dir=tmp_path / "cache", origin="sample")
    assert whole <= set(numbers(folder / "out"))
    again = mk.build(recipe, out=tmp_path / "whole", cache_dir=tmp_path / "cache", origin="sample")
    assert file_bytes(result.path) == file_bytes(again.path)

    killed_after(partial(begun, tmp_path / "build.py", recipe, folder / "out", 1), folder, 1)
    many_rows(file, 15_000)
    other = mk.build(recipe, out=folder / "out", cache_dir=tmp_path / "cache", origin="sample")
    assert other.manifest["totals"]["read"] == 15_000 + 5  # of the other source
    assert [path.name for path in folder.iterdir()] == ["out"]
    assert {*mk.verify(other.path).by("code")} <= {"unchecked"}
