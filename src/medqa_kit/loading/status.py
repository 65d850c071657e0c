"""``status``: which sources are on this machine, and what it takes to get the others."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from medqa_kit.catalog import registry
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.places import NoData
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.stored import DAMAGED
from medqa_kit.core.tables import Listing, counted
from medqa_kit.loading.preparing.bounded_files import KeptFiles
from medqa_kit.loading.request import cache_root

State = Literal[
    "cached",
    "partly cached",
    "on the hub",
    "needs a token",
    "needs path=",
    "holds no rows",
    "not public",
]

_HEADER = ("name", "state", "lockable", "rows on disk", "bytes on disk")
_NEEDS: dict[str, State] = {
    "hub": "on the hub",
    "gated": "needs a token",
    "manual": "needs path=",
    "local": "on the hub",
    "no-data": "not public",
    "model": "holds no rows",
    "no-rows": "holds no rows",
}


@dataclass(frozen=True, repr=False)
class SourceStatus(Shown):
    """What of one source is on this machine.

    Attributes:
        name: Name of the source.
        state: ``cached`` when every ordinary part has been prepared, from wherever and at
            whatever revision; otherwise what it takes.
        lockable: Whether :func:`medqa_kit.lock` can record it now, without asking for anything.
        rows: Normalised rows in the cache, all revisions and views together.
        bytes: Bytes they take.

    Example:
        >>> SourceStatus("kbmc", "cached", lockable=True, rows=6150, bytes=9_000_000)
        kbmc: cached, lockable, 6,150 rows and 9,000,000 bytes on disk
    """

    name: str
    state: State
    lockable: bool
    rows: int
    bytes: int

    def _blocks(self) -> Iterator[Block]:
        yield f"{self.name}: {self.state}, {'lockable' if self.lockable else 'not lockable'}, {self.rows:,} rows and {self.bytes:,} bytes on disk"


def status(*, cache_dir: str | os.PathLike[str] | None = None) -> Listing[SourceStatus]:
    """List which sources are on this machine, without a request to the hub and without reading rows.

    Args:
        cache_dir: Root of the ``datasets`` cache; ``None`` is the usual one.

    Returns:
        One entry per source, sorted by name, as a list that prints as a table. The last line of the table says how
        much data builds keep for the next build.

    Raises:
        ArgumentError: ``cache_dir`` is no path.
        StorageError: The cache cannot be read.

    Example:
        >>> {s.name: s.state for s in status(cache_dir="/nowhere")}["kormedmcqa"]
        'on the hub'
    """
    root = cache_root(cache_dir)
    with typed_errors(root):
        entries = [_status(source, root) for source in registry.sources()]
        kept = KeptFiles.of(root)
    return Listing(entries, header=_HEADER, cells=_cells, foot=partial(_foot, kept))


def _cells(entry: SourceStatus) -> tuple[str, ...]:
    lockable = "yes" if entry.lockable else "no"
    return (entry.name, entry.state, lockable, f"{entry.rows:,}", f"{entry.bytes:,}")


def _foot(kept: KeptFiles, listed: Sequence[SourceStatus]) -> str:
    cached = f"{sum(entry.state == 'cached' for entry in listed)} of {len(listed)} cached"
    return cached if not kept.files else f"{cached}; builds keep {counted(kept.files, 'file')}, {kept.bytes:,} bytes"  # fmt: skip


def _status(source: Source, root: Path) -> SourceStatus:
    prepared = list(_prepared(source, root))
    there = {part for part, _, _ in prepared}
    wanted = {_folder(part.name) for part in source.parts if not part.by_name_only}
    state = _NEEDS[source.access]
    if wanted and wanted <= there:
        state = "cached"
    elif wanted & there:
        state = "partly cached"
    lockable = not isinstance(source.layout, NoData) and (
        source.access in ("hub", "local") or state == "cached"
    )
    rows = sum(rows for _, rows, _ in prepared)
    size = sum(size for _, _, size in prepared)
    return SourceStatus(source.name, state, lockable, rows, size)


def _prepared(source: Source, root: Path) -> Iterator[tuple[str, int, int]]:
    """Return part folder, rows and bytes of each preparation of real data in the cache."""
    for info in sorted(root.glob(f"medqa_kit___{source.name}/*/*/*/dataset_info.json")):
        if info.parent.name.endswith(DAMAGED):
            continue
        try:
            facts = json.loads(info.read_text("utf-8"))
            invented = str(facts.get("description", "")).startswith("INVENTED")
            splits = (facts.get("splits") or {}).values()
            rows, size = (sum(int(s[key]) for s in splits) for key in ("num_examples", "num_bytes"))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            continue  # damaged: the next load makes it anew
        if not invented:
            yield info.relative_to(root).parts[1], rows, size


def _folder(part: str) -> str:
    return part.replace("/", "-")
