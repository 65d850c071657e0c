"""From one schema to another: what is gained for training, and what is lost.

All are kernels from QA tables to conforming tables of another schema (or QA again). Every row that
comes out names the row it came from in ``id`` (``…#open``, ``…#b``) and shares its ``family``, so
that splits and holdouts still see them as one item.

A kernel that may leave rows out does so in silence when :func:`medqa_kit.apply` runs it batch by
batch. Its ``run(data)`` makes the same rows and says which were left out, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.columns import blank, join, list_lengths, pick, whole
from medqa_kit.core.hashing import hashes
from medqa_kit.core.messages import text, true
from medqa_kit.core.opened import D, opened
from medqa_kit.core.ragged import Flat, Ints, Mask, flat, nested
from medqa_kit.core.slices import Work, by_tables
from medqa_kit.errors import FormattingError
from medqa_kit.schemas import DIALOGUE, PREFERENCE, PROVENANCE, QA, conform
from medqa_kit.training.chat import LETTERS, Cues, chat_messages, cue, user_text
from medqa_kit.training.lint import LintReport, OnViolation, gather, settle
from medqa_kit.training.lint_rules import Found
from medqa_kit.training.reasoning import Style

Others = Literal["raise", "drop"]

# Questions that make no sense without their options. A floor, not a ceiling: it catches the usual
# wordings, so read a sample before training on open questions made from choices.
_AMONG = (
    r"(?i)다음\s*(?:중|에서|보기)|보기\s*(?:중|에서)|(?:옳은|맞는|틀린|아닌|않은|않는|해당하는|해당되는|적절한|적합한)\s*것|"
    r"which (?:one )?of the (?:following|these|above|options)|the following (?:except|is|are)|"
    r"all of the (?:following|above)|\bexcept\b|ខាងក្រោម"
)


@dataclass(frozen=True)
class ToOpen:
    """The kernel :func:`to_open` makes."""

    dependent: Literal["tag", "drop"] = "tag"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Turn choices into open questions."""
        return by_tables(table, self._piece)

    def run(self, data: D) -> tuple[D, LintReport]:
        """Turn choices into open questions, and count those that speak of their options.

        Args:
            data: ``pyarrow.Table`` or ``datasets.Dataset``.

        Returns:
            The rows, and a report with the code ``asked_among_options``: such rows are tagged, or
            dropped if ``dependent="drop"``.
        """
        how: OnViolation = "skip" if self.dependent == "drop" else "report"
        return _counted(self, data, _dependent, how=how, purpose="to_open().run()")

    def _piece(self, table: pa.Table) -> pa.Table:
        choice = _is_choice(table)
        right = pick(whole(table["options"]), whole(table["answer_index"]))
        # A choice whose key was not recognised may still carry the answer's text.
        answer = pc.if_else(
            pa.array(choice), pc.coalesce(right, text(table, "answer")), text(table, "answer")
        )
        needs = _among(table)
        rows = table.num_rows
        columns = {
            "id": pc.if_else(
                pa.array(choice),
                join(whole(table["id"]), pa.repeat("open", rows), by="#"),
                whole(table["id"]),
            ),
            "family": _family(table, choice),
            "options": pa.nulls(rows, pa.list_(pa.string())),
            "answer_index": pa.nulls(rows, pa.int32()),
            "answer": answer,
            "tags": _tagged(whole(table["tags"]), needs, "asked_among_options"),
        }
        made = pa.table({name: columns.get(name, table[name]) for name in QA.names})
        if self.dependent == "drop":
            made = made.filter(pa.array(~needs))
        return conform(made, QA)


def to_open(*, dependent: Literal["tag", "drop"] = "tag") -> ToOpen:
    """Make the kernel that turns multiple choice into open questions.

    Lost: the options, so also what the wrong ones teach, and the possibility to score by letter.
    Questions that refer to their options ("다음 중 옳은 것은?") no longer make sense; the usual
    wordings are recognised. Open questions pass through as they are.

    Args:
        dependent: ``tag`` such questions ``asked_among_options``, or ``drop`` them;
            :meth:`ToOpen.run` counts them.

    Returns:
        A kernel from QA to QA; ids of converted rows end in ``#open``.

    Example:
        >>> row = {"id": "d/1", "source": "d", "split": "train", "question": "다음 중 옳은 것은?",
        ...        "options": ["가", "나"], "answer_index": 1, "answer": "나"}
        >>> made = to_open()(conform(pa.Table.from_pylist([row]), QA)).to_pylist()[0]
        >>> made["id"], made["answer"], made["options"], made["tags"]
        ('d/1#open', '나', None, ['asked_among_options'])
    """
    return ToOpen(dependent)


@dataclass(frozen=True)
class ToPreference:
    """The kernel :func:`to_preference` makes."""

    rejected: Literal["one", "all"] = "one"
    language: Cues = "row"
    others: Others = "raise"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Turn choices into preferences."""
        return by_tables(table, self._piece)

    def run(self, data: D) -> tuple[D, LintReport]:
        """Turn choices into preferences, and say which rows have nothing to reject.

        Args:
            data: ``pyarrow.Table`` or ``datasets.Dataset``.

        Returns:
            The preferences, and a report on the rows of ``data``: with ``others="drop"``, those
            left out, by ``null_key``, ``answer_outside_options``, ``option_blank``,
            ``content_null`` (no question) and ``no_wrong_option``.
        """
        how = _HOW[self.others]
        return _counted(self, data, _nothing_to_reject, how=how, purpose="to_preference().run()")

    def _piece(self, table: pa.Table) -> pa.Table:
        asked = user_text(table)  # refuses rows with more options than letters
        options = flat(whole(table["options"]))
        right = pick(whole(table["options"]), whole(table["answer_index"]))
        found = list(_nothing_to_reject(table))
        if self.others == "raise":
            settle(table, found, on_violation="raise", hint=_DROP)
        useless = np.zeros(table.num_rows, bool)
        for _, rows_ in found:
            useless[rows_] = True
        at = np.flatnonzero(_wrong(table) & ~useless[options.parents])
        if self.rejected == "one":
            at = at[_drawn(whole(table["id"]), options.parents[at])]
        rows, places = pa.array(options.parents[at]), options.places[at]
        chosen_at = np.asarray(pc.fill_null(whole(table["answer_index"]), 0), dtype=np.int64)[
            options.parents[at]
        ]
        cues = cue(table, "answer", self.language).take(rows)
        letters = pa.array([letter.lower() for letter in LETTERS.labels])
        kept = table.take(rows)
        made = pa.table({
            **{field.name: kept[field.name] for field in PROVENANCE},
            "id": join(kept["id"], letters.take(pa.array(places)), by="#"),
            "family": _family(kept, np.ones(len(at), bool)),
            "prompt": asked.take(rows),
            "chosen": _line(cues, chosen_at, right.take(rows)),
            "rejected": _line(cues, places, options.values.take(pa.array(at))),
        })  # fmt: skip
        return conform(made, PREFERENCE)


def to_preference(
    *,
    rejected: Literal["one", "all"] = "one",
    language: Cues = "row",
    others: Others = "raise",
) -> ToPreference:
    """Make the kernel that turns multiple choice into preferences: right option over a wrong one.

    Lost: the rationale, the year and tags, and that some wrong options are worse than others. The
    replies are short and differ in letter and text alone, which teaches choosing, not explaining.

    Args:
        rejected: ``one`` wrong option a row, drawn by the row's id (the same on every machine),
            or ``all`` of them, one row each.
        language: Whose cue stands before the answers, see
            :func:`medqa_kit.training.chat.chat_messages`.
        others: What to do with open questions and withheld answers: ``raise``, or ``drop`` them;
            :meth:`ToPreference.run` counts what is dropped.

    Returns:
        A kernel from QA to PREFERENCE; ids end in the letter of the rejected option (``#b``).

    Example:
        >>> row = {"id": "d/1", "source": "d", "split": "train", "language": "ko", "question": "Q",
        ...        "options": ["가", "나"], "answer_index": 1, "answer": "나"}
        >>> made = to_preference()(conform(pa.Table.from_pylist([row]), QA)).to_pylist()[0]
        >>> made["id"], made["chosen"], made["rejected"]
        ('d/1#a', '정답: B. 나', '정답: A. 가')
    """
    return ToPreference(rejected, language, others)


@dataclass(frozen=True)
class ToDialogue:
    """The kernel :func:`to_dialogue` makes."""

    language: Cues = "row"
    system: str | None = None
    reasoning: Style = "none"
    others: Others = "raise"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Turn questions into dialogues of one turn each."""
        return by_tables(table, self._piece)

    def run(self, data: D) -> tuple[D, LintReport]:
        """Turn questions into dialogues, and say which rows have nothing to say.

        Args:
            data: ``pyarrow.Table`` or ``datasets.Dataset``.

        Returns:
            The dialogues, and a report on the rows of ``data``: with ``others="drop"``, those left
            out, by ``null_key`` (no answer) and ``content_null`` (no question, or a null option).
        """

        def look(table: pa.Table) -> Found:
            return _unsaid(self._messages(table))

        how = _HOW[self.others]
        return _counted(self, data, look, how=how, purpose="to_dialogue().run()")

    def _piece(self, table: pa.Table) -> pa.Table:
        messages = self._messages(table)
        what = _HOW[self.others]
        columns = {field.name: table[field.name] for field in PROVENANCE}
        made = pa.table({**columns, "messages": messages})
        made, _ = settle(made, _unsaid(messages), on_violation=what, hint=_DROP)
        return conform(made, DIALOGUE)

    def _messages(self, table: pa.Table) -> pa.ListArray:
        chat = chat_messages(language=self.language, system=self.system, reasoning=self.reasoning)
        return whole(chat(table)["messages"])


def to_dialogue(
    *,
    language: Cues = "row",
    system: str | None = None,
    reasoning: Style = "none",
    others: Others = "raise",
) -> ToDialogue:
    """Make the kernel that turns questions, open or multiple choice, into dialogues.

    Lost: options and key as such (they are in the text), year, tags, and the rationale unless a
    reasoning style other than ``none`` or ``field`` writes it into the reply.

    Args:
        language: See :func:`medqa_kit.training.chat.chat_messages`.
        system: Text of a leading system turn.
        reasoning: Style of the rationale; ``field`` is refused, a dialogue has no such field.
        others: What to do with rows without an answer: ``raise``, or ``drop`` them;
            :meth:`ToDialogue.run` counts what is dropped.

    Returns:
        A kernel from QA to DIALOGUE; ids stay, since rows correspond one to one.

    Example:
        >>> row = {"id": "d/1", "source": "d", "split": "train", "question": "Q", "answer": "A"}
        >>> made = to_dialogue()(conform(pa.Table.from_pylist([row]), QA))
        >>> [m["content"] for m in made["messages"][0].as_py()]
        ['Q', 'A']
    """
    if reasoning == "field":
        raise FormattingError(
            "a dialogue has no field for reasoning", expected="think, tag, headings, before, after or none",
            found="reasoning='field'", hint="mk.record('trl/messages') keeps it apart",
        )  # fmt: skip
    return ToDialogue(language, system, reasoning, others)


_DROP = "others='drop' leaves such rows out; .run(data) counts them too"
_HOW: Mapping[Others, OnViolation] = {"raise": "raise", "drop": "skip"}


def _counted(
    kernel: Work, data: D, look: Callable[[pa.Table], Found], *, how: OnViolation, purpose: str
) -> tuple[D, LintReport]:
    """Run a kernel on the rows that pass, and report on those that do not."""
    table, back = opened(data, purpose=purpose)
    kept, report = settle(table, gather(table, look), on_violation=how, hint=_DROP)
    return back(kernel(kept)), report


def _dependent(table: pa.Table) -> Found:
    yield "asked_among_options", np.flatnonzero(_among(table))


def _wrong(table: pa.Table) -> Mask:
    """Tell which options are wrong; one that repeats the right one's text is not."""
    options = flat(whole(table["options"]))
    right = pick(whole(table["options"]), whole(table["answer_index"]))
    return true(pc.not_equal(options.values, right.take(pa.array(options.parents))))


def _nothing_to_reject(table: pa.Table) -> Found:
    options, index = flat(whole(table["options"])), whole(table["answer_index"])
    lengths = options.ends - options.starts
    at = np.asarray(pc.fill_null(index, 0), dtype=np.int64)
    told = {
        "null_key": (lengths > 0) & np.asarray(index.is_null()),
        "answer_outside_options": (lengths > 0) & ((at < 0) | (at >= lengths)),
        "option_blank": _per_row(options, true(blank(options.values))),
        "content_null": np.asarray(text(table, "question").is_null()),
    }
    for code, rows in told.items():
        yield code, np.flatnonzero(rows)
    useless = ~_per_row(options, _wrong(table)) & ~np.any(list(told.values()), axis=0)
    yield "no_wrong_option", np.flatnonzero(useless)


def _per_row(lists: Flat, values: Mask) -> Mask:
    """Tell which rows hold at least one value that is true."""
    return np.asarray(np.bincount(lists.parents[values], minlength=len(lists.starts)) > 0)


def _unsaid(messages: pa.ListArray) -> Found:
    """Find conversations with a null content: no answer, or nothing asked."""
    found = flat(messages)
    role, content = (pc.struct_field(found.values, name) for name in ("role", "content"))
    null, replies = np.asarray(content.is_null()), true(pc.equal(role, "assistant"))
    yield "null_key", found.parents[null & replies]
    yield "content_null", found.parents[null & ~replies]


def _among(table: pa.Table) -> Mask:
    """Tell which choices speak of their options."""
    asked = pc.match_substring_regex(text(table, "question"), _AMONG)
    return _is_choice(table) & true(asked)


def _is_choice(table: pa.Table) -> Mask:
    return np.asarray(list_lengths(table["options"]) > 0)


def _family(table: pa.Table, changed: Mask) -> pa.Array:
    """Keep the family; a rewritten row without one is of the family of its original."""
    family = text(table, "family")
    return pc.if_else(pa.array(changed), pc.coalesce(family, text(table, "id")), family)


def _line(cues: pa.Array, places: Ints, options: pa.Array) -> pa.Array:
    marks = pa.array(LETTERS.starts).take(pa.array(places))
    return pc.binary_join_element_wise(cues, marks, options, "")


def _drawn(ids: pa.Array, parents: Ints) -> Ints:
    """Draw one of the candidates of each row by the hash of the row's id; candidates are in order."""
    rows, starts, counts = np.unique(parents, return_index=True, return_counts=True)
    drawn = hashes(ids.take(pa.array(rows))).astype(np.int64) % counts
    return np.asarray(starts + drawn, dtype=np.int64)


def _tagged(tags: pa.Array, where: Mask, tag: str) -> pa.Array:
    """Add a tag to the lists of some rows."""
    found = flat(tags)
    lengths = found.ends - found.starts
    at = found.ends[where]
    values = np.insert(np.arange(len(found.values)), at, len(found.values))
    stacked = pa.concat_arrays([found.values, pa.array([tag])])
    null = np.asarray(tags.is_null()) & ~where
    return nested(stacked.take(pa.array(values)), lengths + where, null=null)
