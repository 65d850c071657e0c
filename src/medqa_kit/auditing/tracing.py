"""``trace`` and ``get``: back from a row to what it was made of, by its id alone.

An id survives whatever is done to rows: filters, shuffles, files, training records. It names the
source, and the part is searched for the rest. So nothing has to be carried along, and what was
edited on the way is told by comparing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.catalog.model import Source
from medqa_kit.catalog.registry import names, source
from medqa_kit.core.arguments import did_you_mean, file_path, nonempty_text
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.holders import batches
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.errors import ArgumentError, FileError, shorten
from medqa_kit.loading.content_hash import content_hash
from medqa_kit.loading.part_loading import LoadedPart, PartLoader, load_parts
from medqa_kit.loading.request import LoadRequest, Origin

_SAMPLE = "sample:"


@dataclass(frozen=True, repr=False)
class Trace(Shown):
    """A row, and what it was made of. It prints as the steps of its way.

    Attributes:
        id: Its id.
        source: Name of the source.
        part: Name of the part.
        origin: Where the files were read: ``"hub"``, ``"path"`` or ``"sample"``.
        revision: Commit of the files; of local files a digest of names and contents.
        number: Which of the part's raw rows it is made of, counted from 0.
        raw: That raw row, as upstream has it.
        row: The row as loading gives it.
        content: A hash of that row.
        view: The view it is of, ``"normalized"`` for most.
        choices: The source's own choices it was made with.
        edited: Columns that are otherwise in the row passed: what is there now. A column the row
            lacks is not listed.

    Example:
        >>> origin = trace("sample:kormedmcqa/doctor/2022-1-7")
        >>> origin.raw["answer"], origin.row["answer_index"], origin.part
        (3, 2, 'doctor/test')
    """

    id: str
    source: str
    part: str
    origin: Origin
    revision: str
    number: int
    raw: Mapping[str, Any]
    row: Mapping[str, Any]
    content: str
    view: str
    choices: Mapping[str, str]
    edited: Mapping[str, Any]

    @property
    def steps(self) -> list[str]:
        """The way of the row, a line a step."""
        chosen = "".join(f", {name}={value}" for name, value in self.choices.items())
        return [
            f"{self.source}/{self.part} from {self.origin} at {self.revision}",
            f"raw row {self.number + 1:,}: {', '.join(self.raw)}",
            f"view {self.view}{chosen}: {self.content}",
            f"edited since: {', '.join(self.edited)}" if self.edited else "not edited since",
        ]

    def to_json(self) -> str:
        """Return it as JSON.

        Example:
            >>> json.loads(trace("sample:kormedmcqa/doctor/2022-1-7").to_json())["number"]
            0
        """
        return json.dumps({**self.__dict__, "steps": self.steps}, ensure_ascii=False, default=str)

    def _blocks(self) -> Iterator[Block]:
        yield self.id
        yield from (f"  {step}" for step in self.steps)
        shown = [(name, shorten([value])) for name, value in self.raw.items()]
        yield [("raw column", "value"), *shown]


def get(
    id: str,
    *,
    path: str | os.PathLike[str] | None = None,
    lock: str | os.PathLike[str] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
) -> dict[str, Any]:
    """Return the row with an id, as :func:`medqa_kit.load` gives it.

    Args:
        id: The ``id`` of a row; those of samples begin with ``sample:``.
        path: Local files of its source, as in :func:`medqa_kit.load`.
        lock: A lockfile with the revision and files to read.
        cache_dir: Root of the ``datasets`` cache.

    Returns:
        The values of the row by column.

    Raises:
        ArgumentError: No row has this id.
        MedQAError: What loading raises.

    Example:
        >>> get("sample:kormedmcqa/doctor/2022-1-7")["question"]
        '괴혈병을 예방하는 비타민은?'
    """
    nonempty_text("id", id, hint="mk.trace(rows) takes rows")
    return dict(trace(id, path=path, lock=lock, cache_dir=cache_dir).row)


@overload
def trace(
    rows: str | Mapping[str, Any], *, path: str | os.PathLike[str] | None = None,
    lock: str | os.PathLike[str] | None = None, cache_dir: str | os.PathLike[str] | None = None,
) -> Trace: ...  # fmt: skip
@overload
def trace(
    rows: Any, *, path: str | os.PathLike[str] | None = None,
    lock: str | os.PathLike[str] | None = None, cache_dir: str | os.PathLike[str] | None = None,
) -> list[Trace]: ...  # fmt: skip
def trace(
    rows: Any,
    *,
    path: str | os.PathLike[str] | None = None,
    lock: str | os.PathLike[str] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
) -> Trace | list[Trace]:
    """Find the raw row that a row was made of, and its way.

    Args:
        rows: A row with its ``id``, or an id; or several rows in any container of rows. Meant for looking at
            some rows, not for a whole set.
        path: Local files of the source, as in :func:`medqa_kit.load`.
        lock: A lockfile that the source is held to.
        cache_dir: Root of the ``datasets`` cache.

    Returns:
        The trace; a list of them for several rows.

    Raises:
        ArgumentError: A row has no ``id``, or none of the catalogue's has this one.
        MedQAError: What loading raises.

    Example:
        >>> row = {**get("sample:kormedmcqa/doctor/2022-1-7"), "question": "Which vitamin?"}
        >>> trace(row).edited
        {'question': 'Which vitamin?'}
    """
    single_row = isinstance(rows, (str, Mapping))
    given = (
        [{"id": rows}] if isinstance(rows, str) else [dict(rows)] if single_row else _listed(rows)
    )
    known = _located([_id_of(row) for row in given], _Places(path, lock, cache_dir))
    traces = [known[row["id"]].trace(row) for row in given]
    return traces[0] if single_row else traces


def _listed(rows: Any) -> list[dict[str, Any]]:
    return [row for batch in batches(rows) for row in batch.to_pylist()]


def _id_of(row: Mapping[str, Any]) -> str:
    if not isinstance(name := row.get("id"), str) or not name:
        raise ArgumentError("the row has no id", argument="rows", expected="a column 'id' as mk.load gives it",
                            found=shorten(row), hint="keep the column id: it is what leads back")  # fmt: skip
    return name


class _Places(NamedTuple):
    """Where the caller says that sources are."""

    path: str | os.PathLike[str] | None
    lock: str | os.PathLike[str] | None
    cache_dir: str | os.PathLike[str] | None

    def request(self, *, sample: bool, view: str, choices: Mapping[str, str]) -> LoadRequest:
        """Return what is asked of loading."""
        path = None if self.path is None else file_path("path", self.path)
        return LoadRequest(
            origin="sample" if sample else "hub", path=path, view=view, choices=choices
        )


class _Located(NamedTuple):
    """A row as loaded, with its raw row."""

    loaded: LoadedPart
    raw: Mapping[str, Any]
    number: int
    row: Mapping[str, Any]
    content: str
    view: str
    choices: Mapping[str, str]

    def trace(self, given: Mapping[str, Any]) -> Trace:
        """Return the trace of a row that was passed, with what was edited since."""
        plan = self.loaded.plan
        edited = {
            name: value
            for name, value in given.items()
            if name in self.row and value != self.row[name]
        }
        return Trace(
            self.row["id"], plan.source.name, plan.part.name, plan.origin, plan.revision, self.number, self.raw, self.row,
            self.content, self.view, self.choices, edited,
        )  # fmt: skip


def _located(ids: Sequence[str], places: _Places) -> dict[str, _Located]:
    """Locate rows by id, source by source."""
    located: dict[str, _Located] = {}
    by_source: dict[tuple[str, bool], set[str]] = {}
    for name in ids:
        by_source.setdefault((_source_of(name), name.startswith(_SAMPLE)), set()).add(name)
    for (name, sample), wanted in by_source.items():
        origin, missing = source(name), set(wanted)
        for view, choices in _ways(origin):
            if not missing:
                break
            request = places.request(sample=sample, view=view, choices=choices)
            for row in _in_parts(origin, request, missing, places):
                located[row.row["id"]] = row
                missing.discard(row.row["id"])
        if missing:
            raise ArgumentError(f"no row of {name} has this id", argument="rows", expected="an id that mk.load gave",
                                found=shorten(sorted(missing)), source=name,
                                hint="rows of local files are found with path=; other pins have other rows")  # fmt: skip
    return located


def _source_of(id: str) -> str:
    name = id.removeprefix(_SAMPLE).partition("/")[0]
    if name not in names():
        raise ArgumentError("the id names no source of the catalogue", argument="rows", expected="source/…/key",
                            found=shorten([id]), hint=did_you_mean(name, names()) or "mk.sources() lists them")  # fmt: skip
    return name


def _ways(data_set: Source) -> Iterator[tuple[str, dict[str, str]]]:
    """Return the views and choices that rows can be made with, the plain ones first."""
    yield "normalized", {}
    for view in data_set.views:
        yield view, {}
    for choice in data_set.choices:
        for value in choice.values:
            yield "normalized", {choice.name: value}
            for view in data_set.views:
                yield view, {choice.name: value}


def _in_parts(
    data_set: Source, request: LoadRequest, ids: Collection[str], places: _Places
) -> Iterator[_Located]:
    """Look into the parts whose ids begin like some of those wanted, copies last."""
    loader = PartLoader(cache_dir=places.cache_dir)
    left = set(ids)
    for part in sorted(data_set.parts, key=lambda part: bool(part.by_name_only)):
        tail = {name.removeprefix(_SAMPLE).removeprefix(f"{data_set.name}/") for name in left}
        if not left or (
            part.subset is not None and not any(name.startswith(f"{part.subset}/") for name in tail)
        ):
            continue
        if request.view not in ("normalized", *data_set.layout_of(part).views):
            continue
        try:
            loaded = load_parts(
                data_set, request, loader, subset=part.subset, split=part.split, lock=places.lock
            )
        except FileError:  # a part that is not among the files of a path
            if request.path is None:
                raise
            continue
        for each in loaded:
            if each.plan.part == part:
                for row in _in_part(each, data_set, request, loader, left, places):
                    left.discard(row.row["id"])
                    yield row


def _in_part(
    loaded: LoadedPart,
    data_set: Source,
    request: LoadRequest,
    loader: PartLoader,
    ids: set[str],
    places: _Places,
) -> Iterator[_Located]:
    every = _column(loaded.data, "id")
    at = np.flatnonzero(
        pc.is_in(every, value_set=pa.array(sorted(ids), every.type)).to_numpy(zero_copy_only=False)
    )
    if not len(at):
        return
    part = loaded.plan.part
    plain = LoadRequest(
        origin=request.origin, path=request.path, view="raw", choices=request.choices
    )
    (raw,) = [
        each for each in load_parts(data_set, plain, loader, subset=part.subset, split=part.split, lock=places.lock)
        if each.plan.part == part
    ]  # fmt: skip
    firsts = _first_ids(every, _column(raw.data, "id"))
    for place in at.tolist():  # a few rows
        table = loaded.data.select([place]).with_format("arrow")[:]
        number = int(firsts[place])
        upstream = raw.data[number]
        yield _Located(
            loaded, {name: upstream[name] for name in raw.data.column_names if name != "id"}, number,
            table.to_pylist()[0], content_hash([table.select(loaded.plan.layout.schema.names)]), request.view, request.choices)  # fmt: skip


def _first_ids(row_ids: pa.Array, raw: pa.Array) -> np.ndarray:
    """Return for each row which raw row it is made of: the last whose id came up to it.

    A raw row has the id of the first row made of it, and rows stand in the order of their raw rows.
    """
    places = (
        pc.fill_null(pc.index_in(row_ids, value_set=raw), -1)
        .to_numpy(zero_copy_only=False)
        .astype(np.int64)
    )
    return np.maximum.accumulate(places)


def _column(data: Any, name: str) -> pa.Array:
    return whole(data.with_format("arrow")[:][name])
