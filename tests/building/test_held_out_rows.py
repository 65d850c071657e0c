"""Rows whose records hold an item go before a set is divided, and take their relatives along."""

from __future__ import annotations

import datasets
import pyarrow as pa
import pytest

import medqa_kit as mk
from exam_text import LANGUAGES, Writer, items
from gauntlet import held_table
from medqa_kit.building.engines.worker_processes import WorkerProcesses
from medqa_kit.building.guard import Guard
from medqa_kit.building.held_out_rows import held_out_rows
from medqa_kit.building.output.formats import Format
from medqa_kit.building.stages.views import RowView
from medqa_kit.schemas import QA, conform

pytestmark = pytest.mark.slow

HERE = WorkerProcesses(1)
AS_THEY_ARE = [RowView("qa", "rows")]
FIELDS = {"source": "demo", "split": "train", "answer_index": 0}


def a_set(stem: str, language: str, size: int) -> datasets.DatasetDict:
    """Brief rows; the last is asked with the end of the stem, and the first is a relative of it."""
    options = [Writer(language, 8).prose(1), Writer(language, 9).prose(1)]
    rows = [FIELDS | {"id": f"d/{i}", "language": language, "question": f"{i}?", "family": f"demo:{i}",
                      "options": options} for i in range(size)]  # fmt: skip
    rows[0]["family"] = rows[-1]["family"] = "demo:same"
    rows[-1]["question"] = stem[len(stem) // 2 :]
    table = pa.Table.from_pylist([row | {"answer": row["options"][0]} for row in rows])
    return datasets.DatasetDict(part=datasets.Dataset(conform(table, QA)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["trl/messages", "text", "alpaca"])
def test_a_row_that_is_found_by_its_record_takes_its_family_along(language: str, kind: str) -> None:
    stem = Writer(language, 4).prose(6, medical=1)
    exam = mk.Holdout.from_rows([{"id": "e/1", "question": stem}], reason="the test", name="exam")
    whole = a_set(stem, language, 5000)  # the relatives stand in two batches
    plain = Format(record=kind)
    worded = Format(name="worded", record=kind, system=stem[: len(stem) // 2])
    assert not held_out_rows(whole, AS_THEY_ARE, [plain], Guard({"exam": exam}), HERE).num_rows
    places = held_out_rows(whole, AS_THEY_ARE, [plain, worded], Guard({"exam": exam}), HERE)
    assert places.select(["row", "reason", "match"]).to_pylist() == [
        {"row": 0, "reason": "held_out_family", "match": "e/1"},
        {"row": 4999, "reason": "held_out_stem", "match": "e/1"},
    ]


@pytest.mark.parametrize("kind", ["trl/messages", "text", "trl/prompt-completion"])
def test_few_records_are_searched_as_a_whole(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    exam = items("en", 60, seed=3)
    table = held_table(exam)
    holdout = mk.Holdout.from_rows(table, reason="the test", name="exam")
    writer = Writer("en", 5)
    rows = [FIELDS | {"id": f"d/{n}", "language": "en", "question": writer.prose(4, medical=1), "family": None,
                      "options": [writer.prose(1), "none"], "answer": "none"} for n in range(2000)]  # fmt: skip
    for row, item in zip(
        rows[::40], exam, strict=False
    ):  # most of each stem, and a prompt says the rest of one
        row["question"] = item.stem[40:]
        row["options"] = [*item.options]
        row["answer"] = item.answer
    rows = [row | {"answer_index": row["options"].index(row["answer"])} for row in rows]
    whole = datasets.DatasetDict(part=datasets.Dataset(conform(pa.Table.from_pylist(rows), QA)))
    forms = [
        Format(record=kind, system=exam[0].stem[:40]),
        Format(name="plain", record=kind),
    ]
    searched: list[int] = []
    matches = Guard.matches
    monkeypatch.setattr(Guard, "matches", lambda guard, records, threads=None: (
        searched.append(records.num_rows), matches(guard, records, threads=threads))[1])  # fmt: skip
    places = held_out_rows(whole, AS_THEY_ARE, forms, Guard({"exam": holdout}), HERE)
    few = sum(searched)
    assert 0 < few < 600  # two records a row, and one in forty speaks of an item
    monkeypatch.setattr("medqa_kit.matching.forms.row_forms.compiled_kernels", lambda: None)
    assert held_out_rows(whole, AS_THEY_ARE, forms, Guard({"exam": holdout}), HERE).equals(places)
    assert places.num_rows > 0
    assert sum(searched) - few > 3500


def test_without_holdouts_no_record_is_made() -> None:
    assert not held_out_rows(
        a_set("Why is it?", "en", 3), AS_THEY_ARE, [Format()], Guard({}), HERE
    ).num_rows
