"""Local files are known by what they say, not by their times."""

from __future__ import annotations

import io
import os
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import medqa_kit as mk
from demo import COLUMNS, demo, folder, jsonl, records
from hub import Hub
from medqa_kit.errors import CacheWarning, FileError, LockError
from medqa_kit.loading.files import content_digests

pytestmark = pytest.mark.slow

FILES = {"train.jsonl": jsonl(records(6)), "test.jsonl": jsonl(records(4, 100))}
OTHER = jsonl([{**row, "key": 3 - row["key"]} for row in records(6)])  # as long, other answers


@pytest.fixture
def where(tmp_path: Path) -> dict[str, Any]:
    return {"path": folder(tmp_path / "data", FILES), "cache_dir": tmp_path / "cache"}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the files had been written long ago: what was remembered of them holds."""
    monkeypatch.setattr(content_digests.time, "time_ns", lambda now=time.time_ns: now() + 10**11)


@pytest.fixture
def digested(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are digested."""
    names: list[str] = []
    digest = content_digests.xxh3_of
    monkeypatch.setattr(
        content_digests, "xxh3_of", lambda path: (names.append(path.name), digest(path))[1]
    )
    return names


def answers(**options: Any) -> list[str]:
    return list(mk.load(demo(), split="train", **options)["answer"])


def rewritten(file: Path, content: bytes, *, in_place: bool) -> None:
    """Put another content into a file and give it back its size and time."""
    before = file.stat()
    assert before.st_size == len(content)
    if in_place:
        file.write_bytes(content)
    else:
        copy = file.with_suffix(".new")
        copy.write_bytes(content)
        copy.replace(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("old", [True, False])
def test_another_content_of_the_same_size_and_time_is_read(
    hub: Hub, where: dict[str, Any], request: pytest.FixtureRequest, in_place: bool, old: bool
) -> None:
    if old:
        request.getfixturevalue("later")
    before = answers(**where)
    rewritten(where["path"] / "train.jsonl", OTHER, in_place=in_place)
    after = answers(**where)
    assert [a == b for a, b in zip(before, after, strict=True)] == [False] * 6
    rewritten(where["path"] / "train.jsonl", FILES["train.jsonl"], in_place=in_place)
    assert answers(**where) == before


@pytest.mark.parametrize("in_place", [True, False])
def test_another_archive_of_the_same_size_and_time_is_read(
    hub: Hub, tmp_path: Path, in_place: bool
) -> None:
    def archive(content: bytes) -> bytes:
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as out:
            out.writestr(zipfile.ZipInfo("train.jsonl"), content)
            out.writestr(zipfile.ZipInfo("test.jsonl"), FILES["test.jsonl"])
        return sink.getvalue()

    file = tmp_path / "data.zip"
    file.write_bytes(archive(FILES["train.jsonl"]))
    where = {"path": file, "cache_dir": tmp_path / "cache"}
    before = answers(**where)
    rewritten(file, archive(OTHER), in_place=in_place)
    assert [a == b for a, b in zip(before, answers(**where), strict=True)] == [False] * 6


def test_a_file_that_changes_while_it_is_read_is_refused(hub: Hub, where: dict[str, Any]) -> None:
    train, busy = where["path"] / "train.jsonl", True

    def normalize(raw: pa.Table) -> pa.Table:
        if busy and raw.num_rows:
            train.write_bytes(OTHER)
        return COLUMNS(raw)

    source = demo(normalize=normalize)
    with pytest.raises(FileError, match="changed while they were read") as caught:
        mk.load(source, split="train", **where)
    assert caught.value.part == "train"
    busy = False
    rows = mk.load(source, split="train", **where)["answer"][:]
    assert rows == answers(**where), "those of what lies there now"


def test_what_has_not_changed_is_not_digested_again(
    hub: Hub, where: dict[str, Any], digested: list[str], later: None
) -> None:
    rows = answers(**where)
    assert digested == ["train.jsonl"]
    assert answers(**where) == rows
    assert digested == ["train.jsonl"]
    os.utime(where["path"] / "train.jsonl")
    assert answers(**where) == rows
    assert digested == ["train.jsonl"] * 2


def test_what_was_just_written_is_digested_again(
    hub: Hub, where: dict[str, Any], digested: list[str]
) -> None:
    answers(**where)
    answers(**where)
    assert digested == ["train.jsonl"] * 2


def test_a_stream_does_not_read_files_beforehand(
    hub: Hub, where: dict[str, Any], digested: list[str]
) -> None:
    assert len(list(mk.load(demo(), split="train", streaming=True, **where))) == 6
    assert digested == []


def test_a_copy_elsewhere_is_the_same_files(
    hub: Hub, where: dict[str, Any], tmp_path: Path
) -> None:
    rows = answers(**where)
    shutil.copytree(where["path"], tmp_path / "copy")
    assert answers(path=tmp_path / "copy", cache_dir=where["cache_dir"]) == rows
    assert len(list(where["cache_dir"].rglob("*.arrow"))) == 1, "prepared once"


def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a file system told nothing of changes: no time, no inode."""
    monkeypatch.setattr(content_digests, "_facts", lambda _: (1, 1, 1, 1, 1))


def test_locks_always_digest(
    hub: Hub, where: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen(monkeypatch)
    lock, paths = tmp_path / "medqa.lock", {"demo_exam": where["path"]}
    before = answers(**where)
    recorded = mk.lock([demo()], lock, paths=paths, cache_dir=where["cache_dir"])
    (where["path"] / "train.jsonl").write_bytes(OTHER)
    assert answers(**where) == before, "the shortcut is taken"
    with pytest.raises(LockError, match="files"):
        answers(lock=lock, **where)
    again = mk.lock([demo()], lock, paths=paths, cache_dir=where["cache_dir"])
    parts = [lock["sources"]["demo_exam"]["parts"]["train"] for lock in (recorded, again)]
    assert parts[0]["content"] != parts[1]["content"], "rows of what lies there now"


def test_builds_always_digest(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digested: list[str], later: None
) -> None:
    recipe = "korean_exam_sft"
    mk.build(recipe, out=tmp_path / "one", origin="sample")
    first = len(digested)
    assert first
    mk.build(recipe, out=tmp_path / "two", origin="sample")
    assert len(digested) > first, "a load would digest nothing"


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_damaged_memories_are_made_anew(
    hub: Hub, where: dict[str, Any], later: None, text: str
) -> None:
    import datasets

    rows = answers(**where)
    (memory,) = Path(datasets.config.HF_DATASETS_CACHE, "medqa_kit_files").glob("*.json")
    memory.write_text(text)
    with pytest.warns(CacheWarning):
        assert answers(**where) == rows
