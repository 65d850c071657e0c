"""``load``: from a name to typed, traced rows."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, get_type_hints, overload

import datasets
import pyarrow as pa

from medqa_kit.catalog import registry
from medqa_kit.catalog.licenses import conflicting, summary
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.places import Hub
from medqa_kit.core.judging import RaiseOrDrop
from medqa_kit.errors import (
    EmptyDataError,
    HoldoutWarning,
    LicenseWarning,
    SafetyWarning,
    SchemaError,
    UnknownPartError,
    shorten,
)
from medqa_kit.loading.arguments import (
    refuse_idle,
    refuse_no_folder,
    refuse_no_path,
    refuse_no_repo,
    refuse_no_text,
)
from medqa_kit.loading.builder import PartBuilder
from medqa_kit.loading.hub import remembered as seen
from medqa_kit.loading.lock import Locked
from medqa_kit.loading.notices import tell, warn
from medqa_kit.loading.part_report import Report
from medqa_kit.loading.plan import HubSupply, Origin, Plan
from medqa_kit.loading.planner import Request, plan, refuse_no_data
from medqa_kit.loading.years import Years, chosen_years, in_years

Row = TypeVar("Row")
_SLICE = 1000

Loaded: TypeAlias = (
    datasets.Dataset
    | datasets.DatasetDict
    | datasets.IterableDataset
    | datasets.IterableDatasetDict
)


def load(
    name: str | Source,
    *,
    subset: str | None = None,
    split: str | None = None,
    years: Collection[int] | None = None,
    origin: Origin = "hub",
    path: str | os.PathLike[str] | None = None,
    view: str = "normalized",
    keep: Sequence[str] = (),
    streaming: bool = False,
    repo: str | None = None,
    revision: str | None = None,
    lock: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | None = None,
    variant: str | None = None,
    pairing: str | None = None,
    on_bad: RaiseOrDrop = "raise",
    num_proc: int | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    token: str | None = None,
) -> Loaded:
    """Load a source as typed, traced rows.

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
        origin: ``"hub"``, ``"path"`` (the same as giving ``path=``) or ``"sample"``: invented rows
            embedded in the package, in upstream's layout, whose ids begin with ``sample:``.
        path: A local folder, archive or file laid out as upstream's.
        view: ``"normalized"``, ``"raw"`` for upstream's own columns behind ``id``, or another view
            the source offers.
        keep: Raw columns to carry along; one whose name is taken becomes ``raw_<name>``.
        streaming: Give iterable datasets that read as they go. A key that occurs twice is found
            within a file only; loaded without streaming, across all files.
        repo: Another hub repository laid out the same way; the same checks apply.
        revision: Another revision than the pinned one.
        lock: A lockfile written by :func:`medqa_kit.lock`; anything else than what it records is
            refused. A stream is held to the recorded files, not to their rows.
        columns: For files whose columns have other names: declared name to the name in the files.
        variant: Choice of sources that offer it, such as ``"both"`` for ``khmer_medical_qa``.
        pairing: Choice of sources that offer it.
        on_bad: ``"raise"``, or ``"drop"`` to write rows that are not as declared to a side
            file, with the reason, and go on. A warning says how many and where.
        num_proc: Processes for parts of several files; the rows are the same.
        cache_dir: Root of the ``datasets`` cache.
        token: Hub token; ``None`` uses the one you are logged in with.

    Returns:
        ``Dataset`` or ``DatasetDict``; with ``streaming=True`` the iterable kinds.

    Raises:
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
    texts = {"subset": subset, "split": split, "origin": origin, "view": view, "repo": repo,
             "revision": revision, "variant": variant, "pairing": pairing, "token": token}  # fmt: skip
    refuse_no_text(texts, source=source.name)
    paths = {"path": path, "lock": lock, "cache_dir": cache_dir}
    refuse_no_path(paths, source=source.name)
    refuse_no_folder(cache_dir, source=source.name)
    hub = any(isinstance(source.layout_of(part).at, Hub) for part in source.parts)
    refuse_idle(origin=origin, path=path, repo=repo, revision=revision, hub=hub, source=source.name)
    refuse_no_repo(repo, source=source.name)
    chosen = None if years is None else chosen_years(years)
    request = Request(
        origin="path" if path is not None else origin,
        path=None if path is None else Path(path).expanduser(),
        view=view,
        keep=tuple(keep),
        columns=columns or {},
        choices={k: v for k, v in {"variant": variant, "pairing": pairing}.items() if v},
        repo=repo,
        revision=revision,
        on_bad=on_bad,
        token=token,
    )
    reader = Reader(streaming, num_proc, None if cache_dir is None else str(cache_dir))
    found = read_parts(source, request, reader, subset=subset, split=split, years=chosen, lock=lock)
    if chosen is not None:
        _refuse_none(source, chosen, found)
    if split is not None:
        return _together([one.data for one in found])
    splits = dict.fromkeys(one.plan.part.split for one in found)
    kind = datasets.IterableDatasetDict if streaming else datasets.DatasetDict
    return kind(
        {s: _together([one.data for one in found if one.plan.part.split == s]) for s in splits}
    )


@dataclass(frozen=True)
class LoadedPart:
    """A part as it was loaded.

    Attributes:
        plan: Where it came from and what was made of it.
        data: ``Dataset`` or ``IterableDataset``.
        report: What was counted; ``None`` when streaming.
    """

    plan: Plan
    data: Any
    report: Report | None


def read_parts(
    source: Source,
    request: Request,
    reader: Reader,
    *,
    subset: str | None = None,
    split: str | None = None,
    years: Collection[int] | None = None,
    lock: str | os.PathLike[str] | None = None,
) -> list[LoadedPart]:
    """Load parts one by one, with what was counted; see :func:`load`."""
    chosen = None if years is None else chosen_years(years)
    refuse_no_data(source, request.path)
    parts = source.select(subset, None if split == "all" else split)
    locked = None if lock is None else Locked.read(lock, source, parts)
    plans = plan(source, parts, request if locked is None else locked.at_commits(request))
    _one_schema(source, plans, whole=split == "all")
    _speak(source)
    found = [reader.read(one, locked) for one in plans]
    if chosen is not None:
        _refuse_yearless(source, found)
        found = [replace(one, data=in_years(one.data, chosen, source=source.name)) for one in found]
    if split == "all":
        _warn_of_tests(source, found)
    return found


@dataclass(frozen=True)
class Reader:
    """How parts are read.

    Attributes:
        streaming: Whether to read as the rows are asked for.
        num_proc: Processes for parts of several files.
        cache_dir: Root of the ``datasets`` cache.
    """

    streaming: bool = False
    num_proc: int | None = None
    cache_dir: str | None = None

    def read(self, plan: Plan, locked: Locked | None = None) -> LoadedPart:
        """Read one part, and hold it to what a lockfile records."""
        builder = PartBuilder(plan, cache_dir=self.cache_dir)
        if locked is not None:
            locked.check_files(plan, builder)
        if self.streaming:
            return LoadedPart(plan, _stream(plan, builder), None)
        builder.download_and_prepare(num_proc=self.num_proc, verification_mode="no_checks")
        if plan.floating and isinstance(plan.supply, HubSupply):
            seen.note_commit(plan.supply.repo.repo, plan.supply.repo.commit)
        report = builder.report()
        tell(plan, report)
        if locked is not None:
            locked.check_rows(plan, builder)
        return LoadedPart(plan, builder.as_dataset(split=plan.part.split), report)


def _stream(plan: Plan, builder: PartBuilder) -> Any:
    if plan.on_bad == "drop":
        raise UnknownPartError(
            'on_bad="drop" needs to see all rows', source=plan.source.name,
            hint="load without streaming=True",
        )  # fmt: skip
    return builder.as_streaming_dataset(split=plan.part.split)


def _speak(source: Source) -> None:
    if source.warning:
        warn(f"{source.name}: {source.warning}", SafetyWarning)
    if conflicting(source.license):
        warn(
            f"{source.name}: claims about the licence contradict each other; what holds is "
            f"{summary(source.license)}, commercial use: {source.terms.commercial}. "
            f"See mk.source({source.name!r}).show()",
            LicenseWarning,
        )


def _warn_of_tests(source: Source, loaded: Sequence[LoadedPart]) -> None:
    """Say when one table mixes a benchmark's official test rows with others."""
    tests = [one.data for one in loaded if one.plan.part.evaluation]
    rows = sum(len(data) for data in tests if isinstance(data, datasets.Dataset))
    streamed = any(isinstance(data, datasets.IterableDataset) for data in tests)
    if len(tests) < len(loaded) and (rows or streamed):
        warn(
            f"{source.name}: split='all' holds {f'{rows:,}' if rows else 'the'} rows of the official "
            "test split: do not train on it and report that test",
            HoldoutWarning,
        )


def _one_schema(source: Source, plans: Sequence[Plan], *, whole: bool) -> None:
    """Refuse parts of different columns that are to be one table."""
    for split in {"all"} if whole else {one.part.split for one in plans}:
        some = [one for one in plans if split in ("all", one.part.split)]
        if len(some) > 1 and len({one.schema.remove_metadata() for one in some}) > 1:
            raise UnknownPartError(
                "these parts have different columns and cannot be one table", source=source.name,
                found=", ".join(one.part.name for one in some), expected="parts of one schema",
                hint=f"choose subset= from {', '.join(source.subsets)}",
            )  # fmt: skip


def _refuse_yearless(source: Source, found: Sequence[LoadedPart]) -> None:
    """Refuse years of rows that have none at all; of a stream nobody knows before it is read."""
    tables = [one.data.data for one in found if isinstance(one.data, datasets.Dataset)]
    if len(tables) < len(found) or not any(len(table) for table in tables):
        return
    if all("year" in t.column_names and t["year"].null_count == len(t) for t in tables):
        raise SchemaError("no row that was asked for has a year", source=source.name, column="year",
                          expected="rows with a year", found="null in every row",
                          hint="leave years= out")  # fmt: skip


def _refuse_none(source: Source, years: Years, found: Sequence[LoadedPart]) -> None:
    """Refuse years that leave no row at all: more likely a slip than a wish."""
    if not any(isinstance(one.data, datasets.IterableDataset) or len(one.data) for one in found):
        raise EmptyDataError(
            "no row is of these years", source=source.name, column="year",
            found=_spoken(years), expected="years the rows have",
            hint=f"mk.source({source.name!r}).show() says which years there are",
        )  # fmt: skip


def _spoken(years: Years) -> str:
    return repr(years) if isinstance(years, range) else shorten(sorted(years))


def _together(found: Sequence[Any]) -> Any:
    return found[0] if len(found) == 1 else datasets.concatenate_datasets(list(found))


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
    return _dicts(data)


def _dicts(data: Any) -> Iterator[Any]:
    if isinstance(data, pa.Table):
        batches: Iterable[Any] = data.to_batches(_SLICE)
    else:
        batches = data.with_format("arrow").iter(batch_size=_SLICE)
    return (row for batch in batches for row in batch.to_pylist())
