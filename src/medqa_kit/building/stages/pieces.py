"""The rows of a build in pieces: each with its part, its entry of the recipe, and its view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import xxhash

from medqa_kit.building.account import Account
from medqa_kit.building.engines.worked_rows import WorkedRows
from medqa_kit.building.engines.workers import HERE, Workers
from medqa_kit.building.kept.decided_tables import LEAST_ROWS, NOTHING_KEPT, DecidedTables
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.selection import choose


@dataclass(frozen=True)
class SetPiece:
    """The rows of one part.

    Attributes:
        ingredient: Their entry of the recipe.
        account: The account of their source.
        data: The rows, a ``Dataset``.
        view: The view by which they become records.
        content: A digest of the rows; ``None`` where it is not known.
    """

    ingredient: Ingredient
    account: Account
    data: datasets.Dataset
    view: RowView
    content: str | None = None


@dataclass(frozen=True)
class SetPieces:
    """All rows of a build as one sequence.

    Attributes:
        listed: The pieces: one for each part.
        workers: The workers for work on single rows.
        decided: Decisions of earlier builds.
        lengths: By unit of a mix, the length of each row's record where it is measured already, with these views;
            0 where it is not.
    """

    listed: tuple[SetPiece, ...]
    workers: Workers = HERE
    decided: DecidedTables = NOTHING_KEPT
    lengths: Mapping[str, Ints] = field(default_factory=dict)

    @property
    def begins(self) -> Ints:
        """The place of the first row of each piece, and the number of all rows."""
        return np.cumsum([0, *(piece.data.num_rows for piece in self.listed)])

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return int(self.begins[-1])

    def whole(self, kept: Mask | None = None) -> datasets.DatasetDict:
        """Return the rows, or those marked, as verbs on whole sets take them: pieces of several schemas."""
        parts = {
            f"{at}": piece.data if kept is None else choose(piece.data, kept[begin:end])
            for at, (piece, begin, end) in enumerate(self.spans())
        }
        return WorkedRows.of(parts, self.workers)

    def spans(self) -> list[tuple[SetPiece, int, int]]:
        """Return each piece with the places of its rows, from and to."""
        begins = self.begins.tolist()
        return list(zip(self.listed, begins, begins[1:], strict=False))

    def column(self, name: str) -> pa.ChunkedArray:
        """Return a column of texts of all rows; null where a piece does not have it."""
        chunks: list[Any] = []
        for piece in self.listed:
            data = piece.data
            if name in data.column_names:
                values = data.with_format("arrow").select_columns([name])[:][name]
                chunks += values.cast(pa.string()).chunks
            else:
                chunks.append(pa.nulls(data.num_rows, pa.string()))
        return pa.chunked_array(chunks, pa.string())

    def decision(
        self, stage: str, marked: Mask, facts: Any, decide: Callable[[], pa.Table]
    ) -> pa.Table:
        """Return a decision about marked rows: that of an earlier build if it is stored, otherwise a new one.

        Args:
            stage: Name of the decision, in letters and hyphens.
            marked: ``bool[n]``: the rows that it is about.
            facts: All facts that it depends on beside the rows, as JSON values.
            decide: Function that makes the decision.
        """
        contents = [piece.content for piece in self.listed]
        if None in contents or self.num_rows <= LEAST_ROWS:
            return decide()
        marks = xxhash.xxh3_128_hexdigest(np.packbits(marked).data)
        return self.decided.table(stage, [contents, marks, facts], decide)

    def labels(self) -> pa.ChunkedArray:
        """Return the label of the source of each row, as the recipe calls it."""
        return pa.chunked_array([
            pa.repeat(piece.ingredient.label, piece.data.num_rows) for piece in self.listed
        ], pa.string())  # fmt: skip

    def of(self, labels: Sequence[str]) -> list[tuple[str, Mask]]:
        """Return the rows of each ingredient by its label, as marks."""
        listed = []
        for label in dict.fromkeys(labels):
            marks = np.zeros(self.num_rows, bool)
            for piece, begin, end in self.spans():
                marks[begin:end] |= piece.ingredient.label == label
            listed.append((label, marks))
        return listed
