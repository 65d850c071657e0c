"""Layouts of parts at one place: their files, their decoding, and the function that normalises their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medqa_kit.catalog.places import Place
from medqa_kit.core.answer_number import AnswerNumber
from medqa_kit.core.arguments import one_of, whole_number
from medqa_kit.core.kernel import Kernel
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.errors import ArgumentError

FileFormat = Literal[
    "parquet", "jsonl", "json", "csv", "tsv", "xlsx", "json-tree", "json-object", "token-blocks"
]  # fmt: skip
"""How a file is read. ``json`` is one array per file (or one object that holds it); ``json-tree``
is a folder or archive with one small JSON object a file; ``json-object`` is one object a file
whose members are the records; ``token-blocks`` is a sentence as a block of lines, a token a line;
``jsonl`` may end in ``.zst`` or ``.gz``."""


RowCounts = Callable[[pa.Table], Mapping[str, npt.NDArray[np.integer | np.bool_]]]
"""From raw rows to numbers by reason: an array with a number for each raw row, or yes or no."""


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Files that belong together only because they lie in folders of equal names.

    One record is made of all files of a cell, since kernels see one record at a time. The files
    of a cell are the ones whose last ``depth`` folders are called the same, wherever they lie;
    cells come in the order of those names, the files of a cell in the order of their own.

    Attributes:
        depth: How many folders above a file name its cell.
        key: The text column of ``raw`` that takes the name of the cell, with ``/`` between folders.
        lists: List column of ``raw`` to the pattern of the files whose objects it holds; patterns
            are as in :class:`Layout`. A cell may lack files of a kind: that list is empty.

    Example:
        >>> Cells(depth=2, key="cell", lists={"drugs": "*/drugs/*.json"}).lists["drugs"]
        '*/drugs/*.json'
    """

    depth: int
    key: str
    lists: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", whole_number("depth", self.depth, least=1))


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How files of a layout are decoded.

    Attributes:
        format: See :data:`FileFormat`; ``None`` takes the one that the file's ending names.
        encoding: Of text formats. ``utf-8`` also accepts a byte order mark.
        records: For ``json``: the key that holds the list, where the file may be an object
            instead of a bare list.
        sheet: For ``xlsx``: the sheet's name; ``None`` takes the only one.
        header_lines: For ``csv`` and ``tsv``: lines to skip before the header; for
            ``token-blocks``: lines of comments before the first sentence.
        quote: For ``csv`` and ``tsv``: the mark around fields that hold delimiters or line breaks;
            ``None`` where a quotation mark is text like any other, so that each line is a record.
        escape: For ``csv`` and ``tsv``: the sign that takes the meaning from the one behind it, such
            as a backslash; ``None`` where quotation marks in quoted fields are doubled.
        header: For ``csv`` and ``tsv``: whether the names of the columns stand in the file. Where they
            do not, the columns are those of ``raw``, in that order.
        flat: For JSON: object column to the field that a bare text in its place stands for, as in
            exports that flatten ``{"body": "…"}`` to ``"…"``.
        number_as_text: Text columns in which a number is taken as its digits.
        key: For ``json-object``: the text column that takes the name of each member.
        among: For ``json-object``: name of a file of the part that lists keys, as an object or a
            list; only the records of these are read, and each must be there.
        cells: For ``json-tree``: see :class:`Cells`; ``None`` makes a record of each file.
    """

    format: FileFormat | None = None
    encoding: str = "utf-8"
    records: str | None = None
    sheet: str | None = None
    header_lines: int = 0
    quote: str | None = '"'
    escape: str | None = None
    header: bool = True
    flat: Mapping[str, str] = field(default_factory=dict)
    number_as_text: tuple[str, ...] = ()
    key: str | None = None
    among: str | None = None
    cells: Cells | None = None

    def __post_init__(self) -> None:
        one_of("format", self.format, (None, *get_args(FileFormat)))
        object.__setattr__(
            self, "header_lines", whole_number("header_lines", self.header_lines, least=0)
        )
        for name, mark in (("quote", self.quote), ("escape", self.escape)):
            if mark is not None and (
                not isinstance(mark, str) or len(mark) != 1 or not mark.isascii() or mark.isalnum()
            ):
                raise ArgumentError(f"{name} is one sign", argument=name, found=repr(mark),
                                    expected="one ASCII character, no letter, or None",
                                    hint="quote=None reads quotation marks as text")  # fmt: skip


@dataclass(frozen=True)
class View:
    """Another normalised form of a layout's rows, such as a translation pair instead of a question.

    Attributes:
        schema: The schema of this view.
        normalize: As in :class:`Layout`.
        doc: What a row is, in one sentence.
        passed_over: As in :class:`Layout`, whose own holds where this is ``None``.

    Example:
        >>> from medqa_kit.catalog import source
        >>> sorted(source("khmer_medical_qa").layout.views)
        ['parallel']
    """

    schema: pa.Schema
    normalize: Kernel
    doc: str
    passed_over: RowCounts | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Layout(Shown):
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
            the row. The loader then adds ``~2``, ``~3`` to their ids, in file order. Otherwise
            upstream states that the key is unique, and a repeat is an error.
        views: Other normalised forms of the same rows, by name.
        gold: Where the raw rows number the right option, as ``Columns.gold`` says. The base of the
            numbers is proved then from all rows of a file. ``None`` takes what ``normalize`` declares.
        left_out: Counts what a raw row holds that ``normalize`` makes no row of; ``None`` where nothing
            is left out. Loading adds the numbers up and warns.
        passed_over: Finds the raw rows of which no row is expected, being those of another source in
            the same file, or having nothing of what was chosen. Loading counts them and warns of
            nothing. A raw row that is in no row and counted by neither is an :class:`AccountError`.
        renamed: What a user calls columns in their files, by the declared name. No other name is
            accepted then, not even the declared one.
        also: Other distributions of the same rows, such as the files of the authors beside the
            hub's copy. They make the same ids and families. A ``path=`` is read as the layout that
            its files have.
        distribution: What the files of a layout in ``also`` are, in a few words.
        split_names: How the files of this layout call a split where it is neither our name nor
            upstream's, by our name.
        tells: Check whether some first rows, with the columns of ``raw``, can be of this layout;
            for layouts whose columns another one has as well. ``None`` where the columns tell.

    Example:
        >>> from medqa_kit.catalog import source
        >>> layout = source("kbmc").layout
        >>> layout.files, layout.raw.names
        ('KBMC.tsv', ['Sentence', 'Tags'])
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
    gold: AnswerNumber | None = None
    left_out: RowCounts | None = None
    passed_over: RowCounts | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    also: tuple[Layout, ...] = ()
    distribution: str = ""
    split_names: Mapping[str, str] = field(default_factory=dict)
    tells: Callable[[pa.Table], bool] | None = None

    def __post_init__(self) -> None:
        one_of("extra", self.extra, ("refuse", "ignore"))
        if self.gold is None:  # frozen for all others
            object.__setattr__(self, "gold", getattr(self.normalize, "gold", None))

    def _blocks(self) -> Iterator[Block]:
        yield f"layout of {self.files} at {getattr(self.at, 'url', '') or self.at.access}"
        yield [("raw column", "type"), *((field.name, str(field.type)) for field in self.raw)]
        yield f"becomes {', '.join(self.schema.names)}"
        yield from (f"view {name}: {view.doc}" for name, view in self.views.items())
        yield from (f"reads as well: {each.distribution} ({each.files})" for each in self.also)

    def numbered_from(self, column: str) -> int | None:
        """Return the number of the first option where a raw column numbers the right one."""
        gold = self.gold
        return gold.first if gold is not None and gold.column == column else None

    def viewed(self, view: str) -> Layout:
        """Return the layout for a named view; ``"normalized"`` is the layout itself."""
        if view == "normalized":
            return self
        chosen = self.views[view]
        return replace(
            self, schema=chosen.schema, normalize=chosen.normalize,
            passed_over=chosen.passed_over or self.passed_over,
        )  # fmt: skip

    def called(self, columns: Mapping[str, str]) -> Layout:
        """Return the layout for files whose columns have other names (declared name to theirs)."""
        aliases = {**self.aliases, **{declared: (theirs,) for declared, theirs in columns.items()}}
        return replace(self, aliases=aliases, renamed={**self.renamed, **columns})


@dataclass(frozen=True)
class Choice:
    """A choice a source offers on how its rows are made, such as ``variant`` or ``pairing``.

    Attributes:
        name: Key in ``choices=`` of :func:`medqa_kit.load`, and a keyword of ``mk.loaders.<source>``.
        values: What can be chosen; the first is the default.
        doc: What the values mean.
        apply: Returns the layout for a chosen value.

    Example:
        >>> from medqa_kit.catalog import source
        >>> [(choice.name, choice.values) for choice in source("khmer_medical_qa").choices][:1]
        [('variant', ('original', 'paraphrase', 'both'))]
    """

    name: str
    values: tuple[str, ...]
    doc: str
    apply: Callable[[Layout, str], Layout]
