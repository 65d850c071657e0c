"""Every raw row is in a row, set aside, or counted with a reason: for all sources, whatever they hold.

Columns of the samples are written otherwise, one after the other, as upstream may do one day: another
spelling, blank, null, empty lists. What a source tells rows apart by is among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import medqa_kit as mk
from medqa_kit.catalog import Layout
from medqa_kit.errors import RowError
from medqa_kit.loading.normalizer import Normalizer
from medqa_kit.normalizing import RAW_ROW
from sample_parts import LOADABLE, raw_parts

Change = Callable[[pa.ChunkedArray], pa.ChunkedArray]


def spelled_otherwise(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(pc.utf8_upper(column), "x", "_")


def emptied(column: pa.ChunkedArray) -> pa.ChunkedArray:
    empty = pa.scalar([] if pa.types.is_list(column.type) else "", column.type)
    return pa.chunked_array([pa.repeat(empty, len(column))])


def nulled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(len(column), column.type)])


def changes(kind: pa.DataType) -> tuple[Change, ...]:
    if pa.types.is_string(kind):
        return spelled_otherwise, emptied, nulled
    return (emptied, nulled) if pa.types.is_list(kind) else (nulled,)


def layouts(source: mk.Source, layout: Layout) -> Iterator[Layout]:
    """The layout with each view of each choice."""
    chosen = [layout] + [
        choice.apply(layout, value) for choice in source.choices for value in choice.values
    ]
    for plan in chosen:
        if plan.raw.equals(layout.raw):  # others are read from other files
            yield from (plan.viewed(view) for view in ("normalized", *plan.views))


def changed(raw: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Raw rows of which one column is written otherwise: in all rows, and in each second one."""
    second = pa.array(np.arange(raw.num_rows) % 2 == 1)
    for at, field in enumerate(raw.schema):
        for change in changes(field.type):
            column = change(raw[field.name])
            yield f"{field.name} {change.__name__}", raw.set_column(at, field, column)
            values = pc.if_else(second, column, raw[field.name])
            yield f"{field.name} {change.__name__} in some", raw.set_column(at, field, values)


def lost_rows(kernel: Normalizer, raw: pa.Table) -> list[int]:
    """Raw rows that are in no row, are not named by an error, and are not counted."""
    while raw.num_rows:
        try:
            kernel.batch(raw)
            break
        except RowError as error:
            if not error.rows:
                raise
            good = np.setdiff1d(np.arange(raw.num_rows), error.rows)
            raw = raw.take(pa.array(good))
    rows = kernel.layout.normalize(raw)
    counted = np.zeros(raw.num_rows, dtype=bool)
    counted[rows[RAW_ROW].to_numpy() if RAW_ROW in rows.column_names else slice(rows.num_rows)] = (
        True
    )
    for count in (kernel.layout.left_out, kernel.layout.passed_over):
        for amounts in (count(raw) if count else {}).values():
            counted |= np.asarray(amounts) > 0
    return np.flatnonzero(~counted).tolist()


@pytest.mark.parametrize("name", LOADABLE)
@pytest.mark.slow
def test_no_raw_row_vanishes(name: str) -> None:
    source = mk.source(name)
    largest = {id(plan.layout): (plan, raw) for plan, raw in
               sorted(raw_parts(name), key=lambda part: part[1].num_rows)}  # fmt: skip
    for plan, raw in largest.values():
        for layout in layouts(source, plan.layout):
            kernel = replace(plan.kernel, layout=layout)
            assert not lost_rows(kernel, raw), (plan.part.name, "as it is")
            for what, other in changed(raw):
                assert not lost_rows(kernel, other), (plan.part.name, what)


@pytest.mark.parametrize("name", LOADABLE)
def test_a_column_that_is_kept_along_changes_no_row(name: str) -> None:
    """Files may have columns that are not declared, and keep= carries these along."""
    source = mk.source(name)
    for plan, raw in raw_parts(name):
        more = raw.append_column("difficulty", pa.repeat("hard", raw.num_rows))
        for layout in layouts(source, plan.layout):
            wider = replace(layout, raw=more.schema)
            kernel = replace(plan.kernel, layout=layout)
            kept = replace(kernel, layout=wider, keep=("difficulty",))(more)
            assert kept.drop_columns("difficulty").equals(kernel(raw)), plan.part.name
            assert set(kept["difficulty"].to_pylist()) <= {"hard"}
