"""From multiple choice to open questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.apply import run
from medqa_kit.core.arguments import one_of
from medqa_kit.core.arrow.columns import join, pick, truths, whole
from medqa_kit.core.arrow.messages import text
from medqa_kit.core.arrow.ragged import Mask, flat, nested
from medqa_kit.core.arrow.usual_types import in_usual_types
from medqa_kit.core.holders import RowsT
from medqa_kit.core.judging import Judged, OnBad, rows_that_go_on
from medqa_kit.core.report import Report
from medqa_kit.core.showing.shown import Block, Shown, field_table
from medqa_kit.prompting.anchors import carry_labels, names_others
from medqa_kit.schemas import QA, conform, fitted, required
from medqa_kit.training.question_rules import with_options
from medqa_kit.training.violations import Violations, judged

# Questions that make no sense without their options. A floor, not a ceiling: it catches the usual
# wordings, so read a sample before training on open questions made from choices.
_AMONG = (
    r"(?i)다음\s*(?:중|에서|보기)|보기\s*(?:중|에서)|(?:옳은|맞는|틀린|아닌|않은|않는|해당하는|해당되는|적절한|적합한)\s*것|"
    r"모두\s*고르|고르(?:시오|면|세요)|고른\s*것|[<\[〈]보기[>\]〉]|아래\s*중|which (?:one )?of (?:these|them)\b|which (?:statement|option|answer|choice)\b"
    r"|\b(?:choose|select|pick|mark|identify) (?:the )?(?:\w+ ){0,2}(?:one|options?|answers?|choices?|statements?)\b|which one (?:is|are)\b"
    r"|the (?:in)?correct (?:statement|option|answer|choice)|(?:មួយ|ជម្រើស|ចម្លើយ)ណា|"
    r"which (?:one )?of the (?:following|these|above|options)|the following (?:except|is|are)|"
    r"all of the (?:following|above)|\bexcept\b|ខាងក្រោម"
)


@dataclass(frozen=True, repr=False)
class ToOpen(Shown):
    """The kernel :func:`to_open` makes. The fields are its arguments.

    Example:
        >>> ToOpen(on_bad="drop")
        to_open: questions with options become open ones
        setting  value
        ───────  ──────
        on_bad   'drop'
    """

    on_bad: OnBad = "keep"

    def __post_init__(self) -> None:
        one_of("on_bad", self.on_bad, get_args(OnBad))

    def _blocks(self) -> Iterator[Block]:
        yield "to_open: questions with options become open ones"
        yield field_table(self)

    @property
    def verb(self) -> str:
        """Name of the kernel in reports."""
        return "to_open"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Turn choices into open questions; warn of those that are dropped."""
        return rows_that_go_on(self, table)

    def judge(self, table: pa.Table) -> Judged:
        """Turn choices into open questions, and list those that refer to their options."""
        return judged(_completed(table), _dependent, _opened, on_bad=self.on_bad)

    def run(self, rows: RowsT) -> tuple[RowsT, Report]:
        """Turn choices into open questions, and report on those that refer to their options.

        Args:
            rows: What :func:`medqa_kit.apply` takes.

        Returns:
            The questions in the same kind of container, and a report with the code
            ``asked_among_options``.
        """
        return run(rows, self)


def to_open(*, on_bad: OnBad = "keep") -> ToOpen:
    """Make the kernel that turns multiple choice into open questions.

    Lost: the options, so also what the wrong ones teach, and the possibility to score by letter.
    Questions that refer to their options ("다음 중 옳은 것은?"), and answers that do ("위의 모두", "B. 폐"), no
    longer make sense; the usual wordings are recognised. Open questions pass through as they are.

    Args:
        on_bad: What becomes of such questions: ``"keep"`` tags them ``asked_among_options`` and
            lists them, ``"drop"`` leaves them out and lists them, ``"raise"`` raises.

    Returns:
        A kernel from QA to QA; ids of converted rows end in ``#open``. Its ``run(rows)`` also
        returns a report.

    Raises:
        ArgumentError: ``on_bad`` is another word.

    Example:
        >>> row = {"id": "d/1", "source": "d", "split": "train", "question": "다음 중 옳은 것은?",
        ...        "options": ["가", "나"], "answer_index": 1, "answer": "나"}
        >>> opened = to_open()(conform(pa.Table.from_pylist([row]), QA)).to_pylist()[0]
        >>> opened["id"], opened["answer"], opened["options"], opened["tags"]
        ('d/1#open', '나', None, ['asked_among_options'])
    """
    return ToOpen(on_bad)


def _completed(table: pa.Table) -> pa.Table:
    """Return the rows with the columns that may be null, as lists of dicts lack them or their types."""
    named = [name for name in QA.names if name in table.column_names]
    lacking = any(name not in named for name in required(QA))  # told where it is missed
    return table if lacking else fitted(in_usual_types(table.select(named)), QA)


def _opened(table: pa.Table) -> pa.Table:
    choice, rows = with_options(table), table.num_rows
    changed = pa.array(choice)
    names, families = whole(table["id"]), text(table, "family")
    columns = {
        "id": pc.if_else(changed, join(names, pa.repeat("open", rows), by="#"), names),
        # A rewritten row without a family is of the family of its original.
        "family": pc.if_else(changed, pc.coalesce(families, text(table, "id")), families),
        "options": pa.nulls(rows, pa.list_(pa.string())),
        "answer_index": pa.nulls(rows, pa.int32()),
        "answer": _right(table),
        "tags": _tagged(whole(table["tags"]), _among(table), "asked_among_options"),
    }
    return conform(pa.table({name: columns.get(name, table[name]) for name in QA.names}), QA)


def _right(table: pa.Table) -> pa.Array:
    """Return the text of the right option; where there is no key or no option, that of the answer."""
    right = pick(whole(table["options"]), whole(table["answer_index"]))
    return pc.coalesce(right, text(table, "answer"))


def _dependent(table: pa.Table) -> Violations:
    yield "asked_among_options", np.flatnonzero(_among(table))


def _among(table: pa.Table) -> Mask:
    """Mark the choices whose question or answer refers to their options."""
    asked = truths(pc.match_substring_regex(text(table, "question"), _AMONG))
    labeled = carry_labels(whole(table["options"]))  # the answer is "B. cough"
    return with_options(table) & (asked | labeled | names_others(_right(table)))


def _tagged(tags: pa.Array, where: Mask, tag: str) -> pa.Array:
    """Add a tag to the lists of some rows."""
    lists = flat(tags)
    lengths = lists.ends - lists.starts
    values = np.insert(np.arange(len(lists.values)), lists.ends[where], len(lists.values))
    stacked = pa.concat_arrays([lists.values, pa.array([tag])])
    null = np.asarray(tags.is_null()) & ~where
    return nested(stacked.take(pa.array(values)), lengths + where, null=null)
