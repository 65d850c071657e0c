"""A finished result made anew by a changed recipe: without its sources, and as a build would make it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from many_rows import many_rows
from medqa_kit.building.folder_lock import locked_folder
from medqa_kit.building.output.file_digests import CHECKSUMS, MANIFEST
from medqa_kit.cli import main
from results import file_bytes

SLOW = pytest.mark.slow
OTHER = [
    pytest.param({"name": "kbmc"}, "read", id="other sources"),
    pytest.param({"name": "kormedmcqa", "split": ["validation"]}, "read", id="other parts"),
    pytest.param({"name": "kormedmcqa", "slice": [0, 0.5]}, "read", id="slices"),
    pytest.param({"name": "kormedmcqa", "fix": ["nfc"]}, "fix", id="fixers"),
]
CHANGES: dict[str, dict[str, Any]] = {
    "formats": {"format": [{"as": "a", "record": "trl/messages", "system": "Answer."},
                           {"as": "t", "record": "text", "write": ["parquet", "jsonl.zst"]}]},
    "split and seed": {"split": {"validation": 0.4}, "seed": 5},
    "mix": {"mix": {"by": "chars"}},
    "copies": {"dedupe": {"near": 0.8}},
}  # fmt: skip


def a_recipe(folder: Path, **more: Any) -> dict[str, Any]:
    """Return a recipe of a source that a benchmark protects, and of 40 rows of one's own, mended and sliced."""
    file = folder / "own" / "own.jsonl"
    if not file.exists():
        file.parent.mkdir()
        many_rows(file, 40, copies=9)
        item = json.loads(file.read_text("utf-8").splitlines()[24])
        holdout = mk.Holdout.from_rows([item], reason="the test", name="exam")
        holdout.save(folder / "own" / "exam.holdout")
    own = {"as": "own", "read": str(file), "schema": "qa", "license": "CC0-1.0", "fix": ["nfc"],
           "slice": [0, 0.9]}  # fmt: skip
    return {"name": "mine", "source": [own, {"name": "kormedmcqa"}],
            "holdout": {"items": [f"file:{folder}/own/exam.holdout"]}} | more  # fmt: skip


def built(folder: Path, recipe: dict[str, Any], name: str) -> mk.Build:
    return mk.build(recipe, out=folder / name, cache_dir=folder / "cache", origin="sample", quiet=True)  # fmt: skip


def remixed(folder: Path, recipe: dict[str, Any], **more: Any) -> mk.Build:
    return mk.remix(folder / "out", recipe, cache_dir=folder / "cache", quiet=True, **more)


def faults_of(script: str, *words: str | Path) -> list[dict[str, Any]]:
    """Run a script that tries faults; it prints a line for each."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(script)), *map(str, words)],
        capture_output=True, text=True, check=False, timeout=280,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def unlike(left: mk.Build, other: mk.Build) -> set[str]:
    """Name the files that are not the same in two results."""
    first, second = file_bytes(left.path), file_bytes(other.path)
    return {name for name in {*first, *second} if first.get(name) != second.get(name)}


@SLOW
@pytest.mark.parametrize("change", CHANGES)
def test_it_is_what_a_build_makes_though_the_sources_are_gone(
    hub, tmp_path: Path, change: str
) -> None:
    recipe = a_recipe(tmp_path)
    new = a_recipe(tmp_path, **CHANGES[change])
    if "mix" in new:
        new["source"] = [source | {"weight": n} for n, source in enumerate(recipe["source"], 1)]
    whole = built(tmp_path, new, "whole")
    first = built(tmp_path, recipe, "out")
    shutil.rmtree(tmp_path / "own")
    result = remixed(tmp_path, new)
    assert result.path == first.path
    assert unlike(result, whole) == {MANIFEST, CHECKSUMS}
    said = dict(result.manifest)
    assert said.pop("remixed") == {name: first.manifest[name] for name in ("recipe_digest", "data_digest")}  # fmt: skip
    assert {**said, "digest": None} == {**whole.manifest, "digest": None}
    assert said["totals"]["dropped"]["held_out_exact"] >= 1
    assert {*mk.verify(result.path, cache_dir=tmp_path / "cache").by("code")} <= {"unchecked"}


@SLOW
def test_a_remix_can_be_remixed_and_go_elsewhere(tmp_path: Path) -> None:
    recipe = a_recipe(tmp_path)
    first = built(tmp_path, recipe, "out")
    text = remixed(tmp_path, recipe | {"format": {"record": "text"}}, to=tmp_path / "text")
    assert file_bytes(first.path) == file_bytes(built(tmp_path, recipe, "again").path)
    back = mk.remix(text.path, recipe, cache_dir=tmp_path / "cache", processes=2)
    assert back.path == text.path
    assert unlike(back, first) == {MANIFEST, CHECKSUMS}
    assert back.manifest["remixed"]["recipe_digest"] == text.manifest["recipe_digest"]


@pytest.mark.slow
@pytest.mark.parametrize(("source", "stage"), OTHER)
def test_what_needs_the_sources_again_is_refused(tmp_path: Path, source: Any, stage: str) -> None:
    recipe = {"name": "mine", "source": [{"name": "kormedmcqa"}]}
    result = built(tmp_path, recipe, "out")
    before = file_bytes(result.path)
    with pytest.raises(mk.errors.RecipeError, match=rf"needs the sources again: {stage}\b"):
        remixed(tmp_path, {"name": "mine", "source": [source]})
    assert file_bytes(result.path) == before


@pytest.mark.slow
def test_other_holdouts_bad_rows_and_locks_are_refused(tmp_path: Path) -> None:
    recipe = {"name": "mine", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
    built(tmp_path, recipe, "out")
    for change, stage in (
        ({"holdout": {"without": ["kormedmcqa-official-test"]}}, "hold out"),
        ({"on_bad": "drop"}, "read"),
        ({"lock": str(tmp_path / "mine.lock")}, "lock"),
    ):
        with pytest.raises(mk.errors.RecipeError, match=f"needs the sources again: {stage}"):
            remixed(tmp_path, recipe | change)


@pytest.mark.slow
def test_of_what_is_not_kept_the_build_is_named(tmp_path: Path) -> None:
    recipe = {"name": "mine", "source": [{"name": "kbmc"}]}
    result = built(tmp_path, recipe, "out")
    with pytest.raises(mk.errors.WrongFilesError, match="nothing is kept"):
        mk.remix(result.path, recipe, cache_dir=tmp_path / "another")
    (rows,) = (tmp_path / "cache").rglob("*kbmc*.arrow")
    content = rows.read_bytes()
    rows.write_bytes(content[:-9] + bytes(9))
    with pytest.raises(mk.errors.WrongFilesError, match="not in the cache any more"):
        remixed(tmp_path, recipe)
    rows.write_bytes(content)
    (rows,) = (result.path / "trl_prompt_completion" / "train").iterdir()
    first = pq.read_table(rows)["id"][0].as_py()
    mk.retract(result.path, items=[first])
    with pytest.raises(mk.errors.WrongFilesError, match="taken out of it by id") as caught:
        remixed(tmp_path, recipe)
    assert "--without-ids FILE" in str(caught.value.hint), "or the rows would come back"
    mk.build(recipe, out=tmp_path / "out", cache_dir=tmp_path / "cache", origin="sample", without_ids=[first])  # fmt: skip
    with pytest.raises(mk.errors.WrongFilesError, match="taken out of it by id"):
        remixed(tmp_path, recipe)


@pytest.mark.slow
def test_the_command_prints_the_manifest_and_ends_as_a_build_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "mine.toml"
    recipe.write_text('name = "mine"\n[[source]]\nname = "kbmc"\n', "utf-8")
    words = ["--cache-dir", str(tmp_path / "cache"), "--quiet"]
    out = str(tmp_path / "out")
    assert main(["build", str(recipe), "--out", out, "--origin", "sample", *words]) == 0
    capsys.readouterr()
    assert main(["remix", out, str(recipe), "--set", "split.validation=0.5", "--json", *words]) == 0
    output = json.loads(capsys.readouterr().out)
    assert output["manifest"]["set"] == {"split.validation": 0.5}
    assert output["manifest"]["totals"]["validation"] > 0
    before = file_bytes(Path(out))
    recipe.write_text(recipe.read_text("utf-8") + "[gate.script]\nkhmer = { min = 0.5 }\n", "utf-8")
    assert main(["remix", out, str(recipe), *words]) == 4
    recipe.write_text(recipe.read_text("utf-8").replace("kbmc", "kormedmcqa"), "utf-8")
    assert main(["remix", out, str(recipe), *words]) == 2
    assert "needs the sources again: read" in capsys.readouterr().err
    assert file_bytes(Path(out)) == before


@SLOW
def test_whenever_a_remix_is_killed_a_whole_result_stands_and_the_next_one_is_equal(
    hub, tmp_path: Path
) -> None:
    kills = faults_of("killed_remixes.py", tmp_path, "6", "11", "1")
    assert {kill["stands"] for kill in kills} == {"before", "new"}
    for kill in kills:
        assert kill["killed"], kill
        assert kill["equal"], kill
        assert kill["left"] == sorted({"out", kill["name"]}), kill
    assert len(kills) >= 9


@SLOW
def test_on_a_full_disk_the_earlier_result_stays_alone_and_the_error_is_typed(
    hub, tmp_path: Path
) -> None:
    faults = faults_of("full_disks.py", tmp_path, "23")
    assert {fault["verb"] for fault in faults} == {"rebuild", "remix"}
    for fault in faults:
        assert fault["error"] == "StorageError", fault
        assert fault["stood"], fault
        assert fault["equal"], fault
    assert len(faults) >= 8


@pytest.mark.slow
def test_one_remix_at_a_time_writes_a_folder(tmp_path: Path) -> None:
    recipe = {"name": "mine", "source": [{"name": "kbmc"}]}
    result = built(tmp_path, recipe, "out")
    before = file_bytes(result.path)
    text = recipe | {"format": {"record": "text"}}
    with locked_folder(result.path):
        with pytest.raises(mk.errors.RecipeError, match="another build is writing"):
            remixed(tmp_path, text)
        assert file_bytes(result.path) == before
        beside = remixed(tmp_path, text, to=tmp_path / "beside")
    assert file_bytes(result.path) == before
    assert unlike(beside, remixed(tmp_path, text)) <= {MANIFEST, CHECKSUMS}


@SLOW
@pytest.mark.parametrize("definition", ["letters-4", "damaged"])
def test_kept_holdouts_of_another_definition_are_made_anew_by_a_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, definition: str
) -> None:
    recipe, text = a_recipe(tmp_path), {"format": {"record": "text"}}
    kept = tmp_path / "cache" / "medqa_kit-results" / "holdouts"
    if definition == "damaged":
        built(tmp_path, recipe, "out")
        for file in kept.iterdir():
            file.write_bytes(file.read_bytes()[:-9])
    else:  # what an earlier version of the library left
        with monkeypatch.context() as earlier:
            earlier.setattr(
                "medqa_kit.decontamination.fingerprint_files.made_by", lambda: definition
            )
            built(tmp_path, a_recipe(tmp_path, holdout={}), "out")
        recipe["holdout"] = {}
    with pytest.raises(mk.errors.WrongFilesError, match=r"holdouts of the result.*\n.*\n.*\nHint: build the result anew"):  # fmt: skip
        remixed(tmp_path, recipe | text)
    built(tmp_path, recipe, "out")
    assert remixed(tmp_path, recipe | text).manifest["formats"].keys() == {"text"}
