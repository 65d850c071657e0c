"""Kernels: functions from table to table that look at each row by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from medqa_kit.errors import MedQAError, SchemaError, shorten

Kernel = Callable[[pa.Table], pa.Table]
"""Row-local, pure, picklable: equal rows whatever the batches. See ``docs/design.md``."""

IDENTITY = ("id", "source", "family", "language")
"""Columns that say what a row is and where it comes from: they travel through every verb."""


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
            with misfit_errors(kernel, table.schema):
                table = kernel(table)
        return table


@contextmanager
def misfit_errors(work: object, schema: pa.Schema) -> Iterator[None]:
    """Say that rows are not as a function of the library needs them, whatever it stumbles over.

    What a function of somebody else raises, comes out as it is.

    Args:
        work: The function.
        schema: Of the rows.

    Raises:
        SchemaError: A column is not there, or holds what the function does not know.
    """
    try:
        yield
    except MedQAError:
        raise
    except (LookupError, ValueError, TypeError, AttributeError, pa.ArrowException) as error:
        name = getattr(work, "__qualname__", type(work).__qualname__)
        home = getattr(work, "__module__", None) or type(work).__module__
        if not home.startswith("medqa_kit."):
            raise
        raise SchemaError(
            f"the rows are not as {name} needs them", expected="rows of a schema of the library",
            found=f"{', '.join(schema.names)} ({type(error).__name__}: {shorten([str(error)])})",
            hint="mk.conform(rows, schema) gives rows the columns and types of a schema, or says "
            "what they lack",
        ) from error  # fmt: skip


def carried_columns(
    names: Collection[str], *, identity: bool, keep: Iterable[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns a formatter carries along: those that name the row, and the others.

    Args:
        names: The columns of the input.
        identity: Whether those of :data:`IDENTITY` that are there are carried.
        keep: Further columns; one that names the row is carried once.

    Example:
        >>> carried_columns(["id", "year", "family"], identity=True, keep=["year", "id"])
        (('id', 'family'), ('year',))
    """
    first = tuple(name for name in IDENTITY if identity and name in names)
    return first, tuple(name for name in dict.fromkeys(keep) if name not in first)


def identity_columns(batch: pa.RecordBatch, names: Iterable[str]) -> dict[str, pa.Array]:
    """Return columns that name rows as ``string``, whatever strings they are in the input.

    Example:
        >>> batch = pa.record_batch({"id": pa.array(["a"]).dictionary_encode()})
        >>> identity_columns(batch, ["id"])["id"].type
        DataType(string)
    """
    return {name: batch.column(name).cast(pa.string()) for name in names}
