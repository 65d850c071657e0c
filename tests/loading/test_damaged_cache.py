"""Files of our own and of the hub's cache that are not as they were written: never other rows."""

from __future__ import annotations

import os
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest

import medqa_kit as mk
from demo import REPO, demo, folder, jsonl, parquet, records, serve
from hub import Hub
from medqa_kit.core.stored import SEAL
from medqa_kit.errors import CacheWarning

FILES = {"train.jsonl": jsonl(records(6)), "test.jsonl": jsonl(records(4, 100))}


def flipped(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << (at % 8)
    path.write_bytes(data)


def prepared(cache: Path, split: str = "train") -> Path:
    folders = [path for path in cache.glob(f"medqa_kit___demo_exam/{split}/*/*") if path.is_dir()]
    (whole,) = [path for path in folders if not path.name.endswith(".damaged")]
    return whole


def rows_and_warnings(source: mk.Source, **options: Any) -> tuple[list[Any], int]:
    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        loaded = mk.load(source, split="train", **options)
        rows = list(loaded)
    return rows, sum(issubclass(warning.category, CacheWarning) for warning in met)


@pytest.fixture
def where(tmp_path: Path) -> dict[str, Any]:
    return {"path": folder(tmp_path / "data", FILES), "cache_dir": tmp_path / "cache"}


@pytest.mark.slow
@pytest.mark.parametrize("locked", [False, True])
def test_a_flipped_bit_of_prepared_files_is_never_another_row(
    where: dict[str, Any], tmp_path: Path, hub: Hub, locked: bool
) -> None:
    options = dict(where)
    if locked:
        options["lock"] = tmp_path / "medqa.lock"
        mk.lock([demo()], options["lock"], paths={"demo_exam": where["path"]},
                cache_dir=where["cache_dir"])  # fmt: skip
    before, _ = rows_and_warnings(demo(), **options)
    seed = random.Random(0)
    for turn in range(40):
        files = sorted(
            path
            for path in prepared(where["cache_dir"]).iterdir()
            if path.stat().st_size and path.suffix != ".damaged"
        )
        file = files[turn % len(files)]
        flipped(file, seed.randrange(file.stat().st_size))
        after, told = rows_and_warnings(demo(), **options)
        assert after == before, file.name
        assert told == 1, file.name
    assert rows_and_warnings(demo(), **options) == (before, 0)


@pytest.mark.parametrize("damage", ["cut", "empty", "absent"])
@pytest.mark.parametrize("name", ["*.arrow", "dataset_info.json", "medqa_report-*.json", SEAL])
def test_what_is_cut_empty_or_absent_is_made_anew(
    where: dict[str, Any], hub: Hub, damage: str, name: str
) -> None:
    before, _ = rows_and_warnings(demo(), **where)
    (file,) = prepared(where["cache_dir"]).glob(name)
    match damage:
        case "cut":
            file.write_bytes(file.read_bytes()[:-3])
        case "empty":
            file.write_bytes(b"")
        case "absent":
            file.unlink()
    after, told = rows_and_warnings(demo(), **where)
    assert after == before
    assert told == 1
    assert next(prepared(where["cache_dir"]).glob(name))


def test_a_change_that_keeps_size_and_time_is_seen_under_a_lock(
    where: dict[str, Any], tmp_path: Path, hub: Hub
) -> None:
    lock = tmp_path / "medqa.lock"
    mk.lock([demo()], lock, paths={"demo_exam": where["path"]}, cache_dir=where["cache_dir"])
    before, _ = rows_and_warnings(demo(), lock=lock, **where)
    (file,) = prepared(where["cache_dir"]).glob("*.arrow")
    times = file.stat()
    flipped(file, file.stat().st_size // 2)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert rows_and_warnings(demo(), lock=lock, **where) == (before, 1)


def test_damaged_parts_are_put_aside_and_not_counted(where: dict[str, Any], hub: Hub) -> None:
    rows_and_warnings(demo(), **where)
    (file,) = prepared(where["cache_dir"]).glob("*.arrow")
    for _ in range(2):
        flipped(next(prepared(where["cache_dir"]).glob("*.arrow")), 100)
        rows_and_warnings(demo(), **where)
    aside = [path.name for path in file.parent.parent.iterdir() if path.is_dir()]
    assert sorted(aside) == [file.parent.name, f"{file.parent.name}.damaged"]


@pytest.mark.parametrize("text", ["", "[]", '{"bytes": 2', '{"content": {}}', "\udcff", None])
def test_a_damaged_listing_is_asked_for_again(hub: Hub, text: str | None) -> None:
    source = serve(hub, FILES)
    before, _ = rows_and_warnings(source, streaming=True)
    (listing,) = Path(datasets.config.HF_DATASETS_CACHE, "medqa_kit_answers").glob("*@*.json")
    if text is None:
        flipped(listing, listing.read_bytes().index(b"train.jsonl") + 2)
    else:
        listing.write_bytes(text.encode(errors="surrogateescape"))
    assert rows_and_warnings(source, streaming=True) == (before, 1)
    assert rows_and_warnings(source, streaming=True) == (before, 0)


OTHERS: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir, "a pipe": os.mkfifo, "a link to itself": lambda path: path.symlink_to(path),
    "a device": lambda path: path.symlink_to("/dev/zero"),
}  # fmt: skip


@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize("other", OTHERS)
def test_what_stands_in_place_of_our_files_is_put_aside(
    hub: Hub, other: str, streaming: bool
) -> None:
    """Twice, so that something already stands where the first was put aside."""
    source = serve(hub, FILES)
    where = {"streaming": streaming}
    before, _ = rows_and_warnings(source, **where)
    cache = Path(datasets.config.HF_DATASETS_CACHE)
    for _ in range(2):
        files = [path for path in cache.rglob("*.json*") if path.is_file()]
        for path in files:
            path.unlink()
            OTHERS[other](path)
        rows, warned = rows_and_warnings(source, **where)
        assert rows == before
        assert warned
    assert rows_and_warnings(source, **where) == (before, 0)


@pytest.mark.slow
@pytest.mark.parametrize("streaming", [True, False])
def test_a_flipped_bit_in_the_cache_of_the_hub_is_never_another_row(
    hub: Hub, tmp_path: Path, streaming: bool
) -> None:
    source = serve(hub, FILES)
    before, _ = rows_and_warnings(source, cache_dir=tmp_path / "first")
    seed = random.Random(1)
    for turn in range(10):
        mk.load(source, split="train", cache_dir=tmp_path / f"again{turn}")  # downloads if need be
        (link,) = Path(hub_cache()).glob(
            f"datasets--{REPO.replace('/', '--')}/snapshots/*/train.jsonl"
        )
        blob = link.resolve()
        flipped(blob, seed.randrange(blob.stat().st_size))
        options: dict[str, Any] = (
            {"streaming": True} if streaming else {"cache_dir": tmp_path / f"{turn}"}
        )
        after, told = rows_and_warnings(source, **options)
        assert after == before
        assert told == streaming  # a download is checked before it is read, and fetched again


def hub_cache() -> str:
    from huggingface_hub import constants

    return constants.HF_HUB_CACHE


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_a_stream_read_again_looks_at_the_file_again(hub: Hub, ending: str) -> None:
    write = {"jsonl": jsonl, "parquet": parquet}[ending]
    serve(hub, {f"train.{ending}": write(records(30))})
    source = demo(f"train.{ending}")
    mk.load(source, split="train")  # the file is in the cache of the hub now
    stream = mk.load(source, split="train", streaming=True)
    before = list(stream)
    (link,) = Path(hub_cache()).glob(f"datasets--demo--exam/snapshots/*/train.{ending}")
    blob, seed = link.resolve(), random.Random(2)
    times = blob.stat()
    flipped(blob, seed.randrange(blob.stat().st_size))
    os.utime(blob, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.warns(CacheWarning, match="is read from the hub"):
        assert list(stream) == before
    assert list(stream) == before


def test_a_flip_that_keeps_size_and_time_is_seen_without_a_lock(
    where: dict[str, Any], hub: Hub
) -> None:
    before, _ = rows_and_warnings(demo(), **where)
    (file,) = prepared(where["cache_dir"]).glob("*.arrow")
    times = file.stat()
    flipped(file, file.stat().st_size // 2)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert rows_and_warnings(demo(), **where) == (before, 1)
