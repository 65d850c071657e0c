"""``remix``: other weights, formats, splits or budgets for a finished result, without its sources."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from medqa_kit._version import __version__
from medqa_kit.building.built import Build
from medqa_kit.building.engines.workers import workers_of
from medqa_kit.building.kept.decided_tables import DecidedTables
from medqa_kit.building.kept.kept_results import KeptResult, keep_result, kept_sources
from medqa_kit.building.output.papers.finishing import finish
from medqa_kit.building.recipes.ingredient import OWN_WORDS
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.shipped_recipes import recipe_of
from medqa_kit.building.result_folder import beside_result, finished_together, storage_errors
from medqa_kit.building.stage_log import StageLog
from medqa_kit.building.work.begun_ledgers import locked_ledgers, refuse_other_ledgers
from medqa_kit.building.work.set_reading import checked_clauses, opened_accounts
from medqa_kit.building.work.set_writing import BuildWork, write_set
from medqa_kit.building.written_manifest import no_manifest, sound_manifest
from medqa_kit.core.arguments import boolean, file_path
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.stored import sha256_of
from medqa_kit.errors import RecipeError
from medqa_kit.loading.hub.hub_request import asking_nobody
from medqa_kit.loading.preparing.bounded_files import bounded_cache

_READ = (
    "alias", "read", "schema", "license", "language", "subset", "split", "path", "repo", "revision",
    "choices", "columns", "slice", *OWN_WORDS,
)  # fmt: skip
_ANEW = "medqa-kit build RECIPE --out OUT reads the sources"


def remix(
    out: str | os.PathLike[str],
    recipe: Recipe | str | os.PathLike[str] | Mapping[str, Any],
    *,
    to: str | os.PathLike[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    processes: int = 1,
    replace_edited: bool = False,
    junit: str | os.PathLike[str] | None = None,
    log: str | os.PathLike[str] | None = None,
    quiet: bool = False,
) -> Build:
    """Make a result again with a changed recipe, without reading its sources.

    Every setting that applies after rows are read may change: weights, repeats and caps, ``max_rows``, years,
    conditions, views, examples, known errors, copies, the split, the mix and its budget, gates, formats. The
    files of rows are equal to those that :func:`medqa_kit.build` makes of the recipe; ``remixed`` in the manifest
    names the result that they were made from. It uses no network and no files of the sources: it reads the prepared
    rows in the ``datasets`` cache, and the fingerprints of holdouts that a build keeps there.

    Args:
        out: The folder of the result. Its files must be unchanged since it was built.
        recipe: The changed recipe, as in :func:`medqa_kit.build`. It must read the same parts of the same sources, with
            the same fixes of texts and the same holdouts.
        to: Folder to write; by default the result in ``out`` is replaced.
        settings: As in :func:`medqa_kit.build`, like the arguments below.
        cache_dir: The ``datasets`` cache that the result was built with.
        processes: See ``settings``.
        replace_edited: See ``settings``.
        junit: See ``settings``.
        log: See ``settings``.
        quiet: See ``settings``.

    Returns:
        The folder and its manifest.

    Raises:
        RecipeError: The recipe changes what is read, mended or held out, which the message names; or
            what :func:`medqa_kit.build` refuses.
        WrongFilesError: There is no such result, or the data kept beside it is gone.
        FormatError: Its manifest is damaged or was edited.
        GateError: The result fails a gate of the recipe; the earlier result stays.
        StorageError: It cannot be written.

    Example:
        >>> import tempfile
        >>> from medqa_kit.building.pipeline import build
        >>> recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result = build(recipe, out=f"{folder}/demo", origin="sample")
        ...     text = remix(result.path, recipe | {"format": {"record": "text"}})
        >>> list(text.manifest["formats"]), text.manifest["remixed"]["recipe_digest"] == result.manifest["recipe_digest"]
        (['text'], True)
    """
    boolean("replace_edited", replace_edited)
    workers = workers_of("local", processes)
    before = file_path("out", out)
    place = before if to is None else file_path("to", to)
    cases = None if junit is None else beside_result("junit", junit, place)
    stages = StageLog(
        None if log is None else beside_result("log", log, place), boolean("quiet", quiet), []
    )
    wanted = recipe_of(recipe, settings)
    refuse_other_ledgers(wanted, place)
    earlier = sound_manifest(before)
    try:
        _refuse_other_reading(wanted, earlier)
        sources = list(kept_sources(wanted, earlier))
        _refuse_other_versions([source.version for source in sources], earlier, before)
        origin, locked = earlier["origin"], _lock(wanted, earlier)
        remixed = {name: earlier[name] for name in ("recipe_digest", "data_digest")}
    except (KeyError, TypeError, AttributeError) as error:
        raise no_manifest(before, error) from error
    kept = KeptResult.read(before, earlier, cache_dir)
    accounts = opened_accounts(wanted, sources, checked_clauses(wanted, sources))
    with (
        typed_errors(place),
        bounded_cache(cache_dir),
        stages.without_bars(),
        asking_nobody(),
        finished_together(place, replace_edited=replace_edited) as (folder, target),
        locked_ledgers(wanted),
        workers,
    ):
        with stages.stage("make holdouts"):
            protection = kept.guard(wanted)
        with stages.stage("open kept rows"):
            taken = kept.taken(wanted, accounts)
        with storage_errors(target):
            work = BuildWork(folder, target, workers, stages, DecidedTables.in_cache(cache_dir, write_set),
                             origin, cache_dir, junit=cases, replace_edited=replace_edited)  # fmt: skip
            content = write_set(work, wanted, accounts, taken, protection)
            if locked is not None:
                content["lock"] = locked
            with stages.stage("finish"):
                written = finish(folder, content | {"remixed": remixed})
        keep_result(written, taken, protection, cache_dir)
    return Build(target, written, tuple(stages.told or ()))


def _refuse_other_reading(wanted: Recipe, earlier: Mapping[str, Any]) -> None:
    """Refuse a recipe of which the kept rows, or the holdouts, would not be those of a build.

    Raises:
        RecipeError: All that would need the sources again, stage by stage.
    """
    changes = list(_changes(json.loads(json.dumps(wanted.as_data())), earlier["recipe"]))
    if changes:
        stages = dict.fromkeys(stage for stage, *_ in changes)
        raise RecipeError(
            f"the recipe changes what needs the sources again: {', '.join(stages)}", file=wanted.name,
            expected="; ".join(f"{name} = {old}" for _, name, old, _ in changes),
            found="; ".join(f"{name} = {new}" for _, name, _, new in changes), hint=_ANEW,
        )  # fmt: skip


def _changes(
    said: Mapping[str, Any], before: Mapping[str, Any]
) -> Iterator[tuple[str, str, str, str]]:
    """Return each change that a remix cannot make: the stage, the setting, what it was and what it is."""
    names = [[entry["name"] for entry in recipe["sources"]] for recipe in (before, said)]
    if names[0] != names[1]:
        yield "read", "sources", ", ".join(names[0]), ", ".join(names[1])
    else:
        for new, old in zip(said["sources"], before["sources"], strict=True):
            for stage, keys in (("read", _READ), ("fix", ("fix",))):
                for key in keys:
                    if new.get(key) != old.get(key):
                        label = new.get("alias") or new["name"]
                        word = "as" if key == "alias" else key
                        yield stage, f"{label}.{word}", json.dumps(old.get(key)), json.dumps(new.get(key))  # fmt: skip
    for stage, key in (("read", "on_bad"), ("hold out", "holdouts"), ("hold out", "without")):
        if said[key] != before[key]:
            yield stage, key, json.dumps(before[key]), json.dumps(said[key])


def _refuse_other_versions(versions: list[int], earlier: Mapping[str, Any], folder: Path) -> None:
    """Refuse rows that another version of the library, or of a source, made."""
    then = [earlier["medqa_kit"], *(each["version"] for each in earlier["sources"])]
    now = [__version__, *versions]
    if then != now:
        raise RecipeError("the rows were made by another version", file=str(folder), expected=f"medqa_kit {__version__}",
                          found=f"medqa_kit {earlier['medqa_kit']}, versions of sources {then[1:]}", hint=_ANEW)  # fmt: skip


def _lock(wanted: Recipe, earlier: Mapping[str, Any]) -> Any:
    """Return what the earlier manifest says of its lockfile, which the kept rows still fit.

    Raises:
        RecipeError: The recipe has a lockfile that the result was not held to, or another tokenizer file.
    """
    locked, file = earlier.get("lock"), wanted.tokenizer_file
    if locked is None:
        if wanted.lock_file is not None:
            raise RecipeError("the recipe changes what needs the sources again: lock", file=wanted.name,
                              expected="a result that was held to a lockfile", found=f"lock = {wanted.lock}", hint=_ANEW)  # fmt: skip
        return None
    files = {name: digest for name, digest in locked["digests"].items() if name.startswith("file:")}
    now = {} if file is None else {f"file:{file.name}": f"sha256:{sha256_of(file)}"}
    if files != now:
        raise RecipeError("the recipe changes what its lockfile records: the tokenizer", file=wanted.name,
                          expected=", ".join(files) or "no file", found=", ".join(now) or "no file", hint=_ANEW)  # fmt: skip
    return locked
