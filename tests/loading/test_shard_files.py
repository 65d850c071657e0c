"""Prepared rows in Arrow files: as many as their size asks for, written by another thread."""

from __future__ import annotations

from pathlib import Path
from threading import get_ident
from typing import Any

import pyarrow as pa
import pytest
from datasets.arrow_writer import ArrowWriter

import medqa_kit as mk
from demo import demo, folder, jsonl, records
from medqa_kit.core.stored import SEAL, read_stored, xxh3_of
from medqa_kit.errors import StorageError

ROWS = records(30_001)  # three batches, and one of one row


def load(tmp_path: Path) -> Any:
    where = folder(tmp_path, {"train.jsonl": jsonl(ROWS)})
    return mk.load(demo(), split="train", path=where, cache_dir=tmp_path / "cache")


@pytest.mark.slow
def test_large_parts_lie_in_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = load(tmp_path / "one")
    monkeypatch.setattr("datasets.config.MAX_SHARD_SIZE", "100KB")
    parts = load(tmp_path / "many")
    assert [len(whole.cache_files), len(parts.cache_files)] == [1, 4]
    assert parts.data.table.equals(whole.data.table)
    assert parts.cache_files[0]["filename"].endswith("-00000-of-00004.arrow")
    assert parts.info.splits["train"].shard_lengths == [10_000, 10_000, 10_000, 1]


@pytest.mark.slow
def test_another_thread_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writers = set()

    def write(self: ArrowWriter, table: pa.Table) -> None:
        writers.add(get_ident())
        if fail:
            raise OSError(28, "No space left on device")
        plain(self, table)

    fail, plain = False, ArrowWriter.write_table
    monkeypatch.setattr(ArrowWriter, "write_table", write)
    assert len(load(tmp_path / "good")) == len(ROWS)
    assert len(writers) == 1
    assert writers.isdisjoint({get_ident()})
    fail = True
    with pytest.raises(StorageError, match="no room is left"):
        load(tmp_path / "bad")
    assert list(tmp_path.glob("bad/cache/**/*.arrow")) == []


def test_files_are_digested_while_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[str] = []

    def digest(path: Path) -> str:
        again.append(path.name)
        return xxh3_of(path)

    monkeypatch.setattr("medqa_kit.core.stored.xxh3_of", digest)
    rows = load(tmp_path)
    (file,) = (Path(file["filename"]) for file in rows.cache_files)
    assert again
    assert file.name not in again
    listed = read_stored(file.parent / SEAL)
    assert listed is not None
    assert listed[file.name] == [file.stat().st_size, xxh3_of(file)]
