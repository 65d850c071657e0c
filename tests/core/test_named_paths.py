"""Paths that people name: what is none is an ``ArgumentError``, what cannot be written a ``StorageError``."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import medqa_kit as mk
from medqa_kit.decontamination.training_files import training_rows
from medqa_kit.errors import ArgumentError, RecipeError, StorageError

ROWS = pa.table({"id": ["e/1", "e/2"], "question": ["무엇이 맞는가?", "무엇이 틀린가?"]})
EXAM = ROWS.append_column("options", pa.array([["가", "나"]] * 2)).append_column(
    "answer_index", pa.array([0, 1])
)


@cache
def holdout() -> mk.Holdout:
    return mk.Holdout.from_rows(ROWS, reason="a test")


TAKERS: dict[str, Callable[[Any], object]] = {
    "load": lambda path: mk.load("kbmc", path=path),
    "lock=": lambda path: mk.load("kbmc", origin="sample", lock=path),
    "Holdout.load": mk.Holdout.load,
    "Holdout.save": lambda path: holdout().save(path),
    "apply_manifest": lambda path: mk.apply_manifest(ROWS, path),
    "build": lambda path: mk.build(path, out="never"),
    "out": lambda path: mk.build({"name": "a", "source": [{"name": "kbmc"}]}, out=path, origin="sample"),
    "Recipe.read": mk.Recipe.read,
    "remix": lambda path: mk.remix(path, {"name": "a", "source": [{"name": "kbmc"}]}),
    "retract": lambda path: mk.retract(path, items=["a"]),
    "training_rows": mk.training_rows,
    "verify": mk.verify,
    "why": lambda path: mk.why(path, "a"),
    "Ledger.open": mk.Ledger.open,
}  # fmt: skip
IMPOSSIBLE = {"number": 3, "bytes": b"a.jsonl", "nothing": "", "NUL": "a\0b", "long": "x" * 5000,
              "deep": "a/" * 3000, "half a pair": "a\ud800.jsonl", "nobody": "~nobody-of-that-name/a"}  # fmt: skip


@pytest.mark.parametrize("taker", TAKERS)
def test_what_no_system_has_is_no_path(hub, taker: str) -> None:
    for kind, path in IMPOSSIBLE.items():
        with pytest.raises(ArgumentError) as caught:
            TAKERS[taker](path)
        assert "Hint: " in str(caught.value), kind


READERS = {name: take for name, take in TAKERS.items() if name not in ("Holdout.save", "out")} | {
    "lock": lambda path: mk.lock(["kbmc"], path),
    "score": lambda path: mk.score(path, EXAM),
    "read": lambda path: mk.read(path, schema="qa", question="q"),
    "drift": mk.drift,
    "passages": lambda path: mk.passages(path, source="x"),
}


@pytest.mark.parametrize("reader", READERS)
def test_what_gives_bytes_without_end_is_no_file(hub, reader: str, tmp_path: Path) -> None:
    """A pipe that nobody fills is not waited for, a device not read."""
    pipe, link = tmp_path / "pipe.jsonl", tmp_path / "link.jsonl"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link, Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(ArgumentError, match="a pipe, a device or a socket"):
            READERS[reader](path)


@pytest.mark.slow
def test_a_log_may_be_a_device_but_no_pipe_that_nobody_reads(tmp_path: Path) -> None:
    recipe = {"name": "a", "source": [{"name": "kbmc"}]}
    mk.build(recipe, out=tmp_path / "out", origin="sample", log="/dev/null")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StorageError, match="pipe"):
        mk.build(recipe, out=tmp_path / "other", origin="sample", log=tmp_path / "pipe")


def test_a_recipe_is_data_or_a_path(hub, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"Recipe\.read\(path\) reads a file"):
        mk.Recipe.of("recipe.toml")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="what TOML holds"):
        mk.build(None, out=tmp_path)  # type: ignore[arg-type]
    with pytest.raises(RecipeError):
        mk.build(tmp_path / "absent.toml", out=tmp_path / "out")


WRITERS: dict[str, Callable[[Path], object]] = {
    "fingerprints": lambda path: holdout().save(path),
    "report.csv": lambda path: mk.search(ROWS, holdout()).save(path),
    "report.jsonl": lambda path: mk.search(ROWS, holdout()).save(path),
    "split.parquet": lambda path: mk.split(
        ROWS, {"train": 0.5, "test": 0.5}, seed=1, force=True, by="id"
    ).save(path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_only_a_file_is_replaced(name: str, tmp_path: Path) -> None:
    save, file = WRITERS[name], tmp_path / name
    os.mkfifo(file)  # as a device: where root writes, it could be replaced
    with pytest.raises(StorageError, match="a device, a pipe or a socket"):
        save(file)
    assert stat.S_ISFIFO(file.stat().st_mode)
    file.unlink()
    file.mkdir()
    with pytest.raises(StorageError, match="a folder"):
        save(file)
    assert file.is_dir()
    file.rmdir()
    (tmp_path / "target").write_text("old", "utf-8")
    file.symlink_to(tmp_path / "target")
    save(file)
    assert (tmp_path / "target").read_text("utf-8") == "old"
    with pytest.raises(StorageError, match="or name another file"):
        save(file / name)
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


@pytest.mark.parametrize("reader", [
    lambda path: mk.read(path), lambda path: mk.load("kbmc", split="train", path=path), lambda path: training_rows(path),
    lambda path: mk.score(path, [{"id": "a", "question": "?", "options": ["b", "c"], "answer_index": 0}]),
], ids=["read", "load", "check", "score"])  # fmt: skip
def test_a_slip_in_a_path_is_led_to_what_stands_beside(reader: Any, tmp_path: Path) -> None:
    (tmp_path / "ward_notes.jsonl").write_text("{}", "utf-8")
    with pytest.raises(mk.errors.WrongFilesError) as caught:
        reader(tmp_path / "ward_note.jsonl")
    assert caught.value.hint == f"did you mean {str(tmp_path / 'ward_notes.jsonl')!r}?"
    with pytest.raises(mk.errors.WrongFilesError) as caught:
        reader(tmp_path / "nothing-like-it.csv")
    assert "did you mean" not in caught.value.hint


def test_a_recipe_with_an_ending_is_one_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "sft.toml").write_text("", "utf-8")
    with pytest.raises(mk.errors.RecipeError, match=r"did you mean 'sft\.toml'"):
        mk.Recipe.read(tmp_path / "sft.tml")
    with pytest.raises(mk.errors.RecipeError, match="did you mean 'korean_sft'"):
        mk.build("korean_sf", out=tmp_path / "out")
