"""MMLU, medical subjects: six subsets, numbers at the hub, letters in CSV files without a header."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.RowCountWarning")
ASKED = [
    ("Which, now?", ["a", "b, c", 'd "e"', "f\ng"], 2),
    ("Which one?", ["1", "2", "3", "4"], 3),
]


def load(path: Path, subset: str = "anatomy", split: str = "test") -> list[dict[str, Any]]:
    return list(mk.load("mmlu_medical", subset=subset, split=split, path=path))


def hub_file(folder: Path) -> Path:
    raw = [{"question": q, "subject": "anatomy", "choices": c, "answer": a} for q, c, a in ASKED]
    file = folder / "test-00000-of-00001.parquet"
    pq.write_table(pa.Table.from_pylist(raw, schema=mk.source("mmlu_medical").layout.raw), file)
    return file


def authors_file(
    folder: Path, name: str = "anatomy_test.csv", header: tuple[str, ...] = ()
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerows([header] if header else [])
        writer.writerows([q, *c, "ABCD"[a]] for q, c, a in ASKED)
    return folder / name


def test_the_authors_files_give_the_rows_of_the_hub(tmp_path: Path) -> None:
    rows = load(hub_file(tmp_path))
    assert [row["answer"] for row in rows] == ['d "e"', "4"]
    archive = authors_file(tmp_path / "data" / "test").parents[1]
    for path in (archive, archive / "test" / "anatomy_test.csv"):
        assert load(path) == rows
    authors_file(tmp_path / "data" / "val", "anatomy_val.csv")
    assert [row["answer_index"] for row in load(archive, split="validation")] == [2, 3]


def test_a_csv_of_the_hubs_rows_has_its_options_as_text(tmp_path: Path) -> None:
    rows = load(hub_file(tmp_path))
    file = tmp_path / "anatomy_test.csv"
    pq.read_table(hub_file(tmp_path)).to_pandas().to_csv(file, index=False)  # NumPy's way
    assert "'a' 'b, c'" in file.read_text("utf-8")
    assert load(file) == rows


@pytest.mark.parametrize("answers", [[2, 4, 3], [1, 2, 3] * 20])
def test_a_csv_that_counts_answers_from_one_is_refused(tmp_path: Path, answers: list[int]) -> None:
    with (tmp_path / "anatomy_test.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["question", "subject", "choices", "answer"])
        for number, answer in enumerate(answers):
            writer.writerow([f"Which of {number}?", "anatomy", "['a' 'b' 'c' 'd']", answer])
    with pytest.raises(mk.errors.SchemaMovedError, match="this file counts from 1"):
        load(tmp_path / "anatomy_test.csv")


def test_a_header_of_ones_own_is_no_question(tmp_path: Path) -> None:
    wanted = load(authors_file(tmp_path))
    (tmp_path / "copied").mkdir()
    file = authors_file(tmp_path / "copied", header=("question", "A", "B", "C", "D", "answer"))
    assert load(file) == wanted
    file.write_text(file.read_text("utf-8").replace("question,A", "frage,A"), "utf-8")
    with pytest.raises(mk.errors.MedQAError):
        load(file)


def test_six_subjects_with_the_counts_of_the_harnesses() -> None:
    source = mk.source("mmlu_medical")
    assert source.subsets == ("anatomy", "clinical_knowledge", "college_biology", "college_medicine",
                              "medical_genetics", "professional_medicine")  # fmt: skip
    tests = [part for part in source.parts if part.split == "test"]
    assert sum(part.rows or 0 for part in tests) == 1089
    assert all(part.evaluation for part in tests)
    (holdout,) = source.holdouts
    assert (holdout.items, len(holdout.protects), holdout.default) == (1089, 6, True)


def test_shots_are_by_name_only_and_not_the_validation_split() -> None:
    data = mk.load("mmlu_medical", subset="anatomy", origin="sample")
    assert set(data) == {"test", "validation"}
    shots = mk.load("mmlu_medical", subset="anatomy", split="fewshot", origin="sample")
    assert shots["answer"][:] == ["Liver"]
    with pytest.raises(mk.errors.UnknownPartError, match="'dev' is called 'fewshot'"):
        mk.load("mmlu_medical", subset="anatomy", split="dev", origin="sample")


def test_one_state_of_the_hub_is_read(hub: Any) -> None:
    revision = "c30699e8356da336a370243923dbaf21066bb9fe"
    hub.repo("cais/mmlu").commit(revision, SAMPLES / "mmlu_medical", branch=None)
    assert mk.load("mmlu_medical", subset="anatomy", split="test").num_rows == 1
