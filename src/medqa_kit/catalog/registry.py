"""Finding sources: ours are the modules of :mod:`medqa_kit.entries`, others come as plugins.

Another package adds sources through the entry point group ``medqa_kit.sources``; the value names
a :class:`Source`, or an iterable of them::

    [project.entry-points."medqa_kit.sources"]
    ward_notes = "ward_data.catalog:SOURCE"
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import get_args, overload

from medqa_kit.catalog.licenses import Use
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.places import Access
from medqa_kit.errors import CatalogError, InvalidSourceError, UnknownSourceError
from medqa_kit.schemas import SchemaName

_GROUP = "medqa_kit.sources"


class Sources(Sequence[Source]):
    """A list of sources that prints as a table, in a terminal and in a notebook."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = tuple(sources)

    def __len__(self) -> int:
        return len(self._sources)

    def __iter__(self) -> Iterator[Source]:
        return iter(self._sources)

    @overload
    def __getitem__(self, index: int) -> Source: ...
    @overload
    def __getitem__(self, index: slice) -> Sources: ...
    def __getitem__(self, index: int | slice) -> Source | Sources:
        found = self._sources[index]
        return found if isinstance(found, Source) else Sources(found)

    def __repr__(self) -> str:
        from medqa_kit.catalog.cards import table

        return table(self)

    def _repr_html_(self) -> str:
        from medqa_kit.catalog.cards import table_html

        return table_html(self)


def sources(
    *,
    language: str | None = None,
    schema: SchemaName | None = None,
    access: Access | None = None,
    use: Use | None = None,
) -> Sources:
    """List the catalogue, narrowed down by what is asked.

    Args:
        language: BCP 47 tag; sources that hold that language.
        schema: Name of one of the seven schemas.
        access: How one gets at the rows.
        use: What you want to do with the rows. Only sources whose every credible licence claim
            grants it are listed; an unknown licence grants nothing.

    Returns:
        Sources sorted by name.

    Raises:
        CatalogError: No source can be of that language, schema, access or use.

    Example:
        >>> [s.name for s in sources(language="km")]
        ['khmer_medical_qa']
        >>> "kormedmcqa" in [s.name for s in sources(use="commercial")]
        False
    """
    every = [source(name) for name in names()]
    _refuse_unknown("language", language, sorted({tag for s in every for tag in s.language}))
    _refuse_unknown("schema", schema, get_args(SchemaName))
    _refuse_unknown("access", access, get_args(Access))
    _refuse_unknown("use", use, get_args(Use))
    return Sources(
        s
        for s in every
        if (language is None or language in s.language)
        and (schema is None or schema in s.schemas)
        and (access is None or access == s.access)
        and (use is None or s.terms.allows(use))
    )


def _refuse_unknown(argument: str, value: object, known: Sequence[str]) -> None:
    """Refuse what no source can have: an empty list would look like an answer."""
    if value is None or value in known:
        return
    near = get_close_matches(str(value), known, n=1, cutoff=0.5) if isinstance(value, str) else []
    hint = f"did you mean {near[0]!r}?" if near else "choose one of these, by name"
    raise CatalogError(f"there is no {argument} {value!r:.80}" if isinstance(value, str)
                       else f"{argument}= takes a name", expected=", ".join(known),
                       found=repr(value)[:80], hint=hint)  # fmt: skip


def source(name: str) -> Source:
    """Give one source by name.

    Args:
        name: As in :func:`sources`.

    Raises:
        UnknownSourceError: No source of that name; names the nearest one.

    Example:
        >>> source("kormedmcqa").subsets
        ('dentist', 'doctor', 'nurse', 'pharm')
    """
    if not isinstance(name, str):
        raise UnknownSourceError(
            "a source is asked for by its name", expected="text, or a medqa_kit.Source to load",
            found=repr(name)[:80], hint="mk.sources() lists all names",
        )  # fmt: skip
    if name in _own_names():
        found = import_module(f"medqa_kit.entries.{name}").SOURCE
        assert isinstance(found, Source)
        return found
    if name in _plugins():
        return _plugins()[name]
    near = get_close_matches(name, names(), n=1, cutoff=0.5)
    raise UnknownSourceError(
        f"there is no source {name!r}",
        found=name,
        expected=f"one of {len(names())} names",
        hint=(f"did you mean {near[0]!r}? " if near else "") + "mk.sources() lists all",
    )


def names() -> tuple[str, ...]:
    """Names of all sources, sorted; imports no source of ours."""
    return tuple(sorted({*_own_names(), *_plugins()}))


@cache
def _own_names() -> frozenset[str]:
    package = import_module("medqa_kit.entries")
    return frozenset(m.name for m in iter_modules(package.__path__) if not m.name.startswith("_"))


@cache
def _plugins() -> dict[str, Source]:
    found: dict[str, Source] = {}
    for entry in entry_points(group=_GROUP):
        for one in _from_plugin(entry):
            if one.name in found or one.name in _own_names():
                raise InvalidSourceError(
                    f"the plugin {entry.value!r} brings a source whose name is taken",
                    source=one.name,
                    hint="rename it; names of other packages are theirs",
                )
            found[one.name] = one
    return found


def _from_plugin(entry: EntryPoint) -> tuple[Source, ...]:
    try:
        loaded = entry.load()
        found = (loaded,) if isinstance(loaded, Source) else tuple(loaded)
    except Exception as error:  # a plugin is code of others: it may raise anything
        raise InvalidSourceError(
            f"the plugin {entry.name!r} of group {_GROUP!r} cannot be loaded",
            expected="a medqa_kit.Source or an iterable of them",
            found=f"{entry.value}: {type(error).__name__}: {error}",
            hint="mend or uninstall the package that declares it",
        ) from error
    if not all(isinstance(one, Source) for one in found):
        raise InvalidSourceError(
            f"the entry point {entry.name!r} of group {_GROUP!r} does not name sources",
            expected="a medqa_kit.Source or an iterable of them",
            found=entry.value,
            hint="let it name SOURCE = mk.Source(...)",
        )
    return found
