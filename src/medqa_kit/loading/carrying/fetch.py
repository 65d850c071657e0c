"""``fetch``: bring sources here, or into a folder to carry away, and record what they are."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from medqa_kit.catalog import registry
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.places import Hub
from medqa_kit.core.arguments import file_path, several
from medqa_kit.core.atomic import written_whole
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.judging import RaiseOrDrop
from medqa_kit.errors import ArgumentError, PartsWarning, WrongFilesError
from medqa_kit.loading.carrying.lockfile import Lockfile
from medqa_kit.loading.hub.digest import Digest
from medqa_kit.loading.lock import PathLike, lock, recorded
from medqa_kit.loading.plan import HubSupply, Plan
from medqa_kit.loading.planner import part_plans, refuse_no_data
from medqa_kit.loading.request import LoadRequest, cache_folder, cache_root

LOCKFILE = "medqa.lock"
"""Name of the lockfile in a folder that is carried away."""


def fetch(
    names: Sequence[str | Source],
    folder: PathLike | None = None,
    *,
    lockfile: PathLike | None = None,
    on_bad: RaiseOrDrop = "raise",
    cache_dir: PathLike | None = None,
    token: str | None = None,
) -> Lockfile:
    """Bring the files of sources here, checked, and record them in a lockfile.

    Without a folder they go into the caches of the hub and of ``datasets``; with the lockfile,
    loading then needs no network::

        mk.fetch(["kormedmcqa"], lockfile="medqa.lock")
        mk.load("kormedmcqa", lock="medqa.lock")            # HF_HUB_OFFLINE=1

    With a folder the files are put below it, by source and repository, beside ``medqa.lock``. The
    folder can be carried to a machine that has no network and no cache::

        mk.fetch(["kormedmcqa"], "carried")
        mk.load("kormedmcqa", path="carried/kormedmcqa", lock="carried/medqa.lock")

    What is already there and whole is not fetched again. A source's parts are taken that are not by
    name only, at their pinned revision; of a floating source, at that of today, with a warning.

    Args:
        names: Sources that are at the hub.
        folder: Where to put them; ``None`` leaves them in the caches.
        lockfile: The lockfile; ``None`` is ``medqa.lock`` in the folder, or else in the working
            directory. Other sources in it stay.
        on_bad: As in :func:`medqa_kit.load`.
        cache_dir: Root of the ``datasets`` cache.
        token: Hub token.

    Returns:
        The content of the lockfile, as of :func:`medqa_kit.lock`.

    Raises:
        ArgumentError: ``names`` is no list of sources, or one of them is not at the hub.
        NoDataError: There is nothing to load of a source.
        MedQAError: What loading raises.

    Example:
        >>> fetch(["komedqa"], "carried")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        medqa_kit.errors.classes.ArgumentError: source 'komedqa': only what is at the hub can be fetched...
    """
    sources = [_at_the_hub(name) for name in _listed(names)]
    root = None if folder is None else file_path("folder", folder)
    file = file_path("lockfile", lockfile) if lockfile is not None else (root or Path()) / LOCKFILE
    request = LoadRequest(token=token, on_bad=on_bad)
    with typed_errors(cache_root(cache_dir)):
        if root is None:
            planned = (
                (source.name, source, part_plans(source, source.select(), request))
                for source in sources
            )
            return recorded(planned, file, cache_folder(cache_dir))
        for source in sources:
            for plan in part_plans(source, source.select(), request):
                _put(plan, root / source.name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PartsWarning)  # those by name only were not asked for
            paths = {source.name: root / source.name for source in sources}
            return lock(sources, file, paths=paths, on_bad=on_bad, cache_dir=cache_dir)


def _listed(names: Sequence[str | Source]) -> Iterator[Source]:
    for name in several("names", names):
        yield name if isinstance(name, Source) else registry.source(name)


def _at_the_hub(source: Source) -> Source:
    refuse_no_data(source)
    elsewhere = [p.name for p in source.select() if not isinstance(source.layout_of(p).at, Hub)]
    if elsewhere:
        raise ArgumentError("only what is at the hub can be fetched", argument="names",
                            source=source.name, expected="sources of mk.sources(access='hub')",
                            found=f"{source.access}: {', '.join(elsewhere[:3])}",
                            hint=source.how_to_get())  # fmt: skip
    return source


def _put(plan: Plan, folder: Path) -> None:
    """Put the files of a part below a folder; those that are there and whole stay."""
    supply = plan.supply
    assert isinstance(supply, HubSupply)
    for file in supply.download():
        target = folder / supply.repo.folder / file.name
        if target.is_file() and Digest.of(Path(file.path)).fits(target):
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise WrongFilesError("a file is where a folder is needed", source=plan.source.name,
                                  part=plan.part.name, expected=f"the folder {str(target.parent)!r}",
                                  found="a file", hint="name another folder") from error  # fmt: skip
        with written_whole(target) as unfinished:
            shutil.copyfile(file.path, unfinished)
