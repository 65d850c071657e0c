"""Which files of a package a function may run code of, and a digest of their text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import Any

from medqa_kit._version import __version__


@dataclass(frozen=True)
class CodeFiles:
    """The modules of one package that a function may run code of.

    Attributes:
        modules: Their names.
        digest: 32 hexadecimal digits of the text of their files.
    """

    modules: frozenset[str]
    digest: str


@cache
def code_files(function: Callable[..., Any]) -> CodeFiles:
    """Digest the files of the modules that a function may run code of.

    These are the module of the function and the modules of the same package that it imports,
    directly or not. Late imports and imports for type checkers count, since an object of a class that only
    an annotation names can be an argument. Only the text of the files counts, not the order of imports or
    other loaded modules. Files are read once per process.

    Args:
        function: A function or class of a package.

    Returns:
        Names and digest. For a file without text, as in an installation of compiled files only, the
        version of this library is digested instead.

    Example:
        >>> "medqa_kit.core.code.files" in code_files(code_files).modules
        True
    """
    package = function.__module__.partition(".")[0]
    spec_of = cache(_spec)  # many modules import the same ones; only a new one is searched for
    texts: dict[str, str] = {}
    waiting = [function.__module__]
    while waiting:
        name = waiting.pop()
        if name not in texts:
            text = _text(spec_of(name))
            texts[name] = f"version {__version__}" if text is None else text
            waiting += _imports(texts[name], package=package, spec_of=spec_of)
    digest = hashlib.sha256()
    for name, text in sorted(texts.items()):
        digest.update(f"{name} {len(text)}\0{text}".encode(errors="surrogatepass"))
    return CodeFiles(frozenset(texts), digest.hexdigest()[:32])


# A parser takes twenty times as long. A line of a docstring that looks like an import can only add a
# file. The pattern begins with the end of a line, a fixed character that the search finds fast: a third of the
# time of a match at each line.
_IMPORT = re.compile(
    r"\n[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|.*)|import[ \t]+(.*))"
)


def _imports(
    text: str, *, package: str, spec_of: Callable[[str], ModuleSpec | None]
) -> Iterator[str]:
    """Yield the modules of a package that the text of a module imports."""
    for origin, names, modules in _IMPORT.findall(f"\n{text}"):
        for name in re.findall(r"[\w.]+", modules) if modules else [origin]:
            if name.partition(".")[0] == package and (spec := spec_of(name)):
                yield name
                if spec.submodule_search_locations is not None:
                    words = re.findall(r"\w+", re.sub("#.*", "", names))
                    inside = (f"{name}.{word}" for word in words)
                    yield from filter(spec_of, inside)


def _spec(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except ModuleNotFoundError:  # a line of a docstring, no module
        return None


def _text(spec: ModuleSpec | None) -> str | None:
    get_source = getattr(getattr(spec, "loader", None), "get_source", None)
    text = get_source(spec.name) if spec and get_source else None
    return text if isinstance(text, str) else None
