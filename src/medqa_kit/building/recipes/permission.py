"""Check whether licences grant the use of a recipe, and which conditions it accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from medqa_kit.building.output.papers.escaping import toml_key
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.reading import accepted_conditions
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.catalog import Source, Use
from medqa_kit.catalog import source as catalogued
from medqa_kit.catalog.licenses import strictest, summary
from medqa_kit.catalog.registry import names
from medqa_kit.catalog.verdicts import Clause, license
from medqa_kit.core.arguments import did_you_mean
from medqa_kit.errors import RecipeError

NO_GRANT = "no-grant"
"""The name of the condition where no grant was found."""


def clauses_to_accept(recipe: Recipe, sources: Sequence[Source]) -> dict[str, tuple[Clause, ...]]:
    """Find what keeps the use of a recipe from a plain yes, by source; conditional is no yes.

    Raises:
        RecipeError: A source's clauses are not accepted; or what is accepted needs no accepting, or is
            none of the source's conditions.
    """
    clauses = limiting_clauses(recipe, sources)
    _refuse(recipe, sources, clauses)
    return clauses


def parent_notes(own: Source, use: Use) -> Iterator[str]:
    """Say of rows of one's own which sources that they are from do not plainly grant a use.

    What they are under is stated by the recipe, and nothing else of them is known.

    Args:
        own: Their source.
        use: What they are for.
    """
    known = {*names()}
    for parent in own.derived_from:
        if parent.name in known:
            claims = catalogued(parent.name).claims
            if (answer := getattr(strictest(claims), use)) != "yes":
                yield (f"{own.name}: its rows say that they are from {parent.name}, whose licence is {summary(claims)} "
                       f"and grants {use} use: {answer}; what the recipe states of them stands beside that")  # fmt: skip


def limiting_clauses(recipe: Recipe, sources: Sequence[Source]) -> dict[str, tuple[Clause, ...]]:
    """Find what keeps the use of a recipe from a plain yes, by source, accepted or not."""
    clauses: dict[str, tuple[Clause, ...]] = {}
    for ingredient, source in zip(recipe.sources, sources, strict=True):
        own = _clauses(recipe, ingredient, source)
        if own:
            clauses[source.name] = tuple(dict.fromkeys((*clauses.get(source.name, ()), *own)))
    return clauses


def condition(clause: Clause) -> str:
    """Return the name by which a recipe accepts a clause.

    Example:
        >>> condition(Clause("d", "commercial", "no", "CC-BY-NC-2.0", "card", ""))
        'cc-by-nc-2.0'
    """
    return (clause.license or NO_GRANT).casefold()


def _clauses(recipe: Recipe, ingredient: Ingredient, source: Source) -> tuple[Clause, ...]:
    if not source.parts:
        verdict = license([source])
    else:
        parts = [
            part for split in ingredient.split for part in source.select(ingredient.subset, split)
        ]
        if getattr(strictest(source.claims_on(parts)), recipe.use) == "yes":
            return ()
        verdict = license([(source, part.subset) for part in parts])
    return tuple(clause for clause in verdict.clauses if clause.use == recipe.use)


def refuse_idle(recipe: Recipe, clauses: Mapping[str, Sequence[Clause]]) -> None:
    """Refuse what a recipe accepts in vain.

    Args:
        recipe: The recipe.
        clauses: What keeps its use from a plain yes, by source.

    Raises:
        RecipeError: It accepts something of a source that needs no accepting, or of none of its sources.
    """
    accepted = accepted_conditions(recipe.accept)
    if idle := [name for name in accepted if name not in clauses]:
        nearest = [
            did_you_mean(name, clauses)
            for name in idle
            if name not in {ingredient.name for ingredient in recipe.sources}
        ]
        raise RecipeError(
            f"the recipe accepts what needs no accepting: {', '.join(f'{name:.80}' for name in idle)}",
            file=recipe.name,
            found=f"{recipe.use} use is granted, or it is no source of the recipe",
            hint="; ".join(filter(None, nearest)) or "remove it from accept",
        )


def _refuse(
    recipe: Recipe, sources: Sequence[Source], clauses: Mapping[str, tuple[Clause, ...]]
) -> None:
    accepted: Mapping[str, tuple[str, ...]] = accepted_conditions(recipe.accept)
    refuse_idle(recipe, clauses)
    wrong = []
    for name, words in accepted.items():
        known = {condition(clause) for clause in clauses[name]}
        said = {word.casefold() for word in words}
        if unknown := sorted(said - known):
            near = did_you_mean(unknown[0], known)
            wrong.append(f"{name}: {unknown[0]!r} is none of {', '.join(sorted(known))}"
                         f"{f'; {near}' if near else ''}")  # fmt: skip
        elif words and (rest := sorted(known - said)):
            wrong.append(f"{name}: {', '.join(rest)} is not accepted")
    if wrong:
        raise RecipeError("the recipe accepts other conditions than there are", file=recipe.name,
                          found="; ".join(wrong), expected="each condition by its name",
                          hint=accept_line({name: clauses[name] for name in accepted}))  # fmt: skip
    forbidden = {name: own for name, own in clauses.items() if name not in accepted}
    if forbidden:
        claims = {source.name: source.license for source in sources}
        raise RecipeError(
            f"no licence known to us grants {recipe.use} use of {', '.join(forbidden)} without conditions",
            file=recipe.name,
            expected=f'sources of mk.sources(use="{recipe.use}")',
            found="; ".join(
                f"{name}: {summary(claims[name])}, {recipe.use} use {'/'.join(dict.fromkeys(c.answer for c in own))}"
                for name, own in forbidden.items()
            ),
            hint=f"leave them out, or take it upon yourself with {accept_line(forbidden)}",
        )


def accept_line(clauses: Mapping[str, Sequence[Clause]]) -> str:
    """Return the line of a recipe that accepts clauses by the names of their conditions."""
    listed = []
    for name, own in clauses.items():
        words = [f'"{word}"' for word in dict.fromkeys(map(condition, own))]
        listed.append(
            f"{toml_key(name)} = {words[0] if len(words) == 1 else '[' + ', '.join(words) + ']'}"
        )
    return f"accept = {{ {', '.join(listed)} }}"
