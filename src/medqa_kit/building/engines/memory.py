"""The memory of this process: measure it, and return what is not needed to the system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from pathlib import Path

import pyarrow as pa


def give_back_memory() -> None:
    """Give what this process has freed back to the system: after work whose arrays the next work has no use for.

    The C library and Arrow keep freed memory in pieces, which then counts as this process's own. It takes some
    milliseconds, and does nothing where the C library is not glibc.
    """
    pa.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def own_memory() -> int | None:
    """Return the bytes of memory that this process has now, without files that are mapped; ``None`` where no system says it."""
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
    except OSError:
        return None
    sizes = [line.split()[1] for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(sizes[0]) << 10 if sizes else None


def most_memory() -> int | None:
    """Return the most bytes of memory that this process has had at once so far; ``None`` where no system says it.

    Files that are mapped count as far as they were read.
    """
    try:
        import resource
    except ImportError:  # Windows
        return None
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size << 10
