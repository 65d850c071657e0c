"""The normalizer of rows of one's own: what a person says of the columns, and what the first records prove."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import did_you_mean, several
from medqa_kit.core.arrow.columns import is_text, whole
from medqa_kit.core.text.option_labels import marker_places, number_labels
from medqa_kit.errors import ArgumentError, FamilyWarning, RowError, shorten
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.loading.readers.column_names import plain_name
from medqa_kit.normalizing.option_lists import option_columns
from medqa_kit.normalizing.own_columns import (
    AnswerBase,
    OwnColumns,
    answer_places,
    base_of,
    has_options,
    options_of_columns,
)
from medqa_kit.schemas import PROVENANCE, SCHEMAS, SchemaName, required

_PROVENANCE = {field.name for field in PROVENANCE}
_ANSWERS = ("answer_index", "answer_idx", "answer")
_FEWEST_OBJECTS = 2  # side by side in one record, for these to be rows or columns


def own_kernel(
    head: pa.Table, wanted: Mapping[str, str], schema: SchemaName, *, options: Sequence[str] | str | None,
    answer: str | None, base: AnswerBase | None, key: str | None, family: str | None, language: str | None,
) -> OwnColumns:  # fmt: skip
    """Make the normalizer of rows of one's own, its columns checked against those the file has.

    Args:
        head: The first records.
        wanted: Columns of the schema to columns of the rows, as a person said.
        schema: What a row is to be.
        options: As in :func:`medqa_kit.read`, like the arguments below.
        answer: As in :func:`medqa_kit.read`.
        base: As in :func:`medqa_kit.read`.
        key: As in :func:`medqa_kit.read`.
        family: The column that names what rows belong together; left out, that of rows which verbs of ours wrote.
        language: Of all rows; left out, a column of that name holds that of each.

    Raises:
        ArgumentError: A column is not there, or the base of the answers is not clear.
    """
    names = head.column_names
    called = _Spellings.of(names)
    wanted = {new: called(old) for new, old in wanted.items()}
    answer, key, family = (called(n) if isinstance(n, str) else n for n in (answer, key, family))
    family = family or _family_of(head)
    named = answer is not None or "answer" in wanted
    if options is not None:
        options = (
            called(options)
            if isinstance(options, str)
            else tuple(map(called, several("options", options)))
        )
    usual = {new: called(new) for new in SCHEMAS[schema].names if new not in _PROVENANCE}
    taken = {new: old for new, old in usual.items() if old in names}
    if schema == "qa" and options is None and "options" in taken:
        options = taken.pop("options")
        answer = answer or _label(head, base, called)
    elif (
        schema == "qa"
        and options is None
        and (columns_of_options := _lettered(head, wanted, base, called))
    ):
        options, answer = columns_of_options
        wanted.pop("answer", None)
    if options is not None:
        for name in ("options", "answer_index", "answer"):
            taken.pop(name, None)
    taken |= wanted
    tag = called("language")
    tags = taken.pop("language", tag if language is None and tag in names else None)
    columns = options
    used = [
        *taken.values(),
        *([columns] if isinstance(columns, str) else columns or ()),
        *filter(None, (answer, key, family, tags)),
    ]
    if unknown := [name for name in dict.fromkeys(used) if name not in names]:
        raise ArgumentError(
            f"the rows have no column {shorten(unknown)}", argument="columns", expected=", ".join(names),
            found=shorten(unknown),
            hint=_unwrapping(head) or did_you_mean(unknown[0], names) or "name one of these columns",
        )  # fmt: skip
    if family is None and (passed := called("family")) in names and passed not in used:
        _warn_of_families(head, passed)
    _refuse_lists(head, taken, SCHEMAS[schema], (*(columns if isinstance(columns, tuple) else ()),
                                                 *filter(None, (key, answer, family, tags))))  # fmt: skip
    absent = [n for n in required(SCHEMAS[schema]) if n not in _PROVENANCE and n not in taken]
    if absent:
        listed = ", ".join(f'"{name}": "…"' for name in absent)
        raise ArgumentError(
            f"nothing says which column is {shorten(absent)}", argument="columns", expected=shorten(names),
            found="no such name among them", hint=_unwrapping(head) or f"pass columns={{{listed}}}",
        )  # fmt: skip
    kernel = OwnColumns(
        take=taken,
        options=columns,
        answer=answer if columns else None,
        base=base,
        key=key,
        family=family,
        language=tags,
    )
    if columns is None or answer is None:
        return kernel
    raw, lists = _readable(head, columns)
    proved = _proved(kernel, raw, lists, called("answer"))
    if not named:
        _refuse_contradiction(proved, raw, lists, called)
    return proved


def _family_of(head: pa.Table) -> str | None:
    """Return the column of families of rows that were loaded, built or made of replies before, if these are such rows.

    A column of that name alone may be anything, such as what runs in the family of a patient.
    """
    if any(
        head.column_names.count(name) != 1 or not is_text(head.schema.field(name).type)
        for name in ("id", "source", "family")
    ):
        return None
    ours = pc.match_substring_regex(head["family"].cast(pa.string()), ":[0-9a-f]{16}$")
    return "family" if "parent" in head.column_names or pc.any(ours).as_py() else None


def _warn_of_families(head: pa.Table, column: str) -> None:
    """Say that a column called ``family``, which holds something, is not taken as that of families."""
    if head[column].null_count < head.num_rows:
        warn_at_caller(
            f"the rows have a column {shorten([column])} that is not taken; if it names what rows belong together, "
            f"such as those of one patient, say family={column!r}: no split then parts them",
            FamilyWarning,
        )


def _unwrapping(head: pa.Table) -> str:
    """Say how to pass rows that stand in one object; empty where they do not.

    They may be the list under one of its names, or what ``DataFrame.to_json`` makes of a frame by default.
    """
    if head.num_rows != 1:
        return ""
    read = "json.loads(Path(path).read_text('utf-8'))"
    kinds = {field.name: field.type for field in head.schema}
    lists = [
        name
        for name, kind in kinds.items()
        if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type)
    ]
    if {"columns", "data"} <= kinds.keys() and not lists:
        return "if this is a frame by its columns and data, pass pandas.read_json(path, orient='split', dtype=False) as the rows"
    if len(lists) == 1:
        inner = [field.name for field in kinds[lists[0]].value_type]
        rows = f"{read}[{lists[0]!r}]"
        rows = f"[each['row'] for each in {rows}]" if "row" in inner else rows
        return f"if the rows are the list under {lists[0]!r}, pass that list: {rows}"
    if len(kinds) < _FEWEST_OBJECTS or not all(map(pa.types.is_struct, kinds.values())):
        return ""
    if all(field.name.isdecimal() for kind in kinds.values() for field in kind):
        return (
            "if each column is an object here, pass pandas.read_json(path, dtype=False) as the rows"
        )
    return f"if each row is an object under a key of its own, pass these objects: list({read}.values())"


@dataclass(frozen=True)
class _Spellings:
    """The columns of a file by names that differ in composition, case or blanks around them alone.

    Attributes:
        names: All columns.
        by_plain: Those whose plain name is that of no other.
    """

    names: frozenset[str]
    by_plain: Mapping[str, str]

    @classmethod
    def of(cls, names: Sequence[str]) -> _Spellings:
        times = Counter(map(plain_name, names))
        return cls(frozenset(names), {p: n for n in names if times[p := plain_name(n)] == 1})

    def __call__(self, name: str) -> str:
        """Return the column that a name means; the name itself where there is none."""
        return name if name in self.names else self.by_plain.get(plain_name(name), name)


def _label(head: pa.Table, base: AnswerBase | None, called: _Spellings) -> str | None:
    """Return the column that names the right option: one that says something, unless a base was given."""
    known = [name for name in map(called, _ANSWERS) if name in head.column_names]
    filled = (
        ()
        if base is not None
        else (name for name in known if head[name].null_count < head.num_rows)
    )
    return next(iter(filled), next(iter(known), None))


def _lettered(
    head: pa.Table, said: Mapping[str, str], base: AnswerBase | None, called: _Spellings
) -> tuple[tuple[str, ...], str] | None:
    """Return columns of one option each that nobody spoke of, and the one that names the right of them.

    ``None`` where no columns are called as options are, or what answers is none of them: then the questions are open.

    Raises:
        ArgumentError: Nothing says which column names the right one.
    """
    options = option_columns([name for name in head.column_names if name not in said.values()])
    if not options or any(pa.types.is_nested(head.schema.field(name).type) for name in options):
        return None
    label = said.get("answer") or _label(head, base, called)
    raw, lists = _readable(head, options)
    if label is None and pc.any(has_options(lists)).as_py():
        raise ArgumentError(
            f"the columns {shorten(options)} are called as options are, and nothing says which names the right one",
            argument="options", expected="options= and answer=", found=shorten(head.column_names),
            hint=f"pass options={list(options)!r} with answer=, or alone where the rows have no answers",
        )  # fmt: skip
    if (
        label is None
        or label not in head.column_names
        or pa.types.is_nested(head.schema.field(label).type)
    ):
        return None
    answers = whole(raw[label])
    named = answers.filter(pc.and_(pc.is_valid(answers), has_options(lists))).cast(pa.string())
    marks = pc.coalesce(marker_places(named), number_labels(named).cast(pa.int64()))
    if not len(named) or (base is None and base_of(answers, lists) is None and marks.null_count):
        return None
    return options, label


def _refuse_lists(
    head: pa.Table, taken: Mapping[str, str], schema: pa.Schema, singles: Sequence[str]
) -> None:
    """Raise when a column that is to be one value a row holds lists or objects."""
    single = [old for new, old in taken.items() if not pa.types.is_nested(schema.field(new).type)]
    for name in (*single, *singles):
        kind = head.schema.field(name).type
        if pa.types.is_nested(kind):
            raise ArgumentError(
                f"the column {name!r} holds lists or objects", argument="columns", column=name,
                expected="one value a row", found=str(kind),
                hint=_unwrapping(head) or "write one record a row; options= takes a column of lists",
            )  # fmt: skip


def _readable(head: pa.Table, options: tuple[str, ...] | str) -> tuple[pa.Table, pa.ListArray]:
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


def _proved(kernel: OwnColumns, raw: pa.Table, lists: pa.ListArray, words: str) -> OwnColumns:
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
            hint="pass base=, such as base=1 where the first option is number 1", column=answer,
        )  # fmt: skip
    repeats = beside and _mostly_options(whole(raw[words]), lists)
    replies = answer if base == "text" else None
    if beside and not pa.types.is_nested(raw[words].type):
        replies = words
    return replace(kernel, base=base, text=words if repeats else None, open=replies)


def _refuse_contradiction(
    kernel: OwnColumns, raw: pa.Table, lists: pa.ListArray, called: _Spellings
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
