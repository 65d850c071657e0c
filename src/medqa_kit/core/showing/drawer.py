"""The process that draws charts. The first chart takes a second, so the process starts early and stays for the next."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence

_VERSION = "5.21"  # version of Vega-Lite, whatever the default of the package is
_IDLE_SECONDS = 60
_DRAW = """
import json, os, sys, threading
import vl_convert

def end():
    os._exit(0)

def drawn(chart):
    return vl_convert.vegalite_to_svg(chart, vl_version=sys.argv[1])

try:
    drawn('{"data": {"values": []}, "mark": "bar"}')
except Exception:
    pass
while True:
    waiting = threading.Timer(float(sys.argv[2]), end)
    waiting.daemon = True
    waiting.start()
    line = sys.stdin.readline()
    waiting.cancel()
    if not line:
        end()
    try:
        images = [drawn(chart) for chart in json.loads(line)]
    except Exception:
        images = None
    print(json.dumps(images), flush=True)
"""


class Drawer:
    """Draws charts in another process, which ends with this one, or after a minute without a chart.

    The process is started anew and not forked, since a forked child would wait for threads that it does not
    have; a child that is forked while the process runs starts another.

    Example:
        >>> Drawer().images(["no chart"])
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def start(self) -> None:
        """Start the process, so that it is ready when charts are drawn soon."""
        with self._lock:
            self._started()

    def images(self, charts: Sequence[str]) -> list[str] | None:
        """Draw charts.

        Args:
            charts: Vega-Lite, as JSON.

        Returns:
            An SVG for each; ``None`` where one cannot be drawn.
        """
        with self._lock:
            answer = self._answer(charts)
            if not answer:  # the process has ended, after its minute or by a signal
                self.close()
                self._started()
                answer = self._answer(charts)
            images: list[str] | None = json.loads(answer) if answer.endswith(b"\n") else None
            if images is None:
                self.close()
            return images

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.communicate()
        self._process = None

    def _started(self) -> None:
        if (
            self._process is not None
            and self._owner == os.getpid()
            and self._process.poll() is None
        ):
            return
        self.close()
        atexit.register(self.close)
        self._owner, self._process = os.getpid(), subprocess.Popen(
            [sys.executable, "-c", _DRAW, _VERSION, str(_IDLE_SECONDS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _answer(self, charts: Sequence[str]) -> bytes:
        """Return a line of the process; an empty text where the line is not ours, or the process has ended."""
        if self._process is None or self._owner != os.getpid():
            return b""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(f"[{','.join(charts)}]\n".encode())
            self._process.stdin.flush()
            return self._process.stdout.readline()
        except OSError:
            return b""
