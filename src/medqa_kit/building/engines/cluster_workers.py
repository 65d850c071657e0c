"""Workers of Ray and of Spark: they run the same work on many tasks, on any machines.

Tasks name rows by their places in files, so workers see the files of the caller under the same paths.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import Self, TypeVar

from medqa_kit.core.engines.outcome import Outcome
from medqa_kit.core.engines.ray_rows import in_ray
from medqa_kit.core.engines.spark_rows import broadcast_value
from medqa_kit.core.threads import R

_T = TypeVar("_T")


class _SessionWorkers:
    """Workers of a session that an engine has; or of a new one, if there is none."""

    local = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the session as it is; it is the caller's."""


class RayWorkers(_SessionWorkers):
    """Workers of Ray."""

    def in_order(self, work: Callable[[_T], R], tasks: Iterable[_T]) -> Iterator[R]:
        """Return ``work(task)`` for each task, in the order of the tasks.

        Args:
            work: What to do; it is stored once, with all it holds.
            tasks: A few more than there are workers are taken ahead.

        Raises:
            MedQAError: What the work raises.
        """
        return in_ray(work, tasks)


class SparkWorkers(_SessionWorkers):
    """Workers of Spark."""

    def in_order(self, work: Callable[[_T], R], tasks: Iterable[_T]) -> Iterator[R]:
        """Return ``work(task)`` for each task, in the order of the tasks.

        Args:
            work: What to do; it is broadcast once, with all it holds.
            tasks: Each is a partition of its own. All results come to the caller together.

        Raises:
            ArgumentError: The workers run another Python.
            MedQAError: What the work raises.
        """
        from pyspark.sql import SparkSession

        listed = list(tasks)
        if not listed:
            return
        context = SparkSession.builder.getOrCreate().sparkContext
        shared = broadcast_value(context, work)
        outcomes = context.parallelize(listed, len(listed)).map(
            lambda task: pickle.dumps(Outcome.of(shared(), task))
        )
        for outcome in outcomes.collect():
            yield pickle.loads(outcome).result()
