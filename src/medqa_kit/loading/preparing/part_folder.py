"""Counts of the preparation of a part, stored in files beside its rows."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xxhash

from medqa_kit.core.stored import SEAL, broken_seal, put_aside, read_stored, seal
from medqa_kit.errors import AccountError, StorageError

_REPORT, _QUARANTINE, _HASHES = "medqa_report", "medqa_quarantine", "medqa_ids"


@dataclass(frozen=True)
class PartCounts:
    """What happened when a part was prepared.

    Attributes:
        read: Raw rows read, bad ones included.
        made: Rows written.
        origins: Raw rows of which rows were made.
        absent: Raw rows of which none was made, for a reason that is counted.
        aside: Raw rows set aside, by reason.
        left_out: What the raw rows hold that is in no row, by reason.
        passed_over: Raw rows of which no row is expected, by reason.
        files: The quarantine files, if any.
        doubts: What is odd of the answers of a file, in words.
    """

    read: int
    made: int
    origins: int
    absent: int
    aside: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    passed_over: dict[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @classmethod
    def of(cls, folder: str) -> PartCounts:
        """Add up what the jobs that prepared a part have counted."""
        jobs = [
            json.loads(p.read_text("utf-8")) for p in sorted(Path(folder).glob(f"{_REPORT}-*.json"))
        ]

        def total(name: str) -> int:
            return sum(job[name] for job in jobs)

        def reasons(name: str) -> dict[str, int]:
            counter: Counter[str] = Counter()
            for job in jobs:
                counter.update(job[name])
            return dict(counter)

        files = tuple(str(path) for path in sorted(Path(folder).glob(f"{_QUARANTINE}-*.jsonl")))
        return cls(
            total("read"), total("made"), total("origins"), total("absent"), reasons("aside"),
            reasons("left_out"), reasons("passed_over"), files,
            tuple(doubt for job in jobs for doubt in job["doubts"]),
        )  # fmt: skip

    def refuse_open(self, rows: int, *, source: str, part: str) -> None:
        """Refuse counts that do not close: raw rows = origins of rows + set aside + left out.

        Args:
            rows: Rows there are.
            source: Name of the source.
            part: Name of the part.

        Raises:
            AccountError: Raw rows are missing, or rows that were made.
        """
        aside = sum(self.aside.values())
        if self.read == self.origins + aside + self.absent and self.made == rows:
            return
        raise AccountError(
            "the account of what was read does not close", source=source, part=part,
            expected=f"{self.read:,} raw rows read, {self.made:,} rows made",
            found=f"{self.origins:,} raw rows that rows are made of, {aside:,} set aside, "
            f"{self.absent:,} left out; {rows:,} rows",
            hint="this is a defect of medqa_kit or of the source's function, please report it",
        )  # fmt: skip

    def write(self, folder: str, job: int) -> None:
        """Keep what one job counted."""
        counts = {"read": self.read, "made": self.made, "origins": self.origins,
                  "absent": self.absent, "aside": self.aside, "left_out": self.left_out,
                  "passed_over": self.passed_over, "doubts": self.doubts}  # fmt: skip
        Path(folder, f"{_REPORT}-{job:05d}.json").write_text(json.dumps(counts), encoding="utf-8")


def sealed(folder: str, known: Mapping[tuple[int, int], str]) -> None:
    """List the files of a part with their sizes and digests; the last step before it has its name.

    Args:
        folder: The folder of the part.
        known: Digests of files that were taken as they were written, by device and inode.
    """
    seal(Path(folder), known=known)


def rows_digest(folder: str) -> str:
    """Return a digest of the rows of a prepared part, of its seal: wherever it lies, equal files have one.

    Raises:
        StorageError: The seal cannot be read, or there is none.
    """
    listed = read_stored(Path(folder, SEAL))
    if listed is None:
        raise StorageError("a prepared part has no seal", file=folder, expected=SEAL, found="none",
                           hint="load it again")  # fmt: skip
    rows = {name: facts for name, facts in sorted(listed.items()) if name.endswith(".arrow")}
    return xxhash.xxh3_128_hexdigest(json.dumps(rows).encode())


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
    hashes = [np.load(file) for file in files]
    for file in files:
        file.unlink()
    return np.concatenate(hashes) if hashes else np.empty(0, np.uint64)


def clear(folder: str) -> None:
    """Empty an unfinished folder of what a killed run left; its lock must be held."""
    for left in Path(folder).iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
