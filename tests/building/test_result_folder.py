"""The folder of a result: one build at a time, whole or not at all, whatever ends the build."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.building.folder_lock import locked_folder
from medqa_kit.building.output.papers.finishing import finish
from medqa_kit.core.atomic import exchanged, synced
from medqa_kit.errors import ArgumentError, RecipeError, StorageError
from results import file_bytes

pytestmark = pytest.mark.slow

RECIPE = {"name": "small", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
TRAIN = "trl_prompt_completion_jsonl/train/part-00000-of-00001.jsonl"
OTHER = RECIPE | {"name": "other"}
KILLS = Path(__file__).with_name("killed_builds.py")
WAITING = """
import os, sys, time, warnings
import medqa_kit as mk
import medqa_kit.building.pipeline as pipeline
warnings.simplefilter("ignore")
os.getpid = lambda: 1  # as in a container
finish = pipeline.finish
def waiting(*given):
    print("writing", flush=True)
    sys.stdin.readline()
    return finish(*given)
pipeline.finish = waiting
recipe = {"name": "small", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
mk.build(recipe, out=sys.argv[1], origin="sample")
"""


def build(out: Path, recipe: dict = RECIPE, **rest) -> mk.building.Build:
    return mk.build(recipe, out=out, origin="sample", **rest)


def content(folder: Path) -> dict[str, bytes]:
    return file_bytes(folder)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def before_finish(monkeypatch, act: Callable[[], object]) -> None:
    """Let something happen once the rows of the next build are written."""

    def finish_after(*arguments: Any) -> dict[str, Any]:
        act()
        return finish(*arguments)

    monkeypatch.setattr("medqa_kit.building.pipeline.finish", finish_after)


@pytest.fixture
def folder(hub, tmp_path: Path) -> Path:
    """A folder for results that holds nothing else."""
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


@contextmanager
def waiting_build(out: Path) -> Iterator[subprocess.Popen[str]]:
    """A build in another process that says it is process 1, and waits before it finishes."""
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout
        assert process.stdout.readline() == "writing\n"
        try:
            yield process
        finally:
            process.kill()


def test_whenever_a_build_is_killed_a_whole_result_stands_and_the_next_one_is_equal(
    hub, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, str(KILLS), str(tmp_path), "9", "5", "1"],
        capture_output=True, text=True, check=False, timeout=300,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    kills = [json.loads(line) for line in done.stdout.splitlines()]
    whole = {"exchange": {"earlier", "new"}, "two renames": {"earlier", "new", "aside"},
             "nothing earlier": {"nothing", "new"}}  # fmt: skip
    for kill in kills:
        assert kill["stands"] in whole[kill["variant"]], kill
        assert kill["equal"], kill
        assert kill["left"] == ["out"], kill
    assert {kill["variant"] for kill in kills} == {*whole}
    assert len(kills) >= 15
    assert any(kill["stands"] == "aside" for kill in kills), "killed between the two renames"


def test_a_second_build_into_a_folder_is_refused_though_both_are_process_1(
    folder: Path, monkeypatch
) -> None:
    out = folder / "out"
    with waiting_build(out) as first:
        monkeypatch.setattr("os.getpid", lambda: 1)
        begun = names(folder)
        with pytest.raises(RecipeError, match="another build is writing") as caught:
            build(out, OTHER)
        assert f"process 1 on host {socket.gethostname()!r}" in caught.value.found
        assert names(folder) == begun, "what the first one writes is left alone"
        assert first.communicate("\n")[0] == ""
        assert first.returncode == 0
    assert json.loads((out / "manifest.json").read_text("utf-8"))["name"] == "small"
    assert names(folder) == ["out"]


def test_a_second_build_in_another_thread_is_refused(folder: Path) -> None:
    errors: list[BaseException] = []

    def second() -> None:
        try:
            build(folder / "out")
        except RecipeError as error:
            errors.append(error)

    with locked_folder(folder / "out"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert [f"process {os.getpid()} on" in str(error) for error in errors] == [True]
    assert names(folder) == []


def test_a_result_within_another_one_is_refused(folder: Path) -> None:
    build(folder / "one")
    before = names(folder / "one")
    with pytest.raises(RecipeError, match="in the folder of another result"):
        build(folder / "one" / "deep" / "two")
    assert names(folder / "one") == before


def test_builds_into_two_folders_do_not_meet(folder: Path) -> None:
    with locked_folder(folder / "one"):
        build(folder / "two")
    assert names(folder) == ["two"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_worker_that_outlives_its_build_does_not_keep_the_lock(folder: Path) -> None:
    code = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from medqa_kit.building.folder_lock import locked_folder\n"
        "with locked_folder(Path(sys.argv[1])):\n"
        "    if (child := os.fork()) == 0:\n"
        "        os.close(1)\n"
        "        time.sleep(60)\n"
        "    print(child, flush=True)\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder / "out")], stdout=subprocess.PIPE, check=False
    )
    try:
        assert done.returncode == 9
        assert names(folder) == [".out.lock"]
        build(folder / "out")
        assert names(folder) == ["out"]
    finally:
        os.kill(int(done.stdout), signal.SIGKILL)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT)]
)
def test_a_build_that_is_told_to_stop_leaves_the_earlier_result_alone(
    folder: Path, number: signal.Signals, code: int
) -> None:
    build(folder / "out", OTHER)
    before = content(folder / "out")
    with waiting_build(folder / "out") as process:
        assert len(names(folder)) == 3, "lock, unfinished and earlier result"
        process.send_signal(number)
        process.wait(timeout=60)
        assert process.returncode == code
    assert names(folder) == ["out"]
    assert content(folder / "out") == before


def test_the_handler_of_a_program_is_left_alone(folder: Path, monkeypatch) -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))
    try:
        before_finish(monkeypatch, lambda: os.kill(os.getpid(), signal.SIGTERM))
        build(folder / "out")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) == before


def edit_rows(out: Path) -> None:
    with (out / TRAIN).open("a", encoding="utf-8") as file:
        file.write("{}\n")


def edit_manifest(out: Path) -> None:
    file = out / "manifest.json"
    file.write_text(file.read_text("utf-8").replace('"no_answer"', '"none"').replace("demo", "x")
                    .replace('"about": ""', '"about": "mine"'), "utf-8")  # fmt: skip


@pytest.mark.parametrize(("edit", "name"), [(edit_rows, TRAIN), (edit_manifest, "manifest.json")])
def test_an_earlier_result_that_was_edited_is_replaced_only_when_asked(
    folder: Path, edit: Callable[[Path], None], name: str
) -> None:
    out = folder / "out"
    build(out)
    edit(out)
    before = content(out)
    with pytest.raises(RecipeError, match="changed since it was built") as caught:
        build(out, OTHER)
    assert caught.value.found == name
    assert "replace_edited=True" in str(caught.value)
    assert content(out) == before
    assert build(out, OTHER, replace_edited=True).manifest["name"] == "other"


def test_an_added_file_is_not_lost_even_when_edits_may_be(folder: Path) -> None:
    build(folder / "out")
    (folder / "out" / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(RecipeError, match="something else"):
        build(folder / "out", replace_edited=True)
    with pytest.raises(ArgumentError, match="replace_edited"):
        build(folder / "out", replace_edited="yes")


def test_results_of_earlier_versions_and_parts_of_one_can_be_replaced(folder: Path) -> None:
    out = folder / "out"
    build(out)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    del manifest["digest"]
    (out / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (out / TRAIN).unlink()
    assert build(out, OTHER).manifest["name"] == "other"
    shutil.rmtree(out)
    out.mkdir()
    assert build(out).manifest["name"] == "small"


def test_a_result_edited_while_another_is_built_is_kept(folder: Path, monkeypatch) -> None:
    out = folder / "out"
    build(out)
    before_finish(monkeypatch, lambda: edit_rows(out))
    with pytest.raises(RecipeError, match="while the result was built"):
        build(out, OTHER)
    assert (out / TRAIN).read_text("utf-8").endswith("{}\n")
    assert names(folder) == ["out"]


def test_what_a_killed_build_put_aside_comes_back_though_the_next_one_fails(
    folder: Path, monkeypatch
) -> None:
    build(folder / "out")
    before = content(folder / "out")
    (folder / "out").rename(folder / ".out.earlier-0123456789abcdef")
    (folder / ".out.unfinished-fedcba9876543210").mkdir()
    before_finish(monkeypatch, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build(folder / "out", OTHER)
    assert content(folder / "out") == before
    assert names(folder) == ["out"]


def test_what_was_put_aside_comes_back_though_someone_made_the_folder(
    folder: Path, monkeypatch
) -> None:
    build(folder / "out")
    before = content(folder / "out")
    aside = folder / ".out.earlier-0123456789abcdef"
    (folder / "out").rename(aside)
    (folder / "out").mkdir()
    before_finish(monkeypatch, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build(folder / "out", OTHER)
    assert content(folder / "out") == before
    assert names(folder) == ["out"]


def test_what_was_put_aside_stays_beside_what_is_no_result(folder: Path) -> None:
    build(folder / "out")
    aside = folder / ".out.earlier-0123456789abcdef"
    (folder / "out").rename(aside)
    (folder / "out").mkdir()
    (folder / "out" / "notes.txt").write_text("mine", "utf-8")
    before = content(aside)
    with pytest.raises(RecipeError, match="something else"):
        build(folder / "out")
    assert content(aside) == before


def test_only_what_builds_into_this_folder_left_is_removed(folder: Path) -> None:
    others = [".out.unfinished-mine", ".out2.unfinished-0123456789abcdef", ".out.earlier"]
    for name in others:
        (folder / name).mkdir()
    build(folder / "out")
    assert names(folder) == sorted([*others, "out"])


def refuse_exchange(*_: object) -> bool:
    raise OSError(errno.EXDEV, "Invalid cross-device link")


def test_a_folder_that_cannot_be_renamed_is_said_so_and_stays(folder: Path, monkeypatch) -> None:
    build(folder / "out")
    before = content(folder / "out")
    monkeypatch.setattr("medqa_kit.building.result_folder.exchanged", refuse_exchange)
    with pytest.raises(StorageError, match=r"cross-device(.|\n)*choose another out="):
        build(folder / "out", OTHER)
    assert content(folder / "out") == before
    assert names(folder) == ["out"]


def test_where_the_second_rename_fails_the_earlier_result_is_back(
    folder: Path, monkeypatch
) -> None:
    build(folder / "out")
    before = content(folder / "out")
    monkeypatch.setattr("medqa_kit.building.result_folder.exchanged", lambda *_: False)
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if "unfinished" in path.name:
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(StorageError, match="Input/output error"):
        build(folder / "out", OTHER)
    assert content(folder / "out") == before
    assert names(folder) == ["out"]


def test_a_full_disk_is_a_typed_error_and_the_earlier_result_stays(
    folder: Path, monkeypatch
) -> None:
    build(folder / "out")
    before = content(folder / "out")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(pq.ParquetWriter, "write_table", full)
        with pytest.raises(StorageError, match=r"No space left(.|\n)*make room"):
            build(folder / "out", OTHER)
    assert content(folder / "out") == before
    assert names(folder) == ["out"]


def test_room_rights_and_locks_are_looked_at_before_anything_is_read(
    hub, folder: Path, monkeypatch
) -> None:
    used = shutil.disk_usage(folder)
    with monkeypatch.context() as patched:
        patched.setattr("shutil.disk_usage", lambda _: used._replace(free=1000))
        with pytest.raises(StorageError, match=r"no room(.|\n)*1,000 bytes"):
            mk.build(RECIPE, out=folder / "out")

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    with monkeypatch.context() as patched:
        patched.setattr("fcntl.flock", no_locks)
        with pytest.raises(StorageError, match=r"No locks available(.|\n)*local disk"):
            mk.build(RECIPE, out=folder / "out")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "is_mount", lambda _: True)
        (folder / "volume").mkdir()
        with pytest.raises(RecipeError, match=r"volume is mounted(.|\n)*volume/result"):
            mk.build(RECIPE, out=folder / "volume")
    if Path("/sys/kernel").is_dir():  # where not even root makes files
        with pytest.raises(StorageError, match="rights"):
            mk.build(RECIPE, out="/sys/kernel/out")
    assert not hub.requests


def test_names_of_nothing_are_not_exchanged_and_need_no_sync(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    if not exchanged(tmp_path / "a", tmp_path / "b"):
        pytest.skip("the system cannot exchange names")
    with pytest.raises(FileNotFoundError):
        exchanged(tmp_path / "a", tmp_path / "none")
    synced(tmp_path / "none")
    synced(tmp_path)
