"""Disks that are full, closed or without locks: an error that says which folder and what to do."""

from __future__ import annotations

import errno
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest

import medqa_kit as mk
from demo import Read, both_ways, demo, jsonl, records, serve
from hub import Hub, run_python
from medqa_kit.core.boundary import typed_errors
from medqa_kit.errors import FormatError, MedQAError, StorageError

LONG = [{**row, "question": f"{n}" * 500} for n, row in enumerate(records(3000))]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one mebibyte."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "medqa_kit-test", str(place)],
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("this system has no mount")
    if mounted.returncode:
        pytest.skip("no rights to mount a small disk here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def closed(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def is_told(error: MedQAError, place: Path) -> None:
    assert type(error) is StorageError
    assert error.file is not None
    assert str(place) in error.file
    assert "cache_dir=" in error.hint
    assert "HF_HOME" in error.hint


def files_below(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file() and path.suffix != ".lock"]


def at(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Put both caches below a folder, as HF_HOME does."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", home / "datasets")


def test_no_room_for_prepared_rows(hub: Hub, tmp_path: Path, disk: Path) -> None:
    source = serve(hub, {"train.jsonl": jsonl(LONG)})
    with pytest.raises(StorageError, match="no room is left") as caught:
        mk.load(source, split="train", cache_dir=disk)
    is_told(caught.value, disk)
    assert files_below(disk) == []
    assert len(mk.load(source, split="train", cache_dir=tmp_path / "elsewhere")) == 3000


@pytest.mark.filterwarnings("ignore:Not enough free disk space")
def test_no_room_for_a_download(hub: Hub, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = serve(hub, {"train.jsonl": jsonl(LONG)})
    at(monkeypatch, disk)
    with pytest.raises(StorageError, match="no room is left") as caught:
        mk.load(source, split="train")
    is_told(caught.value, disk)
    assert len(list(mk.load(source, split="train", streaming=True))) == 3000, "needs no room"


def test_no_room_for_a_lockfile(hub: Hub, tmp_path: Path, disk: Path) -> None:
    serve(hub)
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 1024)
    with pytest.raises(StorageError, match="no room is left"):
        mk.lock([demo()], disk / "medqa.lock", cache_dir=tmp_path / "cache")
    assert [path.name for path in disk.iterdir()] == ["filler"]


CHILD = f"""
import resource, sys, warnings
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
warnings.simplefilter("ignore")
import medqa_kit as mk
from demo import demo
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
try:
    mk.load(demo(), split="train", cache_dir=sys.argv[1] if len(sys.argv) > 1 else None)
except mk.errors.StorageError as error:
    print(error)
"""


@pytest.mark.slow
def test_files_that_may_not_grow(hub: Hub, tmp_path: Path) -> None:
    serve(hub, {"train.jsonl": jsonl(LONG)})
    told = run_python(CHILD, hub, tmp_path / "home")
    assert "may not become as large" in told
    assert str(tmp_path / "home") in told
    assert "cache_dir=" in told


@pytest.mark.parametrize("warm", [True, False])
def test_what_is_closed_for_writing_still_serves(
    hub: Hub, disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: bool
) -> None:
    source = serve(hub)
    at(monkeypatch, disk)
    lock = tmp_path / "medqa.lock"
    expected = list(mk.load(source, split="test"))
    if warm:
        mk.lock([source], lock)
    closed(disk)
    hub.forget()
    assert list(mk.load(source, split="test")) == expected
    assert list(mk.load(source, split="test", streaming=True)) == expected
    if warm:
        assert list(mk.load(source, split="test", lock=lock)) == expected
        assert hub.requests == []
        assert {status.name for status in mk.status()}
        return
    assert len(list(mk.load(source, split="train", streaming=True))) == 6
    with pytest.raises(StorageError, match="nothing can be written there") as caught:
        mk.load(source, split="train")
    is_told(caught.value, disk)


def test_a_cold_stream_needs_no_cache_at_all(
    hub: Hub, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = serve(hub)
    at(monkeypatch, disk)
    closed(disk)
    assert len(list(mk.load(source, split="train", streaming=True))) == 6
    assert len(list(mk.load(source, split="train", streaming=True, cache_dir=disk / "no"))) == 6


@pytest.mark.parametrize("which", ["HF_HUB_CACHE", "HF_DATASETS_CACHE"])
def test_a_cache_folder_that_cannot_be_made(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    source = serve(hub)
    file = tmp_path / "file"
    file.write_text("not a folder")
    module = "huggingface_hub.constants" if which == "HF_HUB_CACHE" else "datasets.config"
    monkeypatch.setattr(f"{module}.{which}", str(file / "cache"))
    with pytest.raises(StorageError, match="a file is where a folder should be") as caught:
        mk.load(source, split="train")
    is_told(caught.value, file)


def test_a_file_system_without_locks(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = serve(hub)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(StorageError, match="has no locks") as caught:
        mk.load(source, split="train", cache_dir=tmp_path / "cache")
    is_told(caught.value, tmp_path / "cache")
    assert len(list(mk.load(source, split="train", streaming=True))) == 6


def test_locks_that_the_system_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="has no locks") as caught, typed_errors(tmp_path):
        raise NotImplementedError("FileSystem does not appear to support flock; use SoftFileLock")
    is_told(caught.value, tmp_path)


# -- what a parser, the memory or a function of the user raises


class OwnError(Exception):
    pass


def failing(error: Exception) -> Callable[[pa.Table], pa.Table]:
    def normalize(raw: pa.Table) -> pa.Table:
        if raw.num_rows:
            raise error
        return demo().layout.normalize(raw)  # type: ignore[union-attr]

    return normalize


@both_ways
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError(), StorageError),
        (pa.ArrowMemoryError("malloc of size 1 failed"), StorageError),
        (RecursionError("maximum recursion depth exceeded"), FormatError),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), FormatError),
        (json.JSONDecodeError("Expecting value", "x", 0), FormatError),
        (OSError(5, "Input/output error", "/data/train.jsonl"), StorageError),
        (OwnError("the user's own"), OwnError),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)  # fmt: skip
def test_foreign_exceptions_become_typed(
    hub: Hub, read: Read, error: Exception, kind: type[Exception]
) -> None:
    serve(hub)
    with pytest.raises(kind) as caught:
        read(demo(normalize=failing(error)))
    assert type(caught.value) is kind
    if isinstance(caught.value, MedQAError):
        assert caught.value.hint
        assert caught.value.__cause__ is not None


def test_the_boundary_lets_our_own_errors_and_signals_pass() -> None:
    ours = FormatError("x")
    with pytest.raises(FormatError) as caught, typed_errors("/f"):
        raise ours
    assert caught.value is ours
    with pytest.raises(KeyboardInterrupt), typed_errors("/f"):
        raise KeyboardInterrupt
    with pytest.raises(StopIteration), typed_errors("/f"):
        next(iter(()))


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"splits": 3}', '{"splits": {"a": {}}}'])
def test_status_passes_over_what_is_damaged(hub: Hub, tmp_path: Path, text: str) -> None:
    mk.load("kormedmcqa", origin="sample", cache_dir=tmp_path)
    for file in tmp_path.rglob("dataset_info.json"):
        file.write_text(text)
    status = {status.name: status for status in mk.status(cache_dir=tmp_path)}
    assert status["kormedmcqa"].rows == 0


# -- paths that no system has

DOCTOR = {"subset": "doctor", "split": "test"}
VERBS: dict[str, Callable[[str], object]] = {
    "path": lambda at: mk.load("kormedmcqa", path=at, **DOCTOR),  # type: ignore[call-overload]
    "streamed path": lambda at: list(mk.load("kormedmcqa", path=at, streaming=True, **DOCTOR)),  # type: ignore[call-overload]
    "cache_dir": lambda at: mk.load("kormedmcqa", origin="sample", cache_dir=at, **DOCTOR),  # type: ignore[call-overload]
    "lock": lambda at: mk.load("kormedmcqa", origin="sample", lock=at, **DOCTOR),  # type: ignore[call-overload]
    "lock()": lambda at: mk.lock(["kormedmcqa"], at, origin="sample"),
    "read": lambda at: mk.read(at, question="q", options=["a"], answer="b"),
    "out": lambda at: mk.build("korean_exam_sft", out=at, origin="sample"),
    "recipe": lambda at: mk.build(at, out="unused", origin="sample"),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["null", "long", "circle", "stranger", "below a file"])
def test_paths_that_no_system_has(hub: Hub, tmp_path: Path, verb: str, kind: str) -> None:
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "file").write_text("text")
    at = {
        "null": "a\0b", "long": str(tmp_path / ("x" * 5000)), "circle": str(tmp_path / "circle" / "x"),
        "stranger": "~nobody_of_this_name/x", "below a file": str(tmp_path / "file" / "x"),
    }[kind]  # fmt: skip
    with pytest.raises(MedQAError) as caught:
        VERBS[verb](at)
    assert caught.value.hint
