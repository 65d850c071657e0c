"""Check that the tables of a recipe agree: names of sources, weights, and what counts of tokens need."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from medqa_kit.building.recipes.declared_tables import Path
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.problems.whereabouts import source_label
from medqa_kit.building.recipes.reading import RECIPE_NAME, RECIPE_NAMES
from medqa_kit.building.recipes.whole_set import STOPS, Dedupe, Mix, ModelTask, Reference
from medqa_kit.core.arguments import one_of
from medqa_kit.errors import ArgumentError, shorten
from medqa_kit.splitting.portions import Portion

Disagreement = tuple[Path, ArgumentError]

_IDLE = {
    "size": "a size cannot be met",
    "stop": "no source ends the mix",
    "temperature": "sizes say nothing of it",
}


@dataclass(frozen=True)
class WholeSet:
    """What of a recipe must agree.

    Attributes:
        sources: The sources, by their places in the recipe.
        labels: What the recipe calls all of them, also those that are wrong and not among ``sources``.
        names: Their names in the catalogue.
        dedupe: Its table of copies.
        mix: Its mix.
        reference: The numbers it is compared with.
        validation: What goes to validation.
        generate: What a model is asked for.
    """

    sources: Mapping[int, Ingredient]
    labels: Sequence[str]
    names: Sequence[str]
    dedupe: Dedupe | None = None
    mix: Mix | None = None
    reference: Reference | None = None
    validation: float | Mapping[str, Any] = 0.0
    generate: Mapping[str, ModelTask] = field(default_factory=dict)
    unmade: Collection[str] = ()

    @classmethod
    def of_data(
        cls, listed: Sequence[Mapping[str, Any]], ingredients: Mapping[int, Ingredient], tables: Mapping[str, Any],
        validation: float | Mapping[str, Any], unmade: Collection[str] = (),
    ) -> WholeSet:  # fmt: skip
        """Return what must agree of a recipe whose sources may not all be as they should.

        Args:
            listed: All sources, as the recipe has them.
            ingredients: Those that are as they should be, by their places.
            tables: The single tables that are.
            validation: What goes to validation.
            unmade: Tables that the recipe has and that are wrong.
        """
        labels = [
            ingredients[at].label if at in ingredients else str(source_label(entry) or "")
            for at, entry in enumerate(listed)
        ]
        names = [ingredients[at].name if at in ingredients else str(entry.get("name", source_label(entry)))
                 for at, entry in enumerate(listed)]  # fmt: skip
        return cls(ingredients, labels, names, tables.get("dedupe"), tables.get("mix"), tables.get("reference"),
                   validation, tables.get("generate", {}), unmade)  # fmt: skip

    def disagreements(self) -> Iterator[Disagreement]:
        """Return all that does not fit together, with its place."""
        if "" not in self.labels:  # which name the source without one would have nobody knows
            yield from self._unknown_names()
        yield from self._repeated_labels()
        yield from self._tasks()
        if isinstance(self.validation, Mapping):
            try:
                Portion.of(self.validation, {"train": 1.0})
            except ArgumentError as error:
                yield ("split", "validation"), error
        if len(self.sources) == len(
            self.labels
        ):  # of sources that are wrong nobody knows the weight
            yield from self._weights()
        if "mix" not in self.unmade:
            yield from self._tokens()

    def _unknown_names(self) -> Iterator[Disagreement]:
        named: list[tuple[Path, str, Any, Sequence[str]]] = []
        for word in ("prefer", "protect") if self.dedupe is not None else ():
            named += [
                (("dedupe", word), word, name, (*self.labels, *self.names))
                for name in getattr(self.dedupe, word)
            ]
        if self.reference is not None:
            named += [(("reference", "sources", name), "reference", name, self.labels)
                      for name in self.reference.sources]  # fmt: skip
        if self.mix is not None:
            named.append((("mix", "stop"), "stop", self.mix.stop, (*STOPS, *self.labels)))
            named += [(("mix", "floor", "source", name), "floor", name, self.labels)
                      for name in self.mix.floor.get("source", {})]  # fmt: skip
        if isinstance(self.validation, Mapping) and "source" in self.validation:
            meant = self.validation["source"]
            named += [(("split", "validation", "source"), "source", name, (*self.labels, *self.names))
                      for name in (meant if isinstance(meant, list | tuple) else [meant])]  # fmt: skip
        for task, asked in self.generate.items():
            named += [(("generate", task, "source"), "source", name, (*self.labels, *self.names))
                      for name in asked.source]  # fmt: skip
        for at, ingredient in self.sources.items():
            if ingredient.few_shot is not None and ingredient.few_shot.pool is not None:
                named.append(
                    (
                        ("source", at, "few_shot", "from"),
                        "from",
                        ingredient.few_shot.pool,
                        self.labels,
                    )
                )
        for path, argument, name, known in named:
            try:
                one_of(
                    argument, name, tuple(dict.fromkeys(known)), hint="name a source of the recipe"
                )
            except ArgumentError as error:
                yield path, error

    def _repeated_labels(self) -> Iterator[Disagreement]:
        for at, ingredient in self.sources.items():
            others = [other.name for other in self.sources.values() if other is not ingredient]
            if ingredient.alias and (
                self.labels.count(ingredient.alias) > 1 or ingredient.alias in others
            ):
                yield ("source", at, "as"), ArgumentError(
                    f"two sources are called {ingredient.alias!r}", argument="as", expected="a name of its own",
                    found=shorten([ingredient.alias]), hint="call one of them otherwise",
                )  # fmt: skip
        called = [label for label in self.labels if label]
        if self.mix is not None and len(set(called)) < len(called):
            yield ("mix",), ArgumentError(
                "two sources of a mix have one name", argument="sources",
                expected="a name of its own for each", found=shorten(called),
                hint='as = "early" in one of them',
            )  # fmt: skip

    def _tasks(self) -> Iterator[Disagreement]:
        for name in self.generate:
            if not RECIPE_NAME.fullmatch(name):
                yield ("generate", name), ArgumentError(
                    "this cannot name what a model is asked for", argument="generate", expected=RECIPE_NAMES,
                    found=shorten([name]), hint="[generate.paraphrases]",
                )  # fmt: skip
        first: dict[str, str] = {}
        for name, task in self.generate.items():
            if (other := first.setdefault(_place(task.out), name)) != name:
                yield ("generate", name, "out"), ArgumentError(
                    f"{other} and {name} have one ledger", argument="generate", expected="a folder for each",
                    found=shorten([task.out]), hint=f'out = "{task.out}_{name}"',
                )  # fmt: skip

    def _weights(self) -> Iterator[Disagreement]:
        listed = list(self.sources.values())
        weighted = [ingredient.label for ingredient in listed if ingredient.weight is not None]
        repeated = [ingredient.label for ingredient in listed if ingredient.repeat is not None]
        words = ("weight", "repeat", "max_repeat", "max_share")
        weighing = [f"{word} of {ingredient.label}" for ingredient in listed for word in words
                    if getattr(ingredient, word) is not None]  # fmt: skip
        if self.mix is None and weighing and "mix" not in self.unmade:
            yield ("mix",), ArgumentError(
                "sources are weighed, and there is no mix", argument="mix", expected="a table [mix]",
                found=", ".join(weighing), hint='[mix] with by = "rows"',
            )  # fmt: skip
        if (weighted and repeated) or (0 < len(weighted) < len(listed)):
            yield ("weight",), ArgumentError(
                "either every source has a weight, or none", argument="weight",
                expected="weight for all, or repeat for those that differ from 1",
                found=f"weight of {', '.join(weighted)}; repeat of {', '.join(repeated) or 'none'}",
                hint="weight is a share of the mix, repeat how often a row is seen",
            )  # fmt: skip
        if self.mix is not None:
            yield from self._idle_words(self.mix, weighted, repeated)
        for at, ingredient in self.sources.items() if repeated else ():
            times = 1.0 if ingredient.repeat is None else ingredient.repeat
            if ingredient.max_repeat is not None and times > ingredient.max_repeat:
                yield ("source", at, "max_repeat"), ArgumentError(
                    "rows are repeated more often than max_repeat lets them", argument="max_repeat",
                    expected=f"at least {times:g}, as often as rows are seen", found=f"{ingredient.max_repeat:g}",
                    hint="lower repeat, or leave max_repeat out: it is for mixes with weights or a size",
                )  # fmt: skip

    def _idle_words(
        self, mix: Mix, weighted: Sequence[str], repeated: Sequence[str]
    ) -> Iterator[Disagreement]:
        """Return words of a mix to which others leave nothing to say."""
        plain = Mix()
        said = {word: getattr(mix, word) for word in ("size", "stop", "temperature")
                if getattr(mix, word) != getattr(plain, word)}  # fmt: skip
        for word in said if repeated else ():
            yield ("mix", word), ArgumentError(
                f"repeat= says how much is taken, so {_IDLE[word]}", argument=word,
                expected=f"{word} without repeat", found=f"repeat of {', '.join(repeated)}",
                hint=f"write weight= instead, or leave {word} out",
            )  # fmt: skip
        if not repeated and "size" in said and "stop" in said:
            yield ("mix", "stop"), ArgumentError(
                "stop= says where a mix without a size ends", argument="stop", expected="size or stop",
                found=f"size {mix.size:,}, stop {shorten([mix.stop])}", hint="leave one of them out",
            )  # fmt: skip
        if not repeated and weighted and "temperature" in said:
            yield ("mix", "temperature"), ArgumentError(
                "temperature= is of shares by size, and weights say the shares", argument="temperature",
                expected="weights or a temperature", found=f"weight of {', '.join(weighted)}",
                hint="leave the weights out, or the temperature",
            )  # fmt: skip

    def _tokens(self) -> Iterator[Disagreement]:
        counted = [
            ingredient.label
            for ingredient in self.sources.values()
            if ingredient.where is not None and ingredient.where.tokens
        ]
        if counted and (self.mix is None or self.mix.tokenizer is None):
            yield ("mix",), ArgumentError(
                "a condition on tokens needs a tokenizer", argument="mix", expected="the one you train",
                found=f"none, for {', '.join(counted)}", hint='[mix] with tokenizer = "o200k_base"',
            )  # fmt: skip


def _place(path: str) -> str:
    """Return a path so that two ways to write it are equal."""
    return os.path.normpath(pathlib.Path(path).expanduser())
