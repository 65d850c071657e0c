"""A tree of many small files in a zip archive: read in shards, its contents listed once a process."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

import medqa_kit as mk

_FILES = 250


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "Training"
    folder.mkdir()
    with zipfile.ZipFile(folder / "[T]라벨링데이터.zip", "w") as archive:
        for number in range(_FILES):
            name = f"P001_{number:04d}"
            content = {
                "전사정보": {"LabelText": f"{number}일 전부터 아파요."},
                "파일정보": {"FileName": name},
            }
            archive.writestr(f"medsub/환자/P001/{name}.json", json.dumps(content))
    return tmp_path


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The archives that are opened, one entry an opening."""
    opened: list[str] = []
    plain = zipfile.ZipFile.__init__

    def counted(self: zipfile.ZipFile, file: str, *args: object, **rest: object) -> None:
        opened.append(str(file))
        plain(self, file, *args, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(zipfile.ZipFile, "__init__", counted)
    return opened


def _stream(tree: Path) -> object:
    return mk.load("aihub_telemedicine_speech", subset="patient", split="train", path=tree,
                   streaming=True)  # fmt: skip


def test_a_stream_opens_the_archive_as_often_for_many_members_as_for_few(
    tree: Path, openings: list[str]
) -> None:
    stream = _stream(tree)
    listed = len(openings)
    assert [row["text"] for row in stream] == [f"{n}일 전부터 아파요." for n in range(_FILES)]  # type: ignore[attr-defined]
    assert len(openings) - listed <= 1
    assert list(stream) == list(stream)  # type: ignore[call-overload]
    assert len(openings) - listed <= 1


def test_two_workers_share_the_shards(tree: Path) -> None:
    whole = list(_stream(tree))  # type: ignore[call-overload]
    halves = [list(_stream(tree).shard(2, half)) for half in (0, 1)]  # type: ignore[attr-defined]
    assert all(len(half) >= _FILES // 4 for half in halves)
    assert sorted(row["id"] for half in halves for row in half) == sorted(
        row["id"] for row in whole
    )


def test_an_archive_written_anew_is_opened_anew(tree: Path) -> None:
    before = list(_stream(tree))  # type: ignore[call-overload]
    path = tree / "Training" / "[T]라벨링데이터.zip"
    with zipfile.ZipFile(path, "w") as archive:
        content = {
            "전사정보": {"LabelText": "이제 괜찮아요."},
            "파일정보": {"FileName": "P002_0001"},
        }
        archive.writestr("medsub/환자/P002/P002_0001.json", json.dumps(content))
    assert [row["text"] for row in _stream(tree)] == ["이제 괜찮아요."]  # type: ignore[attr-defined]
    assert len(before) == _FILES
