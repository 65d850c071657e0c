"""A digest of a callable: of its code, of all that it calls, and of all values that it holds.

``datasets`` names the result of an importable function by the function's name, so after a change of its body
the rows that the old body made would be used. This digest does not depend on the name: it reads code objects,
and everything of the same package (and of this library) that they refer to by name, down to constants.
The code that runs is digested. So a function that a notebook defines again, or of a module that is loaded
again, is another function; an edited comment changes nothing.
"""

from __future__ import annotations

import enum
import hashlib
import inspect
import pickle
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import fields, is_dataclass
from functools import partial
from secrets import token_hex
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import pyarrow as pa

_OWN = __name__.partition(".")[0]
_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), range)


def identity(value: Any, *, known: Set[str] = frozenset()) -> str:
    """Digest a callable, or any value that holds callables.

    Args:
        value: Functions, partials, frozen dataclasses, containers, Arrow schemas and types, and
            plain values are understood. Of other objects the pickled state counts.
        known: Names of modules whose code is not read, since the caller has another way to know when
            it changes; see :func:`~medqa_kit.core.code.files.code_files`.

    Returns:
        32 hexadecimal digits: equal in every process of one Python version, as long as nothing
        the value is made of changes. A value that cannot be read has another digest each time.

    Example:
        >>> identity(lambda n: n + 1) == identity(lambda n: n + 2)
        False
        >>> def double(n): return 2 * n
        >>> before = identity(double)
        >>> def double(n): return 3 * n
        >>> identity(double) == before
        False
    """
    digest = hashlib.sha256()
    for fact in _Walk({_OWN, *_packages(value)}, known).facts(value):
        digest.update(f"{len(fact)}:{fact}".encode(errors="surrogatepass"))
    return digest.hexdigest()[:32]


def _packages(value: Any, seen: tuple[Any, ...] = ()) -> Iterator[str]:
    """Return the packages of the functions and dataclasses that a value is, or holds."""
    if any(value is part for part in seen):
        return
    members: Iterable[Any] = ()
    match value:
        case FunctionType():
            yield _package(value)
            members = (cell.cell_contents for cell in value.__closure__ or ())
        case MethodType():
            members = (value.__func__, value.__self__)
        case partial():
            members = (value.func, *value.args, *value.keywords.values())
        case list() | tuple():
            members = value
        case Mapping():
            members = value.values()
        case _ if is_dataclass(value) and not isinstance(value, type):
            yield _package(type(value))
            members = (getattr(value, field.name) for field in fields(value))
    for part in members:
        yield from _packages(part, (*seen, value))


def _package(value: Any) -> str:
    return str(getattr(value, "__module__", "")).partition(".")[0]


class _Walk:
    """One walk through values; an object that was described once is not described again.

    Args:
        packages: Top-level packages whose code is read. Functions of others count by their names.
        known: See :func:`identity`.
    """

    def __init__(self, packages: Set[str], known: Set[str]) -> None:
        self._known = known
        self._packages = packages - {"builtins", "pyarrow", "numpy", "functools", "typing"}
        # Number of each object met, and the object itself, so that no id is used twice.
        self._seen: dict[int, tuple[int, Any]] = {}

    def facts(self, value: Any) -> Iterator[str]:
        """Describe a value and all values that it holds."""
        if isinstance(value, _PLAIN) and not isinstance(value, enum.Enum):
            yield f"{type(value).__name__} {value!r}"
        elif isinstance(value, tuple):  # equal constants may be one object or two
            yield from self._each(f"tuple {len(value)}", *value)
        elif id(value) in self._seen:
            yield f"again {self._seen[id(value)][0]}"
        else:
            self._seen[id(value)] = len(self._seen), value
            yield from self._composed(value)

    def _composed(self, value: Any) -> Iterator[str]:
        match value:
            case FunctionType():
                yield from self._function(value)
            case MethodType():
                yield from self._each("method", value.__self__, value.__func__)
            case partial():
                yield from self._each("partial", value.func, value.args, value.keywords)
            case type():
                yield from self._class(value)
            case ModuleType():
                yield f"module {value.__name__}"  # its names are described where code uses them
            case CodeType():
                yield from self._code(value)
            case list():
                yield from self._each(f"list {len(value)}", *value)
            case Mapping():
                yield from self._each(f"mapping {len(value)}", *value.keys(), *value.values())
            case Set():
                described = sorted(
                    "".join(_Walk(self._packages, self._known).facts(member)) for member in value
                )
                yield f"set {described}"
            case pa.Schema() | pa.DataType() | pa.Field():
                yield f"arrow {value!s}"
            case pa.Scalar() | pa.Array() | pa.ChunkedArray():
                yield f"arrow {value.type} {pickle.dumps(value)!r}"
            case re.Pattern():
                yield f"pattern {value.flags} {value.pattern!r}"
            case _:
                yield from self._object(value)

    def _each(self, kind: str, *values: Any) -> Iterator[str]:
        yield kind
        for value in values:
            yield from self.facts(value)

    def _function(self, function: FunctionType) -> Iterator[str]:
        yield f"function {function.__module__}.{function.__qualname__}"
        if not self._ours(function):
            return
        yield from self._code(function.__code__, function)
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
        yield from self._each("holds", *cells, function.__defaults__, function.__kwdefaults__)

    def _code(self, code: CodeType, function: FunctionType | None = None) -> Iterator[str]:
        yield f"code {code.co_code.hex()} {code.co_names} {code.co_varnames}"
        nested = [const for const in code.co_consts if isinstance(const, CodeType)]
        consts = [const for const in code.co_consts if not isinstance(const, CodeType)]
        yield from self._each("consts", *consts)
        if function is not None:
            yield from self._globals(code, function)
        for inner in nested:
            yield from self._code(inner, function)

    def _globals(self, code: CodeType, function: FunctionType) -> Iterator[str]:
        """Describe what code refers to by name, also as an attribute of a module of ours."""
        scope = function.__globals__
        for name in sorted(set(code.co_names)):
            if name in scope:
                yield from self._each(f"global {name}", scope[name])
                if (
                    isinstance(scope[name], ModuleType)
                    and scope[name].__name__.partition(".")[0] in self._packages
                ):
                    inside = vars(scope[name])
                    for attribute in sorted(set(code.co_names) & inside.keys()):
                        yield from self._each(f"attribute {attribute}", inside[attribute])

    def _class(self, kind: type) -> Iterator[str]:
        yield f"class {kind.__module__}.{kind.__qualname__}"
        if not self._ours(kind) or issubclass(kind, BaseException):
            return
        for name, member in sorted(vars(kind).items()):
            function = getattr(member, "__func__", getattr(member, "fget", member))
            if isinstance(function, FunctionType):
                yield from self._each(f"member {name}", function)
        yield from self._each("bases", *kind.__bases__)

    def _object(self, value: Any) -> Iterator[str]:
        yield from self._each("object", type(value))
        if is_dataclass(value):
            for field in fields(value):
                yield from self._each(f"field {field.name}", getattr(value, field.name))
        elif inspect.isroutine(value) or hasattr(value, "__qualname__"):
            yield f"named {getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
        else:
            yield from self._state(value)

    def _state(self, value: Any) -> Iterator[str]:
        try:
            state = value.__reduce_ex__(4)
        # Of any class of a user; a value that cannot be described equals no other.
        except Exception:
            yield f"opaque {token_hex()}"
        else:
            yield from self._each("state", *(state if isinstance(state, tuple) else (state,))[1:3])

    def _ours(self, value: Any) -> bool:
        module = str(getattr(value, "__module__", ""))
        return _package(value) in self._packages and module not in self._known
