"""Give each stratum its fractions: whole groups move until they fit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import several_texts
from medqa_kit.core.arrow.columns import join
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.holders import Rows, batches
from medqa_kit.errors import ArgumentError
from medqa_kit.matching.row_texts import holds_single_values
from medqa_kit.splitting.division import refuse_absent

Floats: TypeAlias = npt.NDArray[np.float64]
_ROUNDS = 64  # each moves at most as many groups as rows are out of place
_LEAST_GAIN = 1e-9  # sums of fractions are not exact


def strata_columns(rows: Rows, stratify: Sequence[str]) -> tuple[str, ...]:
    """Return the columns to stratify by, each once.

    Raises:
        ArgumentError: The rows lack one, or it holds lists or other nested values.
    """
    columns = tuple(dict.fromkeys(several_texts("stratify", stratify)))
    refuse_absent(rows, columns, argument="stratify")
    for batch in islice(batches(rows, columns=columns), 1 if columns else 0):
        for field in batch.schema:
            if not holds_single_values(field.type):
                raise ArgumentError(
                    f"rows cannot be told apart by the column {field.name!r}", argument="stratify",
                    expected="a column of texts, numbers or dates", found=f"{field.name}: {field.type}",
                    hint="name another column, or add one with a text for each row",
                )  # fmt: skip
    return columns


def stratum_codes(rows: Rows, columns: Sequence[str], size: int) -> Ints:
    """Return a number for each row, equal for rows of equal values in some columns.

    Args:
        rows: What holds the rows.
        columns: Their columns; with none, all rows are of one stratum.
        size: How many rows there are.

    Example:
        >>> stratum_codes(pa.table({"year": [2023, 2024, 2023]}), ["year"], 3).tolist()
        [0, 1, 0]
    """
    if not columns or not size:
        return np.zeros(size, np.int64)
    keys = pa.chunked_array([
        join(*(pc.fill_null(batch[name].cast(pa.string()), "\0") for name in columns))
        for batch in batches(rows, columns=columns)
    ])  # fmt: skip
    codes: Ints = pc.index_in(keys, value_set=pc.unique(keys)).to_numpy().astype(np.int64)
    return codes


def forced_places(
    place: Ints, group: Ints, drawn: Floats, stratum: Ints, shares: Sequence[float]
) -> Ints:
    """Move whole groups between parts until each stratum has its shares, as far as groups allow.

    A group moves if that brings its strata, and all rows together, nearer to their shares; those
    that the draw put nearest to the edge of their part move first, so that most rows stay.

    Args:
        place: ``int64[n]``: the part of each row, the same for all of a group.
        group: ``int64[n]``: the least row of each row's group.
        drawn: ``float64[n]``: from 0 to 1: the draw that gave a group its part.
        stratum: ``int64[n]``: the stratum of each row.
        shares: The fraction of each part.

    Returns:
        ``int64[n]``: the new part of each row.

    Example:
        >>> rows = np.arange(4)
        >>> forced_places(np.zeros(4, np.int64), rows, np.array([.1, .2, .3, .4]), rows % 2, [.5, .5]).tolist()
        [0, 0, 1, 1]
    """
    if not len(place):
        return place
    members = _Members(group, stratum)
    part = place[members.leaders]
    wanted = np.outer(members.sizes, shares)
    excess = -wanted
    np.add.at(excess, (members.stratum, part[members.owner]), members.counts)
    near_edge = _edge_distances(drawn[members.leaders], part, shares)
    for _ in range(_ROUNDS):
        gain = members.gains(part, excess)
        able = np.flatnonzero(gain.min(axis=1) < -_LEAST_GAIN)
        if not len(able):
            break
        most = int(np.abs(excess[-1]).sum() + np.abs(excess).sum()) // 2 + 1
        able = able[np.argsort(near_edge[able], kind="stable")][:most]
        for number in able.tolist():  # one by one: each depends on those that moved before it
            members.move(number, part, excess)
    result = np.empty_like(place)
    result[members.leaders] = part
    return result[group]


class _Members:
    """How many rows of each stratum each group has; all rows together are one more stratum.

    Attributes:
        leaders: ``int64[g]``: the least row of each group.
        owner: ``int64[m]``: a group, as a place in ``leaders``.
        stratum: ``int64[m]``: one of its strata.
        counts: ``int64[m]``: its rows in that stratum.
        starts: ``int64[g + 1]``: where the strata of each group begin.
        sizes: ``int64[s + 1]``: the rows of each stratum.
    """

    def __init__(self, group: Ints, stratum: Ints) -> None:
        strata = int(stratum.max()) + 1
        self.leaders, number = np.unique(group, return_inverse=True)
        pairs, counts = np.unique(number * (strata + 1) + stratum, return_counts=True)
        sizes = np.bincount(number)
        whole = np.arange(len(sizes)) * (strata + 1) + strata
        both = np.concatenate([pairs, whole])
        order = np.argsort(both)
        self.owner, self.stratum = np.divmod(both[order], strata + 1)
        self.counts = np.concatenate([counts, sizes])[order]
        self.starts = np.searchsorted(self.owner, np.arange(len(sizes) + 1))
        self.sizes = np.bincount(self.stratum, self.counts)

    def gains(self, part: Ints, excess: Floats) -> Floats:
        """Return by how much the squared excess changes if a group goes to each part: ``[g, p]``."""
        counts = self.counts[:, None]
        here = excess[self.stratum, part[self.owner]][:, None]
        gain = np.add.reduceat(counts * (counts - here + excess[self.stratum]), self.starts[:-1])
        gain[np.arange(len(part)), part] = 0
        return gain

    def move(self, number: int, part: Ints, excess: Floats) -> None:
        """Move a group to the part where the squared excess falls most, if it falls anywhere."""
        own = slice(self.starts[number], self.starts[number + 1])
        strata, counts, here = self.stratum[own], self.counts[own], part[number]
        rows = excess[strata]
        gain = counts @ (counts[:, None] - rows[:, [here]] + rows)
        gain[here] = 0
        there = int(gain.argmin())
        if gain[there] < -_LEAST_GAIN:
            excess[strata, here] -= counts
            excess[strata, there] += counts
            part[number] = there


def _edge_distances(drawn: Floats, part: Ints, shares: Sequence[float]) -> Floats:
    """Return how far each draw lies from the nearest edge of its part with another."""
    ends = np.cumsum(shares)
    above = np.where(part < len(shares) - 1, ends[part] - drawn, np.inf)
    below = np.where(part > 0, drawn - np.concatenate([[0.0], ends])[part], np.inf)
    return np.minimum(above, below)
