"""What keeps sources of a recipe from being read, told of all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.errors import MedQAError, RecipeError

_T = TypeVar("_T")


def of_each_source(
    name: str,
    ingredients: Sequence[Ingredient],
    reads: Sequence[Callable[[], _T]],
    *,
    further: Callable[[Ingredient, _T], object] | None = None,
) -> list[_T]:
    """Return what is read of each ingredient of a recipe.

    After one that cannot be read, those that lie on this machine are tried all the same, so that a person mends
    all of them together; the others, which may take long to fetch, are left.

    Args:
        name: Name of the recipe.
        ingredients: The ingredients.
        reads: What reads each.
        further: What reads more of rows of one's own, which is tried if another ingredient cannot be read.

    Raises:
        RecipeError: Several cannot be read; they are listed.
        MedQAError: One cannot.
    """
    done, errors = list[tuple[Ingredient, _T]](), dict[str, MedQAError]()
    for ingredient, read in zip(ingredients, reads, strict=True):
        if errors and ingredient.read is None and ingredient.path is None:
            continue
        try:
            done.append((ingredient, read()))
        except MedQAError as error:
            errors.setdefault(ingredient.label, error)
    for ingredient, value in done if errors else ():
        try:
            if further is not None and ingredient.read is not None:
                further(ingredient, value)
        except MedQAError as error:
            errors.setdefault(ingredient.label, error)
    if len(errors) == 1:
        raise next(iter(errors.values()))
    if errors:
        told = (f"{label}: {'; '.join(map(str.strip, str(error).splitlines()))}" for label, error in errors.items())  # fmt: skip
        raise RecipeError(f"{len(errors)} sources cannot be read", file=name, found="\n".join(told),
                          hint="mend them all, and build again")  # fmt: skip
    return [value for _, value in done]
