"""Measures of claims, added up batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.auditing.claims import CardClaim, Claimed
from medqa_kit.core.arrow.columns import blank, is_text, join, truths, whole
from medqa_kit.core.arrow.hashing import hashes
from medqa_kit.core.arrow.json_rows import json_rows
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.arrow.text_columns import rows_of_texts, texts_of
from medqa_kit.quality.allowed_words import without_allowed_words
from medqa_kit.quality.script_counts import SCRIPTS, script_counts
from medqa_kit.quality.script_report import DEFINITIONS, in_script

LANGUAGE_OF_SCRIPT: Mapping[str, str] = {
    "khmer": "km", "hangul": "ko", "latin": "en", "han": "zh", "kana": "ja", "thai": "th", "cyrillic": "ru", "arabic": "ar",
}  # fmt: skip
"""The language that is meant where most letters are of a script."""


class Measured(NamedTuple):
    """What was measured for a claim.

    Attributes:
        value: The figure, or text; ``None`` where it cannot be measured.
        note: What a reader should know beside it.
    """

    value: Claimed | None
    note: str = ""


class Gauge(Protocol):
    """Measures one claim, batch after batch."""

    def add(self, table: pa.Table) -> None:
        """Take in rows the claim is about; all of its columns are there."""

    def measured(self) -> Measured:
        """Return what all rows so far say."""


@dataclass
class Seen:
    """Measures one claim over the parts it is about.

    Attributes:
        claim: The claim.
        gauge: Measures it.
        rows: How many rows were looked at.
        lacking: Whether rows lacked a column of the claim.
        unfit: Whether a column holds what the claim cannot be about, such as texts that are said to be numbers.
    """

    claim: CardClaim
    gauge: Gauge
    rows: int = 0
    lacking: bool = False
    unfit: bool = False

    def add(self, table: pa.Table, *, subset: str | None, split: str) -> None:
        """Take in raw rows of a part, as far as the claim is about them."""
        where = dict(self.claim.where)
        for name, own in (("subset", subset), ("split", split)):
            if name in where and name not in table.column_names and where.pop(name) != own:
                return
        if not {*self.claim.columns, *where} <= {*table.column_names}:
            self.lacking = True
            return
        try:
            for name, value in where.items():
                wanted = [value] if isinstance(value, (str, int)) else list(value)
                column = whole(table[name])
                fits = pc.is_in(column, value_set=pa.array(wanted).cast(column.type))
                table = table.filter(pa.array(truths(fits)))
            self.gauge.add(table)
        except (pa.ArrowException, ValueError):
            self.unfit = True
        self.rows += table.num_rows

    def measured(self) -> Measured:
        """Return what was measured, ``None`` where no row could be looked at."""
        if self.unfit:
            return Measured(None, "a column holds values that it cannot be about")
        names_a_part = {"subset", "split"} & {*self.claim.where}
        if not self.rows and (self.lacking or names_a_part or self.claim.measure != "rows"):
            return Measured(None, "no such column" if self.lacking else "no such rows")
        return self.gauge.measured()


@dataclass
class _Rows:
    rows: int = 0

    def add(self, table: pa.Table) -> None:
        self.rows += table.num_rows

    def measured(self) -> Measured:
        return Measured(self.rows)


@dataclass
class _Filled:
    """Counts rows that have something in each of some columns."""

    columns: tuple[str, ...]
    share: bool
    rows: int = 0
    filled: int = 0

    def add(self, table: pa.Table) -> None:
        nothing = np.zeros(table.num_rows, np.bool_)
        for name in self.columns:
            column = whole(table[name])
            text = is_text(column.type)
            nothing |= truths(blank(column.cast(pa.string())) if text else pc.is_null(column))
        self.rows += table.num_rows
        self.filled += int((~nothing).sum())

    def measured(self) -> Measured:
        lacking = f"{self.rows - self.filled:,} of {self.rows:,} rows lack it"
        return Measured(self.filled / max(self.rows, 1) if self.share else self.filled, lacking)


@dataclass
class _Distinct:
    """Counts distinct rows; 64-bit hashes of all are kept, eight bytes a row."""

    columns: tuple[str, ...]
    repeats: bool
    seen: list[np.ndarray] = field(default_factory=list)

    def add(self, table: pa.Table) -> None:
        # An id is another one in every copy, and a copy may stand in another split.
        every = table.column_names
        names = self.columns or [name for name in every if name not in ("id", "split")] or every
        self.seen.append(hashes(whole(join(*(_flat(whole(table[name])) for name in names)))))

    def measured(self) -> Measured:
        every = np.concatenate(self.seen)
        distinct = len(np.unique(every))
        return Measured(len(every) - distinct if self.repeats else distinct)


def _flat(column: pa.Array) -> pa.Array:
    """Return a column without lists and dicts: these as JSON."""
    if not pa.types.is_nested(column.type):
        return column
    return pa.array(bytes(json_rows(pa.table({"": column}))).splitlines(), pa.string())


@dataclass
class _Range:
    """Least and greatest of lengths or numbers."""

    columns: tuple[str, ...]
    claimed: tuple[float, float]
    values: Callable[[pa.Table, str], pa.Array]
    least: float = np.inf
    most: float = -np.inf
    outside: int = 0

    def add(self, table: pa.Table) -> None:
        for name in self.columns:
            values = self.values(table, name).drop_null().to_numpy(zero_copy_only=False)
            if len(values):
                self.least, self.most = min(self.least, values.min()), max(self.most, values.max())
                self.outside += int(((values < self.claimed[0]) | (values > self.claimed[1])).sum())

    def measured(self) -> Measured:
        if self.least > self.most:
            return Measured(None, "nothing but nulls")
        note = f"{self.outside:,} values lie outside" if self.outside else ""
        return Measured((int(self.least), int(self.most)), note)


@dataclass
class _InScript:
    """Share of rows whose texts all are in a script under a definition."""

    claim: CardClaim
    rows: int = 0
    fitting: int = 0

    def add(self, table: pa.Table) -> None:
        definition = DEFINITIONS[self.claim.definition]
        bad = np.zeros(table.num_rows, np.bool_)
        for name in self.claim.columns:
            texts = texts_of(table, name)
            none = _without(texts, self.claim)
            if definition.allows:
                texts = without_allowed_words(texts)
            fits = in_script(script_counts(texts), self.claim.script, definition) & ~none
            bad[rows_of_texts(table, name, np.flatnonzero(~fits))] = True
        self.rows += table.num_rows
        self.fitting += int((~bad).sum())

    def measured(self) -> Measured:
        return Measured(
            self.fitting / max(self.rows, 1), DEFINITIONS[self.claim.definition].meaning
        )


@dataclass
class _WithoutScript:
    claim: CardClaim
    texts: int = 0

    def add(self, table: pa.Table) -> None:
        for name in self.claim.columns:
            self.texts += int(_without(texts_of(table, name), self.claim).sum())

    def measured(self) -> Measured:
        return Measured(self.texts, f"texts with letters, none of them {self.claim.script}")


def _without(texts: pa.Array, claim: CardClaim) -> Mask:
    counted = script_counts(texts)
    return np.asarray((counted.of(claim.script) == 0) & (counted.letters > 0), np.bool_)


@dataclass
class _Language:
    """The language that most letters are of."""

    columns: tuple[str, ...]
    letters: Ints = field(default_factory=lambda: np.zeros(len(SCRIPTS) + 1, np.int64))

    def add(self, table: pa.Table) -> None:
        for name in self.columns:
            self.letters += script_counts(texts_of(table, name)).counts.sum(axis=0)

    def measured(self) -> Measured:
        total = int(self.letters.sum())
        if not total:
            return Measured(None, "no letters")
        place = int(self.letters.argmax())
        script = (*SCRIPTS, "other")[place]
        share = f"{self.letters[place] / total:.1%} of the letters are {script}"
        return Measured(LANGUAGE_OF_SCRIPT.get(script, script), share)


@dataclass
class _Said:
    """What follows from a claim by itself."""

    value: Claimed

    def add(self, table: pa.Table) -> None:
        """Rows make no difference."""

    def measured(self) -> Measured:
        return Measured(self.value)


def _lengths(table: pa.Table, name: str) -> pa.Array:
    return pc.utf8_length(texts_of(table, name))


def _numbers(table: pa.Table, name: str) -> pa.Array:
    return whole(table[name]).cast(pa.float64())


def gauge_of(claim: CardClaim) -> Gauge:
    """Return what measures a claim about rows.

    Example:
        >>> rows = pa.table({"a": ["x", "x", None]})
        >>> gauge = gauge_of(CardClaim(measure="duplicates", claimed=0, columns=("a",)))
        >>> gauge.add(rows)
        >>> gauge.measured().value
        1
    """
    columns: Any = claim.columns
    claimed: Any = claim.claimed
    match claim.measure:
        case "filled" | "filled_share":
            return _Filled(columns, claim.measure == "filled_share")
        case "duplicates" | "distinct":
            return _Distinct(columns, claim.measure == "duplicates")
        case "length":
            return _Range(columns, claimed, _lengths)
        case "range":
            return _Range(columns, claimed, _numbers)
        case "in_script":
            return _InScript(claim)
        case "without_script":
            return _WithoutScript(claim)
        case "language":
            return _Language(columns)
        case "sum":
            return _Said(sum(claim.terms))
    return _Rows()
