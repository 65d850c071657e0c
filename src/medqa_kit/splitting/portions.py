"""Take a validation part from some of the rows: of a year, of a source, or a share of either."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import instance, number
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.holders import Rows, batches
from medqa_kit.errors import ArgumentError, shorten
from medqa_kit.matching.row_texts import text_column, year_column
from medqa_kit.splitting.division import refuse_absent

VALIDATION = "validation"
"""The part that a portion of the rows becomes."""
_EXAMPLE = '{"source": "kormedmcqa", "year": 2023, "share": 0.1}'


@dataclass(frozen=True)
class Portion:
    """Which rows, and how many of them.

    Attributes:
        where: For each column, the values of the rows that are meant.
        share: The share of these rows that is taken.
        among: ``bool[n]``: the rows that can be meant; absent, all can.
    """

    where: Mapping[str, tuple[str, ...]]
    share: float = 1.0
    among: Mask | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, data: Mapping[str, object], parts: Mapping[str, float]) -> Portion:
        """Return the portion that columns and a share describe.

        Args:
            data: Values, or lists of them, by column; and ``share``.
            parts: The other parts.

        Raises:
            ArgumentError: It names no column, the share is not above 0 and at most 1, or there is another
                part of this name.

        Example:
            >>> Portion.of({"year": [2022, 2023], "share": 0.1}, {"train": 1.0})
            Portion(where={'year': ('2022', '2023')}, share=0.1)
        """
        instance(
            "validation", data, Mapping, expected="a dict of columns and a share", hint=_EXAMPLE
        )
        where = {str(name): _texts(value) for name, value in data.items() if name != "share"}
        if not where or VALIDATION in parts:
            raise ArgumentError(
                "validation= names the rows that a part of this name is taken from", argument="validation",
                expected="a column with its value, and no part 'validation' beside it",
                found=shorten([data]), hint=_EXAMPLE,
            )  # fmt: skip
        share = number("validation", data.get("share", 1.0), above=0, most=1, hint=_EXAMPLE)
        return cls(where, float(share))

    def taken(self, rows: Rows, group: Ints, drawn: npt.NDArray[np.float64], forced: bool) -> Mask:
        """Return the rows of the part: groups with a row that is meant, as many as the share says.

        Args:
            rows: What holds the rows.
            group: The least row of each row's group.
            drawn: A draw from 0 to 1 for each row, the same for all of a group.
            forced: Whether the share holds as far as groups allow, rather than in expectation.

        Raises:
            ArgumentError: No row is meant, or a column is missing.
        """
        refuse_absent(rows, list(self.where), argument="validation", anywhere=True)
        read = batches(rows, columns=["id", *self.where])
        meant = np.concatenate([np.zeros(0, np.bool_), *(self._meant(batch) for batch in read)])
        if self.among is not None:
            meant &= self.among
        if not meant.any():
            raise ArgumentError(
                "validation= means no row", argument="validation",
                expected=f"values that stand in the rows: {self._standing(rows)}",
                found=", ".join(f"{name}: {shorten(values)}" for name, values in self.where.items()),
                hint="look at the rows with mk.load(...).unique(column)",
            )  # fmt: skip
        counts = np.bincount(group, meant, minlength=len(group))
        leaders = np.flatnonzero(counts)
        chosen = np.zeros(len(group), np.bool_)
        if forced:
            order = leaders[np.argsort(drawn[leaders], kind="stable")]
            # A group goes in where more than half of it fits.
            before = np.cumsum(counts[order]) - counts[order] / 2
            chosen[order[before < self.share * meant.sum()]] = True
        else:
            chosen[leaders[drawn[leaders] < self.share]] = True
        return chosen[group]

    def _standing(self, rows: Rows) -> str:
        """Say which values there are, where none is meant."""
        values: dict[str, set[str]] = {name: set() for name in self.where}
        for batch in batches(rows, columns=["id", *self.where]):
            for name, known in values.items():
                known.update(
                    filter(None, pc.unique(_texts_of(batch, name)).to_pylist())
                )  # distinct: few
        return "; ".join(f"{name}: {shorten(sorted(known)) if known else 'none'}" for name, known in values.items())  # fmt: skip

    def _meant(self, batch: pa.RecordBatch) -> Mask:
        meant = np.ones(batch.num_rows, np.bool_)
        for name, values in self.where.items():
            one_of_them = pc.is_in(_texts_of(batch, name), value_set=pa.array(values, pa.string()))
            meant &= one_of_them.to_numpy(zero_copy_only=False).astype(np.bool_)
        return meant


def _texts_of(batch: pa.RecordBatch, name: str) -> pa.Array:
    if name == "year":
        return year_column(batch).cast(pa.string())
    return text_column(batch, name).cast(pa.string())


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, Collection) and not isinstance(value, str) else [value]
    return tuple(map(_as_text, values))


def _as_text(value: object) -> str:
    """Return a value as a column of such values has it as text; 2023.0 is a year too."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)
