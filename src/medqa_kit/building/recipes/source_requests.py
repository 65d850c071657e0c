"""The requests to loading for each source of a recipe."""

from __future__ import annotations

from pathlib import Path

from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.catalog import LocalFiles, Source
from medqa_kit.catalog.places import is_commit
from medqa_kit.loading.request import LoadRequest, Origin


def source_request(
    recipe: Recipe,
    ingredient: Ingredient,
    source: Source,
    *,
    origin: Origin,
    token: str | None = None,
    frozen: bool = False,
) -> LoadRequest:
    """Return what a recipe asks of a source.

    Args:
        recipe: The recipe.
        ingredient: What it says of the source.
        source: The source.
        origin: Where sources without a path are read.
        token: Hub token.
        frozen: Whether the commit that a lockfile records stands for a branch or a tag.
    """
    named = ingredient.revision is not None and not is_commit(ingredient.revision)
    own = isinstance(source.at, LocalFiles)
    path = Path(source.at.path) if isinstance(source.at, LocalFiles) else recipe.path_of(ingredient)
    return LoadRequest(
        origin=origin if path is None else "path",
        path=path,
        columns={} if own else ingredient.columns,
        choices=ingredient.choices,
        repo=ingredient.repo,
        revision=None if frozen and named else ingredient.revision,
        on_bad=recipe.on_bad,
        token=token,
        keep=source.origin_text,
        file_digests="always",
    )
