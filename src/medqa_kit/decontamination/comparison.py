"""Compare two holdouts: the items of each that the other does not cover."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.showing.shown import html_of
from medqa_kit.core.tables import cell, counted, text_table
from medqa_kit.decontamination.holdout import Holdout, a_holdout

_PART = ("source", "split", "year")


@dataclass(frozen=True, eq=False, repr=False)
class HoldoutComparison:
    """What each of two holdouts leaves in of the other.

    Attributes:
        names: The two names.
        left_by_first: Items of the second that the first does not hold: id, source, split, year.
        left_by_second: Items of the first that the second does not hold.
        both: Number of items that both hold.

    Example:
        >>> rows = pa.table({"id": ["a"], "question": ["Why?"], "source": ["exam"], "split": ["test"]})
        >>> exam = Holdout.from_rows(rows, reason="demo", name="exam")
        >>> compare_holdouts(exam, exam).both
        1
    """

    names: tuple[str, str]
    left_by_first: pa.Table
    left_by_second: pa.Table
    both: int

    def __str__(self) -> str:
        lines = [self._headline]
        for sentence, parts in self._sides():
            lines.append(sentence)
            lines += text_table(parts, indent="  ") if len(parts) > 1 else []
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_of([self._headline, *(block for side in self._sides() for block in side)])

    @property
    def _headline(self) -> str:
        return f"both hold {counted(self.both, 'item')}"

    def _sides(self) -> list[tuple[str, list[tuple[str, ...]]]]:
        first, second = self.names
        return [
            (f"{name} leaves in {counted(len(left), 'item')} of {other}", _parts(left))
            for name, other, left in ((first, second, self.left_by_first),
                                      (second, first, self.left_by_second))
        ]  # fmt: skip


def _parts(left: pa.Table) -> list[tuple[str, ...]]:
    """Count items by part, with a header."""
    counted = left.group_by(_PART).aggregate([([], "count_all")])
    rows = sorted(
        (cell(row["source"]), cell(row["split"]), str(row["year"] or ""), cell(row["count_all"]))
        for row in counted.to_pylist()
    )
    return [(*_PART, "items"), *rows]


def compare_holdouts(first: Holdout, second: Holdout) -> HoldoutComparison:
    """Compare what two holdouts hold.

    An item is held where its id or its exact key is.

    Args:
        first: A holdout.
        second: Another.

    Returns:
        The items that each leaves in of the other; prints as text, and as a table in a notebook.

    Raises:
        ArgumentError: One of them is no holdout, such as the name of one.

    Example:
        >>> def holdout_of(*ids: str) -> Holdout:
        ...     rows = pa.table({"id": list(ids), "question": [f"Question {i}?" for i in ids],
        ...                      "source": ["exam"] * len(ids), "split": ["test"] * len(ids)})
        ...     return Holdout.from_rows(rows, reason="demo", name="+".join(ids))
        >>> print(compare_holdouts(holdout_of("a", "b"), holdout_of("b")))
        both hold 1 item
        a+b leaves in 0 items of b
        b leaves in 1 item of a+b
          source  split  year  items
          ──────  ─────  ────  ─────
          exam    test         1
    """
    a_holdout("first", first), a_holdout("second", second)
    left_by_first, left_by_second = _left(second, first), _left(first, second)
    return HoldoutComparison(
        (first.name, second.name), left_by_first, left_by_second, len(first) - len(left_by_second)
    )


def _left(of: Holdout, by: Holdout) -> pa.Table:
    common = pc.or_(
        *(pc.is_in(of.items[name], value_set=whole(by.items[name])) for name in ("id", "key"))
    )
    left = of.items.select(["id", *_PART]).filter(pc.invert(common))
    return left.group_by(["id", *_PART]).aggregate([]).sort_by("id")
