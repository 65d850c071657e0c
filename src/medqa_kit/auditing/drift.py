"""``drift``: find what changed upstream since data was pinned."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from medqa_kit.auditing.card_reading import front_matter
from medqa_kit.auditing.row_changes import Change, RowDigests, row_changes
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.places import Hub
from medqa_kit.catalog.registry import source, sources
from medqa_kit.core.arguments import boolean, file_path, nonempty_text, several
from medqa_kit.core.progress import watched_each
from medqa_kit.core.report import FINDING_FIELDS, Report
from medqa_kit.errors import ArgumentError, FileError, HubError, MedQAError, shorten
from medqa_kit.loading.carrying.lockfile import locked_content
from medqa_kit.loading.files.name_patterns import matches
from medqa_kit.loading.hub.repository import Repo
from medqa_kit.loading.part_loading import LoadedPart, PartLoader, load_parts
from medqa_kit.loading.request import LoadRequest

DRIFT_CODES: Mapping[str, str] = {
    "card_changed": "the card or other files beside the data",
    "license_changed": "the licence in the front matter of the card",
    "data_changed": "data files, whose rows were not compared",
    "layout_changed": "rows can no longer be read as they are declared",
    "row_added": "a row is new",
    "row_removed": "a row is gone",
    "row_edited": "a row says something else",
    "label_changed": "a row has another answer or label",
    "split_moved": "a row stands in another subset or split",
    "unreachable": "the hub did not answer for this source",
}
"""What can have moved, by code."""

_SHOWN = 20  # rows of each kind whose values are quoted
_CARD = "README.md"


def drift(
    lock: str | os.PathLike[str] | None = None,
    *,
    names: Sequence[str | Source] | None = None,
    revision: str = "main",
    rows: bool = True,
    cache_dir: str | os.PathLike[str] | None = None,
    token: str | None = None,
) -> Report:
    """Compare pinned data with the data upstream now, and report what changed.

    Args:
        lock: A lockfile that :func:`medqa_kit.lock` wrote: its sources at its commits. Without one, the
            pins of the catalogue.
        names: These sources only; all of the lockfile or the catalogue by default.
        revision: What to compare with.
        rows: Whether to load both and compare rows; otherwise only files are compared, and nothing
            but cards is downloaded.
        cache_dir: Root of the ``datasets`` cache.
        token: Hub token.

    Returns:
        The report: ``rows`` counts the pinned rows that were compared, ``kept`` those that are as they
        were. A finding has a code of :data:`DRIFT_CODES` and the further columns ``source`` and
        ``part``; of rows ``row`` is the position in the pinned data, null for rows that are new, and the
        first of each kind have in ``detail`` what was and what is.

    Raises:
        ArgumentError: No source is named, or one that the lockfile does not know.
        LockError: The lockfile is none.

    Example:
        >>> print(drift(names=["who_bec_pdf"]).notes[0])
        who_bec_pdf: no pin on a hub, so nothing can move
    """
    boolean("rows", rows)
    nonempty_text("revision", revision)
    findings: list[pa.Table] = [_finding("", "", "", "").slice(1)]
    notes, counts, compared, same = [], {"sources": 0, "unmoved": 0}, 0, 0
    pinned = list(_pins(lock, names))
    for each, pins in watched_each(pinned, verb="drift", total=len(pinned)):
        counts["sources"] += 1
        if not pins:
            notes.append(f"{each.name}: no pin on a hub, so nothing can move")
            continue
        look = _Look(each, pins, revision, rows, cache_dir, token)
        try:
            moves = look.findings()
        except HubError as error:
            moves = [_finding(each.name, "", "unreachable", shorten([str(error)]))]
        findings += moves
        compared, same = compared + look.rows, same + look.same
        counts["unmoved"] += not moves
    return Report(
        "drift()",
        rows=compared,
        kept=same,
        findings=pa.concat_tables(findings),
        counts=counts,
        notes=notes,
    )


def _pins(
    lock: str | os.PathLike[str] | None, names: Sequence[str | Source] | None
) -> Iterator[tuple[Source, Mapping[str, str]]]:
    """Return sources with the commit that each of their repositories is pinned to."""
    if names is not None and (isinstance(names, (str, Source)) or not several("names", names)):
        raise ArgumentError("names= takes a list of sources", argument="names", expected='such as ["kormedmcqa"]',
                            found=repr(names)[:80], hint="put it in brackets")  # fmt: skip
    if lock is None:
        for each in names or sources():
            data_set = each if isinstance(each, Source) else source(each)
            yield data_set, _catalogued(data_set)
        return
    content = locked_content(file_path("lock", lock))
    recorded = {name: entry["revisions"] for name, entry in content["sources"].items()}
    for each in names or recorded:
        name = each.name if isinstance(each, Source) else each
        if name not in recorded:
            raise ArgumentError("the lockfile does not know this source", argument="names", expected=", ".join(recorded),
                                found=name, hint=f"mk.lock([{name!r}], {str(lock)!r}) records it")  # fmt: skip
        yield (each if isinstance(each, Source) else source(name)), recorded[name]


def _catalogued(data_set: Source) -> dict[str, str]:
    places = [data_set.layout_of(part).at for part in data_set.parts]
    return {
        at.repo: at.revision for at in places if isinstance(at, Hub) and at.revision is not None
    }


@dataclass
class _Look:
    """One source, pinned and now."""

    source: Source
    pins: Mapping[str, str]
    revision: str
    with_rows: bool
    cache_dir: str | os.PathLike[str] | None
    token: str | None
    rows: int = 0
    same: int = 0

    def findings(self) -> list[pa.Table]:
        """Return what moved; nothing where all commits or files are as they were."""
        tables, heads, data_moved = list[pa.Table](), dict(self.pins), False
        for name, commit in self.pins.items():
            pinned = Repo(self.source.name, name, commit, self.token)
            now = Repo.resolve(self.source.name, name, self.revision, self.token)
            heads[name] = now.commit
            old, new = pinned.listing, now.listing
            moved = [file for file in sorted({*old, *new}) if file not in old or file not in new
                     or old[file].contradicts(new[file])]  # fmt: skip
            data = [file for file in moved if self._is_data(name, file)]
            beside = [file for file in moved if file not in data]
            if beside:
                tables.append(
                    _finding(self.source.name, "", "card_changed", f"{name}: {shorten(beside)}")
                )
            if _CARD in moved and (said := _licences(pinned, now)):
                tables.append(_finding(self.source.name, "", "license_changed", said))
            if data and not self.with_rows:
                tables.append(
                    _finding(self.source.name, "", "data_changed", f"{name}: {shorten(data)}")
                )
            data_moved |= bool(data)
        if data_moved and self.with_rows:
            tables += self._of_rows(heads)
        return tables

    def _is_data(self, repo: str, file: str) -> bool:
        """Check whether a file is one that a part is read from."""
        layouts = ((part, self.source.layout_of(part)) for part in self.source.parts)
        return any(
            isinstance(layout.at, Hub)
            and layout.at.repo == repo
            and matches(file, part.pattern(layout))
            for part, layout in layouts
        )

    def _of_rows(self, heads: Mapping[str, str]) -> list[pa.Table]:
        before = self._loaded(self.pins)
        try:
            after = self._loaded(heads)
        except HubError:
            raise
        except MedQAError as error:  # the declared layout no longer fits
            return [
                _finding(
                    self.source.name, error.part or "", "layout_changed", shorten([str(error)])
                )
            ]
        tables = [[_table(each) for each in side] for side in (before, after)]
        digests = [RowDigests.of(side) for side in tables]
        changes = list(row_changes(digests[0], digests[1]))
        touched = {int(place) for change in changes for place in change.before if place >= 0}
        self.rows, self.same = len(digests[0]), len(digests[0]) - len(touched)
        return [_of_change(self.source.name, change, _Sides(before, after)) for change in changes]

    def _loaded(self, commits: Mapping[str, str]) -> list[LoadedPart]:
        request = LoadRequest(commits=commits, token=self.token)
        loader = PartLoader(cache_dir=self.cache_dir)
        loaded = []
        for part in self.source.parts:
            at = self.source.layout_of(part).at
            if not part.by_name_only and isinstance(at, Hub) and at.repo in commits:
                every = load_parts(
                    self.source, request, loader, subset=part.subset, split=part.split
                )
                loaded += [each for each in every if each.plan.part == part]
        return loaded


@dataclass(frozen=True)
class _Sides:
    """Loaded parts, to look rows up by their place among all."""

    before: Sequence[LoadedPart]
    after: Sequence[LoadedPart]

    def row(self, place: int, *, now: bool) -> dict[str, Any]:
        """Return a row."""
        for part in self.after if now else self.before:
            if place < len(part.data):
                return dict(part.data[place])
            place -= len(part.data)
        raise IndexError(place)


def _of_change(name: str, change: Change, sides: _Sides) -> pa.Table:
    """Make findings, with values of the first rows."""
    gone = change.before >= 0
    ids, parts = _names(change, sides, gone)
    details: list[str | None] = [None] * len(ids)
    for place in range(min(_SHOWN, len(ids))):
        old = sides.row(int(change.before[place]), now=False) if change.before[place] >= 0 else {}
        new = sides.row(int(change.after[place]), now=True) if change.after[place] >= 0 else {}
        details[place] = _detail(change.kind, old, new)
    return _findings(
        row=pa.array(change.before, pa.int64(), mask=~gone), id=ids, code=[change.kind] * len(ids), detail=details,
        source=[name] * len(ids), part=parts,
    )  # fmt: skip


def _names(change: Change, sides: _Sides, gone: Any) -> tuple[pa.Array, list[str]]:
    """Return ids and parts of the rows, from the pinned side where they are there."""
    ids, parts = list[str](), list[str]()
    columns = [
        [_table(each)["id"].to_pylist() for each in side] for side in (sides.before, sides.after)
    ]
    for place, old in enumerate(gone.tolist()):  # changed rows, not all
        at, side, names = (
            (change.before, sides.before, columns[0])
            if old
            else (change.after, sides.after, columns[1])
        )
        left = int(at[place])
        for each, own in zip(side, names, strict=True):
            if left < len(own):
                ids.append(own[left])
                parts.append(each.plan.part.name)
                break
            left -= len(own)
    return pa.array(ids, pa.string()), parts


def _detail(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    if not old or not new:
        return shorten([_text(old or new)])
    if kind == "split_moved":
        return " → ".join(
            "/".join(filter(None, (row["subset"], row["split"]))) for row in (old, new)
        )
    names = [
        name
        for name in old
        if name not in ("id", "family", "subset", "split") and old[name] != new.get(name)
    ]
    return "; ".join(
        f"{name}: {shorten([old[name]])} → {shorten([new.get(name)])}" for name in names
    )


def _text(row: Mapping[str, Any]) -> str:
    return next(
        (
            str(row[name])
            for name in ("question", "prompt", "text", "messages", "tokens")
            if row.get(name)
        ),
        "",
    )


def _licences(pinned: Repo, now: Repo) -> str:
    """Say what the licence was and is, empty where it is the same."""
    said = []
    for repo in (pinned, now):
        name = None
        if _CARD in repo.listing:
            with suppress(FileError):
                name = front_matter(Path(repo.download(_CARD, repo.listing[_CARD]).path)).get(
                    "license"
                )
        said.append(json.dumps(name, ensure_ascii=False))
    return "" if said[0] == said[1] else " → ".join(said)


def _table(part: LoadedPart) -> pa.Table:
    table: pa.Table = part.data.with_format("arrow")[:]
    return table


def _finding(name: str, part: str, code: str, detail: str) -> pa.Table:
    return _findings(
        row=[None], id=[None], code=[code], detail=[detail], source=[name], part=[part or None]
    )


def _findings(**columns: Any) -> pa.Table:
    types = {**dict(FINDING_FIELDS), "source": pa.string(), "part": pa.string()}
    return pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})
