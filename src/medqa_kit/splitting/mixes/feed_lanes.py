"""The rows of one set in shuffled blocks, with a state that loses and repeats none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.hashing import scattered
from medqa_kit.core.arrow.picking import Picker
from medqa_kit.core.holders import batches, count, is_stream, opened

_PIECE = 10_000  # rows of a table that count as a shard


@dataclass(frozen=True)
class Shard:
    """Some rows of a set that are read in order.

    Attributes:
        rows: A table, or a stream that reads one shard.
        part: Which of ``parts`` this worker takes, row by row: for sets with fewer shards than workers.
        parts: How many workers share it.
    """

    rows: Any
    part: int = 0
    parts: int = 1

    def tables(self, done: int) -> Iterator[pa.Table]:
        """Read the rows behind the first ``done`` of this worker."""
        position = 0
        for batch in batches(self.rows):
            places = np.arange(position, position + len(batch))
            position += len(batch)
            own = np.flatnonzero(places % self.parts == self.part)
            if len(own) <= done:
                done -= len(own)
                continue
            table = pa.Table.from_batches([batch])
            yield table.slice(done) if self.parts == 1 else table.take(pa.array(own[done:]))
            done = 0


def shards_of(rows: Any) -> list[Any]:
    """Cut a set into what can be read by itself: the shards of a stream, or stretches of a table."""
    inner: Any = opened(rows).rows
    if is_stream(inner):
        number = int(inner.num_shards)
        return [inner.shard(num_shards=number, index=index) for index in range(number)]
    size = count(inner)
    if isinstance(inner, pa.Table):
        return [inner.slice(start, _PIECE) for start in range(0, size, _PIECE)]
    return [
        inner.select(range(start, min(start + _PIECE, size))) for start in range(0, size, _PIECE)
    ]


def own_shards(shards: Sequence[Any], salt: int, worker: int, workers: int) -> list[Shard]:
    """Return the shards of a worker, in an order that the salt decides."""
    order = np.argsort(
        scattered(np.arange(len(shards), dtype=np.uint64) ^ np.uint64(salt)), kind="stable"
    )
    if len(shards) >= workers:
        return [Shard(shards[place]) for place in order[worker::workers]]
    return [Shard(shards[place], worker, workers) for place in order]


class _Reader:
    """A shard that is being read."""

    def __init__(self, shard: Shard, index: int, done: int) -> None:
        self.index, self.done = index, done
        self._tables = shard.tables(done)
        self._rest: pa.Table | None = None

    def read(self, most: int) -> pa.Table | None:
        """Return the next rows, ``None`` at the end."""
        table = next(self._tables, None) if self._rest is None else self._rest
        self._rest = None
        if table is None:
            return None
        if table.num_rows > most:
            table, self._rest = table.slice(0, most), table.slice(most)
        self.done += table.num_rows
        return table


class Lane:
    """The rows of a set, a block at a time, each block in an order of its own.

    A block takes rows from several shards at once, so that neighbours of a file come apart.

    Args:
        shards: In the order in which they are begun.
        block: Rows of a block.
        spread: How many shards are open at once.
        salt: Decides the order within blocks.
    """

    def __init__(self, shards: Sequence[Shard], *, block: int, spread: int, salt: int) -> None:
        self._shards, self._block, self._spread, self._salt = shards, block, spread, salt
        self._open: list[_Reader] = []
        self._begun = self._number = self._at = 0
        self._begin: dict[str, Any] = self._position()
        self._rows: list[dict[str, Any]] = []

    def take(self) -> dict[str, Any] | None:
        """Return the next row, ``None`` when all were taken."""
        if self._at == len(self._rows):
            self._fill()
            if not self._rows:
                return None
        self._at += 1
        return self._rows[self._at - 1]

    def state(self) -> dict[str, Any]:
        """Return where it stands, as JSON can hold it."""
        return {**self._begin, "at": self._at}

    def go_to(self, state: dict[str, Any]) -> None:
        """Go to where another stood. Reads the shards that were open from their beginning."""
        self._open = [_Reader(self._shards[index], index, done) for index, done in state["open"]]
        self._begun, self._number = state["begun"], state["number"]
        self._fill()
        self._at = state["at"]

    def _position(self) -> dict[str, Any]:
        return {"open": [[reader.index, reader.done] for reader in self._open],
                "begun": self._begun, "number": self._number}  # fmt: skip

    def _fill(self) -> None:
        """Read the next block."""
        self._begin, self._at = self._position(), 0
        pieces: list[pa.Table] = []
        missing = self._block
        while missing:
            while len(self._open) < self._spread and self._begun < len(self._shards):
                self._open.append(_Reader(self._shards[self._begun], self._begun, 0))
                self._begun += 1
            if not self._open:
                break
            share = -(-missing // len(self._open))
            for reader in [*self._open]:
                piece = reader.read(min(share, missing)) if missing else pa.table({})
                if piece is None:
                    self._open.remove(reader)
                elif missing:
                    pieces.append(piece)
                    missing -= piece.num_rows
        if not pieces:
            self._rows = []
            return
        table = pa.concat_tables(pieces, promote_options="default")
        places = np.arange(table.num_rows, dtype=np.uint64)
        turn = scattered(np.array([self._salt ^ self._number], np.uint64))[0]
        self._number += 1
        self._rows = Picker(table)(np.argsort(scattered(places ^ turn), kind="stable")).to_pylist()
