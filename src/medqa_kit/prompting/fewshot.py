"""Few-shot examples: which rows of a pool stand before which question.

:func:`few_shot` is ours: by hashes of ids, so that a row gets the same shots wherever and with
whomever it is processed, and never itself, its family or anything held out. :func:`shot_indices`
redraws what three harnesses draw, for scores that are to be compared with theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.columns import whole
from medqa_kit.core.hashing import mix, row_hashes
from medqa_kit.core.opened import tables
from medqa_kit.core.slices import by_slices, fail, need
from medqa_kit.errors import FormattingError, RowError

ShotMode = Literal["fixed", "per-row"]
_PROVENANCE = ("source", "subset", "split", "language", "family", "year", "tags")
_CELLS = 1 << 22  # of a rows-by-pool matrix made at a time

_Codes = list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False)
class FewShot:
    """The kernel :func:`few_shot` makes.

    Args:
        shots: What a shot holds, one row a pool row, without provenance.
        ids: The pool's ids.
        families: The pool's families; null where unknown.
        k: Shots a row.
        mode: See :func:`few_shot`.
        seed: See :func:`few_shot`.
    """

    shots: pa.StructArray
    ids: pa.Array
    families: pa.Array
    k: int
    mode: ShotMode
    seed: int

    def __call__(self, table: pa.Table) -> pa.Table:
        """Add a column ``shots``; see :func:`few_shot`."""
        need(table, ("id",), purpose="few-shot examples", hint="mk.load gives every row an id")
        names = [n for n in ("id", "family") if n in table.column_names]
        chosen = by_slices(table.select(names), self._choose, growth=8 * self.k)
        return table.drop_columns([n for n in ("shots",) if n in table.column_names]).append_column(
            "shots", chosen["shots"]
        )

    def _choose(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = batch.num_rows
        codes = [self._codes(batch, "id", self.ids), self._codes(batch, "family", self.families)]
        hashes = np.zeros(rows, np.uint64)
        if self.mode == "per-row":
            hashes = row_hashes(batch, salt=f"medqa_kit/few_shot/{self.seed}")
        picked = self._pick(hashes, codes, np.arange(rows), wide=False)
        lacking = np.flatnonzero((picked < 0).any(axis=1))
        step = max(1, _CELLS // len(self.ids))
        for start in range(0, len(lacking), step):
            some = lacking[start : start + step]
            picked[some] = self._pick(hashes, codes, some, wide=True)
        fail(batch, pa.array((picked < 0).any(axis=1)), RowError,
             "the pool has too few examples for the row", column="shots",
             expected=f"{self.k} that are not the row or of its family",
             found=f"a pool of {len(self.ids)}", hint="take a larger pool, or a smaller k")  # fmt: skip
        offsets = np.arange(rows + 1, dtype=np.int32) * self.k
        shots = pa.ListArray.from_arrays(
            pa.array(offsets), self.shots.take(pa.array(picked.ravel()))
        )
        return pa.RecordBatch.from_arrays([shots], names=["shots"])

    def _pick(
        self, hashes: np.ndarray, codes: _Codes, rows: np.ndarray, *, wide: bool
    ) -> np.ndarray:
        """Give k pool places for each of those rows, -1 where not enough were found.

        The narrow look draws a few candidates by hash, which nearly always holds k allowed ones;
        the wide look, for small pools and for rows whose family fills the pool, orders the whole
        pool by hash.
        """
        places = self._candidates(hashes[rows], len(rows), wide=wide)
        allowed = _first_seen(places)
        for mine, theirs in codes:
            allowed &= mine[rows, None] != theirs[places]
        nth = np.cumsum(allowed, axis=1)
        found = np.full((len(rows), self.k), -1, np.int64)
        row, column = np.nonzero(allowed & (nth <= self.k))
        found[row, nth[row, column] - 1] = places[row, column]
        return found

    def _candidates(self, hashes: np.ndarray, rows: int, *, wide: bool) -> np.ndarray:
        pool = len(self.ids)
        count = pool if wide else min(pool, 2 * self.k + 8)
        every = np.broadcast_to(np.arange(count), (rows, count))
        if self.mode == "fixed":
            return every
        keys = mix(hashes[:, None] + every.astype(np.uint64) * np.uint64(0xD1B54A32D192ED03))
        if wide:
            return np.argsort(keys, axis=1, kind="stable")
        return (keys % np.uint64(pool)).astype(np.int64)

    def _codes(
        self, batch: pa.RecordBatch, name: str, pool: pa.Array
    ) -> tuple[np.ndarray, np.ndarray]:
        """Number the values of rows and pool alike; null equals nothing."""
        theirs = pool.dictionary_encode()
        right = theirs.indices.fill_null(-2).to_numpy(zero_copy_only=False).astype(np.int64)
        if name not in batch.schema.names:
            return np.full(batch.num_rows, -1, np.int64), right
        mine = pc.index_in(batch.column(name).cast(pa.string()), value_set=theirs.dictionary)
        left = mine.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return left, right


def _first_seen(places: np.ndarray) -> np.ndarray:
    """Tell where a place stands in its row for the first time."""
    order = np.argsort(places, axis=1, kind="stable")
    ordered = np.take_along_axis(places, order, axis=1)
    first = np.ones(places.shape, bool)
    first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    seen = np.empty_like(first)
    np.put_along_axis(seen, order, first, axis=1)
    return seen


def few_shot(
    pool: Any,
    *,
    k: int,
    mode: ShotMode = "fixed",
    seed: int = 0,
    held_out: Collection[str] = (),
) -> FewShot:
    """Make the kernel that gives each row its examples, in a column ``shots``.

    :func:`~medqa_kit.prompting.prompts.prompt` and
    :func:`~medqa_kit.evaluation.formats.harness` write that column before the question.

    Args:
        pool: A table or a ``datasets`` Dataset of the schema of the rows it is for, answers
            included. It is held in memory and goes with the kernel to every worker: a few
            thousand good rows serve better than a whole train split.
        k: Shots a row.
        mode: ``"fixed"``: the first of the pool, in its order; ``"per-row"``: others for each
            row, in the order of a hash of the row's id. Both pass over what a row may not see.
        seed: Another seed gives other per-row shots.
        held_out: Ids and families that must not be shown to anyone.

    Returns:
        A kernel. No row sees itself (by id), its family, or what is held out. The shots of a row
        depend on its id and family, the pool and the seed, on nothing else.

    Raises:
        FormattingError: The pool has no column ``id``, or after holding out fewer than k rows.
        RowError: When called: a row for which the pool has fewer than k.

    Example:
        >>> pool = pa.table({"id": ["p/1", "p/2", "p/3"], "family": ["f", None, None],
        ...                  "question": ["a", "b", "c"], "answer": ["1", "2", "3"]})
        >>> rows = pa.table({"id": ["x/1", "p/2"], "family": ["f", None]})
        >>> shown = few_shot(pool, k=2)(rows)["shots"].to_pylist()
        >>> [[shot["id"] for shot in row] for row in shown]
        [['p/2', 'p/3'], ['p/1', 'p/3']]
    """
    table = _pool(pool)
    need(table, ("id",), purpose="a pool of shots", hint="mk.load gives every row an id")
    if "family" not in table.column_names:
        table = table.append_column("family", pa.nulls(table.num_rows, pa.string()))
    gone = pa.array(sorted(held_out), pa.string())
    ids, families = (table[name].cast(pa.string()) for name in ("id", "family"))
    held = pc.or_(pc.is_in(ids, value_set=gone), pc.is_in(families, value_set=gone))
    left = table.filter(pc.invert(held))
    if k < 1 or left.num_rows < k:
        raise FormattingError("the pool has too few examples", expected=f"{max(k, 1)} or more",
                              found=f"{left.num_rows}, {table.num_rows - left.num_rows} held out",
                              hint="take a larger pool, or a smaller k")  # fmt: skip
    shown = left.select([n for n in left.column_names if n not in _PROVENANCE])
    return FewShot(
        shots=whole(shown.to_struct_array()),
        ids=whole(left["id"].cast(pa.string())),
        families=whole(left["family"].cast(pa.string())),
        k=k,
        mode=mode,
        seed=seed,
    )


def _pool(data: Any) -> pa.Table:
    names = tuple(getattr(data, "column_names", None) or ())
    return pa.concat_tables(list(tables(data, columns=names, purpose="few_shot()")))


Sampler = Literal["lm_eval", "lm_eval/first_n", "lighteval", "helm"]


def shot_indices(
    sampler: Sampler,
    *,
    pool: int | Sequence[str],
    k: int,
    documents: int = 1,
    seed: int | None = None,
) -> list[list[int]]:
    """Redraw which pool rows a harness shows, as it draws them.

    * ``"lm_eval"``: one generator for the whole task draws k of the pool for one document after
      the other, so the shots of a document depend on its position. Seed 1234.
    * ``"lm_eval/first_n"``: the first k, for every document (KorMedMCQA).
    * ``"lighteval"``: classes by gold letter, the largest first, ties shuffled; one random row of
      each class in turn, the same for every document. Seed 0.
    * ``"helm"``: the same, with the gold *text* as the class.

    HRET takes the first k; inspect_evals and NeMo-Skills show none.

    Args:
        sampler: Whose draw.
        pool: The pool's size, or (lighteval, HELM) its golds in order.
        k: Shots a document.
        documents: How many documents, from the first.
        seed: Instead of the harness's own.

    Returns:
        For each document, places in the pool, in the order they are shown.

    Raises:
        FormattingError: The pool is smaller than k, or its golds are not given where needed.

    Example:
        >>> shot_indices("lm_eval", pool=5, k=5, documents=2)
        [[3, 0, 4, 2, 1], [0, 4, 1, 3, 2]]
        >>> shot_indices("lighteval", pool=["A", "B", "C", "D"] * 2, k=2)
        [[6, 4]]
    """
    size = pool if isinstance(pool, int) else len(pool)
    if not 0 <= k <= size:
        raise FormattingError(f"{sampler} cannot draw {k} of {size}", expected=f"0 to {size}",
                              found=str(k), hint="a larger pool, or fewer shots")  # fmt: skip
    if sampler == "lm_eval":
        draw = Random(1234 if seed is None else seed)
        return [draw.sample(range(size), k) for _ in range(documents)]
    if sampler == "lm_eval/first_n":
        return [list(range(k)) for _ in range(documents)]
    if isinstance(pool, int):
        raise FormattingError(f"{sampler} draws by class", expected="the golds of the pool",
                              found="its size", hint="pool=[...] with each row's gold")  # fmt: skip
    drawn = _balanced(pool, k, Random(0 if seed is None else seed))
    return [list(drawn) for _ in range(documents)]


def _balanced(golds: Sequence[str], k: int, draw: Random) -> list[int]:
    """Draw class by class; the order of the draws is upstream's, so the numbers are, too."""
    members: dict[str, list[int]] = defaultdict(list)
    for place, gold in enumerate(golds):
        members[gold].append(place)
    by_size: dict[int, list[str]] = defaultdict(list)
    for gold in sorted(members):
        by_size[len(members[gold])].append(gold)
    classes: list[str] = []
    for size in sorted(by_size, reverse=True):
        tied = by_size[size]
        draw.shuffle(tied)
        classes += tied
    drawn = (
        members[gold].pop(draw.randrange(len(members[gold])))
        for gold in cycle(classes)
        if members[gold]
    )
    return list(islice(drawn, k))
