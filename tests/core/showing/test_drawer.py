"""The process that draws charts: kept for the next ones, started anew where it has ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from medqa_kit.core.showing.drawer import Drawer

pytest.importorskip("vl_convert")
CHART = (
    '{"data": {"values": [{"a": "뇌", "b": 3}]}, "mark": "bar", "encoding": {"y": {"field": "a"}}}'
)


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    drawer = Drawer()
    yield drawer
    drawer.close()


def children() -> set[int]:
    """Return the processes this one has started."""
    listed = Path("/proc/self/task").glob("*/children")
    return {int(number) for file in listed for number in file.read_text().split()}


@pytest.mark.slow
def test_the_process_stays_and_draws_the_same_again(drawer: Drawer) -> None:
    before = children()
    first = drawer.images([CHART, CHART])
    (process,) = children() - before
    assert first is not None
    assert first[0] == first[1]
    assert "뇌" in first[0]
    assert drawer.images([CHART]) == first[:1]
    assert children() - before == {process}


@pytest.mark.slow
def test_a_process_that_was_started_early_is_the_one_that_draws(drawer: Drawer) -> None:
    before = children()
    drawer.start()
    (process,) = children() - before
    drawer.start()
    assert drawer.images([CHART]) is not None
    assert children() - before == {process}


@pytest.mark.slow
def test_a_process_that_was_ended_is_started_anew(drawer: Drawer) -> None:
    before = children()
    drawn = drawer.images([CHART])
    (process,) = children() - before
    os.kill(process, signal.SIGKILL)
    assert drawer.images([CHART]) == drawn
    (following,) = children() - before
    assert following != process


@pytest.mark.slow
def test_what_cannot_be_drawn_is_nothing_and_the_next_is_drawn(drawer: Drawer) -> None:
    assert drawer.images(["{}"]) is None
    assert drawer.images([CHART]) is not None


@pytest.mark.slow
def test_no_process_outlives_the_one_it_draws_for() -> None:
    code = (
        "import sys, os, signal\n"
        "from medqa_kit.core.showing.drawer import Drawer\n"
        "drawer = Drawer()\n"
        f"drawer.images([{CHART!r}])\n"
        "print(drawer._process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    process = int(ended.stdout)
    status = Path(f"/proc/{process}/stat")
    for _ in range(200):
        try:
            state = status.read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return  # it has ended, and whoever took it over has not noticed
        time.sleep(0.1)
    pytest.fail("the process is there after 20 seconds")
