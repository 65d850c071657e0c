"""``load``: from a name to typed, traced rows."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeAlias,
    TypeVar,
    get_args,
    get_type_hints,
    overload,
)

import pyarrow as pa

from medqa_kit.catalog import registry
from medqa_kit.catalog.errata import OnErrata
from medqa_kit.catalog.model import Source
from medqa_kit.core.arguments import file_path, one_of, several_texts
from medqa_kit.core.holders import batches
from medqa_kit.core.judging import RaiseOrDrop
from medqa_kit.errors import SchemaError
from medqa_kit.loading.part_loading import PartLoader, load_parts
from medqa_kit.loading.request import ExtraColumns, LoadOptions, LoadRequest, Origin
from medqa_kit.loading.years import chosen_years, refuse_no_row

if TYPE_CHECKING:
    from typing import Unpack

    import datasets

Row = TypeVar("Row")

Loaded: TypeAlias = "datasets.Dataset | datasets.DatasetDict | datasets.IterableDataset | datasets.IterableDatasetDict"
Choices: TypeAlias = Mapping[str, str]


@overload
def load(
    name: str | Source, *, subset: str | None = None, split: str, view: str = "normalized",
    choices: Choices | None = None, streaming: Literal[False] = False, **options: Unpack[LoadOptions],
) -> datasets.Dataset: ...  # fmt: skip
@overload
def load(
    name: str | Source, *, subset: str | None = None, split: None = None, view: str = "normalized",
    choices: Choices | None = None, streaming: Literal[False] = False, **options: Unpack[LoadOptions],
) -> datasets.DatasetDict: ...  # fmt: skip
@overload
def load(
    name: str | Source, *, subset: str | None = None, split: str, view: str = "normalized",
    choices: Choices | None = None, streaming: Literal[True], **options: Unpack[LoadOptions],
) -> datasets.IterableDataset: ...  # fmt: skip
@overload
def load(
    name: str | Source, *, subset: str | None = None, split: None = None, view: str = "normalized",
    choices: Choices | None = None, streaming: Literal[True], **options: Unpack[LoadOptions],
) -> datasets.IterableDatasetDict: ...  # fmt: skip
@overload
def load(
    name: str | Source, *, subset: str | None = None, split: str | None = None, view: str = "normalized",
    choices: Choices | None = None, streaming: bool = False, **options: Unpack[LoadOptions],
) -> Loaded: ...  # fmt: skip
def load(
    name: str | Source,
    *,
    subset: str | None = None,
    split: str | None = None,
    years: Collection[int] | None = None,
    view: str = "normalized",
    choices: Choices | None = None,
    streaming: bool = False,
    origin: Origin = "hub",
    path: str | os.PathLike[str] | None = None,
    keep: Sequence[str] = (),
    repo: str | None = None,
    revision: str | None = None,
    lock: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | None = None,
    extra: ExtraColumns = "refuse",
    encoding: str | None = None,
    on_bad: RaiseOrDrop = "raise",
    errata: OnErrata = "keep",
    num_proc: int | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    token: str | None = None,
) -> Loaded:
    """Load a source as typed, traced rows.

    ``mk.loaders.<name>`` is the same for one source, with its own subsets, splits, views and
    choices as types, and the type of its rows in the result.

    Files are read at the pinned revision with the declared raw schema, normalised batch by batch
    in one pass, and written once into the ordinary ``datasets`` cache. Nothing upstream has is
    dropped and no text is edited.

    Args:
        name: Name of a source, or a :class:`Source`.
        subset: One subset; ``None`` takes all together (the column ``subset`` tells them apart).
        split: ``None`` gives a dict of the splits; a name gives that split; ``"all"`` gives their
            concatenation. Parts that are by name only, such as few-shot copies of validation
            rows, are in none of these unless named.
        years: Exam years to keep, such as ``range(2012, 2022)``; rows without a year are left out.
        view: ``"normalized"``, ``"raw"`` for upstream's own columns behind ``id``, or another view
            the source offers.
        choices: Values of the source's own choices, such as ``{"variant": "both"}`` for
            ``khmer_medical_qa``; the card says which there are.
        streaming: Return iterable datasets that read as they go. A key that occurs twice is found
            within a file only; loaded without streaming, across all files.
        origin: ``"hub"``, ``"path"`` (the same as giving ``path=``) or ``"sample"``: invented rows
            embedded in the package, in upstream's layout, whose ids begin with ``sample:``.
        path: A local folder, archive or file laid out as upstream's.
        keep: Raw columns to carry along; one whose name is taken becomes ``raw_<name>``. With
            ``extra="ignore"`` and ``path=`` these may be columns that are not declared.
        repo: Another hub repository laid out the same way; the same checks apply.
        revision: Another revision than the pinned one.
        lock: A lockfile written by :func:`medqa_kit.lock`; anything else than what it records is
            refused. A stream is held to the recorded files, not to their rows.
        columns: For files whose columns have other names: declared name to the name in the files.
        extra: What to do with columns that the source does not declare: ``"refuse"``, or
            ``"ignore"`` to leave them out. The row numbers that pandas writes along are left out
            always.
        encoding: Of text files that are in another one than declared, such as ``"cp949"``.
        on_bad: ``"raise"``, or ``"drop"`` to write rows that are not as declared to a side
            file, with the reason, and go on. A warning says how many and where; a stream goes past
            them, and says how many at its end.
        errata: What to do with items that are known to be bad, of which the card lists those of a
            source: ``"flag"`` says in a column ``erratum`` what is wrong, null elsewhere; ``"drop"``
            leaves them out, and a warning counts them.
        num_proc: Processes for parts of several files; the rows are the same.
        cache_dir: Root of the ``datasets`` cache.
        token: Hub token; ``None`` uses the one you are logged in with.

    Returns:
        ``Dataset`` or ``DatasetDict``; with ``streaming=True`` the iterable kinds.

    Raises:
        ArgumentError: An argument is of the wrong type or outside its closed set, or contradicts
            another. A bad row cannot be kept: ``on_bad`` is ``"raise"`` or ``"drop"``.
        CatalogError: The source, part, view or choice does not exist or has nothing to load.
        HubError: The hub did not give what was asked.
        FileError: The files are not laid out as declared.
        RowError: Rows are not as declared.
        LockError: The data is not what the lockfile recorded.

    Example:
        >>> test = load("kormedmcqa", subset="doctor", split="test", origin="sample")
        >>> test[0]["options"][test[0]["answer_index"]] == test[0]["answer"]
        True
    """
    source = name if isinstance(name, Source) else registry.source(name)
    request = LoadRequest(
        origin=origin, path=None if path is None else file_path("path", path), view=view,
        keep=several_texts("keep", keep), columns={} if columns is None else columns,
        extra=extra, encoding=encoding,
        choices={} if choices is None else choices,
        repo=repo, revision=revision, on_bad=on_bad, token=token,
        file_digests="never" if streaming else "changed",
    )  # fmt: skip
    request.refuse_idle(source)
    loader = PartLoader(streaming=streaming, num_proc=num_proc, cache_dir=cache_dir)
    wanted = None if years is None else chosen_years(years)
    one_of("errata", errata, get_args(OnErrata))
    parts = load_parts(source, request, loader, subset=subset, split=split, years=wanted, lock=lock,
                       errata=errata)  # fmt: skip
    if wanted is not None:
        refuse_no_row([part.data for part in parts], wanted, source=source.name)
    if split is not None:
        return _together([part.data for part in parts])
    by_split: dict[str, list[Any]] = {}
    for part in parts:
        by_split.setdefault(part.plan.part.split, []).append(part.data)
    import datasets

    kind = datasets.IterableDatasetDict if streaming else datasets.DatasetDict
    return kind({name: _together(data) for name, data in by_split.items()})


def _together(data: Sequence[Any]) -> Any:
    if len(data) == 1:
        return data[0]
    import datasets

    return datasets.concatenate_datasets(list(data))


@overload
def rows(data: Iterable[Any] | pa.Table, row_type: type[Row]) -> Iterator[Row]: ...
@overload
def rows(data: Iterable[Any] | pa.Table, row_type: None = None) -> Iterator[dict[str, Any]]: ...
def rows(data: Iterable[Any] | pa.Table, row_type: type[Any] | None = None) -> Iterator[Any]:
    """Iterate over rows as plain dicts, typed for the checker.

    Args:
        data: What :func:`load` or :func:`medqa_kit.apply` gave, or a ``pa.Table``; of a dict of
            splits, one split.
        row_type: The row's type, such as :class:`medqa_kit.schemas.QARow`; its columns must all be there.

    Yields:
        One dict a row, read in batches.

    Raises:
        SchemaError: A column of ``row_type`` is missing, or the data is a dict of splits.

    Example:
        >>> from medqa_kit.schemas import QARow
        >>> data = load("kormedmcqa", subset="doctor", split="test", origin="sample")
        >>> next(rows(data, QARow))["source"]
        'kormedmcqa'
    """
    if isinstance(data, Mapping):
        raise SchemaError("this is a dict of splits", found=", ".join(data),
                          expected="one split", hint="choose one, as in data['train']")  # fmt: skip
    names = getattr(data, "column_names", None)
    if row_type is not None and names is not None:
        absent = [name for name in get_type_hints(row_type) if name not in names]
        if absent:
            raise SchemaError(f"the data lacks columns of {row_type.__name__}: {', '.join(absent)}",
                              found=", ".join(names), hint="load the schema this row type mirrors")  # fmt: skip
    return (row for batch in batches(data) for row in batch.to_pylist())
