"""The account of one unit, stored beside its files: it shows whether they are complete."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from medqa_kit.building.account import Account
from medqa_kit.building.output.file_digests import listed_files
from medqa_kit.building.stages.fates import FATES
from medqa_kit.core.stored import read_stored, sha256_of, write_stored
from medqa_kit.errors import StorageError

IS_UNIT = re.compile(r"unit-\d{6}")
"""Names of the folders of units."""

_FACTS, _UNWRITTEN = "facts.json", "unwritten.arrow"


def is_whole_unit(folder: Path) -> bool:
    """Check whether all files of a unit are there with the bytes that were written."""
    content = read_stored(folder / _FACTS) if folder.is_dir() else None
    if content is None:
        return False
    files = [(folder / name, facts) for name, facts in content["files"].items()]
    return all(
        file.is_file()
        and file.stat().st_size == facts["bytes"]
        and sha256_of(file) == facts["sha256"]
        for file, facts in files
    )


def unit_folder(folder: Path, number: int) -> Path:
    """Return the folder of the files of a unit."""
    return folder / f"unit-{number:06d}"


@dataclass
class UnitFacts:
    """What became of the rows of a unit.

    Attributes:
        files: Sizes and digests of its files by name, which begins with folder and split.
        records: Records by split and format.
        written: Rows written by piece and split.
        repeated: How many of these are further copies, by piece.
        languages: Rows written, by piece and language.
        unwritten: Rows of which no record can be made, with the schema
            :data:`~medqa_kit.building.stages.fates.FATES`.
    """

    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    records: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    written: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    repeated: Counter[int] = field(default_factory=Counter)
    languages: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unwritten: pa.Table = field(default_factory=FATES.empty_table)

    def save(self, folder: Path) -> None:
        """Write the facts beside the files of the unit, these listed with size and digest."""
        if self.unwritten.num_rows:
            with (
                pa.OSFile(str(folder / _UNWRITTEN), "wb") as sink,
                pa.ipc.new_file(sink, FATES) as file,
            ):
                file.write_table(self.unwritten)
        counts = {name: getattr(self, name) for name in _COUNTS}
        write_stored(folder / _FACTS, {"files": listed_files(folder), **counts})

    @classmethod
    def load(cls, folder: Path) -> UnitFacts:
        """Read what :meth:`save` wrote.

        Raises:
            StorageError: There is nothing, or nothing whole.
        """
        content = read_stored(folder / _FACTS)
        if content is None:
            raise StorageError("a unit of the result is damaged", file=str(folder),
                               expected="the files as they were written", found=f"no whole {_FACTS}",
                               hint="look at the disk, and build again")  # fmt: skip
        facts, files = cls(), dict(content["files"])
        if files.pop(_UNWRITTEN, None):
            with pa.OSFile(str(folder / _UNWRITTEN)) as source:
                facts.unwritten = pa.ipc.open_file(source).read_all()
        facts.files = files
        facts.records.update({split: Counter(of) for split, of in content["records"].items()})
        facts.repeated.update({int(piece): n for piece, n in content["repeated"].items()})
        for name in ("written", "languages"):
            getattr(facts, name).update(
                {int(piece): Counter(of) for piece, of in content[name].items()}
            )
        return facts

    def add_to(self, account: Account, piece: int) -> None:
        """Count the rows of a piece in the account of its source."""
        account.written.update(self.written[piece])
        account.languages.update(self.languages[piece])
        account.repeated += self.repeated[piece]


_COUNTS = ("records", "written", "repeated", "languages")
