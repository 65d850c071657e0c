"""Identify local files by their content: a file with other content is another file, whatever its time."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from medqa_kit.core.stored import read_stored, write_stored, xxh3_of

FileDigests = Literal["never", "changed", "always"]
"""When local files are digested: never, where they only look changed, or always."""

_FRESH = 2_000_000_000  # nanoseconds in which a change may not show in the times of a file
_Facts = tuple[int, ...]


def content_digests(paths: Sequence[str], *, when: FileDigests) -> dict[str, str]:
    """Return what tells the content of each file.

    A digest is remembered with the size, the times of the last change of content and of inode, and the
    inode, and is taken again where any of them has changed, or was that of a moment ago.

    Args:
        paths: Files.
        when: ``"never"`` returns those facts in place of digests.

    Returns:
        Path to digest, in the order of ``paths``.

    Raises:
        OSError: A file cannot be read.
    """
    facts = {path: _facts(path) for path in paths}
    if when == "never":
        return {path: repr(values) for path, values in facts.items()}
    place = _place(paths)
    known = {} if when == "always" else (read_stored(place) or {})
    digests, fresh = dict[str, str](), False
    for path in paths:
        then, digest = known.get(path, (None, ""))
        if then != list(facts[path]):
            digest, fresh = xxh3_of(Path(path)), True
        digests[path] = digest
    if fresh:
        _remember(place, facts, digests)
    return digests


def _facts(path: str) -> _Facts:
    status = Path(path).stat()
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)


def _remember(place: Path, facts: dict[str, _Facts], digests: dict[str, str]) -> None:
    settled = time.time_ns() - _FRESH
    known = {
        path: [list(values), digests[path]]
        for path, values in facts.items()
        if max(values[1], values[2]) < settled and _facts(path) == values
    }
    with suppress(OSError):  # where nothing can be written, files are digested each time
        write_stored(place, known)


def _place(paths: Sequence[str]) -> Path:
    from datasets import config

    name = hashlib.sha256("\0".join(map(os.path.abspath, paths)).encode("utf-8", "surrogateescape"))
    return Path(config.HF_DATASETS_CACHE, "medqa_kit_files", f"{name.hexdigest()[:32]}.json")
