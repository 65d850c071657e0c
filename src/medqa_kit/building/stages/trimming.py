"""Rows that are over the budget, shortened where their records allow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.building.recipes.whole_set import Budget
from medqa_kit.building.stages.lengths import measured_record
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.building.stages.views import RowView
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.core.engines.worked_rows import over_marked
from medqa_kit.tokens.budget import fit
from medqa_kit.tokens.counts import Counter
from medqa_kit.training.records import Record

_TRIMMED = (
    "rows",
    "instruction",
)  # each row becomes one record, which has its context and rationale


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

    ids: pa.Array
    budget: Budget
    counter: Counter
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
    """Shorten what is over the budget, of questions: as they are, or asked as instructions, with the examples shown.

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
        if own.any() and piece.view.schema == "qa" and piece.view.view in _TRIMMED:
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
