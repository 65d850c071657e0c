"""Trees of small files that somebody made one table of: read like the tree, whatever the table was saved as."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pandas
import pytest

import medqa_kit as mk

pytestmark = [
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.PartsWarning"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.LeftOutWarning"),
]

PARTS = [
    ("aihub_essential_medical", "questions"), ("aihub_essential_medical", "texts"),
    ("aihub_healthcare_qa", "answers"), ("aihub_telemedicine_speech", "patient"),
]  # fmt: skip
WRITERS: dict[str, Callable[[datasets.Dataset, Path], Any]] = {
    "all.jsonl": lambda rows, file: rows.to_json(file),
    "all.json": lambda rows, file: rows.to_json(file, force_ascii=False),
    "list.json": lambda rows, file: rows.to_pandas().to_json(file, orient="records"),
    "all.parquet": lambda rows, file: rows.to_parquet(file),
    "all.csv": lambda rows, file: rows.to_csv(file, index=False),
    "all.xlsx": lambda rows, file: rows.to_pandas().to_excel(file, index=False),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(("source", "subset"), PARTS)
def test_a_table_of_a_tree_has_the_rows_of_the_tree(
    hub: Any, tmp_path: Path, source: str, subset: str, name: str
) -> None:
    part = {"subset": subset, "split": "train"}
    tree = mk.load(source, origin="sample", **part)
    raw = mk.load(source, origin="sample", view="raw", **part)
    declared = mk.source(source).layout_of(mk.source(source).select(subset, "train")[0]).raw.names
    WRITERS[name](raw.select_columns(declared), tmp_path / name)
    rows = mk.load(source, path=tmp_path / name, **part)
    for column in set(tree.column_names) - {"id", "split", "revision"}:
        assert rows[column][:] == tree[column][:], column


def test_lines_and_an_object_over_lines_are_told_apart(hub: Any, tmp_path: Path) -> None:
    folder = tmp_path / "TL_내과"
    folder.mkdir()
    record = (
        '{{"qa_id": {0}, "domain": 1, "q_type": 2, "question": "질문 {0}?", "answer": "답 {0}"}}'
    )
    (folder / "1.json").write_text(record.format(1).replace(", ", ",\n"), "utf-8")
    (folder / "2.json").write_text(f"{record.format(2)}\r\n{record.format(3)}\r\n\r\n", "utf-8")
    rows = mk.load("aihub_essential_medical", path=tmp_path, subset="questions", split="train")
    assert rows["answer"][:] == ["답 1", "답 2", "답 3"]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_bare_text_stands_for_an_object_and_one_that_writes_it_is_it(
    hub: Any, tmp_path: Path, ending: str
) -> None:
    answers = ["{'intro': 'a', 'body': 'b', 'conclusion': ''}", "bare {text}", "{not an object}"]
    rows = [{"fileName": f"HC-A-{n}", "disease_category": "x", "disease_name": {"kor": "y", "eng": "z"}, "department": ["w"],
             "intention": "v", "answer": answer} for n, answer in enumerate(answers)]  # fmt: skip
    frame, file = pandas.DataFrame(rows), tmp_path / f"train.{ending}"
    frame.to_csv(file, index=False) if ending == "csv" else frame.to_excel(file, index=False)
    part = mk.source("aihub_healthcare_qa").select("answers", "train")[0]
    assert set(mk.source("aihub_healthcare_qa").layout_of(part).raw.names) <= set(frame.columns)
    texts = mk.load("aihub_healthcare_qa", path=file, subset="answers", split="train")["text"][:]
    assert texts == ["a\nb", "bare {text}", "{not an object}"]
