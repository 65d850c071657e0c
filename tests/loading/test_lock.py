"""Lockfiles record what was loaded and let nothing else pass."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import medqa_kit as mk
from demo import (
    LATER,
    PIN,
    REPO,
    Read,
    both_ways,
    demo,
    folder,
    jsonl,
    parquet,
    pinned,
    records,
    serve,
)
from hub import Hub
from medqa_kit.errors import FloatingRevisionWarning, LockError, OfflineError

FILES = {"train.jsonl": jsonl(records(6)), "test.jsonl": jsonl(records(4, 100))}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "medqa.lock"


def test_it_is_a_file_a_person_can_review(hub: Hub, file: Path) -> None:
    content = mk.lock([serve(hub)], file)
    assert json.loads(file.read_text("utf-8")) == content
    entry = content["sources"]["demo_exam"]
    assert (entry["version"], entry["revisions"]) == (1, {REPO: PIN})
    assert list(entry["parts"]) == ["train", "test"]
    train = entry["parts"]["train"]
    assert train["rows"] == 6
    assert list(train["files"]) == ["train.jsonl"]
    assert train["raw_schema"]["question"] == "string"
    assert train["content"].startswith("xxh3-sum:")
    assert file.read_text("utf-8").count("\n") > 20, "one fact a line"


def test_the_same_data_gives_the_same_file(hub: Hub, file: Path) -> None:
    source = serve(hub)
    mk.lock([source], file)
    first = file.read_bytes()
    mk.lock([source], file)
    assert file.read_bytes() == first


@both_ways
def test_what_was_recorded_passes(hub: Hub, file: Path, read: Read) -> None:
    source = serve(hub)
    mk.lock([source], file)
    assert len(read(source, lock=file)) == 6
    assert len(read(source, lock=file, view="raw")) == 6
    assert len(read(source, lock=file, keep=["key"], years=[2020])) == 2
    assert len(read(source, lock=file, on_bad="raise", split="test")) == 4


@both_ways
def test_offline_with_warm_cache(hub: Hub, file: Path, read: Read) -> None:
    source = serve(hub)
    mk.lock([source], file)
    hub.stop()
    assert len(mk.load(source, split="train", lock=file)) == 6
    with pytest.raises(OfflineError):
        read(source, lock=file, revision=LATER)


@both_ways
def test_a_floating_source_is_pinned_by_it(hub: Hub, file: Path, read: Read) -> None:
    floating = pinned(demo(), None)
    hub.repo(REPO).commit(PIN, FILES)
    with pytest.warns(FloatingRevisionWarning):
        mk.lock([floating], file)
    hub.repo(REPO).commit(LATER, {"train.jsonl": jsonl(records(9)), "test.jsonl": b""})
    assert len(read(floating, lock=file)) == 6, "and no warning"


@both_ways
def test_the_same_files_at_another_commit_are_the_same_data(
    hub: Hub, file: Path, read: Read
) -> None:
    source = serve(hub)
    mk.lock([source], file)
    hub.repo(REPO).commit("6" * 40, {**FILES, "README.md": b"new card"})
    assert len(read(source, lock=file, revision="6" * 40)) == 6
    assert len(read(pinned(source, "6" * 40), lock=file)) == 6


@both_ways
@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"train.jsonl": jsonl(records(7))}, "files"),
        ({"train-a.jsonl": jsonl(records(6))}, "files"),
        ({"train.jsonl": jsonl(records(6)), "train2.jsonl": jsonl(records(1, 50))}, "files"),
    ],
    ids=["changed", "renamed", "added"],
)
def test_moved_files_are_refused_before_they_are_read(
    hub: Hub, file: Path, read: Read, files: dict[str, bytes], names: str
) -> None:
    source = serve(hub)
    mk.lock([source], file)
    hub.repo(REPO).commit("6" * 40, files)
    with pytest.raises(LockError, match=f"what moved since the lockfile was written: {names}") as e:
        read(source, lock=file, revision="6" * 40)
    assert (e.value.source, e.value.part, e.value.file) == ("demo_exam", "train", str(file))
    assert "train" in e.value.expected + e.value.found
    assert "mk.lock()" in e.value.hint
    assert "revision=" in e.value.hint
    assert not hub.asked(f"*/{'6' * 40}/train*", method="GET"), "refused, yet fetched"


@both_ways
def test_a_new_normalizer_is_refused(hub: Hub, file: Path, read: Read) -> None:
    source = serve(hub)
    mk.lock([source], file)
    with pytest.raises(LockError, match="version") as caught:
        read(replace(source, version=2), lock=file)
    assert (caught.value.expected, caught.value.found) == ("version: 1", "version: 2")
    assert "version of the library" in caught.value.hint
    with pytest.raises(LockError, match="version"):
        read(replace(source, version=2), lock=file, view="raw")


def test_changed_rows_of_the_same_version_are_refused(hub: Hub, file: Path) -> None:
    source = serve(hub)
    mk.lock([source], file)
    layout = source.layout
    assert isinstance(layout, mk.catalog.Layout)
    swapped = replace(layout.normalize, options=("b", "a"))
    with pytest.raises(LockError, match="moved since the lockfile was written: content"):
        mk.load(
            replace(source, layout=replace(layout, normalize=swapped)), split="train", lock=file
        )


@both_ways
def test_a_moved_raw_schema_is_named(hub: Hub, file: Path, read: Read) -> None:
    source = serve(hub, {"train.parquet": parquet(records()), "test.parquet": parquet(records())})
    source = demo("{split}.parquet")
    mk.lock([source], file)
    layout = source.layout
    assert isinstance(layout, mk.catalog.Layout)
    wider = layout.raw.set(1, pa.field("year", pa.int64()))
    with pytest.raises(LockError, match="raw_schema") as caught:
        read(replace(source, layout=replace(layout, raw=wider)), lock=file)
    assert caught.value.expected == "raw_schema: 'year int32'"
    assert caught.value.found == "raw_schema: 'year int64'"


@both_ways
def test_local_files(tmp_path: Path, file: Path, read: Read, hub: Hub) -> None:
    where = folder(tmp_path / "data", FILES)
    mk.lock([demo()], file, paths={"demo_exam": where})
    for path in where.iterdir():
        os.utime(path, (1, 1))
    assert len(read(demo(), path=where, lock=file)) == 6, "times do not matter"
    (where / "train.jsonl").write_bytes(jsonl(records(6)).replace("예".encode(), "네".encode()))
    with pytest.raises(LockError, match="files") as caught:
        read(demo(), path=where, lock=file)
    assert "revision=" not in caught.value.hint, "refused with path="
    assert "bring the recorded files back" in caught.value.hint


def test_content_ignores_order_and_sees_every_value(tmp_path: Path, hub: Hub) -> None:
    rows = records(50)

    def content(changed: list[dict[str, Any]]) -> str:
        name = str(len(list(tmp_path.iterdir())))
        where = folder(tmp_path / name, {"train.jsonl": jsonl(changed), "test.jsonl": jsonl(rows)})
        lock = mk.lock([demo()], tmp_path / f"{name}.lock", paths={"demo_exam": where})
        return str(lock["sources"]["demo_exam"]["parts"]["train"]["content"])

    same = content(rows)
    assert content(rows[::-1]) == same
    other = [
        rows[1:], [*rows, {**rows[0], "number": 99}], [{**rows[0], "year": None}, *rows[1:]],
        [{**rows[0], "a": "예 "}, *rows[1:]], [{**rows[0], "a": rows[0]["b"], "b": "예"}, *rows[1:]],
    ]  # fmt: skip
    contents = [content(changed) for changed in other]
    assert len({same, *contents}) == 1 + len(other)


def test_other_sources_in_the_file_stay(hub: Hub, file: Path) -> None:
    source = serve(hub)
    mk.lock([source], file)
    other = replace(source, name="other_exam")
    content = mk.lock([other], file)
    assert list(content["sources"]) == ["demo_exam", "other_exam"]
    assert len(mk.load(source, split="train", lock=file)) == 6


def test_a_failed_lock_leaves_the_old_file(hub: Hub, file: Path) -> None:
    source = serve(hub)
    mk.lock([source], file)
    before = file.read_bytes()
    hub.repo(REPO).commit("6" * 40, {"train.jsonl": jsonl(records(3)), "test.jsonl": b"{"})
    with pytest.raises(mk.errors.FormatError):
        mk.lock([pinned(source, "6" * 40)], file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir() if path.is_file()] == [file.name]


def test_bad_rows_can_be_locked_aside(tmp_path: Path, file: Path, hub: Hub) -> None:
    bad = [{**records(1)[0], "number": 77, "key": 9}]
    where = folder(tmp_path / "d", {**FILES, "train.jsonl": jsonl([*records(6), *bad])})
    with pytest.warns(mk.errors.DroppedRowsWarning):
        content = mk.lock([demo()], file, paths={"demo_exam": where}, on_bad="drop")
    assert content["sources"]["demo_exam"]["parts"]["train"]["rows"] == 7
    with pytest.warns(mk.errors.DroppedRowsWarning):
        data = mk.load(demo(), split="train", path=where, lock=file, on_bad="drop")
    assert len(data) == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is not a lockfile"),
        ("[]", "this is not a lockfile"),
        ("[" * 100_000, "this is not a lockfile"),
        ('{"version": 99, "sources": {}}', "another version"),
        ('{"version": 1, "sources": {}}', "does not know this source"),
        (
            '{"version": 1, "sources": {"demo_exam": {"version": 1, "revisions": {}, "parts": {}}}}',
            "does not know 'train'",
        ),
        ('{"version": 1, "sources": {"demo_exam": 3}}', "damaged"),
        (
            '{"version": 1, "sources": {"demo_exam": {"version": 1, "revisions": [], "parts": {}}}}',
            "damaged",
        ),
        (
            '{"version": 1, "sources": {"demo_exam": {"version": 1, "revisions": {}, '
            '"parts": {"train": {"files": 3}}}}}',
            "damaged",
        ),
    ],
)
def test_what_is_no_lockfile_for_this(hub: Hub, file: Path, text: str, message: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LockError, match=message):
        mk.load(serve(hub), split="train", lock=file)


def test_a_folder_is_no_lockfile(hub: Hub, tmp_path: Path) -> None:
    source = serve(hub)
    with pytest.raises(LockError, match="cannot be read"):
        mk.load(source, split="train", lock=tmp_path)
    with pytest.raises(LockError, match="cannot be read"):
        mk.lock([source], tmp_path)


def test_where_no_lockfile_can_be_written(hub: Hub, tmp_path: Path) -> None:
    source = serve(hub)
    with pytest.raises(LockError, match="there is no folder"):
        mk.lock([source], tmp_path / "none" / "medqa.lock")
    assert not hub.asked("*", method="GET"), "refused before anything is read"
    with pytest.raises(mk.errors.UnknownSourceError, match="takes a list"):
        mk.lock("kormedmcqa", tmp_path / "medqa.lock")


def test_no_lockfile(hub: Hub, file: Path) -> None:
    with pytest.raises(LockError, match="there is no such lockfile"):
        mk.load(serve(hub), split="train", lock=file)


def edited(file: Path, change: str) -> None:
    content = json.loads(file.read_text("utf-8"))
    match change:
        case "a row more":
            content["sources"]["demo_exam"]["parts"]["train"]["rows"] += 1
        case "a source less":
            content["sources"] = {}
        case "another commit":
            content["sources"]["demo_exam"]["revisions"] = {REPO: LATER}
        case "no digest":
            del content["digest"]
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False), "utf-8")


@pytest.mark.parametrize("change", ["a row more", "another commit", "no digest"])
def test_an_edited_lockfile_is_refused(hub: Hub, file: Path, change: str) -> None:
    source = serve(hub)
    mk.lock([source], file)
    edited(file, change)
    for act in (lambda: mk.load(source, split="train", lock=file), lambda: mk.lock([source], file)):
        with pytest.raises(LockError, match=r"was edited(.|\n)*digest(.|\n)*Hint: restore it"):
            act()


def test_a_lockfile_with_a_source_less_records_no_more(hub: Hub, file: Path) -> None:
    source = serve(hub)
    mk.lock([source], file)
    edited(file, "a source less")
    with pytest.raises(LockError, match="was edited"):
        mk.lock([source], file)


def test_a_lockfile_with_other_line_ends_is_read(hub: Hub, file: Path) -> None:
    source = serve(hub)
    mk.lock([source], file)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert len(mk.load(source, split="train", lock=file)) == 6
