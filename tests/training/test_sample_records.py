"""The sample of every source, through every training record that fits its schema."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from medqa_kit.errors import FormattingError
from medqa_kit.loading.planner import SAMPLES
from medqa_kit.prompting.prompts import prompt
from medqa_kit.prompting.wording import PromptStyle
from medqa_kit.schemas import SchemaName, schema_name
from medqa_kit.training.dialogues import to_dialogue
from medqa_kit.training.kinds.index import record_kinds
from medqa_kit.training.open_questions import to_open
from medqa_kit.training.preferences import to_preference
from medqa_kit.training.record_files import check_records, json_lines
from medqa_kit.training.records import record
from sample_parts import LOADABLE, raw_parts

pytestmark = pytest.mark.slow

SETTINGS: dict[str, dict[str, Any]] = {
    "openai/batch": {"model": "m"}, "axolotl/segments": {"eos": "<end>"}
}  # fmt: skip
# Schemas that hold neither question nor conversation become records by way of a prompt.
STYLES: dict[SchemaName, PromptStyle] = {
    "tokens": "ner-spans", "parallel": "translate", "labeled": "classify"
}  # fmt: skip

NAMES = [name for name in LOADABLE if (SAMPLES / name).is_dir()]


@cache
def tables(name: str) -> list[pa.Table]:
    """The rows of a source's sample, all parts of one schema together."""
    by_schema: dict[SchemaName, list[pa.Table]] = {}
    for plan, raw in raw_parts(name):
        rows = plan.kernel(raw)
        by_schema.setdefault(schema_name(rows.schema), []).append(rows)
    return [_prompted(_distinct(pa.concat_tables(parts))) for parts in by_schema.values()]


def _prompted(rows: pa.Table) -> pa.Table:
    style = STYLES.get(schema_name(rows.schema))
    return prompt(language="en", style=style)(rows) if style else rows


def _distinct(table: pa.Table) -> pa.Table:
    """The first row of each id: some samples repeat a row on purpose, and the loader drops it."""
    first = {name: row for row, name in reversed(list(enumerate(table["id"].to_pylist())))}
    return table.take(pa.array(sorted(first.values())))


@pytest.mark.parametrize("name", NAMES)
def test_every_fitting_record_of_every_sample(name: str) -> None:
    for table in tables(name):
        names = [kind.name for kind in record_kinds(table.schema)]
        assert names
        for kind in names:
            kernel = record(kind, settings=SETTINGS.get(kind), on_bad="drop")
            records, report = kernel.run(table)
            twice = 2 if kind.split("/")[1:2] == ["kto"] else 1
            assert records.num_rows == twice * (table.num_rows - report.dropped)
            rows = [json.loads(line) for line in json_lines(records, record=kind)]
            assert not len(check_records(rows, record=kind).findings), f"{name}: {kind}"
            if report.dropped == 0:
                assert kernel(table).equals(records)


@pytest.mark.parametrize("name", NAMES)
def test_every_conversion_of_every_sample_of_questions(name: str) -> None:
    for table in tables(name):
        if "question" in table.column_names:
            assert to_open()(table).num_rows == table.num_rows
            for kernel in (to_preference(on_bad="drop"), to_dialogue(on_bad="drop")):
                rows, report = kernel.run(table)
                assert rows.num_rows + report.dropped == table.num_rows
                assert rows.equals(kernel.judge(table).rows)


def test_the_samples_cover_all_kinds_and_most_rows_pass() -> None:
    seen: set[str] = set()
    rows = dropped = 0
    for name in NAMES:
        for table in tables(name):
            fitting = {kind.name for kind in record_kinds(table.schema)}
            seen |= fitting
            if "trl/messages" in fitting:
                report = record("trl/messages", on_bad="drop").run(table)[1]
                rows, dropped = rows + report.rows, dropped + report.dropped
    assert seen == {kind.name for kind in record_kinds()}
    assert dropped < rows / 2
    with pytest.raises(FormattingError):
        record("trl/messages")(pa.table({"tokens": [["a"]]}))
