"""What a caller may ask for: a slip is told as one, before anything is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from medqa_kit.errors import RecipeError


def refuse_unknown(given: Mapping[str, tuple[str, Collection[str]]]) -> None:
    """Refuse a word that is none of those an argument takes.

    Args:
        given: For each argument what was given, and what it takes.

    Raises:
        RecipeError: With the name of the argument.

    Example:
        >>> refuse_unknown({"scope": ("all", ("all", "within", "across"))})
    """
    for name, (value, known) in given.items():
        if value not in known:
            raise RecipeError(f"{name}= takes one of these words", expected=", ".join(known),
                              found=repr(value)[:80], hint="check the spelling")  # fmt: skip


def refuse_no_similarity(near: float | None) -> None:
    """Refuse what is no similarity.

    Raises:
        RecipeError: ``near`` is not above 0 and at most 1.
    """
    if near is not None and not 0 < near <= 1:
        raise RecipeError(
            "near= is a similarity",
            expected="above 0, at most 1",
            found=str(near),
            hint="0.8 is a good start; None looks at exact copies only",
        )
