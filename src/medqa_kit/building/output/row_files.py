"""The rows of a result: written to their splits or listed as left out, and counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.account import Account
from medqa_kit.building.output.format_files import FormatFiles
from medqa_kit.building.output.listings import DroppedRows
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.selection import filtered
from medqa_kit.schemas import SCHEMAS

NO_LANGUAGE = "und"
"""Stands for the language of rows that say none, as in BCP 47."""

SPLITS = ("train", "validation")
"""The splits of a result."""


class RowFiles:
    """The files of a result that hold rows, and the accounts of what went where.

    Args:
        folder: Where to.
        recipe: How to make records.
        views: What rows become before records are made of them.
    """

    def __init__(self, folder: Path, recipe: Recipe, *, views: Iterable[RowView]) -> None:
        made = [view(SCHEMAS[view.schema].empty_table())[0].schema for view in views]
        schemas = [schema for at, schema in enumerate(made) if schema not in made[:at]]
        self._formats = FormatFiles(folder, recipe.formats, schemas=schemas)
        self._dropped = DroppedRows(folder)
        self._stack = ExitStack()

    def __enter__(self) -> RowFiles:
        self._stack.enter_context(self._dropped)
        self._stack.enter_context(self._formats)
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def add(
        self, table: pa.Table, fates: pa.Table, account: Account, view: RowView, *,
        splits: Sequence[str] = SPLITS,
    ) -> None:  # fmt: skip
        """Write a batch: rows with a reason to the list of the dropped, the others to their split.

        Args:
            table: The rows.
            fates: What becomes of each.
            account: Takes the counts.
            view: What the rows become.
            splits: Those to write to; the rows of others come later, by :meth:`write`.
        """
        account.read += table.num_rows
        gone = pc.is_valid(fates["reason"])
        self._drop(table.filter(gone), fates.filter(gone), account)
        for name in splits:
            self.write(table.filter(pc.equal(fates["part"], name)), name, account, view)

    def write(self, rows: pa.Table, split: str, account: Account, view: RowView) -> None:
        """Write rows to a split, and list those of which no record can be made."""
        viewed, findings = view(rows)
        self._drop(*_unviewed(rows, findings), account)
        whole = np.ones(rows.num_rows, bool)
        whole[findings["row"].to_numpy()] = False
        places = np.flatnonzero(whole)
        broken = self._formats.write(viewed, split)
        self._drop(rows.take(pa.array(places[broken["row"].to_numpy()])), broken, account)
        whole[places[broken["row"].to_numpy()]] = False
        _count(rows, whole, split, account)

    def repeat(
        self, rows: pa.Table, turns: Ints, split: str, account: Account, view: RowView
    ) -> None:
        """Write further copies of rows, each under an id of its own: ``#2`` and so on.

        Args:
            rows: The rows.
            turns: Which copy each is, from 2.
            split: Where they go.
            account: Takes the counts.
            view: What the rows become.
        """
        named = pc.binary_join_element_wise(
            rows["id"].cast(pa.string()), pa.array(turns).cast(pa.string()), "#"
        )
        at = rows.column_names.index("id")
        viewed, _ = view(
            rows.set_column(at, rows.schema.field(at), named.cast(rows.schema.field(at).type))
        )
        # Those of which no record can be made were listed when the row was written first.
        whole = np.ones(viewed.num_rows, bool)
        whole[self._formats.write(viewed, split)["row"].to_numpy()] = False
        _count(viewed, whole, split, account)
        account.repeated += int(whole.sum())

    def written(self) -> dict[str, Any]:
        """Say for the manifest which formats were written."""
        return self._formats.written()

    def _drop(self, rows: pa.Table, reasons: pa.Table, account: Account) -> None:
        self._dropped.add(rows, reasons)
        account.dropped.update(reasons["reason"].to_pylist())


def _count(rows: pa.Table, written: Mask, split: str, account: Account) -> None:
    account.written[split] += int(written.sum())
    said = pc.fill_null(filtered(rows, written)["language"].cast(pa.string()), NO_LANGUAGE)
    account.languages.update(said.to_pylist())


def _unviewed(rows: pa.Table, findings: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return the rows of which nothing can be made, each with the first rule it breaks."""
    at = findings["row"].unique()
    first = findings.take(pc.index_in(at, value_set=findings["row"]))
    reason = pc.binary_join_element_wise("view", first["code"], "_")
    return rows.take(at), pa.table({"reason": reason, "detail": first["detail"]})
