"""The pieces a source is made of: its parts, and the sources it descends from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import pyarrow as pa

from medqa_kit.catalog.layouts import Layout
from medqa_kit.core.arguments import nonempty_text, one_of, whole_number
from medqa_kit.core.arrow import compute as pc
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.errors import ArgumentError, shorten

_SHA256 = re.compile("[0-9a-f]{64}")

NamedBy = Literal["subset", "split", "both"]

Proof: TypeAlias = Mapping[str, Collection[object] | str]
"""Raw columns to what every row of a part has there: one of some values, or what as text a regular
expression is found in. A null proves nothing."""


@dataclass(frozen=True)
class PinnedFile:
    """A file at the catalogued commit, known by its bytes.

    Attributes:
        name: Path in the repository.
        size: Bytes.
        sha256: SHA-256 of the content, 64 hexadecimal digits.

    Raises:
        ArgumentError: The size is no number of bytes, or the digest none of SHA-256.

    Example:
        >>> PinnedFile("data/train.parquet", size=3, sha256="0" * 64).name
        'data/train.parquet'
    """

    name: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        nonempty_text("name", self.name)
        object.__setattr__(self, "size", whole_number("size", self.size, least=0))
        if not isinstance(self.sha256, str) or not _SHA256.fullmatch(self.sha256):
            raise ArgumentError("sha256= is no digest", argument="sha256", found=shorten([self.sha256]),
                                expected="64 hexadecimal digits", hint="sha256sum FILE prints it")  # fmt: skip


@dataclass(frozen=True, repr=False)
class Part(Shown):
    """One (subset, split) of a source.

    Attributes:
        subset: Upstream's configuration, ``None`` where there is only one.
        split: Our name of the split; upstream's ``dev`` is ``validation``.
        rows: Raw rows when catalogued, ``None`` where unknown.
        upstream: Upstream's name of the split where it differs.
        by_name_only: Why this part is left out unless its name is passed, such as "copies of
            validation rows"; empty for ordinary parts.
        layout: Where this part is not laid out like its source.
        named_by: Which name selects a part that is by name only: its subset, its split, or both
            together.
        exact: Whether ``rows`` was counted; otherwise it is upstream's claim.
        evaluation: Whether benchmark numbers are reported on this part: never train on it.
        proof: What its raw rows say of the part they are of, such as the years of an exam. Rows
            that say otherwise are refused under any name of a file.
        files: The files of this part at the catalogued commit, where their bytes are known. Others
            under the same commit are refused, whatever the hub lists.
    """

    subset: str | None
    split: str
    rows: int | None = None
    upstream: str = ""
    by_name_only: str = ""
    named_by: NamedBy = "split"
    layout: Layout | None = None
    exact: bool = True
    evaluation: bool = False
    proof: Proof = field(default_factory=dict, hash=False)
    files: tuple[PinnedFile, ...] = ()

    def _blocks(self) -> Iterator[Block]:
        rows = (
            "unknown"
            if self.rows is None
            else f"{self.rows:,}{'' if self.exact else ', as upstream says'}"
        )
        yield self.name
        yield [
            ("of the part", "value"),
            ("rows", rows),
            ("upstream's name of the split", self.upstream or self.split),
            ("benchmark", "yes" if self.evaluation else "no"),
            ("files known", str(len(self.files))),
            ("by name only", self.by_name_only or "no"),
            ("proved by", ", ".join(self.proof) or "nothing"),
        ]

    def __post_init__(self) -> None:
        one_of("named_by", self.named_by, get_args(NamedBy))
        if self.rows is not None:
            object.__setattr__(self, "rows", whole_number("rows", self.rows, least=0))

    @property
    def name(self) -> str:
        """``subset/split``, or the split alone.

        Example:
            >>> Part("doctor", "train").name, Part(None, "train").name
            ('doctor/train', 'train')
        """
        return self.split if self.subset is None else f"{self.subset}/{self.split}"

    def pattern(self, layout: Layout) -> str:
        """Return the pattern of this part's files in a layout, its own or another distribution.

        Example:
            >>> from medqa_kit.catalog import source
            >>> dev = source("medqa_usmle").select("5_options", "validation")[0]
            >>> dev.pattern(source("medqa_usmle").layout_of(dev))
            'dev.jsonl'
        """
        upstream = layout.split_names.get(self.split, self.upstream or self.split)
        return layout.files.format(subset=self.subset or "", split=self.split, upstream=upstream)

    def contradicting(self, raw: pa.Table) -> pa.Array:
        """Find the raw rows that say they are of another part.

        Args:
            raw: Raw rows; columns that are not among them prove nothing.

        Returns:
            ``bool[n]``.

        Example:
            >>> part = Part(None, "test", proof={"year": (2022, 2023)})
            >>> part.contradicting(pa.table({"year": [2022, 2019, None]})).to_pylist()
            [False, True, False]
        """
        wrong = pa.repeat(pa.scalar(False), raw.num_rows)
        for name, values in self.proof.items():
            if name not in raw.column_names:
                continue
            column = whole(raw[name])
            fits = (
                pc.match_substring_regex(column.cast(pa.string()), values)
                if isinstance(values, str)
                else pc.is_in(column, value_set=pa.array(list(values), column.type))
            )
            wrong = pc.or_(wrong, pc.and_not(pc.is_valid(column), fits))
        return wrong

    def is_meant(self, subset: str | None, split: str | None) -> bool:
        """Check whether a subset and a split, each ``None`` for all, select this part.

        Example:
            >>> shots = Part("doctor", "fewshot", by_name_only="copies of validation rows")
            >>> shots.is_meant("doctor", None), shots.is_meant(None, "fewshot")
            (False, True)
        """
        if subset not in (None, self.subset) or split not in (None, self.split):
            return False
        named = {"split": split == self.split, "subset": subset == self.subset}
        return not self.by_name_only or (
            all(named.values()) if self.named_by == "both" else named[self.named_by]
        )


@dataclass(frozen=True)
class Parent:
    """A source this one descends from.

    Attributes:
        name: The parent's catalogue name, or a plain name where it is not catalogued.
        how: What was done: copied, translated, rewritten, compiled, explained.
        key: What proves it row by row ("English question, verbatim"); empty when nothing does.
        catalogued: Whether ``name`` is in the catalogue.

    Example:
        >>> from medqa_kit.catalog import source
        >>> [parent.name for parent in source("kormedmcqa").derived_from]
        ['korean_licensing_exams']
    """

    name: str
    how: str
    key: str = ""
    catalogued: bool = True
