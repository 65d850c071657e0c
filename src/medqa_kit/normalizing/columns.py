"""The ready-made normalizer, for sources that only name their columns differently.

What it does is declared, never guessed row by row: which column is which, where answers count
from, what upstream writes for "missing". Sources that need more write a function instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa

from medqa_kit.core.answer_number import AnswerNumber
from medqa_kit.core.arguments import one_of
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import (
    Column,
    blank,
    blank_to_null,
    join_key,
    pick,
    positions,
    to_lists,
    truths,
    uncastable,
)
from medqa_kit.core.arrow.hashing import content_key, family_key
from medqa_kit.core.text.option_labels import marker_places
from medqa_kit.errors import AnswerError, NullValueError
from medqa_kit.normalizing.labels import check_labels, not_an_option
from medqa_kit.normalizing.option_lists import ordered_options

RAW_ROW = "raw_row"
"""Column by which a normalizer that makes several rows of one raw row says which it came from."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """A normalizer made of declarations.

    Attributes:
        take: Normalised column to raw column, value for value.
        maybe: The same, for columns in which a blank or one of ``missing`` means "nothing here".
        missing: Upstream's words for "missing" in the columns of ``maybe``.
        key: Raw columns whose values, joined by ``-``, are upstream's key; or else
        content: raw columns from whose content the key is hashed.
        options: Raw columns that hold one option each, none of them blank, or the one column that
            holds all: a list without nulls, a struct such as ``{"A": …, "B": …}``, or either written
            as text, of which the last may be null.
        index: Raw column with the number of the right option.
        first: What upstream's number of the first option is: 0 or 1.
        letter: Raw column with the letter of the right option, instead of ``index``.
        withheld: Raw labels (as text) that mean "not published"; they become null.
        labels: The classes upstream declares, for classification; any other raises.
        family: Name of the lineage root, and the raw columns all copies of an item share.
        constant: Normalised column to a value all rows share.

    Example:
        >>> normalize = Columns(take={"question": "q"}, options=("a", "b"), index="key", first=1,
        ...                     content=("q",))
        >>> raw = pa.table({"q": ["1 + 1?"], "a": ["2"], "b": ["3"], "key": [1]})
        >>> normalize(raw).select(["options", "answer_index", "answer"]).to_pylist()
        [{'options': ['2', '3'], 'answer_index': 0, 'answer': '2'}]
    """

    take: Mapping[str, str] = field(default_factory=dict)
    maybe: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    options: tuple[str, ...] | str | None = None
    index: str | None = None
    first: Literal[0, 1] = 0
    letter: str | None = None
    withheld: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    family: tuple[str, tuple[str, ...]] | None = None
    constant: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one_of("first", self.first, (0, 1), hint="upstream's number of the first option")

    @property
    def gold(self) -> AnswerNumber | None:
        """Where upstream numbers the right option; ``None`` where it does not."""
        if self.index is None or self.options is None:
            return None
        return AnswerNumber(column=self.index, first=self.first, options=self.options,
                    withheld=self.withheld, explanation=self.maybe.get("rationale"))  # fmt: skip

    def __call__(self, raw: pa.Table) -> pa.Table:
        """Normalise one batch; see the class."""
        if isinstance(self.options, str) and not pa.types.is_list(raw[self.options].type):
            at = raw.column_names.index(self.options)
            raw = raw.set_column(at, self.options, ordered_options(raw[self.options]))
        columns: dict[str, Column] = {"id": self._key(raw)}
        if self.family:
            space, shared = self.family
            columns["family"] = family_key(space, *(raw[name] for name in shared))
        columns |= {new: raw[old] for new, old in self.take.items()}
        columns |= {
            new: blank_to_null(raw[old], markers=self.missing) for new, old in self.maybe.items()
        }
        columns |= {
            name: pa.repeat(pa.scalar(value, pa.string()), raw.num_rows)
            for name, value in self.constant.items()
        }
        if self.options is not None:
            columns |= self._choice(raw, self.options)
        if self.labels:
            check_labels(columns["label"], self.labels, column=self.take["label"])
        return pa.table(columns)

    def _key(self, raw: pa.Table) -> Column:
        if self.key:
            keys = join_key(*(raw[name] for name in self.key))
            return pc.fill_null(keys, "") if len(self.key) == 1 else keys
        return content_key(*(raw[name] for name in self.content))

    def _choice(self, raw: pa.Table, options: tuple[str, ...] | str) -> dict[str, Column]:
        lists = raw[options] if isinstance(options, str) else _side_by_side(raw, options)
        name = self.index or self.letter
        if name is None:
            return {"options": lists}
        position = (
            marker_places(raw[name].cast(pa.string())) if self.letter else self._counted(raw[name])
        )
        unread = pc.is_null(position)
        if self.withheld:
            label = raw[name].cast(pa.string())
            withheld = pc.is_in(label, value_set=pa.array(self.withheld, pa.string()))
            position = pc.if_else(withheld, pa.scalar(None, position.type), position)
            unread = pc.and_not(pc.is_null(position), withheld)
        if bad := positions(unread):
            raise self._not_an_option(raw[name], bad)
        answer = pick(lists, position)
        if bad := positions(pc.and_(pc.is_valid(position), pc.is_null(answer))):
            raise self._not_an_option(raw[name], bad)
        return {"options": lists, "answer_index": position.cast(pa.int32()), "answer": answer}

    def _counted(self, number: Column) -> Column:
        if bad := uncastable(number, pa.int64()):  # 2.5 or "B": no number of an option
            mask = np.zeros(len(number), bool)
            mask[bad] = True
            number = pc.if_else(pa.array(mask), pa.scalar(None, number.type), number)
        return pc.subtract(number.cast(pa.int64()), self.first)

    def _not_an_option(self, label: Column, bad: list[int]) -> AnswerError:
        expected = f"the number of one of the row's options, counted from {self.first}"
        if self.letter:
            expected = "the letter of one of the row's options, A first"
        return not_an_option(
            label.cast(pa.string()), bad, column=self.index or self.letter or "", expected=expected
        )


def _side_by_side(raw: pa.Table, options: Sequence[str]) -> pa.ListArray:
    """Make one list of the options of each row: with one left out, labels would count wrongly."""
    lists = to_lists([raw[name] for name in options])
    missing = truths(blank(lists.values)).reshape(-1, len(options))
    if missing.any():
        bad = np.flatnonzero(missing.any(axis=1)).tolist()
        first = [name for name, gone in zip(options, missing[bad[0]], strict=True) if gone]
        raise NullValueError(
            "an option is missing",
            rows=bad,
            column="options",
            expected=f"text in each of {', '.join(options)}",
            found=f"null or blank in {', '.join(first)}",
            hint='on_bad="drop" sets such rows aside',
        )
    return lists
