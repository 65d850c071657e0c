"""Processes that work for this one: each gets the work once, and results come in order.

They are no forks of this process: threads of Arrow and locks would be copied in the middle of their work. On Linux
they are forks of a process that only imports what this one has imported, and lives as long as this one; elsewhere each is
started anew (``spawn``). Tasks are small, such as places of rows; rows are read where they lie.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import lru_cache
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from typing import Any, TypeVar, cast

import pyarrow as pa

from medqa_kit.core.arguments import whole_number
from medqa_kit.core.threads import R, results_in_order
from medqa_kit.errors import StorageError

_T = TypeVar("_T")
_AHEAD = 3  # tasks asked for beside each that is worked on
_IMPORTED = ("medqa_kit", "datasets", "numba")  # what takes long to import, where this process did
_LAST = "medqa_kit.building.engines.shared_memory"


class WorkerProcesses:
    """So many processes, which end with the block that the object is the context of.

    They end at once, whatever they do, when the block fails or this process is killed.

    Args:
        number: How many; with 1 the work is done in this process.

    Raises:
        ArgumentError: ``number`` is less than one.

    Example:
        >>> with WorkerProcesses(1) as workers:
        ...     list(workers.in_order(str.upper, ["a", "b"]))
        ['A', 'B']
    """

    def __init__(self, number: int) -> None:
        self.number = whole_number(
            "processes", number, least=1, hint="processes=1 works in this process"
        )
        self._pool: ProcessPoolExecutor | None = None
        self._names = count()

    @property
    def local(self) -> bool:
        """Whether the work is done in this process, where threads may share it."""
        return self.number == 1

    def __enter__(self) -> WorkerProcesses:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool is None:
            return
        if kind is None:
            self._pool.shutdown()
        self._life.close()
        self._pool.shutdown(cancel_futures=True)
        self._folder.cleanup()
        self._pool = None

    def in_order(self, work: Callable[[_T], R], tasks: Iterable[_T]) -> Iterator[R]:
        """Return ``work(task)`` for each task, in the order of the tasks.

        Args:
            work: What to do; it is pickled once, with all it holds.
            tasks: Only a few more than there are processes are taken ahead.

        Raises:
            StorageError: A process ended before its work did, as when memory is short.
        """
        if self.local:
            yield from map(work, tasks)
            return
        pool = self._started()
        file = Path(self._folder.name, f"{next(self._names)}.work")
        file.write_bytes(pickle.dumps(work))
        begun = (pool.submit(cast(Any, _done), str(file), task) for task in tasks)
        try:
            yield from results_in_order(begun, Future.result, ahead=_AHEAD * self.number)
        except BrokenProcessPool as error:
            raise StorageError(
                "a worker process ended before its work did",
                expected=f"memory for {self.number} processes",
                found="the system ended it, or it could not start",
                hint="take fewer processes; a script that starts them does its work under "
                '`if __name__ == "__main__":`',
            ) from error  # fmt: skip

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = _context()
            ending, self._life = context.Pipe(duplex=False)
            self._folder = tempfile.TemporaryDirectory(prefix="medqa_kit-work-")
            threads = max(1, (os.cpu_count() or 1) // self.number)
            self._pool = ProcessPoolExecutor(
                self.number,
                mp_context=context,
                initializer=_begin,
                initargs=(ending, threads, dict(os.environ)),
            )
        return self._pool


_SERVED = {os.getpid()}
"""The process whose children may be forks of a process that imports. It is no child of its own forks, which cannot ask it."""


def _context() -> SpawnContext | ForkServerContext:
    """Return how processes are started here."""
    if sys.platform != "linux" or os.getpid() not in _SERVED:
        return get_context("spawn")
    context = get_context("forkserver")
    own = [name for name in list(sys.modules) if name.partition(".")[0] in _IMPORTED]
    context.set_forkserver_preload([*own, _LAST])  # of no effect once it runs
    return context


def _begin(ending: Connection, threads: int, environment: dict[str, str]) -> None:
    """Prepare a new process: Ctrl-C is for the one that started it, and so is the end."""
    os.environ.clear()  # of the process it is a fork of, as it was when that started
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_cpu_count(threads)
    threading.Thread(target=_end_with, args=(ending,), daemon=True).start()


def _end_with(ending: Connection) -> None:
    """Wait until the other end is closed: by who started this process, or by the system when that ended."""
    with suppress(EOFError, OSError):
        ending.recv()
    os._exit(1)


def _done(file: str, task: Any) -> Any:
    return _work(file)(task)


@lru_cache(maxsize=1)
def _work(file: str) -> Callable[[Any], Any]:
    return cast(Callable[[Any], Any], pickle.loads(Path(file).read_bytes()))
