"""Rows that are set aside: counted, and written to a file for a person where there is a folder for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medqa_kit.core.json_text import json_line
from medqa_kit.loading.readers.read_task import Rejected


@dataclass
class Quarantine:
    """Writes rows that are set aside to a JSON Lines file, and counts them by reason.

    Attributes:
        path: The file, made when the first row comes; ``None`` counts only, as streams do.
        counts: Rows by reason.
        unreadable: How many of them never became rows, being broken records.
        first: The first of them.
    """

    path: Path | None
    counts: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    first: Rejected | None = None

    def unread(self, rejected: Rejected) -> None:
        """Write one record that could not be read."""
        self.unreadable += 1
        self.add(rejected)

    def add(self, rejected: Rejected) -> None:
        """Write one row: file, row, reason, message, and the content as it was read."""
        self.counts[rejected.reason] += 1
        self.first = self.first or rejected
        if self.path is None:
            return
        line: dict[str, Any] = {
            "file": rejected.file, "row": rejected.row, "reason": rejected.reason,
            "message": rejected.message, "content": rejected.content,
        }  # fmt: skip
        with self.path.open("a", encoding="utf-8") as out:
            out.write(f"{json_line(line)}\n")
