"""What the checks of :func:`medqa_kit.validate` say of the rows that a build keeps, for its manifest and report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from medqa_kit.building.stages.fates import RowFates
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.arrow.row_arrays import value_places
from medqa_kit.core.arrow.text_columns import NO_TEXTS, text_columns, texts_of
from medqa_kit.core.holders import row_picker
from medqa_kit.core.report import Report
from medqa_kit.quality.numbers.same_numbers import SameNumbers
from medqa_kit.quality.personal.personal_data import FindPersonalData
from medqa_kit.quality.script_counts import SCRIPTS, script_counts
from medqa_kit.validation.validating import CHECKS, validate

CHECKED_ROWS = 50_000
"""Rows that are looked at, of more: every second, every third and so on."""

READ_ROWS = 2_000
"""Rows of these whose texts are read closely: for personal data, and for the figures of a text and its translation."""

_EXAMPLES = 3
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
    looked, read = _some(kept, CHECKED_ROWS), _some(kept, READ_ROWS)
    checks: dict[str, dict[str, Any]] = {}
    close = _CloseReading()
    for piece, begin, end in pieces.spans():
        places = looked[(looked >= begin) & (looked < end)] - begin
        if len(places):
            rows = _rows(piece.data, places)
            for check in validate(rows, checks=_CHECKS).checks.to_pylist():  # some thirty
                _add(checks, check, piece.ingredient.label)
        places = read[(read >= begin) & (read < end)] - begin
        if len(places):
            close.add(row_picker(piece.data)(places), piece.ingredient.label)
    found = {"rows": len(looked), "of": len(kept), "checks": dict(sorted(checks.items()))}
    return found | {"read": len(read)} | close.said()


def _some(rows: Ints, most: int) -> Ints:
    return rows[:: max(1, -(-len(rows) // most))]


def _rows(data: Any, places: Ints) -> Any:
    return data if len(places) == data.num_rows else data.select(places)


@dataclass
class _CloseReading:
    """What is found in texts that are read word by word."""

    personal: dict[str, Counter[str]] = field(default_factory=dict)
    letters: dict[str, Ints] = field(default_factory=dict)
    numbers: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, table: pa.Table, label: str) -> None:
        """Read rows of a source."""
        _note(self.personal, FindPersonalData().run(table)[1], label)
        for name in text_columns(table, None, purpose="telling scripts apart"):
            if name not in NO_TEXTS:
                counted = script_counts(texts_of(table, name)).counts.sum(axis=0)
                self.letters[label] = self.letters.get(label, 0) + counted
        if {*_PAIR} <= {*table.column_names}:
            _note(self.numbers, SameNumbers(*_PAIR, on_bad="keep").run(table)[1], label)

    def said(self) -> dict[str, Any]:
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


def _note(counted: dict[str, Counter[str]], report: Report, label: str) -> None:
    """Count the rows with findings of each code."""
    found = report.findings.select(["row", "code"]).group_by(["row", "code"], use_threads=False)
    for code, number in Counter(found.aggregate([])["code"].to_pylist()).items():
        counted.setdefault(code, Counter())[label] += number


def _by_code(counted: dict[str, Counter[str]]) -> dict[str, Any]:
    return {
        code: {"rows": labels.total(), "sources": dict(sorted(labels.items()))}
        for code, labels in sorted(counted.items())
    }


def _add(checks: dict[str, dict[str, Any]], check: dict[str, Any], label: str) -> None:
    facts = checks.setdefault(check["code"], {
        "severity": check["severity"], "meaning": check["meaning"], "tested": 0, "failed": 0,
        "sources": {}, "examples": [],
    })  # fmt: skip
    facts["tested"] += check["tested"]
    facts["failed"] += check["failed"]
    if check["failed"]:
        facts["sources"] = dict(
            sorted((Counter(facts["sources"]) + Counter({label: check["failed"]})).items())
        )
        facts["examples"] = [*facts["examples"], *check["examples"]][:_EXAMPLES]
