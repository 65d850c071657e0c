"""Which rows meet the conditions of ``where``, and which condition the others fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import datasets
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.engines.worked_rows import over_marked
from medqa_kit.building.engines.workers import Workers
from medqa_kit.building.kept.decided_tables import LEAST_ROWS
from medqa_kit.building.recipes.conditions import Bounds, Where
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.stages.fates import FATES, fate_table
from medqa_kit.building.stages.pieces import SetPieces
from medqa_kit.core.arrow.columns import blank, is_text, list_lengths, whole
from medqa_kit.core.arrow.messages import text
from medqa_kit.core.arrow.ragged import Mask, flat
from medqa_kit.core.arrow.text_columns import (
    characters,
    measured_columns,
    rows_of_texts,
    texts_of,
)
from medqa_kit.core.holders import batches
from medqa_kit.errors import RecipeError
from medqa_kit.loading.years import InYears
from medqa_kit.matching.row_texts import row_texts
from medqa_kit.quality.scripts import script_share
from medqa_kit.tokens.counts import Counter, count_tokens

Failing = tuple[str, Mask, Any]


def unmet(rows: Any, where: Where, *, counter: Counter | None = None, source: str = "") -> pa.Table:
    """Find the rows that fail a condition; the first one in the order of :class:`Where` counts.

    Args:
        rows: What holds the rows of one schema.
        where: The conditions.
        counter: Counts tokens, where a condition is about them.
        source: Whose rows they are, for messages.

    Returns:
        A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`.

    Raises:
        RecipeError: The rows lack a column that a condition looks at, or there is no tokenizer.

    Example:
        >>> table = pa.table({"id": ["a", "b"], "question": ["Why?", "How?"], "language": ["ko", "en"]})
        >>> unmet(table, Where(language=("ko",))).select(["row", "reason"]).to_pylist()
        [{'row': 1, 'reason': 'where_language'}]
    """
    listed, at = [FATES.empty_table()], 0
    for batch in batches(rows):
        table = pa.Table.from_batches([batch])
        gone = np.zeros(table.num_rows, bool)
        for name, fails, detail in _failing(table, where, counter, source):
            new = np.flatnonzero(fails & ~gone)
            gone |= fails
            told = detail if isinstance(detail, str) else detail.take(pa.array(new))
            listed.append(fate_table(new + at, f"where_{name}", told))
        at += table.num_rows
    return pa.concat_tables(listed).sort_by("row")


def of_other_years(pieces: SetPieces) -> pa.Table:
    """Find the rows of a build that are not of the years that their source is asked for.

    Returns:
        A table with the schema :data:`~medqa_kit.building.stages.fates.FATES`, with places among all rows.

    Raises:
        RecipeError: Rows have no year, or none is of these years.
    """
    listed, taken = [FATES.empty_table()], dict[int, bool]()  # by entry: two may have one name
    for piece, begin, _ in pieces.spans():
        years = piece.ingredient.years
        if years is None:
            continue
        if "year" not in piece.data.column_names:
            raise RecipeError("rows of this source have no year", source=piece.ingredient.label,
                              column="year", expected="a source with years",
                              found=", ".join(piece.data.column_names), hint="leave years out")  # fmt: skip
        column = piece.data.with_format("arrow").select_columns(["year"])[:]["year"]
        other = ~np.asarray(InYears(years).mask(column))
        entry = id(piece.ingredient)
        taken[entry] = taken.get(entry, False) or not other.all()
        detail = "not one of the years the recipe wants"
        listed.append(fate_table(begin + np.flatnonzero(other), "other_year", detail))
    for piece in pieces.listed:
        if not taken.get(id(piece.ingredient), True):
            raise _of_no_year(piece.ingredient, pieces)
    return pa.concat_tables(listed)


def _of_no_year(ingredient: Ingredient, pieces: SetPieces) -> RecipeError:
    """Return the error for years that leave no row: those that there are are said, also of rows of one's own."""
    rows = [piece.data.with_format("arrow").select_columns(["year"])[:]["year"]
            for piece in pieces.listed if piece.ingredient.name == ingredient.name]  # fmt: skip
    years = sorted(pc.unique(pa.chunked_array(rows, pa.int32())).drop_null().to_pylist())
    where = (
        'columns = { year = "…" } says which column they stand in'
        if ingredient.read
        else "leave years out"
    )
    return RecipeError(
        "no row is of these years", source=ingredient.label, column="year", found=_spans(ingredient.years or ()),
        expected=f"years that rows have: {_spans(years)}" if years else "rows with a year",
        hint="name some of these, or leave years out" if years else f"no row has a year: {where}",
    )  # fmt: skip


def _spans(years: Sequence[int]) -> str:
    """Write years in order, those that follow each other as from and to.

    Example:
        >>> _spans([2012, 2013, 2014, 2019]), _spans(range(1990, 10_000))
        ('2012 to 2014, 2019', '1990 to 9999')
    """
    if isinstance(years, range):
        return f"{years[0]} to {years[-1]}" if len(years) > 1 else f"{years[0]}"
    listed = np.array(sorted({*years}), np.int64)
    runs = np.split(listed, np.flatnonzero(np.diff(listed) > 1) + 1)
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def conditions_unmet(
    pieces: SetPieces, counter: Counter | None, *, counted_by: str, advance: Callable[[int], object]
) -> pa.Table:
    """Find the rows of a build that fail a condition of their source, unless an earlier build did.

    Args:
        pieces: All rows.
        counter: As in :func:`unmet`.
        counted_by: Names what counts; what is decided is kept beside that name.
        advance: Is told how many rows more are looked at.

    Returns:
        As :func:`unmet`, with places among all rows.

    Raises:
        RecipeError: As :func:`unmet`.
    """
    listed = [FATES.empty_table()]
    for piece, begin, _ in pieces.spans():
        where = piece.ingredient.where
        if where is not None:
            look = _Look(where, counter, piece.ingredient.label)
            decide = partial(_unmet_of, look, piece.data, pieces.workers, advance)
            kept = piece.content is not None and piece.data.num_rows > LEAST_ROWS
            facts = [piece.content, repr(where), counted_by, look.source]
            unmet = pieces.decided.table("look-at-conditions", facts, decide) if kept else decide()
            listed.append(unmet.set_column(0, "row", pc.add(unmet["row"], begin)))
    return pa.concat_tables(listed)


@dataclass(frozen=True)
class _Look:
    """Looks at rows of one source, wherever it is done."""

    where: Where
    counter: Counter | None
    source: str

    def __call__(self, _: int, rows: pa.Table) -> pa.Table:
        return unmet(rows, self.where, counter=self.counter, source=self.source)


def _unmet_of(
    look: _Look, data: datasets.Dataset, workers: Workers, advance: Callable[[int], object]
) -> pa.Table:
    listed = [FATES.empty_table()]
    for places, unmet in over_marked(look, [data], np.ones(data.num_rows, bool), workers):
        listed.append(unmet.set_column(0, "row", pa.array(places[unmet["row"].to_numpy()])))
        advance(len(places))
    return pa.concat_tables(listed).combine_chunks()


def _failing(
    table: pa.Table, where: Where, counter: Counter | None, source: str
) -> Iterator[Failing]:
    if where.year is not None:
        good = np.asarray(InYears(where.year).mask(_column(table, "year", source)))
        yield "year", ~good, "another year"
    if where.language:
        tags = text(table, "language")
        primary = pc.replace_substring_regex(tags, "-.*", "")
        wanted = pa.array(where.language, pa.string())
        good = pc.or_(pc.is_in(tags, value_set=wanted), pc.is_in(primary, value_set=wanted))
        yield "language", ~np.asarray(good), f"not in {', '.join(where.language)}"
    if where.subset:
        good = pc.is_in(text(table, "subset"), value_set=pa.array(where.subset, pa.string()))
        yield "subset", ~np.asarray(good), f"not of {', '.join(where.subset)}"
    if where.tags:
        yield "tags", ~_tagged(table, where, source), f"none of the tags {', '.join(where.tags)}"
    for name in where.has:
        yield "has", _empty(_column(table, name, source)), f"no {name}"
    if where.chars is not None:
        yield _outside("chars", characters(table), where.chars, "characters")
    for name, bounds in where.column_chars.items():
        lengths = np.asarray(pc.fill_null(pc.utf8_length(_column(table, name, source)), 0))
        yield _outside("column_chars", lengths, bounds, f"characters of {name}")
    if where.tokens is not None:
        yield _outside("tokens", _tokens(table, counter, source), where.tokens, "tokens")
    for script, bounds in where.script.items():
        share = np.asarray(script_share(row_texts(table.to_batches()[0]), script))  # type: ignore[arg-type]
        yield _outside("script", np.round(share, 4), bounds, f"of {script}")
    if where.chosen_differs:
        equal = pc.equal(_column(table, "chosen", source), _column(table, "rejected", source))
        yield "chosen_differs", np.asarray(pc.fill_null(equal, True)), "chosen equals rejected"
    if where.margin is not None:
        margin = pc.subtract(_column(table, "chosen_score", source),
                             _column(table, "rejected_score", source))  # fmt: skip
        values = np.asarray(pc.fill_null(margin.cast(pa.float64()), np.nan))
        yield _outside("margin", values, where.margin, "between the scores")


def _outside(name: str, values: npt.NDArray[Any], bounds: Bounds, of: str) -> Failing:
    fails = ~((values >= bounds.least) & (values <= bounds.most))  # not a number is outside
    detail = pc.binary_join_element_wise(pa.array(values).cast(pa.string()), of, " ")
    return name, fails, detail


def _tagged(table: pa.Table, where: Where, source: str) -> Mask:
    lists = flat(_column(table, "tags", source))
    hits = np.flatnonzero(
        np.asarray(pc.is_in(lists.values, value_set=pa.array(where.tags, pa.string())))
    )
    good = np.zeros(table.num_rows, bool)
    good[lists.rows(hits)] = True
    return good


def _empty(column: pa.Array) -> Mask:
    if is_text(column.type):
        return np.asarray(pc.fill_null(blank(column), True))
    null = np.asarray(column.is_null())
    return null | (list_lengths(column) == 0) if pa.types.is_list(column.type) else null


def _tokens(table: pa.Table, counter: Counter | None, source: str) -> npt.NDArray[Any]:
    if counter is None:
        raise RecipeError("a condition on tokens needs a tokenizer", source=source, column="tokens",
                          expected="the one you train", found="none",
                          hint='[mix]\ntokenizer = "o200k_base"')  # fmt: skip
    total = np.zeros(table.num_rows, np.int64)
    for name in measured_columns(table):
        counts = pc.fill_null(count_tokens(texts_of(table, name), counter=counter), 0).to_numpy()
        np.add.at(total, rows_of_texts(table, name, np.arange(len(counts))), counts)
    return total


def _column(table: pa.Table, name: str, source: str) -> pa.Array:
    if name not in table.column_names:
        raise RecipeError("a condition looks at a column that the rows do not have", source=source,
                          column=name, expected=", ".join(table.column_names), found=name,
                          hint="name one of these columns")  # fmt: skip
    return whole(table[name])
