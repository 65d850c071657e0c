"""Files that builds keep beside prepared rows in the cache, up to a bound; those used longest ago are removed first."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from medqa_kit.loading.files.limits import KEPT_BYTES
from medqa_kit.loading.request import cache_root

DECISIONS, RESULTS = "medqa_kit-decisions", "medqa_kit-results"
"""Folders in the cache: what was decided about rows, and what results were made of."""


class KeptFiles(NamedTuple):
    """What builds keep in a cache.

    Attributes:
        files: How many.
        bytes: How much they hold.
    """

    files: int
    bytes: int

    @classmethod
    def of(cls, root: Path) -> KeptFiles:
        """Count them.

        Args:
            root: Of the cache.
        """
        sizes = [facts.st_size for name in (DECISIONS, RESULTS) for _, facts in _files(root / name)]
        return cls(len(sizes), sum(sizes))


def mark_used(file: Path) -> bool:
    """Note that a kept file is of use now; return whether it is there.

    Example:
        >>> mark_used(Path("/nowhere/a.table"))
        False
    """
    try:
        os.utime(file)
    except FileNotFoundError:
        return False
    except OSError:  # a cache that others own: it is read all the same
        return file.exists()
    return True


@contextmanager
def bounded_cache(cache_dir: str | os.PathLike[str] | None) -> Iterator[None]:
    """After the block, let go of what was used longest ago, as far as a folder holds more than it may.

    What was used since the block began stays, whatever it takes. Whoever misses a file makes it anew, so that builds
    that run at the same time do each other no harm.

    Args:
        cache_dir: Root of the ``datasets`` cache.

    Raises:
        ArgumentError: The environment variable of :data:`~medqa_kit.loading.files.limits.KEPT_BYTES` is no number.
    """
    begun, root, most = time.time(), cache_root(cache_dir), KEPT_BYTES.most
    try:
        yield
    finally:
        for name in (DECISIONS, RESULTS):
            _let_go(root / name, most, before=begun)


def _let_go(folder: Path, most: int, *, before: float) -> None:
    listed = sorted(_files(folder), key=lambda each: (each[1].st_mtime, each[0]))
    over = sum(facts.st_size for _, facts in listed) - most
    for file, facts in listed:
        if over <= 0 or facts.st_mtime >= before:
            return
        with suppress(OSError):  # another build may have let go of it, or used it just now
            if file.stat().st_mtime == facts.st_mtime:
                file.unlink()
                over -= facts.st_size


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Return all files of a folder, those that a killed build left unfinished too."""
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                file = Path(place, name)
                yield file, file.stat()
