"""A process that edits a copy of the package, file by file, and sees which cache keys move.

    python tests/edited_code.py moved|keys|loaded   # with the copy first on PYTHONPATH

``moved`` edits each file whose code runs while rows of the samples are made, and prints whose rows
it made and whose keys move. ``keys`` prints the keys of each source, ``loaded`` the same with all
modules loaded.
"""

from __future__ import annotations

import ast
import json
import sys
from collections import defaultdict
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(find_spec("medqa_kit").submodule_search_locations[0])  # type: ignore[union-attr,index]


@cache
def plans() -> dict[str, list[Any]]:
    import medqa_kit as mk
    from medqa_kit.loading.planner import part_plans
    from medqa_kit.loading.request import LoadRequest

    return {
        s.name: part_plans(s, s.parts, LoadRequest(origin="sample"))
        for s in mk.sources()
        if s.parts
    }


def keys() -> dict[str, list[str]]:
    """The keys of each source, from files and code as they stand."""
    from medqa_kit.core.code.files import code_files
    from medqa_kit.loading.preparing.builder import cache_key

    code_files.cache_clear()
    return {name: [cache_key(part) for part in parts] for name, parts in plans().items()}


def ran() -> dict[str, list[str]]:
    """For each file whose code runs while rows are made, the sources of those rows."""
    from medqa_kit.loading.preparing.part_rows import part_rows
    from medqa_kit.loading.preparing.quarantine import Quarantine
    from medqa_kit.loading.preparing.unique_ids import UniqueIds

    files: dict[str, set[str]] = defaultdict(set)
    for name, parts in plans().items():
        met: set[str] = set()
        sys.setprofile(lambda frame, *_, met=met: met.add(frame.f_code.co_filename))
        for part in parts:
            aside = Quarantine(Path(f"{name}.jsonl"))
            ids = UniqueIds(repeats=part.layout.repeats)
            for _ in part_rows(part, part.supply.download(), ids, aside=aside):
                pass
        sys.setprofile(None)
        for file in met:
            files[file].add(name)
    return {
        Path(file).relative_to(ROOT).as_posix(): sorted(names)
        for file, names in sorted(files.items())
        if Path(file).is_relative_to(ROOT)
    }


def by_text() -> set[str]:
    """The files whose text decides."""
    from medqa_kit.core.code.files import code_files
    from medqa_kit.loading.preparing.part_rows import part_rows

    origins = (find_spec(name).origin for name in code_files(part_rows).modules)  # type: ignore[union-attr]
    return {Path(str(origin)).relative_to(ROOT).as_posix() for origin in origins}


def in_fork(ask: Callable[..., Any], *arguments: Any) -> Any:
    """Answer in a fork, which imports the package as it stands by then."""
    with get_context("fork").Pool(1) as pool:
        return pool.apply(ask, arguments)


class OneMore(ast.NodeTransformer):
    """Adds a statement that does nothing to each function."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.body.append(ast.parse("edited = True").body[0])
        return node


def with_edit(files: list[str], ask: Callable[[], dict[str, list[str]]]) -> dict[str, list[str]]:
    """What is answered while files are edited."""
    texts = {file: (ROOT / file).read_text("utf-8") for file in files}
    try:
        for file, text in texts.items():
            edited = ast.unparse(ast.fix_missing_locations(OneMore().visit(ast.parse(text))))
            (ROOT / file).write_text(edited, encoding="utf-8")
        return ask()
    finally:
        for file, text in texts.items():
            (ROOT / file).write_text(text, encoding="utf-8")


def edited_in_turn(files: list[str]) -> dict[str, dict[str, list[str]]]:
    """The keys after each edit, in one process: text is read anew."""
    return {file: with_edit([file], keys) for file in files}


def moved() -> dict[str, dict[str, list[str]]]:
    """For each file that ran, entries taken together, whose rows it made and whose keys move."""
    made_by, before, texts = in_fork(ran), in_fork(keys), in_fork(by_text)
    entries = [file for file in made_by if file.startswith("entries/")]
    answers = in_fork(edited_in_turn, [file for file in made_by if file in texts])
    for file in made_by.keys() - {*entries, *texts}:
        answers[file] = with_edit([file], partial(in_fork, keys))
    answers["entries"] = with_edit(entries, partial(in_fork, keys))
    made_by["entries"] = sorted({name for file in entries for name in made_by[file]})
    return {
        file: {"made": made_by[file], "moved": [n for n in before if after[n] != before[n]]}
        for file, after in answers.items()
    }


def keys_with_all_loaded() -> dict[str, list[str]]:
    import medqa_kit as mk
    import medqa_kit.cli

    for name in mk.__all__:
        getattr(mk, name)
    return keys()


if __name__ == "__main__":
    import datasets  # noqa: F401  # once, for all forks

    asked = {"moved": moved, "keys": keys, "loaded": keys_with_all_loaded}
    print(json.dumps(asked[sys.argv[1]]()))  # noqa: T201
