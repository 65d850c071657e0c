"""Rows in a ``ray.data.Dataset``: worked on block by block, where the blocks are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.engines.outcome import Outcome
from medqa_kit.core.threads import R, results_in_order
from medqa_kit.errors import MedQAError

_T = TypeVar("_T")
_AHEAD = 64  # tasks that are started before the first result is taken


@dataclass(frozen=True)
class RayRows:
    """Rows that Ray Data holds.

    Methods that need results of all rows read the data set once and keep its blocks in Ray's object
    store, which spills to disk; :meth:`mapped` is lazy, as all of Ray Data is.

    Attributes:
        frame: The ``ray.data.Dataset``.
    """

    frame: Any

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""
        return list(self.frame.columns() or ())

    def __len__(self) -> int:
        return sum(self._sizes)

    def over_tables(self, work: Callable[[pa.Table], R]) -> Iterator[R]:
        """Run work on each block in Ray's workers, and return the results in order; see :func:`in_ray`."""
        return in_ray(work, self._blocks)

    def tables(self) -> Iterator[pa.Table]:
        """Fetch all rows, block by block, in order."""
        import ray

        yield from map(ray.get, self._blocks)

    def where(self, keep: npt.NDArray[np.bool_]) -> RayRows:
        """Keep the marked rows, in order."""
        import ray.data

        if not self._blocks:
            return self  # Ray cannot split off a piece without rows
        task: Any = ray.remote(_marked)
        pieces = np.split(keep, np.cumsum(self._sizes)[:-1])
        blocks: list[Any] = [task.remote(*pair) for pair in zip(self._blocks, pieces, strict=True)]
        return RayRows(ray.data.from_arrow_refs(blocks))

    def mapped(self, work: Callable[[pa.Table], pa.Table]) -> RayRows:
        """Run work on all rows when they are read; blocks keep their order.

        An error about single rows is raised when the rows are read. Ray raises it as an instance of the library's
        class and of its own.

        Raises:
            MedQAError: The work needs columns that the rows do not have.
        """
        self._try_without_rows(work)

        def on_block(table: pa.Table) -> pa.Table:
            try:
                return work(table) if table.num_columns else table  # a block without rows
            except MedQAError as error:
                raise _of_rays_class(error) from None

        frame = self.frame.map_batches(
            on_block, batch_format="pyarrow", batch_size=None, zero_copy_batch=True
        )
        frame.context.execution_options.preserve_order = True
        # Not an error of Ray itself, which names no class.
        frame.context.raise_original_map_exception = True
        return RayRows(frame)

    def _try_without_rows(self, work: Callable[[pa.Table], pa.Table]) -> None:
        """Run the work on an empty table, so that it refuses wrong columns now: Ray wraps errors of workers in its own class."""
        known = self.frame.schema(fetch_if_missing=False)
        schema = getattr(known, "base_schema", None)
        if not isinstance(schema, pa.Schema):
            return
        try:
            work(schema.empty_table())
        except MedQAError:
            raise
        except Exception:  # an error of a user's function, which may work where there are rows
            return

    @cached_property
    def _blocks(self) -> list[Any]:
        """References to the blocks, in order; the data set is read at the first call."""
        options = self.frame.context.execution_options
        before, options.preserve_order = options.preserve_order, True
        try:
            return list(self.frame.to_arrow_refs())
        finally:
            options.preserve_order = before

    @cached_property
    def _sizes(self) -> list[int]:
        return list(self.over_tables(len))


def _of_rays_class(error: MedQAError) -> MedQAError:
    """Return an error as one that Ray takes for an error of user code, so that it does not report a fault of its own."""
    from ray.exceptions import UserCodeException

    kind = type(error)
    both: Any = type(kind.__name__, (UserCodeException, kind), {"__module__": kind.__module__})
    twin: MedQAError = both.__new__(both, *error.args)
    twin.__dict__.update(error.__dict__)
    return twin


def in_ray(work: Callable[[_T], R], tasks: Iterable[Any]) -> Iterator[R]:
    """Run work on tasks in Ray's workers, and return the results in order.

    Args:
        work: A function of one task; it is stored once, with all its values, and shared.
        tasks: Arguments of the work, or references to them; a few more than there are workers are started ahead.

    Raises:
        MedQAError: What the work raises.
    """
    import ray

    remote: Any = ray.remote(_outcome)
    shared = ray.put(work)
    begun = (remote.remote(shared, task) for task in tasks)
    yield from results_in_order(begun, lambda place: ray.get(place).result(), ahead=_AHEAD)


def _outcome(work: Callable[[Any], R], task: Any) -> Outcome[R]:
    return Outcome.of(work, task)


def _marked(table: pa.Table, keep: npt.NDArray[np.bool_]) -> pa.Table:
    return table.filter(pa.array(keep))
