"""What the modules of the package are made of, read from their text: names, imports, sizes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "medqa_kit"


_NAMING = (ast.Import, ast.ImportFrom, ast.Call)


@dataclass(frozen=True)
class Module:
    """One module.

    Attributes:
        name: With all packages, such as ``medqa_kit.core.arrow.columns``.
        path: Its file.
    """

    name: str
    path: Path

    @cached_property
    def code(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.code)

    @property
    def lines(self) -> int:
        return self.code.count("\n")

    @property
    def package(self) -> str:
        """The package it stands in; of an ``__init__.py`` that is itself."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    def functions_and_classes(self) -> set[str]:
        """Public names of functions and classes defined here, not imported."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return _public(node.name for node in self.tree.body if isinstance(node, kinds))

    def local_names(self) -> set[str]:
        """Names that functions here give to values, as ``function.name``.

        ``found`` of a function that fills ``found=`` of an error is not one of them: it is the word of errors.
        """
        names: set[str] = set()
        for function in ast.walk(self.tree):
            if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            inside = list(ast.walk(function))
            given = {node.arg for node in inside if isinstance(node, ast.arg)}
            given |= {
                node.id
                for node in inside
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            if any(isinstance(node, ast.keyword) and node.arg == "found" for node in inside):
                given.discard("found")
            names |= {f"{function.name}.{name}" for name in given}
        return names

    def constants(self) -> set[str]:
        """Public names that are assigned here at the top level."""
        targets = [
            target
            for node in self.tree.body
            if isinstance(node, (ast.Assign, ast.AnnAssign))
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        ]
        return _public(target.id for target in targets if isinstance(target, ast.Name))


def _public(names: Iterable[str]) -> set[str]:
    return {name for name in names if not name.startswith("_")}


def modules(folder: Path = PACKAGE) -> dict[str, Module]:
    """All modules of the package, or of another folder, by name."""
    by_name = {}
    for path in sorted(folder.rglob("*.py")):
        if "samples" not in path.relative_to(folder).parts:  # holds upstream's files, scripts too
            steps = path.relative_to(folder.parent).with_suffix("").parts
            name = ".".join(steps[:-1] if steps[-1] == "__init__" else steps)
            by_name[name] = Module(name, path)
    return by_name


def imports(module: Module, known: Mapping[str, Module]) -> set[str]:
    """Modules of ours that a module imports anywhere, in functions and for type checkers too.

    ``from medqa_kit.catalog import model`` names the module alone, ``from medqa_kit.catalog import
    source`` the package.
    """
    targets: set[str] = set()
    for node in ast.walk(module.tree):
        if not isinstance(node, _NAMING):
            continue
        match node:
            case ast.Import(names=names):
                targets |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(origin), names=names, level=0):
                submodules = {f"{origin}.{alias.name}" for alias in names} & known.keys()
                targets |= submodules
                if len(submodules) < len(names):
                    targets.add(origin)
            case ast.ImportFrom():
                raise AssertionError(f"{module.name}, line {node.lineno}: write the full name")
            case ast.Call(args=[ast.Constant(value=str(name)), *_]):  # import_module("medqa_kit.x")
                targets.add(name)
    return targets & known.keys() - {module.name}


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Strongly connected components of more than one node, largest first (Tarjan's algorithm)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    components: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for target in sorted(graph[node]):
            if target not in order:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], order[target])
        if low[node] == order[node]:
            at = stack.index(node)
            components.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return sorted((c for c in components if len(c) > 1), key=len, reverse=True)
