"""Sources of other packages. One that cannot be used is left out with a warning that names it."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from importlib.machinery import PathFinder
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from medqa_kit.catalog.model import Source
from medqa_kit.catalog.source_facts import refuse_unlisted_facts
from medqa_kit.errors import InvalidSourceError, PluginWarning
from medqa_kit.errors.warning_classes import warn_at_caller

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "medqa_kit.sources"
"""Entry point group; the value names a source, or an iterable of them."""


def plugin_sources(taken: Collection[str]) -> dict[str, Source]:
    """Return the sources that other packages bring, by name.

    Args:
        taken: Names of the sources of this project.

    Warns:
        PluginWarning: A plugin cannot be loaded, or brings a source that the catalogue cannot take.
    """
    plugins: dict[str, Source] = {}
    for entry in _entries():
        try:
            for plugin in _sources_of(entry):
                _refuse_taken(plugin, entry, {*taken, *plugins})
                refuse_unlisted_facts(plugin.name, plugin.language)
                plugins[plugin.name] = plugin
        except InvalidSourceError as error:
            _warn(error)
    return dict(_with_parents(plugins, taken))


def _entries() -> Iterable[EntryPoint]:
    if not _may_be_named(GROUP.encode()):
        return ()
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def _may_be_named(group: bytes) -> bool:
    """Check whether an installed package may name a group of entry points.

    ``importlib.metadata`` parses what every package declares, and takes as long to import: half of what
    a first look at the catalogue would cost. Here the text alone is looked at; packages that
    do not lie in plain folders are left to it.
    """
    finders = [f for f in sys.meta_path if f is not PathFinder and hasattr(f, "find_distributions")]
    if finders:
        return True
    for place in map(Path, sys.path):
        if place.is_file():  # an archive
            return True
        with suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                name = entry.name.lower()
                if name.endswith(".egg"):
                    return True
                if name.endswith((".dist-info", ".egg-info")) and group in _declared(entry.path):
                    return True
    return False


def _declared(info: str) -> bytes:
    with (
        suppress(OSError),
        FileIO(f"{info}/entry_points.txt") as file,
    ):  # a Path takes twice as long
        return file.readall()
    return b""


def _warn(error: InvalidSourceError) -> None:
    warn_at_caller(f"a source of another package is left out: {error}", PluginWarning)


def _sources_of(entry: EntryPoint) -> tuple[Source, ...]:
    try:
        loaded = entry.load()
        plugins = (loaded,) if isinstance(loaded, Source) else tuple(loaded)
    except Exception as error:  # a plugin is code of others: it may raise anything
        raise InvalidSourceError(
            f"the plugin {entry.name!r} of group {GROUP!r} cannot be loaded",
            expected="a medqa_kit.Source or an iterable of them",
            found=f"{entry.value}: {type(error).__name__}: {error}",
            hint="repair or uninstall the package that declares it",
        ) from error
    if not all(isinstance(plugin, Source) for plugin in plugins):
        raise InvalidSourceError(
            f"the entry point {entry.name!r} of group {GROUP!r} does not name sources",
            expected="a medqa_kit.Source or an iterable of them",
            found=entry.value,
            hint="let it name SOURCE = mk.Source(...)",
        )
    return plugins


def _refuse_taken(plugin: Source, entry: EntryPoint, taken: Collection[str]) -> None:
    if plugin.name in taken:
        raise InvalidSourceError(
            f"the plugin {entry.value!r} brings a source whose name is taken",
            source=plugin.name,
            hint="rename it; names of other packages are theirs",
        )


def _with_parents(
    plugins: dict[str, Source], taken: Collection[str]
) -> Iterator[tuple[str, Source]]:
    """Leave out sources whose parents nobody catalogues: no holdout of these could protect them."""
    for name, plugin in plugins.items():
        try:
            refuse_lost_parents(plugin, {*taken, *plugins})
        except InvalidSourceError as error:
            _warn(error)
        else:
            yield name, plugin


def refuse_lost_parents(source: Source, known: Collection[str]) -> None:
    """Refuse a source that descends from one that is said to be catalogued and is not.

    Raises:
        InvalidSourceError: With the parent.
    """
    for parent in source.derived_from:
        if parent.catalogued and parent.name not in known:
            raise InvalidSourceError(
                f"its parent {parent.name!r} is not in the catalogue", source=source.name,
                hint="install the package that brings it, or write catalogued=False",
            )  # fmt: skip
