"""The processor time of this process and of those that it started."""

from __future__ import annotations

import os
from pathlib import Path

_PROCESSES = Path("/proc")


def cpu_seconds() -> float:
    """Return the seconds of processor time of this process and its children so far.

    Children of children count, and those that have ended. Where the system does not list those that run,
    which only Linux does, they count once they have ended.

    Example:
        >>> 0 < cpu_seconds() <= cpu_seconds()
        True
    """
    return sum(os.times()[:4]) + sum(map(_seconds_with_ended, _running(os.getpid(), set())))


def _running(process: int, seen: set[int]) -> set[int]:
    """Return the processes below one: a few."""
    for listed in _PROCESSES.glob(f"{process}/task/*/children"):
        try:
            children = {int(child) for child in listed.read_text("ascii").split()} - seen
        except (OSError, ValueError):  # it has ended
            continue
        seen |= children
        for child in children:
            _running(child, seen)
    return seen


def _seconds_with_ended(process: int) -> float:
    try:
        stat = (_PROCESSES / str(process) / "stat").read_text("utf-8", "replace")
    except OSError:  # it has ended
        return 0.0
    # Its name, in brackets, may hold blanks; behind it the 12th to 15th are its times and its children's.
    return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")
