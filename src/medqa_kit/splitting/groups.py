"""Groups of rows that must stay together, and the draws that decide where each group goes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import one_of
from medqa_kit.core.arrow.hashing import bucket, refuse_nameless, short_hashes
from medqa_kit.core.arrow.ragged import Ints, Mask, distinct
from medqa_kit.core.arrow.row_arrays import changed_rows, row_array
from medqa_kit.core.holders import Rows, count
from medqa_kit.core.selection import picked_rows
from medqa_kit.matching.components import components, equal_pairs
from medqa_kit.matching.item_keys import family_names
from medqa_kit.matching.letters import Letters
from medqa_kit.matching.row_texts import text_column
from medqa_kit.splitting.census import census
from medqa_kit.splitting.copies import copies, similarity_or_none, warn_without_family
from medqa_kit.splitting.manifests import need_column

By = Literal["family", "id"]
_ORDER = "order"  # salt of the draw by which the member is found that a group is placed by
Draws = npt.NDArray[np.float64]


class RowGroups(NamedTuple):
    """Rows that stay together.

    Attributes:
        least: ``int64[n]``: the least row of each row's group.
        draws: ``float64[n]`` each: by a salt, where in [0, 1) each group is placed, for all its rows.
    """

    least: Ints
    draws: tuple[Draws, ...]


def check_groups(rows: Rows, by: By, near: float | None, *, verb: str) -> None:
    """Check what groups are made of, for a verb that users call.

    Args:
        rows: What holds the rows.
        by: As in :func:`~medqa_kit.split`.
        near: As in :func:`~medqa_kit.split`.
        verb: Who asks.

    Raises:
        ArgumentError: ``by`` or ``near`` is not what it may be.
        SchemaError: The rows have no ``id``.
    """
    similarity_or_none("near", near)
    one_of("by", by, get_args(By))
    need_column(rows, "id", "which is what its place is a hash of")
    if by == "family":
        warn_without_family(rows, verb, stacklevel=3)


def whole_groups(
    rows: Rows, by: By, near: float | None, salts: Sequence[str], *, threads: int | None,
    again: bool = False,
) -> RowGroups:  # fmt: skip
    """Find rows that must stay together, and place each group where a hash of one of its names is.

    Args:
        rows: What holds the rows.
        by: As in :func:`~medqa_kit.split`.
        near: As in :func:`~medqa_kit.split`.
        salts: One for each draw.
        threads: As in :func:`~medqa_kit.dedupe`.
        again: Whether the names of the rows that have others in their group may be read again, so that only
            these rows are hashed to tell which of a group is the first. What workers hold is not read again.

    Raises:
        NullValueError: A row that is to be placed has no name.
    """
    late = again and getattr(rows, "over_tables", None) is None
    names = RowNames(count(rows), by, salts if late or not salts else (*salts, _ORDER))
    known = census(rows, names, on="row", near=near, threads=threads, verb="split")
    for draw in names.draws:
        refuse_nameless(np.flatnonzero(np.isnan(draw)))
    pairs = copies(rows, known, on="row", near=near, threads=threads)
    left, right = pairs.earlier, pairs.later
    if by == "family":
        first, later = equal_pairs(*names.families.T)
        named = names.families[later].any(axis=1)
        left, right = np.concatenate([left, first[named]]), np.concatenate([right, later[named]])
    least = components(len(known), left, right)
    if not salts:
        return RowGroups(least, ())
    draws = names.draws[: len(salts)]
    grouped = changed_rows(least)
    members = distinct(np.concatenate([grouped, least[grouped]]))
    order = _order(rows, members, by) if late else names.draws[-1][members]
    _place_groups(members, least[members], order, draws)
    return RowGroups(least, draws)


def _order(rows: Rows, members: Ints, by: By) -> Draws:
    """Draw rows by the salt that tells which member of a group is the first; only their names are read."""
    names = (
        _row_names(batch, by) for batch in picked_rows(rows, members, columns=["id", "family"])
    )
    drawn = [bucket(pc.fill_null(name, ""), salt=_ORDER).to_numpy() for name in names]
    return np.concatenate([np.zeros(0), *drawn])


def _place_groups(members: Ints, group: Ints, order: Draws, draws: Sequence[Draws]) -> None:
    """Place each row where the group's member is that hashes lowest: in any order of rows, the same one.

    Args:
        members: ``int64[m]``: the rows that have others in their group, in order.
        group: ``int64[m]``: the least row of the group of each.
        order: Where each is drawn to tell which is the first.
        draws: ``float64[n]`` each, for all rows: those of members are changed in place.
    """
    by_group = np.lexsort((order, group))
    members, group = members[by_group], group[by_group]
    first = np.ones(len(members), np.bool_)
    first[1:] = group[1:] != group[:-1]
    leaders = members[np.maximum.accumulate(np.where(first, np.arange(len(members)), 0))]
    for draw in draws:
        draw[members] = draw[leaders]


class RowNames:
    """The names by which rows are placed, as numbers: noted while rows are read for a census.

    Args:
        size: How many rows there are.
        by: Whether families stay together; a row without one is known by its id.
        salts: One for each draw.
    """

    def __init__(self, size: int, by: By, salts: Sequence[str]) -> None:
        self.families = row_array((size, 2) if by == "family" else 0, np.uint64)
        self.draws = tuple(row_array(size, np.float64) for _ in salts)
        self.note = partial(_names, by, tuple(salts))

    def put(self, at: slice, noted: _Names) -> None:
        """Put what was noted of a batch where its rows are."""
        if noted.families is not None:
            self.families[at] = noted.families
        for draw, drawn in zip(self.draws, noted.draws, strict=True):
            draw[at] = drawn


class _Names(NamedTuple):
    """Two hashes of the family of each row, 0 where it has no name; where each is drawn, NaN if it has no name."""

    families: npt.NDArray[np.uint64] | None
    draws: tuple[Draws, ...]


def _names(by: By, salts: Sequence[str], batch: pa.RecordBatch, _: Letters) -> _Names:
    names, families = _row_names(batch, by), None
    if by == "family":
        known: Mask = names.is_valid().to_numpy(zero_copy_only=False)
        hashed = [short_hashes(names, seed=seed) for seed in (0, 1)]
        families = np.where(known[:, None], np.stack(hashed, axis=1), np.uint64(0))
    nameless = names.is_null().to_numpy(zero_copy_only=False)
    names = pc.fill_null(names, "")
    draws = (bucket(names, salt=salt).to_numpy() for salt in salts)
    return _Names(families, tuple(np.where(nameless, np.nan, drawn) for drawn in draws))


def _row_names(batch: pa.RecordBatch, by: By) -> pa.Array:
    """Return the name of each row by which it is placed: its family, or its id; null where it has neither."""
    return family_names(batch) if by == "family" else text_column(batch, "id")
