"""``retract``: take rows out of a finished result, with their relatives, and say so in its manifest."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medqa_kit.building.built import Build
from medqa_kit.building.finished.entries_left import entries_left, rows_less
from medqa_kit.building.finished.retracted_rows import (
    SPLIT,
    Retraction,
    notes_of_earlier,
    rows_to_remove,
)
from medqa_kit.building.output.format_files import TRAIN, ShardCount, described_format, split_files
from medqa_kit.building.output.formats import ASIDE_FOLDER, ENTRY, EPOCH, TRACE
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
from medqa_kit.building.stages.erasure import RELATIVE, RETRACTED, named_earlier
from medqa_kit.building.written_manifest import no_manifest, written_manifest
from medqa_kit.core.arguments import file_path
from medqa_kit.core.report import FINDING_FIELDS, Report
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.errors import ArgumentError, FormatError


def retract(
    out: str | os.PathLike[str],
    *,
    items: str | os.PathLike[str] | Iterable[str] = (),
    holdout: Holdout | None = None,
    source: str | None = None,
) -> tuple[Build, Report]:
    """Take rows out of a result of :func:`medqa_kit.build`, with all rows of their families.

    The result is replaced in one step by one without these rows: the others keep their order and their
    bytes. ``dropped`` lists the removed rows, the numbers of the manifest add up again, and its ``retracted`` records
    the request, with the digest of the rows before. The recipe still makes the rows: before you build it again,
    name the holdout in it or leave the source out.

    Args:
        out: The folder of the result. Its files must be unchanged since it was built.
        items: Ids of rows; or a file of them: text with one per line, or a table with a column ``id``. A note lists
            ids that were taken out before.
        holdout: A holdout: rows that hold one of its items are taken out, as :func:`medqa_kit.exclude` would.
        source: Name of a source: all its rows are taken out.

    Returns:
        The result, and the report: a finding for each row, ``code`` being ``retracted`` or, where only
        its family is, ``retracted_relative``; ``row`` counts through train, then validation.

    Raises:
        ArgumentError: Nothing is named to take out.
        WrongFilesError: There is no such result, or no such file of ids.
        FormatError: Its manifest, or a file of rows, cannot be read as one.
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
    retraction = Retraction.of(items, holdout, source)
    manifest = written_manifest(file_path("out", out))
    with finished_together(out, replace_edited=None) as (folder, target):
        formats = _formats(target, manifest)
        rows = _rows(formats[0], target)
        with _of_a_build(target):
            earlier = named_earlier(manifest, dropped_tables(target, manifest))
        gone = rows_to_remove(rows, retraction, target, manifest, earlier)
        with storage_errors(target), _of_a_build(target):
            _copy(target, folder, manifest)
            described = {each.form.name: _filter(folder, each, gone["id"]) for each in formats}
            _list(target, folder, manifest, gone)
            content = _manifest_left(manifest, rows, gone, retraction) | {"formats": described}
            written = finish(folder, content)
    size = rows.num_rows
    alone = rows["family"].null_count == size
    report = Report("retract", rows=size, kept=size - gone.num_rows,
                    findings=gone.select([name for name, _ in FINDING_FIELDS]),
                    notes=[*["no row has a family, so relatives stay"] * alone, *_still_asked(manifest),
                           *notes_of_earlier(retraction, earlier, {*gone["id"].to_pylist()})])  # fmt: skip
    return Build(target, written), report


@contextmanager
def _of_a_build(folder: Path) -> Iterator[None]:
    """Write papers within the block: they ask more of a manifest than other versions may have told."""
    try:
        yield
    except (LookupError, TypeError, AttributeError) as error:
        raise no_manifest(folder, error) from error


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
                    table.append_column(SPLIT, pa.array([split] * len(table), pa.string()))
                )
        rows = pa.concat_tables(tables)
        _ = rows.select(TRACE)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise FormatError("the rows cannot be read", file=str(folder), found=str(error),
                          hint="build the result anew") from error  # fmt: skip
    return rows


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


def _manifest_left(
    manifest: dict[str, Any], rows: pa.Table, gone: pa.Table, retraction: Retraction
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
        **retraction.described(),
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
