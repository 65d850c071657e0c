"""A lockfile holds everything that a recipe reads: sources, holdouts and the tokenizer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import datasets
import huggingface_hub
import pytest

import medqa_kit as mk
from demo import LATER, PIN, REPO, demo, jsonl, pinned, records
from hub import Hub
from medqa_kit.catalog import registry
from medqa_kit.cli import main
from medqa_kit.errors import ArgumentError, LockError, OfflineError
from results import file_bytes

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")


def own(folder: Path, rows: int) -> dict[str, Any]:
    """A source of one's own with so many rows."""
    file = folder / "own.jsonl"
    file.write_text(
        "".join(json.dumps({"text": f"Note {n} of the ward."}) + "\n" for n in range(rows)), "utf-8"
    )
    return {"as": "ward", "read": str(file), "schema": "text", "license": "CC0-1.0"}


def two(folder: Path, rows: int = 4) -> dict[str, Any]:
    return {"name": "two", "source": [own(folder, rows)], "format": {"record": "text"}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "two.lock"


def test_what_is_unknown_is_recorded_and_then_held_to(tmp_path: Path, file: Path) -> None:
    first = mk.build(two(tmp_path), out=tmp_path / "a", lock=file, origin="sample")
    content = json.loads(file.read_text("utf-8"))
    assert content["sources"]["ward"]["parts"]["train"]["rows"] == 4
    assert first.manifest["lock"]["sources"] == {
        "ward": {"train": content["sources"]["ward"]["parts"]["train"]["content"]}
    }
    again = mk.build(two(tmp_path), out=tmp_path / "b", lock=file, frozen=True, origin="sample")
    assert file_bytes(first.path) == file_bytes(again.path)
    own(tmp_path, 5)
    before = file.read_bytes()
    for frozen in (False, True):
        with pytest.raises(
            LockError, match=r"1 of what the recipe reads is not.*\n.*\n.*ward: part"
        ):
            mk.build(two(tmp_path, 5), out=tmp_path / "c", lock=file, frozen=frozen)
    assert file.read_bytes() == before
    assert not (tmp_path / "c").exists()


def test_all_that_differs_is_told_together(tmp_path: Path, file: Path) -> None:
    tokenizer = tmp_path / "tokenizer.json"
    tokenizer.write_text('{"version": "1.0", "model": {"type": "WordLevel", "vocab": {"[U]": 0}, "unk_token": "[U]"}}', "utf-8")  # fmt: skip
    exam = {"name": "kormedmcqa", "subset": "doctor", "view": "rows"}
    said = {
        **two(tmp_path),
        "mix": {"tokenizer": str(tokenizer)},
        "format": {"record": "trl/messages"},
    }
    said["source"] = [exam]
    content = mk.lock_recipe(said, file, origin="sample")
    assert list(content["digests"]) == ["file:tokenizer.json", "holdout:kormedmcqa-official-test"]
    assert list(content["sources"]) == ["kormedmcqa"]
    tokenizer.write_text(tokenizer.read_text("utf-8").replace("[U]", "[V]"), "utf-8")
    said["source"] = [exam, {"name": "kormedmcqa", "subset": "nurse", "as": "nurses"}]
    with pytest.raises(LockError) as caught:
        mk.build(said, out=tmp_path / "a", lock=file, frozen=True, origin="sample")
    text = str(caught.value)
    assert "2 of what the recipe reads are not" in text
    assert "file:tokenizer.json: recorded sha256:" in text
    assert "nurses: not recorded" in text
    assert "--upgrade file:tokenizer.json --upgrade nurses" in text


def test_one_source_is_renewed_alone(tmp_path: Path, file: Path) -> None:
    data = two(tmp_path)
    data["source"].append({**own(tmp_path, 4), "as": "other"})
    mk.lock_recipe(data, file)
    own(tmp_path, 6)  # both read it
    with pytest.raises(LockError, match="2 of what"):
        mk.lock_recipe(data, file)
    with pytest.raises(LockError, match=r"1 of what.*\n.*\n.*found: +other"):
        mk.lock_recipe(data, file, upgrade=["ward"])
    content = mk.lock_recipe(data, file, upgrade=["ward", "other"])
    assert {entry["parts"]["train"]["rows"] for entry in content["sources"].values()} == {6}
    with pytest.raises(ArgumentError, match=r"did you mean 'ward'\?"):
        mk.lock_recipe(data, file, upgrade=["wart"])


def test_a_frozen_build_has_a_lockfile(tmp_path: Path, file: Path) -> None:
    with pytest.raises(ArgumentError, match="a frozen build has a lockfile"):
        mk.build(two(tmp_path), out=tmp_path / "a", frozen=True)
    with pytest.raises(LockError, match="there is no such lockfile"):
        mk.build(two(tmp_path), out=tmp_path / "a", lock=file, frozen=True)
    mk.lock_recipe(two(tmp_path), file)
    named = tmp_path / "two.toml"
    named.write_text('lock = "two.lock"\nname = "two"\n[[source]]\nas = "ward"\nread = "own.jsonl"\nschema = "text"\nlicense = "CC0-1.0"\n[format]\nrecord = "text"\n', "utf-8")  # fmt: skip
    result = mk.build(named, out=tmp_path / "a", frozen=True)
    assert result.manifest["totals"]["read"] == 4
    assert "lock" not in mk.Recipe.read(named).as_data()


@pytest.mark.slow
def test_frozen_uses_no_network(
    hub: Hub, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A branch stays at the commit that was recorded, and what is not in the caches is told."""
    monkeypatch.setattr(registry, "_REGISTERED", {})
    mk.register(pinned(demo(), None))
    hub.repo(REPO).commit(
        PIN, {"train.jsonl": jsonl(records(6)), "test.jsonl": jsonl(records(3, 50))}
    )
    data = {"name": "demo", "source": [{"name": "demo_exam", "revision": "main"}]}
    mk.lock_recipe(data, file)
    hub.repo(REPO).commit(
        LATER, {"train.jsonl": jsonl(records(9)), "test.jsonl": jsonl(records(3, 50))}
    )
    with pytest.raises(LockError, match="demo_exam: part train"):
        mk.build(data, out=tmp_path / "moved", lock=file)
    hub.stop()
    result = mk.build(data, out=tmp_path / "frozen", lock=file, frozen=True)
    assert result.manifest["totals"]["read"] == 6
    with pytest.raises((LockError, OfflineError)):
        mk.build(data, out=tmp_path / "open", lock=file)
    other = {"name": "demo", "source": [{"name": "demo_exam", "revision": "v2"}]}
    with pytest.raises(LockError, match="revision:demo_exam: recorded main, found v2"):
        mk.build(other, out=tmp_path / "other", lock=file, frozen=True)


def test_a_lockfile_of_sources_serves_a_recipe(tmp_path: Path, file: Path) -> None:
    mk.lock(["kbmc"], file, origin="sample")
    data = {"name": "names", "source": [{"name": "kbmc"}]}
    result = mk.build(data, out=tmp_path / "a", lock=file, origin="sample")
    assert "kbmc" in result.manifest["lock"]["sources"]


@pytest.mark.slow
def test_the_command_locks_a_recipe(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["lock", "--recipe", "korean_exam_sft", "--file", str(file), "--origin", "sample"]
    assert main(words) == 0
    assert "kormedmcqa: " in capsys.readouterr().out
    assert main([*words, "--upgrade", "kormedmcqq"]) == 2
    assert main(["lock"]) == main(["lock", "klue", "--recipe", "korean_exam_sft"]) == 2
    out = ["build", "korean_exam_sft", "--origin", "sample", "--out", str(tmp_path / "a")]
    assert main([*out, "--lock", str(file), "--frozen"]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("cold", ["rows", "all"])
def test_what_a_frozen_build_lacks_is_fetched_by_the_command_that_it_names(
    hub: Hub, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, cold: str
) -> None:
    """A lockfile on another machine: nothing moved, so nothing is to be recorded anew."""
    monkeypatch.setattr(registry, "_REGISTERED", {})
    mk.register(pinned(demo(), None))
    hub.repo(REPO).commit(PIN, {"train.jsonl": jsonl(records(6)), "test.jsonl": jsonl(records(3))})
    data = {"name": "demo", "source": [{"name": "demo_exam", "revision": "main"}]}
    mk.lock_recipe(data, file)
    before = file.read_bytes()
    shutil.rmtree(huggingface_hub.constants.HF_HUB_CACHE, ignore_errors=True)
    for folder in Path(datasets.config.HF_DATASETS_CACHE).iterdir():
        if folder.is_dir() and (cold == "all" or folder.name.startswith("medqa_kit___")):
            shutil.rmtree(folder)
    [problem] = mk.plan(data, lock=file, frozen=True).problems.to_pylist()
    with pytest.raises((LockError, OfflineError)) as caught:
        mk.build(data, out=tmp_path / "frozen", lock=file, frozen=True)
    wanted = f"with a network: medqa-kit lock --recipe RECIPE --file {file}"
    assert problem["kind"] == "lock"
    for said in (problem["remedy"], caught.value.hint):
        assert wanted in said
        assert "--upgrade" not in said
    mk.lock_recipe(data, file)
    assert file.read_bytes() == before
    assert not mk.plan(data, lock=file, frozen=True).problems.num_rows
    hub.stop()
    result = mk.build(data, out=tmp_path / "frozen", lock=file, frozen=True)
    assert result.manifest["totals"]["read"] == 6
