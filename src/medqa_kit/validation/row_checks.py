"""Checks of whole rows: options, tags and languages, beyond the rules that records keep."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.byte_scans import byte_block, marked_eights, pattern_mask
from medqa_kit.core.arrow.columns import is_text, truths, whole
from medqa_kit.core.arrow.ragged import Ints, Mask, distinct, flat
from medqa_kit.prompting.anchors import names_others
from medqa_kit.quality.fixes import FixText
from medqa_kit.quality.script_counts import Script
from medqa_kit.quality.scripts import script_share
from medqa_kit.validation.column_kinds import chosen_texts, holds_texts
from medqa_kit.validation.text_checks import SAYS_OPTIONS, Severity

# Letters enough of other scripts that a text may be of these; of Latin three words, since names and units are no sentence.
_LETTERS: dict[Script, str] = {
    "latin": r"(?:[A-Za-z]{2}['A-Za-z]*[,;:]?\s+){2}[A-Za-z]{2}", "khmer": r"[\x{1780}-\x{17D2}]{6}", "hangul": r"[가-힣]{2}",
}  # fmt: skip
_OTHER_LETTERS = r"[\x{4E00}-\x{9FFF}]{4}|[\x{3040}-\x{30FF}\x{0E00}-\x{0E7F}\x{0400}-\x{04FF}]{3}"
_ACCENTED = r"[\x{C0}-\x{24F}]{3}"  # of Latin letters
_HANGUL_LEADS = (0xEB, 0xEC)
_RECENT = 2016  # the first year that counts as recent
_SCRIPTS: dict[str, Script] = {"km": "khmer", "ko": "hangul", "en": "latin"}


class RowCheck(NamedTuple):
    """A check of whole rows.

    Attributes:
        severity: How bad it is.
        meaning: What a finding means.
    """

    severity: Severity
    meaning: str


ROW_CHECKS: Mapping[str, RowCheck] = {
    "duplicate_option": RowCheck("error", "two options of a question are the same"),
    "duplicate_gold": RowCheck("error", "another option is the same as the right one"),
    "anchor_option": RowCheck(
        "note", "an option speaks of the others: shuffling changes what it says"
    ),
    "old_exam": RowCheck(
        "note", "an exam or a text of before 2016: what was right then may no longer be"
    ),
    "wrong_script": RowCheck("warning", "a text is not in the script of the row's language"),
    "one_option": RowCheck("warning", "a question has one option alone"),
    "answer_in_question": RowCheck("error", "a question says its own answer"),
    "options_in_question": RowCheck(
        "note", "a question lists its options itself: after shuffling it says others"
    ),
    "label_missing": RowCheck("error", "a row has neither label nor score"),
    "odd_tag": RowCheck(
        "error", "a token or tag is null, or a tag of another form than those of its row"
    ),
    "bio_orphan": RowCheck("error", "a tag goes on an entity that did not begin"),
    "tags_and_tokens": RowCheck("error", "a row has not one tag a token"),
    "duplicate_id": RowCheck("error", "two rows share an id"),
}
"""The checks of whole rows beyond those of :data:`medqa_kit.training.violations.CODES`, by code."""


class RowFault(NamedTuple):
    """What a check says of a batch.

    Attributes:
        code: The check.
        rows: The rows that have the fault, in order and each once.
        looked: Marks the rows that it could look at.
    """

    code: str
    rows: Ints
    looked: Mask


def other_script(table: pa.Table, name: str, texts: pa.Array) -> Iterator[RowFault]:
    """Find texts that are not in the script of the language their row says; names and options may be.

    Args:
        table: The rows.
        name: A column of theirs with one text a row.
        texts: Its texts.

    Example:
        >>> rows = pa.table({"question": ["Why does it hurt?", "왜?"], "language": ["km", "ko"]})
        >>> [fault.rows.tolist() for fault in other_script(rows, "question", rows["question"].combine_chunks())]
        [[0]]
    """
    if (
        name not in ("question", "answer", "text", "context")
        or "language" not in table.column_names
        or not is_text(table.schema.field("language").type)
    ):
        return
    tags = whole(table["language"]).cast(pa.string()).dictionary_encode()
    names = [re.split("[-_]", tag.lower())[0] if tag else "" for tag in tags.dictionary.to_pylist()]
    languages = pa.array(names, pa.string()).take(tags.indices)
    looked, bad = np.zeros(table.num_rows, bool), [np.zeros(0, np.int64)]
    for language, script in _SCRIPTS.items():
        if script == "latin" and name == "context":  # as of a law of Korea in an English question
            continue
        said = truths(pc.equal(languages, language))
        looked |= said
        at = np.flatnonzero(said)
        if script != "khmer":
            own = texts.take(pa.array(at))
            at = at[
                ~(_mostly_hangul(own) if script == "hangul" else truths(pc.string_is_ascii(own)))
            ]
        others = [letters for other, letters in _LETTERS.items() if other != script]
        others.append(_OTHER_LETTERS if script == "latin" else f"{_OTHER_LETTERS}|{_ACCENTED}")
        at = at[pattern_mask(texts.take(pa.array(at)), "|".join(others))]
        share = script_share(texts.take(pa.array(at)), script).to_numpy(zero_copy_only=False)
        bad.append(at[share < 0.1])
    looked &= np.asarray(texts.is_valid()) & ~chosen_texts(table, name, table.num_rows)
    rows = np.sort(np.concatenate(bad))
    yield RowFault("wrong_script", rows[looked[rows]], looked)


def _mostly_hangul(texts: pa.Array) -> Mask:
    """Mark texts of which the bytes say that a tenth of the letters or more is Hangul.

    Two first bytes of UTF-8 begin only Hangul, of three bytes each; all others may be Latin letters.
    """
    bounds, letters = byte_block(texts)
    # Eight bytes are counted at once; those that a text shares with others are left out.
    eights = np.bitwise_count(marked_eights(letters, *_HANGUL_LEADS))
    sums = np.append(0, np.cumsum(eights, dtype=np.int64))
    first, last = -(-bounds[:-1] // 8), bounds[1:] // 8
    syllables = sums[np.maximum(first, last)] - sums[first]
    sure: Mask = 9 * syllables >= np.diff(bounds) - 3 * syllables
    return sure


def option_faults(table: pa.Table) -> Iterator[RowFault]:
    """Find options that are the same as others of their question, or speak of them.

    Args:
        table: Rows with a column ``options``, lists of texts.

    Example:
        >>> faults = option_faults(pa.table({"options": [["5 mg", "5 MG"], ["가", "나"]]}))
        >>> next(faults).rows.tolist()
        [0]
    """
    lists = flat(whole(table["options"]))
    looked = lists.ends > lists.starts
    texts = pc.fill_null(lists.values.cast(pa.large_string()), "")
    written = texts.dictionary_encode()  # first, since most options come again
    codes = _as_seen(written.dictionary).dictionary_encode()
    numbers = codes.indices.take(written.indices).to_numpy().astype(np.int64)
    kinds = len(codes.dictionary)
    cells = np.sort(lists.parents * kinds + numbers, kind="stable")  # fast where nearly in order
    twice = cells[1:][cells[1:] == cells[:-1]]  # row and text
    yield RowFault("duplicate_option", distinct(twice // max(kinds, 1)), looked)
    yield RowFault("one_option", np.flatnonzero(lists.ends - lists.starts == 1), looked)
    named = names_others(codes.dictionary)
    speaking = distinct(lists.rows(np.flatnonzero(named[numbers])))
    yield RowFault("anchor_option", speaking, looked)
    if "answer_index" in table.column_names and pa.types.is_integer(
        table.schema.field("answer_index").type
    ):
        index = pc.fill_null(whole(table["answer_index"]), -1).to_numpy().astype(np.int64)
        within = (index >= 0) & (index < lists.ends - lists.starts)
        inside = np.flatnonzero(within)
        gold = inside * kinds + numbers[lists.starts[inside] + index[inside]]
        yield RowFault("duplicate_gold", inside[np.isin(gold, twice)], within)


def _as_seen(options: pa.Array) -> pa.Array:
    """Return options in one form if they look the same: width, order and composition of letters, blanks, case."""
    texts = whole(FixText()(pa.table({"option": options}))["option"])
    marked = pattern_mask(texts, r"\d |\.$")
    if marked.any():
        few = texts.filter(pa.array(marked))
        few = pc.replace_substring_regex(few, r"(\d) ([\pL%°])", r"\1\2")  # "5 mg" and "5mg"
        few = pc.replace_substring_regex(few, r"([^.])\.$", r"\1")
        texts = pc.replace_with_mask(texts, pa.array(marked), few)
    # Of one letter the case may be the answer, as in blood groups.
    return pc.if_else(pc.equal(pc.utf8_length(texts), 1), texts, pc.utf8_lower(texts))


def year_faults(table: pa.Table) -> Iterator[RowFault]:
    """Find rows of exam years whose guidelines have been replaced since.

    The year is fixed: the same rows have the same findings on every day. Resuscitation, sepsis, blood
    pressure and diabetes have had new guidelines once or more since then.

    Args:
        table: Rows with a column ``year``, of numbers or of texts that begin with one.

    Example:
        >>> [fault.rows.tolist() for fault in year_faults(pa.table({"year": [2012, 2024, None]}))]
        [[0]]
        >>> [fault.rows.tolist() for fault in year_faults(pa.table({"year": ["2012년도", "2024", "?"]}))]
        [[0]]
    """
    years = whole(table["year"])
    if is_text(years.type):
        digits = pc.struct_field(
            pc.extract_regex(years.cast(pa.string()), r"^\s*(?P<year>(?:19|20)\d\d)"), "year"
        )
        years = digits.cast(pa.int64())
    if not (pa.types.is_integer(years.type) or pa.types.is_floating(years.type)):
        return
    old = truths(pc.and_(pc.less(years, _RECENT), pc.greater(years, 0)))
    yield RowFault("old_exam", np.flatnonzero(old), np.asarray(years.is_valid()))


_SAYS_ANSWER = re.compile(
    r"(?:정답|모범 ?답안|\banswer(?: key)?|\bcorrect (?:answer|option)|ចម្លើយ(?:ត្រឹមត្រូវ)?)\s*(?:(?:은|는|is\b|គឺ)\s*[:：៖=]?|[:：៖=])\s*(?P<said>[^\n]*)",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[(\[]?(?P<letter>[A-Ea-e]|[1-5])[)\]]?\.?(?:번)?[)\].]?")
_MARKS = ("①", "1.", "1)", "A.", "A)", "a)")


def question_faults(table: pa.Table, likely: Ints) -> Iterator[RowFault]:
    """Find questions that end in their own answer, by its text or its letter, or that list their options with marks.

    Loops over the questions that speak of an answer, or in which a list seems to begin.

    Args:
        table: Rows with texts in ``question``; those in ``answer`` and lists of texts in ``options`` are looked at.
        likely: All rows that may be such, and others.

    Example:
        >>> rows = pa.table({"question": ["진단은? (정답: 폐렴)", "진단은? ① 폐렴 ② 천식"], "answer": ["폐렴", "천식"], "options": [["폐렴", "천식"]] * 2})
        >>> [(fault.code, fault.rows.tolist()) for fault in question_faults(rows, np.array([0, 1]))]
        [('answer_in_question', [0]), ('options_in_question', [1])]
    """
    questions = whole(table["question"]).cast(pa.large_string())
    at = likely[pattern_mask(questions.take(pa.array(likely)), SAYS_OPTIONS)]
    few = table.take(pa.array(at))
    texts = questions.take(pa.array(at)).to_pylist()
    if "answer" in table.column_names and is_text(table.schema.field("answer").type):
        index = (
            few["answer_index"].to_pylist()
            if "answer_index" in few.column_names
            else [None] * len(at)
        )
        leaks = [_says(*row) for row in zip(texts, few["answer"].to_pylist(), index, strict=True)]
        looked = pc.and_(questions.is_valid(), whole(table["answer"]).is_valid())
        yield RowFault("answer_in_question", at[np.array(leaks, np.bool_)], np.asarray(looked))
    if holds_texts(table, "options"):
        lists = [_lists(*row) for row in zip(texts, few["options"].to_pylist(), strict=True)]
        looked = pc.and_(questions.is_valid(), whole(table["options"]).is_valid())
        yield RowFault("options_in_question", at[np.array(lists, np.bool_)], np.asarray(looked))


def _says(question: str, answer: str | None, index: object) -> bool:
    """Check whether what a question names as the answer, last of all, is its answer and nothing more."""
    said = [match["said"].strip() for match in _SAYS_ANSWER.finditer(question)]
    if not said or not answer or not answer.strip():
        return False
    letter = _LETTER.fullmatch(said[-1])
    if letter is not None and isinstance(index, int):
        name = letter["letter"].lower()
        return (int(name) - 1 if name.isdigit() else ord(name) - ord("a")) == index
    rest = said[-1].lower().removeprefix(answer.strip().lower())
    return rest != said[-1].lower() and not rest.strip(" .。។)]}\"'")


def _lists(question: str, options: list[str | None] | None) -> bool:
    """Check whether the first two options stand in a question, each behind the mark of its place."""
    first, second, *_ = *((option or "").strip() for option in options or ()), "", ""
    if not first or not second:
        return False
    said = "".join(question.split())
    return any(
        f"{mark}{''.join(first.split())}" in said
        and f"{chr(ord(mark[0]) + 1)}{mark[1:]}{''.join(second.split())}" in said
        for mark in _MARKS
    )
