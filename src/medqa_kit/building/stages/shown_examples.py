"""The few-shot examples of rows: chosen once for each style of question, out of training rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from medqa_kit.building.recipes.few_shots import FewShots
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.stages.pieces import SetPiece, SetPieces
from medqa_kit.building.stages.rationing import drawn
from medqa_kit.building.stages.views import question_styles, unaskable
from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.core.selection import choose
from medqa_kit.errors import FormattingError, RecipeError
from medqa_kit.prompting.fewshot import FewShot, few_shot


def with_examples(pieces: SetPieces, trained: Mask, recipe: Recipe) -> SetPieces:
    """Return the rows of a build with views that show examples, where the recipe asks for some.

    Args:
        pieces: The rows.
        trained: Marks those that are kept and train; examples are of them alone.
        recipe: What is asked for.

    Raises:
        RecipeError: A pool has too few rows.
    """
    listed = tuple(
        piece if piece.ingredient.few_shot is None
        else replace(piece, view=replace(piece.view, shots=_shots(piece, piece.ingredient.few_shot, pieces, trained, recipe)))
        for piece in pieces.listed
    )  # fmt: skip
    return replace(pieces, listed=listed)


def _shots(
    piece: SetPiece, how: FewShots, pieces: SetPieces, trained: Mask, recipe: Recipe
) -> tuple[tuple[str, FewShot], ...]:
    pool = _pool(piece, how, pieces, trained, recipe)
    styles = question_styles(pool, piece.view.schema)
    wanted = np.unique(
        question_styles(piece.data.with_format("arrow")[:], piece.view.schema)
    ).tolist()
    shots = []
    for style in wanted:
        own = pool.filter(pa.array(styles == style))
        try:
            shots.append((style, few_shot(own, k=how.k, mode=how.mode, seed=recipe.seed)))
        except FormattingError as error:
            raise RecipeError(
                "there are too few rows to show as examples", file=recipe.name, source=piece.ingredient.label,
                expected=f"{how.k} rows of {how.pool or piece.ingredient.label} that train, of style {style}",
                found=f"{own.num_rows}", hint="show fewer, or take them from another source: few_shot = "
                "{ k = 2, from = \"NAME\" }",
            ) from error  # fmt: skip
    return tuple(shots)


def _pool(
    piece: SetPiece, how: FewShots, pieces: SetPieces, trained: Mask, recipe: Recipe
) -> pa.Table:
    """Return the rows that may be shown, those first that hash lowest."""
    label, listed = how.pool or piece.ingredient.label, []
    for other, begin, end in pieces.spans():
        if other.ingredient.label == label and other.view.schema == piece.view.schema:
            rows = choose(other.data, trained[begin:end])
            listed.append(rows.with_format("arrow")[:])
    if not listed:
        raise RecipeError("examples are of rows of the same schema", file=recipe.name, source=piece.ingredient.label,
                          expected=f"a source of schema {piece.view.schema}", found=label,
                          hint="leave from out to take them of the source itself")  # fmt: skip
    pool = pa.concat_tables(listed, promote_options="default")
    pool = pool.filter(pa.array(~unaskable(pool, piece.view.schema)))
    order = drawn(pool["id"], stage="few_shot", seed=recipe.seed)
    return pool.take(pa.array(np.argsort(order, kind="stable")[: how.most]))
