"""What was counted while a part was prepared, kept in files beside its rows."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from medqa_kit.core.stored import broken_seal, put_aside, seal

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
        doubts: What is odd of the answers of a file, in words.
    """

    read: int
    made: int
    aside: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @classmethod
    def of(cls, folder: str) -> PartCounts:
        """Add up what the jobs that prepared a part have counted."""
        jobs = [
            json.loads(p.read_text("utf-8")) for p in sorted(Path(folder).glob(f"{_REPORT}-*.json"))
        ]
        aside: Counter[str] = Counter()
        left_out: Counter[str] = Counter()
        for job in jobs:
            aside.update(job["aside"])
            left_out.update(job["left_out"])
        return cls(
            sum(job["read"] for job in jobs),
            sum(job["made"] for job in jobs),
            dict(aside),
            dict(left_out),
            tuple(str(path) for path in sorted(Path(folder).glob(f"{_QUARANTINE}-*.jsonl"))),
            tuple(doubt for job in jobs for doubt in job["doubts"]),
        )

    def write(self, folder: str, job: int) -> None:
        """Keep what one job counted."""
        counts = {"read": self.read, "made": self.made, "aside": self.aside,
                  "left_out": self.left_out, "doubts": self.doubts}  # fmt: skip
        Path(folder, f"{_REPORT}-{job:05d}.json").write_text(json.dumps(counts), encoding="utf-8")


def sealed(folder: str) -> None:
    """List the files of a part with their sizes and digests; the last step before it has its name."""
    seal(Path(folder))


def is_whole(folder: str, *, again: bool) -> bool:
    """Check whether a part is prepared; put its folder aside if its files are not as written.

    Args:
        folder: Where the part is, if it is.
        again: As of :func:`medqa_kit.core.stored.broken_seal`.

    Raises:
        StorageError: The folder cannot be read, or not be renamed.
    """
    path = Path(folder)
    if not path.is_dir():
        return False
    if damage := broken_seal(path, again=again):
        put_aside(path, damage)
    return not damage


def quarantine_file(folder: str, job: int) -> Path:
    """Name the file in which one job sets rows aside."""
    return Path(folder, f"{_QUARANTINE}-{job:05d}.jsonl")


def write_hashes(folder: str, job: int, hashes: np.ndarray) -> None:
    """Keep the hashes of one job's ids until all jobs are done."""
    np.save(Path(folder, f"{_HASHES}-{job:05d}.npy"), hashes)


def take_hashes(folder: str) -> np.ndarray:
    """Return the hashes of all jobs' ids, and remove the files."""
    files = sorted(Path(folder).glob(f"{_HASHES}-*.npy"))
    found = [np.load(file) for file in files]
    for file in files:
        file.unlink()
    return np.concatenate(found) if found else np.empty(0, np.uint64)


def clear(folder: str) -> None:
    """Empty an unfinished folder of what a killed run left; its lock must be held."""
    for left in Path(folder).iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
