"""From a request to loaded parts: plan them, compare them with a lockfile, read each, and warn."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from medqa_kit.catalog.errata import OnErrata
from medqa_kit.catalog.licenses import Claim, conflicting, strictest, summary
from medqa_kit.catalog.model import Source
from medqa_kit.core.arguments import boolean, file_path, whole_number
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.holders import is_stream
from medqa_kit.errors import HoldoutWarning, LicenseWarning, SafetyWarning
from medqa_kit.errors.warning_classes import warn_at_caller, warn_once
from medqa_kit.loading.distributions.known_errata import without_known_errors
from medqa_kit.loading.distributions.path_parts import PathParts
from medqa_kit.loading.hub.remembered_answers import remember_commit
from medqa_kit.loading.lock import Locked
from medqa_kit.loading.part_warnings import warn_of_counts
from medqa_kit.loading.plan import HubSupply, Plan
from medqa_kit.loading.planner import (
    part_plans,
    refuse_different_columns,
    refuse_no_data,
    with_choices,
)
from medqa_kit.loading.preparing.part_builder import part_builder
from medqa_kit.loading.preparing.part_folder import PartCounts
from medqa_kit.loading.request import LoadRequest, cache_folder, cache_root
from medqa_kit.loading.years import chosen_years, in_years, refuse_yearless


@dataclass(frozen=True)
class LoadedPart:
    """A part as it was loaded.

    Attributes:
        plan: Where it came from and what was made of it.
        data: ``Dataset`` or ``IterableDataset``.
        report: What was counted; ``None`` when streaming.
        errata: How many rows are known to be bad, by kind, where they were looked for.
        content: A digest of the rows; ``None`` where it is not known.
    """

    plan: Plan
    data: Any
    report: PartCounts | None
    errata: Mapping[str, int] = field(default_factory=dict)
    content: str | None = None


@dataclass(frozen=True, kw_only=True)
class PartLoader:
    """How parts are read.

    Attributes:
        streaming: Whether to read as the rows are asked for.
        num_proc: Processes for parts of several files.
        cache_dir: Root of the ``datasets`` cache.
        digest_again: Whether to check the digests of prepared rows even where this process has;
            under a lockfile they always are.

    Raises:
        ArgumentError: A value is of the wrong type, or ``num_proc`` is less than one.
        WrongFilesError: ``cache_dir`` cannot be a folder.
    """

    streaming: bool = False
    num_proc: int | None = None
    cache_dir: str | os.PathLike[str] | None = None
    digest_again: bool = False

    def __post_init__(self) -> None:
        boolean("streaming", self.streaming)
        if self.num_proc is not None:
            object.__setattr__(self, "num_proc", whole_number("num_proc", self.num_proc, least=1))
        cache_folder(self.cache_dir)

    def load(self, plan: Plan, locked: Locked | None = None) -> LoadedPart:
        """Load one part, and hold it to what a lockfile records."""
        if locked is not None:
            locked.check_files(plan)
        builder = part_builder(
            plan,
            cache_dir=cache_folder(self.cache_dir),
            digest_again=self.digest_again or locked is not None,
            streaming=self.streaming,
        )
        if self.streaming:
            return LoadedPart(plan, builder.as_streaming_dataset(split=plan.part.split), None)
        builder.download_and_prepare(num_proc=self.num_proc, verification_mode="no_checks")
        if plan.floating and isinstance(plan.supply, HubSupply):
            remember_commit(plan.supply.repo.repo, plan.supply.repo.commit)
        report = builder.report()
        warn_of_counts(plan, report)
        if locked is not None:
            locked.check_rows(plan, builder)
        data = builder.as_dataset(split=plan.part.split)
        report.refuse_open(data.num_rows, source=plan.source.name, part=plan.part.name)
        return LoadedPart(plan, data, report, content=builder.content())


def planned_parts(
    source: Source,
    request: LoadRequest,
    *,
    subset: str | None = None,
    split: str | None = None,
    lock: str | os.PathLike[str] | None = None,
    called: str | None = None,
) -> tuple[list[Plan], Locked | None]:
    """Plan the parts that are asked for, at the commits that a lockfile records.

    Args:
        source: The source.
        request: How it is read.
        subset: As in :func:`medqa_kit.load`, like ``split`` and ``lock``.
        split: See ``subset``.
        lock: See ``subset``.
        called: What the source is called in the lockfile, where that is not its name.

    Returns:
        The plans, and what the lockfile records of these parts.

    Raises:
        MedQAError: What :func:`medqa_kit.load` raises before anything is read.
    """
    refuse_no_data(source, request.path)
    parts = source.select(subset, None if split == "all" else split)
    listings = None
    if request.path is not None and request.path.exists():
        layouts = {p.name: with_choices(source, source.layout_of(p), request) for p in parts}
        asked = PathParts(source=source, parts=parts, subset=subset, split=split,
                          layouts=layouts, terms=request.terms)  # fmt: skip
        listings = asked.at(request.path)
        parts = tuple(part for part in source.parts if part.name in listings)
    locked = None
    if lock is not None:
        locked = Locked.read(file_path("lock", lock), source, parts, called=called)
        request = locked.at_commits(request)
    return part_plans(source, parts, request, listings=listings), locked


def load_parts(
    source: Source,
    request: LoadRequest,
    loader: PartLoader,
    *,
    subset: str | None = None,
    split: str | None = None,
    years: Collection[int] | None = None,
    lock: str | os.PathLike[str] | None = None,
    called: str | None = None,
    errata: OnErrata = "keep",
) -> list[LoadedPart]:
    """Load parts one by one, with what was counted; see :func:`medqa_kit.load`."""
    with typed_errors(cache_root(loader.cache_dir)):
        wanted = None if years is None else chosen_years(years)
        plans, locked = planned_parts(source, request, subset=subset, split=split, lock=lock,
                                      called=called)  # fmt: skip
        refuse_different_columns(source, plans, whole=split == "all")
        _warn_of_source(source, source.claims_on(plan.part for plan in plans))
        loaded = [loader.load(part, locked) for part in plans]
        if wanted is not None:
            refuse_yearless([part.data for part in loaded], source=source.name)
            loaded = [
                replace(part, data=in_years(part.data, wanted, source=source.name), content=None)
                for part in loaded
            ]
        loaded = [_settled(part, source, errata) for part in loaded]
        if split == "all":
            _warn_of_tests(source, loaded)
        return loaded


def _settled(part: LoadedPart, source: Source, errata: OnErrata) -> LoadedPart:
    """Keep, flag or leave out the rows of a part that are known to be bad."""
    data, counts = without_known_errors(
        part.data, source.errata, errata, source=source.name, part=part.plan.part.name
    )
    content = part.content if data is part.data else None
    return replace(part, data=data, errata=counts, content=content)


def _warn_of_source(source: Source, claims: tuple[Claim, ...]) -> None:
    if source.warning:
        warn_once(f"{source.name}: {source.warning}", SafetyWarning)
    if conflicting(claims):
        warn_once(
            f"{source.name}: claims about the licence contradict each other; what holds is "
            f"{summary(claims)}, commercial use: {strictest(claims).commercial}. "
            f"See mk.source({source.name!r}).show()",
            LicenseWarning,
        )


def _warn_of_tests(source: Source, loaded: Sequence[LoadedPart]) -> None:
    """Warn when one table mixes a benchmark's official test rows with others."""
    tests = [part.data for part in loaded if part.plan.part.evaluation]
    rows = sum(len(data) for data in tests if not is_stream(data))
    streamed = any(map(is_stream, tests))
    if len(tests) < len(loaded) and (rows or streamed):
        warn_at_caller(
            f"{source.name}: split='all' holds {f'{rows:,}' if rows else 'the'} rows of the official "
            "test split: do not train on it and report that test",
            HoldoutWarning,
        )
