"""Run the checks of :func:`medqa_kit.validate` on the rows of a build, for its manifest and report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import datasets
import numpy as np
import pyarrow as pa

from medqa_kit.building.stages.fates import RowFates
from medqa_kit.building.stages.pieces import SetPiece, SetPieces
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.arrow.row_arrays import value_places
from medqa_kit.core.arrow.text_columns import (
    NO_TEXTS,
    rows_of_texts,
    text_bytes,
    text_columns,
    texts_of,
)
from medqa_kit.core.engines.dataset_rows import row_picker
from medqa_kit.core.report import Report
from medqa_kit.quality.numbers.same_numbers import SameNumbers
from medqa_kit.quality.personal.personal_data import FindPersonalData
from medqa_kit.quality.script_counts import SCRIPTS, script_counts
from medqa_kit.validation.validating import CHECKS, validate

CHECKED_ROWS = 50_000
"""Rows that are looked at, of more: every second, every third and so on."""

CHECKED_BYTES, READ_BYTES = 40 << 20, 4 << 20
"""Of the texts of rows that are looked at, and of those that are read closely, more or less: books are long."""

READ_ROWS = 2_000
"""Rows of these whose texts are read closely: for personal data, and for the figures of a text and its translation."""

_EXAMPLES = 3
_MEASURED, _MEASURED_AT_ONCE = 1_000, 64
# A build refuses rows that come twice before this.
_CHECKS = tuple(code for code in CHECKS if code != "duplicate_id")
_PAIR = ("text", "translation")  # the columns of pairs


def quality_findings(pieces: SetPieces, fates: RowFates) -> dict[str, Any]:
    """Check the rows that no stage left out.

    Args:
        pieces: The rows.
        fates: What becomes of each; those that are left out are not looked at.

    Returns:
        ``rows``, how many were looked at, ``of`` how many, and for each of the ``checks`` its
        ``severity``, its ``meaning``, rows ``tested`` and ``failed``, the latter also by ``sources`` as
        the recipe names them, and the ids of some ``examples``. Then, of ``read`` rows, ``personal``: how
        many have ``rows`` with each kind of personal data, by ``sources``; ``scripts``: for each source the
        share of each script among its letters; and ``numbers``: how many translations differ in a figure,
        by kind, where rows are pairs.
    """
    kept = value_places(fates.kept, True)
    size = _mean_bytes(pieces, kept)
    looked = _spread_rows(kept, min(CHECKED_ROWS, CHECKED_BYTES // size))
    read = _spread_rows(kept, min(READ_ROWS, READ_BYTES // size))
    checks: dict[str, dict[str, Any]] = {}
    close = _CloseReading()
    # Each look at a few rows takes as long as one at a thousand, so pieces of the same columns are looked at together.
    for _, spans in groupby(pieces.spans(), key=lambda span: span[0].data.features):
        pieces_alike = list(spans)
        if chosen := _Chosen.of(pieces_alike, looked):
            few = chosen.num_rows <= READ_ROWS
            report = validate(chosen.table() if few else chosen.data(), checks=_CHECKS)
            failing = chosen.failing(report)
            for check in report.checks.to_pylist():  # some thirty
                _add(checks, check, failing.get(check["code"], Counter()))
        if chosen := _Chosen.of(pieces_alike, read):
            close.add(chosen)
    counts = {"rows": len(looked), "of": len(kept), "checks": dict(sorted(checks.items()))}
    return counts | {"read": len(read)} | close.as_data()


def _mean_bytes(pieces: SetPieces, rows: Ints) -> int:
    """Return the bytes of the texts of a row, of a thousand rows, read a few at a time."""
    chosen = _Chosen.of(pieces.spans(), _spread_rows(rows, _MEASURED))
    if chosen is None:
        return 1
    total = 0
    for piece, places in chosen.parts:
        pick = row_picker(piece.data)
        for begin in range(0, len(places), _MEASURED_AT_ONCE):
            total += int(text_bytes(pick(places[begin : begin + _MEASURED_AT_ONCE])).sum())
    return max(1, total // chosen.num_rows)


def _spread_rows(rows: Ints, most: int) -> Ints:
    return rows[:: max(1, -(-len(rows) // max(1, most)))]


@dataclass(frozen=True)
class _Chosen:
    """Rows of several pieces that have the same columns: which of each, and what its source is called."""

    parts: tuple[tuple[SetPiece, Ints], ...]

    @classmethod
    def of(cls, spans: Iterable[tuple[SetPiece, int, int]], places: Ints) -> _Chosen | None:
        """Return those of some places among all rows, if there are any."""
        parts = []
        for piece, begin, end in spans:
            first, last = np.searchsorted(places, [begin, end])
            if first < last:
                parts.append((piece, places[first:last] - begin))
        return cls(tuple(parts)) if parts else None

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return sum(len(places) for _, places in self.parts)

    def data(self) -> datasets.Dataset:
        """Return the rows where they are."""
        listed = [piece.data if len(places) == piece.data.num_rows else piece.data.select(places)
                  for piece, places in self.parts]  # fmt: skip
        return listed[0] if len(listed) == 1 else datasets.concatenate_datasets(listed)

    def table(self) -> pa.Table:
        """Return the rows in memory, which are few."""
        return pa.concat_tables(row_picker(piece.data)(places) for piece, places in self.parts)

    @property
    def labels(self) -> list[str]:
        """What the source of each part is called."""
        return [piece.ingredient.label for piece, _ in self.parts]

    def owners(self, rows: Ints) -> Ints:
        """Return which part each row is of."""
        ends = np.cumsum([len(places) for _, places in self.parts])
        return np.searchsorted(ends, rows, side="right")

    def failing(self, report: Report) -> dict[str, Counter[str]]:
        """Count the rows with findings of each code, by source."""
        pairs = report.findings.select(["row", "code"]).group_by(["row", "code"], use_threads=False)
        told = pairs.aggregate([])
        owners = pa.array(self.owners(told["row"].to_numpy()))
        groups = told.append_column("owner", owners).group_by(["code", "owner"], use_threads=False)
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for group in groups.aggregate([([], "count_all")]).to_pylist():  # codes and parts: few
            counts[group["code"]][self.labels[group["owner"]]] += group["count_all"]
        return counts


@dataclass
class _CloseReading:
    """What is found in texts that are read word by word."""

    personal: dict[str, Counter[str]] = field(default_factory=dict)
    letters: dict[str, Ints] = field(default_factory=dict)
    numbers: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, chosen: _Chosen) -> None:
        """Read rows."""
        table = chosen.table()
        _note(self.personal, chosen.failing(FindPersonalData().run(table)[1]))
        for name in text_columns(table, None, purpose="telling scripts apart"):
            if name not in NO_TEXTS:
                texts = texts_of(table, name)
                rows = rows_of_texts(table, name, np.arange(len(texts)))
                owners, counts = chosen.owners(rows), script_counts(texts).counts
                for part, label in enumerate(chosen.labels):
                    counted = counts[owners == part].sum(axis=0)
                    self.letters[label] = self.letters.get(label, 0) + counted
        if {*_PAIR} <= {*table.column_names}:
            report = SameNumbers(*_PAIR, on_bad="keep").run(table)[1]
            _note(self.numbers, chosen.failing(report))

    def as_data(self) -> dict[str, Any]:
        """Return it as plain values, in the order of names."""
        shares = {
            label: {script: round(float(letters[place] / letters.sum()), 4)
                    for place, script in enumerate((*SCRIPTS, "other")) if letters[place]}
            for label, letters in sorted(self.letters.items())
        }  # fmt: skip
        return {
            "personal": _by_code(self.personal),
            "scripts": shares,
            "numbers": _by_code(self.numbers),
        }


def _note(counted: dict[str, Counter[str]], more: Mapping[str, Counter[str]]) -> None:
    for code, labels in more.items():
        counted.setdefault(code, Counter()).update(labels)


def _by_code(counted: dict[str, Counter[str]]) -> dict[str, Any]:
    return {
        code: {"rows": labels.total(), "sources": dict(sorted(labels.items()))}
        for code, labels in sorted(counted.items())
    }


def _add(checks: dict[str, dict[str, Any]], check: dict[str, Any], failing: Counter[str]) -> None:
    facts = checks.setdefault(check["code"], {
        "severity": check["severity"], "meaning": check["meaning"], "tested": 0, "failed": 0,
        "sources": {}, "examples": [],
    })  # fmt: skip
    facts["tested"] += check["tested"]
    facts["failed"] += check["failed"]
    if check["failed"]:
        facts["sources"] = dict(sorted((Counter(facts["sources"]) + failing).items()))
        facts["examples"] = [*facts["examples"], *check["examples"]][:_EXAMPLES]
