"""Shuffling options, so that no place of the right answer can be learned.

The order follows from the row's id and a seed alone: the same on every machine, in every batch,
whatever rows stand beside it.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import boolean, whole_number
from medqa_kit.core.arrow.columns import list_lengths
from medqa_kit.core.arrow.hashing import mix, row_hashes
from medqa_kit.core.arrow.ragged import flat, nested
from medqa_kit.core.arrow.slices import by_slices, fail, need
from medqa_kit.errors import RowError
from medqa_kit.prompting.options import index_of, options_of

_MOST_PERMUTED = 6  # 6! = 720 copies of a row


@dataclass(frozen=True)
class ShuffleOptions:
    """The kernel :func:`shuffle_options` makes."""

    seed: int
    all_permutations: bool

    def __post_init__(self) -> None:
        whole_number("seed", self.seed)
        boolean("all_permutations", self.all_permutations)

    def __call__(self, table: pa.Table) -> pa.Table:
        """Reorder the options of each row; see :func:`shuffle_options`."""
        need(table, ("id", "options", "answer_index"), purpose="shuffling options",
             hint="only questions with options can be shuffled")  # fmt: skip
        if self.all_permutations:
            return by_slices(table, self._permute, growth=120)
        return by_slices(table, self._shuffle)

    def _shuffle(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        closed = _closed(batch)
        options = options_of(closed)
        index = index_of(closed, options)
        every = flat(options)
        keys = row_hashes(closed, salt=f"medqa_kit/shuffle/{self.seed}")[every.parents]
        order = np.lexsort((mix(keys + every.places.astype(np.uint64)), every.parents))
        return _reordered(batch, closed, options, index, order)

    def _permute(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        lengths = list_lengths(batch.column("options"))
        fail(batch, pa.array(lengths > _MOST_PERMUTED), RowError,
             "too many options to write every order of them", column="options",
             expected=f"at most {_MOST_PERMUTED}", found=str(lengths.max(initial=0)),
             hint="all_permutations=False gives one order a row")  # fmt: skip
        copies = np.array([math.factorial(n) for n in range(_MOST_PERMUTED + 1)])[lengths]
        repeated = batch.take(pa.array(np.repeat(np.arange(batch.num_rows), copies)))
        nth = np.arange(copies.sum()) - np.repeat(np.cumsum(copies) - copies, copies)
        sizes = np.repeat(lengths, copies)
        repeated = _named(repeated, sizes, nth)
        closed = _closed(repeated)
        options = options_of(closed)
        index = index_of(closed, options)
        kept = sizes[sizes > 0]
        starts = np.cumsum(kept) - kept
        order = _orders(kept, nth[sizes > 0]) + np.repeat(starts, kept)
        return _reordered(repeated, closed, options, index, order)


def _closed(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the rows that have options; open questions stay as they are."""
    columns = batch.select(["id", "options", "answer_index"])
    return columns.filter(pa.array(list_lengths(batch.column("options")) > 0))


def _orders(sizes: np.ndarray, nth: np.ndarray) -> np.ndarray:
    """Return, flat, the nth permutation of each size."""
    every = {n: np.array(list(itertools.permutations(range(n)))) for n in np.unique(sizes).tolist()}
    order = np.empty(int(sizes.sum()), np.int64)
    starts = np.cumsum(sizes) - sizes
    for size, orders in every.items():
        rows = np.flatnonzero(sizes == size)
        order[starts[rows][:, None] + np.arange(size)] = orders[nth[rows]]
    return order


def _named(batch: pa.RecordBatch, sizes: np.ndarray, nth: np.ndarray) -> pa.RecordBatch:
    """Name each copy by an id of its own, ``…#2-0-1``; all copies of a row are one family."""
    ids = batch.column("id").cast(pa.string())
    letters = np.array([""] * len(sizes), object)
    for size in np.unique(sizes[sizes > 0]).tolist():
        names = ["#" + "-".join(map(str, p)) for p in itertools.permutations(range(size))]
        rows = sizes == size
        letters[rows] = np.array(names, object)[nth[rows]]
    named = pc.binary_join_element_wise(ids, pa.array(letters, pa.string()), "")
    batch = batch.set_column(batch.schema.get_field_index("id"), batch.schema.field("id"), named)
    if "family" not in batch.schema.names:
        return batch
    column = batch.schema.get_field_index("family")
    own = pc.if_else(pa.array(sizes > 0), ids, pa.scalar(None, pa.string()))
    family = pc.coalesce(batch.column("family"), own)
    return batch.set_column(column, batch.schema.field("family"), family)


def _reordered(
    batch: pa.RecordBatch,
    closed: pa.RecordBatch,
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
        column = batch.schema.get_field_index(name)
        field = batch.schema.field(column)
        place = pa.array(np.cumsum(has) - 1, mask=~has)
        full = values.take(place)
        if name == "options" and not has.all():  # an empty list stays an empty list
            full = pc.if_else(pa.array(has), full, batch.column(name).cast(full.type))
        batch = batch.set_column(column, field, full.cast(field.type))
    return batch


def shuffle_options(*, seed: int = 0, all_permutations: bool = False) -> ShuffleOptions:
    """Return the kernel that reorders the options of each row, the answer index with them.

    The text of answer, rationale and question is not touched: a rationale that says "B is right",
    or an option such as "all of the above", may no longer fit. :func:`~medqa_kit.prompting.balance.option_balance`
    lists such rows.

    Args:
        seed: Another seed gives other orders.
        all_permutations: Write every order of each row's options (24 rows for four options, 120
            for five) instead of one. The copies get ids of their own (``…#2-0-1-3``, the old
            place of each option) and one family, so that they are never split apart.

    Returns:
        A kernel. Rows without options stay as they are, and so do all other columns.

    Raises:
        ArgumentError: The seed is no whole number.
        RowError: When called: an answer outside the options, a null option, a null id, or more
            than six options with ``all_permutations``.

    Example:
        >>> rows = pa.table({"id": ["demo/1"], "options": [["a", "b", "c"]], "answer_index": [0]})
        >>> row = shuffle_options(seed=1)(rows).to_pylist()[0]
        >>> sorted(row["options"]), row["options"][row["answer_index"]]
        (['a', 'b', 'c'], 'a')
        >>> shuffle_options(all_permutations=True)(rows).num_rows
        6
    """
    return ShuffleOptions(seed, all_permutations)
