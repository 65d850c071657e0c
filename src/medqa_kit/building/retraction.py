"""``retract``: take rows out of a finished result, with their relatives, and say so in its manifest."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medqa_kit.building.built import Build
from medqa_kit.building.finished.entries_left import entries_left, rows_less
from medqa_kit.building.output.format_files import TRAIN, ShardCount, described_format, split_files
from medqa_kit.building.output.formats import ASIDE_FOLDER, ENTRY, EPOCH, SHOTS, TRACE
from medqa_kit.building.output.listings import DroppedRows
from medqa_kit.building.output.papers.finishing import finish
from medqa_kit.building.output.reference_difference import difference_now
from medqa_kit.building.output.shards import RowShards
from medqa_kit.building.output.written_rows import (
    CHOSEN,
    REJECTED,
    WrittenRows,
    dropped_tables,
    listed_paths,
)
from medqa_kit.building.result_folder import finished_together, storage_errors
from medqa_kit.building.stages.erasure import RELATIVE, RETRACTED, named_earlier, named_ids
from medqa_kit.building.written_manifest import no_manifest, written_manifest
from medqa_kit.core.arguments import did_you_mean, file_path, instance, nonempty_text, suggestion
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.ragged import Ints, flat
from medqa_kit.core.report import FINDING_FIELDS, Report
from medqa_kit.decontamination.exclusion import search
from medqa_kit.decontamination.findings import dropped_rows
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.errors import ArgumentError, EmptyDataError, FormatError, shorten

_SPLIT = "split of the result"


def retract(
    out: str | os.PathLike[str],
    *,
    items: str | os.PathLike[str] | Iterable[str] = (),
    holdout: Holdout | None = None,
    source: str | None = None,
) -> tuple[Build, Report]:
    """Take rows out of a result of :func:`medqa_kit.build`, with all rows of their families.

    The result is replaced in one step by one without these rows: the others keep their order and their
    bytes. ``dropped`` lists what went, the numbers of the manifest add up again, and its
    ``retracted`` says what was asked for, with the digest of the rows before. The recipe still makes the rows: name the holdout in it, or
    leave the source out, before it is built again.

    Args:
        out: The folder that was built. It must be as it was built.
        items: Ids of rows; or a file of them: text with one a line, or a table with a column ``id``. Those that
            were taken out before are noted.
        holdout: Items: the rows that hold one are taken out, as :func:`medqa_kit.exclude` would.
        source: Name of a source of which all rows go.

    Returns:
        The result, and the report: a finding for each row, ``code`` being ``retracted`` or, where only
        its family is, ``retracted_relative``; ``row`` counts through train, then validation.

    Raises:
        ArgumentError: Nothing is named to take out.
        WrongFilesError: There is no such result, or no such file of ids.
        FormatError: Its manifest, or a file of rows, is none.
        EmptyDataError: An id or the source is not in the result; or no row would be left.
        RecipeError: The result was edited, or a build writes it.
        StorageError: It cannot be written.

    Example:
        >>> import tempfile
        >>> from medqa_kit.building.pipeline import build
        >>> recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result = build(recipe, out=f"{folder}/demo", origin="sample")
        ...     rows = pq.read_table(result.path / "trl_prompt_completion" / "train")
        ...     first = rows["id"][0].as_py()
        ...     left, report = retract(result.path, items=[first])
        >>> result.manifest["totals"]["train"] - left.manifest["totals"]["train"], report.dropped
        (1, 1)
    """
    asked = _Asked.of(items, holdout, source)
    manifest = written_manifest(file_path("out", out))
    with finished_together(out, replace_edited=None) as (folder, target):
        formats = _formats(target, manifest)
        rows = _rows(formats[0], target)
        with _of_a_build(target):
            earlier = named_earlier(manifest, dropped_tables(target, manifest))
        gone = _gone(rows, asked, target, manifest, earlier)
        with storage_errors(target), _of_a_build(target):
            _copy(target, folder, manifest)
            told = {each.form.name: _filter(folder, each, gone["id"]) for each in formats}
            _list(target, folder, manifest, gone)
            content = _told(manifest, rows, gone, asked) | {"formats": told}
            written = finish(folder, content)
    size = rows.num_rows
    alone = rows["family"].null_count == size
    report = Report("retract", rows=size, kept=size - gone.num_rows,
                    findings=gone.select([name for name, _ in FINDING_FIELDS]),
                    notes=[*["no row has a family, so relatives stay"] * alone, *_still_asked(manifest),
                           *_gone_earlier(asked, earlier, {*gone["id"].to_pylist()})])  # fmt: skip
    return Build(target, written), report


@contextmanager
def _of_a_build(folder: Path) -> Iterator[None]:
    """Write papers within the block: they ask more of a manifest than other versions may have told."""
    try:
        yield
    except (LookupError, TypeError, AttributeError) as error:
        raise no_manifest(folder, error) from error


@dataclass(frozen=True)
class _Asked:
    items: tuple[str, ...]
    holdout: Holdout | None
    source: str | None

    @classmethod
    def of(
        cls,
        items: str | os.PathLike[str] | Iterable[str],
        holdout: Holdout | None,
        source: str | None,
    ) -> _Asked:
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


def _still_asked(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Say that ledgers, which are no part of the result, still hold the rows that went."""
    for facts in manifest.get("generate", {}).values():
        yield (f"the ledger {facts['out']} still asks a model about rows that went: a build with without_ids= "
               "takes them out of it")  # fmt: skip


def _formats(folder: Path, manifest: dict[str, Any]) -> tuple[WrittenRows, ...]:
    try:
        return WrittenRows.of(folder, manifest)
    except (KeyError, TypeError, AttributeError, ArgumentError) as error:
        raise no_manifest(folder, error) from error


def _rows(written: WrittenRows, folder: Path) -> pa.Table:
    """Return all rows, train first, with their split."""
    try:
        tables = []
        for split in written.splits:
            for records in written.tables(split):
                table = written.of_rows(records)
                tables.append(
                    table.append_column(_SPLIT, pa.array([split] * len(table), pa.string()))
                )
        rows = pa.concat_tables(tables)
        _ = rows.select(TRACE)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise FormatError("the rows cannot be read", file=str(folder), found=str(error),
                          hint="build the result anew") from error  # fmt: skip
    return rows


def _gone_earlier(asked: _Asked, earlier: Set[str], gone: Set[str]) -> Iterator[str]:
    if again := [item for item in asked.items if item in earlier and item not in gone]:
        yield f"{len(again):,} of the ids were taken out before: {shorten(again)}"


def _meant(unknown: str, asked: _Asked, manifest: Mapping[str, Any], ids: pa.ChunkedArray) -> str:
    """Say what may have been meant by a source, or an id, that is not in a result."""
    if unknown != asked.source:
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


def _gone(
    rows: pa.Table, asked: _Asked, folder: Path, manifest: Mapping[str, Any], earlier: Set[str]
) -> pa.Table:
    """Return what goes: ``row``, ``id``, ``code``, ``detail``, ``source`` and ``split``, in the order of the rows."""
    items = _of_rows(asked.items, rows)
    written = rows["id"].filter(pc.is_in(rows["id"], value_set=pa.array(items, rows["id"].type)))
    family = pc.coalesce(rows["family"], rows["id"])
    of_items = pc.is_in(
        family, value_set=pa.array(items, pa.string())
    )  # made of a row that is not there itself
    there = {*written.to_pylist(), *_shown_ids(rows), *pc.unique(family.filter(of_items)).to_pylist()}  # fmt: skip
    unknown = sorted(name for name, item in zip(asked.items, items, strict=True) if item not in there)  # fmt: skip
    if len(unknown) < len(items):  # a list of ids to take out may grow
        unknown = [name for name in unknown if name not in earlier]
    if asked.source is not None and not pc.any(pc.equal(rows["source"], asked.source)).as_py():
        unknown.append(asked.source)
    if unknown:
        raise EmptyDataError("these are not in the result", file=str(folder), found=shorten(unknown),
                             hint=_meant(unknown[-1], asked, manifest, rows["id"]))  # fmt: skip
    why = dict.fromkeys(np.flatnonzero(_mask(pc.is_in(
        rows["id"], value_set=pa.array(items, pa.string())))).tolist(), "named by its id")  # fmt: skip
    if asked.source is not None:
        of_source = np.flatnonzero(_mask(pc.equal(rows["source"], asked.source)))
        why |= dict.fromkeys(of_source.tolist(), f"of the source {asked.source}")
    if asked.holdout is not None:
        held_out = dropped_rows(search(rows.drop_columns(["family", _SPLIT]), asked.holdout))
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
        "split": rows[_SPLIT].take(pa.array(place)),
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


def _copy(target: Path, folder: Path, manifest: dict[str, Any]) -> None:
    """Copy what was set aside while loading, where nothing changes."""
    for path in listed_paths(target, tuple(manifest["files"]), ASIDE_FOLDER):
        (folder / ASIDE_FOLDER).mkdir(exist_ok=True)
        shutil.copy2(path, folder / ASIDE_FOLDER / path.name)


def _filter(folder: Path, written: WrittenRows, gone: pa.ChunkedArray) -> dict[str, Any]:
    """Write a format without some of the rows; return what the manifest says of it."""
    named = pa.concat_arrays([pc.binary_join_element_wise(gone.combine_chunks(), end, "")
                              for end in ("", CHOSEN, REJECTED)])  # fmt: skip
    splits: dict[str, RowShards] = {}
    for split in written.splits:
        schema = pq.read_schema(written.paths(split)[0])
        splits[split] = split_files(folder, written.form, split, schema)
        for table in written.tables(split):
            splits[split].write(table.filter(pc.invert(pc.is_in(table["id"], value_set=named))))
        splits[split].finish()
    return described_format(written.form, {name: ShardCount.of(s) for name, s in splits.items()})


def _list(target: Path, folder: Path, manifest: dict[str, Any], gone: pa.Table) -> None:
    """List what went, after what the list says already."""
    with DroppedRows(folder) as listed:
        for table in dropped_tables(target, manifest):
            listed.add(table, table)
        listed.add(gone, gone.rename_columns({"code": "reason"}))


def _told(
    manifest: dict[str, Any], rows: pa.Table, gone: pa.Table, asked: _Asked
) -> dict[str, Any]:
    """Return the manifest of what is left."""
    codes, of_gone = gone["code"].to_pylist(), rows.take(gone["row"])
    facts = gone.append_column("family", of_gone["family"])
    if ENTRY in of_gone.column_names:
        facts = facts.append_column(ENTRY, of_gone[ENTRY])
    sources = entries_left(manifest, facts)
    totals = rows_less(manifest["totals"], Counter(gone["split"].to_pylist()), Counter(codes))
    mix = manifest.get("mix", {})
    if "epochs" in mix:
        less = Counter(of_gone[EPOCH].filter(pc.equal(gone["split"], TRAIN)).to_pylist())
        mix = mix | {"epochs": [n - less[epoch] for epoch, n in enumerate(mix["epochs"], 1)]}
    entry = {
        **asked.described(),
        "rows": codes.count(RETRACTED),
        "relatives": codes.count(RELATIVE),
        "before": manifest.get("data_digest"),
    }
    return {
        **{name: value for name, value in manifest.items() if name not in ("digest", "data_digest", "files")},
        "sources": sources, "totals": totals, **({"mix": mix} if mix else {}),
        **({"difference": difference_now(manifest["difference"], sources)} if "difference" in manifest else {}),
        "retracted": [*manifest.get("retracted", ()), entry],
    }  # fmt: skip
