"""Bytes the catalogue knows: other ones under the same commit are refused, whatever the hub lists."""

from __future__ import annotations

import hashlib
import json
import runpy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import medqa_kit as mk
from demo import PIN, REPO, Read, both_ways, demo, jsonl, parquet, records, serve
from hub import Hub
from medqa_kit.catalog import Hub as Place
from medqa_kit.catalog import Layout, PinnedFile
from medqa_kit.catalog.known_files import known_files_text, with_known_files
from medqa_kit.errors import ArgumentError, CorruptedError, InvalidSourceError
from medqa_kit.loading.planner import SAMPLES

PIN_TOOL = Path(__file__).parents[2] / "tools" / "pin.py"
FILES = {"train-0.jsonl": jsonl(records(3)), "train-1.jsonl": jsonl(records(3, 10))}


def known(files: Mapping[str, bytes]) -> tuple[PinnedFile, ...]:
    return tuple(
        PinnedFile(name, len(data), hashlib.sha256(data).hexdigest())
        for name, data in files.items()
    )


def knowing(source: mk.Source, files: Mapping[str, bytes]) -> mk.Source:
    train, *others = source.parts
    return replace(source, parts=(replace(train, files=known(files)), *others))


@both_ways
def test_known_bytes_are_read(hub: Hub, read: Read) -> None:
    source = serve(hub, FILES)
    assert read(knowing(source, FILES)) == read(source)


@both_ways
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_other_rows_under_the_pinned_commit_are_refused(hub: Hub, read: Read, ending: str) -> None:
    write = {"jsonl": jsonl, "parquet": parquet}[ending]  # held by git, and in LFS
    truth = {f"train.{ending}": write(records(30))}
    wrong = [{**row, "key": 3 - row["key"]} for row in records(30)]  # same length, other answers
    serve(hub, {f"train.{ending}": write(wrong)})
    assert len(read(demo(f"train.{ending}"))) == 30, "consistent in itself"
    with pytest.raises(CorruptedError) as caught:
        read(knowing(demo(f"train.{ending}"), truth), view="raw")
    error = caught.value
    assert (error.source, error.file) == ("demo_exam", f"train.{ending}")
    assert error.hint


@both_ways
@pytest.mark.parametrize("name", ["train-0.jsonl", "train-9.jsonl"])
def test_a_file_more_or_less_is_refused(hub: Hub, read: Read, name: str) -> None:
    source = knowing(serve(hub, FILES), FILES)
    files = {**FILES, name: jsonl(records(3, 20))}
    if name in FILES:
        del files[name]
    hub.repo(REPO).commit(PIN, files, branch=None)
    with pytest.raises(CorruptedError, match="than the catalogue knows") as caught:
        read(source)
    assert caught.value.file == name
    assert caught.value.part == "train"


@both_ways
def test_other_commits_and_repositories_are_not_held_to_it(hub: Hub, read: Read) -> None:
    source = knowing(serve(hub, FILES), {"train-0.jsonl": b"{}"})
    hub.repo(REPO).commit("5" * 40, FILES, branch="next")
    hub.repo("mirror/exam").commit("6" * 40, FILES)
    assert len(read(source, revision="5" * 40)) == 6
    assert len(read(source, repo="mirror/exam", revision="6" * 40)) == 6


def test_a_lockfile_is_the_same_before_and_after_the_bytes_are_known(
    hub: Hub, tmp_path: Path
) -> None:
    source = serve(hub, {**FILES, "test.jsonl": jsonl(records(2, 50))})
    lock = tmp_path / "medqa.lock"
    mk.lock([source], lock)
    assert len(mk.load(knowing(source, FILES), split="train", lock=lock)) == 6


@pytest.mark.parametrize(
    "file", [("", 1, "a" * 64), ("a", -1, "a" * 64), ("a", "1", "a" * 64), ("a", 1, "A" * 64),
             ("a", 1, "a" * 40), ("a", 1, None)],
)  # fmt: skip
def test_what_is_no_known_file(file: tuple[str, int, str]) -> None:
    with pytest.raises(ArgumentError):
        PinnedFile(*file)


# -- the record


def test_the_record_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "demo_exam.json").write_text(known_files_text(demo(), {"train": known(FILES)}))
    train, other = with_known_files(demo(), tmp_path).parts
    assert train.files == known(FILES)
    assert other.files == ()
    later = replace(demo(), layout=replace(demo().layout, at=Place(REPO, revision="9" * 40)))  # type: ignore[type-var]
    assert with_known_files(later, tmp_path).parts == later.parts, "of another commit"
    assert with_known_files(demo(), tmp_path / "nowhere") == demo()


@pytest.mark.parametrize("text", ["", "[]", '{"train": {}}', '{"train": 3}',
                                  json.dumps({"train": {"repo": REPO, "commit": PIN, "files": [[1]]}})])  # fmt: skip
def test_a_damaged_record_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "demo_exam.json").write_text(text)
    with pytest.raises(InvalidSourceError, match="damaged") as caught:
        with_known_files(demo(), tmp_path)
    assert "tools/pin.py demo_exam" in caught.value.hint


def test_pinning_records_what_the_hub_has(hub: Hub, tmp_path: Path) -> None:
    source = mk.source("kormedmcqa")
    assert isinstance(source.at, Place)
    hub.repo(source.at.repo).commit(source.at.revision or "", SAMPLES / "kormedmcqa", branch=None)
    tool = runpy.run_path(str(PIN_TOOL))
    tool["main"](["kormedmcqa", "--folder", str(tmp_path)])
    recorded = json.loads((tmp_path / "kormedmcqa.json").read_text())
    assert set(recorded) == {part.name for part in source.parts}
    of_doctor = {name: digest for name, _, digest in recorded["doctor/test"]["files"]}
    on_disk = {
        path.relative_to(SAMPLES / "kormedmcqa").as_posix():
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (SAMPLES / "kormedmcqa").rglob("*") if path.is_file()
    }  # fmt: skip
    assert of_doctor
    assert of_doctor.items() <= on_disk.items()
    knowing = with_known_files(source, tmp_path)
    assert all(part.files for part in knowing.parts)


def test_small_files_are_fetched_to_be_digested(hub: Hub, tmp_path: Path) -> None:
    tool = runpy.run_path(str(PIN_TOOL))
    source = serve(hub, FILES)
    assert tool["known_files"](source, source.parts[0]) == known(FILES)
    assert isinstance(source.layout, Layout)


def test_what_is_not_pinned_cannot_be_recorded(hub: Hub, tmp_path: Path) -> None:
    tool = runpy.run_path(str(PIN_TOOL))
    with pytest.raises(SystemExit, match="no part is pinned"):
        tool["main"](["komep", "--folder", str(tmp_path)])
    assert not list(tmp_path.glob("*.json"))
