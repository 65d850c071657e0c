"""Questions say the same however Arrow keeps their texts: records, conversions, checks and orders are alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars
import pyarrow as pa
import pytest

import medqa_kit as mk
from formatting_rows import CHOICE, ENGLISH, qa
from row_kinds import rows_in

ROWS = qa(CHOICE, ENGLISH, CHOICE | {"answer": "somewhere else"})
TEXTS = [field.name for field in ROWS.schema if pa.types.is_string(field.type)]


def kept_as(kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    def kept(table: pa.Table) -> pa.Table:
        for name in TEXTS:
            table = table.set_column(table.column_names.index(name), name, table[name].cast(kind))
        return table

    return kept


def large_lists(table: pa.Table) -> pa.Table:
    place = table.column_names.index("options")
    return table.set_column(
        place, "options", table["options"].cast(pa.large_list(pa.large_string()))
    )


KEPT: dict[str, Callable[[pa.Table], Any]] = {
    "large": kept_as(pa.large_string()),
    "views": kept_as(pa.string_view()),
    "dictionaries": kept_as(pa.dictionary(pa.int32(), pa.string())),
    "large lists": large_lists,
    "list views": lambda table: table.set_column(
        table.column_names.index("options"),
        "options",
        pa.array(table["options"].to_pylist(), pa.list_view(pa.string())),
    ),
    "polars": polars.from_arrow,
    "pandas": pa.Table.to_pandas,
}  # fmt: skip
MADE: dict[str, Callable[[Any], Any]] = {
    "record": lambda rows: mk.record("trl/messages", on_bad="drop").run(rows),
    "kept record": lambda rows: (mk.apply(rows, mk.record("alpaca", on_bad="keep")), None),
    "batch": lambda rows: mk.record("openai/batch", settings={"model": "m"}).run(rows),
    "lint": lambda rows: (rows[:0], mk.lint(rows, on_bad="keep")[1]),
    "to_preference": lambda rows: mk.to_preference().run(rows),
    "to_dialogue": lambda rows: mk.to_dialogue().run(rows),
    "to_open": lambda rows: mk.to_open().run(rows),
    "orders": lambda rows: mk.shuffle_options(seed=3).run(rows),
    "permutations": lambda rows: mk.shuffle_options(all_permutations=True).run(rows),
}


@pytest.mark.parametrize("step", MADE)
@pytest.mark.parametrize("kept", KEPT)
def test_what_is_made_of_questions_is_alike(kept: str, step: str) -> None:
    plain, plain_report = MADE[step](ROWS)
    rows, report = MADE[step](KEPT[kept](ROWS))
    assert rows_in(rows) == rows_in(plain)
    if report is not None:
        assert report.findings.equals(plain_report.findings)
    if step == "lint":
        assert report.by("code") == {"key_text_disagree": 1}
