"""``Feed``: rows for a training loop, shuffled and mixed, which can be stopped and continued."""

from __future__ import annotations

import sys
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np

from medqa_kit.core.arguments import whole_number
from medqa_kit.core.arrow.hashing import scattered
from medqa_kit.core.holders import count, is_stream, opened, splits_of
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.tables import cell
from medqa_kit.errors import ArgumentError, shorten
from medqa_kit.splitting.mixes.feed_lanes import Lane, own_shards, shards_of
from medqa_kit.splitting.mixes.named_sets import checked_weights

_DRAWS = 4096


class Feed(Shown):
    """All rows of several sets once, shuffled and mixed, whatever stops and restarts the loop.

    The order is a function of the seed, the epoch and the worker, so a state is a few numbers, and going
    on from it neither loses nor repeats a row. The shuffle of ``datasets.IterableDataset`` loses what is
    in its buffer. Rows of a set come in blocks that hold rows of several shards, in an order of their
    own; sets are mixed row by row.

    Each worker of a ``DataLoader`` takes its own shards, or its own rows where a set has fewer shards than
    there are workers. In a plain loop over workers the state lives in them: ``StatefulDataLoader`` of
    ``torchdata`` collects it.

    Args:
        sets: The sets by name: streams, tables, data sets, in anything :func:`medqa_kit.apply` takes
            but a dict of splits.
        seed: Another one gives another order.
        weights: How likely the next row comes from each set, in any unit, as long as it has rows. By
            default the number of rows where all are known; for streams all are equal, so that a small one
            ends early: pass the sizes.
        block: Rows that are shuffled together; all of them are in memory, for each set.
        spread: From how many shards a block is filled.
        rank: Which process of ``ranks`` this is, in training on several.
        ranks: How many processes share the rows.

    Raises:
        ArgumentError: An argument is none of these.

    Example:
        >>> import pyarrow as pa
        >>> exam = pa.table({"id": [f"e/{n}" for n in range(5)]})
        >>> talk = pa.table({"id": [f"t/{n}" for n in range(3)]})
        >>> feed = Feed({"exam": exam, "talk": talk}, seed=1)
        >>> rows = iter(feed)
        >>> first = [next(rows)["id"] for _ in range(3)]
        >>> later = Feed({"exam": exam, "talk": talk}, seed=1)
        >>> later.load_state_dict(feed.state_dict())
        >>> rest = [row["id"] for row in later]
        >>> len(rest), sorted(first + rest) == sorted(exam["id"].to_pylist() + talk["id"].to_pylist())
        (5, True)
    """

    def __init__(
        self, sets: Mapping[str, Any], *, seed: int, weights: Mapping[str, float] | None = None,
        block: int = 10_000, spread: int = 4, rank: int = 0, ranks: int = 1,
    ) -> None:  # fmt: skip
        self._sets = _checked_sets(sets)
        self._weights = _weights(self._sets, weights)
        self._seed = whole_number("seed", seed)
        self._block = whole_number("block", block, least=1)
        self._spread = whole_number("spread", spread, least=1)
        self._ranks = whole_number("ranks", ranks, least=1)
        self._rank = whole_number("rank", rank, least=0, most=ranks - 1)
        self._shards = {name: shards_of(rows) for name, rows in self._sets.items()}
        self._epoch = 0
        self._state: dict[str, Any] | None = None  # where the next loop begins
        self._loop: _Loop | None = None  # the last one that began

    def _blocks(self) -> Iterator[Block]:
        yield f"feed: seed {self._seed}, epoch {self._epoch}, process {self._rank} of {self._ranks}"
        yield [("set", "shards", "weight"),
               *((name, cell(len(self._shards[name])), cell(weight)) for name, weight in self._weights.items())]  # fmt: skip

    def set_epoch(self, epoch: int) -> None:
        """Begin another pass, in another order.

        Raises:
            ArgumentError: It is no whole number from 0.
        """
        self._epoch = whole_number("epoch", epoch, least=0)
        self._state = self._loop = None

    def state_dict(self) -> dict[str, Any]:
        """Return where the last loop over it stands, as JSON can hold it."""
        worker, workers = self._worker()
        return {**self._said(worker, workers), "place": self._place()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Let the next loop begin where another one stood.

        Raises:
            ArgumentError: The state is of other sets, another seed, or another number of workers.
        """
        worker, workers = self._worker()
        self._epoch = state.get("epoch", 0)
        said = self._said(worker, workers)
        if other := [name for name, value in said.items() if state.get(name) != value]:
            raise ArgumentError(f"the state is of another {other[0]}", argument="state", expected=shorten([said[other[0]]]),
                                found=shorten([state.get(other[0])]),
                                hint="go on with the sets, arguments and workers it was made with")  # fmt: skip
        self._state, self._loop = state["place"], None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Return the rows of this worker. Loops over rows, as a training loop does."""
        worker, workers = self._worker()
        lanes = {
            name: Lane(
                own_shards(shards, self._salt(name), worker, workers),
                block=self._block, spread=self._spread, salt=self._salt(name) ^ worker,
            )
            for name, shards in self._shards.items()
        }  # fmt: skip
        loop = self._loop = _Loop(lanes)
        if self._state is not None:
            loop.go_to(self._state)
            self._state = None
        for chance in self._draws(worker, loop.draw):
            name, row = loop.take(self._weights, chance)
            if row is None:
                break
            row.setdefault("source", name)
            yield row
        if self._loop is loop:
            self._loop = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_state": self._place(), "_loop": None}

    def _place(self) -> dict[str, Any] | None:
        return self._state if self._loop is None else self._loop.state()

    def for_torch(self) -> Any:
        """Return it as a ``torch.utils.data.IterableDataset``, which a ``DataLoader`` takes."""
        return _torch_rows(self)

    def _draws(self, worker: int, start: int) -> Iterator[float]:
        salt = np.uint64(self._salt("") ^ worker << 40)
        while True:
            numbers = np.arange(start, start + _DRAWS, dtype=np.uint64)
            yield from (scattered(numbers ^ scattered(np.array([salt]))[0]) / 2.0**64).tolist()
            start += _DRAWS

    def _salt(self, name: str) -> int:
        return zlib.crc32(f"{self._seed}\0{self._epoch}\0{name}".encode())

    def _worker(self) -> tuple[int, int]:
        """Return which of all workers of all processes this is."""
        data = sys.modules.get("torch.utils.data")
        info = data.get_worker_info() if data else None
        index, number = (info.id, info.num_workers) if info else (0, 1)
        return self._rank * number + index, self._ranks * number

    def _said(self, worker: int, workers: int) -> dict[str, Any]:
        return {
            "sets": {name: len(shards) for name, shards in self._shards.items()},
            "weights": dict(self._weights), "seed": self._seed, "epoch": self._epoch,
            "block": self._block, "spread": self._spread, "worker": worker, "workers": workers,
        }  # fmt: skip


@dataclass
class _Loop:
    """One pass over the rows of a worker."""

    lanes: dict[str, Lane]
    draw: int = 0
    ended: set[str] = field(default_factory=set)

    def take(
        self, weights: Mapping[str, float], chance: float
    ) -> tuple[str, dict[str, Any] | None]:
        """Return the next row and the name of its set; no row when all sets have ended."""
        while live := [name for name in self.lanes if name not in self.ended]:
            sums = [*accumulate(weights[name] for name in live)]
            name = live[min(bisect_right(sums, chance * sums[-1]), len(live) - 1)]
            row = self.lanes[name].take()
            if row is not None:
                self.draw += 1
                return name, row
            self.ended.add(name)
        return "", None

    def state(self) -> dict[str, Any]:
        """Return where it stands."""
        lanes = {name: lane.state() for name, lane in self.lanes.items()}
        return {"draw": self.draw, "ended": sorted(self.ended), "lanes": lanes}

    def go_to(self, state: Mapping[str, Any]) -> None:
        """Go to where another stood."""
        self.draw, self.ended = state["draw"], {*state["ended"]}
        for name, lane in self.lanes.items():
            lane.go_to(state["lanes"][name])


def _checked_sets(sets: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(sets, Mapping) or not sets or not all(isinstance(name, str) for name in sets):
        raise ArgumentError("sets= takes sets by name", argument="sets", expected='{"exam": rows, ...}',
                            found=shorten([sets])[:80], hint='write Feed({"exam": rows}, seed=0)')  # fmt: skip
    for name, rows in sets.items():
        if splits_of(opened(rows).rows) is not None:
            raise ArgumentError(f"the set {name!r} is a dict of splits", argument="sets", expected="rows of one split",
                                found=", ".join(splits_of(rows) or ()), hint='pass sets["train"]')  # fmt: skip
    return dict(sets)


def _weights(sets: Mapping[str, Any], weights: Mapping[str, float] | None) -> dict[str, float]:
    if weights is None:
        if any(is_stream(rows) for rows in sets.values()):
            return dict.fromkeys(sets, 1.0)
        return {name: float(count(opened(rows).rows)) or 1.0 for name, rows in sets.items()}
    checked = checked_weights(sets, weights, above=0)
    return {name: float(weight) for name, weight in checked.items()}


def _torch_rows(feed: Feed) -> Any:
    from torch.utils.data import IterableDataset

    class TorchRows(IterableDataset):  # type: ignore[type-arg, misc, unused-ignore]
        """The rows of a feed; its state is the feed's."""

        def __iter__(self) -> Iterator[dict[str, Any]]:
            return iter(feed)

        def state_dict(self) -> dict[str, Any]:
            return feed.state_dict()

        def load_state_dict(self, state: Mapping[str, Any]) -> None:
            feed.load_state_dict(state)

        def __reduce__(self) -> tuple[Any, ...]:
            return _torch_rows, (feed,)

    return TorchRows()
