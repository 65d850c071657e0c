"""Lengths of the records of rows, in characters or tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.engines.worked_rows import over_marked
from medqa_kit.building.output.format_records import format_records
from medqa_kit.building.output.formats import Format
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stage_log import UNTOLD, StageLog
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.holders import batches
from medqa_kit.core.stored import sha256_of
from medqa_kit.errors import MissingExtraError, RecipeError
from medqa_kit.tokens.counts import Counter, TokenCounts, token_counts
from medqa_kit.training.kinds.model import Needs
from medqa_kit.training.records import Record

_MEASURED: dict[Needs, str] = {
    "reply": "trl/prompt-completion", "prompt": "trl/prompt-completion",
    "preference": "trl/preference", "unpaired": "trl/preference", "text": "trl/language-modeling",
}  # fmt: skip


def counter_of(recipe: Recipe) -> Counter | None:
    """Return what counts the tokens of a recipe: an encoding, or a ``tokenizer.json``.

    Raises:
        RecipeError: There is no such file, or it is none.
        MissingExtraError: It is one, and ``tokenizers`` is not installed.
    """
    file = recipe.tokenizer_file
    if file is None:
        return recipe.mix.tokenizer if recipe.mix is not None else None
    if not file.is_file():
        raise RecipeError("there is no such tokenizer", file=recipe.name, found=str(file),
                          expected="a tokenizer.json", hint="check the path in [mix]")  # fmt: skip
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingExtraError("tokenizers", "hf", need="a tokenizer.json") from error
    try:
        return cast(Counter, Tokenizer.from_file(str(file)))
    except Exception as error:  # the library raises nothing more telling
        raise RecipeError("the tokenizer cannot be read", file=recipe.name, expected="a tokenizer.json",
                          found=f"{file}: {error}", hint="save it anew with tokenizer.save(path)") from error  # fmt: skip


def record_lengths(
    pieces: SetPieces, kept: Mask, recipe: Recipe, counter: Counter, *, log: StageLog = UNTOLD
) -> Ints:
    """Measure prompt and reply together of the records of rows.

    Args:
        pieces: All rows.
        kept: Those to measure.
        recipe: Its first format says what the records are.
        counter: What counts; ``len`` counts characters.
        log: Where it is told how many rows are measured, and how fast.

    Returns:
        One number a row: 0 where it is not measured, or no record can be made of it.
    """
    measure = _Measure(tuple(piece.view for piece in pieces.listed), measured_record(recipe.formats[0]),
                       token_counts(counter=counter))  # fmt: skip
    lengths = np.zeros(pieces.num_rows, np.int64)
    parts = [piece.data for piece in pieces.listed]
    with log.stage("measure", int(kept.sum())) as advance:
        for places, measured in over_marked(measure, parts, kept, pieces.workers):
            lengths[places] = measured
            advance(len(places))
    return lengths


@dataclass(frozen=True)
class _Measure:
    """Measures the records of rows, wherever it is done."""

    views: tuple[RowView, ...]
    kernel: Record
    counts: TokenCounts

    def __call__(self, part: int, rows: pa.Table) -> Ints:
        listed = [self._of_batch(part, pa.Table.from_batches([batch])) for batch in batches(rows)]
        return np.concatenate([np.zeros(0, np.int64), *listed])

    def _of_batch(self, part: int, rows: pa.Table) -> Ints:
        viewed, unviewed = self.views[part](rows)
        records = format_records(viewed, self.kernel)
        counted = self.counts(records.made)
        lengths = np.zeros(rows.num_rows, np.int64)
        good = np.delete(np.arange(rows.num_rows), unviewed["row"].to_numpy())
        total = pc.add(counted["prompt_tokens"], counted["completion_tokens"])
        lengths[good[records.places]] = total.to_numpy()
        return lengths


def decided_lengths(
    pieces: SetPieces, marked: Mask, recipe: Recipe, counter: Counter, *, log: StageLog = UNTOLD
) -> Ints:
    """Measure the records of rows, unless an earlier build did; those that are shortened or show examples, each time.

    Args:
        pieces: As in :func:`record_lengths`, like the other arguments.
        marked: Those to measure.
        recipe: See ``pieces``.
        counter: See ``pieces``.
        log: See ``pieces``.

    Returns:
        As :func:`record_lengths`.
    """
    views = [piece.view for piece in pieces.listed]
    if any(view.shots or view.shortened for view in views):
        return record_lengths(pieces, marked, recipe, counter, log=log)
    facts = [list(map(repr, views)), recipe.formats[0].as_data(), counter_name(recipe, counter)]
    measured = pieces.decision("measure", marked, facts, lambda: pa.table(
        {"length": record_lengths(pieces, marked, recipe, counter, log=log)}))  # fmt: skip
    return np.asarray(measured["length"])


def measured_pieces(
    pieces: SetPieces, marked: Mask, recipe: Recipe, *, log: StageLog = UNTOLD
) -> SetPieces:
    """Return the rows with their lengths in the unit of the recipe's mix, which are measured unless they are known.

    Args:
        pieces: As in :func:`record_lengths`, like the other arguments.
        marked: Those to measure.
        recipe: See ``pieces``.
        log: See ``pieces``.
    """
    unit, counter = "rows" if recipe.mix is None else recipe.mix.by, counter_of(recipe)
    if unit == "rows" or unit in pieces.lengths:
        return pieces
    count = len if unit == "chars" or counter is None else counter
    lengths = decided_lengths(pieces, marked, recipe, count, log=log)
    return replace(pieces, lengths={**pieces.lengths, unit: lengths})


def counter_name(recipe: Recipe, counter: Counter | None) -> str:
    """Name what counts: characters, an encoding, or the digest of a tokenizer's file.

    Args:
        recipe: Which may name a file.
        counter: What counts.
    """
    if counter is len:
        return "characters"
    file = recipe.tokenizer_file
    return sha256_of(file) if file is not None else str(counter)


def measured_record(form: Format) -> Record:
    """Return the kernel that makes the records whose lengths are those of a format: prompt and reply apart."""
    kernel = form.kernel()
    style = kernel.reasoning
    name = _MEASURED[form.kind.needs]
    return Format(record=name, language=form.language, system=form.system,
                  reasoning=None if style == "field" else style).kernel()  # fmt: skip
