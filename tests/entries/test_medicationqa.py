"""MedicationQA: missing values as words or nulls, repeats, the workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.entries.medicationqa import RAW
from medqa_kit.loading.planner import SAMPLES

SAMPLE = next((SAMPLES / "medicationqa").rglob("*.parquet"))


def sample(**options: Any) -> Any:
    return mk.load("medicationqa", split="train", origin="sample", **options)


def with_nulls(table: pa.Table) -> pa.Table:
    """The sample as it is after a reader that takes n/a and NA for missing."""
    words = pa.array(["n/a", "NA"])
    columns = [
        pc.if_else(pc.is_in(column, value_set=words), pa.scalar(None, pa.string()), column)
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def test_words_for_missing_become_null_and_nothing_is_dropped(hub) -> None:
    rows = list(sample())
    assert len(rows) == 12
    assert [row["question"] for row in rows if row["answer"] is None] == [
        "medicine for nothing in particular"
    ]
    assert rows[4]["tags"] == ["question_type:Unanswerable"], "the focus n/a is no tag"
    assert rows[7]["tags"] == ["question_type:Not_drug_question"], "nor is a blank one"
    assert rows[11]["tags"] == ["focus:sunscreen"]


def test_a_file_with_nulls_gives_the_same_rows(hub, tmp_path: Path) -> None:
    raw = pq.read_table(SAMPLE)
    for name, table in (("words", raw), ("nulls", with_nulls(raw))):
        (tmp_path / name).mkdir()
        pq.write_table(table, tmp_path / name / "train.parquet")
    words = mk.load("medicationqa", split="train", path=tmp_path / "words")
    nulls = mk.load("medicationqa", split="train", path=tmp_path / "nulls")
    assert list(words) == list(nulls)


def test_a_repeated_question_keeps_its_answers_in_one_family(hub) -> None:
    rows = list(sample())
    assert rows[2]["question"] == rows[3]["question"]
    assert rows[2]["answer"] != rows[3]["answer"]
    assert rows[2]["id"] != rows[3]["id"]
    assert "~" not in rows[3]["id"], "it is no copy"
    assert rows[2]["family"] == rows[3]["family"]


def test_a_full_copy_is_told_apart(hub) -> None:
    rows = list(sample())
    assert rows[8]["id"] == f"{rows[0]['id']}~2"


def test_text_keeps_its_blanks(hub) -> None:
    row = sample()[5]
    assert row["question"] == "is zinc cream ok on sunburn "
    assert row["answer"] == " It protects the skin; cool the skin first. "


def test_types_stay_joined_and_other_columns_can_be_kept(hub) -> None:
    row = sample(keep=["Section Title", "URL"])[0]
    assert row["tags"] == ["question_type:Usage/time", "focus:vitamin c"]
    assert row["URL"] == "https://example.org/vitamin-c"
    assert sample(keep=["URL"])[6]["URL"].count("https://") == 2


def test_the_authors_workbook_gives_the_same_rows(hub, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    raw = pq.read_table(SAMPLE)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "DrugQA"
    sheet.append(raw.column_names)
    for row in raw.to_pylist():
        sheet.append(list(row.values()))
    book.create_sheet("Notes").append(["anything"])
    book.save(tmp_path / "MedInfo2019-QA-Medications.xlsx")
    data = mk.load("medicationqa", split="train", path=tmp_path / "MedInfo2019-QA-Medications.xlsx")
    parquet = mk.load("medicationqa", split="train", path=SAMPLE)
    assert list(data) == list(parquet)


def test_the_workbook_beside_the_parquet_file_is_not_read(hub) -> None:
    commit = "f8ae96155ac234a54aaf2b70ca4e02d22cfe31af"
    hub.repo("truehealth/medicationqa").commit(
        commit, {"data/train.parquet": SAMPLE.read_bytes(), "book.xlsx": b"not read"}
    )
    with pytest.warns(mk.errors.RowCountWarning, match="12 rows read, 690 were counted"):
        assert mk.load("medicationqa", split="train").num_rows == 12


@pytest.mark.parametrize("word", ["n/a", "NA", "", " ", None])
def test_every_way_of_saying_missing(hub, tmp_path: Path, word: str | None) -> None:
    raw = pq.read_table(SAMPLE).slice(0, 1).to_pylist()[0]
    rows = [raw, raw | {"Answer": word, "Focus (Drug)": word}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "train.parquet")
    row = mk.load("medicationqa", split="train", path=tmp_path)[1]
    assert row["answer"] is None
    assert row["tags"] == ["question_type:Usage/time"]


@pytest.mark.parametrize("word", ["n/a", "NA", "", None])
@pytest.mark.parametrize("variant", ["as_written", "types_split"])
def test_a_row_with_neither_type_nor_drug_has_no_tags(
    hub, tmp_path: Path, variant: str, word: str | None
) -> None:
    raw = pq.read_table(SAMPLE).slice(0, 1).to_pylist()[0]
    rows = [raw | {"Question Type": word, "Focus (Drug)": word}, raw]
    pq.write_table(pa.Table.from_pylist(rows, schema=RAW), tmp_path / "train.parquet")
    data = mk.load("medicationqa", split="train", path=tmp_path, choices={"variant": variant})
    assert data["tags"][0] is None
    assert data["tags"][1][-1] == "focus:vitamin c"


def test_a_recipe_drops_the_row_without_an_answer_and_says_so(hub, tmp_path: Path) -> None:
    recipe = {"name": "drugs", "accept": ["medicationqa"], "source": [{"name": "medicationqa"}]}
    result = mk.build(recipe, out=tmp_path / "made", origin="sample")
    assert result.manifest["sources"][0]["dropped"] == {"no_answer": 1}


def test_nobody_grants_a_licence() -> None:
    source = mk.source("medicationqa")
    assert source.terms.commercial == source.terms.redistribute == "unknown"
    assert "medicationqa" not in {source.name for source in mk.sources(use="research")}


def test_joined_types_are_split_when_asked(hub) -> None:
    assert sample(choices={"variant": "as_written"})["tags"][:] == sample()["tags"][:]
    split = sample(choices={"variant": "types_split"})
    assert split[0]["tags"] == ["question_type:Usage", "question_type:time", "focus:vitamin c"]
    assert split["id"][:] == sample()["id"][:]
    for row, whole in zip(split, sample(), strict=True):
        pair = [
            tags and [t for t in tags if "focus:" in t] for tags in (row["tags"], whole["tags"])
        ]
        assert pair[0] == pair[1], "the drug is never split"
