"""The normalizer of rows of one's own: what a person says of the columns, and what the first records prove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import did_you_mean, several
from medqa_kit.core.arrow.columns import whole
from medqa_kit.errors import ArgumentError, RowError, shorten
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
        family: The column that names what rows belong together, if any.
        language: Of all rows; left out, a column of that name holds that of each.

    Raises:
        ArgumentError: A column is not there, or the base of the answers is not clear.
    """
    names = head.column_names
    taken = {new: new for new in SCHEMAS[schema].names if new in names and new not in _PROVENANCE}
    if schema == "qa" and options is None and "options" in names:
        options = taken.pop("options")
        answer = answer or _label(head, base)
    if options is not None:
        for name in ("options", "answer_index", "answer"):
            taken.pop(name, None)
    taken |= wanted
    tags = taken.pop("language", "language" if language is None and "language" in names else None)
    columns = (
        options if isinstance(options, str) or options is None else several("options", options)
    )
    used = [
        *taken.values(),
        *([columns] if isinstance(columns, str) else columns or ()),
        *filter(None, (answer, key, family, tags)),
    ]
    if unknown := [name for name in used if name not in names]:
        raise ArgumentError(
            f"the rows have no column {shorten(unknown)}", argument="columns", expected=", ".join(names),
            found=shorten(unknown),
            hint=did_you_mean(unknown[0], names) or "name one of these columns",
        )  # fmt: skip
    _refuse_lists(head, taken, SCHEMAS[schema], (*(columns if isinstance(columns, tuple) else ()),
                                                 *filter(None, (key, answer, family, tags))))  # fmt: skip
    absent = [n for n in required(SCHEMAS[schema]) if n not in _PROVENANCE and n not in taken]
    if absent:
        plain = {name.strip().casefold(): name for name in names}
        listed = ", ".join(f'"{name}": "{plain.get(name, "…")}"' for name in absent)
        raise ArgumentError(
            f"nothing says which column is {shorten(absent)}", argument="columns", expected=shorten(names),
            found="no such name among them", hint=f"pass columns={{{listed}}}",
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
    return _proved(kernel, *_readable(head, columns))


def _label(head: pa.Table, base: AnswerBase | None) -> str | None:
    """Return the column that names the right option: one that says something, unless a base was given."""
    known = [name for name in _ANSWERS if name in head.column_names]
    filled = (
        ()
        if base is not None
        else (name for name in known if head[name].null_count < head.num_rows)
    )
    return next(iter(filled), next(iter(known), None))


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
                hint="write one record a row; options= takes a column of lists",
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


def _proved(kernel: OwnColumns, raw: pa.Table, lists: pa.ListArray) -> OwnColumns:
    """Return the normalizer with what the first records prove: the base, and what repeats the answer."""
    answer = kernel.answer or ""
    if (
        kernel.base is None
        and "answer" in raw.column_names
        and not pc.any(has_options(lists)).as_py()
    ):
        kernel = replace(kernel, answer="answer", base="text")  # open questions, all of them
        answer = "answer"
    label = whole(raw[answer])
    beside = answer != "answer" and "answer" in raw.column_names
    base = kernel.base
    if base is None:
        base = base_of(label, lists)
    if base is None and beside:
        base = _base_by_texts(label, lists, whole(raw["answer"]))
    if base is None:
        raise ArgumentError(
            "the rows do not prove how the answer is named", argument="base",
            expected='0, 1, "letter" or "text"', found=shorten(raw[answer].unique().to_pylist()),
            hint="pass base=, such as base=1 where the first option is number 1", column=answer,
        )  # fmt: skip
    repeats = beside and _mostly_options(raw, lists)
    replies = answer if base == "text" else None
    if beside and not pa.types.is_nested(raw["answer"].type):
        replies = "answer"
    return replace(kernel, base=base, text="answer" if repeats else None, open=replies)


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


def _mostly_options(raw: pa.Table, lists: pa.ListArray) -> bool:
    """Tell whether ``answer`` is the text of an option in most rows with options: then it is to be the right one."""
    texts = whole(raw["answer"])
    if not pa.types.is_string(texts.type):
        return False
    texts, lists = (values.filter(has_options(lists)) for values in (texts, lists))
    found = answer_places(texts, lists, "text")
    return bool(2 * (len(found) - found.null_count) > len(texts) - texts.null_count)
