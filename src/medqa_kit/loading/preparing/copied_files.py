"""Find files of a part that hold the rows of another file, saved again with other bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from medqa_kit.errors import WrongFilesError
from medqa_kit.loading.plan import Plan
from medqa_kit.loading.readers.read_task import RawBatch

FEWEST_ROWS = 3
"""A file of fewer rows is no copy: short files may say the same by chance."""


@dataclass
class CopiedFiles:
    """Finds files all of whose rows stand in files before them.

    Attributes:
        plan: What is read.
        rows: Rows made of each file, and how many of them had come before, by the file's name.
    """

    plan: Plan
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, batch: RawBatch, rows: int, repeated: int) -> None:
        """Count what one batch became; files of one record each are passed over.

        Raises:
            WrongFilesError: A file that ended before this batch is a copy.
        """
        first, last = (batch.place(row)[0] for row in (0, batch.table.num_rows - 1))
        if first != last or self.plan.view == "raw":
            return
        if self.rows and first not in self.rows:
            self.refuse_copy()
        before = self.rows.get(first, (0, 0))
        self.rows[first] = (before[0] + rows, before[1] + repeated)

    def refuse_copy(self) -> None:
        """Refuse the last file if all its rows had come before.

        Raises:
            WrongFilesError: They had.
        """
        *others, name = self.rows or [""]
        rows, repeated = self.rows.get(name, (0, 0))
        if rows >= FEWEST_ROWS and rows == repeated:
            shown = ", ".join(repr(other) for other in others[-3:])
            raise WrongFilesError(
                "a file holds rows of another one: each would come twice",
                source=self.plan.source.name, part=self.plan.part.name, file=name,
                expected="each row once", found=f"all {rows:,} rows of {name!r} in files before it, such as {shown}",
                hint="move the copy away",
            )  # fmt: skip
