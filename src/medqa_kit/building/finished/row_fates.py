"""``why``: what happened to a row in a build, read from the folder of the result only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, overload

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.finished.never_read import absence
from medqa_kit.building.finished.row_places import FinishedResult, RowPlace, row_places
from medqa_kit.building.stages.fates import stage_of
from medqa_kit.core.arguments import file_path, several
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.core.tables import cell
from medqa_kit.errors import ArgumentError, shorten

FateStatus: TypeAlias = Literal["kept", "dropped", "never_read"]
"""What became of a row: it is in the result, it was read and left out, or it was not read."""

_COPY = "copy"


@dataclass(frozen=True, repr=False)
class RowFate(Shown):
    """What became of a row in a build. It prints as a few lines.

    Attributes:
        id: The id that was asked for.
        status: See :data:`FateStatus`.
        places: Where the row stands, format by format; empty unless it was kept.
        source: Name of its source, where the result lists the row.
        stage: The stage that left it out, in the words of recipes.
        reason: Why it was left out, as ``dropped`` has it; or a word of
            :data:`~medqa_kit.building.finished.never_read.NeverRead`.
        detail: What the stage, or the recipe, says.
        match: Id of the held item or of the copy that was kept instead.
        instead: What became of that copy.
        hint: What id may have been meant, where this one was never read.

    Example:
        >>> RowFate("demo/1", "dropped", stage="holdout", reason="held_out_exact", detail="exam: demo/9")
        demo/1: dropped by holdout
          held_out_exact: exam: demo/9
    """

    id: str
    status: FateStatus
    places: tuple[RowPlace, ...] = ()
    source: str | None = None
    stage: str | None = None
    reason: str | None = None
    detail: str | None = None
    match: str | None = None
    instead: RowFate | None = None
    hint: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self) | {"places": [asdict(place) for place in self.places],
                               "instead": None if self.instead is None else self.instead.to_dict()}  # fmt: skip

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @property
    def _lines(self) -> list[str]:
        if self.status == "kept":
            return [
                f"{place}{f' as {place.id}' if place.id != self.id else ''}"
                for place in self.places
            ]
        lines = [f"{self.reason}: {self.detail}"]
        if self.match is not None:
            lines.append(f"match: {self.match}")
        if self.instead is not None:
            lines += [f"  {line}" for line in str(self.instead).splitlines()]
        return [*lines, *([self.hint] if self.hint else [])]

    @property
    def _head(self) -> str:
        words = {"kept": "kept", "dropped": f"dropped by {self.stage}", "never_read": "never read"}
        entry = next((f", of {place.entry}" for place in self.places if place.entry), "")
        return f"{cell(self.id)}: {words[self.status]}{entry}"

    def _blocks(self) -> Iterator[Block]:
        yield self._head
        yield from (f"  {line}" for line in self._lines)


@overload
def why(out: str | os.PathLike[str], rows: str | Mapping[str, Any]) -> RowFate: ...  # type: ignore[overload-overlap]  # a text is one id
@overload
def why(out: str | os.PathLike[str], rows: Iterable[str | Mapping[str, Any]]) -> list[RowFate]: ...
def why(
    out: str | os.PathLike[str], rows: str | Mapping[str, Any] | Iterable[str | Mapping[str, Any]]
) -> RowFate | list[RowFate]:
    """Return the fate of a row in a result of :func:`medqa_kit.build`: kept, dropped or never read.

    Uses no network and reads no source: all facts are in the folder of the result.

    Args:
        out: The folder of the result.
        rows: Id of a row of any source, or a row with its ``id``; or a list of a few of these.

    Returns:
        The fate of the row; a list for several.

    Raises:
        ArgumentError: ``rows`` are no ids.
        WrongFilesError: There is no such result.
        FormatError: Its manifest is damaged or was edited, or a file of rows is absent, cut or damaged.
        StorageError: It cannot be read.

    Example:
        >>> import tempfile
        >>> from medqa_kit.building.pipeline import build
        >>> recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result = build(recipe, out=f"{folder}/demo", origin="sample")
        ...     fate = why(result.path, "sample:kormedmcqa/doctor/2013-1-35")
        >>> fate.status, fate.stage, fate.match
        ('dropped', 'holdout', 'sample:kormedmcqa/doctor/2023-1-12')
    """
    is_single = isinstance(rows, (str, Mapping))
    listed = [rows] if is_single else several("rows", rows)
    ids = [_checked(row.get("id") if isinstance(row, Mapping) else row) for row in listed]
    result = FinishedResult.read(file_path("out", out))
    fates = _fates(result, ids)
    return fates[0] if is_single else fates


def _checked(id: Any) -> str:
    try:
        if isinstance(id, str) and id.strip() and id.encode():
            return id
    except UnicodeEncodeError:  # half of a surrogate pair
        pass
    raise ArgumentError("this is no id of a row", argument="rows", expected="source/…/key, as the column id has it",
                        found=shorten([id]), hint='mk.why(out, "kormedmcqa/doctor/2012-1-1")')  # fmt: skip


def _fates(result: FinishedResult, ids: Sequence[str]) -> list[RowFate]:
    """Look for rows in the files, then in the list of those left out, then at what the manifest says."""
    listed = _dropped(result, ids)
    others = [
        row["match"] for row in listed.values() if row["reason"].startswith(_COPY) and row["match"]
    ]
    kept = row_places(result, list(dict.fromkeys([*ids, *others])))
    listed |= _dropped(result, [id for id in others if id not in kept and id not in listed])
    return [_fate(id, result, kept, listed) for id in ids]


def _dropped(result: FinishedResult, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    wanted, listed = pa.array(ids, pa.string()), dict[str, dict[str, Any]]()
    for table in result.dropped(ids) if len(ids) else ():
        rows = table.filter(pc.is_in(table["id"], value_set=wanted)).to_pylist()  # few
        listed |= {row["id"]: row for row in rows}
    return listed


def _fate(
    id: str, result: FinishedResult, kept: dict[str, list[RowPlace]], listed: dict[str, dict[str, Any]]
) -> RowFate:  # fmt: skip
    if id in kept:
        return RowFate(id, "kept", places=tuple(kept[id]))
    if (row := listed.get(id)) is None:
        cause = absence(id, result)
        return RowFate(id, "never_read", reason=cause.code, detail=cause.detail, hint=cause.hint)
    copy = row["match"] if row["reason"].startswith(_COPY) else None
    instead = None
    if copy in kept:
        instead = RowFate(copy, "kept", places=tuple(kept[copy]))
    elif copy in listed:
        other = listed[copy]
        instead = _left_out(copy, other, None)
    return _left_out(id, row, instead)


def _left_out(id: str, row: dict[str, Any], instead: RowFate | None) -> RowFate:
    return RowFate(id, "dropped", source=row["source"], stage=stage_of(row["reason"]),
                   reason=row["reason"], detail=row["detail"], match=row["match"], instead=instead)  # fmt: skip
