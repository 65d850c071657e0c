"""The normalizer of rows of one's own: what a person says of the columns, and what the first records prove."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import did_you_mean
from medqa_kit.core.arrow.columns import is_text
from medqa_kit.errors import ArgumentError, FamilyWarning, shorten
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.loading.authoring.named_columns import NamedColumns
from medqa_kit.loading.authoring.own_answers import (
    label_column,
    lettered_columns,
    proved_answers,
    readable_options,
    refuse_contradiction,
    refuse_unanswered,
    refuse_unread_options,
    warn_of_no_answer,
)
from medqa_kit.loading.readers.column_names import CalledColumns
from medqa_kit.loading.readers.diagnose import ROWS_OF_FRAME
from medqa_kit.normalizing.own_columns import OwnColumns
from medqa_kit.schemas import PROVENANCE, SCHEMAS, required

_PROVENANCE = {field.name for field in PROVENANCE}
_OPTIONS_AND_ANSWER = ("options", "answer_index", "answer")
_FEWEST_OBJECTS = 2  # side by side in one record, for these to be rows or columns


def own_kernel(head: pa.Table, named: NamedColumns) -> OwnColumns:
    """Make the normalizer of rows of one's own, its columns checked against those the file has.

    Args:
        head: The first records.
        named: What a person says of the columns. Left out, ``family`` is that of rows which verbs of ours wrote, and
            a column called ``language`` holds that of each row.

    Raises:
        ArgumentError: A column is not there, or the base of the answers is not clear.
    """
    schema, base = named.schema, named.base
    called = CalledColumns.of(head.column_names)
    wanted = {new: called(old) for new, old in named.wanted.items()}
    answer, key, family = (
        name and called(name) for name in (named.answer, named.key, named.family)
    )
    options: tuple[str, ...] | str | None = None
    if isinstance(named.options, str):
        options = called(named.options)
    elif named.options is not None:
        options = tuple(map(called, named.options))
    usual = {new: called(new) for new in SCHEMAS[schema].names if new not in _PROVENANCE}
    take = {new: old for new, old in usual.items() if old in head.column_names}
    if schema == "qa" and options is None:
        if "options" in take:
            options = take["options"]
            answer = answer or label_column(head, base, called) or refuse_unanswered(head, options)
        elif lettered := lettered_columns(head, wanted, base, called):
            options, answer = lettered
            wanted.pop("answer", None)
    if options is not None:
        take = {new: old for new, old in take.items() if new not in _OPTIONS_AND_ANSWER}
    take |= wanted
    if named.language is None and (tag := called("language")) in head.column_names:
        take.setdefault("language", tag)
    tags = take.pop("language", None)
    kernel = OwnColumns(take=take, options=options, answer=None if options is None else answer, base=base,
                        key=key, family=family or _family_of(head), language=tags)  # fmt: skip
    _refuse_columns(head, kernel, SCHEMAS[schema])
    if kernel.family is None:
        _warn_of_families(head, called("family"), kernel)
    if schema == "qa" and options is None:
        if "answer" in take:
            refuse_unread_options(head, take["answer"], kernel.columns)
        else:
            warn_of_no_answer(head, kernel.columns)
    if options is None or answer is None:
        return kernel
    raw, lists = readable_options(head, options)
    proved = proved_answers(kernel, raw, lists, called("answer"))
    if named.answer is None and "answer" not in named.wanted:
        refuse_contradiction(proved, raw, lists, called)
    return proved


def _refuse_columns(head: pa.Table, kernel: OwnColumns, schema: pa.Schema) -> None:
    """Raise when columns are not there, hold lists where one value is meant, or what a row must have is no column."""
    names, take = head.column_names, kernel.take
    if unknown := [name for name in kernel.columns if name not in names]:
        raise ArgumentError(
            f"the rows have no column {shorten(unknown)}", argument="columns", expected=", ".join(names),
            found=shorten(unknown),
            hint=_unwrapping(head) or did_you_mean(unknown[0], names) or "name one of these columns",
        )  # fmt: skip
    single = {
        new: old for new, old in take.items() if not pa.types.is_nested(schema.field(new).type)
    }
    options = None if isinstance(kernel.options, str) else kernel.options
    for name in replace(kernel, take=single, options=options).columns:
        kind = head.schema.field(name).type
        if pa.types.is_nested(kind):
            raise ArgumentError(
                f"the column {name!r} holds lists or objects", argument="columns", column=name,
                expected="one value a row", found=str(kind),
                hint=_unwrapping(head) or "write one record a row; options= takes a column of lists",
            )  # fmt: skip
    absent = [name for name in required(schema) if name not in _PROVENANCE and name not in take]
    if absent:
        listed = ", ".join(f'"{name}": "…"' for name in absent)
        raise ArgumentError(
            f"nothing says which column is {shorten(absent)}", argument="columns", expected=shorten(names),
            found="no such name among them", hint=_unwrapping(head) or f"pass columns={{{listed}}}",
        )  # fmt: skip


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
    if "parent" in head.column_names or pc.any(ours).as_py() or _says_its_source(head):
        return "family"
    return None


def _says_its_source(head: pa.Table) -> bool:
    """Check whether rows have every column of provenance, and ids that begin with the names of their sources."""
    if not {*_PROVENANCE} <= {*head.column_names}:
        return False
    ids, names = (head[name].cast(pa.string()) for name in ("id", "source"))
    begins = pc.list_element(pc.split_pattern(ids, "/", max_splits=1), 0)
    return bool(pc.all(pc.equal(begins, names), min_count=1).as_py())


def _warn_of_families(head: pa.Table, column: str, kernel: OwnColumns) -> None:
    """Say that a column called ``family``, which holds something, is not taken as that of families."""
    if column not in head.column_names or column in kernel.columns:
        return
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
        return (
            f"if this is a frame by its columns and data, pass its rows: {ROWS_OF_FRAME['split']}"
        )
    if len(lists) == 1:
        inner = [field.name for field in kinds[lists[0]].value_type]
        rows = f"{read}[{lists[0]!r}]"
        rows = f"[each['row'] for each in {rows}]" if "row" in inner else rows
        return f"if the rows are the list under {lists[0]!r}, pass that list: {rows}"
    if len(kinds) < _FEWEST_OBJECTS or not all(map(pa.types.is_struct, kinds.values())):
        return ""
    if all(field.name.isdecimal() for kind in kinds.values() for field in kind):
        return f"if each column is an object here, pass the rows: {ROWS_OF_FRAME['columns']}"
    return f"if each row is an object under a key of its own, pass these objects: list({read}.values())"
