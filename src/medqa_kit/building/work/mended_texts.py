"""Examples of texts before and after a fix: a few for each fix, which the manifest of a build shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.account import Account, MendedText
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.core.arrow.text_columns import texts_of
from medqa_kit.core.engines.dataset_rows import row_picker

MOST_SHOWN = 3
"""Examples of a fix, for each entry of a recipe."""

_MOST_NOTED = 16  # of which some may be left out by a later stage
_BEFORE, _LENGTH = 40, 160  # characters in front of what was mended, and in all


def mended_texts(
    before: datasets.Dataset, after: datasets.Dataset, findings: pa.Table
) -> dict[str, list[MendedText]]:
    """Note some of the texts that fixers changed.

    Args:
        before: The rows as they were.
        after: The same rows, mended.
        findings: What :class:`~medqa_kit.FixText` reports: ``row``, ``code`` and ``column``.

    Returns:
        By fix, the first ones, in the order of the rows.
    """
    noted = {}
    for code in sorted(findings["code"].unique().to_pylist()):  # fixes: few
        shown = findings.filter(pc.equal(findings["code"], code)).slice(0, _MOST_NOTED)
        places = shown["row"].to_numpy()
        old, new = row_picker(before)(places), row_picker(after)(places)
        ids, columns = new["id"].to_pylist(), shown["column"].to_pylist()
        noted[code] = [
            text
            for at, (row_id, column) in enumerate(zip(ids, columns, strict=True))
            for text in _differing(row_id, column, old.slice(at, 1), new.slice(at, 1))
        ]
    return noted


def _differing(row_id: str, column: str, before: pa.Table, after: pa.Table) -> Iterator[MendedText]:
    """Return the first text of a cell that differs; none where one fix undid what another did."""
    pairs = zip(texts_of(before, column).to_pylist(), texts_of(after, column).to_pylist(), strict=True)  # fmt: skip
    differing = ((old or "", new or "") for old, new in pairs if old != new)
    yield from (_around(row_id, column, *pair) for pair in islice(differing, 1))


def _around(row_id: str, column: str, old: str, new: str) -> MendedText:
    same = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))  # fmt: skip
    begin = max(0, same - _BEFORE)
    return MendedText(row_id, column, _cut(old, begin), _cut(new, begin))


def _cut(text: str, begin: int) -> str:
    end = begin + _LENGTH
    return f"{'…' if begin else ''}{text[begin:end]}{'…' if end < len(text) else ''}"


def show_kept(accounts: Sequence[Account], pieces: SetPieces, kept: Mask) -> None:
    """Leave in the accounts the examples of rows that are kept: what is held out must not be read in a manifest.

    Args:
        accounts: Of the entries of the recipe.
        pieces: The rows.
        kept: Marks those that no stage left out.
    """
    for account in accounts:
        if not account.mended:
            continue
        wanted = pa.array(
            sorted({text.id for texts in account.mended.values() for text in texts}), pa.string()
        )
        shown: set[str] = set()
        for piece, begin, end in pieces.spans():
            if piece.account is account:
                ids = piece.data.with_format("arrow").select_columns(["id"])[:]["id"]
                there = np.flatnonzero(
                    pc.is_in(ids.cast(pa.string()), value_set=wanted).to_numpy() & kept[begin:end]
                )
                shown |= {*ids.take(pa.array(there)).to_pylist()}
        account.mended = {
            code: [text for text in texts if text.id in shown][:MOST_SHOWN]
            for code, texts in account.mended.items()
        }
