"""What a catalogued source is: frozen data and one pure function.

A :class:`Source` says where the rows are, how upstream lays them out, what its licence claims
are worth, and how a raw row becomes a normalised one. It never reads anything itself: loading
does, with what stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal

import pyarrow as pa

from medqa_kit.catalog.licenses import Claim, Terms, strictest
from medqa_kit.catalog.places import Access, NoData, Place
from medqa_kit.core.kernel import Kernel as Kernel
from medqa_kit.errors import InvalidSourceError, UnknownPartError
from medqa_kit.schemas import schema_name

Format = Literal["parquet", "jsonl", "json", "csv", "tsv", "xlsx", "json-tree"]
"""How a file is read. ``json`` is one array per file (or one object that holds it); ``json-tree``
is a folder or archive with one small JSON object a file; ``jsonl`` may end in ``.zst`` or ``.gz``."""


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Files that belong together because equal folders hold them, and for no other reason.

    One record is made of all files of a cell, since kernels see one record at a time. The files
    of a cell are the ones whose last ``depth`` folders are called the same, wherever they lie;
    cells come in the order of those names, the files of a cell in the order of their own.

    Attributes:
        depth: How many folders above a file name its cell.
        key: The text column of ``raw`` that takes the name of the cell, with ``/`` between folders.
        lists: List column of ``raw`` to the pattern of the files whose objects it holds; patterns
            are as in :class:`Layout`. A cell may lack files of a kind: that list is empty.
    """

    depth: int
    key: str
    lists: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How files of a layout are decoded.

    Attributes:
        format: See :data:`Format`; ``None`` goes by the file's ending.
        encoding: Of text formats. ``utf-8`` also accepts a byte order mark.
        records: For ``json``: the key that holds the list, where the file may be an object
            instead of a bare list.
        sheet: For ``xlsx``: the sheet's name; ``None`` takes the only one.
        header_lines: For ``csv`` and ``tsv``: lines to skip before the header.
        flat: For JSON: object column to the field that a bare text in its place stands for, as in
            exports that flatten ``{"body": "…"}`` to ``"…"``.
        number_as_text: For JSON: text columns in which a whole number is taken as its digits.
        cells: For ``json-tree``: see :class:`Cells`; ``None`` makes a record of each file.
    """

    format: Format | None = None
    encoding: str = "utf-8"
    records: str | None = None
    sheet: str | None = None
    header_lines: int = 0
    flat: Mapping[str, str] = field(default_factory=dict)
    number_as_text: tuple[str, ...] = ()
    cells: Cells | None = None


@dataclass(frozen=True)
class View:
    """Another normalised form of a layout's rows, such as a translation pair instead of a question.

    Attributes:
        schema: The schema of this view.
        normalize: As in :class:`Layout`.
        doc: What a row is, in one sentence.
    """

    schema: pa.Schema
    normalize: Kernel
    doc: str


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How one or more parts lie at one place, and how their rows are normalised.

    Attributes:
        at: Where the files are.
        files: Pattern of the files of one part, relative to the place, with ``{subset}``,
            ``{split}`` and ``{upstream}`` (the split under upstream's own name) to fill in.
            ``*`` and ``?`` stay within a folder, ``**`` does not, ``[…]`` picks characters.
        raw: Upstream's columns and types, as declared, never as inferred.
        normalize: From a table with the columns of ``raw`` to one with ``id`` (the key within
            source and subset) and columns of ``schema``; the rest is filled in by
            :class:`medqa_kit.normalizing.Normalizer`.
        schema: The normalised schema.
        read: How the files are decoded.
        optional: Columns of ``raw`` that upstream may lack; they are null then.
        aliases: Other spellings of a column, by the declared name. Case is ignored. ``*`` is a
            column that is the only one of its file, whatever it is called.
        extra: What to do with columns that are not in ``raw``: ``"refuse"`` or ``"ignore"``.
        repeats: Whether two rows may share a key, as exact copies do when the key is a hash of
            the row. The loader then tells them apart by ``~2``, ``~3``, in file order. Otherwise
            the key is unique by upstream's word and a repeat is an error.
        views: Other normalised forms of the same rows, by name.
        left_out: Counts, by reason, what a batch of raw rows holds that ``normalize`` makes no row
            of; ``None`` where it leaves nothing out. The loader adds it up and says so.
        renamed: What a user calls columns in their files, by the declared name: no other name will
            do then, the declared one included.
    """

    at: Place
    files: str
    raw: pa.Schema
    normalize: Kernel
    schema: pa.Schema
    read: Reading = Reading()
    optional: tuple[str, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extra: Literal["refuse", "ignore"] = "refuse"
    repeats: bool = False
    views: Mapping[str, View] = field(default_factory=dict)
    left_out: Callable[[pa.Table], Mapping[str, int]] | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)

    def viewed(self, view: str) -> Layout:
        """Give the layout for a named view; ``"normalized"`` is the layout itself."""
        if view == "normalized":
            return self
        found = self.views[view]
        return replace(self, schema=found.schema, normalize=found.normalize)

    def called(self, columns: Mapping[str, str]) -> Layout:
        """Give the layout for files whose columns have other names (declared name to theirs)."""
        aliases = {**self.aliases, **{declared: (theirs,) for declared, theirs in columns.items()}}
        return replace(self, aliases=aliases, renamed={**self.renamed, **columns})


@dataclass(frozen=True)
class Part:
    """One (subset, split) of a source.

    Attributes:
        subset: Upstream's configuration, ``None`` where there is only one.
        split: Our name of the split; upstream's ``dev`` is ``validation``.
        rows: Raw rows when catalogued, ``None`` where unknown.
        upstream: Upstream's name of the split where it differs.
        by_name_only: Why this part is left out unless it is asked for by name, such as
            "copies of validation rows"; empty for ordinary parts.
        layout: Where this part is not laid out like its source.
        named_by: Which name has to be spoken for a part that is by name only, or both of them.
        exact: Whether ``rows`` was counted; otherwise it is upstream's claim.
        evaluation: Whether benchmark numbers are reported on this part: never train on it.
    """

    subset: str | None
    split: str
    rows: int | None = None
    upstream: str = ""
    by_name_only: str = ""
    named_by: Literal["subset", "split", "both"] = "split"
    layout: Layout | None = None
    exact: bool = True
    evaluation: bool = False

    @property
    def name(self) -> str:
        """``subset/split``, or the split alone.

        Example:
            >>> Part("doctor", "train").name, Part(None, "train").name
            ('doctor/train', 'train')
        """
        return self.split if self.subset is None else f"{self.subset}/{self.split}"


@dataclass(frozen=True)
class Parent:
    """A source this one descends from.

    Attributes:
        name: The parent's catalogue name, or a plain name where it is not catalogued.
        how: What was done: copied, translated, rewritten, compiled, explained.
        key: What proves it row by row ("English question, verbatim"); empty when nothing does.
        catalogued: Whether ``name`` is in the catalogue.
    """

    name: str
    how: str
    key: str = ""
    catalogued: bool = True


@dataclass(frozen=True)
class Choice:
    """A choice a source offers on how its rows are made, such as ``variant`` or ``pairing``.

    Attributes:
        name: Name of the keyword of :func:`medqa_kit.load`.
        values: What can be chosen; the first is the default.
        doc: What the values mean.
        apply: Gives the layout for a chosen value.
    """

    name: str
    values: tuple[str, ...]
    doc: str
    apply: Callable[[Layout, str], Layout]


@dataclass(frozen=True, kw_only=True)
class Source:
    """One catalogued dataset.

    Attributes:
        name: ``lower_snake``, as upstream spells it; also the name of its file in ``sources/``.
        title: Upstream's title.
        about: One or two sentences: what a row is, and where it comes from.
        language: BCP 47 tags of the main text, most frequent first.
        layout: How the parts lie and are normalised, or why there is nothing to load.
        parts: All (subset, split) pairs, in the order they are concatenated.
        license: What is claimed about the licence, each with evidence. Where claims contradict
            each other the strictest credible one rules.
        citation: BibTeX.
        derived_from: Parents, nearest first.
        origin_text: Raw columns that hold the text a row was made from where the row does not, such
            as the English of a translation. Builds search them for held-out items, too.
        quirks: What a user should know; shown on the source's page.
        warning: Shown at every load, such as "outdated or unsafe advice"; mostly empty.
        choices: Choices beyond subset, split and view.
        version: Raised whenever normalised rows change; part of every cache key.
    """

    name: str
    title: str
    about: str
    language: tuple[str, ...]
    layout: Layout | NoData
    license: tuple[Claim, ...]
    citation: str
    parts: tuple[Part, ...] = ()
    derived_from: tuple[Parent, ...] = ()
    origin_text: tuple[str, ...] = ()
    quirks: tuple[str, ...] = ()
    warning: str = ""
    choices: tuple[Choice, ...] = ()
    version: int = 1

    def __post_init__(self) -> None:
        names = [part.name for part in self.parts]
        if len(set(names)) != len(names):
            raise InvalidSourceError(
                "a part is declared twice",
                source=self.name,
                found=", ".join(names),
                hint="remove one of the two",
            )
        if isinstance(self.layout, Layout) != bool(self.parts):
            raise InvalidSourceError(
                "a layout and parts go together",
                source=self.name,
                hint="declare both, or NoData(reason) and no parts",
            )

    def __repr__(self) -> str:
        return f"<Source {self.name}: {self.title}>"

    def _repr_html_(self) -> str:
        from medqa_kit.catalog.cards import card_html

        return card_html(self)

    @property
    def at(self) -> Place:
        """Where the data is; for sources with several places, the main one."""
        return self.layout.at if isinstance(self.layout, Layout) else self.layout

    @property
    def access(self) -> Access:
        """How one gets at the rows, see :data:`medqa_kit.catalog.places.Access`."""
        return self.at.access

    @property
    def schema(self) -> pa.Schema | None:
        """The normalised schema of the main layout, ``None`` when there is nothing to load."""
        return self.layout.schema if isinstance(self.layout, Layout) else None

    @property
    def schemas(self) -> tuple[str, ...]:
        """Names of the schemas of all parts, without repeats."""
        names = (schema_name(self.layout_of(part).schema) for part in self.parts)
        return tuple(dict.fromkeys(names))

    @property
    def subsets(self) -> tuple[str, ...]:
        """Names of the subsets in order; empty where there is only one, without a name."""
        return tuple(dict.fromkeys(p.subset for p in self.parts if p.subset is not None))

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits in order, those by name only included."""
        return tuple(dict.fromkeys(part.split for part in self.parts))

    def splits_of(self, subset: str | None) -> tuple[str, ...]:
        """Names of the splits of one subset, in order."""
        return tuple(part.split for part in self.parts if part.subset == subset)

    @property
    def views(self) -> tuple[str, ...]:
        """Names of the views any part offers beside ``normalized`` and ``raw``."""
        return tuple(dict.fromkeys(v for part in self.parts for v in self.layout_of(part).views))

    @property
    def rows(self) -> int | None:
        """Raw rows of all parts that are not by name only; ``None`` when one is unknown."""
        counts = [part.rows for part in self.parts if not part.by_name_only]
        return None if not counts or None in counts else sum(c for c in counts if c is not None)

    @property
    def floating(self) -> bool:
        """Whether some part has no pinned revision."""
        return any(self.layout_of(part).at.floating for part in self.parts)

    @property
    def terms(self) -> Terms:
        """What the strictest credible licence claim permits."""
        return strictest(self.license)

    @property
    def protected_by(self) -> tuple[str, ...]:
        """Named holdouts that recipes with this source apply unless told otherwise."""
        from medqa_kit.decontamination.named import (
            protecting,  # a room to the right: only asked, never built on
        )

        return protecting(self)

    def layout_of(self, part: Part) -> Layout:
        """Give the layout of a part: its own, or the source's."""
        layout = part.layout or self.layout
        if isinstance(layout, NoData):
            raise InvalidSourceError("there is nothing to load", source=self.name, part=part.name)
        return layout

    def select(self, subset: str | None = None, split: str | None = None) -> tuple[Part, ...]:
        """Give the parts a user means.

        Args:
            subset: A subset, or ``None`` for all that are not by name only.
            split: A split, or ``None`` for all that are not by name only.

        Returns:
            At least one part, in the order of :attr:`parts`.

        Raises:
            UnknownPartError: There is no such subset, no such split, or not this pair.
        """
        if subset is not None and subset not in self.subsets:
            raise UnknownPartError(
                f"there is no subset {subset!r}",
                source=self.name,
                expected=", ".join(self.subsets) or "none (the source has no subsets)",
                hint=_did_you_mean(subset, self.subsets) or "leave subset= out for all of them",
            )
        if split is not None and split not in self.splits:
            raise UnknownPartError(
                f"there is no split {split!r}",
                source=self.name,
                expected=", ".join(self.splits),
                hint=_split_hint(self, split),
            )
        found = tuple(
            p
            for p in self.parts
            if subset in (None, p.subset) and split in (None, p.split) and _meant(p, subset, split)
        )
        if not found:
            pairs = ", ".join(part.name for part in self.parts)
            raise UnknownPartError(
                f"subset {subset!r} has no split {split!r}",
                source=self.name,
                expected=pairs,
                hint="choose one of the pairs above",
            )
        return found

    def how_to_get(self) -> str:
        """Say in steps how to get at the data, with the terms and what to pass as ``path=``."""
        from medqa_kit.catalog.cards import how_to_get

        return how_to_get(self)

    def show(self) -> str:
        """Give the source's card as text: what it is, parts, licence claims, lineage, quirks."""
        from medqa_kit.catalog.cards import card

        return card(self)


def _meant(part: Part, subset: str | None, split: str | None) -> bool:
    """Tell whether a part may be included: parts by name only want their own name spoken."""
    if not part.by_name_only:
        return True
    spoken = {"split": split == part.split, "subset": subset == part.subset}
    return all(spoken.values()) if part.named_by == "both" else spoken[part.named_by]


def _did_you_mean(name: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}" if near else ""


def _split_hint(source: Source, split: str) -> str:
    renamed = {part.upstream: part.split for part in source.parts if part.upstream}
    if split in renamed:
        return f"upstream's {split!r} is called {renamed[split]!r} here"
    return _did_you_mean(split, source.splits) or "split=None gives all, split='all' one table"
