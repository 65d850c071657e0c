"""Question rows as chat: one user turn with everything asked, one assistant turn with the answer.

Interface, kept small so that richer prompt makers plug in: every record maker takes a table that
holds one of

* the columns of :data:`medqa_kit.schemas.QA`, rendered here;
* string columns ``prompt`` and ``target`` (and, if wished, ``system`` and ``reasoning``), as a
  template or a harness format renders them;
* ``messages``, or ``prompt`` and ``completion`` that already are lists of messages.

What comes out is TRL's conversational *prompt + completion*: the only form that keeps the loss
off the prompt without markers or flags. All other targets derive from it.

How a QA row is rendered: context, blank line, question, then one line an option (``A. …``). The
reply to a choice names letter and text alike behind the language's cue (``정답: A. …``), so the two
cannot drift apart; an open question is answered by the answer alone. No data text is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.columns import list_lengths, pick, whole
from medqa_kit.core.messages import constant, messages, reply, text, where
from medqa_kit.core.ragged import joined
from medqa_kit.core.slices import by_tables
from medqa_kit.errors import FormattingError, shorten
from medqa_kit.prompting.languages import LANGUAGES, Language, LanguageCode, get_language
from medqa_kit.prompting.options import MARKERS, option_parts
from medqa_kit.prompting.template import concat
from medqa_kit.training.reasoning import Style, render

Cues: TypeAlias = LanguageCode | Language | Literal["row"] | None
"""Whose words stand before answer and rationale: a pack's, each row's own language's, or none."""

LETTERS = MARKERS["A"]


@dataclass(frozen=True)
class ChatMessages:
    """The kernel :func:`chat_messages` makes."""

    language: Cues = "row"
    system: str | None = None
    reasoning: Style = "none"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Give ``id``, ``prompt``, ``completion`` and ``messages`` for each QA row."""
        return by_tables(table, self._piece)

    def _piece(self, table: pa.Table) -> pa.Table:
        turns = [("user", user_text(table))]
        if self.system is not None:
            turns.insert(0, ("system", constant(self.system, table.num_rows)))
        prompt = messages(*turns)
        answer = answer_text(table, language=self.language)
        rationale = text(table, "rationale") if "rationale" in table.column_names else None
        completion = render(
            reply(answer, rationale),
            style=self.reasoning,
            heading=cue(table, "rationale", self.language),
        )
        return pa.table(
            {
                "id": table["id"],
                "prompt": prompt,
                "completion": completion,
                "messages": joined(prompt, completion),
            }
        )


def chat_messages(
    *, language: Cues = "row", system: str | None = None, reasoning: Style = "none"
) -> ChatMessages:
    r"""Make the kernel that turns QA rows, open or multiple choice, into chat messages.

    Args:
        language: Whose words stand before answer and rationale: a pack of
            :mod:`medqa_kit.prompting.languages` or its code; ``"row"`` takes each row's own
            ``language``, ``None`` uses no words at all.
        system: Text of a leading system turn.
        reasoning: Where the rationale goes, see :func:`medqa_kit.training.reasoning.render`.

    Returns:
        A kernel from a QA table to ``id``, ``prompt`` and ``completion`` (lists of messages) and
        ``messages`` (both together). Where a needed text is null, the content is null.

    Raises:
        FormattingError: A row has more than 26 options, or an answer outside them.

    Example:
        >>> row = {"id": "d/1", "language": "ko", "question": "열의 원인은?", "context": None,
        ...        "options": ["감염", "골절"], "answer_index": 0, "answer": "감염", "rationale": None}
        >>> table = pa.Table.from_pylist([row])
        >>> for message in chat_messages()(table)["messages"][0].as_py():
        ...     print(message["role"], repr(message["content"]))
        user '열의 원인은?\nA. 감염\nB. 골절'
        assistant '정답: A. 감염'
    """
    return ChatMessages(language, system, reasoning)


def user_text(table: pa.Table) -> pa.Array:
    """Render what is asked: context, question, options; null where question or an option is null."""
    asked = text(table, "question")
    if "options" in table.column_names:
        asked = _with_options(table, asked)
    if "context" in table.column_names:
        context = text(table, "context")
        if context.null_count < len(context):
            both = pc.binary_join_element_wise(context, asked, "\n\n")
            asked = where(np.asarray(context.is_valid()), both, asked)
    return asked


def _with_options(table: pa.Table, asked: pa.Array) -> pa.Array:
    options = whole(table["options"])
    lengths = list_lengths(options)
    _refuse(
        table,
        np.flatnonzero(lengths > len(LETTERS.labels)),
        "more than 26 options",
        hint="shorten or drop such rows; there is no letter for the 27th option",
    )
    if not lengths.any():
        return asked
    listed = concat([asked, "\n", *option_parts(options, LETTERS)], rows=table.num_rows)
    return where(lengths > 0, listed, asked)


def answer_text(table: pa.Table, *, language: Cues = "row") -> pa.Array:
    """Render the answer: cue, letter and text for a choice, the answer itself otherwise."""
    answer = text(table, "answer")
    if "options" not in table.column_names:
        return answer
    options, index = whole(table["options"]), whole(table["answer_index"])
    lengths = list_lengths(options)
    at = np.asarray(pc.fill_null(index, 0), dtype=np.int64)
    outside = (lengths > 0) & ((at < 0) | (at >= lengths))
    _refuse(
        table,
        np.flatnonzero(outside),
        "answer_index lies outside the options",
        hint="mk.lint(table, on_violation='skip') sets such rows aside and counts them",
    )
    known = np.asarray(index.is_valid())
    within = np.minimum(at, len(LETTERS.labels) - 1)
    mark = pa.array(LETTERS.starts).take(pa.array(within, mask=~known))
    said = pick(options, index)
    choice = pc.binary_join_element_wise(cue(table, "answer", language), mark, said, "")
    return where(lengths > 0, choice, answer)


def cue(table: pa.Table, which: Literal["answer", "rationale"], language: Cues) -> pa.Array:
    """Give the words that announce answer or rationale, row by row."""
    if language is None or (language == "row" and "language" not in table.column_names):
        return constant("", table.num_rows)
    if language != "row":
        return constant(getattr(get_language(language), which), table.num_rows)
    tags, known = text(table, "language"), pa.array(list(LANGUAGES))
    codes = pc.index_in(tags, known)
    if codes.null_count > tags.null_count:  # some name a region, such as km-KH, or are others
        codes = pc.index_in(pc.replace_substring_regex(tags, "-.*", ""), known)
    words = pa.array([getattr(pack, which) for pack in LANGUAGES.values()])
    return pc.fill_null(words.take(codes), "")


def _refuse(table: pa.Table, rows: np.ndarray, what: str, *, hint: str) -> None:
    if not len(rows):
        return
    named = "id" in table.column_names
    ids = table["id"].take(pa.array(rows)).to_pylist() if named else rows.tolist()
    found = f"{'rows' if named else 'positions'} {shorten(dict.fromkeys(ids))}"
    raise FormattingError(what, found=found, hint=hint)
