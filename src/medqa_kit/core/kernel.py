"""Kernels: functions from table to table that look at each row by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

Kernel = Callable[[pa.Table], pa.Table]
"""Row-local, pure, picklable: equal rows whatever the batches. See ``docs/design.md``."""


@dataclass(frozen=True)
class Pipeline:
    """Kernels run one after the other: a kernel again.

    Attributes:
        kernels: In order.
    """

    kernels: tuple[Kernel, ...]

    def __call__(self, table: pa.Table) -> pa.Table:
        """Run all kernels over one batch."""
        for kernel in self.kernels:
            table = kernel(table)
        return table
