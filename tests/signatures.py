"""What the public signatures promise: for each argument with a closed set of values, those values."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import datasets
import pyarrow as pa

import medqa_kit as mk


def public_callables() -> dict[str, Callable[..., Any]]:
    """Public functions and classes, and those of public modules.

    Also the kernels that the functions make, and class methods of all these classes.
    """
    callables = {}
    for name in mk.__all__:
        value = getattr(mk, name)
        if isinstance(value, types.ModuleType):
            inside = ((inner, getattr(value, inner)) for inner in getattr(value, "__all__", ()))
            callables |= {f"{name}.{inner}": v for inner, v in inside if _takes_arguments(v)}
        elif _takes_arguments(value):
            callables[name] = value
    for value in list(callables.values()):
        result = None if isinstance(value, type) else hints(value).get("return")
        if is_dataclass(result) and any("__call__" in vars(kind) for kind in result.__mro__):
            callables.setdefault(result.__name__, result)
    for name, value in list(callables.items()):
        makers = (n for n, member in vars(value).items() if isinstance(member, classmethod))
        callables |= {
            f"{name}.{maker}": getattr(value, maker) for maker in makers if maker[0] != "_"
        }
    return callables


def _takes_arguments(value: Any) -> bool:
    if isinstance(value, type):  # errors and typed dictionaries take what their bases take
        return not issubclass(value, (BaseException, dict))
    return isinstance(value, types.FunctionType)


def hints(value: Callable[..., Any]) -> dict[str, Any]:
    """The types of arguments, and of what is returned; aliases are resolved."""
    names = _for_checkers(value.__module__)
    if isinstance(value, type) and not is_dataclass(value):
        return get_type_hints(value.__init__, localns=names)
    return get_type_hints(value, localns=names)


@cache
def _for_checkers(module: str) -> dict[str, Any]:
    """What a module imports for type checkers alone; aliases written as strings are any object."""
    text = Path(str(sys.modules[module].__file__)).read_text("utf-8")
    body = ast.parse(text).body if "TYPE_CHECKING" in text else []
    names: dict[str, Any] = {"datasets": datasets, "pa": pa}  # stand in aliases of other modules
    names |= {n: object for n, value in vars(sys.modules[module]).items() if isinstance(value, str)}
    for node in body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for line in node.body:
                if isinstance(line, ast.Import):
                    names |= {
                        alias.name: importlib.import_module(alias.name) for alias in line.names
                    }
                elif isinstance(line, ast.ImportFrom):
                    home = importlib.import_module(str(line.module))
                    for alias in line.names:
                        names[alias.asname or alias.name] = getattr(home, alias.name)
    return names


def closed_sets() -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Each public callable with each argument that takes words of a closed set, and the words."""
    for name, value in public_callables().items():
        types_of = hints(value)
        for argument in arguments(value):
            if words := _words(types_of.get(argument)):
                yield name, argument, words


def plain(name: str) -> str:
    """A name without the public module that holds it."""
    module, _, rest = name.partition(".")
    return (
        rest if module in mk.__all__ and isinstance(getattr(mk, module), types.ModuleType) else name
    )


def arguments(value: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """The arguments of a public callable, by name."""
    return inspect.signature(value).parameters


def required(value: Callable[..., Any]) -> set[str]:
    """Arguments without a default."""
    return {
        name
        for name, argument in arguments(value).items()
        if argument.default is argument.empty and argument.kind is not argument.VAR_POSITIONAL
    }


def _words(hint: Any) -> tuple[Any, ...]:
    """The words of a ``Literal``, alone or beside other types; none where any string will do."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    if get_origin(hint) in (Union, types.UnionType):
        options = get_args(hint)
        return () if str in options else tuple(w for option in options for w in _words(option))
    return ()


def _is_plain(kind: type) -> bool:
    """Errors, and dictionaries that do not show themselves."""
    return issubclass(kind, BaseException) or (
        issubclass(kind, dict) and not hasattr(kind, "_repr_html_")
    )


def result_types() -> dict[str, type]:
    """Types of the library that public calls return, by name.

    Of functions, and of the methods of public classes and of what is returned in turn; in lists and
    tuples as well. Values that a type checker alone knows by an alias are not among them.
    """
    types: dict[str, type] = {}
    waiting = list(public_callables().values())
    while waiting:
        value = waiting.pop()
        result = value if isinstance(value, type) else None
        calls = [value] if result is None else list(_public_methods(result))
        for call in calls:
            for kind in _types_in(hints(call).get("return")):
                if kind.__name__ not in types and not _is_plain(kind):
                    types[kind.__name__] = kind
                    waiting.append(kind)
    return types


def _public_methods(kind: type) -> Iterator[Callable[..., Any]]:
    for name, member in vars(kind).items():
        call = getattr(member, "__func__", member)
        if name[0] != "_" and isinstance(call, types.FunctionType):
            yield call


def _types_in(hint: Any) -> Iterator[type]:
    kind = get_origin(hint) or hint
    if isinstance(kind, type) and kind.__module__.startswith(mk.__name__):
        yield kind
    for inner in get_args(hint):
        if get_origin(hint) is not Literal and inner is not ...:
            yield from _types_in(inner)
