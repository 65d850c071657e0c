"""Rows that are known to be bad: kept, flagged in a column, or left out, and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.catalog.errata import Erratum, OnErrata, counted_kinds, error_kinds
from medqa_kit.core.holders import is_stream
from medqa_kit.core.selection import choose
from medqa_kit.errors import ArgumentError, LeftOutWarning
from medqa_kit.errors.warning_classes import warn_at_caller

ERRATUM = "erratum"
"""Column that says what is wrong with a row, null where nothing is known."""


@dataclass(frozen=True)
class KnownErrata:
    """Kernel that flags or leaves out the rows known to be bad.

    Attributes:
        errata: What is known.
        do: ``"flag"`` or ``"drop"``.
    """

    errata: tuple[Erratum, ...]
    do: OnErrata

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the table with a column :data:`ERRATUM`, or without the rows in question."""
        kinds = error_kinds(table["id"], self.errata)
        if self.do == "drop":
            return table.filter(pc.is_null(kinds))
        return table.append_column(ERRATUM, kinds)


def without_known_errors(
    data: Any, errata: Sequence[Erratum], do: OnErrata, *, source: str, part: str
) -> tuple[Any, Mapping[str, int]]:
    """Keep, flag or leave out the rows of a part that are known to be bad.

    Args:
        data: ``Dataset`` or ``IterableDataset`` of the part.
        errata: What is known of its source.
        do: What to do with them.
        source: Name of the source, for messages.
        part: Name of the part, for messages.

    Returns:
        The rows, and how many are known to be bad by kind; of a stream nobody knows.

    Raises:
        ArgumentError: Rows are to be flagged that have a column of that name.
    """
    if do == "keep":
        return data, {}
    if do == "flag" and ERRATUM in data.column_names:
        raise ArgumentError(f"the rows have a column {ERRATUM!r} of their own", argument="errata",
                            source=source, part=part, expected="'keep' or 'drop'", found="'flag'",
                            hint="leave errata= out")  # fmt: skip
    import datasets  # late, as everywhere: it takes half a second

    if is_stream(data):
        kernel = KnownErrata(tuple(errata), do)
        features = dict(data.features) | (
            {ERRATUM: datasets.Value("string")} if do == "flag" else {}
        )
        arrow = data.with_format("arrow")
        mapped = arrow.map(kernel, batched=True, features=datasets.Features(features))
        return mapped.with_format(None), {}
    kinds = error_kinds(data.data.column("id"), errata)
    counts = counted_kinds(kinds)
    if do == "flag":
        column = datasets.Dataset(pa.table({ERRATUM: kinds}))
        return datasets.concatenate_datasets([data, column], axis=1), counts
    if counts:
        warn_at_caller(
            f"{source}, part {part}: left out as known to be bad are "
            + ", ".join(f"{count} {kind}" for kind, count in counts.items()),
            LeftOutWarning,
        )
        data = choose(data, pc.is_null(kinds).to_numpy())
    return data, counts
