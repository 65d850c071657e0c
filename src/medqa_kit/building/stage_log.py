"""The progress of a build by stage: a bar on a terminal, a line in a file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from medqa_kit.building.engines.memory import give_back_memory, most_memory, own_memory
from medqa_kit.building.engines.processor_time import cpu_seconds
from medqa_kit.core.progress import progress_bar, without_bars
from medqa_kit.errors import StorageError, printable


@dataclass(frozen=True)
class StageLog:
    """Where the stages of a build are told.

    Attributes:
        file: A file that gets a line for each stage when it ends; lines are added to what is there.
        quiet: Whether no bar is shown.
        told: A list that gets what was measured of each stage when it ends.
    """

    file: Path | None = None
    quiet: bool = False
    told: list[dict[str, Any]] | None = None

    @contextmanager
    def stage(self, name: str, rows: int | None = None) -> Iterator[Callable[[int], object]]:
        """Tell of a stage.

        Args:
            name: What it does.
            rows: How many rows it works on.

        Yields:
            A function that is told how many rows more are done.

        Example:
            >>> import tempfile
            >>> file = Path(tempfile.mkdtemp()) / "stages.log"
            >>> with StageLog(file).stage("write", rows=2) as advance:
            ...     _ = advance(2)
            >>> file.read_text("utf-8").split(" ", 1)[1][:16]
            'write: 2 rows in'
        """
        begin, worked = time.perf_counter(), cpu_seconds()
        with progress_bar(name, total=rows, quiet=self.quiet) as advance:
            yield advance
        own = own_memory()
        give_back_memory()
        self._tell(name, rows, time.perf_counter() - begin, cpu_seconds() - worked, own)

    def note(self, text: str) -> None:
        """Tell what a person should read."""
        self._line(f"note: {text}")

    def _tell(
        self, name: str, rows: int | None, seconds: float, cpu: float, own: int | None
    ) -> None:
        most = most_memory()
        if self.told is not None:
            self.told.append({"stage": name, "rows": rows, "seconds": round(seconds, 3),
                              "cpu_seconds": round(cpu, 3), "own_bytes": own, "most_bytes": most})  # fmt: skip
        number = "" if rows is None else f"{rows:,} rows in "
        rate = f", {rows / seconds:,.0f} rows/s" if rows and seconds else ""
        work = f"; {cpu:.2f} s of CPU"
        memory = "" if own is None else f"; {own / 1e6:,.0f} MB of its own"
        peak = "" if most is None else f"; with mapped files {most / 1e6:,.0f} MB at most so far"
        self._line(f"{name}: {number}{seconds:.2f} s{rate}{work}{memory}{peak}")

    def _line(self, text: str) -> None:
        if self.file is None:
            return
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = f"{now} {' '.join(printable(text).split())}\n"
        try:
            with open(self.file, "a", encoding="utf-8", opener=_opened_at_once) as file:
                file.write(line)
        except OSError as error:
            raise StorageError.of(error, self.file, elsewhere="or name another file with log=") from error  # fmt: skip

    def without_bars(self) -> Any:
        """Return a context in which ``datasets`` shows no bars either, if this log is quiet."""
        return without_bars() if self.quiet else nullcontext()


UNTOLD = StageLog(quiet=True)
"""Tells nothing."""


def _opened_at_once(path: str, flags: int) -> int:
    """Open a file without waiting: a pipe that nobody reads is an error."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
