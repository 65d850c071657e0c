"""Check, over all rows of each file, whether its answers count from 0 or from 1, as the layout says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from medqa_kit.core.answer_number import AnswerNumber
from medqa_kit.errors import SchemaMovedError
from medqa_kit.loading.plan import Plan
from medqa_kit.loading.readers.read_task import RawBatch
from medqa_kit.normalizing.answer_base import AnswerPositions

FEWEST = 3
"""A file of fewer answers is not refused whole: one bad row is no other base."""


@dataclass
class AnswerBases:
    """Counts where the answers of a part stand, file by file: one wrong file hides among right ones.

    Attributes:
        plan: What is read.
        counts: By file; records that have a file each are counted together.
    """

    plan: Plan
    counts: dict[str, AnswerPositions] = field(default_factory=lambda: defaultdict(AnswerPositions))

    def add(self, batch: RawBatch) -> None:
        """Count the answers of a batch, before anything of it is set aside."""
        gold = self.plan.layout.gold
        if gold is None or self.plan.view == "raw" or not batch.table.num_rows:
            return
        first, last = (batch.place(row)[0] for row in (0, batch.table.num_rows - 1))
        file = first if first == last else self.plan.part.name
        self.counts[file] = self.counts[file] + AnswerPositions.of_raw(batch.table, gold)

    def refuse_shifted(self) -> None:
        """Refuse a file whose answers count from elsewhere than the layout says.

        Raises:
            SchemaMovedError: It says where they count from.
        """
        gold = self.plan.layout.gold
        for file, counts in self.counts.items():
            if gold is not None and counts.rows >= FEWEST and counts.shift:
                raise self._shifted(file, counts, gold)

    def doubts(self) -> tuple[str, ...]:
        """Return what is odd of the answers without being proof, file by file."""
        return tuple(
            f"{file}: {counts.doubt}" for file, counts in self.counts.items() if counts.doubt
        )

    def _shifted(self, file: str, counts: AnswerPositions, gold: AnswerNumber) -> SchemaMovedError:
        base = gold.first + counts.shift
        late = counts.shift == 1
        evidence = [
            f"of {counts.rows:,} answers none is the {'first' if late else 'last'} option",
            f"{counts.beyond:,} are one past the last" if counts.beyond else "",
            f"{counts.before:,} are one before the first" if counts.before else "",
            f"{counts.after:,} stand one after the option that the explanation names, "
            f"{counts.agreeing:,} at it" if counts.after else "",
        ]  # fmt: skip
        move = "less" if late else "more"
        return SchemaMovedError(
            f"this file counts from {base}: each answer would be another option",
            source=self.plan.source.name, part=self.plan.part.name, file=file, column=gold.column,
            expected=f"the number of the right option, counted from {gold.first}",
            found="; ".join(filter(None, evidence)),
            hint=f"write a copy in which {gold.column!r} is one {move}, and pass that as path=",
        )  # fmt: skip
