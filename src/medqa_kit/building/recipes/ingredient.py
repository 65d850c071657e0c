"""One entry of a recipe: a source, the rows that are taken of it, and their weight."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from medqa_kit.building.recipes.conditions import YEARS, Where, checked_years
from medqa_kit.building.recipes.declared_tables import MOST_ROWS, Key, check_numbers
from medqa_kit.building.recipes.few_shots import FewShots
from medqa_kit.catalog.errata import OnErrata
from medqa_kit.catalog.licenses import LICENSES, Claim
from medqa_kit.catalog.source_facts import LANGUAGE_TAG
from medqa_kit.core.arguments import did_you_mean, home_path, number, one_of, several, some_of
from medqa_kit.errors import ArgumentError, shorten
from medqa_kit.normalizing.own_columns import AnswerBase
from medqa_kit.quality.fixes import FIXES, Fix
from medqa_kit.schemas import SchemaName

ViewName: TypeAlias = Literal["rows", "instruction", "preference", "chosen", "text"]
"""What rows become before records are made of them.

* ``rows``: nothing else; the record is made of the row itself.
* ``instruction``: of questions, tokens, labels and translations, a task and its reply in the words of a
  language pack; the reply to a question with options is the marker of the right one.
* ``preference``: of multiple choice, the right option over a wrong one.
* ``chosen``: of preferences, the prompt and the chosen reply.
* ``text``: of tokens, labels and translations, their text alone.
"""

OWN_WORDS = ("options", "answer", "base", "key", "family")
"""What a recipe may say of the columns of its own rows, as :func:`medqa_kit.own_source` is told it."""


def _columns_of(value: str | list[str]) -> str | tuple[str, ...]:
    return value if isinstance(value, str) else several("options", value)


_ONE_OR_MORE = Key(value=_columns_of, schema={"anyOf": [
    {"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 2},
]})  # fmt: skip

_ONE_FIX = {"enum": list(FIXES)}
_FIX = Key(schema={"anyOf": [_ONE_FIX, {"type": "array", "items": _ONE_FIX}]})


_LABEL = {"type": "string", "pattern": r"^[^\s./\\-][^\x00-\x1f/\\]{0,127}$",
          "description": "a name of at most 128 characters without / and \\ that begins with a letter or digit"}  # fmt: skip
_TAG = {
    "type": "string",
    "pattern": f"^(?:{LANGUAGE_TAG.pattern})$",
    "description": "a BCP 47 tag, such as ko",
}
_SLICE = {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}, "minItems": 2, "maxItems": 2}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Ingredient:
    """One source of a recipe: one of the catalogue by ``name``, or rows of one's own by ``read``.

    Attributes:
        name: Name of the source.
        alias: ``as`` in TOML: what the recipe calls it, where one source stands there twice.
        read: A file, a folder or a pattern with rows of one's own, which ``as`` names; or the folder of a
            :class:`medqa_kit.Ledger`, whose rows are of the families of their parents.
        schema: What these rows are.
        license: What they are under: an SPDX identifier, or ``LicenseRef-`` and a name.
        language: Their language.
        options: The columns of their options, one each, or the one that holds all.
        answer: The column that names the right option, or holds the answer.
        base: How it names the option: counted from 0 or 1, by ``"letter"`` or ``"text"``; left out, rows prove it.
        key: The column of their ids; left out, ids are hashes of what the rows say.
        family: The column that names what rows belong together: no split parts them.
        subset: One subset, or all.
        split: Splits to take. Only training splits unless said otherwise.
        years: Exam years to keep.
        view: What rows become, see :data:`ViewName`; by default what the records need.
        path: A local copy instead of the hub.
        repo: Another repository laid out the same way.
        revision: Another revision.
        choices: Values of the source's own choices, by name.
        columns: Declared column name to the name in the files.
        where: Which rows are taken.
        fix: What is mended in their texts, see :class:`medqa_kit.FixText`; ``[]`` where the defaults of the
            recipe mend, and this source is to stay as it is.
        errata: What to do with rows that are known to be bad; by default what the recipe says.
        slice: From where to where in the stable order of families, as shares; another source of the
            recipe may take the rest.
        max_rows: The most rows to take, chosen by a hash of seed and id.
        weight: Share of the mix, relative to the other weights.
        repeat: How often each row is seen, instead of a weight, at most 1,000 times; 0.5 takes half of them.
        max_repeat: How often a row may be seen at most.
        max_share: The most of the mix that this source may be.
        few_shot: Examples to stand before each row; rows become instructions then.

    Raises:
        ArgumentError: A value is none of these.
    """

    name: str = ""
    alias: str | None = field(default=None, metadata=Key(word="as", schema=_LABEL).metadata)
    read: str | None = None
    schema: SchemaName | None = None
    license: str | None = None
    language: str | None = field(default=None, metadata=Key(schema=_TAG).metadata)
    options: str | tuple[str, ...] | None = field(default=None, metadata=_ONE_OR_MORE.metadata)
    answer: str | None = None
    base: AnswerBase | None = None
    key: str | None = None
    family: str | None = None
    subset: str | None = None
    split: tuple[str, ...] = ("train",)
    years: tuple[int, ...] | range | None = field(default=None, metadata=YEARS.metadata)
    view: ViewName | None = None
    path: str | None = None
    repo: str | None = None
    revision: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    where: Where | None = None
    fix: tuple[Fix, ...] = field(default=(), metadata=_FIX.metadata)
    errata: OnErrata | None = None
    slice: tuple[float, float] | None = field(default=None, metadata=Key(schema=_SLICE).metadata)
    max_rows: int | None = field(default=None, metadata=Key(least=1, most=MOST_ROWS).metadata)
    weight: float | None = field(default=None, metadata=Key(least=0, most=1e9).metadata)
    repeat: float | None = field(default=None, metadata=Key(
        least=0, most=1000, hint="2 shows each row twice, 0.5 half of them").metadata)  # fmt: skip
    max_repeat: float | None = field(default=None, metadata=Key(
        above=0, most=1e6, hint="1 shows no row twice").metadata)  # fmt: skip
    max_share: float | None = field(default=None, metadata=Key(
        above=0, most=1, hint="0.35 is at most 35 %").metadata)  # fmt: skip
    few_shot: FewShots | None = None

    def __post_init__(self) -> None:
        self._check_origin()
        if self.alias is not None and not re.fullmatch(str(_LABEL["pattern"]), self.alias):
            raise ArgumentError("this cannot name a source", argument="alias", expected=str(_LABEL["description"]),
                                found=shorten([self.alias]), hint='as = "ward_notes"')  # fmt: skip
        if self.read is None and self.alias == self.name:  # it is called that without a word
            object.__setattr__(self, "alias", None)
        for name in ("path", "read"):
            if isinstance(place := getattr(self, name), str):
                home_path(name, place)
        object.__setattr__(self, "split", several("split", self.split))
        if self.view is not None:
            one_of("view", self.view, get_args(ViewName))
        if self.errata is not None:
            one_of("errata", self.errata, get_args(OnErrata))
        object.__setattr__(self, "fix", some_of("fix", self.fix, FIXES))
        check_numbers(self)
        if self.years is not None:
            object.__setattr__(self, "years", checked_years("years", self.years))
        if self.slice is not None:
            object.__setattr__(self, "slice", self._checked_slice(self.slice))

    def _check_origin(self) -> None:
        """Check that rows are of the catalogue, or of one's own with all that must be said of them."""
        own = {"as": self.alias, "schema": self.schema, "license": self.license}
        if self.read is None:
            words = ("schema", "license", "language", *OWN_WORDS)
            said = [name for name in words if getattr(self, name) is not None]
            if not self.name or said:
                raise ArgumentError("a source has a name, or is read from files of one's own", argument="name",
                                    expected="name, or read with as, schema and license",
                                    found=", ".join(said) or "neither",
                                    hint='name = "kormedmcqa", or read = "data/ward.jsonl"')  # fmt: skip
            return
        if elsewhere := [
            name for name in ("path", "repo", "revision") if getattr(self, name) is not None
        ]:
            raise ArgumentError("rows of one's own are read from read= alone", argument=elsewhere[0],
                                expected="none of path, repo and revision beside read", found=", ".join(elsewhere),
                                hint=f"leave {elsewhere[0]} out, or name a source of the catalogue instead of read")  # fmt: skip
        absent = [name for name, value in own.items() if not value]
        if absent or self.name not in ("", self.alias):
            raise ArgumentError("rows of one's own are called by as=, and have a schema and a license",
                                argument="read", expected="as, schema and license, and no name",
                                found=f"{', '.join(absent) or 'a name'}{' absent' if absent else ''}",
                                hint='as = "ward_notes", schema = "dialogue", license = "LicenseRef-internal"')  # fmt: skip
        one_of("schema", self.schema, get_args(SchemaName))
        try:
            Claim(self.license, "")
        except ArgumentError as error:
            raise ArgumentError("this is no licence", argument="license", found=shorten([self.license]),
                                expected="an SPDX identifier, or LicenseRef- and a name of Latin letters, digits, - and .",
                                hint=did_you_mean(str(self.license), LICENSES) or 'license = "LicenseRef-internal"') from error  # fmt: skip
        if self.language is not None and not LANGUAGE_TAG.fullmatch(self.language):
            raise ArgumentError("this names no language", argument="language", expected=_TAG["description"],
                                found=shorten([self.language]), hint='language = "ko"')  # fmt: skip
        if self.base is not None:
            one_of("base", self.base, get_args(AnswerBase))
            if self.schema != "qa":
                raise ArgumentError("base= is for questions", argument="base", expected='schema = "qa"',
                                    found=str(self.schema), hint="leave it out")  # fmt: skip
        object.__setattr__(self, "name", str(self.alias))

    @property
    def label(self) -> str:
        """What the recipe calls it."""
        return self.alias or self.name

    def is_named(self, names: Collection[str]) -> bool:
        """Check whether names of sources mean it: by what the recipe calls it, or by its name."""
        return self.label in names or self.name in names

    def _checked_slice(self, ends: tuple[float, float]) -> tuple[float, ...]:
        pair = several("slice", ends)
        if len(pair) == 2:
            pair = tuple(number("slice", end) for end in pair)
        if len(pair) != 2 or not 0 <= pair[0] < pair[1] <= 1:
            raise ArgumentError("slice= takes a piece of the families", argument="slice",
                                expected="two shares, 0 <= from < to <= 1", found=shorten([ends]),
                                hint="slice = [0.0, 0.9]; another source may take [0.9, 1.0]")  # fmt: skip
        return pair
