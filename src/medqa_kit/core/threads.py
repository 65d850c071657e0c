"""Run a function over batches in threads, in order, with few batches in memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from medqa_kit.core.arguments import whole_number

_T = TypeVar("_T")
R = TypeVar("R")

_FREED = (32 << 20) - (1 << 16)  # bytes: a little less than the largest block that counts


def in_order(
    function: Callable[[_T], R], values: Iterable[_T], *, threads: int | None
) -> Iterator[R]:
    """Return ``function(value)`` for each value, in the order of the values.

    Args:
        function: Function of one value; it should spend its time outside the interpreter lock.
        values: Any iterable, also an endless one: only a few more values than threads are taken ahead.
        threads: How many threads; ``None`` uses as many as the process may use, eight at most.

    Raises:
        ArgumentError: ``threads`` is less than one.

    Example:
        >>> list(in_order(str.upper, ["a", "b"], threads=2))
        ['A', 'B']
    """
    if threads is not None:
        threads = whole_number("threads", threads, least=1, hint="threads=1 uses this thread alone")
    many = threads or min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity")
                          else os.cpu_count() or 1, 8)  # fmt: skip
    if many == 1:
        yield from map(function, values)
        return
    _keep_freed_memory()
    with ThreadPoolExecutor(many) as pool:
        begun = (pool.submit(function, value) for value in values)
        try:
            yield from results_in_order(begun, Future.result, ahead=2 * many)
        finally:  # after an error no further task starts
            pool.shutdown(wait=False, cancel_futures=True)


def results_in_order(begun: Iterable[_T], result: Callable[[_T], R], *, ahead: int) -> Iterator[R]:
    """Return the results of tasks in their order; only a few tasks run ahead.

    Args:
        begun: Iterable that starts a task at each step and gives its handle.
        result: Function that waits for the result of a handle.
        ahead: How many tasks run beside the one whose result is next.

    Example:
        >>> list(results_in_order(iter([1, 2]), str, ahead=1))
        ['1', '2']
    """
    running: deque[_T] = deque()
    for task in begun:
        running.append(task)
        if len(running) > ahead:
            yield result(running.popleft())
    while running:
        yield result(running.popleft())


def _keep_freed_memory() -> None:
    """Let the C library keep the memory of a batch for the next one.

    glibc keeps up to twice the largest block that it ever freed. Without such a block it returns the memory of
    each batch to the system, which clears the pages again for the next batch: a seventh of the time of ``exclude``.
    """
    np.empty(_FREED, np.uint8)  # freed at once; no page of it is touched
