"""From a request to plans: which parts, which layout, which files, which commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from medqa_kit.catalog.cards import how_to_get
from medqa_kit.catalog.layouts import Layout
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.parts import Part
from medqa_kit.catalog.places import Hub, LocalFiles, Manual, NoData
from medqa_kit.core.arguments import did_you_mean
from medqa_kit.core.text.near_words import near_path
from medqa_kit.errors import (
    CatalogError,
    FloatingRevisionWarning,
    ManualDownloadError,
    NoDataError,
    OfflineError,
    UnknownPartError,
    WrongFilesError,
)
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.loading.distributions.choice import layout_of_files
from medqa_kit.loading.distributions.other_columns import (
    warn_of_index,
    warn_of_missing_words,
    with_columns,
)
from medqa_kit.loading.files.local_files import FileListing
from medqa_kit.loading.files.survey import survey
from medqa_kit.loading.hub.remembered_answers import remembered_commit
from medqa_kit.loading.hub.repository import Repo
from medqa_kit.loading.normalizer import Normalizer
from medqa_kit.loading.plan import HubSupply, PathSupply, Plan
from medqa_kit.loading.request import LoadRequest, refuse_reversed

SAMPLES = Path(__file__).parents[1] / "samples"


def part_plans(
    source: Source,
    parts: Sequence[Part],
    request: LoadRequest,
    *,
    listings: Mapping[str, FileListing] | None = None,
) -> list[Plan]:
    """Plan the reading of some parts of a source.

    Args:
        source: The source.
        parts: From :meth:`Source.select`.
        request: How.
        listings: What lies at ``path=``, by the part it is of; ``None`` lists it.

    Returns:
        One plan a part, in order. Nothing is downloaded; a revision that is not a full commit is
        resolved, and the names of local files are listed.

    Raises:
        NoDataError: There is nothing to load.
        ManualDownloadError: ``path=`` is needed.
        UnknownPartError: No such view, choice or column.
        HubError: The revision could not be resolved.
        WrongFilesError: The path does not hold this source.
    """
    places = _Places(dict(listings or {}))
    return [_plan(source, part, request, places) for part in parts]


@dataclass(frozen=True)
class _Places:
    """What was looked up for one part serves the next: commits of repositories, files of paths."""

    by_part: dict[str, FileListing]
    by_path: dict[Path, FileListing] = field(default_factory=dict)
    repos: dict[tuple[str, str | None], Repo] = field(default_factory=dict)

    def listing(self, path: Path, *, source: str, part: str) -> FileListing:
        if part in self.by_part:
            return self.by_part[part]
        if path not in self.by_path:
            self.by_path[path] = FileListing.of(path, source=source, part=part)
        return self.by_path[path]


def _plan(source: Source, part: Part, request: LoadRequest, places: _Places) -> Plan:
    layout, where = source.layout_of(part), {"source": source.name, "part": part.name}
    listed = None
    if request.path is not None and request.path.exists():
        listed = places.listing(request.path, **where)
        layout = layout_of_files(layout, part, listed, terms=request.terms)
    layout = _asked(source, _as_in_files(layout, part, request, listed), part, request)
    pattern = part.pattern(layout)
    kernel = Normalizer.of(
        source, part, layout=layout, keep=request.keep, sample=request.origin == "sample"
    )
    planned = partial(
        Plan, source=source, part=part, kernel=kernel, view=request.view, origin=request.origin,
        on_bad=request.on_bad, plain=_plain(source, request),
    )  # fmt: skip
    if request.origin == "hub" and isinstance(layout.at, Hub):
        repo, floating = _resolved(source, layout.at, request, places.repos)
        pinned = repo.repo == layout.at.repo and repo.commit == layout.at.revision
        own = source.layout_of(part)
        known = part.files if pinned and (layout.at, layout.files) == (own.at, own.files) else ()
        return planned(
            supply=HubSupply(repo, pattern, part.name, known),
            revision=f"{repo.repo}@{repo.commit}",
            pinned=pinned,
            floating=floating,
        )
    listing = places.listing(_path(source, layout, request), **where)
    local = PathSupply.of(listing, pattern, tree=layout.read.format == "json-tree", **where)
    if request.origin == "path":
        warn_of_index(local.files, layout, **where)
    if request.origin == "path" or isinstance(layout.at, LocalFiles):
        warn_of_missing_words(local.files, layout, **where)
    return planned(supply=local, revision=local.revision(request.file_digests))


def _plain(source: Source, request: LoadRequest) -> bool:
    defaults = {choice.name: choice.values[0] for choice in source.choices}
    chosen = all(defaults.get(name) == value for name, value in request.choices.items())
    return request.view == "normalized" and chosen


def _asked(source: Source, layout: Layout, part: Part, request: LoadRequest) -> Layout:
    """Return a layout with the choices, view and column names that are asked for."""
    layout = with_choices(source, layout, request)
    if request.view not in ("raw", "normalized", *layout.views):
        raise UnknownPartError(
            f"there is no view {request.view!r}", source=source.name, part=part.name,
            expected=", ".join(("normalized", "raw", *layout.views)),
            hint=did_you_mean(request.view, ("normalized", "raw", *layout.views))
            or "choose one of these",
        )  # fmt: skip
    if request.view != "raw":
        layout = layout.viewed(request.view)
    refuse_reversed(request.columns, layout.raw.names, source=source.name)
    _declared(source, layout, "keep", request.keep, else_hint=_to_keep(request))
    _declared(
        source,
        layout,
        "columns",
        tuple(request.columns),
        else_hint='view="raw" shows the raw columns',
    )
    return layout.called(request.columns) if request.columns else layout


def _as_in_files(
    layout: Layout, part: Part, request: LoadRequest, listing: FileListing | None
) -> Layout:
    """Return a layout as a person says that their files differ from it."""
    if request.encoding is not None:
        layout = replace(layout, read=replace(layout.read, encoding=request.encoding))
    if request.extra == "refuse":
        return layout
    layout = replace(layout, extra=request.extra)
    others = [name for name in request.keep if name not in layout.raw.names]
    if listing is None or not others:
        return layout
    return with_columns(layout, others, listing.fitting(part.pattern(layout)))


def with_choices(source: Source, layout: Layout, request: LoadRequest) -> Layout:
    """Return a layout as the choices change it.

    Raises:
        UnknownPartError: There is no such choice, or no such value of it.
    """
    for name, value in request.choices.items():
        layout = _chosen(source, layout, name, value)
    return layout


def _chosen(source: Source, layout: Layout, name: str, value: str) -> Layout:
    offered = {choice.name: choice for choice in source.choices}
    if name not in offered:
        raise UnknownPartError(
            f"this source offers no choice {name!r}", source=source.name,
            expected=", ".join(offered) or "no choices beside subset, split and view",
            hint=did_you_mean(name, offered) or f"leave {name!r} out of choices=",
        )  # fmt: skip
    choice = offered[name]
    if value not in choice.values:
        raise UnknownPartError(
            f"{value!r} is no value of the choice {name!r}", source=source.name,
            expected=", ".join(choice.values), hint=did_you_mean(value, choice.values) or choice.doc,
        )  # fmt: skip
    return choice.apply(layout, value)


def _to_keep(request: LoadRequest) -> str:
    """Say how a column that is not declared is carried along."""
    if request.path is None:
        return 'of such columns only files at path= are asked: mk.fetch brings those of the hub into a folder, for path= with extra="ignore"'
    if request.extra == "refuse":
        return 'pass extra="ignore" as well, if the files have them'
    return "the first file has no such column: look at its names"


def _declared(
    source: Source, layout: Layout, argument: str, names: tuple[str, ...], *, else_hint: str
) -> None:
    if unknown := [name for name in names if name not in layout.raw.names]:
        raise UnknownPartError(
            f"{argument}= names columns the raw schema does not have: {', '.join(unknown)}",
            source=source.name, expected=", ".join(layout.raw.names),
            hint=did_you_mean(unknown[0], layout.raw.names) or else_hint,
        )  # fmt: skip


def _resolved(
    source: Source, at: Hub, request: LoadRequest, repos: dict[tuple[str, str | None], Repo]
) -> tuple[Repo, bool]:
    """Resolve a revision, once a call, and tell whether it floats; a floating one is spoken of."""
    name = request.repo or at.repo
    revision = request.revision or request.commits.get(name)
    floating = revision is None and (name != at.repo or at.floating)
    if revision is None and name == at.repo:
        revision = at.revision
    if (name, revision) not in repos:
        repos[name, revision] = (
            _floating(source, name, revision, request.token)
            if floating
            else Repo.resolve(source.name, name, revision, request.token)
        )
    return repos[name, revision], floating


def _floating(source: Source, name: str, revision: str | None, token: str | None) -> Repo:
    try:
        repo = Repo.resolve(source.name, name, revision, token)
    except OfflineError:
        commit = remembered_commit(name)
        if commit is None:
            raise
        warn_at_caller(
            f"{source.name}: the hub cannot be reached; taking commit {commit} of {name}, the one "
            "seen last. Pass revision= or lock= to be certain.",
            FloatingRevisionWarning,
        )
        return Repo(source.name, name, commit, token)
    warn_at_caller(
        f"{source.name} is floating: no revision of {name} is pinned, read {repo.commit} today. "
        "mk.lock() or revision= pins it.",
        FloatingRevisionWarning,
    )
    return repo


def _path(source: Source, layout: Layout, request: LoadRequest) -> Path:
    if request.origin == "sample":
        folder = SAMPLES / source.name
        if not folder.is_dir():
            raise NoDataError("the package embeds no sample of this source", source=source.name,
                              hint='origin="hub" or path= reads the real data')  # fmt: skip
        at = layout.at
        nested = folder / at.folder if isinstance(at, Hub) else folder
        return nested if nested.is_dir() else folder
    if request.path is not None:
        if not request.path.exists():
            raise WrongFilesError(f"the path {str(request.path)!r} does not exist",
                                  source=source.name, hint=near_path(request.path) or source.how_to_get())  # fmt: skip
        return request.path
    match layout.at:
        case LocalFiles(path=path):
            return Path(path).expanduser()
        case Manual():
            steps = how_to_get(
                source.name, layout.at, source.elsewhere if layout.at == source.at else {}
            )
            raise ManualDownloadError("the files must be fetched by hand", source=source.name,
                                      expected="path=", hint=steps)  # fmt: skip
    raise CatalogError('origin="path" needs path=', source=source.name,
                       expected="a folder, archive or file laid out as upstream's",
                       hint=source.how_to_get())  # fmt: skip


def refuse_no_data(source: Source, path: Path | None = None) -> None:
    """Refuse a source that has nothing to load, and say why.

    Args:
        source: The source.
        path: Files a user has. Where some people do get files and only their layout is unknown,
            the error reports what they are made of, without their values.

    Raises:
        NoDataError: It has not.
        FileError: There is nothing at the path, or it cannot be read.
    """
    if not isinstance(layout := source.layout, NoData):
        return
    what = f"there is nothing to load: {layout.reason}"
    if layout.by_hand is None:
        see = f"see {layout.see}" if layout.see else source.how_to_get()
        raise NoDataError(what, source=source.name, hint=see)
    if path is None:
        steps = source.how_to_get().partition("\n")[2]  # its first line is the reason again
        raise NoDataError(what, source=source.name, hint=steps)
    surveyed = survey(path, source=source.name).replace("\n", "\n            ")
    raise NoDataError(what, source=source.name, expected="a documented layout", found=surveyed,
                      hint=f"see {layout.see}")  # fmt: skip


def refuse_different_columns(source: Source, plans: Sequence[Plan], *, whole: bool) -> None:
    """Refuse parts of different columns that are to be one table.

    Args:
        source: The source.
        plans: Of the parts.
        whole: Whether all parts make one table; otherwise those of a split do.

    Raises:
        UnknownPartError: With the subsets to choose from.
    """
    tables: dict[str, list[Plan]] = {}
    for part_plan in plans:
        tables.setdefault("all" if whole else part_plan.part.split, []).append(part_plan)
    for table in tables.values():
        if len({part_plan.schema.remove_metadata() for part_plan in table}) > 1:
            raise UnknownPartError(
                "these parts have different columns and cannot be one table", source=source.name,
                found=", ".join(part_plan.part.name for part_plan in table),
                expected="parts of one schema",
                hint=f"choose subset= from {', '.join(source.subsets)}",
            )  # fmt: skip
