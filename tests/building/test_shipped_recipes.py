"""The recipes that come with the package build on samples, always the same, and hold what they say."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.building.recipes.shipped_recipes import copy_recipe, shipped_file, shipped_names
from plan_differences import plan_differences

pytestmark = pytest.mark.slow
KILLS = Path(__file__).with_name("killed_recipes.py")


def digests(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(folder.rglob("*")) if file.is_file()}  # fmt: skip


def built(name: str, out: Path, processes: int = 1) -> mk.building.Build:
    return mk.build(name, out=out, origin="sample", processes=processes)


@pytest.fixture(scope="module")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """The process that kills builds, see ``killed_recipes.py``."""
    folder = tmp_path_factory.mktemp("killed")
    path = os.pathsep.join(filter(None, sys.path))
    with (
        (folder / "said.txt").open("w") as said,
        subprocess.Popen([sys.executable, str(KILLS), str(folder), "1", "1"], text=True, env=os.environ | {"PYTHONPATH": path},
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said) as process,
    ):  # fmt: skip
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.mark.parametrize("name", shipped_names())
def test_it_builds_on_samples_always_the_same_whatever_was_killed_and_is_sound(
    hub, tmp_path: Path, killer: subprocess.Popen[str], name: str
) -> None:
    """Twice with one process, the second time after a kill, and with 2 and 4."""
    assert killer.stdin
    assert killer.stdout
    killer.stdin.write(f"{name}\n")
    killer.stdin.flush()
    line = killer.stdout.readline()
    assert line, "the process that kills builds came to an end"
    told = json.loads(line)
    for kill in told["kills"]:
        assert kill["killed"], kill
        assert kill["stands"] in ("before", "new"), kill
        assert kill["equal"], kill
        assert kill["left"] == ["out"], kill
    whole = Path(told["whole"])
    manifest = json.loads((whole / "manifest.json").read_text("utf-8"))
    assert manifest["totals"]["train"] > 0
    assert manifest["name"] == name
    assert not [note for note in manifest["notes"] if "none of its rows is left" in note]
    assert not mk.verify(whole).findings.num_rows
    assert plan_differences(mk.plan(name, origin="sample"), manifest) == []
    for processes in (2, 4):
        again = built(name, tmp_path / f"by {processes}", processes)
        assert digests(again.path) == digests(whole), processes


def test_the_compilation_explains_its_difference_source_by_source(hub, tmp_path: Path) -> None:
    result = built("medical_training", tmp_path / "out")
    difference = result.manifest["difference"]
    assert (difference["reference"], difference["unnamed"]) == (84_325, 0)
    assert len(difference["sources"]) == 10
    assert difference["difference"] == difference["written"] - 84_325
    for source in difference["sources"]:
        left = sum(source["dropped"].values()) + sum(source["set_aside"].values())
        assert (
            source["written"]
            == source["reference"] + source["upstream"] + source["repeated"] - left
        )
    wiki = next(
        source for source in difference["sources"] if source["source"] == "wiki_medical_terms"
    )
    assert wiki["dropped"]["where_tags"] > 0
    rows = pq.read_table(next((result.path / "chat" / "train").glob("*.parquet"))).to_pylist()
    assert "symptom_to_diagnosis" in {row["source"] for row in rows}, "labels become tasks"


def test_the_two_profiles_of_the_korean_exam_differ_in_what_they_hold_out(
    hub, tmp_path: Path
) -> None:
    official, guide = (
        built(name, tmp_path / name) for name in ("korean_exam_sft", "korean_exam_2024")
    )
    holdouts = {holdout["name"]: holdout for holdout in guide.manifest["holdouts"]}
    assert not holdouts["kormedmcqa-official-test"]["applied"]
    assert "2022 and 2023" in holdouts["kormedmcqa-official-test"]["reason"]
    assert any("2022 and 2023" in note for note in guide.manifest["notes"])
    assert guide.manifest["totals"]["train"] > official.manifest["totals"]["train"]


def test_a_recipe_is_copied_with_what_it_extends(tmp_path: Path) -> None:
    copies = copy_recipe("korean_exam_2024", tmp_path / "mine")
    assert [file.name for file in copies] == ["korean_exam_2024.toml", "korean_exam_sft.toml"]
    assert mk.Recipe.read(copies[0]) == mk.Recipe.read(shipped_file("korean_exam_2024"))
    with pytest.raises(mk.errors.StorageError, match="there already"):
        copy_recipe("korean_exam_sft", tmp_path / "mine")
    with pytest.raises(mk.errors.ArgumentError, match="korean_sft"):
        copy_recipe("korean_stf", tmp_path)


def test_a_result_called_as_its_recipe_is_stands_in_nobodys_way(
    hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        result = mk.build("eval_holdouts", out="eval_holdouts", origin="sample")
    assert (
        mk.plan("eval_holdouts", origin="sample").name == result.manifest["name"] == "eval_holdouts"
    )
    extended = {"name": "more", "extends": "eval_holdouts", "seed": 1}
    assert len(mk.Recipe.of(extended).sources) == 3


@pytest.mark.parametrize("name", shipped_names())
def test_each_recipe_that_trains_holds_out_an_exam(name: str) -> None:
    """Also one whose sources no exam protects: prompts of a general set quote exams as well."""
    if name != "eval_holdouts":
        assert mk.plan(name, origin="sample").holdouts.num_rows > 0
