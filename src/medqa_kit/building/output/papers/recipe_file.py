"""``recipe.toml``: the recipe of a result, completed, as a file that builds it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medqa_kit.building.output.papers.attribution import Manifest
from medqa_kit.building.output.papers.escaping import toml_text

_PLAIN = ("name", "about", "use", "seed", "on_bad", "errata", "accept")
_RENAMED = ("sources", "holdouts", "without", "because", "rules", "validation", "formats")


def recipe_text(manifest: Manifest) -> str:
    """Write ``recipe.toml``: what it says has the digest of the recipe that was built.

    Paths of local files stand there as they were given, which is relative to where the recipe was.
    """
    recipe = manifest["recipe"]
    holdout = {
        "items": recipe["holdouts"],
        "without": recipe["without"],
        "because": recipe.get("because", {}),
        "rules": recipe.get("rules", []),
    }
    table = {
        **{name: recipe[name] for name in _PLAIN if recipe.get(name)},
        "seed": recipe["seed"],
        "source": [_renamed(each, alias="as") for each in recipe["sources"]],
        **({"holdout": _present(holdout)} if _present(holdout) else {}),
        "split": {"validation": recipe["validation"]},
        **{name: value for name, value in recipe.items() if name not in (*_PLAIN, *_RENAMED)},
        "format": [_renamed(each, name="as") for each in recipe["formats"]],
    }
    head = f"# The recipe of this result, completed; its digest is {manifest['recipe_digest']}.\n"
    if any(each.get("read") or each.get("path") for each in recipe["sources"]):
        head += "# Its paths are relative to the folder in which it stood: copy it there to build it again.\n"
    return f"{head}\n{toml_text(table)}"


def _renamed(table: Mapping[str, Any], **words: str) -> dict[str, Any]:
    return {words.get(name, name): value for name, value in _present(table).items()}


def _present(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if value not in (None, [], {})}
