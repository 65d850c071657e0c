"""What a lockfile holds: read, and to be looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import starmap
from pathlib import Path
from typing import Any

from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.stored import has_own_digest
from medqa_kit.core.tables import cell, counted
from medqa_kit.errors import LockError, shorten

LOCKFILE_VERSION = 1
"""Of the form of lockfiles."""


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


def locked_content(file: Path) -> dict[str, Any]:
    """Return what a lockfile records.

    Raises:
        LockError: It is no lockfile, or was edited.
    """
    content = read_lockfile(file)
    refuse_edited(content, file)
    return content


def read_lockfile(file: Path) -> dict[str, Any]:
    """Return what stands in a lockfile, whoever wrote it.

    Raises:
        LockError: It is no lockfile.
    """
    try:
        content = json.loads(file.read_text("utf-8"))
        known = content["version"] == LOCKFILE_VERSION and isinstance(content["sources"], dict)
    except FileNotFoundError:
        raise LockError("there is no such lockfile", file=str(file),
                        hint="mk.lock([...], path) writes one") from None  # fmt: skip
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LockError("this is not a lockfile", file=str(file), found=str(error),
                        hint="restore it from version control") from error  # fmt: skip
    except OSError as error:
        raise LockError("the lockfile cannot be read", file=str(file), expected="a file",
                        found=error.strerror or str(error),
                        hint="name the file itself") from error  # fmt: skip
    if not known:
        raise LockError("the lockfile is of another version", file=str(file),
                        expected=str(LOCKFILE_VERSION), found=str(content["version"]),
                        hint="write it anew with mk.lock()")  # fmt: skip
    for name, entry in content["sources"].items():
        if not _well_formed(entry):
            raise LockError("the lockfile is damaged", source=name, file=str(file),
                            expected="version, revisions and parts, each as mk.lock() writes them",
                            found=shorten([entry]),
                            hint="restore it from version control")  # fmt: skip
    return dict(content)


def refuse_edited(content: Mapping[str, Any], file: Path) -> None:
    """Refuse a lockfile that does not carry the digest of what it says.

    Raises:
        LockError: So it is.
    """
    if not has_own_digest(content):
        raise LockError(
            "the lockfile was edited, merged or damaged since it was written", file=str(file),
            expected="what mk.lock() wrote, under its own digest",
            found=f"the digest {shorten([content.get('digest')])}, which is not that of the content",
            hint="restore it from version control, or delete it and record anew with mk.lock() "
            f"what it held: {shorten(content['sources'])}",
        )  # fmt: skip


def _well_formed(entry: Any) -> bool:
    """Check whether what stands under a source has the types this module writes."""
    match entry:
        case {"version": int(), "revisions": dict() as revisions, "parts": dict() as parts}:
            commits = all(isinstance(commit, str) for commit in revisions.values())
            return commits and all(_is_part(part) for part in parts.values())
    return False


def _is_part(part: Any) -> bool:
    match part:
        case {"files": dict(), "raw_schema": dict(), "rows": int(), "content": str()}:
            return True
    return False
