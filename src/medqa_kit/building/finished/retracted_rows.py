"""Which rows of a finished result a retraction takes out: those that it names, and their relatives."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.output.formats import SHOTS
from medqa_kit.building.output.written_rows import CHOSEN, REJECTED
from medqa_kit.building.stages.erasure import RELATIVE, RETRACTED, named_ids
from medqa_kit.core.arguments import did_you_mean, instance, nonempty_text
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.ragged import Ints, flat
from medqa_kit.core.text.near_words import suggestion
from medqa_kit.decontamination.exclusion import search
from medqa_kit.decontamination.findings import dropped_rows
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.errors import ArgumentError, EmptyDataError, shorten

SPLIT = "split of the result"
"""Column that says which split of the result a row stands in."""


@dataclass(frozen=True)
class Retraction:
    """What is to be taken out of a result.

    Attributes:
        items: Ids of rows.
        holdout: Items: rows that hold one go.
        source: Name of a source of which all rows go.
    """

    items: tuple[str, ...]
    holdout: Holdout | None
    source: str | None

    @classmethod
    def of(
        cls,
        items: str | os.PathLike[str] | Iterable[str],
        holdout: Holdout | None,
        source: str | None,
    ) -> Retraction:
        """Check the arguments of :func:`medqa_kit.retract`.

        Raises:
            ArgumentError: Nothing is named to take out, or an argument is of another type.
            WrongFilesError: There is no such file of ids.
        """
        if holdout is not None:
            instance("holdout", holdout, Holdout, expected="a Holdout",
                     hint="mk.Holdout.load(path) reads a saved one")  # fmt: skip
        if source is not None:
            nonempty_text("source", source, hint='source="kbmc"')
        listed = named_ids(items, argument="items")
        if not (listed or holdout is not None or source is not None):
            raise ArgumentError("nothing is named to take out", expected="items, holdout or source",
                                hint="mk.retract(out, source='name')")  # fmt: skip
        return cls(listed, holdout, source)

    def described(self) -> dict[str, Any]:
        """Say for the manifest what was asked for."""
        holdout = None if self.holdout is None else self.holdout.name
        return {"items": list(self.items), "holdout": holdout, "source": self.source}


def notes_of_earlier(retraction: Retraction, earlier: Set[str], gone: Set[str]) -> Iterator[str]:
    """Say which of the ids were taken out before."""
    if again := [item for item in retraction.items if item in earlier and item not in gone]:
        yield f"{len(again):,} of the ids were taken out before: {shorten(again)}"


def rows_to_remove(
    rows: pa.Table,
    retraction: Retraction,
    folder: Path,
    manifest: Mapping[str, Any],
    earlier: Set[str],
) -> pa.Table:
    """Return the rows that go, in their order.

    Args:
        rows: All rows of the result, train first, with the columns of ``TRACE`` and :data:`SPLIT`.
        retraction: What is to be taken out.
        folder: Folder of the result, for messages.
        manifest: Its manifest.
        earlier: Ids that were taken out before.

    Returns:
        ``row: int64``, ``id``, ``code``, ``detail``, ``source`` and ``split: string`` a row.

    Raises:
        EmptyDataError: An id or the source is not in the result; or no row would be left.
    """
    items = _of_rows(retraction.items, rows)
    written = rows["id"].filter(pc.is_in(rows["id"], value_set=pa.array(items, rows["id"].type)))
    family = pc.coalesce(rows["family"], rows["id"])
    of_items = pc.is_in(
        family, value_set=pa.array(items, pa.string())
    )  # made of a row that is not there itself
    there = {*written.to_pylist(), *_shown_ids(rows), *pc.unique(family.filter(of_items)).to_pylist()}  # fmt: skip
    unknown = sorted(name for name, item in zip(retraction.items, items, strict=True) if item not in there)  # fmt: skip
    if len(unknown) < len(items):  # a list of ids to take out may grow
        unknown = [name for name in unknown if name not in earlier]
    if (
        retraction.source is not None
        and not pc.any(pc.equal(rows["source"], retraction.source)).as_py()
    ):
        unknown.append(retraction.source)
    if unknown:
        raise EmptyDataError("these are not in the result", file=str(folder), found=shorten(unknown),
                             hint=_meant(unknown[-1], retraction, manifest, rows["id"]))  # fmt: skip
    why = dict.fromkeys(np.flatnonzero(_mask(pc.is_in(
        rows["id"], value_set=pa.array(items, pa.string())))).tolist(), "named by its id")  # fmt: skip
    if retraction.source is not None:
        of_source = np.flatnonzero(_mask(pc.equal(rows["source"], retraction.source)))
        why |= dict.fromkeys(of_source.tolist(), f"of the source {retraction.source}")
    if retraction.holdout is not None:
        held_out = dropped_rows(search(rows.drop_columns(["family", SPLIT]), retraction.holdout))
        why |= dict(zip(held_out["row"].to_pylist(), held_out["detail"].to_pylist(), strict=True))
    named = np.array(sorted(why), np.int64)
    families = family.take(pa.array(named)).combine_chunks()
    akin = _mask(pc.is_in(family, value_set=families)) | _mask(of_items)
    kin = np.setdiff1d(np.flatnonzero(akin), named)
    gone = np.concatenate([named, kin])
    ids = [*items, *rows["id"].take(pa.array(gone)).to_pylist()]
    shown = np.setdiff1d(_showing(rows, ids), gone)
    if len(named) + len(kin) + len(shown) == rows.num_rows > 0:
        raise EmptyDataError("no row would be left", file=str(folder), found=f"all {rows.num_rows:,} go",
                             hint="delete the folder instead")  # fmt: skip
    place = np.concatenate([gone, shown])
    detail = [
        *(why[row] for row in named.tolist()),
        *["of the family of a row taken out"] * len(kin),
        *["shows a row taken out as an example"] * len(shown),
    ]
    table = pa.table({
        "row": pa.array(place), "id": rows["id"].take(pa.array(place)),
        "code": [RETRACTED] * len(named) + [RELATIVE] * (len(kin) + len(shown)),
        "detail": pa.array(detail, pa.string()), "source": rows["source"].take(pa.array(place)),
        "split": rows[SPLIT].take(pa.array(place)),
    })  # fmt: skip
    return table.sort_by("row")


def _of_rows(items: Sequence[str], rows: pa.Table) -> list[str]:
    """Return the ids of the rows that items name: a half of a preference names its row."""
    named = pa.array(items, pa.string())
    there = pc.is_in(named, value_set=rows["id"].cast(pa.string()).combine_chunks())
    plain = pc.replace_substring_regex(named, f"({CHOSEN}|{REJECTED})$", "")
    listed: list[str] = pc.if_else(there, named, plain).to_pylist()
    return listed


def _shown_ids(rows: pa.Table) -> list[str]:
    """Return the ids of the rows that are shown as examples; few, since a pool is small."""
    if SHOTS not in rows.column_names:
        return []
    listed: list[str] = pc.unique(pc.list_flatten(rows[SHOTS])).to_pylist()
    return listed


def _showing(rows: pa.Table, ids: list[str]) -> Ints:
    """Return the rows that show a row as an example, by their ids."""
    if SHOTS not in rows.column_names:
        return np.zeros(0, np.int64)
    lists = flat(whole(rows[SHOTS]))
    plain = pc.replace_substring_regex(pa.array(ids, pa.string()), r"#\d+$", "")
    return np.unique(lists.rows(np.flatnonzero(pc.is_in(lists.values, value_set=plain))))


def _mask(column: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(column.fill_null(False).to_numpy(), np.bool_)


def _meant(
    unknown: str, retraction: Retraction, manifest: Mapping[str, Any], ids: pa.ChunkedArray
) -> str:
    """Say what may have been meant by a source, or an id, that is not in a result."""
    if unknown != retraction.source:
        if os.path.isfile(unknown):  # noqa: PTH113  # of an id that no file can have it says no
            return f"ids that stand in a file are named by it: items={unknown!r}, medqa-kit retract OUT --without-ids {unknown}"
        near = ids.filter(pc.ends_with(ids, f"/{unknown}"))[
            :2
        ].to_pylist()  # without the name of its source
        return (
            suggestion(near)
            or "ids stand in the Parquet files of each format; mk.why(out, id) says what became of one"
        )
    names = {each.get("as", each["name"]): each["name"] for each in manifest["sources"]}
    if unknown in names.values():
        return "none of its rows is left: mk.why(out, id) says what became of one"
    if unknown in names:
        return f"it is what the recipe calls {names[unknown]}: source={names[unknown]!r} takes all rows of this out"
    return (
        did_you_mean(unknown, names.values())
        or f"its sources are {', '.join(dict.fromkeys(names.values()))}"
    )
