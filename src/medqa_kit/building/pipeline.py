"""``build``: load, hold out, split, format, write — and account for every row."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa

from medqa_kit.building.account import Account
from medqa_kit.building.built import Build
from medqa_kit.building.guard import Guard, guard
from medqa_kit.building.held_rows import held_rows
from medqa_kit.building.kept.decided_tables import NOTHING_KEPT, DecidedTables
from medqa_kit.building.output.junit import write_junit
from medqa_kit.building.output.listings import aside_rows, list_aside
from medqa_kit.building.output.manifest import WrittenSet, manifest
from medqa_kit.building.output.papers.finishing import finish
from medqa_kit.building.output.row_files import RowFiles
from medqa_kit.building.recipe_lock import RecipeLock, recipe_lock
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.recipes.permission import clauses_to_accept
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.shipped_recipes import recipe_of
from medqa_kit.building.recipes.source_requests import source_request
from medqa_kit.building.result_folder import finished_together, storage_errors
from medqa_kit.building.rule_comparison import compared_rules
from medqa_kit.building.stage_log import StageLog
from medqa_kit.building.stages.decisions import NONE_LEFT_OUT, decided
from medqa_kit.building.stages.erasure import Erasure, absent_note, named_ids
from medqa_kit.building.stages.gates import gate_results, refuse_closed
from medqa_kit.building.stages.lengths import counter_of
from medqa_kit.building.stages.pieces import SetPiece, SetPieces
from medqa_kit.building.stages.quality import quality_findings
from medqa_kit.building.stages.rationing import in_slice
from medqa_kit.building.stages.views import named_labels, refuse_strangers, view_of_rows
from medqa_kit.building.written_manifest import rows_before
from medqa_kit.catalog import Source
from medqa_kit.core.arguments import boolean, file_path
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.engines.workers import HERE, Engine, Workers, workers_of
from medqa_kit.errors import (
    DroppedRowsWarning,
    FloatingRevisionWarning,
    LeftOutWarning,
    LicenseWarning,
    SafetyWarning,
)
from medqa_kit.loading.part_loading import LoadedPart, PartLoader, load_parts
from medqa_kit.loading.request import Origin
from medqa_kit.quality.fixes import FixText
from medqa_kit.schemas import schema_name
from medqa_kit.tokens.counts import token_counts


def build(
    recipe: Recipe | str | os.PathLike[str] | Mapping[str, Any],
    *,
    out: str | os.PathLike[str],
    origin: Origin = "hub",
    cache_dir: str | os.PathLike[str] | None = None,
    num_proc: int | None = None,
    token: str | None = None,
    replace_edited: bool = False,
    lock: str | os.PathLike[str] | None = None,
    frozen: bool = False,
    settings: Mapping[str, Any] | None = None,
    processes: int = 1,
    junit: str | os.PathLike[str] | None = None,
    without_ids: str | os.PathLike[str] | Iterable[str] = (),
    engine: Engine = "local",
    log: str | os.PathLike[str] | None = None,
    quiet: bool = False,
) -> Build:
    """Build a training set from a recipe.

    Writes each format and split as numbered files, such as
    ``trl_messages/train/part-00000-of-00012.parquet``; ``dropped`` (each row left out, with the reason),
    ``aside`` (what never became a row), ``manifest.json`` and the papers that go with the rows. The
    folder appears when all is written, and until then an earlier result stands; a killed build changes
    neither, and the next one clears away what it left. One build at a time writes a folder: a second
    one is refused.

    Args:
        recipe: A recipe, its TOML file, what such a file holds, or the name of one that comes with the
            package (``medqa-kit recipes`` lists them).
        out: Folder to write; an earlier result there is replaced.
        origin: ``"hub"``, or ``"sample"`` for the invented rows embedded in the package.
            Sources with a ``path`` in the recipe are read from there.
        cache_dir: Root of the ``datasets`` cache.
        num_proc: Processes for loading.
        token: Hub token.
        replace_edited: Whether to replace an earlier result in ``out`` although its files were changed
            since it was built. Such changes are lost.
        lock: A lockfile that sources, holdouts and the tokenizer are held to; what it does not know is
            recorded in it. By default what the recipe says.
        frozen: Whether the lockfile must know everything, and no network is used.
        settings: Keys to set beside the recipe, such as ``{"mix.size": 1000}``; the manifest says which.
        processes: How many processes search and write rows. The bytes of the result do not depend on
            it. A script that asks for more than one does its work under ``if __name__ == "__main__":``,
            since each process reads it again when it starts.
        junit: A file to write what was measured at the gates to, as JUnit XML, also where one is closed.
        without_ids: Ids of rows that must not be in the result, or a file of them: text with one a line, or a
            table with a column ``id``. They go with all rows of their families before anything else is
            decided, as :func:`medqa_kit.retract` takes them out of a finished result.
        engine: ``"ray"`` or ``"spark"`` has the workers of the session there is, or of a new one, do what
            processes do; they see the files of ``out`` and ``cache_dir`` under the same paths.
        log: A file that gets a line for each stage: its rows, seconds and rate.
        quiet: Whether to show no progress on a terminal or in a notebook.

    Returns:
        The folder and its manifest; printing it shows the accounts.

    Raises:
        RecipeError: The recipe is not one, a licence forbids its use, or ``out`` is taken: by other
            files, by an earlier result that was edited, or by another build.
        StorageError: There are no rights, no room or no file locks where ``out`` is.
        GateError: The result is not what the recipe's gates want; nothing is exchanged.
        LockError: What is read is not what the lockfile records; all of it is listed.
        MedQAError: What loading raises.

    Example:
        >>> import tempfile
        >>> recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     made = build(recipe, out=f"{folder}/demo", origin="sample")
        >>> made.manifest["totals"]["read"]
        4
    """
    boolean("replace_edited", replace_edited)
    workers = workers_of(engine, processes)
    stages = StageLog(None if log is None else file_path("log", log), boolean("quiet", quiet))
    wanted = recipe_of(recipe, settings)
    sources = [wanted.source_of(one) for one in wanted.sources]
    clauses = clauses_to_accept(wanted, sources)
    refuse_strangers(wanted, sources)
    if (counter := counter_of(wanted)) is not None:
        token_counts(
            counter=counter
        )  # a tokenizer that is not at hand is told before anything is read
    hold = recipe_lock(wanted, sources, lock, frozen=frozen, origin=origin, cache_dir=cache_dir,
                       token=token)  # fmt: skip
    reading = SetReading(wanted, origin, cache_dir, num_proc, token, hold)
    unasked = isinstance(without_ids, tuple) and not without_ids
    erasure = None if unasked else Erasure(named_ids(without_ids))
    place = file_path("out", out)
    cases = None if junit is None else file_path("junit", junit)
    with (
        typed_errors(place),
        stages.without_bars(),
        nullcontext() if hold is None else hold.network(),
        finished_together(place, replace_edited=replace_edited) as (folder, target),
        workers,
    ):
        with stages.stage("make holdouts"):
            protection = guard(wanted, sources, origin=origin, cache_dir=cache_dir, token=token)
        locked = None if hold is None else hold.hold(protection)
        accounts = [Account(source, accepted=clauses.get(source.name, ()), alias=one.alias,
                            own=one.read is not None)
                    for one, source in zip(wanted.sources, sources, strict=True)]  # fmt: skip
        with stages.stage("read"):
            found = [reading.taken(one, account)
                     for one, account in zip(wanted.sources, accounts, strict=True)]  # fmt: skip
        with storage_errors(target):
            work = _Work(folder, target, workers, stages, cases, erasure, reading,
                         DecidedTables.in_cache(cache_dir, build))  # fmt: skip
            written_rows = _write_rows(work, wanted, accounts, found, protection)
            content = manifest(wanted, accounts, protection, written_rows, origin=origin)
            if locked is not None:
                content["lock"] = locked
            if (entry := written_rows.erased) is not None:
                content["retracted"] = [{**entry, "before": rows_before(target, folder, entry)}]
                content["notes"] += absent_note(entry)
            with stages.stage("finish"):
                written = finish(folder, content)
    return Build(target, written)


@dataclass(frozen=True)
class _Work:
    """Where and how the rows of a build are written, and what else is asked of it."""

    folder: Path
    target: Path
    workers: Workers
    stages: StageLog
    junit: Path | None
    erasure: Erasure | None
    reading: SetReading
    decided: DecidedTables


@dataclass(frozen=True)
class SetReading:
    """Reads the parts of the sources of a recipe."""

    recipe: Recipe
    origin: Origin
    cache_dir: str | os.PathLike[str] | None
    num_proc: int | None
    token: str | None
    hold: RecipeLock | None = None

    def _all_parts(self, one: Ingredient, source: Source) -> list[LoadedPart]:
        with warnings.catch_warnings():
            for about in (
                DroppedRowsWarning,
                LeftOutWarning,
                LicenseWarning,
                FloatingRevisionWarning,
                SafetyWarning,
            ):
                warnings.simplefilter("ignore", category=about)  # the manifest says it
            return [part for split in one.split for part in self._parts(one, source, split)]

    def _parts(self, one: Ingredient, source: Source, split: str) -> list[LoadedPart]:
        request = source_request(self.recipe, one, source, origin=self.origin, token=self.token,
                                 frozen=self.hold is not None and self.hold.frozen)  # fmt: skip
        loader = PartLoader(num_proc=self.num_proc, cache_dir=self.cache_dir, digest_again=True)
        return load_parts(source, request, loader, subset=one.subset, split=split, called=one.label,
                          lock=None if self.hold is None else self.hold.file)  # fmt: skip

    def taken(self, one: Ingredient, account: Account) -> list[LoadedPart]:
        """Load the parts of an ingredient: their slice, with the texts mended that it names."""
        parts = []
        for part in self._all_parts(one, account.source):
            account.note(part)
            data = part.data
            if one.slice is not None:
                data = in_slice(data, one.slice, seed=self.recipe.seed)
                facts = account.parts[part.plan.part.name]
                facts |= {
                    "rows": data.num_rows,
                    "outside_slice": part.data.num_rows - data.num_rows,
                }
            if one.fix:
                data, report = FixText(one.fix).run(data)
                account.fixed.update(report.by("code"))
            content = None if part.content is None else json.dumps(
                [part.content, one.slice, one.slice and self.recipe.seed, one.fix])  # fmt: skip
            parts.append(replace(part, data=data, content=content))
        return parts


def _write_rows(
    work: _Work,
    recipe: Recipe,
    accounts: list[Account],
    found: list[list[LoadedPart]],
    protection: Guard,
) -> WrittenSet:
    erasure, stages = work.erasure, work.stages
    list_aside(work.folder, (aside_rows(Path(file), account.source.name)
                             for account in accounts for file in account.aside_files))  # fmt: skip
    with stages.stage("hold out", sum(part.data.num_rows for parts in found for part in parts)):
        pieces, held = set_pieces(recipe, accounts, found, protection, work.workers,
                                  decided=work.decided)  # fmt: skip
    compared = compared_rules(recipe, pieces, held, protection, origin=work.reading.origin,
                              cache_dir=work.reading.cache_dir, token=work.reading.token)  # fmt: skip
    erased = NONE_LEFT_OUT if erasure is None else erasure.fates(pieces)
    decisions = decided(recipe, pieces, held, protection, erased, log=stages)
    gates = gate_results(recipe, accounts, decisions.fates, pieces)
    if work.junit is not None:
        write_junit(work.junit, gates, recipe=recipe.name)
    refuse_closed(gates, recipe=recipe.name)
    written = RowFiles(recipe, decisions.pieces, decisions).write(
        work.folder, work.target, work.workers, stages
    )
    mixture = decisions.mixture
    with stages.stage("look for faults"):
        quality = quality_findings(pieces, decisions.fates)
    return WrittenSet(
        formats=written,
        quality=quality,
        gates=tuple(result.said() for result in gates),
        compared=compared,
        mixture=None if mixture is None else mixture.described(),
        erased=None if erasure is None else erasure.said(pieces, erased),
    )


def set_pieces(
    recipe: Recipe,
    accounts: list[Account],
    found: list[list[LoadedPart]],
    protection: Guard,
    workers: Workers = HERE,
    *,
    decided: DecidedTables = NOTHING_KEPT,
) -> tuple[SetPieces, pa.Table]:
    """Return the rows as they are to be written, and those that a holdout takes."""
    sources = [account.source for account in accounts]
    # With the texts that rows were made from, which are searched and not written.
    whole = datasets.DatasetDict(
        {str(at): part.data for at, part in enumerate(p for parts in found for p in parts)}
    )
    listed = []
    for one, account, parts in zip(recipe.sources, accounts, found, strict=True):
        for part in parts:
            schema = schema_name(part.plan.layout.schema)
            view = view_of_rows(one, schema, recipe.formats, recipe=recipe.name)
            data = _without_origin(part.data, sources)
            if view.view == "instruction":
                view = replace(view, labels=named_labels(data, schema))
            listed.append(SetPiece(one, account, data, view))
    views = [piece.view for piece in listed]
    contents = [part.content for parts in found for part in parts]
    held = held_rows(whole, views, recipe.formats, protection, workers, contents=contents,
                     decided=decided)  # fmt: skip
    return SetPieces(tuple(listed), workers), held


def _without_origin(data: datasets.Dataset, sources: list[Source]) -> datasets.Dataset:
    names = {name for source in sources for name in source.origin_text}
    return data.remove_columns([name for name in data.column_names if name in names])
