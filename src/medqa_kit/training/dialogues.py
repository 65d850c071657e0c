"""From questions to dialogues of one turn each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pyarrow as pa

from medqa_kit.core.apply import run
from medqa_kit.core.arguments import one_of
from medqa_kit.core.arrow.columns import pick, whole
from medqa_kit.core.arrow.messages import text
from medqa_kit.core.arrow.ragged import flat, joined_lists
from medqa_kit.core.holders import RowsT
from medqa_kit.core.judging import Judged, RaiseOrDrop, rows_that_go_on
from medqa_kit.core.report import Report
from medqa_kit.core.showing.shown import Block, Shown, field_table
from medqa_kit.schemas import DIALOGUE, PROVENANCE, conform
from medqa_kit.training.chat import Cues, checked_cues, cue
from medqa_kit.training.conversations import checked_system, read_exchange
from medqa_kit.training.question_rules import key_problems, with_options
from medqa_kit.training.reasoning import ReasoningStyle, checked_style, render_reasoning
from medqa_kit.training.violations import Violations, judged


@dataclass(frozen=True, repr=False)
class ToDialogue(Shown):
    """The kernel :func:`to_dialogue` makes. The fields are its arguments.

    Example:
        >>> ToDialogue()
        to_dialogue: questions become dialogues
        setting    value
        ─────────  ───────
        language   'row'
        system     None
        reasoning  'none'
        on_bad     'raise'
    """

    language: Cues = "row"
    system: str | None = None
    reasoning: ReasoningStyle = "none"
    on_bad: RaiseOrDrop = "raise"

    def __post_init__(self) -> None:
        checked_style(self.reasoning, apart=False, hint="mk.record('trl/messages') keeps it apart")
        one_of("on_bad", self.on_bad, get_args(RaiseOrDrop))
        checked_cues(self.language)
        checked_system(self.system)

    def _blocks(self) -> Iterator[Block]:
        yield "to_dialogue: questions become dialogues"
        yield field_table(self)

    @property
    def verb(self) -> str:
        """Name of the kernel in reports."""
        return "to_dialogue"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Turn questions into dialogues; warn of the rows that are dropped."""
        return rows_that_go_on(self, table)

    def judge(self, table: pa.Table) -> Judged:
        """Turn questions into dialogues, and list the rows with nothing to say."""
        return judged(table, _unsaid, self._dialogues, on_bad=self.on_bad)

    def run(self, rows: RowsT) -> tuple[RowsT, Report]:
        """Turn questions into dialogues, and report on the rows with nothing to say.

        Args:
            rows: What :func:`medqa_kit.apply` takes.

        Returns:
            The dialogues in the same kind of container, and a report with the codes ``null_key`` (no
            answer), ``content_null`` (no question, or a null option), ``answer_outside_options`` and
            ``too_many_options``.
        """
        return run(rows, self)

    def _dialogues(self, table: pa.Table) -> pa.Table:
        exchange = read_exchange(table, language=self.language, system=self.system)
        heading = cue(table, "rationale", self.language)
        reply = render_reasoning(exchange.completion, style=self.reasoning, heading=heading)
        columns = {field.name: table[field.name] for field in PROVENANCE}
        return conform(
            pa.table({**columns, "messages": joined_lists(exchange.prompt, reply)}), DIALOGUE
        )


def to_dialogue(
    *,
    language: Cues = "row",
    system: str | None = None,
    reasoning: ReasoningStyle = "none",
    on_bad: RaiseOrDrop = "raise",
) -> ToDialogue:
    """Make the kernel that turns questions, open or multiple choice, into dialogues.

    Lost: options and key as such (they are in the text), year, tags, and the rationale unless a
    reasoning style other than ``none`` writes it into the reply.

    Args:
        language: Whose words stand before answer and rationale, see :func:`medqa_kit.record`.
        system: Text of a leading system turn.
        reasoning: Style of the rationale; ``"field"`` is refused, a dialogue has no such field.
        on_bad: What becomes of rows without an answer: ``"raise"``, or ``"drop"`` them with a
            warning. No dialogue can be made of them, so none can be kept.

    Returns:
        A kernel from QA to DIALOGUE; ids stay, since rows correspond one to one. Its ``run(rows)``
        also returns a report.

    Raises:
        ArgumentError: An argument is not one of the values it takes.

    Example:
        >>> from medqa_kit.schemas import QA
        >>> row = {"id": "d/1", "source": "d", "split": "train", "question": "Q", "answer": "A"}
        >>> dialogue = to_dialogue()(conform(pa.Table.from_pylist([row]), QA))
        >>> [message["content"] for message in dialogue["messages"][0].as_py()]
        ['Q', 'A']
    """
    return ToDialogue(language, system, reasoning, on_bad)


def _unsaid(table: pa.Table) -> Violations:
    """Find rows whose dialogue would have a null content, or could not be written."""
    choice = with_options(table)
    right = pick(whole(table["options"]), whole(table["answer_index"]))
    said = np.where(
        choice, np.asarray(right.is_valid()), np.asarray(text(table, "answer").is_valid())
    )
    unusable = list(key_problems(table))
    yield from unusable
    outside = dict(unusable)["answer_outside_options"]
    yield "null_key", np.setdiff1d(np.flatnonzero(~said), outside)
    lists = flat(whole(table["options"]))
    yield "content_null", lists.rows(np.flatnonzero(np.asarray(lists.values.is_null())))
    yield "content_null", np.flatnonzero(np.asarray(text(table, "question").is_null()))
