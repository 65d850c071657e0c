"""Let the disk be full from some moment on and look at what comes of it: ``python full_disks.py FOLDER EVERY``.

A build over an earlier result, and a remix of it, count what they ask of the system: files opened to be
written, folders made, names changed. Then they run again for each EVERY-th of these, from which on files and
folders cannot be made where the results are. The error must be typed, the earlier result must stand as it was
with nothing beside it, and with room again the same call must make what it makes without such a fault. Prints
one JSON object a fault.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from killed_remixes import CHANGED, FIRST, copy_of, rows_of

import medqa_kit as mk
from results import file_bytes

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_ASKED = {"open", "os.mkdir", "os.rename"}


class Disk:
    """Counts what is asked of the disk below a folder, and is full from some call on."""

    def __init__(self) -> None:
        self.watched: Path | None = None
        self.calls = 0
        self.full_from: int | None = None
        sys.addaudithook(self._hear)

    def run(self, work: Callable[[], object], watched: Path, full_from: int | None) -> int:
        """Do work while the disk is watched, and return what was asked of it."""
        self.watched, self.calls, self.full_from = watched, 0, full_from
        try:
            work()
        finally:
            self.watched = None
        return self.calls

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if self.watched is None or event not in _ASKED or not isinstance(given[0], str | Path):
            return
        if event == "open" and not given[2] & _WRITING:
            return
        if not str(given[0]).startswith(str(self.watched)):
            return
        self.calls += 1
        full = self.full_from is not None and self.calls >= self.full_from
        if full and event != "os.rename":  # names can be changed on a full disk
            raise OSError(errno.ENOSPC, "No space left on device")


def build(folder: Path, recipe: dict[str, Any]) -> None:
    mk.build(recipe, out=folder / "results" / "out", origin="sample", cache_dir=folder / "cache",
             quiet=True)  # fmt: skip


def rebuild(folder: Path) -> None:
    build(folder, CHANGED)


def remix(folder: Path) -> None:
    mk.remix(folder / "results" / "out", CHANGED, cache_dir=folder / "cache", quiet=True)


def faults(folder: Path, every: int) -> Iterator[dict[str, Any]]:
    disk, first = Disk(), folder / "first"
    build(first, FIRST)
    before = file_bytes(first / "results")
    for verb in (rebuild, remix):
        tried = copy_of(first, folder / "tried")
        calls = disk.run(lambda at=tried, work=verb: work(at), tried / "results", None)  # type: ignore[misc]
        whole = rows_of(file_bytes(tried / "results"))
        for full_from in range(1, calls + 1, every):
            tried, error = copy_of(first, folder / "tried"), "none"
            try:
                disk.run(lambda at=tried, work=verb: work(at), tried / "results", full_from)  # type: ignore[misc]
            except Exception as raised:
                error = type(raised).__name__
            stands = file_bytes(tried / "results")
            verb(tried)
            yield {"verb": verb.__name__, "full_from": full_from, "of": calls, "error": error,
                   "stood": stands == before, "new": rows_of(stands) == whole,
                   "equal": rows_of(file_bytes(tried / "results")) == whole}  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for fault in faults(Path(sys.argv[1]), int(sys.argv[2])):
        sys.stdout.write(json.dumps(fault) + "\n")
        sys.stdout.flush()
