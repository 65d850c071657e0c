"""How long the records of rows are, in characters or tokens."""

from __future__ import annotations

from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.output.format_records import format_records
from medqa_kit.building.output.formats import Format
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.holders import batches
from medqa_kit.core.stored import sha256_of
from medqa_kit.errors import MissingExtraError, RecipeError
from medqa_kit.tokens.counts import Counter, token_counts
from medqa_kit.training.kinds.model import Needs
from medqa_kit.training.records import Record

_MEASURED: dict[Needs, str] = {
    "reply": "trl/prompt-completion", "prompt": "trl/prompt-completion",
    "preference": "trl/preference", "unpaired": "trl/preference", "text": "trl/language-modeling",
}  # fmt: skip


def counter_of(recipe: Recipe) -> Counter | None:
    """Return what counts the tokens of a recipe: an encoding, or a ``tokenizer.json``.

    Raises:
        RecipeError: There is no such file.
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
    return cast(Counter, Tokenizer.from_file(str(file)))


def record_lengths(pieces: SetPieces, kept: Mask, recipe: Recipe, counter: Counter) -> Ints:
    """Measure prompt and reply together of the records of rows.

    Args:
        pieces: All rows.
        kept: Those to measure.
        recipe: Its first format says what the records are.
        counter: What counts; ``len`` counts characters.

    Returns:
        One number a row: 0 where it is not measured, or no record can be made of it.
    """
    kernel, measure = measured_record(recipe.formats[0]), token_counts(counter=counter)
    lengths = np.zeros(pieces.num_rows, np.int64)
    for piece, begin, end in pieces.spans():
        places = begin + np.flatnonzero(kept[begin:end])
        at = 0
        for batch in batches(piece.data.select(places - begin)):
            table = pa.Table.from_batches([batch])
            viewed, unviewed = piece.view(table)
            records = format_records(viewed, kernel)
            whole = np.delete(np.arange(table.num_rows), unviewed["row"].to_numpy())
            counted = measure(records.made)
            total = pc.add(counted["prompt_tokens"], counted["completion_tokens"]).to_numpy()
            lengths[places[at + whole[records.places]]] = total
            at += table.num_rows
    return lengths


def decided_lengths(pieces: SetPieces, marked: Mask, recipe: Recipe, counter: Counter) -> Ints:
    """Measure the records of rows, unless an earlier build did; those that are shortened or show examples, each time.

    Args:
        pieces: As in :func:`record_lengths`, like the other arguments.
        marked: Those to measure.
        recipe: See ``pieces``.
        counter: See ``pieces``.

    Returns:
        As :func:`record_lengths`.
    """
    views = [piece.view for piece in pieces.listed]
    if any(view.shots or view.shortened for view in views):
        return record_lengths(pieces, marked, recipe, counter)
    facts = [list(map(repr, views)), recipe.formats[0].said(), _counter_name(recipe, counter)]
    measured = pieces.decision("measure", marked, facts, lambda: pa.table(
        {"length": record_lengths(pieces, marked, recipe, counter)}))  # fmt: skip
    return np.asarray(measured["length"])


def _counter_name(recipe: Recipe, counter: Counter) -> str:
    """Name what counts: characters, an encoding, or the digest of a tokenizer's file."""
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
