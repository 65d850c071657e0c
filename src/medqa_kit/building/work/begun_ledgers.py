"""The ledgers with requests to a model about the rows of a result; a build begins or continues them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from medqa_kit.building.account import Account
from medqa_kit.building.folder_lock import locked_folder
from medqa_kit.building.recipes.ledger_rows import is_ledger
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.result_folder import beside_result
from medqa_kit.building.stage_log import StageLog
from medqa_kit.building.stages.fates import Parts
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.work.generation_rows import generation_places, generation_table
from medqa_kit.catalog import Claim
from medqa_kit.catalog.licenses import strictest, summary
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.tables import counted
from medqa_kit.errors import RecipeError
from medqa_kit.generation.ledger import Ledger
from medqa_kit.generation.parent_rows import refuse_other_files


def refuse_other_ledgers(recipe: Recipe, out: Path) -> None:
    """Refuse ledgers that a recipe cannot go on with, before anything is read.

    Args:
        recipe: The recipe.
        out: Folder of the result.

    Raises:
        RecipeError: A ledger of another task stands there.
        ArgumentError: It is in the folder of the result, or damaged.
    """
    for name, task in recipe.generate.items():
        folder = recipe.ledger_of(task)
        beside_result(f"generate.{name}.out", str(folder), out)
        refuse_other_task(recipe, name)


@contextmanager
def locked_ledgers(recipe: Recipe) -> Iterator[None]:
    """Lock the ledgers of a recipe: of two builds that ask through one at once, each would take the rows of the other away.

    Taking replies goes on meanwhile.

    Args:
        recipe: The recipe.

    Raises:
        RecipeError: Another build has locked one of them.
        StorageError: There are no rights or no file locks there.
    """
    with ExitStack() as stack:
        for name, task in recipe.generate.items():
            folder = recipe.ledger_of(task).resolve()
            with typed_errors(folder):
                folder.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked_folder(folder, argument=f"generate.{name}.out"))
        yield


def refuse_other_task(recipe: Recipe, name: str) -> None:
    """Refuse a ledger of another task than the recipe's.

    Raises:
        RecipeError: It is one.
        ArgumentError: It is damaged, or its folder holds something else.
    """
    task = recipe.generate[name]
    folder = recipe.ledger_of(task)
    if not is_ledger(folder):
        with typed_errors(folder):
            refuse_other_files(folder)
        return
    ledger = Ledger.open(folder)
    now, then = task.generation.described(), ledger.task.described()
    if changed := [word for word in now if now[word] != then[word]]:
        raise RecipeError(
            "a ledger of another task stands there", file=str(ledger.folder),
            expected="; ".join(f"generate.{name}.{word} = {then[word]!r}" for word in changed),
            found="; ".join(f"{word} = {now[word]!r}" for word in changed),
            hint="choose another out: replies to other requests do not count",
        )  # fmt: skip


def ledger_notes(
    tasks: Mapping[str, Mapping[str, Any]], accounts: Sequence[Account]
) -> Iterator[str]:
    """Say what a person should know of what a model is asked.

    Args:
        tasks: What the manifest says of each task.
        accounts: Of the sources.
    """
    for name, facts in tasks.items():
        if facts["requests"]:
            yield (f"{name}: the ledger {facts['out']} asks {counted(facts['requests'], 'request')} ({facts['task']}) "
                   f"about {counted(facts['rows'], 'row')}")  # fmt: skip
        else:
            yield f"{name}: no row is left to ask a model about; the ledger {facts['out']} stays as it is"
    labels = {label for facts in tasks.values() for label in facts["sources"]}
    for account in accounts:
        if account.label in labels and (note := derived_note(account.label, account.claims)):
            yield note


def derived_note(label: str, claims: tuple[Claim, ...]) -> str:
    """Say that a licence does not plainly grant what a model makes of rows; nothing where it does."""
    answer = strictest(claims).derive
    return "" if answer == "yes" else (
        f"{label}: what a model makes of its rows is derived data, and {summary(claims)} grants that: {answer}"
    )  # fmt: skip


def begun_ledgers(
    recipe: Recipe, pieces: SetPieces, parts: Parts, *, log: StageLog
) -> dict[str, dict[str, Any]]:
    """Write what a model is to be asked about the rows of a result, each task into its ledger.

    A ledger that stands there goes on with these rows: what is answered is not asked again.

    Args:
        recipe: The recipe.
        pieces: All rows.
        parts: As :func:`~medqa_kit.building.work.generation_rows.generation_places` takes it.
        log: Where stages are told.

    Returns:
        What the manifest says of each task, whatever was answered since.

    Raises:
        StorageError: A ledger cannot be written.
    """
    tasks = {}
    for name, task in recipe.generate.items():
        places = generation_places(recipe, pieces, parts, task)
        labels = [piece.ingredient.label for piece, begin, end in pieces.spans()
                  if np.any((places >= begin) & (places < end))]  # fmt: skip
        requests = len(places) * task.per_row
        tasks[name] = {**task.generation.described(), "out": task.out, "sources": list(dict.fromkeys(labels)),
                      "rows": len(places), "requests": requests}  # fmt: skip
        if not requests:
            continue
        with log.stage(f"ask for {name}", len(places)):
            ledger = Ledger.start(recipe.ledger_of(task), generation_table(pieces, places), task.generation, replace_rows=True)  # fmt: skip
            files = ledger.write_requests()
        open_ = ledger.counts()["open"]
        log.note(f"{name}: {counted(requests, 'request')}, {open_:,} of them open, in {counted(len(files), 'file')} of {ledger.folder}")  # fmt: skip
    return tasks
