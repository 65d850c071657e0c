"""Which columns of rows of one's own hold the options and the answer, and how it names one: proved, or asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NoReturn, get_args

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import is_text, whole
from medqa_kit.errors import ArgumentError, LeftOutWarning, MedQAError, RowError, shorten
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.loading.readers.column_names import CalledColumns, is_index, plain_name
from medqa_kit.normalizing.option_lists import option_columns, option_series
from medqa_kit.normalizing.own_columns import (
    AnswerBase,
    OwnColumns,
    answer_places,
    base_of,
    count_known,
    count_named,
    has_options,
    options_of_columns,
)

_ANSWERS = ("answer_index", "answer_idx", "answer")
_BASES: tuple[AnswerBase, ...] = get_args(AnswerBase)


def label_column(head: pa.Table, base: AnswerBase | None, called: CalledColumns) -> str | None:
    """Return the column that names the right option: one that says something, unless a base was given."""
    known = [name for name in map(called, _ANSWERS) if name in head.column_names]
    filled = (
        ()
        if base is not None
        else (name for name in known if head[name].null_count < head.num_rows)
    )
    return next(iter(filled), next(iter(known), None))


def lettered_columns(
    head: pa.Table, said: Mapping[str, str], base: AnswerBase | None, called: CalledColumns
) -> tuple[tuple[str, ...], str] | None:
    """Return columns of one option each that nobody spoke of, and the one that names the right of them.

    ``None`` where no columns are called as options are, or no answer names one of them: then the questions are open.

    Args:
        head: The first records.
        said: Columns of the schema to columns of the rows, as a person said.
        base: How the answers name an option, where a person said it.
        called: Finds a column by what it is called.

    Raises:
        ArgumentError: Nothing says which column names the right one.
    """
    runs = [
        run for run in option_series([name for name in head.column_names if name not in said.values()])
        if not any(pa.types.is_nested(head.schema.field(name).type) for name in run)
    ]  # fmt: skip
    if not runs:
        return None
    options, *more = runs
    if more:
        raise ArgumentError(
            "several sets of columns are called as options are", argument="options", expected="options= and answer=",
            found=shorten(runs), hint=f"say which are: options={list(options)!r} with answer=, or pass rows without them",
        )  # fmt: skip
    label = said.get("answer") or label_column(head, base, called)
    raw, lists = readable_options(head, options)
    if not pc.any(has_options(lists)).as_py():
        return None
    if label is None:
        raise _unanswered(
            f"the columns {shorten(options)} are called as options are", list(options), head
        )
    if label not in head.column_names or pa.types.is_nested(head.schema.field(label).type):
        return None
    answers = whole(raw[label])
    if not count_known(answers, lists):
        raise _unanswered(
            f"the columns {shorten(options)} are called as options are, and {label!r} says nothing",
            list(options),
            head,
        )
    if base is not None or any(count_named(answers, lists, each) for each in _BASES):
        return options, label
    names = {plain_name(name): name for name in options}
    if column := next(
        (names[plain] for plain in map(plain_name, _texts(answers)) if plain in names), None
    ):
        raise ArgumentError(
            f"answers in {label!r} are names of columns", argument="options", column=label, found=repr(column),
            expected="letters, numbers or texts of options",
            hint=f"write the letter or the number of the option: {options.index(column) + 1} for {column!r}",
        )  # fmt: skip
    if "answer" not in said:
        warn_at_caller(
            f"the columns {shorten(options)} are called as options are, and are not read, since no answer in {label!r} "
            f"names one of them; say answer={label!r} where the questions are open",
            LeftOutWarning,
        )
    return None


def _texts(values: pa.Array) -> list[str]:
    texts: list[str] = values.unique().drop_null().cast(pa.string()).to_pylist()
    return texts


def refuse_unanswered(head: pa.Table, options: str) -> NoReturn:
    """Refuse a column of options that nobody spoke of where no column is called as answers are.

    Raises:
        ArgumentError: Always.
    """
    raise _unanswered(f"the column {options!r} is called as options are", options, head)


def _unanswered(what: str, options: Sequence[str] | str, head: pa.Table) -> ArgumentError:
    return ArgumentError(
        f"{what}, and nothing says which is the right one", argument="options", expected="options= and answer=",
        found=shorten(head.column_names),
        hint=f"pass options={options!r} with answer=, or alone where the rows have no answers",
    )  # fmt: skip


def refuse_unread_options(head: pa.Table, answer: str, used: Sequence[str]) -> None:
    """Refuse answers of open questions that all name an option of a column that is not read, such as ``B`` or ``3``.

    Args:
        head: The first records.
        answer: The column of the answers.
        used: Columns that are read.

    Raises:
        ArgumentError: They do.
    """
    if pa.types.is_nested(head.schema.field(answer).type):
        return
    for name in head.column_names:
        if name in used or not _may_list(head, name):
            continue
        try:
            raw, lists = readable_options(head.select([name, answer]), name)
        except MedQAError:
            continue
        label = whole(raw[answer])
        known = count_known(label, lists)
        if known and any(
            count_named(label, lists, base) == known for base in _BASES if base != "text"
        ):
            raise ArgumentError(
                f"the answers in {answer!r} name options of the column {name!r}, which is not read", argument="options",
                column=answer, expected="options=", found=shorten(label.unique().to_pylist()),
                hint=f"pass options={name!r}, answer={answer!r}; or rows without {name!r} where the questions are open",
            )  # fmt: skip


def _may_list(head: pa.Table, name: str) -> bool:
    """Check whether a column holds lists or objects, or texts that look like these."""
    column = head[name]
    if not is_text(column.type):
        return bool(pa.types.is_nested(column.type))
    return bool(pc.any(pc.match_substring_regex(column, r"^\s*[\[{]")).as_py())


def warn_of_no_answer(head: pa.Table, used: Sequence[str]) -> None:
    """Say that no column is read as the answer, where rows have columns that are not read."""
    unread = [name for name in head.column_names if name not in used and not is_index(name)]
    if unread:
        warn_at_caller(
            f"no column is read as the answer, and all answers are null; not read are {shorten(unread)}: "
            "answer= names the one that holds them",
            LeftOutWarning,
        )


def readable_options(
    head: pa.Table, options: tuple[str, ...] | str
) -> tuple[pa.Table, pa.ListArray]:
    """Return the first records whose options can be read, and these options."""
    raw = head.combine_chunks()
    while True:
        try:
            return raw, options_of_columns(raw, options)
        except RowError as error:
            bad = set(error.rows)
            raw = raw.take(
                pa.array([row for row in range(raw.num_rows) if row not in bad], pa.int64())
            )
            if not raw.num_rows:
                raise


def proved_answers(
    kernel: OwnColumns, raw: pa.Table, lists: pa.ListArray, words: str
) -> OwnColumns:
    """Return the normalizer with what the first records prove: the base, and what repeats the answer."""
    answer = kernel.answer or ""
    if kernel.base is None and words in raw.column_names and not pc.any(has_options(lists)).as_py():
        kernel = replace(kernel, answer=words, base="text")  # open questions, all of them
        answer = words
    label = whole(raw[answer])
    beside = answer != words and words in raw.column_names
    base = kernel.base
    if base is None:
        base = base_of(label, lists)
    if base is None and beside:
        base = _base_by_texts(label, lists, whole(raw[words]))
    if base is None:
        raise ArgumentError(
            "the rows do not prove how the answer is named", argument="base",
            expected='0, 1, "letter" or "text"', found=shorten(raw[answer].unique().to_pylist()),
            hint=_likely_base(label, lists), column=answer,
        )  # fmt: skip
    if base != "text":
        _refuse_disorder(kernel.options)
    repeats = beside and _mostly_options(whole(raw[words]), lists)
    replies = answer if base == "text" else None
    if beside and not pa.types.is_nested(raw[words].type):
        replies = words
    return replace(kernel, base=base, text=words if repeats else None, open=replies)


def _refuse_disorder(options: tuple[str, ...] | str | None) -> None:
    """Refuse columns of options in another order than that of their own letters: an answer ``B`` may mean either.

    Raises:
        ArgumentError: They are.
    """
    if not isinstance(options, tuple):
        return
    ordered = option_columns(options)
    if len(ordered) == len(options) and ordered != options:
        raise ArgumentError(
            "the columns of options are in another order than that of their letters or numbers", argument="options",
            expected=repr(list(ordered)), found=repr(list(options)), hint=f"pass options={list(ordered)!r}",
        )  # fmt: skip


def _likely_base(label: pa.Array, lists: pa.ListArray) -> str:
    """Say which base to pass: one that names an option in most rows, and what becomes of the others."""
    counts = {base: count_named(label, lists, base) for base in _BASES}
    most = max(counts.values())
    likely = [base for base in _BASES if counts[base] == most]
    known = count_known(label, lists)
    if len(likely) > 1 or 2 * most <= known or most == known:
        return "pass base=, such as base=1 where the first option is number 1"
    return (
        f"base={likely[0]!r} names an option in {most:,} of the first {known:,} rows: pass it, and on_bad='drop' to set "
        "the others aside"
    )


def refuse_contradiction(
    kernel: OwnColumns, raw: pa.Table, lists: pa.ListArray, called: CalledColumns
) -> None:
    """Refuse two columns that name the right option, and not the same one, where nobody said which counts.

    Raises:
        ArgumentError: In some row they name two options.
    """
    if kernel.base is None or kernel.answer is None:
        return
    places = answer_places(whole(raw[kernel.answer]), lists, kernel.base)
    for name in map(called, _ANSWERS):
        if name in (kernel.answer, kernel.text) or name not in raw.column_names or pa.types.is_nested(raw[name].type):  # fmt: skip
            continue
        other = whole(raw[name])
        base = base_of(other, lists)
        if base is None:
            continue
        differing = pc.not_equal(places, answer_places(other, lists, base))
        if pc.any(differing).as_py():
            raise ArgumentError(
                f"the columns {kernel.answer!r} and {name!r} name other options", argument="answer",
                expected="one right option", found=f"two of them in {pc.sum(differing).as_py():,} rows",
                hint=f"say which counts: answer={kernel.answer!r} or answer={name!r}",
            )  # fmt: skip


def _base_by_texts(label: pa.Array, lists: pa.ListArray, texts: pa.Array) -> AnswerBase | None:
    """Return how labels count where the texts beside them name the same options counted so alone."""
    if not pa.types.is_string(texts.type) or not pa.types.is_integer(label.type):
        return None
    named = answer_places(texts, lists, "text")
    bases: tuple[AnswerBase, ...] = (0, 1)
    fitting = [
        base
        for base in bases
        if pc.all(pc.equal(answer_places(label, lists, base), named), min_count=1).as_py()
    ]
    return fitting[0] if len(fitting) == 1 else None


def _mostly_options(texts: pa.Array, lists: pa.ListArray) -> bool:
    """Tell whether answers are the text of an option in most rows with options: then it is to be the right one."""
    if not pa.types.is_string(texts.type):
        return False
    texts, lists = (values.filter(has_options(lists)) for values in (texts, lists))
    places = answer_places(texts, lists, "text")
    return bool(2 * (len(places) - places.null_count) > len(texts) - texts.null_count)
