"""Recipes: which sources, what is held out, how it is split and written — as data.

A recipe is TOML or a Python value; the same recipe over the same revisions gives the same bytes.
What is left out of it is decided the safe way: training splits only, every named holdout that
protects one of the sources applied.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from medqa_kit.building.output.formats import Format
from medqa_kit.catalog.errata import OnErrata
from medqa_kit.catalog.licenses import Use
from medqa_kit.core.arguments import file_path, number, one_of, whole_number
from medqa_kit.core.judging import RaiseOrDrop
from medqa_kit.errors import RecipeError
from medqa_kit.splitting.portions import Portion


@dataclass(frozen=True, kw_only=True)
class Ingredient:
    """One source of a recipe; the fields are arguments of :func:`medqa_kit.load`.

    Attributes:
        name: Name of the source.
        subset: One subset, or all.
        split: Splits to take. Only training splits unless said otherwise.
        years: Exam years to keep.
        path: A local copy instead of the hub.
        repo: Another repository laid out the same way.
        revision: Another revision.
        choices: Values of the source's own choices, by name.
        columns: Declared column name to the name in the files.
    """

    name: str
    subset: str | None = None
    split: tuple[str, ...] = ("train",)
    years: tuple[int, ...] | None = None
    path: str | None = None
    repo: str | None = None
    revision: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to build.

    Attributes:
        name: ``lower_snake``; names the result.
        sources: In the order they are written.
        about: One sentence, for the manifest.
        use: What the result is for. Sources whose licence does not grant it are refused.
        accept: Sources to use although no licence known to us grants that. The manifest says so.
        holdouts: Named holdouts to apply, beyond those that protect the sources anyway.
        without: Named holdouts that protect a source and are left out all the same. The manifest
            says so.
        validation: Share of families that goes to validation; or which rows it is taken from and which
            share of them, as in :func:`medqa_kit.split`: ``{"year": 2023, "share": 0.1}``.
        seed: Of the split.
        record: What rows become, see :func:`medqa_kit.records`.
        language: Of the words around question and answer; ``"row"`` goes by the row's language.
        system: System turn, if any.
        reasoning: How rationales are written; ``None`` takes the style the trainer reads best.
        on_bad: What to do with rows that are not as declared.
        errata: What to do with rows that are known to be bad: ``"flag"`` counts them in the manifest,
            ``"drop"`` leaves them out.
        folder: What relative paths of sources are relative to; no part of what the recipe says.
    """

    name: str
    sources: tuple[Ingredient, ...]
    about: str = ""
    use: Use = "research"
    accept: tuple[str, ...] = ()
    holdouts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    validation: float | Mapping[str, Any] = 0.05
    seed: int = 0
    record: str = "trl/prompt-completion"
    language: str = "row"
    system: str | None = None
    reasoning: str | None = None
    on_bad: RaiseOrDrop = "raise"
    errata: OnErrata = "keep"
    folder: Path = field(default=Path(), compare=False, repr=False)

    def __post_init__(self) -> None:
        one_of("use", self.use, get_args(Use))
        one_of("on_bad", self.on_bad, get_args(RaiseOrDrop))
        one_of("errata", self.errata, get_args(OnErrata))
        if isinstance(self.validation, Mapping):
            Portion.of(self.validation, {"train": 1.0})
        else:
            number(
                "validation", self.validation, least=0, below=1, hint="0.05 is one row in twenty"
            )
        whole_number("seed", self.seed)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Recipe:
        """Read a recipe from TOML; paths in it are relative to the file.

        Raises:
            RecipeError: It is not TOML, or not a recipe; all problems are listed together.
        """
        file = file_path("recipe", path)
        try:
            found = tomllib.loads(file.read_text("utf-8"))
        except OSError as error:
            raise RecipeError(
                "the recipe cannot be read", file=str(file), found=str(error), hint="check the path"
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RecipeError("this is not TOML", file=str(file), found=str(error),
                              hint="see examples/recipes/") from error  # fmt: skip
        return replace(cls.of(found, file=str(file)), folder=file.parent)

    @classmethod
    def of(cls, data: Mapping[str, Any], *, file: str | None = None) -> Recipe:
        """Make a recipe from what TOML holds.

        Args:
            data: As in ``examples/recipes``: ``name``, ``about``, ``use``, ``accept``, ``on_bad``, a list
                ``source``, and tables ``holdout``, ``split`` and ``format``.
            file: Where it stands, for messages.

        Raises:
            RecipeError: It is not a recipe; all problems are listed together.

        Example:
            >>> Recipe.of({"name": "demo", "source": [{"name": "kormedmcqa"}]}).sources[0].split
            ('train',)
        """
        _validate(data, file)
        holdout, split, form = (data.get(key, {}) for key in ("holdout", "split", "format"))
        return cls(
            name=data["name"],
            sources=tuple(_ingredient(one) for one in data["source"]),
            about=data.get("about", ""),
            use=data.get("use", "research"),
            accept=tuple(data.get("accept", ())),
            holdouts=tuple(holdout.get("items", ())),
            without=tuple(holdout.get("without", ())),
            validation=split.get("validation", 0.05),
            seed=split.get("seed", 0),
            record=form.get("record", "trl/prompt-completion"),
            language=form.get("language", "row"),
            system=form.get("system"),
            reasoning=form.get("reasoning"),
            on_bad=data.get("on_bad", "raise"),
            errata=data.get("errata", "keep"),
        )

    def said(self) -> dict[str, Any]:
        """Return what the recipe says, as data, without where it stands.

        What was added to recipes later stands there only where it is said.
        """
        unsaid = {"folder", *(("errata",) if self.errata == "keep" else ())}
        return {name: value for name, value in asdict(self).items() if name not in unsaid}

    def path_of(self, one: Ingredient) -> Path | None:
        """Return the path of a source, with ``~`` and relative to the recipe's folder."""
        return None if one.path is None else self.folder / Path(one.path).expanduser()

    @property
    def formats(self) -> tuple[Format, ...]:
        """The forms in which the result is written."""
        return (
            Format(
                record=self.record,
                language=self.language,
                system=self.system,
                reasoning=self.reasoning,
            ),
        )

    @property
    def digest(self) -> str:
        """Sixteen hex digits: equal for equal recipes."""
        text = json.dumps(self.said(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _ingredient(data: Mapping[str, Any]) -> Ingredient:
    given = dict(data)
    split = given.pop("split", "train")
    years = given.pop("years", None)
    return Ingredient(
        **given,
        split=(split,) if isinstance(split, str) else tuple(split),
        years=None if years is None else _years(years),
    )


def _years(years: Any) -> tuple[int, ...]:
    """Read ``[2012, 2013]``, or ``{ from = 2012, to = 2021 }`` with both ends meant."""
    if isinstance(years, Mapping):
        if years["from"] > years["to"]:
            raise RecipeError("the years begin after they end", found=str(dict(years)),
                              expected="from <= to", hint="exchange the two")  # fmt: skip
        return tuple(range(years["from"], years["to"] + 1))
    return tuple(years)


def _validate(data: Mapping[str, Any], file: str | None) -> None:
    from jsonschema import Draft202012Validator

    text = resources.files(__package__).joinpath("recipe.schema.json").read_text("utf-8")
    problems = [
        f"{'.'.join(map(str, error.absolute_path)) or 'recipe'}: {error.message}"
        for error in Draft202012Validator(json.loads(text)).iter_errors(dict(data))
    ]
    if problems:
        raise RecipeError(
            f"the recipe has {len(problems)} problem{'s' * (len(problems) > 1)}", file=file,
            found="; ".join(sorted(problems)), hint="see docs/recipes.md for what may stand there",
        )  # fmt: skip
