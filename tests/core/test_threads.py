"""Work in threads: in order, and none of it is begun after an error."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from medqa_kit.building.engines.workers import HERE, side_by_side
from medqa_kit.core.threads import in_order


def test_results_come_in_order_of_the_tasks() -> None:
    assert list(in_order(str, range(50), threads=3)) == [str(n) for n in range(50)]


def test_two_tasks_are_worked_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    both = threading.Barrier(2, timeout=60)  # passed only by two threads together
    assert sorted(side_by_side(lambda _: both.wait(), range(2), HERE)) == [0, 1]


def test_what_waits_is_not_begun_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ending, shutdown = list[int](), threading.Event(), ThreadPoolExecutor.shutdown

    def ended(pool: ThreadPoolExecutor, wait: bool = True, **how: bool) -> None:
        shutdown(pool, wait=False, **how)
        ending.set()
        shutdown(pool, wait=wait)

    def work(task: int) -> None:
        begun.append(task)
        if task == 0:
            raise OSError("no room")
        ending.wait()  # both threads are busy until the error is seen

    monkeypatch.setattr(ThreadPoolExecutor, "shutdown", ended)
    with pytest.raises(OSError, match="no room"):
        list(in_order(work, range(50), threads=2))
    assert max(begun) <= 2
