"""Shorten rows that are over the token budget, where their schema has a part that can be shortened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.engines.worked_rows import over_marked
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import Budget
from medqa_kit.building.stages.lengths import measured_record
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.stages.views import RowView, schemas_of, view_of_rows
from medqa_kit.catalog import Source
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.errors import RecipeError
from medqa_kit.schemas import SCHEMAS
from medqa_kit.tokens.budget import fit, trimmed_columns
from medqa_kit.tokens.counts import Counter
from medqa_kit.training.records import Record

_TRIMMED = ("rows", "instruction")  # a row becomes one record, which has all that is shortened


def shortens(view: RowView, budget: Budget) -> bool:
    """Check whether a budget can shorten rows of a view, or leaves out those that are too long."""
    return view.view in _TRIMMED and bool(trimmed_columns(SCHEMAS[view.schema], budget.fit))


def unshortened(recipe: Recipe, sources: Sequence[Source]) -> dict[str, str]:
    """Return the schemas of the sources, by label, of which the recipe's budget can shorten no row.

    Args:
        recipe: The recipe, whose budget is to shorten.
        sources: Of its ingredients, in their order.

    Returns:
        None where the budget does not shorten at all.

    Raises:
        RecipeError: It can shorten no source.
    """
    budget = recipe.mix.budget if recipe.mix is not None else None
    if budget is None or budget.fit not in ("trim_context", "trim_reasoning"):
        return {}
    views = [(ingredient.label, view_of_rows(ingredient, schema, recipe.formats, recipe=recipe.name))
             for ingredient, source in zip(recipe.sources, sources, strict=True)
             for schema in schemas_of(ingredient, source)]  # fmt: skip
    rigid: dict[str, str] = {
        label: view.schema for label, view in views if not shortens(view, budget)
    }
    if views and not any(shortens(view, budget) for _, view in views):
        raise RecipeError(
            f"the budget can shorten no row: fit = {budget.fit!r}", file=recipe.name,
            expected="questions with a context, dialogues or texts" if budget.fit == "trim_context" else "questions with a rationale",
            found=", ".join(f"{label}: {schema}" for label, schema in rigid.items()),
            hint='fit = "drop" leaves out what is too long',
        )  # fmt: skip
    return rigid


@dataclass(frozen=True, eq=False)
class ViewedRecord:
    """Makes the records of rows by their view.

    Attributes:
        view: What the rows become first.
        kernel: Makes records of that.
    """

    view: RowView
    kernel: Record

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the records of rows, none of which breaks a rule of the view."""
        return self.kernel(self.view(table)[0])


@dataclass(frozen=True, eq=False)
class Trimming:
    """Shortens a column of some rows by :func:`medqa_kit.fit`, each time to the same.

    Attributes:
        ids: Ids of the rows: those that fit once they are shortened.
        budget: What they are to fit.
        counter: What counts.
        record: Makes the records that are counted.
    """

    # As text it is the same in each process, by which units of a killed build are known: which rows are
    # shortened follows from their own texts and the budget.
    ids: pa.Array = field(repr=False)
    budget: Budget
    counter: Counter = field(repr=False)
    record: ViewedRecord

    def __call__(self, table: pa.Table) -> pa.Table:
        """Shorten them in a table of whole rows; further copies (``#2``) as the row itself."""
        names = table["id"].cast(pa.string())
        plain = pc.replace_substring_regex(names, r"#\d+$", "")
        marks = pc.or_(pc.is_in(names, value_set=self.ids), pc.is_in(plain, value_set=self.ids))
        long = np.asarray(marks)
        if not long.any():
            return table
        short = self.fitted(table.filter(pa.array(long)))
        order = np.argsort(np.concatenate([np.flatnonzero(~long), np.flatnonzero(long)]))
        rest = table.filter(pa.array(~long))
        return pa.concat_tables([rest, short.cast(rest.schema)]).take(pa.array(order))

    def fitted(self, rows: pa.Table) -> pa.Table:
        """Return the rows that fit once they are shortened."""
        kept, _ = fit(rows, max_tokens=self.budget.max_tokens, counter=self.counter, policy=self.budget.fit,
                      record=self.record)  # fmt: skip
        return kept


def fitted_pieces(
    pieces: SetPieces, over: Ints, recipe: Recipe, budget: Budget, counter: Counter,
    advance: Callable[[int], object],
) -> tuple[SetPieces, Ints]:  # fmt: skip
    """Shorten what is over the budget, as it is or asked as an instruction with the examples shown.

    Args:
        pieces: The rows.
        over: Places of those that are too long.
        recipe: Its first format says what the records are.
        budget: What they are to fit.
        counter: What counts.
        advance: Is told how many rows more are tried.

    Returns:
        The rows with views that shorten, and the places of those that do not fit all the same.
    """
    listed, left = [], over
    for piece, begin, end in pieces.spans():
        own = np.zeros(end - begin, bool)
        own[over[(over >= begin) & (over < end)] - begin] = True
        if own.any() and shortens(piece.view, budget):
            record = ViewedRecord(piece.view, measured_record(recipe.formats[0]))
            trimming = Trimming(pa.array([], pa.string()), budget, counter, record)
            names, fits = [trimming.ids], [np.zeros(0, np.int64)]
            for places, named in over_marked(_Fits(trimming), [piece.data], own, pieces.workers):
                good = np.asarray(named.is_valid())
                names.append(named.drop_null())
                fits.append(begin + places[good])
                advance(len(places))
            left = np.setdiff1d(left, np.concatenate(fits))
            if len(ids := pa.concat_arrays(names)):
                piece.account.trimmed += len(ids)
                shortened = replace(trimming, ids=ids)
                piece = replace(piece, view=replace(piece.view, shortened=shortened))
        listed.append(piece)
    return replace(pieces, listed=tuple(listed)), left


@dataclass(frozen=True, eq=False)
class _Fits:
    """Tries which rows fit once they are shortened, wherever it is done."""

    trimming: Trimming

    def __call__(self, _: int, rows: pa.Table) -> pa.Array:
        """Return the ids of those that fit, null for the others."""
        names = whole(rows["id"]).cast(pa.string())
        fits = pc.is_in(names, value_set=whole(self.trimming.fitted(rows)["id"]).cast(pa.string()))
        return pc.if_else(fits, names, None)
