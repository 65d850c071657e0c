"""Recipes that extend others: their data joined, with the line of each key."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from medqa_kit.building.recipes.declared_tables import Path, Problem
from medqa_kit.building.recipes.problems.known_names import SAVED
from medqa_kit.building.recipes.problems.whereabouts import source_label
from medqa_kit.building.recipes.toml_lines import Line, syntax_slip, toml_lines
from medqa_kit.core.arguments import did_you_mean, file_path, home_path
from medqa_kit.errors import ArgumentError, RecipeError, shorten

SHIPPED = FilePath(__file__).parent / "shipped"
"""Folder of the recipes that come with the package."""

_MOST_EXTENDED = 8


@dataclass(frozen=True)
class ExtendedRecipe:
    """The data of a recipe together with that of the recipes it extends.

    Attributes:
        data: The keys of all of them; where several have a key, the value of the recipe that extends.
        lines: The line of each key.
        problems: Why one of the recipes cannot be read.
    """

    data: dict[str, Any]
    lines: Mapping[Path, Line] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_recipe(path: str | os.PathLike[str]) -> tuple[ExtendedRecipe, FilePath]:
    """Read a recipe file, with those it extends.

    Raises:
        RecipeError: It cannot be read, or is not TOML.
    """
    file = file_path("recipe", path)
    data, text = _toml(file)
    return with_base(data, file.parent, toml_lines(text), (file,)), file


def with_base(
    data: Mapping[str, Any], folder: FilePath, lines: Mapping[Path, Line] | None = None, chain: tuple[FilePath, ...] = ()
) -> ExtendedRecipe:  # fmt: skip
    """Return what a recipe says together with the one it extends, if it does.

    Args:
        data: What it says itself; ``extends`` names a file, or a recipe that comes with the package.
        folder: What the names of files in it are relative to.
        lines: Where its keys stand.
        chain: Its file, after those that extend it.
    """
    own = {key: value for key, value in data.items() if key != "extends"}
    if "extends" not in data:
        return ExtendedRecipe(own, lines or {})
    try:
        file = _base_file(data["extends"], folder, chain)
        content, text = _toml(file)
    except RecipeError as error:
        instead = f", found {error.found}" if error.found else ""
        why = "; ".join(filter(None, [error.what + instead, error.hint]))
        return ExtendedRecipe(own, lines or {}, (Problem(("extends",), why),))
    base = with_base(content, file.parent, toml_lines(text, file.name), (*chain, file))
    said = _rebased(base.data, file.parent, folder)
    problems = tuple(
        Problem(problem.path, f"{file.name}: {problem.message}") for problem in base.problems
    )
    return ExtendedRecipe(
        _together(said, own), _lines(base.lines, lines or {}, said, own), problems
    )


def _base_file(named: Any, folder: FilePath, chain: tuple[FilePath, ...]) -> FilePath:
    if not isinstance(named, str) or not named.strip():
        raise RecipeError("takes the path of a recipe, or the name of one that comes with the package",
                          found=shorten([named]), hint='extends = "korean_sft"')  # fmt: skip
    try:
        file = folder / file_path("extends", named)
        there, own = file.exists() and not file.is_dir(), SHIPPED / f"{named}.toml"
        file = own if not there and own.parent == SHIPPED and own.is_file() else file
    except (ArgumentError, OSError) as error:
        raise RecipeError("takes a path", found=shorten([named]), hint=str(getattr(error, "hint", ""))) from error  # fmt: skip
    if file.is_dir():
        raise RecipeError(
            "is a folder, and no recipe", found=shorten([named]), hint="name a file in it"
        )
    if not file.is_file():
        raise RecipeError("there is no such file, and no such recipe", found=shorten([named]),
                          hint=_nearest(file) or "names are relative to the recipe")  # fmt: skip
    if any(file.samefile(link) for link in chain):
        way = " → ".join(link.name for link in (*chain, file))
        raise RecipeError(
            "the recipe extends itself", found=way, hint="leave one of these lines out"
        )
    if len(chain) > _MOST_EXTENDED:
        raise RecipeError(f"the recipe extends too many others: {_MOST_EXTENDED} at most",
                          hint="put some of them together")  # fmt: skip
    return file


def _nearest(file: FilePath) -> str:
    """Ask whether a recipe is meant that comes with the package, or one in the folder, which a name with an ending is of."""
    beside = [recipe.stem for recipe in file.parent.glob("*.toml")]  # of no folder it finds none
    shipped = did_you_mean(file.stem, [recipe.stem for recipe in SHIPPED.glob("*.toml")])
    ours = (
        did_you_mean(file.name, [f"{recipe}.toml" for recipe in beside])
        if did_you_mean(file.stem, beside)
        else ""
    )
    return ours or shipped if file.suffix else shipped or ours


def _toml(file: FilePath) -> tuple[dict[str, Any], str]:
    try:
        text = file.read_text("utf-8-sig")  # some editors begin files with a mark
        return tomllib.loads(text), text
    except OSError as error:
        near = _nearest(file) if isinstance(error, FileNotFoundError) else ""
        raise RecipeError("the recipe cannot be read", file=str(file), found=error.strerror or str(error),
                          expected="a TOML file", hint=near or "check the path") from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise RecipeError("this is not UTF-8", file=str(file), expected="TOML, which is UTF-8", found=str(error),
                          hint="save it as UTF-8") from error  # fmt: skip
    except (ValueError, RecursionError) as error:  # no TOML, or a number without end
        where, remedy = syntax_slip(text, str(error))
        hint = remedy or "medqa-kit recipes lists recipes to begin with"
        if text.lstrip()[:1] == "{":
            hint = "this may be JSON: in Python, mk.build(json.load(file), out=...) takes what it holds"
        raise RecipeError("this is not TOML", file=str(file), found=where, hint=hint) from error  # fmt: skip


def _rebased(data: Mapping[str, Any], at: FilePath, to: FilePath) -> dict[str, Any]:
    """Return a recipe of another folder with all its paths seen from where the whole is."""
    if at == to:
        return dict(data)

    def moved(path: Any) -> Any:
        if not isinstance(path, str) or not path:
            return path
        with suppress(ArgumentError):  # told of the whole recipe, with its line
            return str(at.absolute() / home_path("path", path))  # else it would be seen from ``to``
        return path

    def of_source(entry: Any) -> Any:
        if not isinstance(entry, Mapping):
            return entry
        return {
            key: moved(value) if key in ("path", "read") else value for key, value in entry.items()
        }

    changed = dict(data)
    if isinstance(data.get("source"), list):
        changed["source"] = [of_source(entry) for entry in data["source"]]
    changed |= {key: of_source(data[key]) for key in ("defaults",) if key in data}
    changed |= {key: moved(data[key]) for key in ("lock",) if key in data}
    mix, holdout = data.get("mix"), data.get("holdout")
    if isinstance(asked := data.get("generate"), Mapping):
        changed["generate"] = {name: {**entry, "out": moved(entry["out"])} if isinstance(entry, Mapping) and "out" in entry
                               else entry for name, entry in asked.items()}  # fmt: skip
    if isinstance(mix, Mapping) and str(mix.get("tokenizer", "")).endswith(".json"):
        changed["mix"] = {**mix, "tokenizer": moved(mix["tokenizer"])}
    if isinstance(holdout, Mapping) and isinstance(holdout.get("items"), list):
        changed["holdout"] = {**holdout, "items": [
            SAVED + moved(name.removeprefix(SAVED)) if isinstance(name, str) and name.startswith(SAVED) else name
            for name in holdout["items"]
        ]}  # fmt: skip
    return changed


def _together(base: Any, own: Any) -> Any:
    """Merge tables; sources are the same where their names are; of all else the own value counts."""
    if not (isinstance(base, Mapping) and isinstance(own, Mapping)):
        return own
    merged = dict(base)
    for key, value in own.items():
        merge = _MERGES.get(key, _together)
        merged[key] = merge(base[key], value) if key in base else value
    return merged


def _accepted(base: Any, own: Any) -> Any:
    """Add conditions to accept, which are a table, to sources of which any are; a list stands for all there were."""
    if isinstance(base, list) and isinstance(own, Mapping):
        base = {name: [] for name in base if isinstance(name, str)}
    return _together(base, own)


def _sources(base: Any, own: Any) -> Any:
    if not isinstance(base, list) or not isinstance(own, list):
        return own
    places = _places(base, own)
    merged = [*base, *([{}] * (max(places, default=-1) + 1 - len(base)))]
    for at, entry in zip(places, own, strict=True):
        merged[at] = _together(_without_rivals(merged[at], entry), entry)
    return merged


_MERGES = {"source": _sources, "accept": _accepted}


def _without_rivals(base: Any, own: Any) -> Any:
    """Leave out of a source the way of saying how much is taken of it that its other one replaces."""
    if not isinstance(base, Mapping) or not isinstance(own, Mapping):
        return base
    rivals = {other for word, other in (("weight", "repeat"), ("repeat", "weight")) if word in own}
    return {key: value for key, value in base.items() if key not in rivals}


def _places(base: list[Any], own: list[Any]) -> list[int]:
    """Return where each source of a recipe stands among those of the recipe it extends and its own."""
    known = {str(source_label(entry)): at for at, entry in reversed([*enumerate(base)])}
    places, end = [], len(base)
    for entry in own:
        label = source_label(entry)
        at = None if label is None else known.pop(str(label), None)
        places.append(end if at is None else at)
        end += at is None
    return places


def _lines(
    base: Mapping[Path, Line], own: Mapping[Path, Line], base_data: Mapping[str, Any], own_data: Mapping[str, Any]
) -> dict[Path, Line]:  # fmt: skip
    listed, ours = base_data.get("source"), own_data.get("source")
    if not isinstance(listed, list) or not isinstance(ours, list):
        return {**base, **own}
    places = _places(listed, ours)
    moved = {}
    for path, line in own.items():
        if (
            len(path) > 1
            and path[0] == "source"
            and isinstance(path[1], int)
            and path[1] < len(places)
        ):
            path = ("source", places[path[1]], *path[2:])
        moved[path] = line
    return {**base, **moved}


def completed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Put ``defaults`` into each source, which says otherwise where it does.

    Example:
        >>> completed({"defaults": {"errata": "drop"}, "source": [{"name": "klue"}]})
        {'source': [{'errata': 'drop', 'name': 'klue'}]}
    """
    defaults = data.get("defaults", {})
    if not isinstance(defaults, Mapping):
        return dict(data)
    rest = {name: value for name, value in data.items() if name != "defaults"}
    if defaults and isinstance(rest.get("source"), list):
        rest["source"] = [_together(defaults, entry) if isinstance(entry, Mapping) else entry
                          for entry in rest["source"]]  # fmt: skip
    return rest
