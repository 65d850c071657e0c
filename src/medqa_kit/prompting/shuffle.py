"""Shuffle options, so that a model cannot learn the place of the right answer.

The order follows from the row's id and a seed alone: the same on every machine, in every batch,
whatever rows stand beside it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.apply import run
from medqa_kit.core.arguments import boolean, one_of, whole_number
from medqa_kit.core.arrow.columns import contiguous, list_lengths
from medqa_kit.core.arrow.hashing import row_hashes, scattered
from medqa_kit.core.arrow.ragged import Ints, Mask, cast_lists, flat, nested
from medqa_kit.core.arrow.slices import as_text, by_tables, fail, need
from medqa_kit.core.holders import RowsT
from medqa_kit.core.judging import Judged, Tally, findings_of, rows_that_go_on
from medqa_kit.core.report import Report
from medqa_kit.core.showing.shown import Block, Shown, field_table
from medqa_kit.errors import RowError
from medqa_kit.prompting.anchors import (
    may_mention_options,
    mentioned_options,
    movable_options,
    with_places,
)
from medqa_kit.prompting.options import index_of, options_of

Placed: TypeAlias = Literal["stay", "drop", "shuffle"]
"""What becomes of rows that name places of their options."""
Naming: TypeAlias = Literal["option_names_places", "rationale_names_places", "rationale_rewritten"]
"""Codes of findings: an option names others by their places; a rationale may; its markers were changed."""
_MOST_PERMUTED = 6  # 6! = 720 copies of a row


@dataclass(frozen=True, repr=False)
class ShuffleOptions(Shown):
    """The kernel :func:`shuffle_options` makes. The fields are its arguments."""

    seed: int = 0
    all_permutations: bool = False
    placed: Placed = "stay"

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", whole_number("seed", self.seed))
        boolean("all_permutations", self.all_permutations)
        one_of("placed", self.placed, get_args(Placed))

    def _blocks(self) -> Iterator[Block]:
        yield "shuffle_options: options in another order, the same for equal rows"
        yield field_table(self)

    @property
    def verb(self) -> str:
        """Name of the kernel in reports."""
        return "shuffle_options"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Reorder the options of each row; warn of rows that are dropped."""
        return rows_that_go_on(self, table)

    def judge(self, table: pa.Table) -> Judged:
        """Reorder the options of each row, and list the rows that name places."""
        need(table, ("id", "options", "answer_index"), purpose="shuffling options",
             hint="only questions with options can be shuffled")  # fmt: skip
        tally = Tally(self._judged)
        rows = by_tables(table, tally, growth=120 if self.all_permutations else 1)
        return Judged(rows, tally.kept, tally.findings)

    def run(self, rows: RowsT) -> tuple[RowsT, Report]:
        """Reorder the options of rows, and report the rows that name places.

        Args:
            rows: What :func:`medqa_kit.apply` takes.

        Returns:
            The rows in the same kind of container, and a report with the codes of :data:`Naming`.

        Example:
            >>> rows = pa.table({"id": ["demo/1"], "options": [["a", "b", "A and B"]], "answer_index": [2]})
            >>> shuffled, report = shuffle_options(placed="drop").run(rows)
            >>> shuffled.num_rows, report.by("code")
            (0, {'option_names_places': 1})
        """
        return run(rows, self)

    def _judged(self, table: pa.Table) -> Judged:
        batch = contiguous(table)
        naming = _naming(batch)
        told = naming.placed | naming.unclear
        goes = ~told if self.placed == "drop" else np.ones(batch.num_rows, bool)
        free = np.where(told, 0, naming.free) if self.placed == "stay" else naming.free
        rows = np.flatnonzero(goes)
        chosen = batch if goes.all() else batch.take(pa.array(rows))
        shuffle = self._permuted if self.all_permutations else self._shuffled
        shuffled, places = shuffle(chosen, free[rows])
        named = {
            row: naming.named[rows[row]] for row in range(len(rows)) if rows[row] in naming.named
        }
        shuffled = _renamed(shuffled, places, named)
        return Judged(pa.Table.from_batches([shuffled]), len(rows), naming.findings(table, rows))

    def _shuffled(self, batch: pa.RecordBatch, free: Ints) -> tuple[pa.RecordBatch, _Moves]:
        closed = _closed(batch)
        options = options_of(closed)
        index = index_of(closed, options)
        every = flat(options)
        last = np.maximum(every.places - free[_has(batch)][every.parents] + 1, 0)
        keys = row_hashes(closed, salt=f"medqa_kit/shuffle/{self.seed}")[every.parents]
        order = np.lexsort((scattered(keys + every.places.astype(np.uint64)), last, every.parents))
        moves = _Moves(np.arange(batch.num_rows), *_new_places(batch, options, order))
        return _reordered(batch, options, index, order), moves

    def _permuted(self, batch: pa.RecordBatch, free: Ints) -> tuple[pa.RecordBatch, _Moves]:
        fail(batch, pa.array(free > _MOST_PERMUTED), RowError,
             "too many options to write every order of them", column="options",
             expected=f"at most {_MOST_PERMUTED}", found=str(free.max(initial=0)),
             hint="all_permutations=False gives one order a row")  # fmt: skip
        copies = np.array([math.factorial(n) for n in range(_MOST_PERMUTED + 1)])[free]
        origin = np.repeat(np.arange(batch.num_rows), copies)
        repeated = batch.take(pa.array(origin))
        nth = np.arange(copies.sum()) - np.repeat(np.cumsum(copies) - copies, copies)
        lengths = list_lengths(repeated.column("options"))
        repeated = _named(repeated, lengths, free[origin], nth)
        closed = _closed(repeated)
        options = options_of(closed)
        index = index_of(closed, options)
        filled = lengths > 0
        starts = np.cumsum(lengths[filled]) - lengths[filled]
        order = _orders(lengths[filled], free[origin][filled], nth[filled])
        order += np.repeat(starts, lengths[filled])
        moves = _Moves(origin, *_new_places(repeated, options, order))
        return _reordered(repeated, options, index, order), moves


class _Moves(NamedTuple):
    """Where options went.

    Attributes:
        origin: ``int64[m]``: the row that each made row is of.
        starts: ``int64[m]``: where the places of its options begin.
        places: ``int64``: the new place of each option, row after row.
    """

    origin: Ints
    starts: Ints
    places: Ints


class _Naming(NamedTuple):
    """What the rows of a batch say about the places of their options.

    Attributes:
        free: ``int64[n]``: options that may change places.
        placed: ``bool[n]``: an option names others by their places.
        unclear: ``bool[n]``: the rationale may, and nobody can tell which.
        named: For each rationale that names options, where, and which.
    """

    free: Ints
    placed: Mask
    unclear: Mask
    named: Mapping[int, list[tuple[int, int]]]

    def findings(self, table: pa.Table, rows: Ints) -> pa.Table:
        """List the rows that name places; of ``rows`` those whose rationale was rewritten."""
        rewritten = [row for row in sorted(self.named) if row in set(rows.tolist())]
        told: list[tuple[Naming, Ints]] = [
            ("option_names_places", np.flatnonzero(self.placed)),
            ("rationale_names_places", np.flatnonzero(self.unclear)),
            ("rationale_rewritten", np.array(rewritten, np.int64)),
        ]
        return pa.concat_tables(findings_of(table, at, [code] * len(at)) for code, at in told)


def _naming(batch: pa.RecordBatch) -> _Naming:
    has, rows = _has(batch), batch.num_rows
    lengths = list_lengths(batch.column("options"))
    free, placed, unclear = np.zeros(rows, np.int64), np.zeros(rows, bool), np.zeros(rows, bool)
    movable = movable_options(options_of(_closed(batch)))
    sets = np.zeros(rows, bool)
    free[has], placed[has], sets[has] = movable
    named: dict[int, list[tuple[int, int]]] = {}
    if "rationale" in batch.schema.names:
        rationales = as_text(batch.column("rationale"), "rationale")
        suspect = np.flatnonzero(may_mention_options(rationales) & has & ~placed)
        # Free text, and few of it names options: what a letter stands for has no vectorised form.
        for row, text in zip(
            suspect.tolist(), rationales.take(pa.array(suspect)).to_pylist(), strict=True
        ):
            markers = mentioned_options(text, int(lengths[row]), sets=bool(sets[row]))
            if markers is None:
                unclear[row] = True
            elif markers:
                named[row] = markers
    return _Naming(free, placed, unclear, named)


def _renamed(
    batch: pa.RecordBatch, moves: _Moves, named: Mapping[int, list[tuple[int, int]]]
) -> pa.RecordBatch:
    """Let the markers in rationales follow the options."""
    at = np.flatnonzero(np.isin(moves.origin, list(named)))
    if not len(at):
        return batch
    old = as_text(batch.column("rationale"), "rationale")
    ends = np.append(moves.starts[1:], len(moves.places))
    new = [
        with_places(old[row].as_py(), named[moves.origin[row]],
                    moves.places[moves.starts[row] : ends[row]].tolist())
        for row in at.tolist()
    ]  # fmt: skip
    mask = np.zeros(batch.num_rows, bool)
    mask[at] = True
    full = pc.replace_with_mask(old, pa.array(mask), pa.array(new, pa.string()))
    return _with_values(batch, "rationale", full)


def _has(batch: pa.RecordBatch) -> Mask:
    mask: Mask = list_lengths(batch.column("options")) > 0
    return mask


def _closed(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the rows that have options; open questions stay as they are."""
    return batch.select(["id", "options", "answer_index"]).filter(pa.array(_has(batch)))


def _new_places(batch: pa.RecordBatch, options: pa.ListArray, order: Ints) -> tuple[Ints, Ints]:
    """Return where the options of each row of a batch begin, and their new places."""
    lengths = list_lengths(options)
    starts = np.cumsum(lengths) - lengths
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    full = list_lengths(batch.column("options"))
    return np.cumsum(full) - full, back - np.repeat(starts, lengths)


@lru_cache(maxsize=64)
def _every_order(size: int, free: int) -> np.ndarray:
    """Return every order of options of which the first ``free`` change places."""
    orders = [(*order, *range(free, size)) for order in itertools.permutations(range(free))]
    return np.array(orders, np.int64).reshape(-1, size)


def _orders(sizes: Ints, free: Ints, nth: Ints) -> Ints:
    """Return, flat, the nth permutation of each row's options."""
    order = np.empty(int(sizes.sum()), np.int64)
    starts = np.cumsum(sizes) - sizes
    for size, moving in np.unique(np.stack([sizes, free], axis=1), axis=0).tolist():
        rows = np.flatnonzero((sizes == size) & (free == moving))
        order[starts[rows][:, None] + np.arange(size)] = _every_order(size, moving)[nth[rows]]
    return order


def _named(batch: pa.RecordBatch, sizes: Ints, free: Ints, nth: Ints) -> pa.RecordBatch:
    """Name each copy by an id of its own, ``…#2-0-1``; all copies of a row are one family."""
    ids = as_text(batch.column("id"), "id")
    letters = np.array([""] * len(sizes), object)
    filled = sizes > 0
    for size, moving in np.unique(np.stack([sizes, free], axis=1)[filled], axis=0).tolist():
        names = ["#" + "-".join(map(str, order)) for order in _every_order(size, moving).tolist()]
        rows = (sizes == size) & (free == moving)
        letters[rows] = np.array(names, object)[nth[rows]]
    named = pc.binary_join_element_wise(ids, pa.array(letters, pa.string()), "")
    batch = _with_values(batch, "id", named)
    if "family" not in batch.schema.names:
        return batch
    own = pc.if_else(pa.array(sizes > 0), ids, pa.scalar(None, pa.string()))
    family = pc.coalesce(as_text(batch.column("family"), "family"), own)
    return _with_values(batch, "family", family)


def _with_values(batch: pa.RecordBatch, name: str, values: pa.Array) -> pa.RecordBatch:
    place = batch.schema.get_field_index(name)
    field = batch.schema.field(place)
    field = field.with_type(pa.string()) if pa.types.is_null(field.type) else field
    return batch.set_column(place, field, cast_lists(values, field.type))


def _reordered(
    batch: pa.RecordBatch,
    options: pa.ListArray,
    index: pa.Array,
    order: np.ndarray,
) -> pa.RecordBatch:
    """Put the options in their new order and let the answer index follow."""
    lengths = list_lengths(options)
    starts = np.cumsum(lengths) - lengths
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    known = np.asarray(index.is_valid())
    old = index.fill_null(0).to_numpy(zero_copy_only=False)
    new = back[starts + old] - starts if len(starts) else old
    shuffled = nested(options.flatten().take(pa.array(order)), lengths)
    has = list_lengths(batch.column("options")) > 0
    for name, values in (("options", shuffled), ("answer_index", pa.array(new, mask=~known))):
        full = values.take(pa.array(np.cumsum(has) - 1, mask=~has))
        if name == "options" and not has.all():  # an empty list stays an empty list
            full = pc.if_else(pa.array(has), full, batch.column(name).cast(full.type))
        batch = _with_values(batch, name, full)
    return batch


def shuffle_options(
    *, seed: int = 0, all_permutations: bool = False, placed: Placed = "stay"
) -> ShuffleOptions:
    """Return the kernel that reorders the options of each row, the answer index with them.

    Options that speak of all others, such as "위의 모두" or "None of the above", stay last. Rows that
    name places, in an option such as "Both A and B" or in a rationale where letters may be options or
    something else, stay as they are, or go. Where a rationale plainly names an option ("the answer is
    B", "정답은 ②"), its marker follows the option.

    Args:
        seed: Another seed gives other orders.
        all_permutations: Write every order of each row's options (24 rows for four options, 120
            for five) instead of one. The copies get ids of their own (``…#2-0-1-3``, the old
            place of each option) and one family, so that they are never split apart.
        placed: What becomes of rows that name places: they ``"stay"`` as they are, are left out
            (``"drop"``), or are reordered all the same (``"shuffle"``). The report of ``run`` lists them.

    Returns:
        A kernel. Rows without options stay as they are, and so do all other columns. Its ``run(rows)``
        also returns a report.

    Raises:
        ArgumentError: The seed is no whole number, or ``placed`` is another word.
        RowError: When called: an answer outside the options, a null option, a null id, or more
            than six options that move with ``all_permutations``.

    Example:
        >>> rows = pa.table({"id": ["demo/1"], "options": [["a", "b", "c"]], "answer_index": [0]})
        >>> row = shuffle_options(seed=1)(rows).to_pylist()[0]
        >>> sorted(row["options"]), row["options"][row["answer_index"]]
        (['a', 'b', 'c'], 'a')
        >>> shuffle_options(all_permutations=True)(rows).num_rows
        6
    """
    return ShuffleOptions(seed, all_permutations, placed)
