"""What the checks of :func:`medqa_kit.validate` say of the rows that a build keeps, for its manifest and report."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.validation.validating import CHECKS, validate

CHECKED_ROWS = 50_000
"""Rows that are looked at, of more: every second, every third and so on."""

_EXAMPLES = 3
# A build refuses rows that come twice before this.
_CHECKS = tuple(code for code in CHECKS if code != "duplicate_id")


def quality_findings(pieces: SetPieces, fates: pa.Table) -> dict[str, Any]:
    """Check the rows that no stage left out.

    Args:
        pieces: The rows.
        fates: What becomes of each; those with a ``reason`` are not looked at.

    Returns:
        ``rows``, how many were looked at, ``of`` how many, and for each of the ``checks`` its
        ``severity``, its ``meaning``, rows ``tested`` and ``failed``, the latter also by ``sources`` as
        the recipe names them, and the ids of some ``examples``.
    """
    kept = np.flatnonzero(np.asarray(pc.is_null(fates["reason"])))
    looked = kept[:: max(1, -(-len(kept) // CHECKED_ROWS))]
    checks: dict[str, dict[str, Any]] = {}
    for piece, begin, end in pieces.spans():
        places = looked[(looked >= begin) & (looked < end)] - begin
        if not len(places):
            continue
        whole = len(places) == piece.data.num_rows
        rows = piece.data if whole else piece.data.select(places)
        for check in validate(rows, checks=_CHECKS).checks.to_pylist():  # some thirty
            _add(checks, check, piece.ingredient.label)
    return {"rows": len(looked), "of": len(kept), "checks": dict(sorted(checks.items()))}


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
