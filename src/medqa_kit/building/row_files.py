"""The files of a result that hold rows."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medqa_kit.building.account import Account
from medqa_kit.building.guard import Guard
from medqa_kit.building.recipe import Recipe
from medqa_kit.core.report import Report
from medqa_kit.core.selection import filtered
from medqa_kit.schemas import QA
from medqa_kit.training.kinds.index import find_kind
from medqa_kit.training.record_files import json_blocks
from medqa_kit.training.records import record

_TRACE = ("id", "source")
_KIN = ("family",)
"""In Parquet alone: by this a row that is taken out later takes its relatives along."""


class RowFiles:
    """The files of a result that hold rows, and the accounts of what went where.

    Args:
        folder: Where to.
        recipe: How to make records.
        protection: What no record may hold: what a record says of others than its row is searched, too.
    """

    def __init__(self, folder: Path, recipe: Recipe, protection: Guard) -> None:
        self._recipe, self._protection = recipe, protection
        self._record = record(
            recipe.record,
            language=cast(Any, recipe.language),
            system=recipe.system,
            reasoning=cast(Any, recipe.reasoning),
            identity=False,
            keep=(*_TRACE, *_KIN),
            on_bad="drop",
        )
        # Readers that are strict about keys get the record alone; Parquet always says whose row it is.
        bare = find_kind(recipe.record).strict
        schema = self._record(QA.empty_table()).schema
        self._dropped = (folder / "dropped.jsonl").open("wb")
        self._writers = {
            name: _Writer(folder, name, schema, hidden=(*_TRACE, *_KIN) if bare else _KIN)
            for name in ("train", "validation")
        }

    def __enter__(self) -> RowFiles:
        return self

    def __exit__(self, *_: object) -> None:
        self._dropped.close()
        for writer in self._writers.values():
            writer.close()

    def add(self, table: pa.Table, fates: pa.Table, account: Account) -> None:
        """Write a batch: rows with a reason to the list of the dropped, the others to their split."""
        account.read += table.num_rows
        gone = pc.is_valid(fates["reason"])
        self._drop(table.filter(gone), fates.select(["reason", "detail"]).filter(gone), account)
        for name, writer in self._writers.items():
            rows = table.filter(pc.equal(fates["part"], name))
            made, report = self._record.run(rows)
            self._drop(*_broken(rows, report), account)
            made = self._without_held(made, account)
            writer.write(made)
            account.written[name] += made.num_rows

    def _without_held(self, made: pa.Table, account: Account) -> pa.Table:
        held = self._protection.held(made)
        if not held.num_rows:
            return made
        self._drop(made.take(held["row"]), held.select(["reason", "detail"]), account)
        return filtered(made, ~np.isin(np.arange(made.num_rows), held["row"].to_numpy()))

    def _drop(self, rows: pa.Table, reasons: pa.Table, account: Account) -> None:
        listed = pa.table([*rows.select(_TRACE).columns, *reasons.columns],
                          names=[*_TRACE, *reasons.column_names])  # fmt: skip
        _append(self._dropped, listed)
        account.dropped.update(listed["reason"].to_pylist())


def _broken(rows: pa.Table, report: Report) -> tuple[pa.Table, pa.Table]:
    """Return the rows that cannot be records, each with the first rule it breaks."""
    at = report.findings["row"].unique()
    first = report.findings.take(pc.index_in(at, value_set=report.findings["row"]))
    reason = pc.binary_join_element_wise("record", first["code"], "_")
    return rows.take(at), pa.table({"reason": reason, "detail": first["detail"]})


class _Writer:
    """Writes one split as JSON Lines and Parquet side by side, batch by batch.

    Args:
        folder: Where to.
        name: Name of the split.
        schema: Of all tables to come.
        hidden: Columns that only the Parquet file gets.
    """

    def __init__(
        self, folder: Path, name: str, schema: pa.Schema, *, hidden: tuple[str, ...] = ()
    ) -> None:
        self._shown = [column for column in schema.names if column not in hidden]
        self._stack = ExitStack()
        self._lines: IO[bytes] = self._stack.enter_context((folder / f"{name}.jsonl").open("wb"))
        self._parquet = self._stack.enter_context(
            pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd")
        )

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        if not table.num_rows:
            return
        self._parquet.write_table(table)
        _append(self._lines, table.select(self._shown))

    def close(self) -> None:
        """Finish both files."""
        self._stack.close()


def _append(file: IO[bytes], table: pa.Table) -> None:
    """Append rows as JSON Lines."""
    file.writelines(json_blocks(table))
