"""The cost of a build: rows and bytes to write, bytes to fetch, and time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from medqa_kit.building.planning.expected import Expected
from medqa_kit.building.planning.known_rows import RowsAtHand
from medqa_kit.building.planning.mix_outlook import MixOutlook
from medqa_kit.building.planning.outlook import COSTS, Basis
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.core.tables import counted

ROWS_A_SECOND = 16_000
"""Rows that one core prepares, decides about and writes a second: 100,000 dialogues of 70 words each with exact
deduplication, as messages in Parquet and JSON Lines, took 6 seconds of processor time."""

_SURE: tuple[Basis, ...] = ("exact", "so far", "claim", "at most", "guess", "unknown")


def costs(
    recipe: Recipe, listed: Sequence[Expected], mix: MixOutlook | None, known: RowsAtHand
) -> pa.Table:
    """Estimate what a build takes.

    Args:
        recipe: The recipe.
        listed: What is to be expected of its sources.
        mix: Its mix, if it has one.
        known: The rows that are here.

    Returns:
        A table with the schema :data:`~medqa_kit.building.planning.outlook.COSTS`.
    """
    written = {each.label: _written(each, mix, known) for each in listed}
    # By characters or tokens, how many rows that is goes by their mean length until they are drawn.
    guessed = (
        mix is not None
        and known.mixture is None
        and recipe.mix is not None
        and recipe.mix.by != "rows"
    )
    rows = [
        _sum("rows to write", "rows", [(written[each.label], "guess" if guessed else each.basis) for each in listed],
             _rows_how(mix)),
        _sum("to write", "bytes", [_bytes(each, written[each.label]) for each in listed],
             "bytes a row of up to 2,000 rows of each source; as much again while an earlier result stands"),
        _sum("to fetch", "bytes", [(each.fetch, "exact" if each.fetch == 0 else "claim") for each in listed],
             "sizes of the files that the catalogue pins"),
        _sum("time", "seconds", [(None if each.read is None else each.read / ROWS_A_SECOND, "guess") for each in listed],
             f"{ROWS_A_SECOND:,} rows a second on one core; fetching comes on top"),
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, COSTS)


def _written(each: Expected, mix: MixOutlook | None, known: RowsAtHand) -> float | None:
    """Return how many rows of a source are written: those of the mix, in all epochs, and of validation."""
    if mix is None:
        kept = list(each.kept.values())
        return None if None in kept else float(sum(number for number in kept if number is not None))
    taken = [row["rows"] for row in mix.table.to_pylist() if row["source"] == each.label]
    if not taken or taken[0] is None or each.kept["validation"] is None:
        return None
    drawn = taken[0] if known.mixture is None else known.written(each.label)
    return float(drawn + each.kept["validation"])


def _bytes(each: Expected, rows: float | None) -> tuple[float | None, Basis]:
    if rows is None or each.lengths is None:
        return (0.0, "exact") if rows == 0 else (None, "unknown")
    return rows * each.lengths.bytes, "guess" if each.lengths.basis == "guess" else "so far"


def _rows_how(mix: MixOutlook | None) -> str:
    return "rows kept" if mix is None else "rows that the mix takes, and those of validation"


def _sum(cost: str, unit: str, amounts: Sequence[tuple[float | None, Basis]], how: str) -> dict[str, Any]:  # fmt: skip
    """Add up what is known; the sum is as sure as the least sure of its parts."""
    known = [(amount, basis) for amount, basis in amounts if amount is not None]
    absent = len(amounts) - len(known)
    basis = max(
        (basis for _, basis in known),
        key=_SURE.index,
        default="exact" if not amounts else "unknown",
    )
    return {"what": cost, "unit": unit, "amount": _rounded(sum(amount for amount, _ in known), basis) if known else None,
            "basis": basis, "how": f"unknown of {counted(absent, 'source')}; {how}" if absent else how}  # fmt: skip


def _rounded(amount: float, basis: Basis) -> int:
    """Round what was not counted to two digits."""
    whole = round(amount)
    return whole if basis == "exact" else round(whole, 2 - len(str(whole)))
