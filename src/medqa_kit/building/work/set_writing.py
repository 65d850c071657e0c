"""Write the rows of a set: apply holdouts, decide about rows, write files, and account for all rows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa

from medqa_kit.building.account import Account
from medqa_kit.building.engines.workers import HERE, Workers
from medqa_kit.building.guard import Guard
from medqa_kit.building.held_out_rows import held_out_rows
from medqa_kit.building.kept.decided_tables import NOTHING_KEPT, DecidedTables
from medqa_kit.building.output.file_digests import MANIFEST
from medqa_kit.building.output.junit import write_junit
from medqa_kit.building.output.listings import aside_rows, list_aside
from medqa_kit.building.output.manifest import WrittenSet, manifest
from medqa_kit.building.output.row_files import RowFiles
from medqa_kit.building.output.written_rows import dropped_tables
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.rule_comparison import compared_rules
from medqa_kit.building.stage_log import StageLog
from medqa_kit.building.stages.decisions import NONE_LEFT_OUT, decided
from medqa_kit.building.stages.erasure import Erasure, absent_note, named_earlier
from medqa_kit.building.stages.fates import no_rows_left, nothing_left
from medqa_kit.building.stages.gates import gate_results, refuse_closed
from medqa_kit.building.stages.mixture import none_in_train, scaled_down
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.stages.quality import quality_findings
from medqa_kit.building.stages.views import unused_system
from medqa_kit.building.work.begun_ledgers import begun_ledgers, ledger_notes
from medqa_kit.building.work.entries_apart import entries_apart
from medqa_kit.building.work.listed_pieces import listed_pieces
from medqa_kit.building.work.mended_texts import show_kept
from medqa_kit.building.work.set_reading import TakenPart
from medqa_kit.building.written_manifest import rows_before, written_manifest
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.core.showing.drawing import get_ready
from medqa_kit.errors import RecipeError, SplitWarning, shorten
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.loading.request import Origin


@dataclass(frozen=True)
class BuildWork:
    """The folders, workers and options with which the rows of a build are written.

    Attributes:
        folder: Folder to write into.
        target: Folder of the result.
        workers: The workers for work on single rows.
        stages: Log of the stages.
        decided: Decisions of earlier builds.
        origin: As in :func:`medqa_kit.build`, like the fields below.
        cache_dir: See ``origin``.
        token: See ``origin``.
        junit: See ``origin``.
        erasure: Rows to take out by their ids.
        replace_edited: Whether rows that were taken out of the earlier result may be in this one.
    """

    folder: Path
    target: Path
    workers: Workers
    stages: StageLog
    decided: DecidedTables
    origin: Origin
    cache_dir: str | os.PathLike[str] | None = None
    token: str | None = None
    junit: Path | None = None
    erasure: Erasure | None = None
    replace_edited: bool = False


def write_set(
    work: BuildWork, recipe: Recipe, accounts: list[Account], taken: list[list[TakenPart]], protection: Guard
) -> dict[str, Any]:  # fmt: skip
    """Decide about the rows of a build, write them, and account for them.

    Args:
        work: Where and how.
        recipe: What is asked for.
        accounts: Of the sources.
        taken: Of each ingredient, the rows that are taken of its parts.
        protection: The holdouts.

    Returns:
        What the manifest says, but for the digests of files.

    Raises:
        RecipeError: No row is left; or what deciding about them raises.
    """
    rows = _written(work, recipe, accounts, taken, protection)
    content = manifest(recipe, accounts, protection, rows, origin=work.origin)
    _tell_of_nothing(work, recipe, content, rows)
    content["notes"] += unused_system(recipe, [account.source for account in accounts])
    content["notes"] += ledger_notes(rows.tasks, accounts)
    if (entry := rows.erased) is not None:
        before = rows_before(work.target, work.folder, entry)
        content["retracted"] = [{**entry, "before": before}]
        content["notes"] += absent_note(entry)
    return content


def _tell_of_nothing(
    work: BuildWork, recipe: Recipe, content: dict[str, Any], rows: WrittenSet
) -> None:
    """Note in the manifest and the log that a source, or ``train``, has no row.

    Raises:
        RecipeError: There is no row at all, though none was taken out by id.
    """
    totals = content["totals"]
    if not totals["train"] + totals["validation"] and rows.erased is None:
        raise nothing_left(recipe.name, totals["read"], totals["dropped"])
    notes = [no_rows_left(entry.get("as", entry["name"]), entry["read"], entry["dropped"])
             for entry in content["sources"] if not entry["train"] + entry["validation"]]  # fmt: skip
    mixed = content.get("mix", {}).get("sources", {})
    notes += [*none_in_train(recipe, mixed), *scaled_down(recipe, mixed)]
    if not totals["train"]:
        notes.append(message := f"train has no row; validation has {totals['validation']:,}")
        warn_at_caller(f"{recipe.name}: {message}", SplitWarning)
    if any(entry.get("repeated") for entry in content["sources"]):
        notes.append("the mix shows some rows more than once, and train counts them as often")
    if isinstance(recipe.validation, Mapping) and not totals["validation"]:
        notes.append("validation has no row: of those that it is taken from its share takes none")
    content["notes"] += notes
    for note in notes:
        work.stages.note(note)


def _written(
    work: BuildWork, recipe: Recipe, accounts: list[Account], taken: list[list[TakenPart]], protection: Guard
) -> WrittenSet:  # fmt: skip
    erasure, stages = work.erasure, work.stages
    taken = entries_apart(recipe, accounts, taken, work.workers, decided=work.decided)
    list_aside(work.folder, (aside_rows(Path(file), account.source.name)
                             for account in accounts for file in account.aside_files))  # fmt: skip
    with stages.stage("hold out", sum(part.data.num_rows for parts in taken for part in parts)):
        pieces, held_out = set_pieces(recipe, accounts, taken, protection, work.workers,
                                  decided=work.decided)  # fmt: skip
    compared = compared_rules(recipe, pieces, held_out, protection, origin=work.origin,
                              cache_dir=work.cache_dir, token=work.token)  # fmt: skip
    erased = NONE_LEFT_OUT if erasure is None else erasure.fates(pieces)
    decisions = decided(recipe, pieces, held_out, protection, erased, log=stages)
    if not work.replace_edited:
        _refuse_return(work.target, pieces, decisions.fates.kept)
    gates = gate_results(recipe, accounts, decisions.fates, pieces)
    if work.junit is not None:
        write_junit(work.junit, gates, recipe=recipe.name)
    refuse_closed(gates, recipe=recipe.name)
    get_ready()  # for the report, which comes last
    written = RowFiles(recipe, decisions.pieces, decisions).write(
        work.folder, work.target, work.workers, stages
    )
    show_kept(accounts, pieces, decisions.fates.kept)
    mixture = decisions.mixture
    with stages.stage("look for faults"):
        quality = quality_findings(pieces, decisions.fates)
    tasks = begun_ledgers(recipe, pieces, decisions.fates.parts, log=stages)
    return WrittenSet(
        formats=written,
        quality=quality,
        gates=tuple(result.as_data() for result in gates),
        compared=compared,
        mixture=None if mixture is None else mixture.described(),
        erased=None if erasure is None else erasure.as_data(pieces, erased),
        tasks=tasks,
    )


def _refuse_return(target: Path, pieces: SetPieces, kept: Mask) -> None:
    """Refuse a result with rows that were taken out of the earlier result in the same folder.

    Raises:
        RecipeError: There are such rows, or some of their families.
    """
    earlier = written_manifest(target) if (target / MANIFEST).is_file() else {}
    if not earlier.get("retracted"):
        return
    erasure = Erasure(tuple(sorted(named_earlier(earlier, dropped_tables(target, earlier)))))
    rows = erasure.fates(pieces)["row"]
    back = rows.filter(pa.array(kept).take(rows))
    if len(back):
        raise RecipeError(
            "rows that were taken out of the earlier result, or others of their families, would be in this one", file=str(target),
            expected="a recipe, or without_ids=, that leaves them out",
            found=shorten(pieces.column("id").take(back).to_pylist()),
            hint=f"pass without_ids= with the ids that {MANIFEST} lists under retracted (of a holdout or a source that was named there: say so in "
            "the recipe), choose another out=, or pass replace_edited=True to have them back",
        )  # fmt: skip


def set_pieces(
    recipe: Recipe,
    accounts: list[Account],
    taken: list[list[TakenPart]],
    protection: Guard,
    workers: Workers = HERE,
    *,
    decided: DecidedTables = NOTHING_KEPT,
) -> tuple[SetPieces, pa.Table]:
    """Return the rows as they are to be written, and those that a holdout takes."""
    pieces = listed_pieces(recipe, accounts, taken, workers, decided=decided)
    # With the texts that rows were made from, which are searched and not written.
    whole = datasets.DatasetDict(
        {str(at): part.data for at, part in enumerate(p for parts in taken for p in parts)}
    )
    views = [piece.view for piece in pieces.listed]
    contents = [part.content for parts in taken for part in parts]
    held_out = held_out_rows(whole, views, recipe.formats, protection, workers, contents=contents,
                     decided=decided)  # fmt: skip
    return pieces, held_out
