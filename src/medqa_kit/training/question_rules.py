"""Rules for rows of the QA schema: the key, the options, and marks inside the text."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import list_lengths, pick, truths, whole
from medqa_kit.core.arrow.ragged import Mask, flat
from medqa_kit.training.chat import LETTER_MARKERS
from medqa_kit.training.lint_rules import blank_places, blank_texts
from medqa_kit.training.marks import control_tokens, marked, think_tags
from medqa_kit.training.violations import Violations


def question_problems(table: pa.Table, *, reply: bool = True) -> Violations:
    """Find what is wrong with questions.

    Args:
        table: Rows with ``question`` and ``answer``; the other columns of QA as far as they are there.
        reply: Whether the answers matter too; not for prompts whose answer is withheld.
    """
    asked = ("question", "context")
    for name in (*asked, "answer", "rationale") if reply else asked:
        if name in table.column_names:
            column = whole(table[name])
            at = marked(column)
            yield from think_tags(column, at=at)
            yield from control_tokens(column, at=at)
    yield from blank_texts(whole(table["question"]))
    choice = with_options(table)
    if "options" in table.column_names:
        yield from _options(table)
        if reply:
            yield from key_problems(table)
            yield from _key_texts(table, choice)
            stray = np.asarray(whole(table["answer_index"]).is_valid())
            yield "answer_outside_options", np.flatnonzero(~choice & stray)
    if not reply:
        return
    answer = whole(table["answer"])
    yield "null_key", np.flatnonzero(~choice & np.asarray(answer.is_null()))
    blanks = blank_places(answer)
    yield "content_empty", blanks[~choice[blanks]]


def with_options(table: pa.Table) -> Mask:
    """Mark the rows with options."""
    if "options" not in table.column_names:
        return np.zeros(table.num_rows, bool)
    return np.asarray(list_lengths(table["options"]) > 0)


def key_problems(table: pa.Table) -> Violations:
    """Find choices without a key, with a key outside the options, or with more options than letters."""
    choice, lengths = with_options(table), list_lengths(table["options"])
    index = whole(table["answer_index"])
    null = np.asarray(index.is_null())
    at = np.asarray(pc.fill_null(index, 0), dtype=np.int64)
    yield "null_key", np.flatnonzero(choice & null)
    yield "answer_outside_options", np.flatnonzero(choice & ~null & ((at < 0) | (at >= lengths)))
    yield "too_many_options", np.flatnonzero(lengths > len(LETTER_MARKERS.labels))


def _options(table: pa.Table) -> Violations:
    lists = flat(whole(table["options"]))
    at = marked(lists.values)
    both = (control_tokens(lists.values, at=at), think_tags(lists.values, at=at))
    for code, values in chain(*both):
        yield code, lists.rows(values)
    yield "option_blank", lists.rows(np.flatnonzero(np.asarray(lists.values.is_null())))
    yield "option_blank", lists.rows(blank_places(lists.values))
    yield (
        "too_many_options",
        np.flatnonzero(lists.ends - lists.starts > len(LETTER_MARKERS.labels)),
    )


def _key_texts(table: pa.Table, choice: Mask) -> Violations:
    right = pick(whole(table["options"]), whole(table["answer_index"]))
    differs = pc.not_equal(right, whole(table["answer"]))
    yield "key_text_disagree", np.flatnonzero(choice & truths(differs))
