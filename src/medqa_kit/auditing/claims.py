"""Claims of cards about their data, as facts that can be measured."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from medqa_kit.catalog.model import Source
from medqa_kit.core.arguments import (
    file_path,
    instance,
    nonempty_text,
    number,
    one_of,
    several,
    several_texts,
)
from medqa_kit.errors import ArgumentError, FormatError, WrongFilesError
from medqa_kit.quality.script_counts import SCRIPTS, Script
from medqa_kit.quality.script_report import DEFINITIONS

Measure = Literal[
    "rows", "rows_between", "filled", "filled_share", "duplicates", "distinct", "length", "range", "in_script",
    "without_script", "language", "sum", "license", "citation",
]  # fmt: skip
"""What can be claimed.

rows: how many there are, with ``where`` only some · rows_between: at least, at most · filled: how many
have something in a column · filled_share: which share of them · duplicates: rows that repeat the
columns of another · distinct: different values · length: fewest and most characters of texts · range:
least and greatest number · in_script: share of rows whose texts are in a script · without_script: texts
without a letter of it · language: of most letters · sum: of numbers the card gives, in ``terms`` ·
license: of all rows · citation: whom or what to cite.
"""

Claimed: TypeAlias = int | float | str | tuple[float, float]

_SHIPPED = Path(__file__).with_name("claims.toml")
_ABOUT_COLUMNS = ("filled", "filled_share", "distinct", "length", "range", "in_script", "without_script", "language")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CardClaim:
    """One fact that somebody claims of some data.

    Attributes:
        measure: What is claimed, see :data:`Measure`.
        claimed: The figure; two figures for lengths and ranges; text for languages, licences and citations.
        by: Who says so, such as ``"card"``.
        columns: The raw columns it is about; for duplicates all by default.
        where: The rows it is about: values of raw columns, or of ``subset`` and ``split``.
        script: Of ``in_script`` and ``without_script``.
        definition: Of ``in_script``, see :data:`medqa_kit.quality.script_report.DEFINITIONS`.
        terms: What a ``sum`` adds up.
        within: How far the measured figure may be off, for figures that are rounded.

    Raises:
        ArgumentError: These do not go together.

    Example:
        >>> CardClaim(measure="filled_share", claimed=1.0, columns=("summary",)).name
        'filled_share of summary'
    """

    measure: Measure
    claimed: Claimed
    by: str = "card"
    columns: tuple[str, ...] = ()
    where: Mapping[str, str | int | Sequence[str | int]] = field(default_factory=dict)
    script: Script = "khmer"
    definition: str = "relaxed"
    terms: tuple[int, ...] = ()
    within: float = 0.0

    def __post_init__(self) -> None:
        one_of("measure", self.measure, get_args(Measure))
        one_of("script", self.script, SCRIPTS)
        one_of("definition", self.definition, list(DEFINITIONS))
        nonempty_text("by", self.by)
        instance("where", self.where, Mapping, expected="a dict of columns and values",
                 hint='write where={"source": "medqa"}')  # fmt: skip
        for value in self.where.values():
            instance("where", value, (str, int, list, tuple), expected="a text, a whole number or a list of these for each column",
                     hint='write where={"source": "medqa"}')  # fmt: skip
        object.__setattr__(self, "within", number("within", self.within, least=0))
        for name, values in (("columns", several_texts("columns", self.columns)), ("terms", several("terms", self.terms)),
                             ("claimed", _as_pair(self.claimed))):  # fmt: skip
            object.__setattr__(self, name, values)  # frozen for all others
        terms = tuple(number("terms", term, hint="write the figures that the card adds up") for term in self.terms)  # fmt: skip
        object.__setattr__(self, "terms", terms)
        kind = _kind(self.measure)
        if (
            not isinstance(self.claimed, kind)
            or (kind is tuple and not _is_range(self.claimed))
            or self.claimed != self.claimed  # NaN
            or (self.measure in _ABOUT_COLUMNS and not self.columns)
        ):
            raise ArgumentError(
                f"a claim of {self.measure} is not made like this", argument="claimed",
                expected="two numbers" if kind is tuple else "text" if kind is str else "a number",
                found=f"claimed={self.claimed!r}, columns={self.columns!r}",
                hint="see CardClaim: lengths and ranges have two figures, and are about columns=",
            )  # fmt: skip

    @property
    def name(self) -> str:
        """What is claimed, in a few words."""
        about = f" of {', '.join(self.columns)}" if self.columns else ""
        how = f" ({self.script}, {self.definition})" if self.measure == "in_script" else ""
        rows = ", ".join(f"{column}={_shown(value)}" for column, value in self.where.items())
        return f"{self.measure}{how}{about}{f' [{rows}]' if rows else ''}"


def _kind(measure: Measure) -> Any:
    if measure in ("length", "range", "rows_between"):
        return tuple
    return str if measure in ("language", "license", "citation") else (int, float)


def _as_pair(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) and len(value) == 2 else value


def _is_range(pair: Any) -> bool:
    """Check whether two figures are the least and the most of something."""
    return (
        len(pair) == 2
        and all(isinstance(end, (int, float)) for end in pair)
        and bool(pair[0] <= pair[1])
    )


def _shown(value: Any) -> str:
    if isinstance(value, (str, int)):
        return str(value)
    return f"{value[0]}…{value[-1]}"


def shipped_claims(source: str) -> tuple[CardClaim, ...]:
    """Return what the seed cards of this project claim of a source.

    Example:
        >>> [claim.claimed for claim in shipped_claims("kormedmcqa") if claim.name == "rows"]
        [7469, 7489]
    """
    return _all_shipped().get(source, ())


def catalogued_claims(source: Source) -> tuple[CardClaim, ...]:
    """Return what the catalogue claims of a source: the rows of each part, where it knows them."""
    claims = []
    for part in source.parts:
        if part.rows is not None:
            where = {"split": part.split} | ({} if part.subset is None else {"subset": part.subset})
            claims.append(CardClaim(measure="rows", claimed=part.rows, by="catalogue", where=where))
    return tuple(claims)


def read_claims(path: str | os.PathLike[str]) -> tuple[CardClaim, ...]:
    """Read claims from a TOML file of ``[[claim]]`` tables with the attributes of :class:`CardClaim`.

    Raises:
        WrongFilesError: There is no such file.
        FormatError: It is no TOML.
        ArgumentError: A table is no claim.
    """
    file = file_path("claims", path)
    if not file.is_file():
        raise WrongFilesError("there is no such file", file=str(file), expected="a TOML file of claims",
                              hint="check the path")  # fmt: skip
    return tuple(claim for claims in _read(file).values() for claim in claims)


@cache
def _all_shipped() -> dict[str, tuple[CardClaim, ...]]:
    return _read(_SHIPPED)


def _read(file: Path) -> dict[str, tuple[CardClaim, ...]]:
    """Return claims by the source they are about, empty where none is named."""
    try:
        tables = tomllib.loads(file.read_text("utf-8")).get("claim", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError("the file of claims is no TOML", file=str(file), found=str(error),
                          hint="write [[claim]] tables, see docs/quality.md") from error  # fmt: skip
    claims: dict[str, tuple[CardClaim, ...]] = {}
    for place, table in enumerate(tables, 1):
        content = dict(table)
        source = content.pop("source", "")
        try:
            claim = CardClaim(**content)
        except TypeError as error:
            raise ArgumentError(f"claim {place} of {file.name} is none", argument="claims", found=str(error),
                                expected="the attributes of CardClaim", hint="see docs/quality.md") from error  # fmt: skip
        claims[source] = (*claims.get(source, ()), claim)
    return claims
