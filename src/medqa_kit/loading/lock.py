"""Lockfiles: a record of what was loaded, precise enough that no other data passes for it.

A lockfile is JSON a person can review and check in, not edit: it carries a digest of what it says, and
is refused when that is another. Line ends and indentation may change. Of each part it records the files with their
digests, the raw schema, the number of raw rows and a hash of what the normalised rows say. The
commit is recorded too, and read again; but two commits with the same files are the same data.

Files, raw schema and the source's version are compared before anything is read, streamed or not.
Rows and content are compared once a part is prepared: content of the plain rows only, since those
of a view or a choice are others by intent. A stream cannot be counted beforehand; the digests of
its files stand for its rows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from medqa_kit.catalog import registry
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.parts import Part
from medqa_kit.catalog.places import Manual
from medqa_kit.core.arguments import file_path
from medqa_kit.core.atomic import saved_whole
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.judging import RaiseOrDrop
from medqa_kit.core.stored import read_stored, stamped, write_stored
from medqa_kit.errors import LockError, UnknownSourceError, shorten
from medqa_kit.loading.carrying.lockfile import (
    LOCKFILE_VERSION,
    Lockfile,
    locked_content,
    read_lockfile,
    refuse_edited,
)
from medqa_kit.loading.content_hash import content_hash
from medqa_kit.loading.distributions.path_parts import PathParts
from medqa_kit.loading.part_warnings import warn_of_counts
from medqa_kit.loading.plan import HubSupply, Plan
from medqa_kit.loading.planner import part_plans, refuse_no_data
from medqa_kit.loading.preparing.part_builder import part_builder
from medqa_kit.loading.request import LoadRequest, Origin, cache_folder, cache_root

if TYPE_CHECKING:
    from medqa_kit.loading.preparing.builder import PartBuilder

PathLike = str | os.PathLike[str]


def lock(
    names: Sequence[str | Source],
    path: PathLike,
    *,
    origin: Origin = "hub",
    paths: Mapping[str, PathLike] | None = None,
    on_bad: RaiseOrDrop = "raise",
    cache_dir: PathLike | None = None,
    token: str | None = None,
) -> Lockfile:
    """Load sources and record what they are.

    Sources in the file stay unless named again. It is replaced only when all sources were read.

    Args:
        names: Sources to record, all their parts.
        path: The lockfile.
        origin: Where to read, as in :func:`medqa_kit.load`.
        paths: For sources read from local files: name to folder, archive or file.
        on_bad: As in :func:`medqa_kit.load`; rows set aside are not part of the content.
        cache_dir: Root of the ``datasets`` cache.
        token: Hub token.

    Returns:
        The content of the lockfile.

    Raises:
        MedQAError: What loading raises.

    Example:
        >>> from tempfile import mkdtemp
        >>> list(lock(["kbmc"], f"{mkdtemp()}/a.lock", origin="sample")["sources"]["kbmc"]["parts"])
        ['train']
    """
    if isinstance(names, (str, Source)):
        raise UnknownSourceError("lock takes a list of sources", expected='such as ["kormedmcqa"]',
                                 found=repr(names)[:80], hint="put it in brackets")  # fmt: skip
    requests = (
        _requested(name, origin=origin, paths=paths or {}, on_bad=on_bad, token=token)
        for name in names
    )
    with typed_errors(cache_root(cache_dir)):
        planned = ((source.name, source, _planned(source, request)) for source, request in requests)
        return recorded(planned, file_path("path", path), cache_folder(cache_dir))


def recorded(
    planned: Iterable[tuple[str, Source, Sequence[Plan]]],
    file: Path,
    cache_dir: str | None,
    *,
    digests: Mapping[str, str] | None = None,
) -> Lockfile:
    """Load what is planned of each source, and record it in a lockfile; see :func:`lock`.

    Args:
        planned: What each source is called there, the source, and the plans of its parts; taken one by one.
        file: The lockfile.
        cache_dir: Root of the ``datasets`` cache.
        digests: Of what else a result depends on, by name; further ones in the file stay.
    """
    refuse_no_folder(file)
    empty: dict[str, Any] = {"version": LOCKFILE_VERSION, "sources": {}}
    content = locked_content(file) if file.exists() else empty
    for name, source, plans in planned:
        content["sources"][name] = _recorded(source, plans, cache_dir)
    content["sources"] = dict(sorted(content["sources"].items()))
    if digests:
        content["digests"] = dict(sorted({**content.get("digests", {}), **digests}.items()))
    lockfile = Lockfile(stamped(content))
    with saved_whole(file, argument="lock") as unfinished:
        unfinished.write_bytes(f"{json.dumps(lockfile, indent=2, ensure_ascii=False)}\n".encode())
    return lockfile


def refuse_no_folder(file: Path) -> None:
    """Refuse a lockfile that cannot be written, since there is no folder for it.

    Raises:
        LockError: So it is.
    """
    if not file.parent.is_dir():
        raise LockError("there is no folder for the lockfile", file=str(file),
                        expected="a folder", found=f"nothing at {str(file.parent)!r}",
                        hint="make the folder first")  # fmt: skip


def _requested(
    name: str | Source, *, origin: Origin, paths: Mapping[str, PathLike], on_bad: RaiseOrDrop,
    token: str | None,
) -> tuple[Source, LoadRequest]:  # fmt: skip
    source = name if isinstance(name, Source) else registry.source(name)
    refuse_no_data(source)
    local = paths.get(source.name)
    request = LoadRequest(
        origin="path" if local else origin, path=file_path("paths", local) if local else None,
        on_bad=on_bad, token=token, file_digests="always",
    )  # fmt: skip
    return source, request


def _planned(source: Source, request: LoadRequest) -> list[Plan]:
    """Plan all parts; of a path, those that lie there; of the hub, those that are not elsewhere."""
    if request.path is None or not request.path.exists():
        by_hand = isinstance(source.at, Manual) or request.origin == "sample"
        parts = [
            p for p in source.parts if by_hand or not isinstance(source.layout_of(p).at, Manual)
        ]
        return part_plans(source, parts, request)
    listings = PathParts(source=source, parts=source.parts).at(request.path)
    parts = [part for part in source.parts if part.name in listings]
    return part_plans(source, parts, request, listings=listings)


def _recorded(source: Source, plans: Sequence[Plan], cache_dir: str | None) -> dict[str, Any]:
    parts = {}
    for plan in plans:
        builder = part_builder(plan, cache_dir=cache_dir, digest_again=True)
        builder.download_and_prepare(verification_mode="no_checks")
        warn_of_counts(plan, builder.report())
        parts[plan.part.name] = _of_files(plan) | _of_rows(plan, builder)
    hubs = [plan.supply.repo for plan in plans if isinstance(plan.supply, HubSupply)]
    revisions = {repo.repo: repo.commit for repo in hubs}
    return {"version": source.version, "revisions": revisions, "parts": parts}


def _of_files(plan: Plan) -> dict[str, Any]:
    return {"files": plan.supply.digests(), "raw_schema": _raw_schema(plan)}


def _raw_schema(plan: Plan) -> dict[str, str]:
    return {field.name: str(field.type) for field in plan.layout.raw}


def _of_rows(plan: Plan, builder: PartBuilder) -> dict[str, Any]:
    data = builder.as_dataset(split=plan.part.split)
    names = plan.layout.schema.names  # without what keep= carries along
    file = Path(builder.cache_dir, "medqa_content.json")
    content = read_stored(file)
    if content is None:
        content = content_hash(_tables(data.select_columns(names)))
        with suppress(OSError):  # a folder that cannot be written: it is counted again next time
            write_stored(file, content)
    return {"rows": builder.report().read, "content": content}


def _tables(data: Any) -> Iterator[pa.Table]:
    yield from data.with_format("arrow").iter(batch_size=10_000)


@dataclass(frozen=True)
class Locked:
    """What a lockfile records of one source.

    Attributes:
        file: The lockfile.
        source: The source.
        version: Its version then.
        revisions: Repository to commit.
        parts: Part name to what is recorded of it.
    """

    file: str
    source: Source
    version: int
    revisions: Mapping[str, str]
    parts: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(
        cls, path: PathLike, source: Source, parts: Sequence[Part], *, called: str | None = None
    ) -> Locked:
        """Read what a lockfile records of some parts of a source.

        Args:
            path: The lockfile.
            source: The source.
            parts: Those it must know.
            called: What the source is called there, where that is not its name.

        Raises:
            LockError: It does not know the source, or one of the parts, is no lockfile, or was edited.
        """
        content = read_lockfile(Path(path))
        entry = content["sources"].get(called or source.name)
        unknown = [part.name for part in parts if entry is None or part.name not in entry["parts"]]
        if unknown:
            unknown_entry = "this source" if entry is None else shorten(unknown)
            raise LockError(
                f"the lockfile does not know {unknown_entry}", source=source.name, file=str(path),
                hint=f"mk.lock([{source.name!r}], {str(path)!r}) records it",
            )  # fmt: skip
        refuse_edited(content, Path(path))
        return cls(str(path), source, entry["version"], entry["revisions"], entry["parts"])

    def at_commits(self, request: LoadRequest) -> LoadRequest:
        """Return the request at the commits that were recorded, with files that are digested."""
        return replace(request, commits=self.revisions, file_digests="always")

    def check_files(self, plan: Plan) -> None:
        """Refuse a part whose files, raw schema or normalizer are not those that were recorded.

        Raises:
            LockError: With what moved.
        """
        self._compare(plan, self._then(plan), _of_files(plan) | self._of_code(plan))

    def check_code(self, plan: Plan) -> None:
        """Refuse a part whose raw schema or normalizer are not those that were recorded; its files may be elsewhere.

        Raises:
            LockError: With what moved.
        """
        self._compare(plan, self._then(plan), self._of_code(plan))

    def check_rows(self, plan: Plan, builder: PartBuilder) -> None:
        """Refuse rows that are not those that were recorded.

        Raises:
            LockError: With what moved.
        """
        facts = _of_rows(plan, builder) if plan.plain else {"rows": builder.report().read}
        self._compare(plan, self.parts[plan.part.name], facts)

    def _then(self, plan: Plan) -> dict[str, Any]:
        return {**self.parts[plan.part.name], "version": self.version}

    def _of_code(self, plan: Plan) -> dict[str, Any]:
        return {"raw_schema": _raw_schema(plan), "version": self.source.version}

    def _compare(self, plan: Plan, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        moved = [name for name in now if then.get(name) != now[name]]
        if not moved:
            return
        raise LockError(
            f"what moved since the lockfile was written: {', '.join(moved)}",
            source=self.source.name, part=plan.part.name, file=self.file,
            expected=_differing(then, now, moved), found=_differing(now, then, moved),
            hint=f"if the change is wanted, record it with mk.lock(); else {_back(plan, moved)}",
        )  # fmt: skip


def _back(plan: Plan, moved: Sequence[str]) -> str:
    if "files" not in moved:
        return "install the version of the library that wrote it"
    return (
        "pass the old revision="
        if isinstance(plan.supply, HubSupply)
        else "bring the recorded files back"
    )


def _differing(these: Mapping[str, Any], those: Mapping[str, Any], names: Sequence[str]) -> str:
    """Write out what differs: of files and columns only those that do."""
    shown = []
    for name in names:
        left, right = these.get(name), those.get(name)
        if isinstance(left, dict) and isinstance(right, dict):
            only = [f"{k} {v}" for k, v in left.items() if right.get(k) != v]
            shown.append(f"{name}: {shorten(only) or 'only what both have'}")
        else:
            shown.append(f"{name}: {left}")
    return "; ".join(shown)
