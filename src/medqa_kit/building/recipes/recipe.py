"""Recipes: which sources, what is held out, how it is split, mixed and written — as data.

A recipe is TOML or a Python value; the same recipe over the same revisions gives the same bytes.
What is left out of it is decided the safe way: training splits only, every named holdout that
protects one of the sources applied.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from medqa_kit.building.output.formats import Format, checked_formats
from medqa_kit.building.recipes import reading
from medqa_kit.building.recipes.declared_tables import (
    Path as Place,
)
from medqa_kit.building.recipes.declared_tables import problem_of
from medqa_kit.building.recipes.extending import ExtendedRecipe, read_recipe, with_base
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.ledger_rows import own_rows_source
from medqa_kit.building.recipes.problems.agreement import WholeSet
from medqa_kit.building.recipes.problems.plain_values import plain_value, refuse_odd
from medqa_kit.building.recipes.problems.recipe_arguments import recipe_arguments
from medqa_kit.building.recipes.problems.whereabouts import recipe_errors
from medqa_kit.building.recipes.summary import recipe_blocks
from medqa_kit.building.recipes.whole_set import Dedupe, Gate, Mix, ModelTask, Reference
from medqa_kit.catalog import Source, source
from medqa_kit.catalog.errata import OnErrata
from medqa_kit.catalog.licenses import Use
from medqa_kit.core.arguments import (
    instance,
    nonempty_text,
    number,
    one_of,
    several,
    several_texts,
    whole_number,
)
from medqa_kit.core.judging import RaiseOrDrop
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.errors import ArgumentError, shorten

_TABLES = {"dedupe": Dedupe, "mix": Mix, "gate": Gate, "reference": Reference}
_PLACES: Mapping[str, Place] = {
    "rules": ("holdout", "rules"), "holdouts": ("holdout", "items"), "validation": ("split", "validation"), "formats": ("format",), "sources": ("source",),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class Recipe(Shown):
    """What to build.

    Attributes:
        name: ``lower_snake``; names the result.
        sources: In the order they are written.
        about: One sentence, for the manifest.
        use: What the result is for. Sources whose licence does not grant it plainly are refused.
        accept: Sources to use although no licence known to us grants that without conditions, with
            the names of the conditions; a list of names accepts whatever they are. The manifest quotes
            the clauses.
        holdouts: Holdouts to apply, beyond those that protect the sources anyway: their names, or
            ``file:`` and the path of a saved one.
        without: Named holdouts that protect a source and are left out all the same. The manifest
            says so.
        because: Why, by the name of the holdout; the manifest says it.
        rules: Numbers of shared words; the manifest compares what such rules find with the holdouts.
        validation: Share of families that goes to validation; or which rows it is taken from and which
            share of them, as in :func:`medqa_kit.split`: ``{"year": 2023, "share": 0.1}``.
        seed: The only random number: every choice is a hash of it, the stage and an id.
        formats: What is written, see :class:`medqa_kit.building.Format`; all in one pass.
        on_bad: What to do with rows that are not as declared.
        errata: What to do with rows that are known to be bad: ``"flag"`` counts them in the manifest,
            ``"drop"`` leaves them out.
        dedupe: How copies are left out; absent, none are.
        mix: In which shares the sources stand; absent, all rows are written.
        gate: How much may be left out before nothing is written.
        reference: Numbers the result is compared with; the manifest explains differences.
        generate: What a model is to be asked to make of the rows, by name; a build writes the requests.
        lock: A lockfile that builds are held to, relative to the recipe; no part of what the recipe says.
        settings: What was set beside the file, by key; the manifest says it.
        folder: What relative paths of sources are relative to; no part of what the recipe says.

    Raises:
        ArgumentError: A value is none of these.

    Example:
        >>> recipe = Recipe(name="demo", sources=(Ingredient(name="kormedmcqa", subset="doctor"),), validation=0.1)
        >>> recipe.sources[0].split, recipe.use, recipe.as_data()["validation"]
        (('train',), 'research', 0.1)
    """

    name: str
    sources: tuple[Ingredient, ...]
    about: str = ""
    use: Use = "research"
    accept: Mapping[str, tuple[str, ...]] | tuple[str, ...] = field(default_factory=dict)
    holdouts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    because: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[int, ...] = ()
    validation: float | Mapping[str, Any] = 0.05
    seed: int = 0
    formats: tuple[Format, ...] = (Format(),)
    on_bad: RaiseOrDrop = "raise"
    errata: OnErrata = "keep"
    dedupe: Dedupe | None = None
    mix: Mix | None = None
    gate: Gate | None = None
    reference: Reference | None = None
    generate: Mapping[str, ModelTask] = field(default_factory=dict)
    lock: str | None = field(default=None, compare=False)
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    folder: Path = field(default=Path(), compare=False, repr=False)

    def __post_init__(self) -> None:
        one_of("use", self.use, get_args(Use))
        one_of("on_bad", self.on_bad, get_args(RaiseOrDrop))
        one_of("errata", self.errata, get_args(OnErrata))
        object.__setattr__(self, "accept", reading.accepted_conditions(self.accept))
        object.__setattr__(self, "sources", several("sources", self.sources))
        for ingredient in self.sources:
            instance(
                "sources",
                ingredient,
                Ingredient,
                expected="Ingredients",
                hint='write Ingredient(name="kormedmcqa")',
            )
        for argument, kind in _TABLES.items():
            if (table := getattr(self, argument)) is not None:
                instance(
                    argument,
                    table,
                    kind,
                    expected=f"a {kind.__name__}",
                    hint=f"write {kind.__name__}(…)",
                )
        instance(
            "generate",
            self.generate,
            Mapping,
            expected="tasks by name",
            hint='write generate={"questions": …}',
        )
        for task in self.generate.values():
            instance(
                "generate",
                task,
                ModelTask,
                expected="ModelTasks",
                hint='write ModelTask(task="questions", …)',
            )
        object.__setattr__(self, "holdouts", several_texts("holdouts", self.holdouts))
        object.__setattr__(self, "formats", checked_formats(self.formats))
        if not isinstance(self.name, str) or not reading.RECIPE_NAME.fullmatch(self.name):
            raise ArgumentError("this cannot name a recipe", argument="name", expected=reading.RECIPE_NAMES,
                                found=shorten([self.name]), hint='name = "korean_sft"')  # fmt: skip
        if not isinstance(self.validation, Mapping):
            share = number(
                "validation", self.validation, least=0, below=1, hint="0.05 is one row in twenty"
            )
            object.__setattr__(self, "validation", share)
        object.__setattr__(self, "seed", whole_number("seed", self.seed))
        rules = tuple(whole_number("rules", n, least=1) for n in several("rules", self.rules))
        object.__setattr__(self, "rules", rules)
        if self.lock is not None:
            nonempty_text("lock", self.lock)
        reading.refuse_strange_homes(self.lock, self.holdouts)
        whole = WholeSet(
            dict(enumerate(self.sources)), [ingredient.label for ingredient in self.sources], [ingredient.name for ingredient in self.sources],
            self.dedupe, self.mix, self.reference, self.validation, self.generate,
        )  # fmt: skip
        for _, error in whole.disagreements():
            raise error
        refuse_odd(self.as_data())

    @classmethod
    def read(
        cls, path: str | os.PathLike[str], *, settings: Mapping[str, Any] | None = None
    ) -> Recipe:
        """Read a recipe from TOML; paths in it are relative to the file.

        Args:
            path: The file.
            settings: Keys to set beside it, such as ``{"mix.size": 1000, "source.klue.max_rows": 50}``.

        Raises:
            RecipeError: It is not TOML, or not a recipe; all problems are listed together.
            ArgumentError: A setting is of a source that the recipe does not have.
        """
        said, file = read_recipe(path)
        recipe = cls._from_said(said, file=str(file), settings=settings or {})
        return replace(recipe, folder=file.parent)

    @classmethod
    def of(
        cls, data: Mapping[str, Any], *, file: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Recipe:  # fmt: skip
        """Make a recipe from what TOML holds.

        Args:
            data: As in the files that ``medqa-kit recipes`` lists: ``name``, ``about``, ``use``, ``accept``, ``on_bad``, a list
                ``source``, and tables ``holdout``, ``dedupe``, ``split``, ``mix``, ``gate``, ``generate`` and ``format``. Paths in it,
                also that of a recipe it extends, are relative to the current folder.
            file: Where it stands, for messages.
            settings: As in :meth:`read`.

        Raises:
            RecipeError: It is not a recipe; all problems are listed together.
            ArgumentError: A setting is of a source that the recipe does not have.

        Example:
            >>> Recipe.of({"name": "demo", "source": [{"name": "kormedmcqa"}]}).sources[0].split
            ('train',)
        """
        instance(
            "data", data, Mapping, expected="what TOML holds", hint="Recipe.read(path) reads a file"
        )
        said = with_base(plain_value(data), Path())
        return cls._from_said(said, file=file, settings=settings or {})

    @classmethod
    def _from_said(
        cls, said: ExtendedRecipe, *, file: str | None, settings: Mapping[str, Any]
    ) -> Recipe:
        arguments, whereabouts = recipe_arguments(said, settings, file=file)
        try:
            return cls(**arguments)
        except ArgumentError as error:
            whereabouts.refuse([problem_of(error, _PLACES.get(error.argument, (error.argument,)))])
            raise

    def _blocks(self) -> Iterable[Block]:
        return recipe_blocks(self.as_data())

    def as_data(self) -> dict[str, Any]:
        """Return what the recipe says, as data, without where it stands.

        What was added to recipes later stands there only where it is said.
        """
        always = ("name", "about", "use", "without", "validation", "seed", "on_bad", "holdouts")
        later = ("because", "rules", "errata", "dedupe", "mix", "gate", "reference", "generate")
        rest = {name: reading.as_data(value) for name in later
                if (value := getattr(self, name)) not in (None, {}, (), "keep")}  # fmt: skip
        return {
            **{name: reading.as_data(getattr(self, name)) for name in always},
            "accept": reading.as_data(self.accept),
            "sources": [_source_data(ingredient) for ingredient in self.sources],
            "formats": [form.as_data() for form in self.formats],
            **rest,
        }

    def path_of(self, ingredient: Ingredient) -> Path | None:
        """Return the path of a source, with ``~`` and relative to the recipe's folder."""
        return None if ingredient.path is None else self.folder / Path(ingredient.path).expanduser()

    @property
    def lock_file(self) -> Path | None:
        """The lockfile that builds are held to, as a path."""
        return None if self.lock is None else self.folder / Path(self.lock).expanduser()

    def own_file(self, ingredient: Ingredient) -> Path:
        """Return where rows of one's own are read from."""
        return self.folder / Path(str(ingredient.read)).expanduser()

    def ledger_of(self, task: ModelTask) -> Path:
        """Return the folder of the ledger through which a model is asked."""
        return self.folder / Path(task.out).expanduser()

    @property
    def tokenizer_file(self) -> Path | None:
        """The tokenizer of the mix, where it is a file."""
        name = self.mix.tokenizer if self.mix is not None else None
        is_file = name is not None and name.endswith(".json")
        return self.folder / Path(str(name)).expanduser() if is_file else None

    def source_of(self, ingredient: Ingredient) -> Source:
        """Return the source of an ingredient: the catalogue's, or one of its own rows.

        Raises:
            UnknownSourceError: The catalogue has no such source.
            MedQAError: What looking at files of one's own raises.
        """
        if ingredient.read is None:
            return source(ingredient.name)
        with recipe_errors(self.name, ingredient.label):
            return own_rows_source(ingredient, self.folder)

    @property
    def digest(self) -> str:
        """Sixteen hex digits: equal for equal recipes."""
        text = json.dumps(self.as_data(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _source_data(ingredient: Ingredient) -> dict[str, Any]:
    """Return the data of a source: some of it always stands there, and what it is called is its ``alias``."""
    always = ("name", "subset", "split", "years", "path", "repo", "revision", "choices", "columns")
    said = {
        "alias" if key == "as" else key: value for key, value in reading.as_data(ingredient).items()
    }
    return {name: reading.as_data(getattr(ingredient, name)) for name in always} | said
