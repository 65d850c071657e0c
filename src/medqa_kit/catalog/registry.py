"""Find sources and holdouts: modules of :mod:`medqa_kit.entries`, and plugins of other packages.

Another package adds sources through the entry point group ``medqa_kit.sources``; the value names
a :class:`Source`, or an iterable of them::

    [project.entry-points."medqa_kit.sources"]
    ward_notes = "ward_data.catalog:SOURCE"

A source made in a notebook is added with :func:`register`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import get_args

from medqa_kit.catalog.known_files import FOLDER, with_known_files
from medqa_kit.catalog.licenses import Use
from medqa_kit.catalog.listings import listed_holdouts, listed_sources
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.places import Access, Hub
from medqa_kit.catalog.plugins import plugin_sources, refuse_lost_parents
from medqa_kit.catalog.protections import Protection
from medqa_kit.catalog.source_facts import refuse_unlisted_facts
from medqa_kit.core.arguments import did_you_mean, instance, one_of
from medqa_kit.core.tables import Listing
from medqa_kit.core.text.near_words import plain_word, suggestion
from medqa_kit.errors import InvalidSourceError, UnknownSourceError
from medqa_kit.schemas import SchemaName

_REGISTERED: dict[str, Source] = {}


def sources(
    *,
    language: str | None = None,
    schema: SchemaName | None = None,
    access: Access | None = None,
    use: Use | None = None,
) -> Listing[Source]:
    """List the catalogue, or the part of it that passes all filters.

    Args:
        language: BCP 47 tag; sources that hold that language.
        schema: Name of one of the seven schemas.
        access: How one gets at the rows.
        use: What you want to do with the rows. Only sources whose every credible licence claim
            grants it without conditions are listed; an unknown licence grants nothing, and what
            is granted under conditions :func:`medqa_kit.license` tells.

    Returns:
        Sources sorted by name; prints as a table.

    Raises:
        ArgumentError: No source can be of that language, schema, access or use.

    Example:
        >>> [s.name for s in sources(language="km")]
        ['khmer_medical_qa']
        >>> granted = [s.name for s in sources(use="commercial")]
        >>> "klue" in granted, "kormedmcqa" in granted, "kbmc" in granted
        (True, False, False)
    """
    catalog = [source(name) for name in names()]
    languages = sorted({tag for each in catalog for tag in each.language})
    for argument, value, known in (
        ("language", language, languages), ("schema", schema, get_args(SchemaName)),
        ("access", access, get_args(Access)), ("use", use, get_args(Use)),
    ):  # fmt: skip
        if value is not None:  # an empty list would look like an answer
            one_of(argument, value, known)
    return listed_sources(
        each
        for each in catalog
        if (language is None or language in each.language)
        and (schema is None or schema in each.schemas)
        and (access is None or access == each.access)
        and (use is None or each.terms.allows(use))
    )


def source(name: str) -> Source:
    """Return one source by name.

    Args:
        name: As :func:`sources` lists it.

    Returns:
        The source, with the default holdouts of the sources that it descends from.

    Raises:
        ArgumentError: The name is not text.
        UnknownSourceError: No source has that name; the hint names the nearest one.

    Example:
        >>> source("kormedmcqa").subsets
        ('dentist', 'doctor', 'nurse', 'pharm')
    """
    instance(
        "name", name, str, expected="the name of a source", hint="mk.sources() lists all names"
    )
    if name not in names():
        near = suggestion(_sources_called(name)) or did_you_mean(name, names())
        raise UnknownSourceError(
            f"there is no source {name!r}",
            expected=f"one of {len(names())} names",
            found=name,
            hint=f"{near} mk.sources() lists all".lstrip(),
        )
    return _complete(name)


def register(source: Source) -> None:
    """Add a source to the catalogue of this process, such as one made in a notebook.

    It is then found by name like any other: by :func:`source` and :func:`sources`, by
    :func:`medqa_kit.load`, in recipes, and with its holdouts. Registering it again replaces it.

    Args:
        source: The source.

    Raises:
        ArgumentError: It is no :class:`Source`.
        InvalidSourceError: Its name is not ``lower_snake``, or that of a source of this project or of
            another package; it has no language; or it descends from one that is not in the catalogue.

    Example:
        >>> from medqa_kit.catalog import source
        >>> register(replace(source("klue"), name="klue_of_ours", holdouts=(), derived_from=()))
        >>> source("klue_of_ours").name
        'klue_of_ours'
        >>> _ = _REGISTERED.pop("klue_of_ours")  # not for the examples after this one
    """
    instance("source", source, Source, expected="a mk.Source", hint="mk.Source(...) makes one")
    refuse_unlisted_facts(source.name, source.language)
    if source.name in _own_names() or source.name in _plugins():
        raise InvalidSourceError(
            "the name of the source is taken", source=source.name, expected="a name of its own",
            found="a source of the catalogue of that name", hint="rename yours",
        )  # fmt: skip
    refuse_lost_parents(source, {*names(), source.name})
    _REGISTERED[source.name] = source
    _complete.cache_clear()  # it may be a parent of others


def _sources_called(name: str) -> list[str]:
    """Return the sources that have a name, title or repository, but for case and separators."""
    wanted = f"/{plain_word(name)}"
    return [
        each.name
        for each in sources()
        if any(wanted.endswith(f"/{plain_word(alias)}") for alias in _aliases(each))
    ]


def _aliases(source: Source) -> Iterator[str]:
    yield from (source.name, source.title)
    for at in (source.at, *source.elsewhere):
        if isinstance(at, Hub):
            yield at.repo.rpartition("/")[2]


def holdouts() -> Listing[Protection]:
    """List the holdouts of all sources, those of other packages included.

    Returns:
        Holdouts by source; prints as a table. :meth:`medqa_kit.Holdout.named` makes one.

    Raises:
        InvalidSourceError: Two sources name a holdout alike.

    Example:
        >>> [holdout.items for holdout in holdouts() if holdout.source == "kormedmcqa"]
        [3009, 964, 1059]
    """
    named: dict[str, Protection] = {}
    for protection in (protection for name in names() for protection in source(name).holdouts):
        if protection.name in named:
            raise InvalidSourceError(
                f"the name of the holdout {protection.name!r} is taken", source=protection.source,
                found=f"the source {named[protection.name].source!r} has a holdout of that name",
                hint="rename the holdout of the other package",
            )  # fmt: skip
        named[protection.name] = protection
    return listed_holdouts(named.values())


def holdout(name: str) -> Protection:
    """Return one holdout of the catalogue by name.

    Args:
        name: As :func:`holdouts` lists it.

    Returns:
        Its rows by part and year, the reason, and the names of the benchmarks that it protects; not the items
        themselves, which :meth:`medqa_kit.Holdout.named` reads.

    Raises:
        ArgumentError: The name is not text.
        UnknownSourceError: No holdout has that name; the hint names the nearest ones. The name of
            a source leads to its holdouts.

    Example:
        >>> holdout("kormedmcqa-official-test").protects[0]
        'lm_eval/kormedmcqa'
    """
    instance("name", name, str, expected="the name of a holdout", hint="mk.holdouts() lists all")
    named = {protection.name: protection for protection in holdouts()}
    if name in named:
        return named[name]
    raise UnknownSourceError(
        f"there is no holdout {name!r}",
        expected=f"one of {len(named)} names",
        found=name,
        hint=_holdout_hint(name, list(named))
        or "mk.holdouts() lists them; Holdout.from_rows makes your own",
    )


def _holdout_hint(name: str, known: list[str]) -> str:
    """Return a question that names the holdouts of the source that a name begins with or stands for.

    Those that recipes apply by default come first; without such a source, the nearest names.
    """
    meant = [source(each) for each in _sources_called(name)]
    own = [protection for each in meant for protection in each.holdouts]
    near = [
        protection.name for protection in sorted(own, key=lambda protection: not protection.default)
    ]
    near = near or [holdout_name for each in meant for holdout_name in each.protected_by]
    begun = [
        protection.name for protection in holdouts() if name.startswith(f"{protection.source}-")
    ]
    return suggestion(near) or did_you_mean(name, begun) or did_you_mean(name, known, most=3)


def protecting(source: Source | str) -> tuple[str, ...]:
    """Return the names of the holdouts that recipes with this source apply by default.

    These hold rows of the source itself, or of a source it descends from, nearest first.

    Args:
        source: A source, or its name.

    Example:
        >>> protecting("medical_reasoning_kormedmcqa")
        ('kormedmcqa-official-test',)
    """
    declared = _declared(source) if isinstance(source, str) else source
    return replace(declared, inherited=_inherited(declared)).protected_by


def names() -> tuple[str, ...]:
    """Return the names of all sources, sorted; imports no source of ours."""
    return tuple(sorted({*_own_names(), *_plugins(), *_REGISTERED}))


@cache
def _complete(name: str) -> Source:
    """Return a source with the holdouts of its ancestors filled in."""
    declared = _declared(name)
    inherited = _inherited(declared)
    return replace(declared, inherited=inherited) if inherited else declared


def _declared(name: str) -> Source:
    if name in _own_names():
        return _own(name)
    return _REGISTERED[name] if name in _REGISTERED else _plugins()[name]


@cache
def _own(name: str) -> Source:
    package = import_module("medqa_kit.entries")
    declared = import_module(f"{package.__name__}.{name}").SOURCE
    assert isinstance(declared, Source)
    return with_known_files(declared, Path(*package.__path__, FOLDER))


def _inherited(source: Source) -> tuple[Protection, ...]:
    """Return the default holdouts of all sources that one descends from, nearest first.

    Rows of one's own may be called by the name of the source that they are from.
    """
    line = [source]
    for child in line:  # grows while it is read, until no ancestor is new
        for parent in child.derived_from:
            if not parent.catalogued or any(parent.name == each.name for each in line[1:]):
                continue
            refuse_lost_parents(child, names())
            line.append(_declared(parent.name))
    return tuple(
        protection
        for ancestor in line[1:]
        for protection in ancestor.holdouts
        if protection.default
    )


@cache
def _own_names() -> frozenset[str]:
    package = import_module("medqa_kit.entries")
    return frozenset(m.name for m in iter_modules(package.__path__) if not m.name.startswith("_"))


@cache
def _plugins() -> dict[str, Source]:
    return plugin_sources(_own_names())
