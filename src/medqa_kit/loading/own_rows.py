"""``read``: load your own rows, typed and checked like those of the catalogue."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa

from medqa_kit.catalog import Claim, Layout, LocalFiles, Source
from medqa_kit.core.arguments import (
    did_you_mean,
    file_path,
    nonempty_text,
    one_of,
    several_texts,
)
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.judging import RaiseOrDrop
from medqa_kit.errors import ArgumentError, WrongFilesError, shorten
from medqa_kit.loading.authoring.named_columns import NamedColumns
from medqa_kit.loading.authoring.named_parents import named_parents
from medqa_kit.loading.authoring.own_files import files_of_rows, saved_to_disk
from medqa_kit.loading.authoring.own_kernel import own_kernel
from medqa_kit.loading.authoring.own_sources import source_of_layout
from medqa_kit.loading.files.file import File
from medqa_kit.loading.first_look import first_look
from medqa_kit.loading.load import load
from medqa_kit.normalizing.option_lists import roomy_struct
from medqa_kit.normalizing.own_columns import AnswerBase, OwnColumns
from medqa_kit.schemas import SCHEMAS, SchemaName


def read(
    rows: Any,
    *,
    schema: SchemaName = "qa",
    columns: Mapping[str, str] | None = None,
    question: str | None = None,
    options: Sequence[str] | str | None = None,
    answer: str | None = None,
    base: AnswerBase | None = None,
    key: str | None = None,
    family: str | None = None,
    name: str = "own",
    split: str = "train",
    language: str | None = None,
    keep: Sequence[str] = (),
    on_bad: RaiseOrDrop = "raise",
    encoding: str = "utf-8",
    cache_dir: str | os.PathLike[str] | None = None,
) -> Any:
    """Read rows of one's own into one of the seven schemas.

    Args:
        rows: A file, a folder, a glob pattern, a folder that ``save_to_disk`` wrote; or what holds
            rows: a ``pyarrow.Table``, a ``datasets.Dataset``, a data frame, a list of dicts.
        schema: What a row is to be.
        columns: Columns of the schema to columns of the rows. Columns of the same name need no word.
        question: The column of the question; short for ``columns={"question": …}``.
        options: The columns of the options, one each; or the one column that holds them all: a list,
            an object such as ``{"A": …, "B": …}``, objects such as ``{"key": "A", "value": …}``, or any of them
            as text. Without a word a column of that name is taken, or columns called ``A``, ``B`` … or ``option_1``,
            ``option_2`` … that the answers name, and ``answer_index``, ``answer_idx`` or ``answer`` beside them.
        answer: The column that names the right option, or holds the answer of an open question.
        base: How it names the option: a number counted from 0 or 1, a ``"letter"`` (``B``, ``②``, ``ㄴ``,
            ``나``, ``ខ``), or the ``"text"``. Left out, it is proved from the rows, or asked for where they do not prove it.
        key: The column of ids; left out, ids are hashes of what the rows say.
        family: The column that names what rows belong together, such as those of one patient. A column of that name
            is taken by itself only from rows that were loaded, built or made of replies before.
        name: Name of the rows, which their ids begin with.
        split: Name of the split.
        language: BCP 47 tag of the rows. Left out, a column ``language`` holds that of each row.
        keep: Further columns to carry along.
        on_bad: ``"raise"`` stops at the first row that does not fit, ``"drop"`` sets such rows
            aside, counts and lists them.
        encoding: Of text files.
        cache_dir: Root of the ``datasets`` cache.

    Returns:
        A ``datasets.Dataset`` of the schema, with provenance columns.

    Raises:
        ArgumentError: A column is not there, or the base of the answers is not clear.
        WrongFilesError: There is no such file.
        MedQAError: What reading and checking raise; see :func:`medqa_kit.load`.

    Example:
        >>> mine = [{"q": "1 + 1?", "a": "1", "b": "2", "key": "B"}, {"q": "2 + 1?", "a": "3", "b": "1", "key": "A"}]
        >>> data = read(mine, question="q", options=["a", "b"], answer="key", name="sums")
        >>> data["answer"][:], data[0]["source"]
        (['2', '3'], 'sums')
    """
    one_of("on_bad", on_bad, get_args(RaiseOrDrop), hint="a row that cannot be read cannot be kept")
    nonempty_text("name", name)
    named = NamedColumns(schema=schema, columns=columns, question=question, options=options, answer=answer,
                         base=base, key=key, family=family, language=language)  # fmt: skip
    in_file = isinstance(rows, (str, os.PathLike))
    place = rows if in_file else tempfile.gettempdir()
    with typed_errors(place), tempfile.TemporaryDirectory(prefix="medqa_kit-own-") as folder:
        kept = several_texts("keep", keep)
        source = _source(files_of_rows(rows, Path(folder)), named, name=name, split=split, kept=kept,
                         claim=Claim(None, "rows of one's own: not stated"), encoding=encoding, in_file=in_file)  # fmt: skip
        return load(source, split=split, keep=kept, on_bad=on_bad, cache_dir=cache_dir)


def own_source(
    path: str | os.PathLike[str], *, name: str, license: str, schema: SchemaName = "qa",
    columns: Mapping[str, str] | None = None, question: str | None = None,
    options: Sequence[str] | str | None = None, answer: str | None = None, base: AnswerBase | None = None,
    key: str | None = None, family: str | None = None, split: str = "train", language: str | None = None,
) -> Source:  # fmt: skip
    """Make a source of your own files; :func:`medqa_kit.register` adds it to the catalogue of this process.

    The source declares what :func:`read` finds in the files now: the columns and their types, the licence and
    the split. Files that differ from that later are an error.

    Args:
        path: A file, a folder or a glob pattern.
        name: Name of the source, in ``lower_snake``; its ids begin with it.
        license: Licence of the rows: an SPDX identifier, or ``LicenseRef-`` and a name.
        schema: As in :func:`read`.
        columns: As in :func:`read`.
        question: As in :func:`read`.
        options: As in :func:`read`.
        answer: As in :func:`read`.
        base: As in :func:`read`.
        key: As in :func:`read`.
        family: As in :func:`read`.
        split: As in :func:`read`.
        language: As in :func:`read`.

    Returns:
        The source, with one part.

    Raises:
        ArgumentError: A column is absent, or the answers do not show whether they count from 0 or from 1.
        MedQAError: As :func:`read`; and for a folder that ``save_to_disk`` wrote.

    Example:
        >>> file = Path(tempfile.mkdtemp()) / "ward.jsonl"
        >>> _ = file.write_text('{"stem": "2 + 2?", "a": "4", "b": "5", "right": "A"}', "utf-8")
        >>> ward = own_source(file, name="ward", license="CC0-1.0", question="stem", options=["a", "b"], answer="right")
        >>> load(ward, split="train")["answer"][:]
        ['4']
    """
    claim = Claim(nonempty_text("license", license), "stated by whose rows they are")
    named = NamedColumns(schema=schema, columns=columns, question=question, options=options, answer=answer,
                         base=base, key=key, family=family, language=language)  # fmt: skip
    return declared_source(path, named, name=name, claim=claim, split=split)


def declared_source(
    path: str | os.PathLike[str],
    named: NamedColumns,
    *,
    name: str,
    claim: Claim,
    split: str = "train",
) -> Source:
    """Make a source of files, with what a person says of their columns.

    Args:
        path: A file, a folder or a glob pattern.
        named: What is said of the columns.
        name: Of the source.
        claim: What is known of the licence.
        split: As in :func:`read`.

    Raises:
        MedQAError: As :func:`read`; and for a folder that ``save_to_disk`` wrote.
    """
    place = file_path("path", path)
    if saved_to_disk(place):
        raise WrongFilesError("a folder that save_to_disk wrote is no source", file=str(place),
                              hint="write the rows as Parquet: data.to_parquet(...)")  # fmt: skip
    with typed_errors(place):
        return _source(files_of_rows(place, place), named, name=name, split=split, claim=claim)


def _source(
    files: tuple[Path, str, File], named: NamedColumns, *, name: str, split: str, claim: Claim,
    encoding: str = "utf-8", kept: tuple[str, ...] = (), in_file: bool = True,
) -> Source:  # fmt: skip
    nonempty_text("split", split)
    place, pattern, first = files
    reading, head = first_look(first, encoding=encoding)
    try:
        kernel = own_kernel(head, named)
    except ArgumentError as error:
        raise error.at(file=first.name if in_file else None) from error.__cause__
    schema = SCHEMAS[named.schema]
    layout = Layout(
        at=LocalFiles(str(place)), files=pattern, raw=_declared(head, kernel, kept, schema), schema=schema,
        normalize=kernel, read=reading, extra="ignore", repeats=named.key is None,
    )  # fmt: skip
    own = source_of_layout(layout, name=name, split=split, language=named.language, claim=claim)
    return replace(own, derived_from=named_parents(head, "read as one's own", called=name))


def _declared(
    head: pa.Table, kernel: OwnColumns, keep: Sequence[str], schema: pa.Schema
) -> pa.Schema:
    """Declare the columns that are read, with the types that the first records have.

    Of a column that is null in all of them the schema says what it holds.
    """
    usual = {old: schema.field(new).type for new, old in kernel.take.items()}
    if isinstance(kernel.options, str):
        usual[kernel.options] = schema.field("options").type
    if unknown := [name for name in keep if name not in head.column_names]:
        raise ArgumentError(f"the rows have no column {shorten(unknown)}", argument="keep",
                            expected=", ".join(head.column_names), found=shorten(unknown),
                            hint=did_you_mean(unknown[0], head.column_names) or "name one of these")  # fmt: skip
    return pa.schema([
        _open_ended(head.schema.field(name), usual.get(name, pa.string()))
        for name in dict.fromkeys([*kernel.columns, *keep])
    ])  # fmt: skip


def _open_ended(field: pa.Field, usual: pa.DataType) -> pa.Field:
    """Return a field with room for what the first records happen to lack."""
    if pa.types.is_null(field.type):
        return field.with_type(usual if pa.types.is_nested(usual) else pa.string())
    return field.with_type(roomy_struct(field.type)) if pa.types.is_struct(field.type) else field
