"""Official distributions beside the hub's copies: chosen by the file, with equal ids and families."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk


def as_parquet(file: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), file)
    return file


def as_lines(file: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return file


def loaded(name: str, path: Path, split: str, subset: str | None = None) -> list[dict[str, Any]]:
    return [dict(row) for row in mk.load(name, subset=subset, split=split, path=path)]


def exam(number: int, right: int, **changes: Any) -> dict[str, Any]:
    """Return a row of MedMCQA in the order of the authors' keys."""
    return {
        "question": f"Which vitamin is number {number}?", "exp": None, "cop": right,
        "opa": "A", "opb": "B", "opc": "C", "opd": "D", "subject_name": "Biochemistry",
        "topic_name": "Vitamins", "id": f"id-{number}", "choice_type": "single", **changes,
    }  # fmt: skip


def test_the_authors_medmcqa_gives_the_rows_of_the_hubs_copy(hub, tmp_path: Path) -> None:
    schema = mk.source("medmcqa").layout.raw
    hub_file = as_parquet(
        tmp_path / "hub/data/validation-00000-of-00001.parquet",
        [exam(i, i % 4) for i in range(8)], schema,
    )  # fmt: skip
    authors = as_lines(tmp_path / "authors/dev.json", [exam(i, 1 + i % 4) for i in range(8)])
    wanted = loaded("medmcqa", hub_file.parents[1], "validation")
    assert [row["answer"] for row in wanted] == list("ABCDABCD")
    assert loaded("medmcqa", authors, "validation") == wanted
    assert loaded("medmcqa", authors.parent, "validation") == wanted
    raw = mk.load("medmcqa", split="validation", path=authors, view="raw")
    assert raw["cop"][:] == [1, 2, 3, 4] * 2, "upstream's own numbers"


def test_a_copy_in_json_lines_that_counts_from_zero_is_not_the_authors(hub, tmp_path: Path) -> None:
    """What ``Dataset.to_json`` makes of the hub's rows has their keys and another base."""
    copied = as_lines(tmp_path / "validation.jsonl", [exam(i, i % 4) for i in range(8)])
    assert [row["answer"] for row in loaded("medmcqa", copied, "validation")] == list("ABCDABCD")


def test_a_file_of_no_layout_is_told_of_with_the_catalogued_columns(hub, tmp_path: Path) -> None:
    file = as_lines(tmp_path / "dev.jsonl", [{"q": "Which?", "a": 1}])
    with pytest.raises(mk.errors.SchemaMovedError, match="columns are missing") as error:
        mk.load("medmcqa", split="validation", path=file)
    assert "cop" in str(error.value.expected)


def test_a_card_says_which_other_files_are_read() -> None:
    card = mk.source("medmcqa").show()
    assert "train.json and dev.json" in card.partition("Also read from path=")[2]
