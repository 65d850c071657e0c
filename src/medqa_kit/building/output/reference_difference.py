"""Why a result has more or fewer rows than the card it follows, source by source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Told = Mapping[str, Any]


def difference(
    reference: int, expected: Mapping[str, int], sources: Sequence[Told],
    copies: Mapping[str, Mapping[str, int]], notes: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Explain, source by source, why there are more or fewer rows than elsewhere.

    Of each source, ``written`` is ``reference`` and ``upstream`` (rows that upstream has more, or fewer, than
    were counted there) and ``repeated``, less what was set aside and dropped; ``copies_of`` says in which sources
    the copies stay of those that were dropped as such. Where the sources there have all rows there, each other source
    has none there; else nobody knows which.

    Args:
        reference: Rows there.
        expected: Rows there, by what the recipe calls the sources.
        sources: What the manifest says of the sources.
        copies: Of the rows that went as copies, the sources in which their copies stay.
        notes: What no number shows.
    """
    listed = []
    unnamed = reference - sum(expected.values())
    for entry in sources:
        label = entry.get("as", entry["name"])
        if label in expected or not unnamed:
            there = expected.get(label, 0)
            listed.append({
                "source": label, "reference": there,
                "upstream": entry["read"] + sum(entry["set_aside"].values()) - there,
                "set_aside": entry["set_aside"], "dropped": entry["dropped"],
                "copies_of": dict(sorted(copies.get(label, {}).items())),
                "repeated": entry.get("repeated", 0), "written": _written(entry),
            })  # fmt: skip
    written = sum(map(_written, sources))
    return {"reference": reference, "written": written, "difference": written - reference,
            "unnamed": unnamed, "sources": listed,
            **({"notes": list(notes)} if notes else {})}  # fmt: skip


def difference_now(before: Told, sources: Sequence[Told]) -> dict[str, Any]:
    """Explain the difference anew after rows were taken out.

    Args:
        before: What the manifest said.
        sources: What it says of the sources now.
    """
    expected = {entry["source"]: entry["reference"] for entry in before["sources"]}
    copies = {entry["source"]: entry.get("copies_of", {}) for entry in before["sources"]}
    return difference(before["reference"], expected, sources, copies, before.get("notes", ()))


def _written(entry: Told) -> int:
    return int(entry["train"] + entry["validation"])
