"""Write ``recipe.schema.json`` from the dataclasses that declare recipes; a test fails when they differ.

Editors that know JSON Schema for TOML complete recipes by it: ``#:schema recipe.schema.json``.
"""

import json
from pathlib import Path

from medqa_kit.building.recipes.reading import recipe_schema

FILE = (
    Path(__file__).parents[1] / "src" / "medqa_kit" / "building" / "recipes" / "recipe.schema.json"
)


def written() -> str:
    """Return what the file must hold."""
    return json.dumps(recipe_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
