"""From multiple choice to preferences: the right option over a wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.apply import run
from medqa_kit.core.arguments import one_of
from medqa_kit.core.arrow.columns import blank, join, pick, truths, whole
from medqa_kit.core.arrow.hashing import hashes
from medqa_kit.core.arrow.messages import text
from medqa_kit.core.arrow.ragged import Flat, Ints, Mask, flat
from medqa_kit.core.holders import RowsT
from medqa_kit.core.judging import Judged, RaiseOrDrop, rows_that_go_on
from medqa_kit.core.report import Report
from medqa_kit.core.showing.shown import Block, Shown, field_table
from medqa_kit.schemas import PREFERENCE, PROVENANCE, conform
from medqa_kit.training.chat import LETTER_MARKERS, Cues, checked_cues, cue, user_text
from medqa_kit.training.question_rules import key_problems
from medqa_kit.training.violations import Violations, broken, judged

RejectedOptions: TypeAlias = Literal["one", "all"]
"""How many of a row's wrong options are rejected, one row each."""


@dataclass(frozen=True, repr=False)
class ToPreference(Shown):
    """The kernel :func:`to_preference` makes. The fields are its arguments.

    Example:
        >>> ToPreference()
        to_preference: the right option is chosen, a wrong one rejected
        setting   value
        ────────  ───────
        rejected  'one'
        language  'row'
        on_bad    'raise'
    """

    rejected: RejectedOptions = "one"
    language: Cues = "row"
    on_bad: RaiseOrDrop = "raise"

    def __post_init__(self) -> None:
        one_of("rejected", self.rejected, get_args(RejectedOptions))
        one_of("on_bad", self.on_bad, get_args(RaiseOrDrop))
        checked_cues(self.language)

    def _blocks(self) -> Iterator[Block]:
        yield "to_preference: the right option is chosen, a wrong one rejected"
        yield field_table(self)

    @property
    def verb(self) -> str:
        """Name of the kernel in reports."""
        return "to_preference"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Turn choices into preferences; warn of the rows that are dropped."""
        return rows_that_go_on(self, table)

    def judge(self, table: pa.Table) -> Judged:
        """Turn choices into preferences, and list the rows that have nothing to reject."""
        return judged(table, _nothing_to_reject, self._preferences, on_bad=self.on_bad)

    def run(self, rows: RowsT) -> tuple[RowsT, Report]:
        """Turn choices into preferences, and report on the rows that have nothing to reject.

        Args:
            rows: What :func:`medqa_kit.apply` takes.

        Returns:
            The preferences in the same kind of container, and a report with the codes ``null_key``,
            ``answer_outside_options``, ``too_many_options``, ``option_blank``, ``content_null`` (no
            question) and ``no_wrong_option``.
        """
        return run(rows, self)

    def _preferences(self, table: pa.Table) -> pa.Table:
        options = flat(whole(table["options"]))
        at = np.flatnonzero(_wrong(table))
        if self.rejected == "one":
            at = at[_drawn(whole(table["id"]), options.parents[at])]
        origins, places = table.take(pa.array(options.parents[at])), options.places[at]
        index = whole(origins["answer_index"])
        cues = cue(origins, "answer", self.language)
        letters = pa.array([letter.lower() for letter in LETTER_MARKERS.labels])
        columns = {
            **{field.name: origins[field.name] for field in PROVENANCE},
            "id": join(whole(origins["id"]), letters.take(pa.array(places)), by="#"),
            "family": pc.coalesce(text(origins, "family"), text(origins, "id")),
            "prompt": user_text(origins),
            "chosen": _line(cues, index, pick(whole(origins["options"]), index)),
            "rejected": _line(cues, pa.array(places), options.values.take(pa.array(at))),
        }
        return conform(pa.table(columns), PREFERENCE)


def to_preference(
    *, rejected: RejectedOptions = "one", language: Cues = "row", on_bad: RaiseOrDrop = "raise"
) -> ToPreference:
    """Make the kernel that turns multiple choice into preferences: right option over a wrong one.

    Lost: the rationale, the year and tags, and that some wrong options are worse than others. The
    replies are short and differ in letter and text alone, which teaches choosing, not explaining.

    Args:
        rejected: ``"one"`` wrong option a row, drawn by the row's id (the same on every machine),
            or ``"all"`` of them, one row each.
        language: Whose cue stands before the answers, see :func:`medqa_kit.record`.
        on_bad: What becomes of open questions, withheld answers and other rows with nothing to
            reject: ``"raise"``, or ``"drop"`` them with a warning. No preference can be made of
            them, so none can be kept.

    Returns:
        A kernel from QA to PREFERENCE; ids end in the letter of the rejected option (``#b``). Its
        ``run(rows)`` also returns a report.

    Raises:
        ArgumentError: An argument is none of its words.

    Example:
        >>> row = {"id": "d/1", "source": "d", "split": "train", "language": "ko", "question": "Q",
        ...        "options": ["가", "나"], "answer_index": 1, "answer": "나"}
        >>> from medqa_kit.schemas import QA
        >>> pair = to_preference()(conform(pa.Table.from_pylist([row]), QA)).to_pylist()[0]
        >>> pair["id"], pair["chosen"], pair["rejected"]
        ('d/1#a', '정답: B. 나', '정답: A. 가')
    """
    return ToPreference(rejected, language, on_bad)


def _wrong(table: pa.Table) -> Mask:
    """Mark the options that are wrong; one that repeats the right one's text is not."""
    options = flat(whole(table["options"]))
    right = pick(whole(table["options"]), whole(table["answer_index"]))
    return truths(pc.not_equal(options.values, right.take(pa.array(options.parents))))


def _nothing_to_reject(table: pa.Table) -> Violations:
    options = flat(whole(table["options"]))
    blanks = _per_row(options, truths(blank(options.values)))
    unusable = [
        *key_problems(table),
        ("option_blank", np.flatnonzero(blanks)),
        ("content_null", np.flatnonzero(np.asarray(text(table, "question").is_null()))),
    ]
    yield from unusable
    alike = ~_per_row(options, _wrong(table)) & ~broken(unusable, table.num_rows)
    yield "no_wrong_option", np.flatnonzero(alike)


def _per_row(lists: Flat, values: Mask) -> Mask:
    """Mark the rows that hold at least one value that is true."""
    return np.asarray(np.bincount(lists.parents[values], minlength=len(lists.starts)) > 0)


def _line(cues: pa.Array, places: pa.Array, options: pa.Array) -> pa.Array:
    marks = pa.array(LETTER_MARKERS.starts).take(places)
    return pc.binary_join_element_wise(cues, marks, options, "")


def _drawn(ids: pa.Array, parents: Ints) -> Ints:
    """Draw one of the candidates of each row by the hash of the row's id; candidates are in order."""
    rows, starts, counts = np.unique(parents, return_index=True, return_counts=True)
    drawn = hashes(ids.take(pa.array(rows))).astype(np.int64) % counts
    return np.asarray(starts + drawn, dtype=np.int64)
