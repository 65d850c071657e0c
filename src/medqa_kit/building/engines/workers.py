"""The workers of a build: this process, several processes, or the workers of an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, TypeAlias, TypeVar, get_args

from medqa_kit.building.engines.cluster_workers import RayWorkers, SparkWorkers
from medqa_kit.building.engines.worker_processes import WorkerProcesses
from medqa_kit.core.arguments import one_of
from medqa_kit.core.threads import R, in_order
from medqa_kit.errors import ArgumentError, MissingExtraError

_T = TypeVar("_T")

Engine: TypeAlias = Literal["local", "ray", "spark"]
"""What rows are worked on by."""

Workers: TypeAlias = WorkerProcesses | RayWorkers | SparkWorkers
"""What does work in order."""

HERE: Workers = WorkerProcesses(1)
"""This process alone."""


def workers_of(engine: Engine, processes: int) -> Workers:
    """Return the workers of an engine.

    Args:
        engine: Which.
        processes: How many; an engine of its own decides by itself.

    Raises:
        ArgumentError: There is no such engine, or a number beside one that decides by itself.
        MissingExtraError: It is not installed.

    Example:
        >>> workers_of("local", 1).number
        1
    """
    one_of("engine", engine, get_args(Engine))
    local = WorkerProcesses(processes)
    if engine == "local":
        return local
    if processes != 1:
        raise ArgumentError(
            "an engine decides itself how many processes it uses", argument="processes",
            expected='1, or engine="local"', found=f"{processes} beside engine={engine!r}",
            hint="say it where the session of the engine is started",
        )  # fmt: skip
    try:
        if engine == "ray":
            import ray  # noqa: F401
        else:
            import pyspark  # noqa: F401
    except ImportError as error:
        package = "ray[data]" if engine == "ray" else "pyspark"
        raise MissingExtraError(package, engine, need=f"engine={engine!r}") from error
    return RayWorkers() if engine == "ray" else SparkWorkers()


def side_by_side(work: Callable[[_T], R], tasks: Iterable[_T], workers: Workers) -> Iterator[R]:
    """Return ``work(task)`` for each task, in the order of the tasks: in threads where this process does the work.

    Args:
        work: What to do; it should spend its time outside the interpreter lock.
        tasks: A few more than are worked on are taken ahead.
        workers: What works.

    Raises:
        MedQAError: What the work raises.

    Example:
        >>> list(side_by_side(str.upper, ["a", "b"], HERE))
        ['A', 'B']
    """
    if workers.local:
        return in_order(work, tasks, threads=None)
    return workers.in_order(work, tasks)
