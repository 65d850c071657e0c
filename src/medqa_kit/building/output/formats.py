"""A format of a result: which record the rows become, and the kinds of files it is written as."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, TypeAlias, cast, get_args

from medqa_kit.building.recipes.declared_tables import Key
from medqa_kit.core.arguments import instance, several, some_of, whole_number
from medqa_kit.errors import ArgumentError, shorten
from medqa_kit.training.kinds.index import find_kind
from medqa_kit.training.kinds.model import RecordKind
from medqa_kit.training.records import Record, record

FileKind: TypeAlias = Literal["parquet", "jsonl", "jsonl.zst"]
"""The kinds of files rows are written as, each in a folder of its own."""

DROPPED_FOLDER, ASIDE_FOLDER = LISTINGS = ("dropped", "aside")
"""Folders of a result that hold the rows that are not in it."""

TRACE = ("id", "source", "family")
"""Columns of Parquet files that say whose a row is; the last is what a row takes along when it goes."""

SHOTS = "shots"
"""Column of Parquet files with the ids of the examples a row is shown, which take it along when they go."""

EPOCH = "epoch"
"""Column that says in which pass over the sources a row comes, from 1; where a mix has several."""

ENTRY = "entry"
"""Column of Parquet files with what the recipe calls the source a row is of; where a mix has one source several times."""

_ENDINGS: Mapping[FileKind, str] = {"parquet": "", "jsonl": "_jsonl", "jsonl.zst": "_jsonl_zst"}
_TAKEN = (*LISTINGS, "stanzas")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(KB|MB|GB|KiB|MiB|GiB)")
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_LEAST_SHARD = 1000
_SETTINGS = {"type": "object", "additionalProperties": {"type": ["string", "number"]}}


@dataclass(frozen=True, kw_only=True)
class Format:
    """One form in which a result is written; a result has one or several.

    Attributes:
        name: ``lower_snake``; names the folder, and the config that ``load_dataset`` takes. The record
            by default, such as ``trl_messages``.
        record: What rows become, a name of :func:`medqa_kit.record_kinds`; ``"text"`` is plain text
            with one document a row.
        write: Kinds of files. Parquet is always one of them: it says whose each row is, by which
            results are checked and rows taken out.
        shard: Bytes after which a file is closed and the next begun; also such as ``"256MB"``.
        language: Of the words around question and answer; ``"row"`` goes by the row's language.
        system: System turn, if any.
        reasoning: How rationales are written; ``None`` takes the style the trainer reads best.
        settings: What only this kind of record has, as in :func:`medqa_kit.record`:
            ``{"model": "…"}`` for ``openai/batch``, ``{"eos": "…"}`` for ``axolotl/segments``.

    Raises:
        ArgumentError: A value is none of these, or the record loses such a style of reasoning.

    Example:
        >>> Format(name="chat", record="trl/messages", shard="1MB").shard
        1000000
    """

    name: str = ""
    record: str = "trl/prompt-completion"
    write: tuple[FileKind, ...] = ("parquet", "jsonl")
    shard: int = 256_000_000
    language: str = "row"
    system: str | None = None
    reasoning: str | None = None
    settings: Mapping[str, Any] = field(
        default_factory=dict, metadata=Key(schema=_SETTINGS).metadata
    )

    def __post_init__(self) -> None:
        if self.name == "":
            object.__setattr__(self, "name", re.sub(r"\W", "_", find_kind(self.record).name))
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name) or self.name in _TAKEN:
            raise ArgumentError(
                "this cannot name a format", argument="name", found=shorten([self.name]),
                expected=f"lower-case letters, digits and _; not {', '.join(_TAKEN)}",
                hint='as = "chat"',
            )  # fmt: skip
        write = some_of("write", self.write, get_args(FileKind))
        if "parquet" not in write:
            raise ArgumentError(
                "a format is written as Parquet at least", argument="write", found=shorten(write),
                expected="parquet among them, which says whose each row is",
                hint=f"write = {json.dumps(['parquet', *write])}",
            )  # fmt: skip
        object.__setattr__(self, "write", tuple(kind for kind in _ENDINGS if kind in write))
        object.__setattr__(self, "shard", _bytes(self.shard))
        self.kernel()

    @property
    def kind(self) -> RecordKind:
        """The kind of record."""
        return find_kind(self.record)

    @property
    def folders(self) -> dict[FileKind, str]:
        """The folder of each kind of files, Parquet first."""
        return {kind: f"{self.name}{_ENDINGS[kind]}" for kind in self.write}

    def kernel(self, *, keep: Iterable[str] = ()) -> Record:
        """Make the kernel that turns rows into the records of this format.

        Args:
            keep: Columns to carry along.
        """
        return record(
            self.record,
            language=cast(Any, self.language),
            system=self.system,
            reasoning=cast(Any, self.reasoning),
            identity=False,
            keep=keep,
            on_bad="drop",
            settings=self.settings,
        )

    def as_data(self) -> dict[str, Any]:
        """Return the format as data: ``Format(**data)`` is equal to it."""
        data = asdict(self) | {"write": list(self.write)}
        return data if self.settings else {name: data[name] for name in data if name != "settings"}

    @classmethod
    def of_manifest(cls, facts: Mapping[str, Any]) -> Format:
        """Return the format that a manifest tells of, beside other facts.

        Raises:
            ArgumentError: It tells of none.
        """
        names = {attribute.name for attribute in fields(cls)}
        return cls(**{name: value for name, value in facts.items() if name in names})

    def lines(self, columns: Sequence[str]) -> list[str]:
        """Return those of the columns of a Parquet file that JSON Lines have as well.

        Readers that are strict about keys get the record alone, the others whose row it is, too.
        """
        hidden = (*((*TRACE, EPOCH) if self.kind.strict else TRACE[-1:]), SHOTS, ENTRY)
        return [name for name in columns if name not in hidden]


def checked_formats(formats: Iterable[Format]) -> tuple[Format, ...]:
    """Return formats if they can be written side by side.

    Raises:
        ArgumentError: There is none, or two would write one folder.

    Example:
        >>> [form.name for form in checked_formats([Format(), Format(name="text", record="text")])]
        ['trl_prompt_completion', 'text']
    """
    listed = several("formats", formats)
    for form in listed:
        instance(
            "formats", form, Format, expected="Formats", hint='write Format(record="trl/messages")'
        )
    folders = [folder for form in listed for folder in form.folders.values()]
    twice = sorted({folder for folder in folders if folders.count(folder) > 1})
    if not listed or twice:
        raise ArgumentError(
            "two formats would write one folder" if twice else "there is no format",
            argument="formats", found=shorten(twice) if twice else "none",
            expected="formats of different names", hint="give each format a name of its own",
        )  # fmt: skip
    return listed


def _bytes(size: Any) -> int:
    """Read ``256_000_000`` or ``"256MB"``."""
    if isinstance(size, str):
        written = _SIZE.fullmatch(size)
        if not written:
            raise ArgumentError("this is no size", argument="shard", found=shorten([size]),
                                expected=f"a number with one of {', '.join(_UNITS)}",
                                hint='shard="256MB"')  # fmt: skip
        size = round(float(written[1]) * _UNITS[written[2]])
    return whole_number("shard", size, least=_LEAST_SHARD, hint='shard="256MB"')
