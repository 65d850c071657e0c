"""Turn numbers of labels into the names of their classes, and refuse labels that are not declared."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import Column, positions, whole
from medqa_kit.core.arrow.ragged import relist, rows_of
from medqa_kit.errors import AnswerError, LabelError, shorten


def class_names(codes: Column, names: Sequence[str], *, column: str, first: int = 0) -> pa.Array:
    """Turn class numbers, counted in the declared order, into class names.

    Args:
        codes: integer ``[n]`` or lists of integers; null stays null.
        names: All classes.
        column: The raw column, for the message.
        first: The number of the first class.

    Raises:
        LabelError: A number has no name.

    Example:
        >>> class_names(pa.array([1, None, 0]), ["no", "yes"], column="label").to_pylist()
        ['yes', None, 'no']
    """
    codes = whole(codes)
    inner = codes.flatten() if pa.types.is_list(codes.type) else codes
    outside = pc.or_(pc.less(inner, first), pc.greater_equal(inner, first + len(names)))
    if bad := positions(outside):
        raise LabelError("the class number has no name", rows=rows_of(codes, bad), column=column,
                         expected=f"{first} to {first + len(names) - 1}", found=str(inner[bad[0]].as_py()),
                         hint="if upstream added a class, declare it and raise the source's version")  # fmt: skip
    class_of_each = pa.array(names, pa.string()).take(
        pc.subtract(inner, pa.scalar(first, inner.type))
    )
    return class_of_each if inner is codes else relist(codes, class_of_each)


def not_an_option(
    labels: Column, rows: Sequence[int], *, column: str, expected: str
) -> AnswerError:
    """Return the error for labels that point at none of their row's options."""
    found = pc.take(labels, pa.array(rows[:3], pa.int64())).to_pylist()  # three values, for people
    return AnswerError(
        "the answer is not one of the options",
        rows=rows,
        column=column,
        expected=expected,
        found=shorten(found),
        hint="mend the row, or pass on_bad='drop' to set it aside; where upstream withholds answers "
        "this way, the source declares it in `withheld`",
    )


def check_labels(labels: Column, declared: Sequence[str], *, column: str) -> None:
    """Refuse labels a source did not declare.

    Args:
        labels: ``string[n]`` or lists of texts; null passes, for it means "withheld".
        declared: All classes upstream has.
        column: The raw column, for the message.

    Raises:
        LabelError: With the positions of the rows in question.
    """
    labels = whole(labels)
    inner = labels.flatten() if pa.types.is_list(labels.type) else labels
    known = pc.is_in(inner, value_set=pa.array(declared, pa.string()))
    if bad := positions(pc.and_not(pc.is_valid(inner), known)):
        found = pc.take(inner, pa.array(bad[:3], pa.int64())).to_pylist()  # three, for people
        raise LabelError(
            "the label is not one the source declares",
            rows=rows_of(labels, bad),
            column=column,
            expected=", ".join(declared),
            found=shorten(found),
            hint="if upstream added a class, declare it and raise the source's version",
        )
