"""Known sizes and digests of catalogued files: one JSON file per source, written by ``tools/pin.py``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from medqa_kit.catalog.model import Source
from medqa_kit.catalog.parts import Part, PinnedFile
from medqa_kit.catalog.places import Hub
from medqa_kit.errors import InvalidSourceError

FOLDER = "_known_files"
"""Folder beside the modules of sources; ``<source>.json`` in it lists the files of each part."""


def with_known_files(source: Source, folder: Path) -> Source:
    """Return a source whose parts know the bytes of their files.

    What was recorded at another commit than the catalogued one is passed over.

    Args:
        source: The source, as its module declares it.
        folder: Where the JSON files are.

    Raises:
        InvalidSourceError: The file of this source is not as :func:`known_files_text` writes it.
    """
    file = folder / f"{source.name}.json"
    if not file.is_file():
        return source
    try:
        recorded = json.loads(file.read_text("utf-8"))
        parts = tuple(_known(source, part, recorded.get(part.name)) for part in source.parts)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InvalidSourceError(
            "the record of its files is damaged", source=source.name, file=str(file),
            expected="parts with repo, commit and files", found=f"{type(error).__name__}: {error}",
            hint=f"python tools/pin.py {source.name} writes it anew",
        ) from error  # fmt: skip
    return replace(source, parts=parts)


def known_files_text(source: Source, files: Mapping[str, Sequence[PinnedFile]]) -> str:
    """Write down the files of each part at the commits that are catalogued.

    Args:
        source: The source.
        files: Part name to its files.

    Returns:
        JSON, a file a line.
    """
    places = {part.name: source.layout_of(part).at for part in source.parts}
    parts = {
        name: {"repo": at.repo, "commit": at.revision,
               "files": [[file.name, file.size, file.sha256] for file in known]}
        for name, known in files.items() if isinstance(at := places[name], Hub)
    }  # fmt: skip
    return json.dumps(parts, ensure_ascii=False, indent=1) + "\n"


def _known(source: Source, part: Part, recorded: Mapping[str, Any] | None) -> Part:
    at = source.layout_of(part).at
    if recorded is None or not isinstance(at, Hub):
        return part
    if (recorded["repo"], recorded["commit"]) != (at.repo, at.revision):
        return part
    return replace(part, files=tuple(PinnedFile(*file) for file in recorded["files"]))
