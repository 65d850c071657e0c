"""The rows of a result: written to their splits or listed as left out, and counted."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.account import Account
from medqa_kit.building.output.format_files import FormatFiles
from medqa_kit.building.output.listings import DroppedRows
from medqa_kit.building.recipe import Recipe
from medqa_kit.core.selection import filtered
from medqa_kit.schemas import QA

NO_LANGUAGE = "und"
"""Stands for the language of rows that say none, as in BCP 47."""

SPLITS = ("train", "validation")
"""The splits of a result."""


class RowFiles:
    """The files of a result that hold rows, and the accounts of what went where.

    Args:
        folder: Where to.
        recipe: How to make records.
    """

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        self._formats = FormatFiles(folder, recipe.formats, schemas=[QA.empty_table().schema])
        self._dropped = DroppedRows(folder)
        self._stack = ExitStack()

    def __enter__(self) -> RowFiles:
        self._stack.enter_context(self._dropped)
        self._stack.enter_context(self._formats)
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def add(self, table: pa.Table, fates: pa.Table, account: Account) -> None:
        """Write a batch: rows with a reason to the list of the dropped, the others to their split."""
        account.read += table.num_rows
        gone = pc.is_valid(fates["reason"])
        self._drop(table.filter(gone), fates.filter(gone), account)
        for name in SPLITS:
            rows = table.filter(pc.equal(fates["part"], name))
            broken = self._formats.write(rows, name)
            self._drop(rows.take(broken["row"]), broken, account)
            account.written[name] += rows.num_rows - broken.num_rows
            stays = np.ones(rows.num_rows, bool)
            stays[broken["row"].to_numpy()] = False
            said = pc.fill_null(filtered(rows, stays)["language"].cast(pa.string()), NO_LANGUAGE)
            account.languages.update(said.to_pylist())

    def written(self) -> dict[str, Any]:
        """Say for the manifest which formats were written."""
        return self._formats.written()

    def _drop(self, rows: pa.Table, reasons: pa.Table, account: Account) -> None:
        self._dropped.add(rows, reasons)
        account.dropped.update(reasons["reason"].to_pylist())
