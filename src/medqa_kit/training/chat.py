"""Question rows as text: what is asked, and the answer behind the cue of a language.

Context, blank line, question, then one line an option (``A. …``). The
reply to a choice names letter and text alike behind the language's cue (``정답: A. …``), so the two
cannot drift apart; an open question is answered by the answer alone. No data text is changed.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import one_of
from medqa_kit.core.arrow.columns import blank, list_lengths, pick, whole
from medqa_kit.core.arrow.messages import constant, text, where
from medqa_kit.errors import FormattingError, shorten
from medqa_kit.prompting.languages import LANGUAGES, Language, LanguageCode, get_language
from medqa_kit.prompting.options import MARKERS, option_lists, option_parts
from medqa_kit.prompting.template import concat

Cues: TypeAlias = LanguageCode | Language | Literal["row"] | None
"""Whose words stand before answer and rationale: a pack's, each row's own language's, or none."""

LETTER_MARKERS = MARKERS["A"]


def checked_cues(language: Cues) -> Cues:
    """Return whose words announce answers, if there are such.

    Raises:
        ArgumentError: It is no pack, and no code of one.
    """
    if isinstance(language, Language):
        return language
    return one_of("language", language, (*LANGUAGES, "row", None),
                  hint="a pack of medqa_kit.prompting.languages.Language is passed as it is")  # fmt: skip


def user_text(table: pa.Table) -> pa.Array:
    """Render what is asked: context, question, options; null where question or an option is null."""
    asked = text(table, "question")
    if "options" in table.column_names:
        asked = _with_options(table, asked)
    if "context" in table.column_names:
        context = text(table, "context")
        told = ~np.asarray(blank(context))
        if told.any():
            both = pc.binary_join_element_wise(context, asked, "\n\n")
            asked = where(told, both, asked)
    return asked


def _with_options(table: pa.Table, asked: pa.Array) -> pa.Array:
    options = option_lists(whole(table["options"]))
    lengths = list_lengths(options)
    _refuse(
        table,
        np.flatnonzero(lengths > len(LETTER_MARKERS.labels)),
        "more than 26 options",
        hint="there is no letter for the 27th option; on_bad='drop' leaves such rows out",
    )
    if not lengths.any():
        return asked
    listed = concat([asked, "\n", *option_parts(options, LETTER_MARKERS)], rows=table.num_rows)
    return where(lengths > 0, listed, asked)


def answer_text(table: pa.Table, *, language: Cues = "row") -> pa.Array:
    """Render the answer: cue, letter and text for a choice, the answer itself otherwise."""
    answer = text(table, "answer")
    if "options" not in table.column_names:
        return answer
    options, index = option_lists(whole(table["options"])), whole(table["answer_index"])
    lengths = list_lengths(options)
    at = np.asarray(pc.fill_null(index, 0), dtype=np.int64)
    outside = (lengths > 0) & ((at < 0) | (at >= lengths))
    _refuse(
        table,
        np.flatnonzero(outside),
        "answer_index lies outside the options",
        hint="on_bad='drop' leaves such rows out, counts and lists them",
    )
    known = np.asarray(index.is_valid())
    within = np.minimum(at, len(LETTER_MARKERS.labels) - 1)
    mark = pa.array(LETTER_MARKERS.starts).take(pa.array(within, mask=~known))
    said = pick(options, index)
    choice = pc.binary_join_element_wise(cue(table, "answer", language), mark, said, "")
    return where(lengths > 0, choice, answer)


def cue(table: pa.Table, which: Literal["answer", "rationale"], language: Cues) -> pa.Array:
    """Return the words before answer or rationale, row by row.

    Args:
        table: QA rows.
        which: Before what.
        language: Whose words: a language pack or its code; ``"row"`` takes each row's own
            ``language``, ``None`` uses no words.
    """
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
    identified = "id" in table.column_names
    ids = table["id"].take(pa.array(rows)).to_pylist() if identified else rows.tolist()
    names = f"{'rows' if identified else 'positions'} {shorten(dict.fromkeys(ids))}"
    raise FormattingError(what, found=names, hint=hint)
