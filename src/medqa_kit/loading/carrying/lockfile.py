"""What a lockfile holds, to be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import starmap
from typing import Any

from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.tables import cell, counted


class Lockfile(dict[str, Any], Shown):
    """The content of a lockfile, which shows its sources as a table.

    Example:
        >>> part = {"rows": 5, "files": {"KBMC.tsv": "sha256:a9"}}
        >>> Lockfile(version=1, sources={"kbmc": {"revisions": {"SungJoo/KBMC": "9cd99c08"}, "parts": {"train": part}}})
        1 source recorded
        source  at                     parts  files  rows
        ──────  ─────────────────────  ─────  ─────  ────
        kbmc    SungJoo/KBMC@9cd99c08  1      1      5
    """

    def _blocks(self) -> Iterator[Block]:
        sources = self["sources"]
        yield f"{counted(len(sources), 'source')} recorded"
        yield [("source", "at", "parts", "files", "rows"), *starmap(_row, sources.items())]

    __repr__ = Shown.__repr__


def _row(name: str, recorded: Mapping[str, Any]) -> tuple[str, ...]:
    parts = recorded["parts"].values()
    at = ", ".join(f"{repo}@{commit[:8]}" for repo, commit in recorded.get("revisions", {}).items())
    files = {file for part in parts for file in part.get("files", ())}
    rows = sum(part["rows"] for part in parts)
    return name, at or "–", cell(len(parts)), cell(len(files)), cell(rows)
