"""Plan which rows share a training sequence, so that little of it is padding."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from medqa_kit.core.arguments import several, whole_number
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.ragged import Ints, nested
from medqa_kit.core.tables import cell, html_table
from medqa_kit.errors import ArgumentError, FormattingError, shorten


@dataclass(frozen=True)
class PackingPlan:
    """Which row goes into which sequence.

    Args:
        bins: ``int32``, the sequence of each row, counted from 0.
        max_tokens: Room in a sequence.
        tokens: Tokens of all rows together.

    Example:
        >>> plan = pack(pa.array([6, 5, 4, 3, 2]), max_tokens=10)
        >>> print(plan)
        5 rows, 20 tokens in 2 sequences of 10: 100.0% used
        >>> plan.groups.to_pylist()
        [[0, 2], [1, 3, 4]]
    """

    bins: pa.Array
    max_tokens: int
    tokens: int

    @property
    def count(self) -> int:
        """Number of sequences."""
        return int(np.asarray(self.bins).max()) + 1 if len(self.bins) else 0

    @property
    def efficiency(self) -> float:
        """Share of the sequences' room that holds tokens; 1 where there is nothing to pack."""
        return self.tokens / (self.count * self.max_tokens) if self.count else 1.0

    @property
    def groups(self) -> pa.ListArray:
        """The positions of the rows of each sequence, in their order."""
        bins = np.asarray(self.bins)
        order = np.argsort(bins, kind="stable")
        return nested(pa.array(order, pa.int64()), np.bincount(bins, minlength=self.count))

    def _repr_html_(self) -> str:
        return html_table([
            ("rows", "tokens", "sequences", "room", "used"),
            (cell(len(self.bins)), cell(self.tokens), cell(self.count), cell(self.max_tokens),
             f"{self.efficiency:.1%}"),
        ])  # fmt: skip

    def __str__(self) -> str:
        return (
            f"{len(self.bins)} rows, {self.tokens} tokens in {self.count} sequences of "
            f"{self.max_tokens}: {self.efficiency:.1%} used"
        )

    __repr__ = __str__


def pack(lengths: pa.Array | pa.ChunkedArray | Sequence[int], *, max_tokens: int) -> PackingPlan:
    """Put rows into as few sequences as best-fit decreasing finds. Needs the whole table.

    The longest row goes first, each into the fullest sequence that still has room for it. Rows
    are never cut. Equal lengths keep their order, so the plan is the same on every machine.

    Loops over rows, since each choice depends on those before; about a million rows in seconds.

    Args:
        lengths: Tokens of each row, prompt and reply together; no nulls. An array or a list of ``int``.
        max_tokens: Room in a sequence.

    Returns:
        The sequence of each row (``bins``, ``int32[n]``), and the rows of each sequence (``groups``).

    Raises:
        ArgumentError: The lengths are no whole numbers, or ``max_tokens`` is below 1.
        FormattingError: A row is longer than a sequence, or has no length.

    References:
        Johnson (1974), Fast algorithms for bin packing: at most 11/9 of the optimum.

    Example:
        >>> pack([6, 5, 4, 3, 2], max_tokens=10).groups.to_pylist()
        [[0, 2], [1, 3, 4]]
    """
    max_tokens = whole_number("max_tokens", max_tokens, least=1)
    sizes = _sizes(_counted(lengths), max_tokens)
    bins = np.zeros(len(sizes), np.int32)
    rooms: list[int] = []  # sizes of the gaps there are, in order; few, however many sequences
    with_room: dict[int, list[int]] = {}  # sequences with a gap of that size
    count = 0
    for row in np.argsort(-sizes, kind="stable").tolist():
        size = int(sizes[row])
        at = bisect_left(rooms, size)
        if at == len(rooms):
            chosen, room = count, max_tokens
            count += 1
        else:
            room = rooms[at]
            chosen = with_room[room].pop()
            if not with_room[room]:
                del with_room[room], rooms[at]
        bins[row] = chosen
        if left := room - size:
            if left not in with_room:
                with_room[left] = []
                insort(rooms, left)
            with_room[left].append(chosen)
    return PackingPlan(pa.array(bins), max_tokens, int(sizes.sum()))


def _counted(lengths: pa.Array | pa.ChunkedArray | Sequence[int]) -> pa.Array:
    try:
        is_arrow = isinstance(lengths, (pa.Array, pa.ChunkedArray))
        array = whole(lengths if is_arrow else pa.array(several("lengths", lengths)))
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:  # values of several types
        raise _no_lengths(str(error)) from error
    if not pa.types.is_integer(array.type) and not pa.types.is_null(array.type):
        raise _no_lengths(str(array.type))
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid as error:
        raise _no_lengths(str(error)) from error


def _no_lengths(found: str) -> ArgumentError:
    return ArgumentError(
        "lengths= takes whole numbers", argument="lengths", expected="integers", found=found,
        hint="mk.count_tokens(texts, counter=…) counts the tokens of texts",
    )  # fmt: skip


def _sizes(lengths: pa.Array, most: int) -> Ints:
    if lengths.null_count:
        raise FormattingError(
            "some rows have no length", found=f"{lengths.null_count} nulls of {len(lengths)}",
            hint="mk.lint finds rows without a prompt or a reply",
        )  # fmt: skip
    sizes = np.asarray(lengths.to_numpy(zero_copy_only=False), dtype=np.int64)
    wrong = np.flatnonzero((sizes > most) | (sizes < 0))
    if len(wrong):
        raise FormattingError(
            f"{len(wrong)} rows do not fit a sequence", expected=f"0 to {most} tokens",
            found="lengths " + shorten(sizes[wrong].tolist()),
            hint="mk.fit(..., max_tokens=...) drops or trims them first; rows are never cut here",
        )  # fmt: skip
    return sizes
