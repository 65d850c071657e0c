"""What was counted while a part was prepared, kept in files beside its rows."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

_REPORT, _QUARANTINE, _HASHES = "medqa_report", "medqa_quarantine", "medqa_ids"


@dataclass(frozen=True)
class PartCounts:
    """What happened when a part was prepared.

    Attributes:
        read: Raw rows read, bad ones included.
        made: Rows written.
        aside: Raw rows set aside, by reason.
        left_out: What the raw rows hold that is in no row, by reason.
        files: The quarantine files, if any.
    """

    read: int
    made: int
    aside: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @classmethod
    def of(cls, folder: str) -> PartCounts:
        """Add up what the jobs that prepared a part have counted."""
        found = [
            json.loads(p.read_text("utf-8")) for p in sorted(Path(folder).glob(f"{_REPORT}-*.json"))
        ]
        aside: Counter[str] = Counter()
        left_out: Counter[str] = Counter()
        for one in found:
            aside.update(one["aside"])
            left_out.update(one["left_out"])
        return cls(
            sum(one["read"] for one in found),
            sum(one["made"] for one in found),
            dict(aside),
            dict(left_out),
            tuple(str(path) for path in sorted(Path(folder).glob(f"{_QUARANTINE}-*.jsonl"))),
        )

    def write(self, folder: str, job: int) -> None:
        """Keep what one job counted."""
        counts = {"read": self.read, "made": self.made, "aside": self.aside,
                  "left_out": self.left_out}  # fmt: skip
        Path(folder, f"{_REPORT}-{job:05d}.json").write_text(json.dumps(counts), encoding="utf-8")


def prepared(folder: str) -> bool:
    """Tell whether a folder of the cache holds a part, whole."""
    return Path(folder, "dataset_info.json").exists()


def quarantine_file(folder: str, job: int) -> Path:
    """Name the file in which one job sets rows aside."""
    return Path(folder, f"{_QUARANTINE}-{job:05d}.jsonl")


def write_hashes(folder: str, job: int, hashes: np.ndarray) -> None:
    """Keep the hashes of one job's ids until all jobs are done."""
    np.save(Path(folder, f"{_HASHES}-{job:05d}.npy"), hashes)


def take_hashes(folder: str) -> np.ndarray:
    """Give the hashes of all jobs' ids, and remove the files."""
    files = sorted(Path(folder).glob(f"{_HASHES}-*.npy"))
    found = [np.load(file) for file in files]
    for file in files:
        file.unlink()
    return np.concatenate(found) if found else np.empty(0, np.uint64)


def clear(folder: str) -> None:
    """Empty an unfinished folder of what a killed run left; its lock must be held."""
    for left in Path(folder).iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
