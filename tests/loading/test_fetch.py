"""Fetching brings sources into the cache or a folder, with a lock, for machines without a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import medqa_kit as mk
from demo import PIN, REPO, demo, jsonl, pinned, records, serve
from hub import Hub
from medqa_kit.cli import main
from medqa_kit.errors import ArgumentError, FloatingRevisionWarning, LockError, NoDataError
from medqa_kit.loading.planner import SAMPLES


def test_into_the_cache_and_then_without_a_network(hub: Hub, tmp_path: Path) -> None:
    source, lock = serve(hub), tmp_path / "medqa.lock"
    content = mk.fetch([source], lockfile=lock)
    assert json.loads(lock.read_text("utf-8")) == content
    assert content["sources"]["demo_exam"]["revisions"] == {REPO: PIN}
    wanted = mk.load(source, split="train")["id"][:]
    hub.stop()
    assert mk.load(source, split="train", lock=lock)["id"][:] == wanted
    assert len(mk.load(source, split="test", lock=lock)) == 4


def test_into_a_folder_that_is_carried_to_another_machine(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = serve(hub)
    wanted = mk.load(source, split="train")["id"][:]
    mk.fetch([source], tmp_path / "carried")
    hub.stop()
    folder = (tmp_path / "carried").rename(tmp_path / "cluster")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    where = {"path": folder / "demo_exam", "lock": folder / "medqa.lock",
             "cache_dir": tmp_path / "cold"}  # fmt: skip
    assert mk.load(source, split="train", **where)["id"][:] == wanted
    assert next(iter(mk.load(source, split="train", streaming=True, **where)))["id"] == wanted[0]
    assert {split: len(rows) for split, rows in mk.load(source, **where).items()} == {
        "train": 6, "test": 4,
    }  # fmt: skip
    train = folder / "demo_exam" / REPO.replace("/", "+") / "train.jsonl"
    train.write_bytes(jsonl(records(5)))
    with pytest.raises(LockError, match="what moved"):
        mk.load(source, split="train", **where)


def test_what_is_there_and_whole_is_not_brought_again(hub: Hub, tmp_path: Path) -> None:
    source, folder = serve(hub), tmp_path / "carried"
    mk.fetch([source], folder)
    train, test = (
        folder / "demo_exam" / REPO.replace("/", "+") / f"{n}.jsonl" for n in ("train", "test")
    )
    before, requests = train.stat(), len(hub.requests)
    test.write_bytes(test.read_bytes()[:-3])
    mk.fetch([source], folder)
    assert train.stat().st_mtime_ns == before.st_mtime_ns
    assert not [r for r in hub.requests[requests:] if "resolve" in r.path], (
        "the hub's cache has them"
    )
    assert len(test.read_bytes().splitlines()) == 4, "a damaged file is put anew"
    assert json.loads((folder / "medqa.lock").read_text())["sources"]["demo_exam"]["parts"]


def test_subsets_of_several_repositories_stay_apart(hub: Hub, tmp_path: Path) -> None:
    for at in (mk.source("koalpaca").at, *mk.source("koalpaca").elsewhere):
        folder = SAMPLES / "koalpaca" / at.folder
        hub.repo(at.repo).commit(at.revision or "a" * 40, folder)
    with pytest.warns(mk.errors.MedQAWarning):
        mk.fetch(["koalpaca"], tmp_path)
    hub.stop()
    with pytest.warns(mk.errors.MedQAWarning):
        data = mk.load("koalpaca", path=tmp_path / "koalpaca", lock=tmp_path / "medqa.lock")
    assert set(data["train"]["subset"]) == {"v1.0", "v1.1a"}


def test_a_floating_source_is_pinned_by_what_was_fetched(hub: Hub, tmp_path: Path) -> None:
    floating = pinned(demo(), None)
    hub.repo(REPO).commit(PIN, {"train.jsonl": jsonl(records(6)), "test.jsonl": jsonl(records(4))})
    with pytest.warns(FloatingRevisionWarning):
        mk.fetch([floating], tmp_path)
    hub.stop()
    where = {"path": tmp_path / "demo_exam", "lock": tmp_path / "medqa.lock"}
    assert len(mk.load(floating, split="train", **where)) == 6


@pytest.mark.parametrize(("names", "error", "message"), [
    ("kormedmcqa", ArgumentError, "names= takes a list"),
    (["komep"], ArgumentError, "only what is at the hub"),
    (["medgemma"], NoDataError, "gated weights"),
])  # fmt: skip
def test_what_cannot_be_fetched(hub: Hub, tmp_path: Path, names, error, message: str) -> None:
    with pytest.raises(error, match=message):
        mk.fetch(names, tmp_path / "carried")
    assert not (tmp_path / "carried").exists()
    assert not hub.requests


@pytest.mark.slow
def test_the_command_line(hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = mk.source("kormedmcqa").at
    hub.repo(at.repo).commit(at.revision, SAMPLES / "kormedmcqa")
    assert main(["fetch", "kormedmcqa", "--folder", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("kormedmcqa: ")
    assert (tmp_path / "medqa.lock").is_file()


def test_parts_in_files_of_the_authors_alone_do_not_hinder_a_lock(hub: Hub, tmp_path: Path) -> None:
    for name in ("pubmedqa", "medqa_usmle"):
        source = mk.source(name)
        for at in (source.at, *source.elsewhere):
            nested = SAMPLES / name / at.folder
            hub.repo(at.repo).commit(at.revision, nested if nested.is_dir() else SAMPLES / name)
        with pytest.warns(mk.errors.MedQAWarning):
            content = mk.lock([name], tmp_path / "medqa.lock")
        parts = content["sources"][name]["parts"]
        assert parts.keys() < {part.name for part in source.parts}
