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
"""Columns that name a row and its origin; every verb keeps them."""


@dataclass(frozen=True)
class Pipeline:
    """A kernel that runs several kernels, one after the other.

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
    """Raise a ``SchemaError`` where a function of the library fails because rows lack what it needs.

    An error of a user's own function stays as it is.

    Args:
        work: The function.
        schema: Of the rows.

    Raises:
        SchemaError: A column is absent, or holds values of a type that the function does not read.
    """
    try:
        yield
    except MedQAError:
        raise
    except (
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
        pa.ArrowException,
    ) as error:
        name = getattr(work, "__qualname__", type(work).__qualname__).split(".")[0]
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
    """Return the columns that a formatter copies to its result: those that name the row, and further ones.

    Args:
        names: The columns of the input.
        identity: Whether to copy the columns of :data:`IDENTITY`, as far as the input has them.
        keep: Further columns; a column that is listed twice is copied once.

    Example:
        >>> carried_columns(["id", "year", "family"], identity=True, keep=["year", "id"])
        (('id', 'family'), ('year',))
    """
    first = tuple(name for name in IDENTITY if identity and name in names)
    return first, tuple(name for name in dict.fromkeys(keep) if name not in first)


def identity_columns(batch: pa.RecordBatch, names: Iterable[str]) -> dict[str, pa.Array]:
    """Return columns that name rows as ``string``, whatever their string type in the input is.

    Example:
        >>> batch = pa.record_batch({"id": pa.array(["a"]).dictionary_encode()})
        >>> identity_columns(batch, ["id"])["id"].type
        DataType(string)
    """
    return {name: batch.column(name).cast(pa.string()) for name in names}
