"""The raw view is for looking at bad rows: nothing of them is checked."""

from __future__ import annotations

from pathlib import Path

import pytest

import medqa_kit as mk
from demo import Read, both_ways, demo, folder, jsonl, records
from medqa_kit.errors import AlignmentError, AnswerError, DuplicateIdError


@both_ways
def test_rows_the_source_cannot_read_are_shown_in_their_places(tmp_path: Path, read: Read) -> None:
    rows = records(6)
    rows[1]["key"], rows[4]["key"] = 7, 9
    where = folder(tmp_path, {"train.jsonl": jsonl(rows)})
    with pytest.raises(AnswerError):
        read(demo(), path=where)
    raw = read(demo(), path=where, view="raw")
    assert [{name: row[name] for name in rows[0]} for row in raw] == rows
    good = [row["id"] for number, row in enumerate(raw) if number not in (1, 4)]
    assert good == ["demo_exam/0", "demo_exam/2", "demo_exam/3", "demo_exam/5"]
    assert all(raw[bad]["id"].startswith("demo_exam/unread-") for bad in (1, 4))


@both_ways
def test_keys_that_repeat_are_told_apart(tmp_path: Path, read: Read) -> None:
    where = folder(tmp_path, {"train.jsonl": jsonl([*records(3), *records(2)])})
    with pytest.raises(DuplicateIdError):
        read(demo(), path=where)
    ids = [row["id"] for row in read(demo(), path=where, view="raw")]
    assert ids == ["demo_exam/0", "demo_exam/1", "demo_exam/2", "demo_exam/0~2", "demo_exam/1~2"]


def test_rows_that_are_misaligned_are_shown(tmp_path: Path) -> None:
    file = tmp_path / "KBMC.tsv"
    file.write_text("Sentence\tTags\n위염 이다\tDisease-B\n간 이다\tBody-B O\n", encoding="utf-8")
    with pytest.raises(AlignmentError):
        mk.load("kbmc", path=file)
    raw = mk.load("kbmc", path=file, view="raw", split="train")
    assert raw["Tags"][:] == ["Disease-B", "Body-B O"]


def test_a_file_of_bad_rows_alone_is_shown(tmp_path: Path) -> None:
    rows = [row | {"key": 9} for row in records(3)]
    where = folder(tmp_path, {"train.jsonl": jsonl(rows)})
    assert len(mk.load(demo(), split="train", path=where, view="raw")) == 3
