"""Text that many rows share, so that it does not show whether two of them are copies.

What instructs a model is no part of the item: the system turn does not count at all. Of rows that are
alike in eights or more, what most of them have is set aside, such as an instruction or a passage in the
user's turn, and the rest decides where there is enough of it, or where it was filled into a form that is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.hashing import scattered
from medqa_kit.core.arrow.ragged import Ints, Mask, flat, nested
from medqa_kit.core.arrow.row_arrays import changed_rows
from medqa_kit.core.holders import Rows
from medqa_kit.core.selection import picked_rows
from medqa_kit.matching.components import components
from medqa_kit.matching.letters import letters
from medqa_kit.matching.minhash import (
    Sets,
    alike_pairs,
    jaccard,
    shingle_sets,
    sketches_of_sets,
)

_CROWD = 8  # rows; fewer are compared in full
_REST = 16  # shingles: a sentence of a row's own; what has less is compared in full...
_INTACT = 4
"""...unless most rows, and it, lack less of what they share than this part of their own: then a form was filled in, not edited."""
_SAMPLE = 64  # first rows of a crowd that tell how much it shares
_SLOTS = 24  # bits of a table of counts, whatever the number of rows
_ROLES = ("role", "from")


def without_instructions(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return rows without their system turns and their column ``system``.

    Example:
        >>> turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}]
        >>> without_instructions(pa.record_batch({"messages": [turns], "system": ["x"]})).to_pylist()
        [{'messages': [{'role': 'user', 'content': 'Why?'}]}]
    """
    for field in list(batch.schema):
        if (role := _role(field.type)) is not None:
            turns = flat(batch[field.name])
            theirs = pc.equal(pc.struct_field(turns.values, role).cast(pa.string()), "system")
            stays = ~np.asarray(pc.fill_null(theirs, False), np.bool_)
            if not stays.all():
                lengths = np.bincount(turns.parents[stays], minlength=batch.num_rows)
                column = nested(turns.values.filter(pa.array(stays)), lengths)
                batch = batch.set_column(batch.schema.names.index(field.name), field.name, column)
    others = [name for name in batch.schema.names if name != "system"]
    return batch.select(others) if 0 < len(others) < batch.num_columns else batch


def _role(type_: pa.DataType) -> str | None:
    """Return the name of the field that says who speaks, for a type of lists of turns."""
    if not (pa.types.is_list(type_) or pa.types.is_large_list(type_)):
        return None
    turn = type_.value_type
    if not pa.types.is_struct(turn):
        return None
    return next((f.name for f in turn if f.name in _ROLES), None)


@dataclass(frozen=True)
class SharedText:
    """What most rows of each crowd have.

    Attributes:
        crowd: ``int64[n]``: the crowd of each row; -1 where it is in none.
        sizes: ``int64[n]``: rows of the crowd that has this number.
        counts: ``int32``: in how many rows of its crowd a shingle stands, by a hash of both.
        shared: ``int64[n]``: how many shingles most rows of the crowd that has this number have.
        forms: ``bool[n]``: whether most rows of it have all of these.
    """

    crowd: Ints
    sizes: Ints
    counts: npt.NDArray[np.int32]
    shared: Ints
    forms: Mask

    def rests(self, sets: Sets, rows: Ints) -> Sets:
        """Return the shingles that a row shares with less than half of its crowd."""
        lengths = np.diff(sets.offsets)
        owner = np.repeat(np.arange(len(rows)), lengths)
        crowd = self.crowd[rows][owner]
        own = (crowd < 0) | (
            2 * self.counts[_slots(crowd, sets.hashes)] <= self.sizes[np.maximum(crowd, 0)]
        )
        ends = np.cumsum(np.bincount(owner[own], minlength=len(rows)))
        return Sets(sets.hashes[own], np.concatenate([[0], ends]))

    def enough(self, sets: Sets, rests: Sets, rows: Ints) -> Mask:
        """Return which rows have enough of their own for the rest to decide: a sentence, or what a form was filled in with.

        Of text that was edited in some places, what is other there takes the place of what the others share.

        Args:
            sets: The shingles of the rows.
            rests: Those of their own, see :meth:`rests`.
            rows: The rows.
        """
        own, crowd = np.diff(rests.offsets), self.crowd[rows]
        lacking = self.shared[np.maximum(crowd, 0)] - (np.diff(sets.offsets) - own)
        filled_in = self.forms[crowd] & _filled_in(own, lacking)
        enough: Mask = (crowd >= 0) & ((own >= _REST) | filled_in)
        return enough

    def judged(
        self, scores: npt.NDArray[np.float64], sets: Sets, rows: Ints, first: Ints, second: Ints
    ) -> npt.NDArray[np.float64]:
        """Return the similarity of pairs, of their rests where two rows of one crowd have enough.

        Args:
            scores: The similarity of all text.
            sets: The shingles of the rows.
            rows: The rows, in order.
            first: A place in ``rows`` for each pair.
            second: Another.
        """
        rests = self.rests(sets, rows)
        enough, crowd = self.enough(sets, rests, rows), self.crowd[rows]
        both, either = enough[first] & enough[second], enough[first] | enough[second]
        # One row that was edited would join all that fill in its form.
        apart = (crowd[first] == crowd[second]) & (both | (either & self.forms[crowd[first]]))
        alike, own = jaccard(rests, first, second), np.diff(rests.offsets)
        less, more = np.minimum(own[first], own[second]), np.maximum(own[first], own[second])
        # A row with a few words less may be all in the other: |A & B| of the lesser one.
        within = alike * (less + more) / ((1 + alike) * np.maximum(less, 1))
        return np.where(apart, np.where(less < _REST, within, alike), scores)


def alike_groups(size: int, near: tuple[Ints, Ints], met: tuple[Ints, Ints]) -> Ints:
    """Group rows that are near copies, and, outside large groups, those that are nearly as alike as some of them.

    Where an instruction is most of each row, all are about as alike as copies have to be, and chance says which
    are: by the near pairs alone their groups would be too small to tell what they share.

    Args:
        size: How many rows there are.
        near: Pairs that are near copies.
        met: Pairs that may have been.

    Returns:
        ``int64[size]``: the least row of each row's group.

    Example:
        >>> alike_groups(5, (np.array([0]), np.array([1])), (np.array([0, 1, 3]), np.array([1, 2, 4])))
        array([0, 0, 0, 3, 4])
    """
    strict = components(size, *near)
    large = np.bincount(strict, minlength=size)[strict] >= _CROWD
    outside = ~(large[met[0]] | large[met[1]])
    loose = components(size, met[0][outside], met[1][outside])
    copied = np.zeros(size, np.bool_)
    copied[loose[near[0]]] = True
    return np.where(large, strict, np.where(copied[loose], loose, np.arange(size)))


def shared_text(
    rows: Rows, group: Ints, texts: Callable[[pa.RecordBatch], pa.Array]
) -> SharedText | None:
    """Count what rows of large groups share; ``None`` where no group is large.

    Args:
        rows: What holds the rows; those of large groups are read once more.
        group: The least row of each row's group.
        texts: Returns the text of each row of a batch.
    """
    _, others = np.unique(group[changed_rows(group)], return_counts=True)
    if not (others >= _CROWD - 1).any():
        return None
    sizes = np.bincount(group, minlength=len(group))
    crowd = np.where(sizes[group] >= _CROWD, group, -1)
    members = np.flatnonzero(crowd >= 0)
    counts = np.zeros(1 << _SLOTS, np.int32)
    for here, sets in _sets(rows, members, texts):
        of = np.repeat(crowd[here], np.diff(sets.offsets))
        np.add.at(counts, _slots(of, sets.hashes), 1)
    # A shingle counts once, whichever of the rows that have it are among the first ones.
    first, parts, own, common = _first_members(crowd, members), np.zeros(len(group)), [], []
    for here, sets in _sets(rows, first, texts):
        owner = np.repeat(np.arange(len(here)), np.diff(sets.offsets))
        often = counts[_slots(crowd[here][owner], sets.hashes)]
        most = 2 * often > sizes[crowd[here]][owner]
        np.add.at(parts, crowd[here][owner[most]], 1 / often[most])
        common.append(np.bincount(owner[most], minlength=len(here)))
        own.append(np.bincount(owner[~most], minlength=len(here)))
    of = crowd[first]
    seen = np.bincount(of, minlength=len(group))
    shared = np.rint(parts * sizes / np.maximum(seen, 1)).astype(np.int64)
    whole = _filled_in(np.concatenate(own), shared[of] - np.concatenate(common))
    forms = 2 * np.bincount(of[whole], minlength=len(group)) > seen
    return SharedText(crowd, sizes, counts, shared, forms)


def _filled_in(own: Ints, lacking: Ints) -> Mask:
    """Mark rows of which what they share is whole, and something is their own."""
    filled: Mask = (own > 0) & (_INTACT * lacking <= own)
    return filled


def _first_members(crowd: Ints, members: Ints) -> Ints:
    """Return a few rows of each crowd, in order."""
    by_crowd = members[np.argsort(crowd[members], kind="stable")]
    _, first, counts = np.unique(crowd[by_crowd], return_index=True, return_counts=True)
    rank = np.arange(len(by_crowd)) - np.repeat(first, counts)
    return np.sort(by_crowd[rank < _SAMPLE])


def _sets(
    rows: Rows, members: Ints, texts: Callable[[pa.RecordBatch], pa.Array]
) -> Iterator[tuple[Ints, Sets]]:
    """Read some rows, in order; yield them and their shingles batch by batch."""
    at = 0
    for batch in picked_rows(rows, members):
        yield members[at : at + batch.num_rows], shingle_sets(letters(texts(batch)))
        at += batch.num_rows


def pairs_by_rests(
    rows: Rows, shared: SharedText, texts: Callable[[pa.RecordBatch], pa.Array], near: float,
    threads: int | None,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Pair rows of a crowd that may be ``near`` alike in what is their own."""
    members = np.flatnonzero(shared.crowd >= 0)
    bands, values = [], []
    for here, sets in _sets(rows, members, texts):
        rests = shared.rests(sets, here)
        sketched = sketches_of_sets(rests, near)
        salted = sketched.bands ^ scattered(shared.crowd[here].astype(np.uint64))[:, None]
        bands.append(np.where(shared.enough(sets, rests, here)[:, None], salted, np.uint64(0)))
        values.append(sketched.values)
    places = np.arange(len(members))
    first, second, _ = alike_pairs(
        np.concatenate(bands).T, np.concatenate(values), places, near, threads=threads
    )
    return members[first], members[second]


def _slots(crowd: Ints, hashes: npt.NDArray[np.uint32]) -> Ints:
    both = scattered(crowd.astype(np.uint64) << np.uint64(32) | hashes)
    return (both >> np.uint64(64 - _SLOTS)).astype(np.int64)
