"""Disaster reports: the wording, unknown columns, incomplete reports, whatever file format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

ROWS = [json.loads(line) for line in
        (SAMPLES / "disaster_reports" / "train.jsonl").read_text("utf-8").splitlines()]  # fmt: skip


def sample(**options: Any) -> Any:
    return mk.load("disaster_reports", split="train", origin="sample", **options)


def test_the_wording_is_that_of_the_compilation(hub) -> None:
    row = sample()[1]
    assert row["question"] == (
        "There is a low storm. Situation: Two tents blew away at the summer camp, nobody is hurt"
    )
    assert row["answer"] == "The main resources needed are: tents, dry blankets."


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
def test_a_copy_in_the_compilation_is_of_the_same_family(hub) -> None:
    compiled = mk.load("medical_training_dataset", split="train", origin="sample")
    copy = next(r for r in compiled if r["tags"] == ["source:synthetic_disaster_reports"])
    assert (copy["question"], copy["answer"]) == (sample()[1]["question"], sample()[1]["answer"])
    assert copy["family"] == sample()[1]["family"]


def test_columns_nobody_described_are_ignored(hub) -> None:
    assert "location" in ROWS[0]
    assert sample(view="raw").column_names == [
        "id", "disaster_type", "severity_level", "responder_notes", "resource_needs"
    ]  # fmt: skip


def test_case_and_blanks_of_the_raw_columns_stay(hub) -> None:
    raw = sample(view="raw")
    assert raw[2]["severity_level"] == "MEDIUM"
    assert raw[1]["responder_notes"].startswith(" Two tents")


def test_without_needs_there_is_no_answer_and_the_row_stays(hub) -> None:
    rows = list(sample())
    assert len(rows) == len(ROWS)
    assert [i for i, row in enumerate(rows) if row["answer"] is None] == [5, 10]


def test_copies_are_told_apart_and_other_needs_are_another_row(hub) -> None:
    rows = list(sample())
    assert rows[6]["id"] == f"{rows[0]['id']}~2"
    assert "~" not in rows[7]["id"]
    assert rows[0]["family"] == rows[7]["family"]


@pytest.mark.parametrize("column", ["disaster_type", "severity_level", "responder_notes"])
@pytest.mark.parametrize("value", [None, " "])
def test_an_incomplete_report_is_no_question(hub, tmp_path: Path, column: str, value: Any) -> None:
    lines = [json.dumps(row) for row in (ROWS[0], ROWS[2] | {column: value}, ROWS[3])]
    folder = tmp_path / "reports"  # the caches of this test lie beside it
    folder.mkdir()
    (folder / "train.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(mk.errors.NullValueError) as error:
        mk.load("disaster_reports", split="train", path=folder)
    assert error.value.row == 1
    with pytest.warns(mk.errors.DroppedRowsWarning, match="1 of 3 rows"):
        data = mk.load("disaster_reports", split="train", path=folder, on_bad="drop")
    assert data.num_rows == 2


@pytest.mark.parametrize("name", ["data/train-00000-of-00001.parquet", "reports.json"])
def test_other_formats_give_the_same_rows(hub, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    if name.endswith("json"):
        file.write_text(json.dumps(ROWS), encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(ROWS), file)
    (tmp_path / "README.md").write_text("# a card", encoding="utf-8")
    data = mk.load("disaster_reports", split="train", path=tmp_path)
    assert data["question"][:] == sample()["question"][:]
    assert data["answer"][:] == sample()["answer"][:]


def test_a_missing_column_is_an_error(hub, tmp_path: Path) -> None:
    row = {key: value for key, value in ROWS[0].items() if key != "resource_needs"}
    (tmp_path / "train.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(mk.errors.SchemaMovedError, match="resource_needs"):
        mk.load("disaster_reports", split="train", path=tmp_path)


def test_it_is_read_at_the_pinned_revision_and_no_count_is_claimed(hub) -> None:
    repo = hub.repo("paulelliotco/synthetic-disaster-reports")
    repo.commit("6b1c51f0d706ab286e2ea8831ae738b03f4eec24", SAMPLES / "disaster_reports")
    repo.commit("d" * 40, {"README.md": b"moved"})  # what main holds now
    data = mk.load("disaster_reports", split="train")  # a warning would be an error
    assert data.num_rows == len(ROWS)
    assert mk.source("disaster_reports").rows is None


def test_nobody_grants_a_licence() -> None:
    terms = mk.source("disaster_reports").terms
    assert terms.commercial == terms.redistribute == "unknown"
