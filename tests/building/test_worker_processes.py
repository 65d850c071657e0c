"""Processes that work for this one: in order, with typed errors, and gone with the one they work for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from medqa_kit.building.engines.worker_processes import WorkerProcesses
from medqa_kit.core.arguments import whole_number
from medqa_kit.errors import ArgumentError, StorageError

FOREVER = """
import os, sys, time
from functools import partial
from medqa_kit.building.engines.worker_processes import WorkerProcesses
if __name__ == "__main__":
    with WorkerProcesses(2) as workers:
        print(*workers.in_order(eval, ["__import__('os').getpid()"] * 4), flush=True)
        print(*workers.in_order(time.sleep, [1000] * 2))
"""

FORKED = """
import os
from medqa_kit.building.engines.worker_processes import WorkerProcesses

def work():
    with WorkerProcesses(2) as workers:
        print(list(workers.in_order(len, ["a", "bb"])), flush=True)

if __name__ == "__main__":
    work()
    if child := os.fork():
        raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    work()
"""


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    try:  # where nobody waits for orphans, they stay as zombies
        return Path(f"/proc/{process}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return not Path("/proc/self").exists()


def is_gone_soon(process: int) -> bool:
    end = time.monotonic() + 60
    while is_alive(process) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_alive(process)


@pytest.mark.parametrize("number", [0, -1, 1.5, "2", True])
def test_a_number_of_processes_is_one_or_more(number: object) -> None:
    with pytest.raises(ArgumentError, match="processes"):
        WorkerProcesses(number)  # type: ignore[arg-type]


@pytest.mark.slow
def test_results_come_in_order_and_each_work_is_told_apart() -> None:
    words = [f"word {n}" for n in range(100)]
    with WorkerProcesses(2) as workers:
        assert list(workers.in_order(str.upper, words)) == [word.upper() for word in words]
        assert list(workers.in_order(len, words)) == [len(word) for word in words]
        pids = set(workers.in_order(eval, ["__import__('os').getpid()"] * 20))
    assert os.getpid() not in pids
    assert all(is_gone_soon(process) for process in pids)


@pytest.mark.slow
def test_an_error_comes_as_it_is_with_one_process() -> None:
    work = partial(whole_number, "rows", least=5)
    errors = []
    for number in (1, 2):
        with WorkerProcesses(number) as workers, pytest.raises(ArgumentError) as caught:
            list(workers.in_order(work, [7, 3, 9]))
        errors.append(str(caught.value))
    assert errors[0] == errors[1]
    assert "rows" in errors[0]


@pytest.mark.slow
def test_a_process_that_the_system_ends_is_an_error_of_ours() -> None:
    with WorkerProcesses(2) as workers, pytest.raises(StorageError, match="worker process ended"):
        list(workers.in_order(os._exit, [9]))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_processes_end_with_the_one_they_work_for(tmp_path, number: signal.Signals) -> None:
    script = tmp_path / "forever.py"
    script.write_text(FOREVER, "utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        pids = {int(word) for word in process.stdout.readline().split()}
        process.send_signal(number)
        assert process.wait(timeout=120) != 0
    assert pids
    assert all(is_gone_soon(pid) for pid in pids)


@pytest.mark.slow
def test_processes_see_the_environment_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = "__import__('os').environ.get('MEDQA_KIT_TEST_WORD')"
    words = []
    for word in ("first", "second", None):
        if word is None:
            monkeypatch.delenv("MEDQA_KIT_TEST_WORD")
        else:
            monkeypatch.setenv("MEDQA_KIT_TEST_WORD", word)
        with WorkerProcesses(2) as workers:
            words += workers.in_order(eval, [ask])
    assert words == ["first", "second", None]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_of_a_process_that_had_workers_has_its_own(tmp_path: Path) -> None:
    script = tmp_path / "forked.py"
    script.write_text(FORKED, "utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[1, 2]", "[1, 2]"]
