"""The fate of each row of a build: left out, with the reason, or its split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.errors import RecipeError

FATES = pa.schema(
    {"row": pa.int64(), "reason": pa.string(), "detail": pa.string(), "match": pa.string()}
)
"""Rows that are left out: their place in the set, and the columns of the list of dropped rows."""


Parts: TypeAlias = npt.NDArray[np.int8]
"""The split of each row, as its place among all splits."""


def fate_table(rows: Ints, reason: str, detail: Any = None) -> pa.Table:
    """Return a table that gives some rows the same fate.

    Args:
        rows: Places.
        reason: Why they are left out.
        detail: A sentence for all, or one for each of ``rows``.

    Example:
        >>> fate_table(np.array([3]), "no_answer", "upstream gives no answer").to_pylist()
        [{'row': 3, 'reason': 'no_answer', 'detail': 'upstream gives no answer', 'match': None}]
    """
    size = len(rows)
    details = (
        pa.repeat(pa.scalar(detail, pa.string()), size)
        if detail is None or isinstance(detail, str)
        else detail
    )
    return pa.table(
        [pa.array(rows, pa.int64()), pa.repeat(reason, size), details, pa.nulls(size, pa.string())],
        schema=FATES,
    )


class RowFates(NamedTuple):
    """The fates of all rows: one byte for each, and more facts about those that are left out.

    Attributes:
        left_out: Rows that are left out, with the schema :data:`FATES`, in order.
        parts: ``int8[n]``: the place in :data:`~medqa_kit.building.output.format_files.SPLITS` of the split of
            those kept; -1 for the others.
    """

    left_out: pa.Table
    parts: Parts

    @property
    def kept(self) -> Mask:
        """Mark the rows that are not left out."""
        marks = np.ones(len(self.parts), np.bool_)
        marks[self.left_out["row"].to_numpy()] = False
        return marks


class Fates:
    """The rows of a build that are left out, stage by stage; the first stage that leaves a row out counts.

    Args:
        rows: How many rows there are.
    """

    def __init__(self, rows: int) -> None:
        self.kept: Mask = np.ones(rows, bool)
        self._listed = [FATES.empty_table()]

    def leave_out(self, rows: pa.Table) -> int:
        """Leave rows out, unless an earlier stage did so; return how many.

        Args:
            rows: With the schema :data:`FATES`, each row once.
        """
        places = rows["row"].to_numpy()
        new = self.kept[places]
        self.kept[places] = False
        self._listed.append(rows.filter(pa.array(new)))
        return int(new.sum())

    def decided(self, parts: Parts) -> RowFates:
        """Return the fates of all rows.

        Args:
            parts: The split of each row; its value does not matter for rows that are left out.
        """
        listed = pa.concat_tables(self._listed).sort_by("row").combine_chunks()
        return RowFates(listed, np.where(self.kept, parts, np.int8(-1)))


def nothing_left(recipe: str, read: int, dropped: Mapping[str, int]) -> RecipeError:
    """Return the error for a set of which no row is left.

    Args:
        recipe: Name of the recipe.
        read: Rows that were read.
        dropped: How many were left out, by reason.

    Example:
        >>> nothing_left("demo", 13, {"where_chars": 12, "held_out_exact": 1}).found
        '13 rows read: 12 where_chars, 1 held_out_exact'
    """
    return RecipeError("no row is left to write", file=recipe, expected="a row at least",
                       found=_counted(f"{read:,} rows read", dropped),
                       hint="look at what the recipe leaves out: where, years, holdouts, budget, view")  # fmt: skip


def no_rows_left(name: str, read: int, dropped: Mapping[str, int]) -> str:
    """Return a note that no row of a source is left.

    Example:
        >>> no_rows_left("kbmc", 3, {"where_year": 3})
        'kbmc: none of its rows is left, of 3 read: 3 where_year'
    """
    return _counted(f"{name}: none of its rows is left, of {read:,} read", dropped)


def _counted(label: str, dropped: Mapping[str, int]) -> str:
    most_first = sorted(dropped.items(), key=lambda count: -count[1])
    return (
        f"{label}: {', '.join(f'{n:,} {reason}' for reason, n in most_first)}" if dropped else label
    )


def stage_of(reason: str) -> str:
    """Return the stage that leaves rows out for a reason, in the words of recipes.

    Example:
        >>> stage_of("held_out_near"), stage_of("where_chars"), stage_of("record_empty")
        ('holdout', 'where', 'format')
    """
    for begin, stage in _STAGES.items():
        if reason == begin or reason.startswith(f"{begin}_"):
            return stage
    return reason.partition("_")[0]


_STAGES = {
    "other_year": "years", "where": "where", "held_out": "holdout", "known_error": "errata",
    "no_answer": "answer", "above_max_rows": "max_rows", "copy": "dedupe", "over_length": "budget",
    "not_in_mix": "mix", "view": "view", "record": "format", "retracted": "retract",
}  # fmt: skip
"""The stage of each reason, by how the reason begins."""
