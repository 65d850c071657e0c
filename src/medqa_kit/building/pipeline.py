"""``build``: load, hold out, split, format, write — and account for every row."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any

from medqa_kit.building.account import Account
from medqa_kit.building.built import Build
from medqa_kit.building.engines.workers import Engine, workers_of
from medqa_kit.building.guard import guard
from medqa_kit.building.kept.decided_tables import DecidedTables
from medqa_kit.building.kept.kept_results import keep_result
from medqa_kit.building.output.papers.finishing import finish
from medqa_kit.building.recipe_lock import recipe_lock
from medqa_kit.building.recipes.problems.unread_sources import of_each_source
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.shipped_recipes import recipe_of
from medqa_kit.building.result_folder import beside_result, finished_together, storage_errors
from medqa_kit.building.stage_log import StageLog
from medqa_kit.building.stages.erasure import Erasure, named_ids
from medqa_kit.building.work.begun_ledgers import locked_ledgers, refuse_other_ledgers
from medqa_kit.building.work.set_reading import (
    SetReading,
    checked_clauses,
    opened_accounts,
    refuse_result_among_rows,
)
from medqa_kit.building.work.set_writing import BuildWork, write_set
from medqa_kit.core.arguments import boolean, file_path
from medqa_kit.core.boundary import typed_errors
from medqa_kit.loading.preparing.bounded_files import bounded_cache
from medqa_kit.loading.request import Origin


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
    ``aside`` (raw records that did not become rows), ``manifest.json`` and papers about the rows. The folder is
    put in place when all files are written; until then an earlier result stays as it is. A build that is
    killed changes no result, and the next build removes its temporary files. Only one build at a time
    writes a folder: a second one is refused.

    Args:
        recipe: A recipe, its TOML file, what such a file holds, or the name of one that comes with the
            package (``medqa-kit recipes`` lists them).
        out: Folder to write; an earlier result there is replaced.
        origin: ``"hub"``, or ``"sample"`` for the invented rows embedded in the package.
            Sources with a ``path`` in the recipe are read from there.
        cache_dir: Root of the ``datasets`` cache.
        num_proc: Processes for loading.
        token: Hub token.
        replace_edited: Whether to replace an earlier result in ``out`` even if its files were changed since it was
            built (the changes are lost), or if rows that were taken out of it come back.
        lock: A lockfile: sources, holdouts and the tokenizer must be as it records; facts that it lacks are
            added to it. By default the one that the recipe names.
        frozen: Whether the lockfile must have all facts, and no network is used.
        settings: Keys that replace those of the recipe, such as ``{"mix.size": 1000}``; the manifest lists them.
        processes: How many processes search and write rows. The bytes of the result do not depend on
            it. A script that asks for more than one does its work under ``if __name__ == "__main__":``,
            since each process reads it again when it starts.
        junit: A file for the measures of the gates as JUnit XML; it is written also if a gate fails.
        without_ids: Ids of rows that must not be in the result, or a file of them: text with one a line, or a
            table with a column ``id``. They are left out first of all, with all rows of their families, as
            :func:`medqa_kit.retract` takes them out of a finished result.
        engine: ``"ray"`` or ``"spark"``: workers of the current session, or of a new one, do the work of processes.
            They need the files of ``out`` and ``cache_dir`` under the same paths.
        log: A file that gets a line for each stage: its rows, seconds, rate, and the most memory so far.
        quiet: Whether to show no progress on a terminal or in a notebook.

    Returns:
        The folder and its manifest; printing it shows the accounts.

    Raises:
        RecipeError: It is no recipe, a licence forbids its use, or ``out`` cannot be replaced: it has other files or
            an edited result, or another build writes it.
        StorageError: There are no rights, no room or no file locks where ``out`` is.
        GateError: The result fails a gate of the recipe; an earlier result stays.
        LockError: Data differs from the lockfile; all differences are listed.
        MedQAError: What loading raises.

    Example:
        >>> import tempfile
        >>> recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result = build(recipe, out=f"{folder}/demo", origin="sample")
        >>> result.manifest["totals"]["read"]
        4
    """
    boolean("replace_edited", replace_edited)
    workers = workers_of(engine, processes)
    place = file_path("out", out, written=True)
    cases = None if junit is None else beside_result("junit", junit, place)
    stages = StageLog(
        None if log is None else beside_result("log", log, place), boolean("quiet", quiet), []
    )
    wanted = recipe_of(recipe, settings)
    refuse_other_ledgers(wanted, place)
    refuse_result_among_rows(wanted, place)
    alone = SetReading(wanted, origin, cache_dir, num_proc, token)
    sources = of_each_source(
        wanted.name, wanted.sources, [partial(wanted.source_of, ingredient) for ingredient in wanted.sources],
        further=lambda ingredient, source: alone.taken(ingredient, Account(source, alias=ingredient.alias)),
    )  # fmt: skip
    clauses = checked_clauses(wanted, sources)
    hold = recipe_lock(wanted, sources, lock, frozen=frozen, origin=origin, cache_dir=cache_dir,
                       token=token)  # fmt: skip
    reading = SetReading(wanted, origin, cache_dir, num_proc, token, hold)
    unasked = isinstance(without_ids, tuple) and not without_ids
    erasure = None if unasked else Erasure(named_ids(without_ids))
    with (
        typed_errors(place),
        bounded_cache(cache_dir),
        stages.without_bars(),
        nullcontext() if hold is None else hold.network(),
        finished_together(place, replace_edited=replace_edited) as (folder, target),
        locked_ledgers(wanted),
        workers,
    ):
        with stages.stage("make holdouts"):
            protection = guard(wanted, sources, origin=origin, cache_dir=cache_dir, token=token)
        locked = None if hold is None else hold.hold(protection)
        accounts = opened_accounts(wanted, sources, clauses)
        with stages.stage("read"):
            taken = of_each_source(wanted.name, wanted.sources, [
                partial(reading.taken, ingredient, account)
                for ingredient, account in zip(wanted.sources, accounts, strict=True)])  # fmt: skip
        with storage_errors(target):
            work = BuildWork(folder, target, workers, stages, DecidedTables.in_cache(cache_dir, write_set),
                             origin, cache_dir, token, cases, erasure, replace_edited)  # fmt: skip
            content = write_set(work, wanted, accounts, taken, protection)
            if locked is not None:
                content["lock"] = locked
            with stages.stage("finish"):
                written = finish(folder, content)
        # Before the folder appears: what was killed then can be made anew as well.
        if erasure is None:
            keep_result(written, taken, protection, cache_dir)
    return Build(target, written, tuple(stages.told or ()))
