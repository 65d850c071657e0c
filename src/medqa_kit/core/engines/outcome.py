"""The outcome of work on a worker, sent back to the caller: its result, or the error that it raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

import pyarrow as pa

from medqa_kit.core.threads import R
from medqa_kit.errors import MedQAError


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """A result or an error: engines wrap the errors of workers in classes of their own.

    Attributes:
        rows: Rows of the table that the work was about.
        values: The result in a list; an empty list beside an error.
        error: The error of the library that the work raised.
    """

    rows: int
    values: tuple[R, ...]
    error: MedQAError | None = None

    @classmethod
    def of(cls, work: Callable[[Any], R], task: Any) -> Outcome[R]:
        """Run the work on a table, or on another value that names rows."""
        rows = task.num_rows if isinstance(task, pa.Table) else 0
        try:
            return cls(rows, (work(task),))
        except MedQAError as error:
            return cls(rows, (), error)

    def result(self) -> R:
        """Return the result.

        Raises:
            MedQAError: What the work raised.
        """
        if self.error is not None:
            raise self.error
        return self.values[0]
