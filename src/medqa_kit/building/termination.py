"""Turn SIGTERM into an exception, so that a build cleans up as after Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stopped_by_exception() -> Iterator[None]:
    """Let SIGTERM raise ``SystemExit`` within the block, with the exit code a shell gives it.

    Nothing is changed where the program handles the signal itself, and outside the main thread, which
    alone may. Children that are forked within the block end by the signal as ever.

    Example:
        >>> with stopped_by_exception():
        ...     os.kill(os.getpid(), signal.SIGTERM)
        Traceback (most recent call last):
        SystemExit: 143
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    owner = os.getpid()

    def stop(number: int, _: FrameType | None) -> None:
        if os.getpid() != owner:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
